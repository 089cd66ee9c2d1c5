"""What do we read of the cells against school avoidance: signatures, and numbers by year?"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.life_tables import CellCount, CellSignature
from models.tables import Territory


@dataclass(frozen=True, kw_only=True)
class Signed:
    """One signature under one document."""

    document: str
    signatory: str
    name: str
    day: date


def cell_signatures(session: Session, campaign_id: int) -> dict[str, list[Signed]]:
    """The signatures of a campaign's cells, by territory, in the order of their days."""
    query = (
        select(  # type: ignore[call-overload]
            Territory.code, CellSignature.document, CellSignature.signatory, CellSignature.name, CellSignature.day
        )
        .join(Territory, col(Territory.id) == CellSignature.territory_id)
        .where(Territory.campaign_id == campaign_id)
        .order_by(Territory.code, col(CellSignature.day), col(CellSignature.id))
    )
    found: dict[str, list[Signed]] = defaultdict(list)
    for code, document, signatory, name, day in session.execute(query):
        found[code].append(Signed(document=document, signatory=signatory, name=name, day=day))
    return found


def cell_counts(session: Session, campaign_id: int) -> dict[str, dict[int, dict[str, int]]]:
    """The series of a campaign's cells: numbers by territory, year and series (E222: nothing smaller is kept)."""
    query = (
        select(Territory.code, CellCount.year, CellCount.series, CellCount.value)
        .join(Territory, col(Territory.id) == CellCount.territory_id)
        .where(Territory.campaign_id == campaign_id)
        .order_by(Territory.code, CellCount.year, CellCount.series)  # type: ignore[arg-type]
    )
    found: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for code, year, series, value in session.execute(query):
        found[code][year][series] = value
    return found
