"""On which day does each step take effect, and from which days on can something be new?"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from models.rules.calendar import Calendar, local
from models.rules.deadlines import Deadline, Step
from models.rules.dossier import Dossier
from models.rules.programme import Programme
from models.words import Verdict


def schedule(programme: Programme, deadline: Deadline, due_on: date, departement: str) -> list[tuple[date, Step]]:
    """Each step that can count for a due date, with its effective day in this département (semantics §2, §3.2).

    Of steps that share a day only the last is kept.
    """
    offsets = tuple(step.offset for step in deadline.steps)
    days = programme.calendar.effective_days(due_on, offsets, departement)
    last_of = dict(zip(days, deadline.steps, strict=True))
    return sorted(last_of.items(), key=lambda pair: pair[0])


def interesting_days(programme: Programme, dossier: Dossier, obligation: str, zone: str) -> set[date]:
    """The days, on the calendar of `zone`, from which something about the obligation can be new.

    Between two of them a look decides nothing that an earlier look would not have decided.
    """
    deadline = programme.deadline_of(obligation)
    occurrence = obligation.partition(":")[2]
    born = _first_born(programme, dossier, deadline)
    if born is None:
        return set()
    days: set[date] = {born}
    dues: set[date] = set()
    for dated in deadline.occurrences.get(occurrence, ()):
        dues.add(dated.date)
        if dated.since:
            days.add(dated.since)
    for extension in dossier.extensions:
        if extension.deadline in (obligation, "candidature"):
            days.add(extension.granted_on)
        if extension.deadline == obligation:
            dues.add(extension.new_due)
    days.update(decision.day for decision in dossier.decisions)
    days.update(dossier.withdrawals)
    if deadline.armed_by == "signature":
        for convention in dossier.conventions:
            dues.add(convention.last_day)
            if convention.signed_on:
                days.add(convention.signed_on)
    asked = {requirement.code for requirement in programme.requirements_of(deadline.name)}
    for piece in dossier.pieces:
        if piece.occurrence == occurrence and piece.requirement in asked:
            then = local(piece.at, zone)
            seen_that_day = (then.hour, then.minute, then.second, then.microsecond) <= (programme.hour, 0, 0, 0)
            days.add(then.date() if seen_that_day else then.date() + timedelta(days=1))
    for due_on in dues:
        days.update(effective for effective, _ in schedule(programme, deadline, due_on, dossier.departement))
    return {max(day, born) for day in days}


def _first_born(programme: Programme, dossier: Dossier, deadline: Deadline) -> date | None:
    """The first day on which the deadline can exist for this territory."""
    match deadline.armed_by:
        case "opening":
            decided = [decision.day for decision in dossier.decisions]  # told even before the opening
            return min([programme.opens, *decided])
        case "label":
            return min((each.day for each in dossier.decisions if each.verdict is Verdict.LABELLED), default=None)
        case _:
            return min((each.signed_on for each in dossier.conventions if each.signed_on), default=None)


def look_days(
    calendar: Calendar,
    departement: str,
    days: Iterable[date],
    *,
    start: date,
    end: date,
    without: Collection[date] = (),
) -> list[date]:
    """For each interesting day, the first day from it on which letters leave, within the window."""
    looks = set()
    for day in {max(day, start) for day in days if day <= end}:
        while day <= end and (day in without or not calendar.is_working_day(day, departement)):
            day += timedelta(days=1)
        if day <= end:
            looks.add(day)
    return sorted(looks)
