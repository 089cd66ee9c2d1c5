"""What is already stored of what an exchanged table brings?

Plain rows in the order of their ids, which is the order of the tables they came from.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session, SQLModel, select

from models.event_tables import Event
from models.tables import Campaign, Territory

MOST_IDS = 500  # beyond, reading the whole campaign costs less than naming its territories


def lock_campaign(session: Session, campaign_id: int) -> None:
    """Let one intake at a time write to a campaign: PostgreSQL waits here, SQLite has waited at BEGIN."""
    session.execute(select(Campaign.id).where(Campaign.id == campaign_id).with_for_update(key_share=True))


def events_since(
    session: Session, campaign: str, subjects: Collection[str], at: datetime
) -> Sequence[tuple[str, str, dict[str, Any]]]:
    """(table, territory, values) of each change recorded after `at` in these tables of a campaign, in order."""
    query = (
        select(Event.subject, Event.territory, Event.before, Event.after)
        .where(Event.campaign == campaign, Event.subject.in_(subjects), Event.at > at)  # type: ignore[attr-defined]
        .order_by(Event.id)  # type: ignore[arg-type]
    )
    return [(row[0], row[1], {**(row[2] or {}), **(row[3] or {})}) for row in session.execute(query)]


def territory_ids(session: Session, campaign_id: int) -> dict[str, int]:
    """The id of each territory of a campaign, by code."""
    query = select(Territory.code, Territory.id).where(Territory.campaign_id == campaign_id).order_by(Territory.code)
    return {code: id for code, id in session.execute(query) if id is not None}


def stored_in_campaign(
    session: Session, model: type[SQLModel], columns: Sequence[str], campaign_id: int
) -> Sequence[Row[Any]]:
    """(id, *columns) of every row of a table that hangs on the campaign itself."""
    wanted = [getattr(model, name) for name in ("id", *columns)]
    return session.execute(
        select(*wanted).where(model.campaign_id == campaign_id).order_by(model.id)  # type: ignore[attr-defined]
    ).all()


def stored_of_territories(
    session: Session, model: type[SQLModel], columns: Sequence[str], campaign_id: int, codes: Collection[str] | None
) -> Sequence[Row[Any]]:
    """(id, territory's code, *columns) of a table that hangs on territories: of those `codes`, or of all of them."""
    wanted = [model.id, Territory.code, *(getattr(model, name) for name in columns)]  # type: ignore[attr-defined]
    query = (
        select(*wanted)
        .join(Territory, Territory.id == model.territory_id)  # type: ignore[attr-defined]
        .where(Territory.campaign_id == campaign_id)
        .order_by(model.id)  # type: ignore[attr-defined]
    )
    if codes is not None and len(codes) <= MOST_IDS:
        query = query.where(Territory.code.in_(codes))  # type: ignore[attr-defined]
    return session.execute(query).all()
