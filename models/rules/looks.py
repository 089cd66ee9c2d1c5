"""What does one look at one obligation see, on the clock of those who would read the letter?"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from models.rules.completeness import Finding, is_satisfied
from models.rules.deadlines import Deadline
from models.rules.dossier import ConventionFact, Dossier, Terms, following_convention, signed_conventions
from models.rules.notices import Gap, Key, Notice, Occasion, Recipient, Round
from models.rules.programme import Programme
from models.words import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """One look at one obligation, for the recipients of one zone, on the day that it is there."""

    programme: Programme
    dossier: Dossier
    obligation: str
    deadline: Deadline
    zone: str
    readers: list[Recipient]
    recorded: Collection[Key]
    at: datetime
    day: date
    lacking: Callable[[], list[Finding]]
    held: set[Role] | None  # the roles somebody holds; None where gaps are not this zone's to notice

    def is_satisfied(self, present: Terms) -> bool:
        """Is nothing required lacking; or, of a convention that ends, is there one that follows it?"""
        if self.deadline.armed_by == "signature":
            return self.follower(present) is not None
        return is_satisfied(self.lacking())

    def follower(self, present: Terms) -> ConventionFact | None:
        """The convention that follows the one which ends on that due date."""
        for convention in signed_conventions(self.dossier, self.day):
            if convention.last_day == present.due:
                return following_convention(self.dossier, convention, self.day)
        return None

    def owing(self) -> set[Role]:
        return {each.owner for each in self.lacking() if each.required}

    def notice(
        self, key: Key, recipient: Recipient, due_on: date, letter: str, effective: date, *, copy: bool,
        event: Occasion | None = None,
    ) -> Notice:  # fmt: skip
        """The notice of one step, or of one event, with what is missing as this look sees it."""
        return Notice(
            key=key,
            recipient=recipient,
            obligation=self.obligation,
            due=due_on,
            letter=letter,
            copy=copy,
            day=self.day,
            effective=effective,
            missing=tuple(each for each in self.lacking() if each.required),
            recommended=tuple(each for each in self.lacking() if not each.required),
            event=event,
        )

    def notice_gaps(
        self, found: Round, day: date, step: str, occasion: str, owing: Iterable[Role],
        copies: Iterable[Role],
    ) -> None:  # fmt: skip
        """Add the roles that should have been written to and that nobody holds."""
        if self.held is None:
            return
        owing = set(owing)
        for role in sorted((owing | set(copies)) - self.held):
            found.unreachable.append(Gap(due=day, step=step, occasion=occasion, role=role, owes=role in owing))
