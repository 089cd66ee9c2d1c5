"""Does the report of a year say what the other commands say, in documents that open?"""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlmodel import select

from models.tables import Campaign, Contact, Message, Notice, Obligation, Run, Unreachable
from models.words import MessageStatus, NoticeStatus, Role
from notifications.annual_report import RECOMMENDATIONS, report_paper
from notifications.documents import Box, Grid, Heading
from notifications.drawings import Bar, stacked
from tasks.action_plan import action_plans
from tasks.annual_report import OUTCOMES, annual_report, write_annual_report
from tasks.balance import balance
from tasks.conventions import conventions
from tasks.database import transaction
from tasks.fund import NoSuchYear, fund
from tasks.indicators import indicators
from tasks.report_artifacts import annual_markdown
from tasks.status import status
from tests.prefect_builders import OPENED, a_small_campaign, at
from tests.test_cli import cites

MADE = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
LAST_DAY = datetime(2021, 12, 31, 11, 0, tzinfo=UTC)  # noon in Paris
PARIS_MIDNIGHT = datetime(2023, 12, 31, 22, 59, tzinfo=UTC)


@pytest.fixture(scope="module")
def found(example_url: str) -> dict[str, Any]:
    return annual_report("2021", 2021, MADE, example_url)


# The figures


def test_states_and_deadlines_are_those_of_the_status_on_the_last_day(found: dict[str, Any], example_url: str) -> None:
    seen = status("2021", LAST_DAY, url=example_url)["territories"]
    assert found["as_of"] == "2021-12-31T11:00:00+00:00"
    assert {each["state"]: each["territories"] for each in found["territories"]["states"]} == Counter(
        each["state"] for each in seen
    )
    assert sum(each["territories"] for each in found["territories"]["regions"]) == 46
    obligations = [each for territory in seen for each in territory["obligations"] if each["due"].startswith("2021-")]
    due, met = (Counter(each["deadline"] for each in obligations if each["satisfied"] or not only) for only in (0, 1))
    assert {each["deadline"]: sum(each[name] for name in OUTCOMES) for each in found["deadlines"]} == due
    assert {each["deadline"]: each["on_time"] + each["late"] for each in found["deadlines"]} == met


def test_on_time_late_and_open_are_what_the_example_tells(found: dict[str, Any]) -> None:
    [candidature] = [each for each in found["deadlines"] if each["deadline"] == "candidature"]
    assert {name: candidature[name] for name in OUTCOMES} == {
        "on_time": 35, "late": 4, "open": 5, "closed": 2, "not_armed": 0,
    }  # fmt: skip


def test_a_year_ends_on_its_last_evening_by_the_clock_of_each_territory(example_url: str) -> None:
    """At 23:59 in Paris it is already 2024 in Mayotte, where a convention is over that was not on the last evening."""
    seen = {each["territory"]: each["state"] for each in status("2021", PARIS_MIDNIGHT, url=example_url)["territories"]}
    assert (seen["bandraboua"], seen["saint-benoit"], seen["metz"]) == ("ended", "ended", "closing")
    states = annual_report("2021", 2023, MADE, example_url)["territories"]
    assert [each["state"] for each in states["states"] if each["state"] == "ended"] == []
    [mayotte] = [each for each in states["regions"] if each["name"] == "Mayotte"]
    assert mayotte["states"] == {"closing": 1}


def test_acts_are_those_of_the_year(found: dict[str, Any], example_url: str) -> None:
    assert found["acts"]["decisions"] == {"labellise": 37, "refuse": 2, "ajourne": 2}
    assert found["acts"]["withdrawals"] == 1
    assert found["acts"]["extensions"]["candidature"] == 2
    after = annual_report("2021", 2022, MADE, example_url)["acts"]
    assert (after["decisions"]["labellise"], after["withdrawals"]) == (0, 0)


@pytest.mark.parametrize("stage", ["planned", "notified", "paid"])
def test_the_money_is_the_balance_s(found: dict[str, Any], example_url: str, stage: str) -> None:
    money = balance("2021", 2021, stage, url=example_url)
    nation = found["cofinancing"]["nation"][stage]
    assert nation == {name: money["nation"][name] for name in nation}
    assert [(each["region"], each[stage]["state"], each[stage]["gap"]) for each in found["cofinancing"]["regions"]] == [
        (each["region"], each["state"], each["gap"]) for each in money["regions"]
    ]


def test_the_funds_are_the_sum_of_their_accounts(found: dict[str, Any], example_url: str) -> None:
    accounts = []
    for each in status("2021", MADE, url=example_url)["territories"]:
        try:
            accounts += fund("2021", each["territory"], 2021, url=example_url)["accounts"]
        except NoSuchYear:
            continue
    told = found["fund"]
    assert len(accounts) == told["accounts"] == 5
    for name in ("opening", "received", "spent", "closing", "meets_both"):
        assert told[name] == sum(each[name] for each in accounts)
    assert told["share_meeting_both"] == round(told["meets_both"] / told["spent"], 3)


def test_indicators_and_things_to_look_at_are_those_of_their_commands(found: dict[str, Any], example_url: str) -> None:
    measured = indicators("2021", MADE, year=2021, url=example_url)
    every = [each for territory in measured["territories"] for each in territory["indicators"]]
    assert found["indicators"]["whole"] == {
        "code": "all", "title": "Tous les indicateurs", "declared": len(every),
        "measured": sum("2021" in each["measures"] for each in every),
        "comparable": sum(each["progress"] is not None for each in every),
        "reached": sum(bool(each["reached"]) for each in every),
    }  # fmt: skip
    assert sum(each["declared"] for each in found["indicators"]["kinds"]) == len(every)
    assert found["findings"] == {
        "conventions": conventions("2021", LAST_DAY, example_url)["counts"],
        "action_plan": action_plans("2021", LAST_DAY, url=example_url)["counts"],
        "indicators": measured["counts"],
    }
    reached = annual_report("2021", 2023, MADE, example_url)["indicators"]["whole"]["reached"]
    assert reached > found["indicators"]["whole"]["reached"]


def test_letters_are_counted_by_what_became_of_them_and_never_name_anybody(tmp_path: Path, sqlite_url: str) -> None:
    code = a_small_campaign(tmp_path, sqlite_url)
    with transaction(sqlite_url) as session:
        campaign = session.exec(select(Campaign)).one()
        contacts = session.exec(select(Contact).order_by(Contact.id)).all()
        obligation = session.exec(select(Obligation).where(Obligation.deadline == "candidature")).first()
        assert obligation is not None
        run = Run(campaign_id=campaign.id, deadline="candidature", at=OPENED, started_at=OPENED)
        session.add(run)
        session.flush()
        letter: dict[str, Any] = {"campaign_id": campaign.id, "run_id": run.id, "zone": "Europe/Paris", "facts": {}}
        for number, (word, day) in enumerate(((MessageStatus.SENT, "2021-02-19"), (MessageStatus.SENT, "2022-01-01"))):
            session.add(Message(key=f"k{number}", message_id=f"<{number}@x.test>", address="a@b.test", status=word,
                                decided_at=at(day, "00:30"), **letter))  # fmt: skip
        given = (
            ("-60", NoticeStatus.SENT, "", "2021-12-31"),
            ("-30", NoticeStatus.CANCELLED, "une étape plus récente la remplace", "2021-02-19"),
            ("-15", NoticeStatus.DEAD, "550 a@b.test inconnu", "2021-02-19"),
            ("-7", NoticeStatus.SENT, "", "2022-01-01"),
        )
        for step, word, reason, day in given:
            session.add(Notice(obligation_id=obligation.id, contact_id=contacts[0].id, due=OPENED.date(), step=step,
                               status=word, reason=reason, run_id=run.id, decided_at=at(day, "00:30")))  # fmt: skip
        session.add(Unreachable(obligation_id=obligation.id, due=OPENED.date(), step="-7", role=Role.DASEN, owes=True,
                                run_id=run.id, decided_at=at("2021-02-19", "09:00")))  # fmt: skip
    told = annual_report(code, 2021, MADE, sqlite_url)["letters"]
    assert told == {
        "letters": {"sent": 1},
        "notices": {"cancelled": 1, "dead": 1, "sent": 1},
        "not_sent": [
            {"status": "cancelled", "reason": "une étape plus récente la remplace", "notices": 1},
            {"status": "dead", "reason": "", "notices": 1},
        ],
        "nobody_to_write_to": 1,
    }


def test_a_year_under_way_is_told_as_of_the_day_that_it_is_asked(example_url: str) -> None:
    early = annual_report("2021", 2021, at("2021-03-01", "09:00"), example_url)
    assert early["as_of"] == "2021-03-01T08:00:00+00:00"
    assert early["deadlines"][0]["open"] > 5


def test_a_year_that_has_not_begun_is_refused_and_writes_nothing(
    example_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", example_url)
    asked = ("--campaign", "2021", "--year", "2022", "--out", str(tmp_path / "out"))
    result = cites("annual-report", *asked, "--at", "2021-12-31T23:59:59+01:00")
    assert (result.exit_code, result.stderr.strip()) == (
        1, "Error: 2022 has not begun on 2021-12-31: ask for 2021 or an earlier year",
    )  # fmt: skip
    assert not (tmp_path / "out").exists()


# The documents


@pytest.fixture(scope="module")
def files(example_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("rapport") / "2021"
    written = write_annual_report("2021", 2021, at=MADE, out=out, url=example_url)
    return {file.suffix: file for file in written.files}


def test_the_files_open_and_hold_the_same_figures(files: dict[str, Path], found: dict[str, Any]) -> None:
    assert {file.name for file in files.values()} == {
        f"rapport-annuel-2021-2021.{kind}" for kind in ("docx", "pdf", "html", "json")
    }
    assert json.loads(files[".json"].read_text(encoding="utf-8")) == json.loads(json.dumps(found))
    assert files[".pdf"].read_bytes().startswith(b"%PDF-")
    document = Document(BytesIO(files[".docx"].read_bytes()))
    headings = [each.text for each in document.paragraphs if each.style and each.style.name == "Heading 1"]
    assert headings[0] == "1. L’année en bref"
    assert f"10. {RECOMMENDATIONS}" in headings
    assert len(document.inline_shapes) == 3
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert "11\u202f025\u202f000\u00a0€" in cells
    assert str(found["cofinancing"]["nation"]["planned"]["state"]) == "1102500000"


def test_the_page_stands_alone_and_says_its_pictures_in_words(files: dict[str, Path]) -> None:
    page = files[".html"].read_text(encoding="utf-8")
    assert page.count("<svg") == page.count("role='img' aria-label=") == 3
    assert not re.search(r"<script|<link|src=|url\(|@import", page)
    assert "Candidature\u00a0: À temps 35, En retard 4 et Ouvertes 5" in page
    assert page.count("<h2 id=") == 11
    assert set(re.findall(r"href='#(s\d+)'", page)) == set(re.findall(r"id='(s\d+)'", page))


def test_what_the_conseil_recommends_is_left_to_people(found: dict[str, Any]) -> None:
    blocks = report_paper(found, MADE).blocks
    [place] = [
        number for number, each in enumerate(blocks) if isinstance(each, Heading) and RECOMMENDATIONS in each.text
    ]
    assert blocks[place + 1] == Box(label="", lines=14)


def test_every_thing_to_look_at_is_told_in_words(found: dict[str, Any], example_url: str) -> None:
    for year in (2021, 2022, 2023):
        rows = [
            row
            for each in report_paper(annual_report("2021", year, MADE, example_url), MADE).blocks
            if isinstance(each, Grid) and each.headers == ("Constat", "Nombre")
            for row in each.rows
        ]
        assert rows
        assert [words for words, _ in rows if "_" in words] == []


def test_a_year_of_nothing_is_a_report_all_the_same(tmp_path: Path, sqlite_url: str) -> None:
    code = a_small_campaign(tmp_path, sqlite_url)
    written = write_annual_report(code, 2019, at=OPENED, out=tmp_path / "rien", url=sqlite_url)
    page = next(file for file in written.files if file.suffix == ".html").read_text(encoding="utf-8")
    assert "Aucune échéance ne tombait dans l’année." in page
    assert "Aucun compte de fonds n’est inscrit pour 2019." in page


def test_a_bar_is_as_long_as_its_value_and_nothing_is_drawn_for_nothing() -> None:
    drawn = stacked("Essai", ("a", "b"), [Bar(name="un", values=(30, 10)), Bar(name="<deux>", values=(0, 20))])
    widths = [
        float(each) for each in re.findall(r"height='22.0' fill|width='([\d.]+)' height='22.0'", drawn.svg) if each
    ]
    assert widths == [396.5, 131.5, 264.0]  # of 530, less the pixel that tells one value from the next
    assert "&lt;deux&gt;" in drawn.svg
    assert drawn.words == "Essai. un\u00a0: a 30 et b 10. <deux>\u00a0: b 20."
    assert drawn.png.startswith(b"\x89PNG")


def test_the_command_writes_the_files_and_names_them(
    example_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", example_url)
    out = tmp_path / "out"
    done = cites("annual-report", "--campaign", "2021", "--year", "2021", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert [Path(line) for line in done.stdout.split()] == sorted(
        out.iterdir(), key=[*map(Path, done.stdout.split())].index
    )
    assert "1999" in cites("annual-report", "--campaign", "1999", "--year", "2021", "--out", str(out)).stderr


def test_beside_a_run_the_tables_are_shown_and_the_files_are_named(
    files: dict[str, Path], found: dict[str, Any]
) -> None:
    told = annual_markdown(report_paper(found, MADE), [str(files[".docx"])])
    assert "| Candidature | 35 | 4 | 5 | 2 | 0 |" in told
    assert f"* `{files['.docx']}`" in told
    assert told.count("data:image/svg+xml;base64,") == 3
    assert "@" not in told
    assert told.count(RECOMMENDATIONS) == 1
