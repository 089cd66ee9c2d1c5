"""Which letters may leave now, and what do they still say?

Whoever sends a letter first leases it in a short transaction, and sends with no transaction open. A lease that expires
lets another worker try: at worst one repeat of the letter in flight, under the same Message-ID. A notice that is no
longer true when its letter is claimed is left out of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from models.outbox_queries import (
    Leased,
    claimed_letters,
    may_be_claimed,
    next_to_claim,
    not_paused,
    standing_notices,
    standing_pauses,
)
from models.queries import programme_of
from models.rules.calendar import instant, local
from models.rules.pauses import Pauses
from models.rules.programme import Programme
from models.tables import Message
from models.thread_queries import letters_before
from models.words import MessageStatus
from notifications.facts import Letter, Posted, Section
from notifications.holding import set_aside

PAUSED = ":paused"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A letter leased to a worker: what it says now, under the Message-ID of every attempt."""

    id: int
    message_id: str
    worker: str
    attempts: int  # this one included
    letter: Letter | Posted
    channels: tuple[str, ...] = ()  # what it is told beside the mail
    references: tuple[str, ...] = ()  # the letters before it about the same things, the oldest first

    @property
    def notices(self) -> tuple[int, ...]:
        """The ids of the notices that it tells; a letter posted whole tells none."""
        sections = self.letter.sections if isinstance(self.letter, Letter) else ()
        return tuple(notice for section in sections for notice in section.notices)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What one claim took: the letters to send, and how many had nothing left to say."""

    outgoing: tuple[Outgoing, ...]
    cancelled: int


def claim(
    session: Session, *, at: datetime, worker: str, limit: int, lease: timedelta, now: datetime | None = None
) -> Claimed:
    """Lease up to `limit` letters that may leave at `at` to `worker`, for as long as `lease`.

    A lease is about living processes: it runs on the clock of the machines (`now`, by default `at`), whatever instant
    the delivery speaks of.

    A letter that may not leave yet (before the hour on the recipient's clock, or on a day that is not worked in one of
    its territories' départements) goes back to wait for that hour; one whose notices are all undone is cancelled. What
    is paused waits: a letter whole, or only its sections about a paused territory, in a letter of their own.
    """
    now = now or at
    pauses = standing_pauses(session, at)
    found: list[Outgoing] = []
    cancelled = 0
    while len(found) < limit:
        ids = _lease(session, at=at, now=now, worker=worker, limit=limit - len(found), until=now + lease, pauses=pauses)
        if not ids:
            break
        sections: dict[int, list[Section]] = {}
        for message_id, notice_id, facts in standing_notices(session, ids):
            sections.setdefault(message_id, []).append(Section.from_json(facts, notices=(notice_id,)))
        threads = letters_before(session, ids)
        empty, early = [], []
        for letter, campaign in claimed_letters(session, ids):
            said = sections.get(letter.id, [])
            if not said and not letter.letter:
                empty.append(letter.id)
                continue
            paused = [each for each in said if (letter.campaign_id, each.territory) in pauses.territories]
            said = [each for each in said if each not in paused] if paused else said
            places = set(letter.facts["departements"]) if letter.letter else {each.departement for each in said}
            opening = _opens(programme_of(campaign), at, letter.zone, places)
            if opening > at:
                early.append({"of": letter.id, "opening": opening})
                continue
            if paused:
                kept = set_aside(session, letter.id, paused, why=PAUSED)
                letter = letter._replace(facts=kept)
            found.append(_outgoing(letter, campaign.title, said, worker, threads.get(letter.id, ())))
        if empty:
            _cancel(session, empty)
        if early:
            _put_off(session, early)
        cancelled += len(empty)
    return Claimed(outgoing=tuple(found), cancelled=cancelled)


def letter_of(letter: Leased | Message, campaign: str, sections: Sequence[Section]) -> Letter | Posted:
    """What a letter of the outbox says: its own facts if it was posted whole, or these sections."""
    head: dict[str, Any] = {
        "address": letter.address,
        "name": letter.facts.get("name", ""),
        "roles": tuple(letter.facts["roles"]),
        "zone": letter.zone,
        "campaign": campaign,
        "decided_at": letter.decided_at,
    }
    if letter.letter:
        return Posted(**head, letter=letter.letter, facts=letter.facts["posted"])
    return Letter(**head, sections=tuple(sections))


def _lease(
    session: Session, *, at: datetime, now: datetime, worker: str, limit: int, until: datetime, pauses: Pauses
) -> list[int]:
    statement = (
        update(Message)
        .where(
            col(Message.id).in_(next_to_claim(at, now, limit, pauses)), may_be_claimed(at, now), not_paused(pauses)
        )
        .values(
            status=MessageStatus.SENDING, leased_by=worker, lease_until=until, attempts=Message.attempts + 1,
        )
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return list(session.execute(statement).scalars())


def _opens(programme: Programme, at: datetime, zone: str, departements: set[str]) -> datetime:
    """The first instant, `at` or later, at which a letter to a reader of this zone about these places may leave."""
    now = local(at, zone)
    day = now.date()
    while not all(programme.calendar.is_working_day(day, each) for each in departements):
        day += timedelta(days=1)
    if day == now.date() and now.hour >= programme.hour:
        return at
    return instant(day, programme.hour, zone)


def _outgoing(
    letter: Leased, campaign: str, sections: Sequence[Section], worker: str, references: Sequence[str]
) -> Outgoing:
    return Outgoing(
        id=letter.id,
        message_id=letter.message_id,
        worker=worker,
        attempts=letter.attempts,
        letter=letter_of(letter, campaign, sections),
        channels=tuple(letter.channel.split("\n")) if letter.channel else (),
        references=tuple(references),
    )


def _cancel(session: Session, ids: Sequence[int]) -> None:
    session.execute(
        update(Message)
        .where(col(Message.id).in_(ids))
        .values(
            status=MessageStatus.CANCELLED, leased_by="", lease_until=None,
            outcome="plus rien à dire : ses avis ont été annulés",
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _put_off(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    session.connection().execute(
        update(Message.__table__)  # type: ignore[attr-defined]
        .where(col(Message.id) == bindparam("of"))
        .values(
            status=MessageStatus.WAITING, leased_by="", lease_until=None, attempts=Message.attempts - 1,
            not_before=bindparam("opening"),
        ),
        list(rows),
    )  # fmt: skip
