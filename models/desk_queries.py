"""Which letters does a campaign's mail room hold, of whom, about what, and where does each one stand?"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tables import Message, Notice, Obligation, Territory
from models.words import NoticeStatus


@dataclass(frozen=True, kw_only=True)
class NoticeOfLetter:
    """One notice that a letter tells, or told."""

    id: int
    territory: str
    territory_name: str
    deadline: str
    step: str
    status: NoticeStatus
    facts: dict[str, Any]


def letters_of_campaign(
    session: Session, campaign_id: int, *, territory: str = "", address: str = ""
) -> list[tuple[Message, list[NoticeOfLetter]]]:
    """The campaign's letters with their notices, the latest first: about one territory, to one address, or all."""
    asked = select(Message).where(Message.campaign_id == campaign_id)
    if territory:
        about = (
            select(Notice.message_id)
            .join(Obligation, col(Obligation.id) == Notice.obligation_id)
            .join(Territory, col(Territory.id) == Obligation.territory_id)
            .where(Territory.campaign_id == campaign_id, Territory.code == territory)
        )
        asked = asked.where(col(Message.id).in_(about))
    if address:
        asked = asked.where(func.lower(Message.address) == address.lower())
    letters = list(session.exec(asked.order_by(col(Message.decided_at).desc(), col(Message.id).desc())))
    notices = _notices(session, campaign_id)
    return [(letter, notices[letter.id or 0]) for letter in letters]


def _notices(session: Session, campaign_id: int) -> dict[int, list[NoticeOfLetter]]:
    asked = (
        select(Notice, Territory.code, Territory.name, Obligation.deadline)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, col(Notice.message_id).is_not(None))
        .order_by(col(Notice.id))
    )
    found: dict[int, list[NoticeOfLetter]] = defaultdict(list)
    for notice, code, name, deadline in session.execute(asked):
        found[notice.message_id].append(
            NoticeOfLetter(
                id=notice.id, territory=code, territory_name=name, deadline=deadline, step=notice.step,
                status=notice.status, facts=notice.facts,
            )
        )  # fmt: skip
    return found
