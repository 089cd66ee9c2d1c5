"""How does a command print rows: as a table, JSON, CSV, a workbook or a calendar?"""

import csv
import io
import json
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tabulate import tabulate

PLAN_COLUMNS = ("date", "at", "territory", "deadline", "due", "step", "role", "to", "owes", "missing")
BALANCE_COLUMNS = ("state", "local", "other", "gap", "local_share", "leverage", "findings")
GAP, PADDING = 2, 2  # characters between two columns; those that `tabulate` gives a head beside its letters
LONGEST_WORD = 20  # characters: a longer one may be cut for a table to fit
WIDEST, LINE_HEIGHT = 60, 15  # of a workbook's columns, in characters; of its rows, in points
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # some offices read the wide ones too


def print_json(value: Any) -> None:
    """One JSON document on standard output, readable."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, empty: str) -> None:
    """A plain table, or one sentence when there is nothing to show.

    On a terminal its long cells are folded so that it fits; elsewhere a row is a line, for `grep` and its kin.
    """
    if not rows:
        print(empty)
        return
    cells = [[str(_cell(row.get(name))) for name in columns] for row in rows]
    sides = [_side(column) for column in zip(*cells, strict=True)]
    most = None
    if sys.stdout.isatty():
        widths = [max(len(head) + PADDING, *map(len, column)) for head, *column in zip(columns, *cells, strict=True)]
        least = [
            max(len(head) + PADDING, *(min(len(word), LONGEST_WORD) for cell in column for word in cell.split()), 0)
            for head, *column in zip(columns, *cells, strict=True)
        ]
        most = fitted(widths, least, shutil.get_terminal_size().columns)
    print(tabulate(cells, headers=list(columns), disable_numparse=True, colalign=sides, maxcolwidths=most))


def fitted(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Column widths whose table has at most `room` characters: the widest give way first, as far as they may."""
    found = list(widths)
    while sum(found) + GAP * (len(found) - 1) > room:
        spare = [width - floor for width, floor in zip(found, least, strict=True)]
        if max(spare) <= 0:
            break
        widest = max((width, place) for place, width in enumerate(found) if spare[place] > 0)[1]
        found[widest] -= 1
    return found


def _side(column: Sequence[str]) -> str:
    # Figures stand to the right, as they are written: a département stays 06, an amount 11025000.00.
    return "right" if all(re.fullmatch(r"-?[0-9]+([.][0-9]+)?|", cell) for cell in column) else "left"


def print_plan(rows: Sequence[Mapping[str, Any]], style: str, title: str) -> None:
    """The plan's rows in one of the formats of `cites plan`."""
    if style == "json":
        print_json(rows)
    elif style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(PLAN_COLUMNS)
        writer.writerows([_harmless(_cell(row[name])) for name in PLAN_COLUMNS] for row in rows)
    elif style == "xlsx":
        sys.stdout.buffer.write(_workbook(rows))
    elif style == "ics":
        sys.stdout.buffer.write(_calendar(rows, title))
    else:
        print_table(rows, PLAN_COLUMNS[:-1], empty="Nothing would leave in this window.")


def print_balance(found: Mapping[str, Any]) -> None:
    """The balances level by level, in euros."""
    for level, key in (("territories", "territory"), ("departements", "departement"), ("regions", "region")):
        print_table([_in_euros(key, row) for row in found[level]], (key, *BALANCE_COLUMNS), empty=f"no {level}")
        print()
    print_table([_in_euros("nation", {"nation": found["campaign"], **found["nation"]})], ("nation", *BALANCE_COLUMNS),
                empty="")  # fmt: skip


def print_history(found: Mapping[str, Any]) -> None:
    """The entries of a territory's history, one a line, on the territory's clock."""
    rows = []
    for entry in found["entries"]:
        what = entry["words"]
        if entry["kind"] == "change":
            what = f"{entry['title']} : {what}"
        elif entry["kind"] == "notice":
            what = f"{what} · {entry['to']}"
        reason = entry.get("reason") or entry.get("author", "")
        rows.append({"at": entry["local"][:16], "kind": entry["kind"], "what": what, "reason": reason})
    print_table(rows, ("at", "kind", "what", "reason"), empty="Nothing is recorded of this territory yet.")


def in_euros(cents: int) -> str:
    """An amount in cents as plain euros: 15000.00."""
    return f"{cents / 100:.2f}"


def _in_euros(key: str, row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: in_euros(row[name]) for name in ("state", "local", "other", "gap")}
    shares = {name: "" if row[name] is None else f"{row[name]:.3f}" for name in ("local_share", "leverage")}
    findings = " ".join(dict.fromkeys(each["code"] for each in row["findings"]))
    return {key: row[key], **shown, **shares, "findings": findings}


def _workbook(rows: Sequence[Mapping[str, Any]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "plan"
    sheet.append(list(PLAN_COLUMNS))
    for row in rows:
        sheet.append([_cell(row[name]) for name in PLAN_COLUMNS])
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            if isinstance(cell.value, str):
                cell.data_type, cell.quotePrefix = "s", True  # text stays text, even when it begins like a formula
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        longest = max(len(str(cell.value)) for cell in line)
        sheet.row_dimensions[line[0].row].height = LINE_HEIGHT * (1 + longest // WIDEST)  # not every office does
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes, sheet.print_title_rows = "A2", "1:1"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(PLAN_COLUMNS))}{max(len(rows) + 1, 2)}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for number, name in enumerate(PLAN_COLUMNS, start=1):
        widest = max((len(str(_cell(row[name]))) for row in rows), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(WIDEST, max(len(name), widest) + 2)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _calendar(rows: Sequence[Mapping[str, Any]], title: str) -> bytes:
    """One event for each step of a deadline that leaves at one instant, whatever the number of its readers."""
    from notifications.calendar_file import Entry, calendar_file

    groups: dict[tuple[datetime, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[datetime.fromisoformat(row["at"]).astimezone(UTC), row["deadline"], str(row["step"])].append(row)
    entries = [
        Entry(
            uid=str(uuid5(NAMESPACE_URL, f"{title}/{deadline}/{step}/{at.isoformat()}")),
            start=at,
            end=at + timedelta(minutes=15),
            summary=f"{deadline} · {step} : {len(letters)} avis",
            description="\n".join(sorted({f"{row['to']} ({row['territory']})" for row in letters})),
            categories=("Relance à blanc",),
            modified=at,
        )
        for (at, deadline, step), letters in sorted(groups.items())
    ]
    first = min((at for at, _, _ in groups), default=datetime.min.replace(tzinfo=UTC))
    return calendar_file(entries, at=first, title=title)


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    return "" if value is None else value


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is given a leading apostrophe; numbers are left alone."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
