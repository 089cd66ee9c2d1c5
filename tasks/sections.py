"""What may a letter say of one obligation to one reader?

The facts of one section, as plain JSON: `notifications.facts.Section` reads them back.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from models.rules.completeness import Finding
from models.rules.dossier import Dossier
from models.rules.due_days import DueDay
from models.rules.programme import Programme
from models.rules.reminders import Notice
from notifications.calendar_file import uid_of
from notifications.facts import Item


def section(programme: Programme, dossier: Dossier, notice: Notice, days: Sequence[DueDay] = ()) -> dict[str, Any]:
    """The section of `notice`, keys and shapes as `notifications.facts.Section` takes them.

    `days` are those of its obligation at that instant: the one it speaks of goes into the reader's calendar.
    """
    deadline = programme.deadline_of(notice.obligation)
    year = notice.obligation.partition(":")[2]
    facts: dict[str, Any] = {
        "letter": notice.letter,
        "deadline": notice.obligation,
        "deadline_title": f"{deadline.title} {year}".strip(),
        "territory": dossier.code,
        "territory_name": dossier.name,
        "departement": dossier.departement,
        "due": notice.due.isoformat(),
        "step": notice.key.step,
        "role": notice.recipient.role.value,
        "copy": notice.copy,
        "cite": deadline.citation.words(),
        "owes": [_item(programme, each) for each in notice.owes()],
        "others": [_item(programme, each) for each in notice.missing if each.owner is not notice.recipient.role],
        "recommended": [_item(programme, each) for each in notice.recommended],
    }
    for day in days:
        if day.watched in (None, notice.due):
            facts["agenda"] = agenda(programme, dossier, day)
    if notice.event is not None:
        event = notice.event
        known = {
            "day": event.day.isoformat(),
            "verdict": event.verdict,
            "authority": event.authority,
            "grounds": event.grounds,
            "previous_due": event.previous_due.isoformat() if event.previous_due else "",
            "reference": event.reference,
        }
        facts["occasion"] = {name: value for name, value in known.items() if value}
    return facts


def agenda(programme: Programme, dossier: Dossier, day: DueDay) -> dict[str, Any]:
    """The event of one obligation's day, as plain JSON: its UID, its day, its number, whether it stands."""
    return {
        "uid": uid_of(programme.code, dossier.code, day.obligation, day.watched),
        "due": day.due.isoformat(),
        "sequence": day.sequence,
        "standing": day.standing.value,
        "modified": day.modified.isoformat(),
        "zone": programme.calendar.zone(dossier.departement),
    }


def items(programme: Programme, found: Iterable[Finding]) -> tuple[Item, ...]:
    """These findings as a letter quotes them."""
    return tuple(Item(**_item(programme, each)) for each in found)


def _item(programme: Programme, finding: Finding) -> dict[str, Any]:
    """The same few hundred items come back in every dossier: each is put together once."""
    key = (finding.requirement, finding.part, finding.reason, finding.motive)
    known = programme.items.get(key)
    if known is None:
        known = programme.items[key] = _new_item(programme, finding)
    return known


def _new_item(programme: Programme, finding: Finding) -> dict[str, Any]:
    requirement = programme.requirement(finding.requirement)
    assert requirement is not None, finding.requirement  # a finding comes from the programme
    part = next(part for part in requirement.parts if part.code == finding.part)
    return {
        "requirement": finding.requirement,
        "requirement_title": requirement.title,
        "part": finding.part,
        "part_title": part.title,
        "owner": finding.owner.value,
        "owner_title": programme.roles[finding.owner],
        "reason": finding.reason,
        "motive": finding.motive,
        "cite": requirement.citation.place(),
    }
