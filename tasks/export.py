"""How does a campaign leave as a workbook that people correct and send back?

One sheet for each exchanged table, filled; taken in again as it is, it changes nothing. Every text is written as a
text, never as a formula, whatever it begins with.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from openpyxl import Workbook
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
from tasks.export_of_a_life import yes
from tasks.intake import SHAPES
from tasks.workbook_cells import LAST_ROW, SAMPLE, Cells, widths

AT_ONCE = 400  # territories whose rows are in memory together

Values = dict[str, Any]
Row = list[Any]
Write = Callable[[Values, str, str], Row]  # values, territory's code, its zone -> the cells of a row


class ExportRefused(Exception):
    """The workbook cannot be written there; says why, and the cure."""


def export(campaign: str, to: Path, *, url: str | None = None) -> dict[str, int]:
    """Write the tables of a campaign to the workbook `to` (.xlsx); how many rows each has. Raises `NoSuchCampaign`."""
    if to.suffix.casefold() != ".xlsx":
        raise ExportRefused(f"{to.name} is not a workbook's name: end it with .xlsx")
    workbook = Workbook(write_only=True)
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        places = stored_places(session, row.id)
        counts = {
            name: _fill(workbook, table, exported_rows(session, row.id, programme.calendar, name, places))
            for name, table in TABLES.items()
        }
    save(workbook, to)
    return counts


def stored_places(session: Session, campaign_id: int) -> dict[str, str]:
    """The département of each territory of a campaign, by code, in order."""
    rows = stored_in_campaign(session, SHAPES["territoires"].model, ("code", "departement"), campaign_id)
    return {row[1]: row[2] for row in sorted(rows, key=lambda row: row[1])}


def exported_rows(
    session: Session, campaign_id: int, calendar: Calendar, name: str, places: Mapping[str, str]
) -> Iterator[Row]:
    """The rows of a table as they are exchanged, those of `places` only if it hangs on territories.

    By territory, in the order in which they came; `AT_ONCE` territories are in memory together.
    """
    for code, values in _stored(session, campaign_id, name, list(places)):
        yield WRITE[name](values, code, calendar.zone(places[code]) if code else "")


def _stored(session: Session, campaign_id: int, name: str, codes: list[str]) -> Iterator[tuple[str, Values]]:
    shape = SHAPES[name]
    columns = (*shape.identity, *shape.correctable)
    if shape.of_territory:
        for start in range(0, len(codes), AT_ONCE):
            some = codes[start : start + AT_ONCE]
            rows = stored_of_territories(session, shape.model, columns, campaign_id, some)
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
        yes(row["asks_extra_means"]), row["qpv"], row["qpv_population"], row["lead_college"],
    ]  # fmt: skip


def _contact(row: Values, code: str, zone: str) -> Row:
    return [row["role"].value, row["perimeter"], row["name"], row["email"], row["channel"]]


def _piece(row: Values, code: str, zone: str) -> Row:
    piece = f"{row['requirement']}@{row['occurrence']}" if row["occurrence"] else row["requirement"]
    return [code, piece, row["part"], row["status"].value, _moment(row["at"], zone), row["reason"], row["file"]]


def _funding(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["year"], row["funder"].value, row["purpose"].value, row["kind"].value, yes(row["mainstream"]),
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
        _euros(row["amount"]), yes(row["several_schools"]), yes(row["outside_partner"]),
    ]  # fmt: skip


WRITE: dict[str, Write] = {
    "territoires": _territory, "contacts": _contact, "pieces": _piece, "financements": _funding,
    "enveloppes": _envelope, "decisions": _decision, "prorogations": _extension, "desistements": _withdrawal,
    "conventions": _convention, "operations_fonds": _operation, **export_of_a_life.WRITE,
}  # fmt: skip


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _moment(at: datetime, zone: str) -> date | str:
    """A day when the instant is its beginning in the territory's zone, else the instant with its offset."""
    here = local(at, zone)
    return here.date() if here.time() == time() else here.isoformat()


def _fill(workbook: Workbook, table: Table, rows: Iterator[Row]) -> int:
    sheet = workbook.create_sheet(table.name)
    headers = [column.name for column in table.columns]
    first = list(islice(rows, SAMPLE))
    for place, width in enumerate(widths(headers, first), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    for place, column in enumerate(table.columns, start=1):
        if column.words:  # a list to choose from; a word typed by hand is still read by the intake
            letter = get_column_letter(place)
            choice = DataValidation(
                "list", formula1=f'"{",".join(column.words)}"', allow_blank=True, showErrorMessage=False
            )
            choice.add(f"{letter}2:{letter}{LAST_ROW}")
            sheet.data_validations.append(choice)
    cells = Cells(sheet)
    sheet.append([cells.head(header) for header in headers])
    count = 0
    for row in chain(first, rows):
        sheet.append([cells.cell(value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{max(count + 1, 2)}"
    return count


def save(workbook: Workbook, to: Path) -> None:
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
