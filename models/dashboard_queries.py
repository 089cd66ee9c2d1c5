"""What do we read to watch a whole campaign: where its territories are, and what was told on which day?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tables import Notice, Obligation, Territory
from models.words import NoticeStatus


@dataclass(frozen=True, kw_only=True)
class Told:
    """How many notices of one département were decided at one instant and stand at one status."""

    departement: str
    at: datetime
    status: NoticeStatus
    notices: int


def communes_of(session: Session, campaign_id: int) -> dict[str, str]:
    """The INSEE codes of each territory's communes, spaces between, by the territory's code."""
    query = (
        select(Territory.code, Territory.communes).where(Territory.campaign_id == campaign_id).order_by(Territory.code)
    )
    return {code: communes for code, communes in session.execute(query)}  # noqa: C416 - rows, not pairs


def told_between(session: Session, campaign_id: int, begins: datetime, ends: datetime) -> list[Told]:
    """The notices decided from `begins` to `ends`, both included, counted by département, instant and status."""
    by = (col(Territory.departement), col(Notice.decided_at), col(Notice.status))
    query = (
        select(*by, func.count(col(Notice.id)))
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Notice.decided_at >= begins, Notice.decided_at <= ends)
        .group_by(*by)
        .order_by(*by)
    )
    return [
        Told(departement=row[0], at=row[1], status=NoticeStatus(row[2]), notices=row[3])
        for row in session.execute(query)
    ]
