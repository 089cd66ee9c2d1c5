"""What would an act change for a territory: its state, its due dates, its letters?

The facts before and the facts after go through the same rules as a real pass; nothing is computed twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.rules.calendar import local
from models.rules.dossier import Dossier, terms
from models.rules.lifecycle import State, state
from models.rules.programme import Programme
from models.rules.reminders import Key, Recipient, no_longer_due, plan

HORIZON = timedelta(days=400)  # letters to come are counted over a little more than a year


@dataclass(frozen=True, kw_only=True)
class MovedDue:
    """One obligation whose due date, or whose very existence, changes; None: it does not exist."""

    obligation: str
    before: date | None
    after: date | None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an act changes for one territory; letters are counted one an obligation and a reader."""

    territory: str
    state_before: State
    state_after: State
    due_dates: tuple[MovedDue, ...]
    cancelled: int  # letters that wait and would not leave any more
    already_sent: int  # letters that have left and speak of a due date that no longer holds
    to_come_before: int
    to_come_after: int


def effect(
    programme: Programme,
    before: Dossier,
    after: Dossier,
    recipients: Sequence[Recipient],
    told: Mapping[str, set[Key]],
    waiting: Mapping[str, set[Key]],
    at: datetime,
) -> Effect:
    """The effect at `at` of whatever makes `before` become `after`.

    `told` and `waiting` are the keys of letters decided so far, by obligation; the second are those that have not left.
    """
    day = local(at, programme.calendar.zone(before.departement)).date()
    names = programme.obligation_names()
    cancelled = already_sent = 0
    for name in names:
        pending, known = waiting.get(name, set()), told.get(name, set())
        cancelled += len(no_longer_due(programme, after, name, recipients, known, pending, at)) if pending else 0
        holding = {each.due for each in terms(programme, after, name, day)}
        already_sent += sum(1 for key in known - pending if not key.occasion and key.due not in holding)

    due_dates = [
        MovedDue(obligation=name, before=_due(programme, before, name, day), after=_due(programme, after, name, day))
        for name in names
    ]

    def to_come(dossier: Dossier) -> int:
        return sum(1 for _ in plan(programme, dossier, recipients, told, start=day, end=day + HORIZON))

    return Effect(
        territory=before.code,
        state_before=state(programme, before, at),
        state_after=state(programme, after, at),
        due_dates=tuple(each for each in due_dates if each.before != each.after),
        cancelled=cancelled,
        already_sent=already_sent,
        to_come_before=to_come(before),
        to_come_after=to_come(after),
    )


def _due(programme: Programme, dossier: Dossier, obligation: str, day: date) -> date | None:
    """The last due date of an obligation that exists on `day`."""
    armed = [each.due for each in terms(programme, dossier, obligation, day) if each.armed_on is not None]
    return max(armed, default=None)
