"""What do we read of a campaign's review and steering: readings, opinions, mandates, and the letters that asked?"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from models.life_tables import Examination, Mandate, Opinion
from models.rules.mandates import MandateFact
from models.rules.sitting import OpinionFact, Reading
from models.tables import Message, Notice, Obligation, Territory
from models.words import MessageStatus

ASKING = ("opening", "extension")  # the letters, other than reminders, that ask for something


@dataclass(frozen=True, kw_only=True)
class Asked:
    """When an obligation was first asked of a contact by a letter that left, and by which letter last."""

    first: datetime
    last: datetime
    step: str


def readings_of(session: Session, campaign_id: int) -> dict[str, list[Reading]]:
    """The readings of a campaign's candidatures, by territory, in the order of their table."""
    columns = (Examination.criterion, Examination.day, Examination.author, Examination.appreciation,
               Examination.remarks)  # fmt: skip
    return {
        code: [Reading(criterion=row[0], day=row[1], author=row[2], appreciation=row[3], remarks=row[4])
               for row in rows]
        for code, rows in _by_territory(session, campaign_id, Examination, columns).items()
    }  # fmt: skip


def opinions_of(session: Session, campaign_id: int) -> dict[str, list[OpinionFact]]:
    """The opinions on a campaign's candidatures, by territory, in the order of their table."""
    columns = (Opinion.instance, Opinion.day, Opinion.opinion, Opinion.author, Opinion.grounds)
    return {
        code: [OpinionFact(instance=row[0], day=row[1], opinion=row[2], author=row[3], grounds=row[4]) for row in rows]
        for code, rows in _by_territory(session, campaign_id, Opinion, columns).items()
    }


def mandates_of(session: Session, campaign_id: int) -> dict[str, list[MandateFact]]:
    """The mandates of a campaign's territories, by territory, in the order of their table."""
    columns = (Mandate.mandate, Mandate.holder, Mandate.first_day, Mandate.email, Mandate.last_day, Mandate.given_by,
               Mandate.reference)  # fmt: skip
    return {
        code: [MandateFact(mandate=row[0], holder=row[1], first_day=row[2], email=row[3], last_day=row[4],
                           given_by=tuple(row[5].split()), reference=row[6]) for row in rows]
        for code, rows in _by_territory(session, campaign_id, Mandate, columns).items()
    }  # fmt: skip


def _by_territory(
    session: Session, campaign_id: int, table: type[SQLModel], columns: tuple[Any, ...]
) -> dict[str, list[Any]]:  # fmt: skip
    query = (
        select(Territory.code, *columns)
        .join(Territory, Territory.id == table.territory_id)  # type: ignore[attr-defined]
        .where(Territory.campaign_id == campaign_id)
        .order_by(table.id)  # type: ignore[attr-defined]
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row[0]].append(row[1:])
    return found


def letters_that_asked(session: Session, campaign_id: int, at: datetime) -> dict[tuple[int, int], Asked]:
    """By (obligation id, contact id): the letters decided by `at` that asked for it and left, copies left out."""
    is_copy = col(Notice.facts)["copy"].as_boolean()
    is_a_reminder = col(Notice.occasion) == ""
    asked = (
        select(Notice.obligation_id, Notice.contact_id, Message.sent_at, Notice.step)
        .join(Message, col(Message.id) == Notice.message_id)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Message.status == MessageStatus.SENT, Notice.decided_at <= at)
        .where(func.coalesce(is_copy, False).is_(False), is_a_reminder | col(Notice.step).in_(ASKING))
        .order_by(col(Message.sent_at), col(Notice.id))
    )
    found: dict[tuple[int, int], Asked] = {}
    for obligation, contact, sent_at, step in session.execute(asked):
        before = found.get((obligation, contact))
        found[obligation, contact] = Asked(first=before.first if before else sent_at, last=sent_at, step=step)
    return found
