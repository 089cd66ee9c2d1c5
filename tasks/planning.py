"""What would leave, to whom and why (the *relance à blanc*), and which instants are worth a look?

The same rules as the real run, over the same facts and the notices already recorded; nothing is written.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from models.notice_queries import recorded_notices
from models.queries import Directory, KnownDossier, campaign_by_code, known_dossiers
from models.rules.calendar import Calendar, instant, local
from models.rules.dossier import ExtensionFact
from models.rules.notices import Gap, Key, Notice, Recipient
from models.rules.planning import plan, rounds
from models.rules.programme import Programme
from models.rules.schedule import schedule
from tasks.database import reading

OPENING_FIRST = -(10**6)  # the opening stands before every step


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant at which a campaign's step takes effect somewhere: `label` is what people read of it."""

    at: datetime
    deadline: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look of a rehearsal: the hour of one zone on one day, and the deadlines for which something can be new."""

    at: datetime
    zone: str
    deadlines: tuple[str, ...]


def plan_rows(
    campaign: str,
    *,
    start: date,
    end: date,
    without: Collection[date] = (),
    all_letters: bool = False,
    url: str | None = None,
) -> list[dict[str, Any]]:
    """The rows of `cites plan`, one a notice, as docs/interface.md describes them.

    Sorted by (at, to, territory, deadline), each as it is written.

    Reminders only, unless `all_letters`. Raises NoSuchCampaign.
    """
    with reading(url) as session:
        _, programme, directory, everyone = _campaign(session, campaign)
        rows = []
        for known, recipients, recorded in everyone:
            for at, notice in plan(
                programme, known.dossier, recipients, recorded, start=start, end=end, without=without
            ):
                if all_letters or notice.event is None:
                    rows.append(_row(known, directory, at, notice))
    return sorted(rows, key=lambda row: [row[name] for name in ("at", "to", "territory", "deadline", "due")])


def looks(campaign: str, start: date, end: date, url: str | None = None) -> list[Look]:
    """Every (day, zone) of the window at which a pass would write something, in order of time.

    The other looks of the window decide nothing: the rules say so here, before any flow is called.
    """
    with reading(url) as session:
        _, programme, _, everyone = _campaign(session, campaign)
        found: dict[tuple[datetime, str], set[str]] = {}
        for known, recipients, recorded in everyone:
            gaps: set[tuple[str, Gap]] = set()
            for at, zone, obligation, decided in rounds(
                programme, known.dossier, recipients, recorded, start=start, end=end
            ):
                new = {(obligation, gap) for gap in decided.unreachable} - gaps
                gaps |= new
                if new or decided.due or decided.superseded or decided.missed:
                    deadline = programme.deadline_of(obligation)
                    found.setdefault((at, zone), set()).add(deadline.watched_with or deadline.name)
        order = list(programme.deadlines)
        return [
            Look(at=at, zone=zone, deadlines=tuple(sorted(found[at, zone], key=order.index)))
            for at, zone in sorted(found)
        ]


def moments(campaign: str, from_day: date | None, at: datetime, url: str | None = None) -> list[Moment]:
    """The campaign's exact instants to come: the hour of each zone on each step's effective day.

    From `from_day` on (by default: those after `at`), in order of time; two steps of one deadline at one instant
    share a label.
    """
    with reading(url) as session:
        _, programme, _, everyone = _campaign(session, campaign)
        found: dict[tuple[datetime, str], dict[int, str]] = {}
        clocks: dict[datetime, set[str]] = {}
        for known, recipients, _ in everyone:
            dossier = known.dossier
            zones = {recipient.zone for recipient in recipients} | {programme.calendar.zone(dossier.departement)}
            opening = programme.calendar.next_working_day(programme.opens, dossier.departement)
            for zone in zones:
                when = instant(opening, programme.hour, zone)
                if "candidature" in programme.deadlines and ((opening >= from_day) if from_day else (when > at)):
                    found.setdefault((when, "candidature"), {})[OPENING_FIRST] = f"Candidature {campaign} · ouverture"
                    clocks.setdefault(when, set()).add(zone)
            for deadline_name, due_on, label in _dues(programme, known):
                deadline = programme.deadlines[deadline_name]
                for effective, step in schedule(programme, deadline, due_on, dossier.departement):
                    words = f"{label} · {offset_words(step.offset)}"
                    for zone in zones:
                        when = instant(effective, programme.hour, zone)
                        if (effective >= from_day) if from_day else (when > at):
                            name = deadline.watched_with or deadline.name
                            found.setdefault((when, name), {})[step.offset] = words
                            clocks.setdefault(when, set()).add(zone)
        return [
            Moment(
                at=when,
                deadline=name,
                label=", ".join(dict.fromkeys(words[each] for each in sorted(words)))
                + _where(programme.calendar, clocks[when]),
            )
            for (when, name), words in sorted(found.items())
        ]


def _where(calendar: Calendar, zones: set[str]) -> str:
    """Whose morning an instant is, when it is not that of Paris: « · Guadeloupe, Martinique »."""
    if calendar.national_zone in zones:
        return ""
    places = [calendar.place_of_zone(zone) for zone in sorted(zones)]
    return f" · {', '.join(places)}"


def offset_words(offset: int) -> str:
    """J-30, J+7, jour J: a step as coordinators call it."""
    return f"J{offset:+d}" if offset else "jour J"


def _dues(programme: Programme, known: KnownDossier) -> Iterator[tuple[str, date, str]]:
    """Every due date that this territory has now, or can come to have: (deadline, due, label)."""
    for obligation in programme.obligation_names():
        deadline = programme.deadline_of(obligation)
        year = obligation.partition(":")[2]
        label = (
            f"{deadline.title} {year}".strip() + f" · {programme.code}"
            if year
            else f"{deadline.title} {programme.code}"
        )
        if deadline.armed_by == "signature":
            for convention in known.dossier.conventions:
                if convention.signed_on:
                    yield deadline.name, convention.last_day, label
            continue
        granted = [each for each in known.dossier.extensions if each.deadline == obligation]
        if granted:
            latest: ExtensionFact = max(granted, key=lambda each: each.granted_on)
            yield deadline.name, latest.new_due, label
        else:
            yield deadline.name, deadline.occurrences[year][-1].date, label


def _campaign(
    session: Session, code: str
) -> tuple[int, Programme, Directory, list[tuple[KnownDossier, list[Recipient], dict[str, set[Key]]]]]:
    campaign, programme = campaign_by_code(session, code)
    assert campaign.id is not None
    directory = Directory(session, campaign.id, programme)
    recorded = recorded_notices(session, campaign.id).keys
    everyone = [
        (
            known,
            directory.recipients(known.dossier),
            {name: recorded.get(number, set()) for name, number in known.obligations.items()},
        )
        for known in known_dossiers(session, campaign.id)
    ]
    return campaign.id, programme, directory, everyone


def _row(known: KnownDossier, directory: Directory, at: datetime, notice: Notice) -> dict[str, Any]:
    step = notice.key.step if notice.event is not None else int(notice.key.step)
    return {
        "date": notice.day.isoformat(),
        "at": local(at, notice.recipient.zone).isoformat(),
        "territory": known.dossier.code,
        "deadline": notice.obligation,
        "due": notice.due.isoformat(),
        "step": step,
        "role": notice.recipient.role.value,
        "to": directory.readers[notice.key.contact].email,
        "owes": [each.name for each in notice.owes()],
        "missing": [each.name for each in notice.missing],
    }
