"""How does a campaign leave as a workbook that people correct and send back?

One sheet for each exchanged table, filled; taken in again as it is, it changes nothing. Every text is written as a
text, never as a formula, whatever it begins with.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from sqlmodel import Session

from models.intake_queries import stored_in_campaign, stored_of_territories
from models.queries import campaign_by_code
from models.rules.calendar import Calendar, local
from models.rules.exchange import Table
from models.rules.exchanged_tables import TABLES
from tasks import export_of_a_life
from tasks.database import reading
from tasks.intake import SHAPES

MOST_WIDE = 60  # characters; longer texts are wrapped
LEAST_WIDE = 10
LAST_ROW = 1_048_576  # of an .xlsx sheet
HEAD = PatternFill("solid", fgColor="DDE5F2")
DAY, EUROS, TEXT, WHOLE = "dd/mm/yyyy", "#,##0.00", "@", "0"

Values = dict[str, Any]
Row = list[Any]
Write = Callable[[Values, str, str], Row]  # values, territory's code, its zone -> the cells of a row


class ExportRefused(Exception):
    """The workbook cannot be written there; says why, and the cure."""


def export(campaign: str, to: Path, *, url: str | None = None) -> dict[str, int]:
    """Write the tables of a campaign to the workbook `to` (.xlsx); how many rows each has. Raises `NoSuchCampaign`."""
    if to.suffix.casefold() != ".xlsx":
        raise ExportRefused(f"{to.name} is not a workbook's name: end it with .xlsx")
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        tables = {name: _rows(session, row.id, programme.calendar, name) for name in TABLES}
    workbook = Workbook(write_only=True)
    for name, rows in tables.items():
        _fill(workbook, TABLES[name], rows)
    _save(workbook, to)
    return {name: len(rows) for name, rows in tables.items()}


def _rows(session: Session, campaign_id: int, calendar: Calendar, name: str) -> list[Row]:
    zones = {
        row[1]: calendar.zone(row[2])
        for row in stored_in_campaign(session, SHAPES["territoires"].model, ("code", "departement"), campaign_id)
    }
    return [WRITE[name](values, code, zones.get(code, "")) for code, values in _stored(session, campaign_id, name)]


def _stored(session: Session, campaign_id: int, name: str) -> Iterator[tuple[str, Values]]:
    """The rows of a table by territory, in the order in which they came."""
    shape = SHAPES[name]
    columns = (*shape.identity, *shape.correctable)
    if shape.of_territory:
        rows = stored_of_territories(session, shape.model, columns, campaign_id, None)
        for row in sorted(rows, key=lambda row: row[1]):  # stable: ids stay in order
            yield row[1], dict(zip(columns, row[2:], strict=True))
        return
    for row in stored_in_campaign(session, shape.model, columns, campaign_id):
        values = dict(zip(columns, row[1:], strict=True))
        if values.get("active", True):  # a contact that was replaced is not part of the list
            yield "", values


def _territory(row: Values, code: str, zone: str) -> Row:
    return [
        row["code"], row["name"], row["communes"], row["departement"], row["region"], row["lead_authority"].value,
        _yes(row["asks_extra_means"]), row["qpv"], row["qpv_population"], row["lead_college"],
    ]  # fmt: skip


def _contact(row: Values, code: str, zone: str) -> Row:
    return [row["role"].value, row["perimeter"], row["name"], row["email"], row["channel"]]


def _piece(row: Values, code: str, zone: str) -> Row:
    piece = f"{row['requirement']}@{row['occurrence']}" if row["occurrence"] else row["requirement"]
    return [code, piece, row["part"], row["status"].value, _moment(row["at"], zone), row["reason"], row["file"]]


def _funding(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["year"], row["funder"].value, row["purpose"].value, row["kind"].value, _yes(row["mainstream"]),
        *(_euros(row[stage]) for stage in ("planned", "notified", "paid")),
    ]  # fmt: skip


def _envelope(row: Values, code: str, zone: str) -> Row:
    return [row["departement"], row["year"], _euros(row["amount"])]


def _decision(row: Values, code: str, zone: str) -> Row:
    return [code, row["verdict"].value, row["day"], row["authority"], row["grounds"]]


def _extension(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["deadline"], row["new_due"], row["granted_on"], row["authority"], row["grounds"], row["reference"],
    ]  # fmt: skip


def _withdrawal(row: Values, code: str, zone: str) -> Row:
    return [code, row["day"], row["grounds"]]


def _convention(row: Values, code: str, zone: str) -> Row:
    return [code, row["first_day"], row["last_day"], row["signed_on"], row["city_contract_end"]]


def _operation(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["year"], row["day"], row["direction"].value, row["funder"], row["axis"], row["label"],
        _euros(row["amount"]), _yes(row["several_schools"]), _yes(row["outside_partner"]),
    ]  # fmt: skip


WRITE: dict[str, Write] = {
    "territoires": _territory, "contacts": _contact, "pieces": _piece, "financements": _funding,
    "enveloppes": _envelope, "decisions": _decision, "prorogations": _extension, "desistements": _withdrawal,
    "conventions": _convention, "operations_fonds": _operation, **export_of_a_life.WRITE,
}  # fmt: skip


def _yes(value: bool) -> str:
    return "oui" if value else "non"


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _moment(at: datetime, zone: str) -> date | str:
    """A day when the instant is its beginning in the territory's zone, else the instant with its offset."""
    here = local(at, zone)
    return here.date() if here.time() == time() else here.isoformat()


def _fill(workbook: Workbook, table: Table, rows: list[Row]) -> None:
    sheet = workbook.create_sheet(table.name)
    headers = [column.name for column in table.columns]
    for place, width in enumerate(_widths(headers, rows), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{max(len(rows) + 1, 2)}"
    for place, column in enumerate(table.columns, start=1):
        if column.words:  # a list to choose from; a word typed by hand is still read by the intake
            letter = get_column_letter(place)
            choice = DataValidation(
                "list", formula1=f'"{",".join(column.words)}"', allow_blank=True, showErrorMessage=False
            )
            choice.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.data_validations.append(choice)
    sheet.append([_head(sheet, header) for header in headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _head(sheet: Any, header: str) -> Cell:
    cell = WriteOnlyCell(sheet, header)
    cell.font, cell.fill = Font(bold=True), HEAD
    return cell


def _cell(sheet: Any, value: Any) -> Cell | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell = WriteOnlyCell(sheet)
        cell._value, cell.data_type = text, "s"  # set as it is: the ordinary way makes a formula of «=…»
        cell.number_format, cell.quotePrefix = TEXT, True  # and a spreadsheet that edits it keeps it a text
        if "\n" in text or len(text) > MOST_WIDE:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = DAY if isinstance(value, date) else EUROS if isinstance(value, Decimal) else WHOLE
    return cell


def _widths(headers: list[str], rows: Iterable[Row]) -> list[int]:
    widths = [max(len(header) + 4, LEAST_WIDE) for header in headers]
    for row in rows:
        for place, value in enumerate(row):
            length = len(f"{value:,.2f}") if isinstance(value, Decimal) else len(str(value)) if value is not None else 0
            widths[place] = max(widths[place], length + 2)
    return [min(width, MOST_WIDE) for width in widths]


def _save(workbook: Workbook, to: Path) -> None:
    """Whole or not at all: a reader never sees half a workbook."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(dir=to.parent, prefix=".", suffix=".xlsx")
        os.close(handle)
    except OSError as error:
        raise ExportRefused(f"{to} cannot be written ({error.strerror}): choose another folder") from None
    draft = Path(name)
    try:
        workbook.save(draft)
        draft.chmod(0o640)  # people's addresses: not for everybody
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)
