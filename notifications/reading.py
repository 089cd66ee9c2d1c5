"""How is one obligation read by whoever receives it?

`Told` and `Demand` are the facts of a `Section` put together the way a reader wants them: several parts of one
requirement in one line, what others owe under the name of whoever owes it, the same thing told once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from notifications.facts import Ahead, Item, Received, Section, Term
from notifications.french import one_line

T = TypeVar("T")

WHOLE_REQUIREMENT = "document"  # the title of the part of a requirement that has only one


def merged(sections: Sequence[Section]) -> tuple[Section, ...]:
    """The sections of one address, those that tell the same thing made one, in reading order.

    Whoever holds two roles reads each obligation once: what one of the roles owes is owed, and no longer « others ».
    What the reader owes comes first, then territories by name.
    """
    alike: dict[tuple[object, ...], Section] = {}
    for section in sections:
        key = (section.territory, section.deadline, section.letter, section.step, section.due, _key(section.occasion))
        alike[key] = _united(alike[key], section) if key in alike else section
    return tuple(sorted(alike.values(), key=_reading_order))


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """One requirement as a line of a letter: its missing parts that share an owner, a reason and a text."""

    title: str
    parts: tuple[str, ...]
    count: int
    owner: str
    reason: str
    motive: str
    cite: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerDemands:
    """What one owner owes."""

    owner: str
    demands: tuple[Demand, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One place of a text, and the titles of the requirements that it asks for."""

    cite: str
    titles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ToldAnywhere:
    """One section as its templates read it, but for the territory's name.

    It is one and the same object for all letters that tell the same: what depends on nothing else is written once.

    `days` is what remains until the due date (negative: elapsed since), `until` the words that end the due day, `kind`
    the name of the deadline and `year` its occurrence; `alone`: the letter tells nothing else, and may take its time.
    """

    letter: str
    deadline: str
    kind: str
    year: str
    deadline_title: str
    subject_matter: str
    due: date
    days: int
    until: str
    copy: bool
    alone: bool
    cite: str
    owed: tuple[Demand, ...]
    owed_count: int
    others: tuple[OwnerDemands, ...]
    others_count: int
    recommended: tuple[Demand, ...]  # of what the reader could bring
    asked_there: bool  # something of what is missing is asked for where the deadline comes from
    references: tuple[Reference, ...]  # the other places that ask for it
    received: tuple[Received, ...]
    received_count: int
    ahead: tuple[Ahead, ...]
    fund_share: int
    term: Term | None
    occasion: Mapping[str, Any]


ANYWHERE = tuple(each.name for each in fields(ToldAnywhere))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Told(ToldAnywhere):
    """One section as its templates read it; `anywhere` is all of it but the territory's name."""

    territory_name: str
    anywhere: ToldAnywhere


def told(section: Section, today: date, until: str, *, alone: bool = True) -> Told:
    """The section as its templates read it on the day `today`, the due day ending as `until` says; each fact one line.

    Whoever reads along and owes something all the same reads what they owe. A section that tells a decision asks for
    nothing: what was missing before it is no longer awaited.
    """
    nowhere = replace(section, territory="", territory_name="", departement="", zone="", agenda={}, notices=())
    anywhere = _anywhere(nowhere, today, until, alone)
    return Told(
        **{name: getattr(anywhere, name) for name in ANYWHERE},
        territory_name=one_line(section.territory_name),
        anywhere=anywhere,
    )


@lru_cache(maxsize=2048)
def _anywhere(section: Section, today: date, until: str, alone: bool) -> ToldAnywhere:
    if "verdict" in section.occasion:
        section = replace(section, owes=(), others=(), recommended=())
    owed, others = _demands(section.owes), _demands(section.others)
    places = _references((*owed, *others))
    cite = one_line(section.cite)
    kind, _, year = section.deadline.partition(":")
    return ToldAnywhere(
        letter=section.letter,
        deadline=section.deadline,
        kind=kind,
        year=year,
        deadline_title=one_line(section.deadline_title),
        subject_matter=one_line(section.subject_matter),
        due=section.due,
        days=(section.due - today).days,
        until=until,
        copy=section.copy and not section.owes,
        alone=alone,
        cite=cite,
        owed=owed,
        owed_count=len(section.owes),
        others=_by_owner(others),
        others_count=len(section.others),
        recommended=_demands([each for each in section.recommended if each.owner in section.roles]),
        asked_there=any(cite.endswith(place.cite) for place in places),
        references=tuple(place for place in places if not cite.endswith(place.cite)),
        received=tuple(
            replace(each, title=one_line(each.title), parts=tuple(map(one_line, each.parts)))
            for each in section.received
        ),
        received_count=sum(len(each.parts) for each in section.received),
        ahead=tuple(
            replace(each, title=one_line(each.title), owners=tuple(map(one_line, each.owners)))
            for each in section.ahead
        ),
        fund_share=section.fund_share,
        term=section.term,
        occasion={
            name: one_line(value) if isinstance(value, str) else value for name, value in section.occasion.items()
        },
    )


def _united(one: Section, other: Section) -> Section:
    owes = _once((*one.owes, *other.owes))
    return replace(
        one,
        roles=_once((*one.roles, *other.roles)),
        copy=one.copy and other.copy,
        owes=owes,
        others=tuple(item for item in _once((*one.others, *other.others)) if item not in owes),
        recommended=_once((*one.recommended, *other.recommended)),
        notices=(*one.notices, *other.notices),
    )


def _once(things: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))


def _key(occasion: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in occasion.items()))


def _reading_order(section: Section) -> tuple[object, ...]:
    return (section.copy, section.territory_name, section.territory, section.due, section.deadline, section.step)


def _demands(items: Sequence[Item]) -> tuple[Demand, ...]:
    grouped: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        key = (item.owner, item.requirement, item.requirement_title, item.reason, item.motive, item.cite)
        grouped.setdefault(key, []).append(item)
    return tuple(
        Demand(
            title=one_line(first.requirement_title),
            parts=tuple(one_line(item.part_title) for item in alike if item.part_title not in ("", WHOLE_REQUIREMENT)),
            count=len(alike),
            owner=one_line(first.owner_title),
            reason=first.reason,
            motive=one_line(first.motive),
            cite=one_line(first.cite),
        )
        for alike in grouped.values()
        for first in alike[:1]
    )


def _by_owner(demands: Sequence[Demand]) -> tuple[OwnerDemands, ...]:
    owners: dict[str, list[Demand]] = {}
    for demand in demands:
        owners.setdefault(demand.owner, []).append(demand)
    return tuple(OwnerDemands(owner=owner, demands=tuple(theirs)) for owner, theirs in owners.items())


def _references(demands: Sequence[Demand]) -> tuple[Reference, ...]:
    places: dict[str, dict[str, None]] = {}
    for demand in demands:
        if demand.cite:
            places.setdefault(demand.cite, {})[demand.title] = None
    return tuple(Reference(cite=cite, titles=tuple(titles)) for cite, titles in places.items())
