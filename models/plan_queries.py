"""What do we read of action plans, of what they show year after year, and of the funds, for a whole campaign at once?

Frozen facts of the rules by territory's code, each list in the order of its table; a territory without any is absent.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, select

from models.life_tables import Commitment, Indicator, Measure, PlannedAction
from models.rules.action_plan import ActionFact, CommitmentFact
from models.rules.fund_account import Operation
from models.rules.indicators import IndicatorFact, MeasureFact
from models.tables import FundOperation, Territory

Fact = TypeVar("Fact")


def commitments_of(session: Session, campaign_id: int) -> dict[str, list[CommitmentFact]]:
    """What partners commit to bring."""
    columns = ("partner", "nature", "year", "label", "quantity", "amount")
    return _facts(session, campaign_id, Commitment, CommitmentFact, columns)


def actions_of(session: Session, campaign_id: int) -> dict[str, list[ActionFact]]:
    """The actions of the action plans."""
    columns = (
        "axis", "title", "carrier", "first_year", "last_year", "cost", "is_new", "several_schools", "outside_partner",
    )  # fmt: skip
    return _facts(session, campaign_id, PlannedAction, ActionFact, columns)


def indicators_of(session: Session, campaign_id: int) -> dict[str, list[IndicatorFact]]:
    """What territories measure."""
    columns = (
        "code", "kind", "title", "topic", "unit", "source", "baseline", "baseline_year", "target", "target_year",
    )  # fmt: skip
    return _facts(session, campaign_id, Indicator, IndicatorFact, columns)


def measures_of(session: Session, campaign_id: int) -> dict[str, list[MeasureFact]]:
    """The yearly values of what they measure."""
    return _facts(session, campaign_id, Measure, MeasureFact, ("indicator", "year", "value"))


def fund_operations(session: Session, campaign_id: int) -> dict[str, list[Operation]]:
    """The operations of every fund."""
    columns = (
        "year", "day", "direction", "amount", "funder", "axis", "label", "several_schools", "outside_partner",
    )  # fmt: skip
    return _facts(session, campaign_id, FundOperation, Operation, columns)


def _facts(
    session: Session, campaign_id: int, table: type[SQLModel], fact: Callable[..., Fact], columns: tuple[str, ...]
) -> dict[str, list[Fact]]:
    wanted: list[Any] = [getattr(table, name) for name in columns]
    query = (
        select(Territory.code, *wanted)
        .join(Territory, col(Territory.id) == table.territory_id)  # type: ignore[attr-defined]
        .where(Territory.campaign_id == campaign_id)
        .order_by(Territory.code, table.id)  # type: ignore[attr-defined]
    )
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in session.execute(query):
        found[row[0]].append(fact(**dict(zip(columns, row[1:], strict=True))))
    return dict(found)
