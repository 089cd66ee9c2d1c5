"""How does one pass of a deadline go?

The same agenda for every deadline: decide région by région, gather, report, deliver. A flow named after a deadline
only says which one; a deadline that a programme file adds needs no flow of its own and goes by the last one below.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Any

from prefect import Flow, flow, unmapped
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import instant_of_run, now
from flows.forms import AnyCampaign, AtOfPass, day
from flows.regions import decide_on_workers
from tasks.agenda import concerned
from tasks.artifacts import follow, report_run
from tasks.calendars import keep_calendars
from tasks.dashboard_pass import leave_dashboard
from tasks.delivery import DeliveryFailed, deliver
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings

# One partition after another: each one takes its database's write lock (all of SQLite), and threads that wait for it
# sleep longer than the work lasts.
IN_TURN: Any = ThreadPoolTaskRunner(max_workers=1)
OF_THEIR_OWN = ("candidature", "action_plan", "fund_report", "convention")


class Passage(BaseModel):
    """What one pass is asked for; titles and descriptions are what the form shows."""

    model_config = ConfigDict(
        extra="forbid",
        title="Passage",
        json_schema_extra={
            "description": "Sans rien changer : un passage ordinaire, maintenant, sur toutes les campagnes."
        },
    )

    campaign: AnyCampaign = ""
    at: AtOfPass = None
    deliver: bool = Field(
        default=True,
        title="Envoyer les lettres",
        description="Non : les lettres sont décidées et attendent le prochain envoi.",
    )
    zones: list[str] = Field(
        default_factory=list,
        title="Fuseaux horaires",
        description="Seulement les destinataires de ces fuseaux, par exemple Indian/Reunion. Vide : tous.",
    )
    step: str = Field(
        default="",
        title="Étape",
        description="Pour mémoire, l’étape qui a fait prévoir ce passage (J-30). Ne change rien à ce qui est décidé.",
    )

    def words(self, title: str) -> str:
        """The pass in a few French words, for the name of its run."""
        campaign = self.campaign or "· toutes les campagnes"
        return f"{self.step or f'{title} {campaign}'} · à la date du {day(self.at)}"


class AnyPassage(Passage):
    """A pass of a deadline named in the form."""

    deadline: str = Field(
        default="",
        title="Échéance",
        description="Son nom dans le fichier de campagne. Vide : toutes celles qui n’ont pas leur propre passage.",
    )

    def words(self, title: str) -> str:
        return super().words(f"{title} {self.deadline or '· toutes les autres ·'}")


def run_deadline(
    deadline: str, campaign: str, at: datetime | None, *, deliver: bool = True, zones: list[str] | None = None
) -> dict[str, int]:
    """One pass of one campaign's deadline in this process, through its flow.

    Gives the run's figures and the delivery's; `failed` counts what did not end well.
    """
    asked: dict[str, Any] = {"campaign": campaign, "at": at, "deliver": deliver, "zones": zones or []}
    own = own_flow(deadline)
    if own is None:
        return figures_of(any_deadline(AnyPassage(deadline=deadline, **asked), return_state=True))
    return figures_of(own(Passage(**asked), return_state=True))


def own_flow(deadline: str) -> Flow[..., Any] | None:
    """The flow named after a deadline, or None for whatever a programme file adds."""
    name = deadline.replace("-", "_").casefold()
    return getattr(import_module(f"flows.{name}"), name) if name in OF_THEIR_OWN else None


def figures_of(ended: Any) -> dict[str, int]:
    """What the passes and deliveries of a flow run counted, added up; `failed`: how many of its tasks failed."""
    states = ended.result(raise_on_failure=False)
    if isinstance(states, Exception):
        raise states
    total: Counter[str] = Counter()
    for state in states:
        if not state.is_completed():
            total["failed"] += 1
            failure = state.result(raise_on_failure=False)
            if isinstance(failure, DeliveryFailed):  # letters died, others left
                total.update(failure.figures)
            continue
        figures = state.result()
        if isinstance(figures, dict) and {"letters", "sent"} & figures.keys():  # a whole pass or delivery, not a part
            total.update(figures)
    return dict(total)


def one_pass(deadline: str, passage: Passage) -> list[Any]:
    """Decide, gather, report, deliver, draw; gives back what was started, so that one failure turns the run red.

    The dashboard is not part of it: that it cannot be drawn fails nothing.
    """
    at = instant_of_run(passage.at)
    started: list[Any] = []
    runs: dict[str, list[int]] = {}
    decided: list[Any]
    for campaign, name in concerned(deadline, passage.campaign, OF_THEIR_OWN):
        run_id, regions = begin_run(campaign, name, at, passage.zones or None, now())
        if settings().partitions == "workers":
            figures, decided = decide_on_workers(run_id, regions, passage.zones or None)
        else:
            decided = decide.map(unmapped(run_id), regions, zones=unmapped(passage.zones or None))
            figures = [each for each in follow(decided, f"{name}-{campaign}") if isinstance(each, dict)]
        gathered = finish_run(run_id, figures, return_state=True)
        reported = report_run(run_id, unless_quiet=not passage.campaign, return_state=True)
        started += [*decided, gathered, reported]
        if not passage.zones:  # a look at some zones only is followed by a whole one within the hour
            runs.setdefault(campaign, []).append(run_id)
            started.append(keep_calendars(campaign, at, return_state=True))
    if passage.deliver:
        started.append(deliver(at, str(flow_run.id), now(), return_state=True))
    for campaign, its_runs in runs.items():
        leave_dashboard(campaign, at, its_runs, unless_quiet=not passage.campaign)
    return started


def named(title: str) -> Callable[[], str]:
    """How the runs of the flow with this title are named."""

    def name() -> str:
        passage: Passage = flow_run.parameters["passage"]
        return passage.words(title)

    return name


@flow(
    name="Échéance",
    flow_run_name=named("Échéance"),
    task_runner=IN_TURN,
    description="Un passage sur une échéance ajoutée par un fichier de campagne : vérifie, décide, relance.",
)
def any_deadline(passage: AnyPassage = AnyPassage()) -> list[Any]:  # noqa: B008 - never changed
    return one_pass(passage.deadline, passage)
