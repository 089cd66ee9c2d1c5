"""What may a letter quote?

A `Section` is one obligation as one contact reads it; a `Letter` is all the sections of one address in one run. Their
JSON is what the outbox keeps; `notifications.reading` puts the same facts together the way a reader wants them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

DAYS_OF_AN_OCCASION = ("day", "previous_due")


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


@lru_cache(maxsize=4096)
def _item(**facts: str) -> Item:
    """The item that these facts are: one for all sections that name it."""
    return Item(**facts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One requirement of which these parts stand at `recue`; `whole`: nothing else of it is missing."""

    title: str
    parts: tuple[str, ...]  # their titles
    whole: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """A deadline that a label opens, and the titles of the roles that owe something by then."""

    title: str
    due: date
    owners: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """The days of a convention, and the end of the contrat de ville that it is annexed to."""

    first_day: date
    last_day: date
    city_contract_end: date | None = None

    @classmethod
    def from_json(cls, facts: Mapping[str, str | None]) -> "Term":
        return cls(**{name: date.fromisoformat(day) for name, day in facts.items() if day})


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One obligation as one contact reads it. `notices` are the ids of the notices that it tells.

    A letter decided before a fact was kept renders without it: what is said beside the obligation has a default.
    Equal sections tell the same, so that what follows from one is worked out once; their mappings are never changed.
    """

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
    occasion: Mapping[str, Any] = field(hash=False)
    # its event in a calendar, as `tasks.sections` tells it
    agenda: Mapping[str, Any] = field(default_factory=dict, hash=False)
    zone: str = ""  # the territory's clock; empty: the reader's
    subject_matter: str = ""  # what the deadline is about, for deadlines that no template knows
    received: tuple[Received, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    fund_share: int = 0  # cents that each ministry brings to the fund in a year
    term: Term | None = None
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
                "owes": tuple(_item(**item) for item in facts.get("owes", ())),
                "others": tuple(_item(**item) for item in facts.get("others", ())),
                "recommended": tuple(_item(**item) for item in facts.get("recommended", ())),
                "occasion": {
                    name: date.fromisoformat(value[:10]) if name in DAYS_OF_AN_OCCASION else value
                    for name, value in facts.get("occasion", {}).items()
                },
                "received": tuple(
                    Received(**{**each, "parts": tuple(each["parts"])}) for each in facts.get("received", ())
                ),
                "ahead": tuple(
                    Ahead(**{**each, "due": date.fromisoformat(each["due"]), "owners": tuple(each["owners"])})
                    for each in facts.get("ahead", ())
                ),
                "term": Term.from_json(facts["term"]) if facts.get("term") else None,
                "notices": notices or tuple(facts.get("notices", ())),
            }
        )

    def to_json(self) -> dict[str, Any]:
        facts: dict[str, Any] = _plain(asdict(self))
        return facts


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


def _plain(value: Any) -> Any:
    """The same facts as JSON has them: days in words, lists for tuples."""
    match value:
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _plain(each) for name, each in value.items()}
        case tuple():
            return [_plain(each) for each in value]
        case _:
            return value
