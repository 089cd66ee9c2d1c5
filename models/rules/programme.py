"""What are the rules of a campaign, whole, once its file and its edition are read?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from models.rules.calendar import Calendar
from models.rules.deadlines import Deadline
from models.rules.edition import Objective
from models.rules.event_letters import EventLetter
from models.rules.funding import Funding
from models.rules.governance import Governance
from models.rules.requirements import Requirement
from models.rules.review import Grid
from models.rules.yaml_files import Citation, ProgrammeRefused
from models.words import Role


@dataclass(frozen=True, kw_only=True)
class Programme:
    """A campaign's rules, whole: what its file says over what its edition says."""

    code: str
    title: str
    edition: str
    opens: date
    opens_citation: Citation
    deadlines: Mapping[str, Deadline]
    requirements: tuple[Requirement, ...]
    letters: Mapping[str, EventLetter]
    roles: Mapping[Role, str]
    hour: int
    grace_days: int
    closing_days: int
    funding: Funding
    objectives: tuple[Objective, ...]
    grid: Grid
    governance: Governance
    convention: tuple[date, date] | None
    tables: str
    calendar: Calendar
    assumptions: tuple[str, ...]
    held: frozenset[str] = frozenset()  # letters and events that wait for somebody's release
    asked: dict[tuple[str, str, str, str, bool], tuple[Any, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )  # what completeness.parts_asked has worked out, by deadline and territory
    items: dict[tuple[str, str, str, str], dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def obligation_names(self) -> tuple[str, ...]:
        return tuple(name for deadline in self.deadlines.values() for name in deadline.obligations())

    @cached_property
    def names_territories(self) -> bool:
        """Does a requirement name the territories that it applies to?"""
        return any(requirement.applies.word == "territories" for requirement in self.requirements)

    def requirement(self, code: str) -> Requirement | None:
        return self._requirements_by_code.get(code)

    @cached_property
    def _requirements_by_code(self) -> Mapping[str, Requirement]:
        return {requirement.code: requirement for requirement in reversed(self.requirements)}

    def requirements_of(self, deadline: str) -> tuple[Requirement, ...]:
        return tuple(requirement for requirement in self.requirements if requirement.deadline == deadline)

    def deadline_of(self, obligation: str) -> Deadline:
        """The deadline of `fund_report:2021` is `fund_report`."""
        return self.deadlines[obligation.partition(":")[0]]

    def title_of(self, obligation: str) -> str:
        """« Bilan annuel du fonds 2021 »."""
        return f"{self.deadline_of(obligation).title} {obligation.partition(':')[2]}".rstrip()

    def holds(self, obligation: str, step: str) -> bool:
        """Does the letter of this step (or event) wait until somebody releases it?"""
        return step in self.held or (bool(self.held) and self.letter_of(obligation, step) in self.held)

    def letters_named(self) -> set[str]:
        """The folders of every letter that a step or an event brings."""
        steps = {step.letter for deadline in self.deadlines.values() for step in deadline.steps}
        return steps | {each.letter for each in self.letters.values()}

    def letter_of(self, obligation: str, step: str) -> str:
        """The folder of the letter that a step or an event brings; empty for a step that is no longer one."""
        if step in self.letters:
            return self.letters[step].letter
        steps = self.deadline_of(obligation).steps
        return next((each.letter for each in steps if str(each.offset) == step), "")

    def watched_by(self, command: str) -> tuple[Deadline, ...]:
        """The deadlines one pass looks at: the one that `cites run` names, and those watched with it."""
        name = command.replace("-", "_").casefold()
        known = {key.replace("-", "_").casefold(): key for key in self.deadlines}
        if name not in known:
            commands = ", ".join(key.replace("_", "-") for key, each in self.deadlines.items() if not each.watched_with)
            raise ProgrammeRefused(f"campaign {self.code} has no deadline «{command}»: choose among {commands}")
        first = self.deadlines[known[name]]
        return (first, *(each for each in self.deadlines.values() if each.watched_with == first.name))
