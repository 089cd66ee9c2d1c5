"""What do we read to compute the co-financing of a campaign?"""

from collections.abc import Iterator

from sqlmodel import Session, select

from models.rules.balance import Line, Place
from models.tables import Envelope, FundingLine, Territory

ROWS_AT_ONCE = 5_000


def places_of(session: Session, campaign_id: int) -> list[Place]:
    """Every territory of the campaign, by code."""
    query = (
        select(Territory.code, Territory.departement, Territory.region)
        .where(Territory.campaign_id == campaign_id)
        .order_by(Territory.code)
    )
    return [Place(territory=row[0], departement=row[1], region=row[2]) for row in session.execute(query)]


def lines_of(session: Session, campaign_id: int, year: int) -> list[Line]:
    """One year's funding lines, in the order of their table."""
    return list(lines_read(session, campaign_id, year))


def lines_read(session: Session, campaign_id: int, year: int) -> Iterator[Line]:
    """The same as they are read, for who needs each once."""
    query = (
        select(
            Territory.code, FundingLine.funder, FundingLine.purpose, FundingLine.kind, FundingLine.mainstream,
            FundingLine.planned, FundingLine.notified, FundingLine.paid,
        )  # type: ignore[call-overload]
        .join(Territory, Territory.id == FundingLine.territory_id)
        .where(Territory.campaign_id == campaign_id, FundingLine.year == year)
        .order_by(FundingLine.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )  # fmt: skip
    for part in session.connection().execute(query).partitions():
        yield from (Line(*row) for row in part)


def envelopes_of(session: Session, campaign_id: int, year: int) -> dict[str, int]:
    """One year's envelopes in cents, by département."""
    query = (
        select(Envelope.departement, Envelope.amount)
        .where(Envelope.campaign_id == campaign_id, Envelope.year == year)
        .order_by(Envelope.departement)
    )
    return {departement: amount for departement, amount in session.execute(query)}  # noqa: C416 - rows, not pairs
