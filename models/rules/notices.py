"""What does one look decide: a notice, its key, the role that nobody holds?"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from models.rules.completeness import Finding
from models.words import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """One contact that covers the territory; `contact` is its identity, `zone` its clock."""

    contact: int
    role: Role
    zone: str


class Key(NamedTuple):
    """What makes a notice unique within its obligation.

    `due` is the due date of a step, so that a moved date re-arms it; of another letter it is the day of its event,
    which is told once wherever the due date goes.
    """

    due: date
    step: str
    occasion: str
    contact: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One step of one obligation for one recipient, with what the reader must know."""

    key: Key
    recipient: Recipient
    obligation: str
    due: date
    letter: str
    copy: bool
    day: date  # on the recipient's calendar
    effective: date
    missing: tuple[Finding, ...]  # required ones, in the order of the programme
    recommended: tuple[Finding, ...]
    event: "Occasion | None" = None

    def owes(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.missing if each.owner is self.recipient.role)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A role that should have been written to and that no contact holds."""

    due: date
    step: str
    occasion: str
    role: Role
    owes: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """The event a letter other than a reminder speaks of."""

    day: date
    name: str  # an ISO date or instant: which opening, receipt, decision or extension
    verdict: str = ""
    authority: str = ""
    grounds: str = ""
    previous_due: date | None = None
    reference: str = ""


@dataclass(kw_only=True, slots=True)
class Round:
    """What one look at one obligation decides."""

    due: list[Notice] = field(default_factory=list)
    superseded: list[Notice] = field(default_factory=list)
    missed: list[Notice] = field(default_factory=list)
    unreachable: list[Gap] = field(default_factory=list)
