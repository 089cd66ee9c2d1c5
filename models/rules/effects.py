"""What would an act change for a territory: its state, its due dates, its letters?

The facts before and the facts after go through the same rules as a real pass; nothing is computed twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.rules.calendar import local
from models.rules.dossier import Dossier, terms
from models.rules.lifecycle import State, state
from models.rules.notices import Key, Recipient
from models.rules.overtaken import no_longer_due
from models.rules.planning import plan
from models.rules.programme import Programme

HORIZON = timedelta(days=400)  # letters to come are counted over a little more than a year


@dataclass(frozen=True, kw_only=True)
class MovedDue:
    """One obligation whose due date, or whose very existence, changes; None: it does not exist."""

    obligation: str
    before: date | None
    after: date | None


@dataclass(frozen=True, kw_only=True)
class ObligationEffect:
    """What becomes of one obligation of one territory; letters are counted one a reader."""

    due: MovedDue
    cancelled: int  # letters that wait, would have left and would not any more
    already_sent: int  # letters that have left and speak of a due date that no longer holds
    to_come_before: int
    to_come_after: int


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an act changes for one territory; letters are counted one an obligation and a reader."""

    territory: str
    state_before: State
    state_after: State
    due_dates: tuple[MovedDue, ...]
    cancelled: int
    already_sent: int
    to_come_before: int
    to_come_after: int


@dataclass(frozen=True, kw_only=True)
class Known:
    """A territory under the rules of a moment: what is compared is two of these."""

    programme: Programme
    dossier: Dossier


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
    then, now = Known(programme=programme, dossier=before), Known(programme=programme, dossier=after)
    each = obligation_effects(then, now, recipients, told, waiting, at)
    return Effect(
        territory=before.code,
        state_before=state(programme, before, at),
        state_after=state(programme, after, at),
        due_dates=tuple(one.due for one in each if one.due.before != one.due.after),
        cancelled=sum(one.cancelled for one in each),
        already_sent=sum(one.already_sent for one in each),
        to_come_before=sum(one.to_come_before for one in each),
        to_come_after=sum(one.to_come_after for one in each),
    )


def obligation_effects(
    before: Known | None,
    after: Known,
    recipients: Sequence[Recipient],
    told: Mapping[str, set[Key]],
    waiting: Mapping[str, set[Key]],
    at: datetime,
) -> list[ObligationEffect]:
    """The same, obligation by obligation; the rules may change as well as the facts. None: nothing stood before."""
    day = local(at, after.programme.calendar.zone(after.dossier.departement)).date()
    to_come = [_to_come(known, recipients, told, day) for known in (before, after)]
    found = []
    for name in after.programme.obligation_names():
        pending, known = waiting.get(name, set()), told.get(name, set())
        untrue = [_untrue(each, name, recipients, known, pending, at) for each in (after, before)]
        stale = [_stale(each, name, known - pending, day) for each in (after, before)]
        found.append(
            ObligationEffect(
                due=MovedDue(obligation=name, before=_due(before, name, day), after=_due(after, name, day)),
                cancelled=len(untrue[0] - untrue[1]),
                already_sent=len(stale[0] - stale[1]),
                to_come_before=to_come[0][name],
                to_come_after=to_come[1][name],
            )
        )
    return found


def _untrue(
    known: Known | None, obligation: str, recipients: Sequence[Recipient], told: set[Key], waiting: set[Key],
    at: datetime,
) -> set[Key]:  # fmt: skip
    """The letters that wait and would not leave."""
    if not waiting or not _has(known, obligation):
        return set()
    assert known is not None
    return set(no_longer_due(known.programme, known.dossier, obligation, recipients, told, waiting, at))


def _stale(known: Known | None, obligation: str, sent: set[Key], day: date) -> set[Key]:
    """The reminders that have left and speak of a due date that does not hold."""
    if not _has(known, obligation):
        return set()
    assert known is not None
    holding = {each.due for each in terms(known.programme, known.dossier, obligation, day)}
    return {key for key in sent if not key.occasion and key.due not in holding}


def _has(known: Known | None, obligation: str) -> bool:
    return known is not None and obligation in known.programme.obligation_names()


def _to_come(
    known: Known | None, recipients: Sequence[Recipient], told: Mapping[str, set[Key]], day: date
) -> Counter[str]:
    if known is None:
        return Counter()
    coming = plan(known.programme, known.dossier, recipients, told, start=day, end=day + HORIZON)
    return Counter(notice.obligation for _, notice in coming)


def _due(known: Known | None, obligation: str, day: date) -> date | None:
    """The last due date of an obligation that exists on `day`."""
    if not _has(known, obligation):
        return None
    assert known is not None
    armed = [each.due for each in terms(known.programme, known.dossier, obligation, day) if each.armed_on is not None]
    return max(armed, default=None)
