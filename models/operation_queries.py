"""What do those who run the engine count: what waits, what failed, how long ago each deadline was seen?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, MetaData, Table, func, text
from sqlmodel import Session, col, select

from models.event_tables import Event
from models.tables import Campaign, Message, Notice, Pause, Run, StateSeen, Territory
from models.words import UNSETTLED, NoticeStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class LastRun:
    """When a deadline of a campaign was last looked at: the instant spoken of, None if a run never ended."""

    campaign: str
    deadline: str
    at: datetime


def count_campaigns(session: Session) -> int:
    """How many campaigns are open."""
    return session.exec(select(func.count(col(Campaign.id)))).one()


def dossiers_by_state(session: Session) -> dict[tuple[str, str], int]:
    """By (campaign, state last seen), how many dossiers; one that no pass has seen is under the state ""."""
    last = (
        select(StateSeen.territory_id, func.max(StateSeen.at).label("at"))
        .group_by(col(StateSeen.territory_id))
        .subquery()
    )
    seen = (
        select(StateSeen.territory_id, func.max(StateSeen.id).label("id"))
        .join(last, (last.c.territory_id == StateSeen.territory_id) & (last.c.at == StateSeen.at))
        .group_by(col(StateSeen.territory_id))
        .subquery()
    )
    query = (
        select(Campaign.code, func.coalesce(StateSeen.state, ""), func.count(col(Territory.id)))
        .select_from(Territory)
        .join(Campaign, col(Campaign.id) == Territory.campaign_id)
        .outerjoin(seen, seen.c.territory_id == Territory.id)
        .outerjoin(StateSeen, col(StateSeen.id) == seen.c.id)
        .group_by(Campaign.code, StateSeen.state)
        .order_by(Campaign.code, StateSeen.state)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(query)}


def notices_by_status(session: Session) -> dict[tuple[str, NoticeStatus], int]:
    """By (campaign, status), how many notices."""
    query = (
        select(Campaign.code, Notice.status, func.count(col(Notice.id)))
        .select_from(Notice)
        .join(Run, col(Run.id) == Notice.run_id)
        .join(Campaign, col(Campaign.id) == Run.campaign_id)
        .group_by(Campaign.code, Notice.status)
        .order_by(Campaign.code, Notice.status)
    )
    return {(row[0], NoticeStatus(row[1])): row[2] for row in session.execute(query)}


def oldest_waiting(session: Session) -> datetime | None:
    """When the oldest letter that has not left, and that nobody holds, was decided."""
    query = (
        select(func.min(Message.decided_at))
        .where(col(Message.status).in_(UNSETTLED))
        .where((col(Message.held) == "") | col(Message.released_at).is_not(None))
    )
    return session.exec(query).one()


def last_runs(session: Session) -> list[LastRun]:
    """The last run that came to its end, by campaign and deadline."""
    query = (
        select(Campaign.code, Run.deadline, func.max(Run.at))
        .select_from(Run)
        .join(Campaign, col(Campaign.id) == Run.campaign_id)
        .where(col(Run.finished_at).is_not(None))
        .group_by(Campaign.code, Run.deadline)
        .order_by(Campaign.code, Run.deadline)
    )
    return [LastRun(campaign=row[0], deadline=row[1], at=row[2]) for row in session.execute(query)]


def pauses_in_force(session: Session, at: datetime) -> int:
    """How many scopes (everything, a campaign, a territory) hold their letters back at `at`: the last order stands."""
    orders = select(Pause).where(col(Pause.at) <= at).order_by(col(Pause.at), col(Pause.id))
    standing = {(each.campaign_id, each.territory_id): each for each in session.exec(orders)}
    return sum(each.holds and (each.until is None or each.until > at) for each in standing.values())


def last_event(session: Session) -> tuple[int, str, datetime | None]:
    """How many events there are, the fingerprint of the last one and its instant."""
    count = session.exec(select(func.count(col(Event.id)))).one()
    last = session.exec(select(Event).order_by(col(Event.id).desc()).limit(1)).first()
    return (count, last.hash, last.at) if last else (0, "", None)


def rows_in(session: Session, table: Table) -> int:
    """How many rows a table holds."""
    found: int = session.execute(select(func.count()).select_from(table)).scalar_one()
    return found


def stored_tables(session: Session) -> list[Table]:
    """Every table as the database itself describes it, whatever its version, those referred to first."""
    found = MetaData()
    found.reflect(bind=session.connection())
    return found.sorted_tables


def stored_rows(session: Session, table: Table, columns: Sequence[Column[Any]], size: int) -> Iterator[dict[str, Any]]:
    """These columns of every row of a table, in the order of its identities, `size` at a time in memory."""
    query = select(*columns).select_from(table).order_by(*table.primary_key)
    for row in session.execute(query.execution_options(yield_per=size)).mappings():
        yield {str(name): value for name, value in row.items()}


def database_clock(session: Session) -> datetime | None:
    """What time the database server has; None for a file, which has no clock."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found
