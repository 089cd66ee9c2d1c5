"""Which lines of cells does each sheet of an .ods workbook hold?

Read straight from its XML: a repeated cell or row counts once for each time it stands there, within bounds.
"""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from tasks.faults import Fault, shown
from tasks.grids import MOST_CELLS, MOST_COLUMNS, UNREADABLE, Grid, RawCell, calculated, holds, kept, names_of, truth
from tasks.workbook_mark import is_left

TABLE_NS = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE_NS = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT_NS = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def grids_of_ods(path: Path, faults: list[Fault]) -> Iterator[Grid]:
    """A grid for each sheet to read; what is wrong with the workbook or its cells goes to `faults`."""
    with ZipFile(path) as archive, archive.open("content.xml") as stream:
        root = ElementTree.parse(stream).getroot()  # noqa: S314 - declarations are refused beforehand
    scripts = root.find(f"{OFFICE_NS}scripts")
    if scripts is not None and len(scripts):
        faults.append(Fault(file=path.name, problem="ce classeur contient des macros", cure="l’enregistrer sans macro"))
        return
    if any(
        next(root.iter(TABLE_NS + name), None) is not None for name in ("table-source", "cell-range-source", "dde-link")
    ):
        faults.append(
            Fault(
                file=path.name,
                problem="ce classeur contient des liaisons externes",
                cure="rompre les liaisons puis enregistrer à nouveau",
            )
        )
        return
    tables = [table for table in root.iter(f"{TABLE_NS}table") if table.find(f".//{TABLE_NS}table-cell") is not None]
    for table in tables:
        title = table.get(f"{TABLE_NS}name", "")
        if is_left(title):
            continue
        file = f"{path.name}, feuille « {shown(title)} »"
        names = names_of(title, path, alone=len(tables) == 1)
        yield Grid(file=file, names=names, lines=kept(_ods_lines(table, file, faults), file, faults))


def _ods_lines(table: ElementTree.Element, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[RawCell]]]:
    number = 1
    for row in table.iter(f"{TABLE_NS}table-row"):
        cells: list[RawCell] = []
        for cell in row:
            if cell.tag not in (f"{TABLE_NS}table-cell", f"{TABLE_NS}covered-table-cell"):
                continue
            value = _ods_cell(cell, file, number, faults)
            repeated = min(int(cell.get(f"{TABLE_NS}number-columns-repeated", "1")), MOST_COLUMNS - len(cells))
            cells.extend([value] * max(repeated, 0))
        repeated = int(row.get(f"{TABLE_NS}number-rows-repeated", "1"))
        if any(holds(cell) for cell in cells):
            for again in range(min(repeated, MOST_CELLS)):
                yield number + again, cells
        number += repeated


def _ods_cell(cell: ElementTree.Element, file: str, number: int, faults: list[Fault]) -> RawCell:
    formula = cell.get(f"{TABLE_NS}formula")
    if formula:
        if (said := truth(formula)) is not None:
            return said
        faults.append(calculated(file, number, formula))
        return UNREADABLE
    kind = cell.get(f"{OFFICE_NS}value-type")
    if kind in ("float", "currency", "percentage"):
        return float(cell.get(f"{OFFICE_NS}value", ""))
    if kind == "boolean":
        return cell.get(f"{OFFICE_NS}boolean-value") == "true"
    if kind == "date":
        typed = cell.get(f"{OFFICE_NS}date-value", "")
        return datetime.fromisoformat(typed) if "T" in typed else date.fromisoformat(typed)
    if kind is None and len(cell) == 0:
        return None
    return "\n".join(_ods_text(paragraph) for paragraph in cell.findall(f"{TEXT_NS}p"))


def _ods_text(element: ElementTree.Element) -> str:
    words = [element.text or ""]
    for child in element:
        if child.tag == f"{TEXT_NS}s":
            words.append(" " * min(int(child.get(f"{TEXT_NS}c", "1")), 1000))
        elif child.tag == f"{TEXT_NS}tab":
            words.append("\t")
        elif child.tag == f"{TEXT_NS}line-break":
            words.append("\n")
        elif child.tag != f"{OFFICE_NS}annotation":
            words.append(_ods_text(child))
        words.append(child.tail or "")
    return "".join(words)
