"""How does a value become a cell of a workbook: a text that stays a text, a day, an amount?

Every text is written as a text, never as a formula, whatever it begins with. A sheet's styles are made once.
"""

import re
from collections.abc import Iterable, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

MOST_WIDE = 60  # characters; longer texts are wrapped
LEAST_WIDE = 10
SAMPLE = 500  # rows whose texts make the widths of the columns
LAST_ROW = 1_048_576  # of an .xlsx sheet
HEAD = "DDE5F2"
FONT, LINE_HEIGHT = "Calibri", 15  # points
DAY, EUROS, TEXT, WHOLE = "dd/mm/yyyy", "#,##0.00", "@", "0"
_unwritable = re.compile("[\ufffe\uffff]")
_taken_for_a_letter = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
LINE = Border(**{side: Side("thin", color="D0D5DD") for side in ("left", "right", "top", "bottom")})


class Cells:
    """The cells of one sheet, and its rows."""

    def __init__(self, sheet: Any, widths: Sequence[int] = ()) -> None:
        self._sheet, self._widths = sheet, widths
        self._rows = 0
        self._wrapped: set[int] = set()
        self._styles: dict[tuple[str, bool, str], Any] = {}

    def append(self, cells: Sequence[Cell | None], height: float | None = None) -> None:
        """Add a row, as high as its longest text asks: not every spreadsheet works it out by itself."""
        self._rows += 1
        if height is None:
            lines = max((self._lines(cell, width) for cell, width in zip(cells, self._widths, strict=False)), default=1)
            height = LINE_HEIGHT * lines if lines > 1 else None
        if height is not None:
            self._sheet.row_dimensions[self._rows].height = height
        self._sheet.append(cells)
        self._sheet.row_dimensions.pop(self._rows, None)  # written: a long sheet must not keep them all

    def head(self, title: str, note: str = "") -> Cell:
        """The title of a column, with the note that says what its cells expect."""
        cell = self.own(title)
        cell.font, cell.fill = Font(name=FONT, bold=True), PatternFill("solid", fgColor=HEAD)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        if note:
            cell.comment = Comment(note, "Cités éducatives", height=20 + 20 * (len(note) // 38 + 2), width=300)
        return cell

    def own(self, text: str, colour: str = "") -> Cell:
        """A text whose style may be changed: the others share theirs."""
        cell = self.cell(text, colour) or WriteOnlyCell(self._sheet)
        cell._style = copy(cell._style)
        return cell

    def cell(self, value: Any, colour: str = "") -> Cell | None:
        """A value with the form of its kind; `colour` fills it and draws its borders."""
        if value is None or value == "":
            if not colour:
                return None
            value = ""
        cell = WriteOnlyCell(self._sheet)  # set as it is, here and below: the ordinary way makes a formula of «=…»
        if isinstance(value, str):
            cell._value, cell.data_type = written(value), "s"
            wrapped = bool(colour) or len(value) > MOST_WIDE or "\n" in value
            cell._style = self._style(TEXT, wrapped, colour)
            return cell
        cell._value, cell.data_type = value, "d" if isinstance(value, date) else "n"
        form = DAY if isinstance(value, date) else EUROS if isinstance(value, Decimal) else WHOLE
        cell._style = self._style(form, False, colour)
        return cell

    def _lines(self, cell: Cell | None, width: int) -> int:
        if cell is None or cell._style.alignmentId not in self._wrapped:
            return 1
        return sum(1 + (max(len(line), 1) - 1) // width for line in str(cell._value).split("\n"))

    def _style(self, form: str, wrapped: bool, colour: str) -> Any:
        key = (form, wrapped, colour)
        if key not in self._styles:
            model = WriteOnlyCell(self._sheet)
            model.number_format = form
            model.quotePrefix = form == TEXT  # and a spreadsheet that edits it keeps it a text
            model.alignment = Alignment(wrap_text=wrapped, vertical="top")
            if colour:
                model.fill, model.border = PatternFill("solid", fgColor=colour), LINE
            self._styles[key] = model._style
            if wrapped:
                self._wrapped.add(model._style.alignmentId)
        return self._styles[key]


def written(text: str) -> str:
    """The text as the format can hold it: without what no XML may hold, its underscores taken for themselves."""
    if text.isprintable() and "_x" not in text:
        return text
    return _taken_for_a_letter.sub("_x005F_", _unwritable.sub("", ILLEGAL_CHARACTERS_RE.sub("", text)))


def widths(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[int]:
    """How wide each column must be to show these rows, in characters."""
    found = [max(len(header) + 4, LEAST_WIDE) for header in headers]
    for row in rows:
        for place, value in enumerate(row):
            length = len(f"{value:,.2f}") if isinstance(value, Decimal) else len(str(value)) if value is not None else 0
            found[place] = max(found[place], length + 2)
    return [min(width, MOST_WIDE) for width in found]
