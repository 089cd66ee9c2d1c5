"""How does a letter wait for somebody, or a part of it for the end of a pause, without anything lost or doubled?

A notice is in one letter at a time. What is set aside moves to a letter of its own, which waits and is rechecked as any
other. What is refused never leaves: its notices are settled, so that no later pass decides them again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, col

from models.letter_queries import letter_with_key
from models.outbox_queries import nothing_left_to_say
from models.tables import Message, Notice
from models.words import MessageStatus, NoticeStatus
from notifications.facts import Section

ROWS_OF_A_STATEMENT = 1_000


@dataclass(frozen=True, kw_only=True)
class Release:
    """Who lets held letters go, or refuses them, when and why."""

    at: datetime
    author: str
    grounds: str = ""


def set_aside(session: Session, letter: int, sections: Sequence[Section], *, why: str) -> dict[str, Any]:
    """Move these sections of a letter that is about to leave to a letter of their own, which waits.

    Its key is the letter's own and the first notice it tells: set aside twice, it is two letters and never the same.
    Gives what the letter (by id) still says of itself.
    """
    message = session.get_one(Message, letter, populate_existing=True)
    notices = [notice for section in sections for notice in section.notices]
    key = f"{message.key[:370]}{why}:{min(notices)}"
    places = {section.territory for section in sections}
    local_part, _, domain = message.message_id.strip("<>").rpartition("@")
    row = {
        "key": key,
        "message_id": f"<{sha256(f'{local_part}{key}'.encode()).hexdigest()[:40]}@{domain}>",
        "campaign_id": message.campaign_id,
        "run_id": message.run_id,
        "letter": "",
        "address": message.address,
        "channel": message.channel,
        "zone": message.zone,
        "facts": _about(message.facts, places, inside=True),
        "decided_at": message.decided_at,
        "status": MessageStatus.WAITING,
        "attempts": 0,
        "leased_by": "",
        "subject": "",
        "outcome": "",
        "held": message.held,
        "released_at": message.released_at,
        "released_by": message.released_by,
    }
    session.execute(insert(Message), [row])
    link_to_letters(session, [(key, notice) for notice in notices])
    message.facts = _about(message.facts, places, inside=False)
    return message.facts


def link_to_letters(session: Session, pairs: Sequence[tuple[str, int]]) -> None:
    """Put each notice (by id) into the letter that has this key."""
    if pairs:
        session.connection().execute(
            update(Notice.__table__)  # type: ignore[attr-defined]
            .where(col(Notice.id) == bindparam("of"))
            .values(message_id=letter_with_key(bindparam("letter_key"))),
            [{"of": notice, "letter_key": key} for key, notice in pairs],
        )


def release(session: Session, ids: Collection[int], how: Release) -> int:
    """Let held letters leave at their next hour; gives the number of those that were still held."""
    let = {"released_at": how.at, "released_by": how.author[:200], "not_before": None}
    return sum(
        len(session.execute(_still_held(part).values(**let).returning(col(Message.id))).all()) for part in _parts(ids)
    )


def refuse(session: Session, ids: Collection[int], how: Release) -> int:
    """Cancel held letters for good, with their notices; gives the number of those that were still held."""
    said = f"refusée par {how.author}" + (f" : {how.grounds}" if how.grounds else "")
    refused = 0
    for part in _parts(ids):
        gone = session.execute(
            _still_held(part).values(status=MessageStatus.CANCELLED, outcome=said[:1_000]).returning(col(Message.id))
        ).scalars()
        letters = list(gone)
        refused += len(letters)
        session.execute(
            update(Notice)
            .where(col(Notice.message_id).in_(letters), col(Notice.status) == NoticeStatus.DECIDED)
            .values(status=NoticeStatus.DEAD, reason=said[:300])
            .execution_options(synchronize_session=False)
        )
    return refused


def let_go(session: Session) -> int:
    """Cancel the held letters that have nothing left to say (the others are, once claimed); gives their number."""
    done = session.execute(
        update(Message)
        .where(*nothing_left_to_say())
        .values(
            status=MessageStatus.CANCELLED, leased_by="", lease_until=None,
            outcome="plus rien à dire : ses avis ont été annulés",
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return done.rowcount  # type: ignore[attr-defined,no-any-return]


def _still_held(ids: Sequence[int]) -> Any:
    return (
        update(Message)
        .where(
            col(Message.id).in_(ids), col(Message.status) == MessageStatus.WAITING, col(Message.held) != "",
            col(Message.released_at).is_(None),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _about(facts: dict[str, Any], places: Collection[str], *, inside: bool) -> dict[str, Any]:
    """What a letter says of itself, kept to the sections about these territories, or to all others."""
    heads = [each for each in facts["sections"] if (each["territory"] in places) is inside]
    return {**facts, "roles": list(dict.fromkeys(each["role"] for each in heads)), "sections": heads}


def _parts(ids: Collection[int]) -> list[list[int]]:
    every = sorted(ids)
    return [every[start : start + ROWS_OF_A_STATEMENT] for start in range(0, len(every), ROWS_OF_A_STATEMENT)]
