"""What may a letter say of one obligation to one reader?

The facts of one section, as plain JSON: `notifications.facts.Section` reads them back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from models.rules.completeness import Finding, owners, parts_asked
from models.rules.dossier import Dossier, signed_conventions, terms
from models.rules.due_days import DueDay
from models.rules.notices import Notice
from models.rules.programme import Programme
from models.words import Verdict
from notifications.calendar_file import uid_of
from notifications.facts import Item

CONVENTION, FUND_REPORT = "convention", "fund_report"


def section(programme: Programme, dossier: Dossier, notice: Notice, days: Sequence[DueDay] = ()) -> dict[str, Any]:
    """The section of `notice`, keys and shapes as `notifications.facts.Section` takes them.

    `days` are those of its obligation at that instant: the one it speaks of goes into the reader's calendar.
    """
    [facts] = sections(programme, dossier, [notice], days)
    return facts


def sections(
    programme: Programme, dossier: Dossier, notices: Sequence[Notice], days: Sequence[DueDay] = ()
) -> list[dict[str, Any]]:
    """The sections of the notices that one look at one obligation decided: what they share is put together once."""
    if not notices:
        return []
    first = notices[0]
    shared = {
        "recommended": [_item(programme, each) for each in first.recommended],
        "zone": programme.calendar.zone(dossier.departement),
        "subject_matter": programme.deadline_of(first.obligation).object,
        "received": _received(programme, dossier, first),
    }
    agendas = {day.watched: agenda(programme, dossier, day) for day in days}
    return [_of_one(programme, dossier, notice, shared, agendas) for notice in notices]


def _of_one(
    programme: Programme, dossier: Dossier, notice: Notice, shared: Mapping[str, Any],
    agendas: Mapping[date | None, dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
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
        **shared,
    }
    event_of_the_day = agendas.get(notice.due) or agendas.get(None)
    if event_of_the_day:
        facts["agenda"] = event_of_the_day
    labelled = notice.event is not None and notice.event.verdict == Verdict.LABELLED
    if labelled:
        facts["ahead"] = _ahead(programme, dossier, notice.day)
    if labelled or deadline.name == FUND_REPORT:
        facts["fund_share"] = programme.funding.fund_share
    if labelled or deadline.name == CONVENTION or deadline.armed_by == "signature":
        facts["term"] = _term(programme, dossier, notice)
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


def _received(programme: Programme, dossier: Dossier, notice: Notice) -> list[dict[str, Any]]:
    """What stands at `recue` of the required parts, by requirement, in the order of the programme."""
    missing = {(each.requirement, each.part) for each in notice.missing}
    incomplete = {each.requirement for each in notice.missing}
    received: dict[str, list[str]] = {}
    for asked in parts_asked(programme, dossier, notice.obligation.partition(":")[0]):
        if asked.required and (asked.requirement, asked.part) not in missing:
            received.setdefault(asked.requirement, []).append(asked.part)
    found = []
    for code, parts in received.items():
        requirement = programme.requirement(code)
        assert requirement is not None, code  # the parts come from the programme
        titles = [part.title for part in requirement.parts if part.code in parts]
        found.append({"title": requirement.title, "parts": titles, "whole": code not in incomplete})
    return found


def _ahead(programme: Programme, dossier: Dossier, day: date) -> list[dict[str, Any]]:
    """The deadlines that a label known on `day` opens and that ask something of this territory, the first due first."""
    opened = [
        {
            "title": f"{programme.deadline_of(name).title} {name.partition(':')[2]}".strip(),
            "due": present.due.isoformat(),
            "owners": [programme.roles[role] for role in owing],
        }
        for name in programme.obligation_names()
        if programme.deadline_of(name).armed_by == "label" and (owing := owners(programme, dossier, name))
        for present in terms(programme, dossier, name, day)
    ]
    return sorted(opened, key=lambda each: str(each["due"]))


def _term(programme: Programme, dossier: Dossier, notice: Notice) -> dict[str, str] | None:
    """The convention that ends on the due day; of one that is still to sign, the days that the campaign gives it."""
    for convention in signed_conventions(dossier, notice.day):
        if convention.last_day == notice.due:
            days = {"first_day": convention.first_day, "last_day": convention.last_day,
                    "city_contract_end": convention.city_contract_end}  # fmt: skip
            return {name: day.isoformat() for name, day in days.items() if day}
    if programme.convention is None or programme.deadline_of(notice.obligation).armed_by == "signature":
        return None
    first_day, last_day = programme.convention
    return {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
