"""In which state is a dossier, and which moves are allowed?

The state at an instant is a function of the facts known then (semantics §5); `NEXT` is the one table of transitions.
A state may be skipped when nobody looked in between; what is not in the table is refused.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from models.rules.calendar import local
from models.rules.completeness import findings, is_satisfied
from models.rules.dossier import (
    Dossier,
    candidature_is_decided,
    labelled_on,
    signed_conventions,
    standing_decision,
    terms,
)
from models.rules.programme import Programme
from models.words import Verdict


class State(StrEnum):
    """Where a dossier stands."""

    PRESELECTED = "preselected"
    INVITED = "invited"
    IN_PREPARATION = "in_preparation"
    TRANSMITTED = "transmitted"
    UNDER_REVIEW = "under_review"
    REFUSED = "refused"
    DEFERRED = "deferred"
    LABELLED = "labelled"
    ACTION_PLAN_RECEIVED = "action_plan_received"
    CONVENTION_SIGNED = "convention_signed"
    RUNNING = "running"
    CLOSING = "closing"
    ENDED = "ended"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"


FRENCH: Mapping[State, str] = {
    State.PRESELECTED: "présélectionnée",
    State.INVITED: "invitée",
    State.IN_PREPARATION: "en préparation",
    State.TRANSMITTED: "transmise",
    State.UNDER_REVIEW: "en instruction",
    State.REFUSED: "refusée",
    State.DEFERRED: "ajournée",
    State.LABELLED: "labellisée",
    State.ACTION_PLAN_RECEIVED: "programme d’action reçu",
    State.CONVENTION_SIGNED: "convention signée",
    State.RUNNING: "en cours",
    State.CLOSING: "bientôt à terme",
    State.ENDED: "terminée",
    State.RENEWED: "renouvelée",
    State.WITHDRAWN: "désistée",
}

_BEFORE_DECISION = frozenset(
    {State.PRESELECTED, State.INVITED, State.IN_PREPARATION, State.TRANSMITTED, State.UNDER_REVIEW}
)
_UNLABELLED = frozenset({State.REFUSED, State.DEFERRED})
_LABELLED = frozenset({State.LABELLED, State.ACTION_PLAN_RECEIVED, State.CONVENTION_SIGNED})
_CONVENTION = frozenset({State.RUNNING, State.CLOSING, State.ENDED, State.RENEWED})

# A dossier can be put back to work or corrected until a convention runs; a withdrawal is final, and so is a renewal.
NEXT: Mapping[State, frozenset[State]] = {
    **{
        state: (_BEFORE_DECISION | _UNLABELLED | _LABELLED | _CONVENTION | {State.WITHDRAWN}) - {state}
        for state in _BEFORE_DECISION
    },
    **{
        state: (_BEFORE_DECISION | _UNLABELLED | _LABELLED | _CONVENTION | {State.WITHDRAWN}) - {state}
        for state in _UNLABELLED
    },
    **{state: (_BEFORE_DECISION | _UNLABELLED | _LABELLED | _CONVENTION) - {state} for state in _LABELLED},
    State.RUNNING: frozenset({State.CLOSING, State.ENDED, State.RENEWED}),
    State.CLOSING: frozenset({State.RUNNING, State.ENDED, State.RENEWED}),
    State.ENDED: frozenset({State.RENEWED}),
    State.RENEWED: frozenset(),
    State.WITHDRAWN: frozenset(),
}


class ForbiddenTransition(Exception):
    """A fact would make a move that `NEXT` does not allow; says which and why."""


def advance(before: State | None, after: State) -> State:
    """The state after, if a dossier may go there from `before` (None: never looked at)."""
    if before is None or before is after or after in NEXT[before]:
        return after
    raise ForbiddenTransition(
        f"un dossier «{FRENCH[before]}» ne peut pas devenir «{FRENCH[after]}» : corriger le fait qui le demande"
    )


def state(programme: Programme, dossier: Dossier, at: datetime) -> State:
    """The state of the dossier at `at`, by the calendar of its territory."""
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    withdrawal = min((each for each in dossier.withdrawals if each <= day), default=None)
    if withdrawal is not None and labelled_on(dossier, withdrawal - timedelta(days=1)) is None:
        return State.WITHDRAWN
    if labelled_on(dossier, day) is not None:
        return _labelled(programme, dossier, day, at)
    last = standing_decision(dossier, day)
    if last is not None and candidature_is_decided(dossier, day):
        return State.REFUSED if last.verdict is Verdict.REFUSED else State.DEFERRED
    return _before_decision(programme, dossier, day, at)


def _labelled(programme: Programme, dossier: Dossier, day: date, at: datetime) -> State:
    signed = signed_conventions(dossier, day)
    if signed:
        first_end, last = signed[0].last_day, signed[-1]
        if any(each.first_day > first_end for each in signed):
            return State.RENEWED
        if last.last_day < day:
            return State.ENDED
        if last.last_day - day <= timedelta(days=programme.closing_days):
            return State.CLOSING
        if min(each.first_day for each in signed) <= day:
            return State.RUNNING
    if _satisfied(programme, dossier, "convention", at):
        return State.CONVENTION_SIGNED
    if _satisfied(programme, dossier, "action_plan", at):
        return State.ACTION_PLAN_RECEIVED
    return State.LABELLED


def _before_decision(programme: Programme, dossier: Dossier, day: date, at: datetime) -> State:
    if _satisfied(programme, dossier, "candidature", at):
        [present] = terms(programme, dossier, "candidature", day)
        return State.UNDER_REVIEW if day > present.due else State.TRANSMITTED
    if any(piece.at <= at for piece in dossier.pieces):
        return State.IN_PREPARATION
    return State.INVITED if programme.opens <= day else State.PRESELECTED


def _satisfied(programme: Programme, dossier: Dossier, obligation: str, at: datetime) -> bool:
    return obligation in programme.deadlines and is_satisfied(findings(programme, dossier, obligation, at))
