"""Who blocks: of each obligation that is not satisfied, which roles have not delivered what they owe?

The same findings and the same terms as the reminders: who is named here is who is written to. An obligation blocks from
its first step on (or from its due date, whichever comes first); before that it is only to come. Days are the
territory's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from models.rules.calendar import local
from models.rules.completeness import Finding, findings
from models.rules.dossier import Dossier, Terms, candidature_is_decided, has_withdrawn, terms
from models.rules.programme import Programme
from models.rules.schedule import schedule
from models.words import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocker:
    """One role that has not delivered. `days_left` is negative once the due day is over; `missing` is what it owes."""

    obligation: str
    role: Role
    due: date
    days_left: int
    known_since: date
    missing: tuple[Finding, ...]
    to_come: bool  # no step has come yet


def blockers(programme: Programme, dossier: Dossier, at: datetime) -> Iterator[Blocker]:
    """The roles that block at `at`, obligation by obligation, in the order of the programme."""
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    if has_withdrawn(dossier, day):
        return
    for obligation in programme.obligation_names():
        if obligation == "candidature" and candidature_is_decided(dossier, day):
            continue
        required = [each for each in findings(programme, dossier, obligation, at) if each.required]
        owing = dict.fromkeys(each.owner for each in required)
        for present in terms(programme, dossier, obligation, day) if owing else ():
            if present.armed_on is None or present.armed_on > day:
                continue
            for role in owing:
                yield Blocker(
                    obligation=obligation,
                    role=role,
                    due=present.due,
                    days_left=(present.due - day).days,
                    known_since=present.armed_on,
                    missing=tuple(each for each in required if each.owner is role),
                    to_come=_is_to_come(programme, dossier, obligation, present, day),
                )


def _is_to_come(programme: Programme, dossier: Dossier, obligation: str, present: Terms, day: date) -> bool:
    if day > present.due:
        return False
    steps = schedule(programme, programme.deadline_of(obligation), present.due, dossier.departement)
    return all(effective > day for effective, _ in steps)
