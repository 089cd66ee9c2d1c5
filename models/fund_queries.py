"""What do we read of the cités' funds, and of the years in which money is spoken of?"""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.rules.fund_account import Operation
from models.tables import FundingLine, FundOperation, Territory
from models.words import Funder


def operations_of(session: Session, territory_id: int) -> list[Operation]:
    """The fund's operations of a territory, in the order of their table."""
    query = (
        select(
            FundOperation.year, FundOperation.day, FundOperation.direction, FundOperation.amount, FundOperation.funder,
            FundOperation.axis, FundOperation.label, FundOperation.several_schools, FundOperation.outside_partner,
        )  # type: ignore[call-overload]
        .where(FundOperation.territory_id == territory_id)
        .order_by(FundOperation.id)
    )  # fmt: skip
    return [
        Operation(year=row[0], day=row[1], direction=row[2], amount=row[3], funder=row[4], axis=row[5], label=row[6],
                  several_schools=row[7], outside_partner=row[8])
        for row in session.execute(query)
    ]  # fmt: skip


def funding_years(session: Session, campaign_id: int) -> list[int]:
    """The years that the campaign's funding lines name."""
    query = (
        select(FundingLine.year)
        .join(Territory, Territory.id == FundingLine.territory_id)  # type: ignore[arg-type]
        .where(Territory.campaign_id == campaign_id)
        .distinct()
        .order_by(FundingLine.year)  # type: ignore[arg-type]
    )
    return list(session.exec(query).all())


def paid_by_year(session: Session, campaign_id: int, funders: Collection[Funder]) -> dict[str, dict[int, int]]:
    """What these funders have paid, in cents, by territory and year; years without payment are left out."""
    query = (
        select(Territory.code, FundingLine.year, func.sum(col(FundingLine.paid)))
        .join(Territory, col(Territory.id) == FundingLine.territory_id)
        .where(Territory.campaign_id == campaign_id, col(FundingLine.funder).in_(funders), FundingLine.paid > 0)
        .group_by(col(Territory.code), col(FundingLine.year))
        .order_by(col(Territory.code), col(FundingLine.year))
    )
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for code, year, amount in session.execute(query):
        found[code][year] = int(amount)
    return found
