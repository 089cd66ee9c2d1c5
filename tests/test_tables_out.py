"""Does a table on the terminal show what it was given?"""

import csv
import io
import os

import pytest

from deployments.tables_out import PLAN_COLUMNS, fitted, print_plan, print_table


def test_a_code_keeps_its_zero_and_an_amount_its_cents(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"departement": "06", "name": "Alpes-Maritimes", "state": "11025000.00", "share": None},
        {"departement": "59", "name": "Nord", "state": "5000.50", "share": "0.500"},
    ]
    print_table(rows, ("departement", "name", "state", "share"), empty="nothing")
    assert capsys.readouterr().out == (
        "  departement  name                   state    share\n"
        "-------------  ---------------  -----------  -------\n"
        "           06  Alpes-Maritimes  11025000.00\n"
        "           59  Nord                 5000.50    0.500\n"
    )


def test_a_table_without_rows_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([], ("territory",), empty="Nothing would leave in this window.")
    assert capsys.readouterr().out == "Nothing would leave in this window.\n"


def test_no_text_of_a_plan_in_csv_begins_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    typed = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\n=1", "＝1", "douai", "a=1")
    print_plan([{**dict.fromkeys(PLAN_COLUMNS, ""), "territory": each, "step": -7} for each in typed], "csv", title="")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    assert [row["territory"] for row in rows] == [*(f"'{each}" for each in typed[:7]), "douai", "a=1"]
    assert {row["step"] for row in rows} == {"-7"}


@pytest.mark.parametrize(
    ("room", "widths"),
    [
        (200, [12, 60, 25]),  # it fits as it is
        (80, [12, 39, 25]),
        (50, [12, 17, 17]),
        (20, [12, 10, 12]),  # none below its least, whatever the room
    ],
)
def test_a_table_fits_its_terminal_and_the_widest_columns_give_way_first(room: int, widths: list[int]) -> None:
    assert fitted([12, 60, 25], [12, 10, 12], room) == widths


def test_a_table_is_folded_on_a_terminal_and_a_line_a_row_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"code": "lens", "what": " ".join(["mot"] * 40)}]
    print_table(rows, ("code", "what"), empty="")
    assert len(capsys.readouterr().out.splitlines()) == 3
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 24)))
    print_table(rows, ("code", "what"), empty="")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(lines[2:]).split() == ["lens", *["mot"] * 40]
