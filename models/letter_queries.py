"""What has a reader received before, and by which channels beside the mail?"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.tables import Message, Notice
from models.words import MessageStatus


def letters_before(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    """By letter, the Message-IDs of those that already left to its address about the same obligations, oldest first."""
    present, earlier = aliased(Message), aliased(Message)
    told, then = aliased(Notice), aliased(Notice)
    asked = (
        select(present.id, earlier.message_id, func.min(earlier.sent_at), func.min(earlier.id))
        .select_from(present)
        .join(told, col(told.message_id) == present.id)
        .join(then, col(then.obligation_id) == told.obligation_id)
        .join(earlier, col(earlier.id) == then.message_id)
        .where(
            col(present.id).in_(ids),
            col(earlier.id).not_in(ids),
            earlier.status == MessageStatus.SENT,
            func.lower(earlier.address) == func.lower(present.address),
        )
        .group_by(col(present.id), col(earlier.message_id))
        .order_by(col(present.id), func.min(earlier.sent_at), func.min(earlier.id))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for letter, message_id, *_ in session.execute(asked):
        found[letter].append(message_id)
    return found


def letters_with_channels(session: Session, ids: Collection[int]) -> list[tuple[int, dict[str, Any]]]:
    """(letter, facts) of these letters, kept from anybody else until the transaction ends."""
    asked = select(Message.id, Message.facts).where(col(Message.id).in_(ids)).order_by(col(Message.id))
    return [(row[0], row[1]) for row in session.execute(asked.with_for_update())]


def channel_outcomes(session: Session, limit: int) -> list[tuple[datetime | None, dict[str, Any]]]:
    """(when, facts) of the letters whose short form went, or should have gone, to channels; the latest first."""
    asked = (
        select(Message.sent_at, Message.facts)
        .where(col(Message.channel) != "", Message.status == MessageStatus.SENT)
        .order_by(col(Message.sent_at).desc(), col(Message.id).desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(asked)]
