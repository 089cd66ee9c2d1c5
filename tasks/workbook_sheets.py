"""How is each sheet of a prefecture's workbook laid out?

Frozen titles with a note each, lists to choose from, columns that know a day from an amount, landscape pages that
repeat their titles. Colour never stands alone: the words say the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from openpyxl.styles import Alignment, Border, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from models.rules.exchange import Column, Table
from models.rules.typed_values import amount, count, moment, whole_number, year
from models.rules.workbook_words import ColumnWords, SheetWords, WorkbookWords, workbook_words
from notifications.french import count as counted
from notifications.french import typeset
from tasks.to_complete import Lacking
from tasks.workbook_cells import DAY, EUROS, FONT, LAST_ROW, SAMPLE, TEXT, WHOLE, Cells, widths
from tasks.workbook_lists import Lists
from tasks.workbook_mark import LISTS

FORMS = {moment: DAY, amount: EUROS, year: WHOLE, count: WHOLE, whole_number: WHOLE}
LISTED = ("territoire", "piece", "echeance", "axe", "perimetre", "departement")  # columns of the hidden sheet, in order
LEAST_WIDE = 14
GUIDE_WIDTH = 108
A4 = 9  # as the format numbers papers
TO_COMPLETE = (
    ("Territoire", 24), ("Échéance", 16), ("Pièce", 32), ("Partie", 22), ("Qui la doit", 22), ("État", 11),
    ("Motif", 30), ("Pour le", 12), ("Jours restants", 10), ("Situation", 18), ("Code", 20),
)  # fmt: skip


def fill_guide(sheet: Any, words: WorkbookWords, said: Mapping[str, str]) -> None:
    """« À lire »: what to do, in French, and what the colours mean."""
    sheet.column_dimensions["A"].width = GUIDE_WIDTH
    sheet.sheet_view.showGridLines = False
    _page(sheet, "3B6FB6")
    sheet.page_setup.fitToHeight = 1
    cells = Cells(sheet, (GUIDE_WIDTH + 6,))  # a text's letters are narrower than the figures that widths count
    for number, line in enumerate(words.guide):
        text = typeset(line.text.format(**said)) if not line.mark else typeset(line.text)
        cell = cells.own(text, words.marks.get(line.mark, "FFFFFF"))
        if not line.mark:
            cell.border = Border()
        if line.heading:
            cell.font = Font(name=FONT, bold=True, size=13 if number else 18, color="1F3864")
            cell.alignment = Alignment(vertical="bottom")  # nearer to what it announces
        cells.append([cell], height=36 if line.heading else None)


def fill_to_complete(sheet: Any, words: WorkbookWords, missing: Iterable[Lacking], day: str) -> int:
    """« À compléter »: a part a line, by territory and due date; how many there are."""
    _page(sheet, "C0504D")
    for place, (_, width) in enumerate(TO_COMPLETE, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    cells = Cells(sheet, [width for _, width in TO_COMPLETE])
    cells.append([cells.head(title) for title, _ in TO_COMPLETE], height=32)
    number = 0
    for each in missing:
        number += 1
        colour = words.marks[each.mark]
        cells.append(
            [
                cells.cell(value, colour)
                for value in (
                    each.name, each.deadline, each.piece, each.part, each.owner, each.reason, each.motive, each.due,
                    each.days, _situation(each), each.territory,
                )
            ]
        )  # fmt: skip
    if not number:
        cells.append([cells.cell(typeset(f"Rien ne manque au {day} : tout est reçu."), words.marks["complet"])])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(TO_COMPLETE))}{max(number + 1, 2)}"
    return number


def _situation(each: Lacking) -> str:
    if each.mark == "recommandee":
        return "recommandée, non exigée"
    if each.days < 0:
        return f"en retard de {counted(-each.days, 'jour')}"
    return "à remettre aujourd’hui" if each.days == 0 else f"il reste {counted(each.days, 'jour')}"


def fill_table(sheet: Any, table: Table, words: SheetWords, lists: Lists, rows: Iterator[Sequence[Any]]) -> int:
    """One exchanged table, its rows given in words; the first of them make the widths. How many rows there are."""
    titles = [words.columns[column.name].title + (" *" if column.needed else "") for column in table.columns]
    _page(sheet, words.colour)
    first = list(islice(rows, SAMPLE))
    wide = [max(width, LEAST_WIDE) for width in widths(titles, first)]
    for place, (width, column) in enumerate(zip(wide, table.columns, strict=True), start=1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = width
        dimension.number_format = _form(column)
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    cells = Cells(sheet, wide)
    cells.append(
        [
            cells.head(title, _note(column, words.columns[column.name], words.about if not place else ""))
            for place, (title, column) in enumerate(zip(titles, table.columns, strict=True))
        ],
        height=30,
    )
    number = 0
    for row in chain(first, rows):
        number += 1
        cells.append([cells.cell(value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(titles))}{max(number + 1, 2)}"
    for choice in _choices(table, words, lists):
        sheet.data_validations.append(choice)
    return number


def fill_lists(sheet: Any, lists: Lists) -> None:
    """The hidden sheet that the lists to choose from are read in; the last two columns pair a piece with its parts."""
    columns = [lists.of({"piece": "pieces", "echeance": "prorogations", "perimetre": "contacts"}.get(name, ""), name)
               for name in LISTED]  # fmt: skip
    pairs = [(piece, part) for piece, parts in lists.parts.items() for part in parts]
    cells = Cells(sheet)
    for number in range(max(len(pairs), *(len(each) for each in columns), 1)):
        row = [each[number] if number < len(each) else None for each in columns]
        row += list(pairs[number]) if number < len(pairs) else []
        sheet.append([cells.cell(value) for value in row])


def hide(sheet: Any) -> Any:
    """The sheet, out of people's sight; a spreadsheet that saves the workbook keeps it."""
    sheet.sheet_state = "hidden"
    return sheet


def _choices(table: Table, words: SheetWords, lists: Lists) -> Iterable[DataValidation]:
    """The lists of a table's columns, and the kinds of its days, years and amounts. A cell may still say otherwise."""
    shown = workbook_words().shown
    for place, column in enumerate(table.columns, start=1):
        letter = get_column_letter(place)
        title = words.columns[column.name].title
        listed = lists.of(table.name, column.name)
        if column.words:
            quoted = ",".join(shown(word) for word in column.words)
            choice = DataValidation("list", formula1=f'"{quoted}"', allow_blank=True)
        elif table.name == "pieces" and column.name == "parties":
            source = f"'{LISTS}'!$G$1:$G${sum(map(len, lists.parts.values()))}"
            formula = f"OFFSET('{LISTS}'!$H$1,MATCH($B2,{source},0)-1,0,COUNTIF({source},$B2),1)"
            choice = DataValidation("list", formula1=formula, allow_blank=True)
        elif listed:
            source = get_column_letter(LISTED.index(column.name) + 1)
            formula = f"'{LISTS}'!${source}$1:${source}${len(listed)}"
            choice = DataValidation("list", formula1=formula, allow_blank=True)
        elif column.read is amount:
            choice = DataValidation("decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
        elif column.read is moment:
            choice = DataValidation("date", operator="between", formula1="32874", formula2="73415", allow_blank=True)
        else:
            continue
        choice.errorStyle, choice.showErrorMessage = "warning", True
        choice.errorTitle, choice.error = title[:32], f"{words.columns[column.name].hint}"[:225]
        choice.add(f"{letter}2:{letter}{LAST_ROW}")
        yield choice


def _form(column: Column) -> str:
    return next((form for read, form in FORMS.items() if column.read is read), TEXT)


def _note(column: Column, words: ColumnWords, about: str) -> str:
    lines = [about, "Obligatoire." if column.needed else "", words.hint]
    lines.append(f"Exemple : {words.example}" if words.example else "")
    return typeset("\n".join(line for line in lines if line))


def _page(sheet: Any, colour: str) -> None:
    sheet.sheet_properties.tabColor = colour
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.left.text = "Cités éducatives"
    sheet.oddFooter.center.text = "&A"
    sheet.oddFooter.right.text = "Page &P / &N"
