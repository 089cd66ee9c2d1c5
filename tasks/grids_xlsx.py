"""Which lines of cells does each sheet of an .xlsx workbook hold?"""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tasks.faults import Fault, shown
from tasks.grids import MOST_COLUMNS, UNREADABLE, Grid, RawCell, calculated, kept, names_of, truth
from tasks.workbook_mark import is_left


def grids_of_xlsx(path: Path, faults: list[Fault]) -> Iterator[Grid]:
    """A grid for each sheet to read; what is wrong with their cells goes to `faults`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions, which are not read here
        workbook = load_workbook(path, read_only=True, keep_links=False)
        try:
            for sheet in workbook.worksheets:
                if is_left(sheet.title):
                    continue
                sheet.reset_dimensions()  # what the file claims may be wrong or enormous
                file = f"{path.name}, feuille « {shown(sheet.title)} »"
                names = names_of(sheet.title, path, alone=len(workbook.worksheets) == 1)
                yield Grid(file=file, names=names, lines=kept(_xlsx_lines(sheet, file, faults), file, faults))
        finally:
            workbook.close()


def _xlsx_lines(sheet: Any, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[RawCell]]]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells: list[RawCell] = []
        for cell in row[:MOST_COLUMNS]:
            if cell.data_type == "f" and (said := truth(str(cell.value))) is not None:
                cells.append(said)
            elif cell.value is not None and cell.data_type in ("f", "e"):
                faults.append(calculated(file, number, str(cell.value), error=cell.data_type == "e"))
                cells.append(UNREADABLE)
            else:
                cells.append(_unescaped(cell.value) if isinstance(cell.value, str) else cell.value)
        yield number, cells


def _unescaped(text: str) -> str:
    """The format writes an underscore that would announce a letter (_xHHHH_) as _x005F_, and a line's end with _x000D_.

    Every other _xHHHH_ is left as it stands: one office writes the letter so, another the text itself.
    """
    return _escaped.sub(lambda found: "_" if found[0] == "_x005F_" else "", text) if "_x" in text else text


_escaped = re.compile(r"_x005F_(?=x[0-9A-Fa-f]{4}_)|_x000D_(?=\n)")
