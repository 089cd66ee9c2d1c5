"""Do a fund's accounts chain, is its report ready to sign, and are conventions watched?"""

import csv
import json
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.example_campaigns import EXAMPLE
from models.rules.fund_account import AccountRefused, Operation, accounts
from models.words import Direction
from tasks.campaigns import open_campaign_file
from tests.builders import a_programme
from tests.test_cli import cites, refused

AT = datetime(2022, 3, 1, 9, 0, tzinfo=UTC)
FUNDING = a_programme().funding


def an_operation(
    year: int, amount: int, direction: Direction, *, axis: str = "", funder: str = "", label: str = "x"
) -> Operation:
    return Operation(
        year=year, day=date(year, 6, 1), direction=direction, funder=funder, axis=axis, label=label, amount=amount,
        several_schools=False, outside_partner=False,
    )  # fmt: skip


@settings(max_examples=60, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(2021, 2025), st.integers(0, 3_000_000), st.sampled_from(list(Direction))), max_size=25
    )
)
def test_each_year_opens_on_the_last_one_s_closing(rows: list[tuple[int, int, Direction]]) -> None:
    kept = accounts(FUNDING, [an_operation(*row) for row in rows], of="douai")
    for before, after in pairwise(kept):
        assert (after.year, after.opening) == (before.year + 1, before.closing)
    whole = sum(amount if direction is Direction.RECEIPT else -amount for _, amount, direction in rows)
    assert (kept[-1].closing if kept else 0) == whole


def test_an_account_that_does_not_chain_is_refused_with_the_difference() -> None:
    operations = [
        an_operation(2021, 3_000_000, Direction.RECEIPT, funder="ville"),
        an_operation(2021, 1_000_000, Direction.EXPENSE, axis="1.1"),
        an_operation(2022, 2_500_000, Direction.RECEIPT, label="Report à nouveau"),
    ]
    with pytest.raises(
        AccountRefused, match=r"2021 closes on 20.000.€ and 2022 declares an opening of 25.000.€.*5.000.€"
    ):
        accounts(FUNDING, operations, of="douai")


@pytest.fixture
def example() -> str:
    open_campaign_file(EXAMPLE / "campaign-2021.yaml", at=AT, author="essai")
    return "2021"


def test_the_fund_is_told_year_by_year(example: str) -> None:
    found = json.loads(cites("fund", "douai-waziers", "--campaign", example, "--format", "json").stdout)
    years = [
        (each["year"], each["opening"], each["received"], each["spent"], each["closing"]) for each in found["accounts"]
    ]
    for _, opening, received, spent, closing in years:
        assert opening + received - spent == closing
    assert [opening for _, opening, *_ in years[1:]] == [closing for *_, closing in years[:-1]]
    assert years[0][0] == 2021
    shown = cites("fund", "douai-waziers", "--campaign", example).stdout
    assert f"{years[0][4] / 100:.2f}" in shown


# E132, E133, E260
def test_the_report_comes_as_a_document_to_sign_and_as_a_table(example: str, tmp_path: Path) -> None:
    done = cites(
        "fund-report", "douai-waziers", "--campaign", example, "--year", "2021", "--out", str(tmp_path / "out")
    )
    assert done.exit_code == 0, done.output
    files = {Path(line).suffix: Path(line) for line in done.stdout.split()}
    assert set(files) == {".docx", ".pdf", ".csv"}
    words = "\n".join(paragraph.text for paragraph in Document(BytesIO(files[".docx"].read_bytes())).paragraphs)
    assert "Bilan annuel du fonds" in words
    assert "6. Signature" in words
    assert files[".pdf"].read_bytes().startswith(b"%PDF-")
    rows = list(csv.reader(files[".csv"].read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) > 3


def test_a_year_or_a_territory_without_a_fund_is_told(example: str, tmp_path: Path) -> None:
    assert "2031" in refused(cites("fund", "douai-waziers", "--campaign", example, "--year", "2031"))
    assert "lille" in refused(cites("fund", "lille", "--campaign", example))


def test_a_convention_that_outlives_its_city_contract_is_reported(example: str) -> None:  # E021
    at = "2022-06-01T09:00:00+02:00"
    found = json.loads(cites("conventions", "--campaign", example, "--at", at, "--format", "json").stdout)
    assert found["counts"]["outlives_city_contract"] >= 30
    assert cites("conventions", "--campaign", example, "--at", at).exit_code == 0


def test_three_years_stand_side_by_side(example: str) -> None:
    found = json.loads(cites("cofinancing", "--campaign", example, "--format", "json").stdout)
    assert found["years"] == [2021, 2022, 2023]
    balance = json.loads(cites("balance", "--campaign", example, "--year", "2022", "--format", "json").stdout)
    planned = found["nation"]["years"]["2022"]["planned"]
    assert (planned["state"], planned["local"]) == (balance["nation"]["state"], balance["nation"]["local"])
    assert cites("cofinancing", "--campaign", example).exit_code == 0
