"""What may a letter quote?

A `Section` is one obligation as one contact reads it; a `Letter` is all the sections of one address in one run. Their
JSON is what the outbox keeps. `Demand` and `Told` are the same facts, put together the way a reader wants them: several
parts of one requirement in one line, what others owe under the name of whoever owes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from notifications.french import one_line

T = TypeVar("T")

DAYS_OF_AN_OCCASION = ("day", "previous_due")
WHOLE_REQUIREMENT = "document"  # the title of the part of a requirement that has only one


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One part of a requirement that is missing, and why: `reason` is absente, refusee (with its motive) or retiree."""

    requirement: str
    requirement_title: str
    part: str
    part_title: str
    owner: str
    owner_title: str
    reason: str
    motive: str = ""
    cite: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One obligation as one contact reads it. `notices` are the ids of the notices that it tells."""

    letter: str
    deadline: str
    deadline_title: str
    territory: str
    territory_name: str
    departement: str
    due: date
    step: str
    roles: tuple[str, ...]
    copy: bool
    cite: str = ""
    owes: tuple[Item, ...] = ()
    others: tuple[Item, ...] = ()
    recommended: tuple[Item, ...] = ()
    occasion: Mapping[str, Any]
    agenda: Mapping[str, Any] = field(default_factory=dict)  # its event in a calendar, as `tasks.sections` tells it
    notices: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, facts: Mapping[str, Any], *, notices: tuple[int, ...] = ()) -> "Section":
        """The section that `Notice.facts` holds."""
        known = {name: value for name, value in facts.items() if name not in ("role", "roles", "notices")}
        return cls(
            **{
                **known,
                "due": date.fromisoformat(facts["due"]),
                "roles": tuple(facts["roles"]) if "roles" in facts else (facts["role"],),
                "owes": tuple(Item(**item) for item in facts.get("owes", ())),
                "others": tuple(Item(**item) for item in facts.get("others", ())),
                "recommended": tuple(Item(**item) for item in facts.get("recommended", ())),
                "occasion": {
                    name: date.fromisoformat(value[:10]) if name in DAYS_OF_AN_OCCASION else value
                    for name, value in facts.get("occasion", {}).items()
                },
                "notices": notices or tuple(facts.get("notices", ())),
            }
        )

    def to_json(self) -> dict[str, Any]:
        facts = asdict(self)
        facts["due"] = self.due.isoformat()
        facts["occasion"] = {
            name: value.isoformat() if isinstance(value, date) else value for name, value in self.occasion.items()
        }
        return facts | {name: list(facts[name]) for name in ("roles", "owes", "others", "recommended", "notices")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What one address is told by one run. `zone` is the recipient's clock."""

    address: str
    name: str
    roles: tuple[str, ...]
    zone: str
    campaign: str  # its title
    decided_at: datetime
    sections: tuple[Section, ...]

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Letter":
        return cls(
            **{
                **facts,
                "roles": tuple(facts["roles"]),
                "decided_at": datetime.fromisoformat(facts["decided_at"]),
                "sections": tuple(Section.from_json(section) for section in facts["sections"]),
            }
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "name": self.name,
            "roles": list(self.roles),
            "zone": self.zone,
            "campaign": self.campaign,
            "decided_at": self.decided_at.isoformat(),
            "sections": [section.to_json() for section in self.sections],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """A letter posted whole, that no obligation made: a digest, a summary, an alarm. `letter` is its folder."""

    address: str
    name: str
    roles: tuple[str, ...]
    zone: str
    campaign: str  # its title
    decided_at: datetime
    letter: str
    facts: Mapping[str, Any]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One section as its templates read it; `days` is what remains until the due date (negative: elapsed since)."""

    letter: str
    deadline: str
    deadline_title: str
    territory_name: str
    due: date
    days: int
    copy: bool
    cite: str
    owed: tuple[Demand, ...]
    owed_count: int
    others: tuple[OwnerDemands, ...]
    others_count: int
    recommended: tuple[OwnerDemands, ...]
    references: tuple[Reference, ...]
    occasion: Mapping[str, Any]


def told(section: Section, today: date) -> Told:
    """The section as its templates read it on the recipient's day `today`; every fact on one line.

    A section that tells a decision asks for nothing: what was missing before it is no longer awaited.
    """
    if "verdict" in section.occasion:
        section = replace(section, owes=(), others=(), recommended=())
    owed, others = _demands(section.owes), _demands(section.others)
    return Told(
        letter=section.letter,
        deadline=section.deadline,
        deadline_title=one_line(section.deadline_title),
        territory_name=one_line(section.territory_name),
        due=section.due,
        days=(section.due - today).days,
        copy=section.copy,
        cite=one_line(section.cite),
        owed=owed,
        owed_count=len(section.owes),
        others=_by_owner(others),
        others_count=len(section.others),
        recommended=_by_owner(_demands(section.recommended)),
        references=_references((*owed, *others)),
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
