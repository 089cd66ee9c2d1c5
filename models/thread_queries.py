"""What has a reader received before, and by which channels beside the mail?"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.tables import Message, Notice
from models.words import MessageStatus


@dataclass(frozen=True, kw_only=True)
class ChannelOutcome:
    """What became of one short form: the service, one of told, not_used, failed, and words."""

    channel: str
    outcome: str
    words: str


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


def channel_outcomes(session: Session, limit: int) -> list[ChannelOutcome]:
    """What became of the short forms of the last letters that have channels beside the mail, the latest first."""
    asked = select(Message.facts).where(col(Message.channel) != "").order_by(col(Message.id).desc()).limit(limit)
    return [ChannelOutcome(**each) for facts in session.exec(asked) for each in facts.get("channel_outcome", ())]
