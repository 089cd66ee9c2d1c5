"""What may be chosen from a list in a workbook, and how is a code written for whoever reads it?

A title stands in the place of a code only where the intake reads it back as that code.
"""

from collections.abc import Mapping
from typing import Any

from models.rules.calendar import NATIONAL
from models.rules.exchange import Table
from models.rules.perimeters import Perimeter
from models.rules.programme import Programme
from models.rules.references import References
from models.rules.typed_values import Unreadable
from models.rules.workbook_words import workbook_words


class Lists:
    """The closed lists of one perimeter of one campaign: each is (code, how it is written), in order."""

    def __init__(self, programme: Programme, places: Mapping[str, str], perimeter: Perimeter) -> None:
        references = References(programme)
        self.pieces: dict[str, str] = {}
        self.parts: dict[str, tuple[str, ...]] = {}  # by how the piece is written
        for requirement in programme.requirements:
            deadline = programme.deadlines.get(requirement.deadline)
            for year in deadline.occurrences if deadline else ():
                code = f"{requirement.code}@{year}" if year else requirement.code
                title = f"{requirement.title} {year}".strip()
                self.pieces[code] = _title_or_code(references.requirement, title, code)
                self.parts[self.pieces[code]] = tuple(part.code for part in requirement.parts)
        self.deadlines = {
            name: _title_or_code(
                references.obligation, f"{programme.deadline_of(name).title} {name.partition(':')[2]}".strip(), name
            )
            for name in programme.obligation_names()
            if programme.deadline_of(name).armed_by != "signature"
        }
        self.axes = [code for objective in programme.objectives for code in objective.axes]
        self.territories = list(places)
        departements = sorted(set(places.values()))
        self.departements = departements
        self.perimeters = [
            *self.territories,
            *(f"departement:{code}" for code in departements if perimeter.holds_departement(code)),
            *([perimeter.name] if perimeter.name.startswith("region:") else []),
            *([NATIONAL] if perimeter.name == NATIONAL else []),
        ]

    def of(self, table: str, column: str) -> list[str]:
        """The list of a column that the programme closes; empty when it is free."""
        match (table, column):
            case (_, "territoire"):
                return self.territories
            case ("pieces", "piece"):
                return list(self.pieces.values())
            case ("prorogations", "echeance"):
                return list(self.deadlines.values())
            case (_, "axe"):
                return self.axes
            case ("contacts", "perimetre"):
                return self.perimeters
            case (_, "departement"):
                return self.departements
            case _:
                return []


def in_words(table: Table, lists: Lists, row: list[Any]) -> list[Any]:
    """A row with its codes as people read them."""
    shown = workbook_words().shown
    told = [
        shown(value) if column.words and isinstance(value, str) else value
        for column, value in zip(table.columns, row, strict=True)
    ]
    if table.name == "pieces":
        told[1] = lists.pieces.get(row[1], row[1])
    if table.name == "prorogations":
        told[1] = lists.deadlines.get(row[1], row[1])
    return told


def _title_or_code(reader: Any, title: str, code: str) -> str:
    try:
        return title if reader(title) == reader(code) else code
    except Unreadable:
        return code
