"""What is known of one territory in one campaign, and what does it come to on a given day?

Decisions, withdrawals and extensions count from the beginning of their day; the day is read on the calendar of
whoever asks (the recipient's for a letter, the territory's own for its state).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from models.rules.deadlines import Deadline
from models.rules.programme import Programme
from models.words import PieceStatus, Verdict


class PieceFact(NamedTuple):
    """One delivery; facts of one dossier stand in the order (instant, row of the table).

    A tuple, since a campaign has twenty of them for each territory.
    """

    requirement: str
    occurrence: str
    part: str
    status: PieceStatus
    at: datetime
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionFact:
    verdict: Verdict
    day: date
    authority: str = ""
    grounds: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionFact:
    deadline: str
    new_due: date
    granted_on: date
    authority: str = ""
    grounds: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConventionFact:
    first_day: date
    last_day: date
    signed_on: date | None
    city_contract_end: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Dossier:
    """The facts of one territory, each list in the order of its table."""

    code: str
    name: str
    departement: str
    region: str
    asks_extra_means: bool = False
    pieces: tuple[PieceFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    extensions: tuple[ExtensionFact, ...] = ()
    withdrawals: tuple[date, ...] = ()
    conventions: tuple[ConventionFact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """An obligation as it stands on a day: when it is due, since when it is known with that date, and why."""

    due: date
    armed_on: date | None  # None: it does not exist yet
    born_on: date | None  # armed without regard to moved dates
    extension: ExtensionFact | None = None
    previous_due: date | None = None


def standing_decision(dossier: Dossier, day: date) -> DecisionFact | None:
    """The last decision: the greatest day not after `day`, and between equals the later row."""
    last = None
    for decision in dossier.decisions:
        if decision.day <= day and (last is None or decision.day >= last.day):
            last = decision
    return last


def labelled_on(dossier: Dossier, day: date) -> date | None:
    """The day of the label, if the last decision is one."""
    last = standing_decision(dossier, day)
    return last.day if last is not None and last.verdict is Verdict.LABELLED else None


def has_withdrawn(dossier: Dossier, day: date) -> bool:
    return any(withdrawal <= day for withdrawal in dossier.withdrawals)


def candidature_is_decided(dossier: Dossier, day: date) -> bool:
    """Decided, and not put back to work by an extension granted since a refusal or a deferral (semantics §5)."""
    last = standing_decision(dossier, day)
    if last is None or last.verdict is Verdict.LABELLED:
        return last is not None
    return not any(
        extension.deadline == "candidature" and last.day <= extension.granted_on <= day
        for extension in dossier.extensions
    )


def signed_conventions(dossier: Dossier, day: date) -> list[ConventionFact]:
    """The conventions signed on or before `day`, by their last day."""
    signed = [each for each in dossier.conventions if each.signed_on is not None and each.signed_on <= day]
    return sorted(signed, key=lambda each: (each.last_day, each.first_day))


def following_convention(dossier: Dossier, convention: ConventionFact, day: date) -> ConventionFact | None:
    """The signed convention that begins after `convention` ends, the first signed of them."""
    later = [each for each in signed_conventions(dossier, day) if each.first_day > convention.last_day]
    return min(later, key=lambda each: (each.signed_on or date.max, each.first_day), default=None)


def terms(programme: Programme, dossier: Dossier, obligation: str, day: date) -> Iterator[Terms]:
    """The obligation as it stands on `day`: once, or once for each last day of the signed conventions it watches."""
    deadline = programme.deadline_of(obligation)
    if deadline.armed_by == "signature":
        if labelled_on(dossier, day) is None:
            return
        first_signed: dict[date, date | None] = {}
        for convention in sorted(signed_conventions(dossier, day), key=lambda each: each.signed_on or date.max):
            first_signed.setdefault(convention.last_day, convention.signed_on)
        for last_day, signed_on in sorted(first_signed.items()):
            yield Terms(due=last_day, armed_on=signed_on, born_on=signed_on)
        return
    yield _dated(
        dossier, obligation, day, _general_dates(deadline, obligation), born_on(programme, dossier, deadline, day)
    )


def born_on(programme: Programme, dossier: Dossier, deadline: Deadline, day: date) -> date | None:
    """The day from which the deadline exists for this territory, if it has come."""
    if deadline.armed_by == "opening":
        return programme.opens if programme.opens <= day else None
    return labelled_on(dossier, day)


def _general_dates(deadline: Deadline, obligation: str) -> list[tuple[date, date | None]]:
    occurrence = obligation.partition(":")[2]
    return [(each.date, each.since) for each in deadline.occurrences[occurrence]]


def _dated(
    dossier: Dossier, obligation: str, day: date, general: list[tuple[date, date | None]], born: date | None
) -> Terms:
    due, since = general[0]
    for moved, moved_since in general[1:]:
        if moved_since is not None and moved_since <= day:
            due, since = moved, moved_since
    granted = None
    before = due
    for extension in dossier.extensions:
        if extension.deadline == obligation and extension.granted_on <= day:
            if granted is None or extension.granted_on >= granted.granted_on:
                before = granted.new_due if granted else due
                granted = extension
    if granted is not None and not (since is not None and since > granted.granted_on and due > granted.new_due):
        known = max(born, granted.granted_on) if born else None
        return Terms(due=granted.new_due, armed_on=known, born_on=born, extension=granted, previous_due=before)
    return Terms(due=due, armed_on=max(born, since) if born and since else born, born_on=born)


Standing = Mapping[tuple[str, str], PieceFact]


def standing_pieces(dossier: Dossier, occurrence: str, at: datetime) -> Standing:
    """For each (requirement, part), the row that wins at `at`: the latest, and between equals the later row."""
    return {
        (piece.requirement, piece.part): piece
        for piece in dossier.pieces
        if piece.at <= at and piece.occurrence == occurrence
    }
