"""What do the tables of a cell against school avoidance say: signatures and yearly counts, never a child?

Documents, signatories and series are named by code or by French title. Numbers that do not go together are a remark:
nothing is refused for them (E210).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from models.life_tables import CellCount, CellSignature
from models.rules.cell import load_cell, odd_counts
from tasks.faults import Fault
from tasks.intake_lines import Line, Lines, Reader
from tasks.upsert import Changes, Fact, Shape, Wanted

SIGNATURES, COUNTS = "signatures_cellule", "series_cellule"
SHAPES = (
    Shape(
        subject=SIGNATURES, model=CellSignature, identity=("document", "signatory"), correctable=("name", "day"),
    ),
    Shape(subject=COUNTS, model=CellCount, identity=("year", "series"), correctable=("value",)),
)  # fmt: skip


def signature(lines: Lines, line: Line) -> Iterator[Wanted]:
    """Who signed the protocol or the charter."""
    cell = load_cell(lines.programme.edition)
    territory, zone = lines.territory_of(line)
    document = lines.named(line, "document", cell.document)
    signatory = lines.named(line, "signataire", cell.signatory)
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"document": document, "signatory": signatory, "name": line["nom"], "day": line["signe_le"].day(zone)},
        {"name": "nom", "day": "signe_le"},
    )  # fmt: skip


def yearly_count(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One year of one series."""
    territory, _ = lines.territory_of(line)
    series = lines.named(line, "serie", load_cell(lines.programme.edition).series_named)
    yield lines.wanted(
        line, territory, {"year": line["annee"], "series": series, "value": line["nombre"]}, {"value": "nombre"}
    )


def odd_lines(edition: str, changes: Changes) -> Iterator[Fault]:
    """A remark on each line of the file whose number does not go with the others of its year, stored ones included."""
    cell = load_cell(edition)
    years: dict[tuple[str, int], dict[str, Fact]] = defaultdict(dict)
    for fact in changes.standing:
        years[fact.territory, fact.values["year"]][fact.values["series"]] = fact
    for (_, year), facts in years.items():
        for odd in odd_counts(cell, _values(facts)):
            line = facts[odd.series].wanted or _first_line(facts.values())
            if line is not None:
                yield Fault(
                    file=line.file, row=line.row, column="nombre", value=str(facts[odd.series].values["value"]),
                    problem=f"{odd.text} ({year})", cure=odd.cure,
                )  # fmt: skip


def _values(facts: Mapping[str, Fact]) -> dict[str, int]:
    return {series: fact.values["value"] for series, fact in facts.items()}


def _first_line(facts: Iterable[Fact]) -> Wanted | None:
    return next((fact.wanted for fact in facts if fact.wanted is not None), None)


READERS: dict[str, Reader] = {SIGNATURES: signature, COUNTS: yearly_count}
