"""Does an obligation's day still stand at an instant, and how often has that changed?

What an agenda shows of an obligation. It appears when it is first awaited, with sequence 0; from there on each change
counts one: a date that moves (an extension, a general move), an obligation that falls (satisfied, decided, withdrawn,
or void when the label it was born of no longer holds), one that comes back. For the same facts the sequence never
decreases in time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import groupby

from models.rules.calendar import instant, local
from models.rules.completeness import parts_asked
from models.rules.dossier import (
    Dossier,
    candidature_is_decided,
    following_convention,
    has_withdrawn,
    signed_conventions,
    terms,
)
from models.rules.programme import Programme
from models.words import PieceStatus


class Standing(StrEnum):
    """Is a day still awaited, or why has it fallen?"""

    AWAITED = "awaited"
    SATISFIED = "satisfied"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"
    VOID = "void"


@dataclass(frozen=True, kw_only=True, slots=True)
class DueDay:
    """The day of an obligation as an agenda keeps it; `watched` is the convention's last day, where one is watched.

    `sequence` numbers its changes from 0, `modified` is the instant of the last fact that concerns it.
    """

    obligation: str
    watched: date | None
    due: date
    standing: Standing
    sequence: int
    modified: datetime


def due_days(programme: Programme, dossier: Dossier, obligation: str, at: datetime) -> tuple[DueDay, ...]:
    """The days of the obligation known at `at`: none before it is awaited, one, or one a convention that it watches."""
    found: dict[date | None, DueDay] = {}
    for moment, views in _history(programme, dossier, obligation, at):
        for watched in [*found, *(each for each in views if each not in found)]:
            before = found.get(watched)
            due, standing = views.get(watched, (before.due if before else date.max, Standing.VOID))
            if before is None:
                if standing is not Standing.AWAITED:
                    continue
                sequence = 0
            else:
                changed = (due, standing) != (before.due, before.standing)
                sequence = before.sequence + changed
            found[watched] = DueDay(
                obligation=obligation, watched=watched, due=due, standing=standing, sequence=sequence, modified=moment
            )
    return tuple(found[watched] for watched in sorted(found, key=lambda day: day or date.min))


Views = dict[date | None, tuple[date, Standing]]


def _history(programme: Programme, dossier: Dossier, obligation: str, at: datetime) -> Iterator[tuple[datetime, Views]]:
    """What stood after each moment at which a fact of the obligation came, in order of time, until `at`."""
    zone = programme.calendar.zone(dossier.departement)
    name, _, occurrence = obligation.partition(":")
    wanted = {(each.requirement, each.part) for each in parts_asked(programme, dossier, name) if each.required}
    pieces = [
        each
        for each in dossier.pieces
        if each.at <= at and each.occurrence == occurrence and (each.requirement, each.part) in wanted
    ]
    days = {day for day in _days(programme, dossier, obligation) if day <= local(at, zone).date()}
    beginnings = [(instant(day, 0, zone).astimezone(UTC), None) for day in days]
    received: set[tuple[str, str]] = set()
    facts = sorted([*beginnings, *((each.at, each) for each in pieces)], key=lambda fact: fact[0])
    asks = programme.deadline_of(obligation).armed_by != "signature"
    on_the_day, complete, last, told = Views(), False, None, None
    for moment, alike in groupby(facts, key=lambda fact: fact[0]):
        begins, was_complete = False, complete
        for _, piece in alike:
            if piece is None:
                begins = True
                continue
            key = (piece.requirement, piece.part)
            (received.add if piece.status is PieceStatus.RECEIVED else received.discard)(key)
        complete = asks and len(received) == len(wanted)
        last = moment
        if begins:  # what is not a piece only changes with a day
            on_the_day = _on(programme, dossier, obligation, local(moment, zone).date())
        if begins or complete != was_complete:
            told = moment
            yield moment, _with_pieces(on_the_day, complete)
    if last is not None and last != told:
        yield last, _with_pieces(on_the_day, complete)


def _with_pieces(views: Views, complete: bool) -> Views:
    return {
        watched: (due, Standing.SATISFIED if complete and standing is Standing.AWAITED else standing)
        for watched, (due, standing) in views.items()
    }


def _on(programme: Programme, dossier: Dossier, obligation: str, day: date) -> Views:
    """What stands on a day, pieces apart."""
    watches = programme.deadline_of(obligation).armed_by == "signature"
    views = Views()
    for present in terms(programme, dossier, obligation, day):
        if present.born_on is None or present.born_on > day:
            continue
        watched = present.due if watches else None
        if has_withdrawn(dossier, day):
            standing = Standing.WITHDRAWN
        elif obligation == "candidature" and candidature_is_decided(dossier, day):
            standing = Standing.DECIDED
        elif watches and _is_followed(dossier, present.due, day):
            standing = Standing.SATISFIED
        else:
            standing = Standing.AWAITED
        views[watched] = present.due, standing
    return views


def _is_followed(dossier: Dossier, last_day: date, day: date) -> bool:
    return any(
        following_convention(dossier, convention, day) is not None
        for convention in signed_conventions(dossier, day)
        if convention.last_day == last_day
    )


def _days(programme: Programme, dossier: Dossier, obligation: str) -> set[date]:
    """The days on which something other than a piece can change the obligation."""
    deadline = programme.deadline_of(obligation)
    days = {programme.opens, *dossier.withdrawals, *(each.day for each in dossier.decisions)}
    days |= {each.granted_on for each in dossier.extensions if each.deadline in (obligation, "candidature")}
    if deadline.armed_by == "signature":
        return days | {each.signed_on for each in dossier.conventions if each.signed_on}
    moves = deadline.occurrences[obligation.partition(":")[2]]
    return days | {each.since for each in moves if each.since}
