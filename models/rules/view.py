"""What does the dashboard of a campaign show, and how much of it?

From `models/programme/dashboard.yaml`: windows of time, sizes, and the phases that gather states.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.rules.lifecycle import State
from models.rules.yaml_files import PROGRAMME, Citation, Place, read_yaml


@dataclass(frozen=True, kw_only=True)
class View:
    """Sizes and windows of a dashboard; `phases` are titles by code, `phase_of` tells the phase of each state."""

    weeks_behind: int
    weeks_ahead: int
    weeks_of_pieces: int
    days_near: int
    rows: int
    territories_one_by_one: int
    drawn_by_passes_up_to: int
    phases: Mapping[str, str]
    phase_of: Mapping[State, str]
    citation: Citation


@lru_cache(maxsize=1)
def load_view() -> View:
    """What dashboards show: the same for every campaign."""
    return read_view(read_yaml(PROGRAMME / "dashboard.yaml"))


def read_view(place: Place) -> View:
    """The view that a file describes; refused where a state has no phase, or two."""
    sizes = {
        name: place.need(name).whole()
        for name in ("weeks_behind", "weeks_ahead", "weeks_of_pieces", "days_near", "rows", "territories_one_by_one",
                     "drawn_by_passes_up_to")
    }  # fmt: skip
    place.only("assumption", "cite", "phases", *sizes)
    phases = place.need("phases")
    phase_of: dict[State, str] = {}
    for code, phase in phases.items():
        phase.only("title", "states")
        for each in phase.need("states").each():
            state = State(each.word([state.value for state in State]))
            if state in phase_of:
                each.refuse(f"«{state}» is already in the phase «{phase_of[state]}»", "keep it in one phase")
            phase_of[state] = code
    for state in State:
        if state not in phase_of:
            phases.refuse(f"«{state}» has no phase", "add it to the states of one phase")
    return View(
        **sizes,
        phases={code: phase.need("title").text() for code, phase in phases.items()},
        phase_of=phase_of,
        citation=place.citation({}),
    )
