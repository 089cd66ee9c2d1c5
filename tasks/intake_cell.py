"""What do the tables of a cell against school avoidance say: signatures and yearly counts, never a child?"""

from collections.abc import Iterator

from models.life_tables import CellCount, CellSignature
from tasks.intake_lines import Line, Lines, Reader
from tasks.upsert import Shape, Wanted

SHAPES = (
    Shape(
        subject="signatures_cellule", model=CellSignature, identity=("document", "signatory"),
        correctable=("name", "day"),
    ),
    Shape(subject="series_cellule", model=CellCount, identity=("year", "series"), correctable=("value",)),
)  # fmt: skip


def signature(lines: Lines, line: Line) -> Iterator[Wanted]:
    """Who signed the protocol or the charter."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"document": line["document"], "signatory": line["signataire"], "name": line["nom"],
         "day": line["signe_le"].day(zone)},
        {"name": "nom", "day": "signe_le"},
    )  # fmt: skip


def yearly_count(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One year of one series."""
    territory, _ = lines.territory_of(line)
    yield lines.wanted(
        line, territory, {"year": line["annee"], "series": line["serie"], "value": line["nombre"]}, {"value": "nombre"}
    )


READERS: dict[str, Reader] = {"signatures_cellule": signature, "series_cellule": yearly_count}
