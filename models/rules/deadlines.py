"""What is due, on which days in turn, and which reminders come before and after it?

The grammar of an edition's `deadlines.yaml` and of the steps in its `reminders.yaml`, and what a campaign says over
them: its dates above all. A date that moves is a second entry, which holds from its `since`; nothing is erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from models.rules.yaml_files import CITATION_KEYS, Citation, Place
from models.words import Role

Day = date  # where a field is named `date`
ARMED_BY = ("opening", "label", "signature")
FARTHEST_STEP = 3660  # days; beyond ten years a step is a slip of the hand


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """One date of a deadline; `since` is the day from which it replaces the one before."""

    date: Day
    since: Day | None
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Step:
    """One reminder: days from the due date, the roles that read along, the folder of its letter."""

    offset: int
    copies: tuple[Role, ...]
    letter: str


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """One thing that is due: its dates by occurrence (the key is empty, or a year), and its steps."""

    name: str
    title: str
    object: str
    armed_by: str
    citation: Citation
    yearly: bool = False
    watched_with: str = ""
    occurrences: Mapping[str, tuple[DueDate, ...]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def obligations(self) -> tuple[str, ...]:
        """The obligations it makes: `candidature`, or `fund_report:2021`, `fund_report:2022` …"""
        if self.armed_by == "signature":
            return (self.name,)
        return tuple(f"{self.name}:{year}" if year else self.name for year in self.occurrences)


def read_deadline(name: str, place: Place, texts: Mapping[str, str], *, known_only: bool = True) -> Deadline:
    """What a deadline is; its dates and its steps come with a campaign."""
    armed_by = place.need("armed_by")
    return Deadline(
        name=name,
        title=place.need("title").text(),
        object=place.need("object").text() if place.has("object") else place.need("title").text(),
        armed_by=armed_by.word(ARMED_BY),
        yearly=place.need("yearly").yes() if place.has("yearly") else False,
        watched_with=place.need("watched_with").text() if place.has("watched_with") else "",
        citation=place.citation(texts, known_only=known_only),
    )


def date_deadlines(
    edition: Mapping[str, Deadline], reminders: Place, campaign: Place, texts: Mapping[str, str]
) -> dict[str, Deadline]:
    """The edition's deadlines with this campaign's dates and steps; one that it does not date does not exist in it."""
    dated: dict[str, Deadline] = {}
    given = dict(campaign.need("deadlines").items())
    for name, place in given.items():
        entries = list(place.entries())
        known = edition.get(name)
        if known is None:
            first = entries[0]
            if not first.has("armed_by"):
                first.refuse(
                    f"the edition has no deadline «{name}»",
                    f"use one of {', '.join(edition)}, or define the new one here with title, armed_by, cite",
                )
            known = read_deadline(name, first, texts, known_only=False)
        elif known.armed_by == "signature":
            place.refuse(f"«{name}» takes its date from each signed convention", "remove this entry")
        for entry in entries:
            entry.only("date", "occurrences", "since", "title", "object", "armed_by", "yearly", *CITATION_KEYS)
        dated[name] = replace(known, occurrences=_occurrences(known, entries, texts))
    order = [
        *(name for name in edition if name in dated),
        *(name for name in dated if name not in edition),
    ]
    found = {name: dated[name] for name in order}
    found |= {
        name: deadline
        for name, deadline in edition.items()
        if deadline.armed_by == "signature" and deadline.watched_with in found
    }
    steps = _steps(reminders, campaign, found)
    return {name: replace(deadline, steps=steps.get(name, ())) for name, deadline in found.items()}


def _occurrences(deadline: Deadline, entries: list[Place], texts: Mapping[str, str]) -> dict[str, tuple[DueDate, ...]]:
    found: dict[str, list[DueDate]] = {}
    for entry in entries:
        citation = entry.citation(texts, known_only=False)
        since = entry.need("since").day() if entry.has("since") else None
        if entry.has("occurrences"):
            if not deadline.yearly:
                entry.refuse(f"«{deadline.name}» is not yearly", "give it one date: YYYY-MM-DD")
            for year, place in entry.need("occurrences").items():
                for dated in place.entries():
                    if isinstance(dated.value, dict):
                        dated.only("date", "since", *CITATION_KEYS)
                        own = dated.citation(texts, known_only=False) if dated.has_citation() else citation
                        own_since = dated.need("since").day() if dated.has("since") else since
                        found.setdefault(year, []).append(
                            DueDate(date=dated.need("date").day(), since=own_since, citation=own)
                        )
                    else:
                        found.setdefault(year, []).append(DueDate(date=dated.day(), since=since, citation=citation))
        elif deadline.yearly:
            entry.refuse(f"«{deadline.name}» is yearly", "name its years: occurrences: {2021: 2022-03-31}")
        else:
            found.setdefault("", []).append(DueDate(date=entry.need("date").day(), since=since, citation=citation))
    for dates in found.values():
        for number, each in enumerate(dates):
            if number and each.since is None:
                entries[-1].refuse(
                    f"the second date of «{deadline.name}» does not say from when it holds", "add since: YYYY-MM-DD"
                )
    return {
        year: tuple(sorted(dates, key=lambda each: each.since or date.min)) for year, dates in sorted(found.items())
    }


def _steps(reminders: Place, campaign: Place, deadlines: Mapping[str, Deadline]) -> dict[str, tuple[Step, ...]]:
    places = dict(reminders.need("steps").items())
    if campaign.has("reminders") and campaign.need("reminders").has("steps"):
        for name, place in campaign.need("reminders").need("steps").items():
            if name not in deadlines:
                place.refuse(f"no deadline is called «{name}»", f"use one of {', '.join(deadlines)}")
            places[name] = place
    found = {}
    for name, place in places.items():
        steps = []
        for entry in place.each():
            entry.only("offset", "copies", "letter", *CITATION_KEYS)
            offset = entry.need("offset")
            if abs(offset.whole()) > FARTHEST_STEP:
                offset.refuse(f"{offset.value} is out of bounds", f"stay within {FARTHEST_STEP} days of the due date")
            steps.append(
                Step(
                    offset=offset.whole(),
                    copies=entry.need("copies").roles() if entry.has("copies") else (),
                    letter=entry.need("letter").text(),
                )
            )
        offsets = [step.offset for step in steps]
        if len(set(offsets)) != len(offsets):
            place.refuse("two steps have the same offset", "give each step its own offset in days")
        found[name] = tuple(sorted(steps, key=lambda step: step.offset))
    return found
