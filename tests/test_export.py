"""Does a campaign leave as a workbook that comes back without a change, and that runs nothing?"""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from models.rules.exchanged_tables import TABLES
from tasks import database
from tasks.export import ExportRefused, export
from tasks.intake import take_in
from tests.test_intake import ALL_TABLES, AT, TERRITORIES, importer, opened


def test_an_export_taken_in_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    bring = importer(database_url, tmp_path)
    added = bring(**ALL_TABLES).added
    to = tmp_path / "sortie" / "campagne.xlsx"
    assert export("2021", to, url=database_url) == added
    again = take_in([to], campaign="2021", at=AT, author="Mme Roy", url=database_url)
    assert (again.faults, again.unchanged) == ((), added)
    assert [path.name for path in to.parent.iterdir()] == ["campagne.xlsx"]


def test_an_export_taken_into_an_empty_campaign_gives_the_same_export(sqlite_url: str, tmp_path: Path) -> None:
    importer(sqlite_url, tmp_path)(**ALL_TABLES)
    export("2021", tmp_path / "un.xlsx", url=sqlite_url)
    other = f"sqlite:///{tmp_path / 'autre.db'}"
    database.prepare(other)
    opened(other)
    take_in([tmp_path / "un.xlsx"], campaign="2021", at=AT, author="Mme Roy", url=other)
    export("2021", tmp_path / "deux.xlsx", url=other)
    database.engine(other).dispose()
    assert _cells(tmp_path / "un.xlsx") == _cells(tmp_path / "deux.xlsx")


def test_a_workbook_has_one_filled_sheet_for_each_table(sqlite_url: str, tmp_path: Path) -> None:
    importer(sqlite_url, tmp_path)(**ALL_TABLES)
    export("2021", tmp_path / "campagne.xlsx", url=sqlite_url)
    cells = _cells(tmp_path / "campagne.xlsx")
    assert {name: lines[0] for name, lines in cells.items()} == {
        name: [column.name for column in table.columns] for name, table in TABLES.items()
    }
    assert cells["pieces"][1:] == [
        ["cayenne", "strategie", "objectif-1", "refusee", "2021-02-12T09:30:00-03:00", "Illisible", None],
        *(["douai", "diagnostic", part, "recue", date(2021, 2, 12), None, "diagnostic.pdf"]
          for part in ("scolaire", "social", "urbain", "insertion")),
    ]  # fmt: skip
    assert cells["financements"][1] == ["douai", 2021, "ville", "programme", "numeraire", "non", 350000, 0, 0]
    assert cells["operations_fonds"][2] == [
        "douai", 2021, date(2021, 9, 27), "depense", None, "2.10", "Tutorat", 6400.5, "oui", "non",
    ]  # fmt: skip
    sheet = load_workbook(tmp_path / "campagne.xlsx")["pieces"]
    assert (sheet.freeze_panes, sheet["A1"].font.bold, sheet.column_dimensions["F"].width) == ("A2", True, 11)


def test_no_text_becomes_a_formula_and_it_comes_back_as_it_was(sqlite_url: str, tmp_path: Path) -> None:
    hostile = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://x.test")', "_x000D_", "'=1", "<b>&"]
    lines = [f'c{number};"{name.replace(chr(34), chr(34) * 2)}";59' for number, name in enumerate(hostile)]
    assert importer(sqlite_url, tmp_path)(territoires="\n".join(["code;nom;departement", *lines])).faults == ()
    to = tmp_path / "campagne.xlsx"
    export("2021", to, url=sqlite_url)
    cells = [row[1] for row in load_workbook(to)["territoires"].iter_rows(min_row=2)]
    shown = [cell.value.replace("_x005F_", "_") for cell in cells]  # as a spreadsheet shows it
    assert [(name, cell.data_type, cell.quotePrefix) for name, cell in zip(shown, cells, strict=True)] == [
        (name, "s", True) for name in hostile
    ]
    again = take_in([to], campaign="2021", at=AT, author="Mme Roy", url=sqlite_url)
    assert (again.faults, again.unchanged) == ((), {"territoires": len(hostile)})


def test_a_contact_that_was_replaced_stays_out_of_the_list(sqlite_url: str, tmp_path: Path) -> None:
    bring = importer(sqlite_url, tmp_path)
    bring(territoires=TERRITORIES, contacts="role;perimetre;courriel\nprefet;departement:59;ancien@nord.test\n")
    bring(contacts="role;perimetre;courriel\nprefet;departement:59;nouveau@nord.test\n")
    export("2021", tmp_path / "campagne.xlsx", url=sqlite_url)
    assert _cells(tmp_path / "campagne.xlsx")["contacts"][1:] == [
        ["prefet", "departement:59", None, "nouveau@nord.test", None]
    ]


def test_only_a_workbook_is_written(sqlite_url: str, tmp_path: Path) -> None:
    opened(sqlite_url)
    with pytest.raises(ExportRefused, match=r"campagne\.csv is not a workbook's name: end it with \.xlsx"):
        export("2021", tmp_path / "campagne.csv", url=sqlite_url)


def _cells(path: Path) -> dict[str, list[list[object]]]:
    """The values of each sheet; a spreadsheet's midnight is a day."""
    book = load_workbook(path)
    return {
        sheet.title: [[value.date() if hasattr(value, "date") else value for value in row] for row in sheet.values]
        for sheet in book.worksheets
    }
