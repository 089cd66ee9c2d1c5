"""Do a convention's years of money stand side by side, with what is left of each envelope?"""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from notifications.cofinancing_page import drawing, envelope_rows, finding_rows, page, sentences
from tasks.balance import balance
from tasks.cofinancing import LEVELS, cofinancing
from tasks.conventions import conventions
from tasks.intake import take_in
from tasks.money_artifacts import cofinancing_report
from tasks.settings import settings
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites

LINES = """territoire;annee;financeur;objet;nature;droit_commun;prevu;notifie;verse
douai;2021;ville;programme;numeraire;non;350000;300000;300000
douai;2021;ville;fonds;numeraire;non;15000;15000;15000
douai;2021;education;fonds;numeraire;non;15000;15000;12000
douai;2021;commune;programme;numeraire;non;200000;200000;150000
lens;2021;ville;programme;numeraire;non;100000;100000;100000
lens;2021;ville;fonds;numeraire;non;15000;15000;15000
lens;2021;education;fonds;numeraire;non;15000;15000;15000
douai;2022;ville;programme;numeraire;non;120000,50;0;0
douai;2022;region;programme;numeraire;non;200000;0;0
"""
ENVELOPES = """departement;annee;montant
59;2021;320000
59;2022;500000
"""


@pytest.fixture
def campaign(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    money = tmp_path / "money"
    money.mkdir()
    (money / "financements.csv").write_text(LINES, encoding="utf-8")
    (money / "enveloppes.csv").write_text(ENVELOPES, encoding="utf-8")
    assert take_in([money], campaign=code, at=J_7, author="essai").faults == ()
    return code


def test_each_year_and_stage_is_the_balance_of_that_year_at_that_stage(campaign: str) -> None:
    found = cofinancing(campaign)
    assert found["years"] == [2021, 2022, 2023]
    for year in found["years"]:
        for stage in ("planned", "notified", "paid"):
            asked = balance(campaign, year, stage)
            for level, key in LEVELS.items():
                for row in asked[level]:
                    [own] = [each for each in found[level] if each[key] == row[key]]
                    side = own["years"][str(year)][stage]
                    assert {name: row[name] for name in row if name in side} == {
                        name: side[name] for name in side if name in row
                    }
            assert found["nation"]["years"][str(year)][stage]["state"] == asked["nation"]["state"]


def test_all_years_together_are_their_sum_at_every_level(campaign: str) -> None:
    found = cofinancing(campaign)
    for each in (*found["territories"], *found["departements"], *found["regions"], found["nation"]):
        for stage in ("planned", "notified", "paid"):
            for name in ("state", "local", "other", "gap", "in_kind", "common_law"):
                years = [each["years"][str(year)][stage][name] for year in found["years"]]
                assert each["years"]["all"][stage][name] == sum(years)
            assert each["years"]["all"][stage]["findings"] == []


def test_what_is_left_of_an_envelope_is_told_at_each_stage(campaign: str) -> None:
    told = [tuple(cell.replace("\u202f", " ").replace("\u00a0", " ") for cell in row)
            for row in envelope_rows(cofinancing(campaign))]  # fmt: skip
    assert told == [
        ("Nord", "2021", "320 000,00 €", "−30 000,00 €", "20 000,00 €", "20 000,00 €"),
        ("Nord", "2022", "500 000,00 €", "379 999,50 €", "500 000,00 €", "500 000,00 €"),
        ("Nord", "Ensemble", "820 000,00 €", "349 999,50 €", "520 000,00 €", "520 000,00 €"),
    ]


def test_the_same_finding_at_several_stages_is_one_row(campaign: str) -> None:
    rows = finding_rows(cofinancing(campaign))
    spaced = [tuple(cell.replace("\u202f", " ").replace("\u00a0", " ") for cell in row) for row in rows]
    assert ("Nord", "2021", "prévu", "Enveloppe dépassée de 30 000 €") in spaced
    name = "Douai | <img src=x>"
    assert [row[2:] for row in spaced if row[:2] == (name, "2021")] == [
        ("versé", "Fonds : part éducation nationale de 12 000 € au lieu de 15 000 €"),
        ("versé", "Fonds : parts inégales, ville 15 000 €, éducation nationale 12 000 €"),
    ]
    assert ("Lens", "2022", "prévu, notifié et versé", "Fonds : part ville de 0 € au lieu de 15 000 €") in spaced


def test_the_page_says_the_gap_in_words_and_shows_nothing_typed_as_html(campaign: str) -> None:
    found = cofinancing(campaign)
    assert [each.replace("\u202f", " ").replace("\u00a0", " ") for each in sentences(found)] == [
        "En 2021, au stade prévu, l’État apporte 280 000 € de plus que les collectivités ; au stade versé, l’État "
        "apporte 277 000 € de plus que les collectivités.",
        "En 2022, au stade prévu, les collectivités apportent 79 999,50 € de plus que l’État ; au stade versé, ni "
        "l’État ni les collectivités n’apportent rien.",
        "En 2023, au stade prévu, ni l’État ni les collectivités n’apportent rien ; au stade versé, ni l’État ni les "
        "collectivités n’apportent rien.",
        "Sur l’ensemble (2021-2023), au stade prévu, l’État apporte 200 000,50 € de plus que les collectivités ; au "
        "stade versé, l’État apporte 277 000 € de plus que les collectivités.",
    ]
    read = page(found)
    assert "Douai | &lt;img src=x&gt;" in read
    assert "<img" not in read
    assert "<script" not in read
    assert read.count("<caption>") == read.count("<table>") == 6
    assert cites("cofinancing", "--campaign", campaign, "--format", "html").stdout == read + "\n"


def test_the_drawing_is_sound_and_is_said_in_words_too(campaign: str) -> None:
    svg, words = drawing(cofinancing(campaign))
    root = ElementTree.fromstring(svg)  # noqa: S314 - ours
    space = "{http://www.w3.org/2000/svg}"
    bars = [float(each.get("height", "0")) for each in root.iter(f"{space}rect")][3:]  # after the ground and two keys
    assert len(bars) == 2 * 9
    assert bars[0] / bars[1] == pytest.approx(480_000 / 200_000, rel=0.01)
    assert root.get("aria-label") == words
    assert "2021, prévu\u00a0: État 480\u00a0k€ et Collectivités 200\u00a0k€" in words


def test_the_report_beside_a_run_holds_words_drawing_and_tables(campaign: str) -> None:
    found: dict[str, Any] = cofinancing(campaign)
    report = cofinancing_report(found, conventions(campaign, J_7))
    carried = report.partition("(data:image/svg+xml;base64,")[2].partition(")")[0]
    assert b64decode(carried).startswith(b"<svg ")
    assert "## Enveloppes déléguées aux départements" in report
    assert "Enveloppe dépassée" in report
    assert "<img" not in report


def test_the_command_gives_the_same_as_a_table_and_as_json(campaign: str) -> None:
    assert json.loads(cites("cofinancing", "--campaign", campaign, "--format", "json").stdout) == cofinancing(campaign)
    shown = cites("cofinancing", "--campaign", campaign).stdout
    assert "2021" in shown
    assert "280000.00" in shown
