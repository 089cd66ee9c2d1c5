"""Does the command line answer as the README says, and fail in one sentence?"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlmodel import select

from deployments.cli import main
from models.event_tables import Event
from models.tables import Campaign, Contact, Message, Notice, Run, Territory, Unreachable
from tasks.database import prepare, transaction
from tasks.settings import settings

CAMPAIGN = """campaign: "2027"
title: Extension 2027
edition: vade-mecum-2020
opens: 2026-11-02
assumption: "une campagne de test"
deadlines:
  candidature: {date: 2027-02-28, cite: "note-2026-11-02, page 1"}
  action_plan: {date: 2027-05-15, cite: "note-2026-11-02, page 1"}
  convention: {date: 2027-06-30, assumption: "le texte ne fixe pas de date"}
  fund_report: {occurrences: {2027: 2028-03-31}, assumption: "le texte dit chaque année"}
convention: {start: 2027-01-01, end: 2029-12-31, cite: "note-2026-11-02, page 1"}
"""
TERRITORIES = """code;nom;communes;departement;region;chef_de_file;demande_moyens;qpv;population_qpv;college_tete
alencon;Alençon;61001;61;28;commune;non;;;
saint-denis-974;Saint-Denis;97411;974;04;commune;non;;;
"""
CONTACTS = """role;perimetre;nom;courriel;canal
chef_de_file;alencon;Mairie;mairie@alencon.test;
prefet;departement:61;Préfecture;prefet@orne.test;
dasen;departement:61;DASEN;dasen@orne.test;
chef_de_file;saint-denis-974;Mairie;mairie@saint-denis.test;
"""


def cites(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def refused(result: Result) -> str:
    assert result.exit_code != 0
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    return result.stderr.strip().removeprefix("Error: ")


@pytest.fixture
def campaign_file(tmp_path: Path) -> Path:
    path = tmp_path / "campagne.yaml"
    path.write_text(CAMPAIGN, encoding="utf-8")
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "territoires.csv").write_text(TERRITORIES, encoding="utf-8")
    (tables / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    return path


@pytest.fixture
def open_campaign(campaign_file: Path) -> str:
    result = cites("campaign", "open", str(campaign_file), "--tables", str(campaign_file.parent / "tables"))
    assert result.exit_code == 0, result.output
    return "2027"


def everything() -> dict[str, list[object]]:
    with transaction() as session:
        tables = (Campaign, Territory, Contact, Notice, Message, Run, Unreachable, Event)
        return {table.__name__: [row.model_dump() for row in session.exec(select(table))] for table in tables}


def test_help_answers_without_importing_what_commands_need() -> None:
    script = (
        "import sys; from deployments.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'prefect', 'sqlmodel', 'sqlalchemy', 'pendulum', 'apprise', 'openpyxl', 'yaml'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("up", "campaign", "import", "run", "deliver", "plan", "rehearse", "status", "balance", "export"):
        assert f"\n  {command} " in done.stdout


def test_no_command_tells_anybody_outside_that_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    CliRunner().invoke(main, ["guide"])
    assert os.environ["DO_NOT_TRACK"] == "1"
    monkeypatch.setenv("DO_NOT_TRACK", "0")  # somebody's own choice stands
    CliRunner().invoke(main, ["guide"])
    assert os.environ["DO_NOT_TRACK"] == "0"


def test_a_campaign_opened_twice_is_opened_once(campaign_file: Path, open_campaign: str) -> None:
    before = everything()
    result = cites("campaign", "open", str(campaign_file), "--tables", str(campaign_file.parent / "tables"))
    assert result.exit_code == 0
    assert "already open, nothing changed" in result.stdout
    assert everything() == before


def test_the_plan_is_json_as_the_interface_says_and_writes_nothing(open_campaign: str) -> None:
    before = everything()
    result = cites(
        "plan", "--campaign", "2027", "--from", "2027-02-20", "--to", "2027-02-22", "--format", "json",
    )  # fmt: skip
    assert everything() == before
    rows = json.loads(result.stdout)
    assert [(row["at"], row["to"], row["step"]) for row in rows] == [
        # the 20th is a Saturday: what step -7 (Friday the 19th) asks leaves on Monday, here at nine by each clock
        ("2027-02-22T09:00:00+01:00", "dasen@orne.test", -7),
        ("2027-02-22T09:00:00+01:00", "mairie@alencon.test", -7),
        ("2027-02-22T09:00:00+01:00", "prefet@orne.test", -7),
        ("2027-02-22T09:00:00+04:00", "mairie@saint-denis.test", -7),
    ]
    prefecture = rows[2]
    assert prefecture["owes"] == ["referents/prefecture", "demande-labellisation/visa-prefet"]
    assert prefecture["role"] == "prefet"
    assert (prefecture["date"], prefecture["due"], prefecture["deadline"]) == (
        "2027-02-22", "2027-02-28", "candidature",
    )  # fmt: skip
    assert len(prefecture["missing"]) == 21


@pytest.mark.parametrize(("style", "begins"), [
    ("csv", b"date,at,territory"), ("ics", b"BEGIN:VCALENDAR"), ("xlsx", b"PK"), ("table", b"date"),
])  # fmt: skip
def test_the_plan_comes_in_every_format(open_campaign: str, style: str, begins: bytes) -> None:
    result = cites("plan", "--campaign", "2027", "--from", "2026-12-01", "--to", "2027-03-31", "--format", style)
    assert result.exit_code == 0
    assert result.stdout_bytes.startswith(begins)


def test_status_says_what_is_missing_and_what_comes_next(open_campaign: str) -> None:
    result = cites("status", "--campaign", "2027", "--at", "2027-02-01T12:00:00+01:00", "--format", "json")
    found = json.loads(result.stdout)
    alencon = found["territories"][0]
    assert (found["campaign"], alencon["territory"], alencon["name"], alencon["state"]) == (
        "2027", "alencon", "Alençon", "invited",
    )  # fmt: skip
    candidature = alencon["obligations"][0]
    assert (candidature["deadline"], candidature["due"], candidature["satisfied"]) == (
        "candidature", "2027-02-28", False,
    )  # fmt: skip
    assert (candidature["last_step"], candidature["next_step"], candidature["next_date"]) == (None, -15, "2027-02-12")
    assert candidature["findings"][0] == {
        "requirement": "diagnostic", "part": "scolaire", "owner": "chef_de_file", "reason": "absente", "motive": "",
        "level": "required",
    }  # fmt: skip


def test_a_balance_of_nothing_is_all_zeros(open_campaign: str) -> None:
    nation = json.loads(cites("balance", "--campaign", "2027", "--year", "2027", "--format", "json").stdout)["nation"]
    assert nation == {
        "state": 0, "local": 0, "other": 0, "gap": 0, "local_share": None, "leverage": None, "fund_city": 0,
        "fund_education": 0, "fund_parity": True, "in_kind": 0, "common_law": 0, "findings": [],
    }  # fmt: skip


def test_a_wrong_programme_file_is_refused_with_file_place_and_cure(tmp_path: Path) -> None:
    path = tmp_path / "faux.yaml"
    path.write_text(CAMPAIGN.replace("date: 2027-05-15", "date: 2027-15-05"), encoding="utf-8")
    assert refused(cites("campaign", "open", str(path))) == (
        f"{path}, line 8, at deadlines › action_plan › date: '2027-15-05' is not a date: write a day as 2021-02-28"
    )
    assert not (settings().home / "cites.db").exists()


def test_a_missing_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    assert refused(cites("campaign", "open", str(tmp_path / "absent.yaml"))) == (
        f"{tmp_path / 'absent.yaml'}: no such file: give the path of a campaign file (.yaml)"
    )


def test_an_unknown_campaign_is_refused_with_those_that_exist(open_campaign: str) -> None:
    assert refused(cites("plan", "--campaign", "2031", "--from", "2031-01-01", "--to", "2031-02-01")) == (
        "no campaign is called «2031» (open: 2027): open it with `cites campaign open FILE`"
    )


def test_a_command_before_any_campaign_says_what_to_do_first() -> None:
    assert "open a campaign first" in refused(cites("status", "--campaign", "2027"))


def test_a_wrong_table_is_refused_whole(open_campaign: str, tmp_path: Path) -> None:
    before = everything()
    pieces = tmp_path / "pieces.csv"
    pieces.write_text(
        "territoire;piece;parties;statut;date\nalencon;diagnostic;scolaire;recue;2027-01-04\n"
        "lille;diagnostic;scolaire;recue;2027-01-04\nalencon;diagnostique;;reçue;32/01/2027\n",
        encoding="utf-8",
    )
    result = cites("import", str(pieces), "--campaign", "2027")
    assert result.exit_code != 0
    assert "lille" in result.stdout
    assert "diagnostique" in result.stdout
    assert "32/01/2027" in result.stdout
    assert everything() == before


def test_a_contact_without_an_address_is_refused(open_campaign: str, tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("role;perimetre;nom;courriel\nprefet;departement:974;Préfecture;\n", encoding="utf-8")
    result = cites("import", str(contacts), "--campaign", "2027")
    assert result.exit_code != 0
    assert "courriel" in result.stdout


def test_checking_a_table_writes_nothing(open_campaign: str, tmp_path: Path) -> None:
    before = everything()
    pieces = tmp_path / "pieces.csv"
    pieces.write_text("territoire;piece;parties;statut;date\nalencon;diagnostic;scolaire;recue;2027-01-04\n", "utf-8")
    result = cites("import", str(pieces), "--campaign", "2027", "--check")
    assert result.exit_code == 0
    assert "nothing was written" in result.stdout
    assert everything() == before


def test_a_gateway_that_apprise_does_not_know_is_refused_before_anything_runs(
    open_campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_GATEWAY_URL", "pigeon://user:hush-hush@tower")
    settings.cache_clear()
    before = everything()
    for command in (("deliver",), ("run", "candidature", "--campaign", "2027")):
        sentence = refused(cites(*command))
        assert "pigeon" in sentence
        assert "hush-hush" not in sentence
        assert "\n" not in sentence
    assert everything() == before


def test_an_instant_without_an_offset_is_refused(open_campaign: str) -> None:
    assert "has no offset" in refused(cites("status", "--campaign", "2027", "--at", "2027-02-01T12:00:00"))


@pytest.mark.parametrize(
    "command",
    [
        ("annual-report", "--campaign", "2027", "--out", "x", "--year", "0"),
        ("balance", "--campaign", "2027", "--year", "99999999999999"),
        ("conventions", "--campaign", "2027", "--at", "9999-12-31T23:59:59-10:00"),
        ("plan", "--campaign", "2027", "--to", "2027-01-01", "--from", "0001-01-01"),
        ("forget", "--at", "0001-01-01T00:00:00+00:00"),
        ("release", "--by", "Moi", "999999999999999999999"),
        ("answers", "accept", "--by", "Moi", "0"),
    ],
)
def test_a_year_an_instant_or_a_number_that_nothing_can_have_is_refused(command: tuple[str, ...]) -> None:
    assert "is not in the range" in refused(cites(*command))


def test_an_unknown_deadline_is_refused_with_those_that_exist(open_campaign: str) -> None:
    assert refused(cites("run", "carnaval", "--campaign", "2027")) == (
        "campaign 2027 has no deadline «carnaval»: choose among candidature, action-plan, fund-report, convention"
    )


def test_a_database_that_does_not_answer_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", "postgresql+psycopg://u:hush-hush@127.0.0.1:1/none")
    settings.cache_clear()
    sentence = refused(cites("status", "--campaign", "2027"))
    assert sentence.startswith("the database refuses")
    assert "hush-hush" not in sentence


@pytest.mark.parametrize(
    "command", [["deliver"], ["run", "candidature", "--campaign", "2027"], ["status", "--campaign", "2027"]]
)
def test_a_database_that_is_not_there_yet_is_told_with_what_makes_it(command: list[str]) -> None:
    table = "message" if command == ["deliver"] else "campaign"
    assert refused(cites(*command)) == (
        f"the database is not prepared (no such table: {table}): open a campaign first, with `cites campaign open FILE`"
    )


@pytest.mark.parametrize("address", ["nonsense", "postgresql://u:hush-hush@db/cites", "mysql://u:hush-hush@db/cites"])
def test_a_database_that_the_engine_has_no_driver_for_is_refused_with_those_it_has(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", address)
    settings.cache_clear()
    sentence = "CITES_DATABASE_URL is not a database address: write it as sqlite:///file.db or postgresql+psycopg://…"
    assert refused(cites("status", "--campaign", "2027")) == sentence
    doctor = cites("doctor")
    assert (doctor.exit_code, "at fault: database" in doctor.stderr) == (1, True)


def test_a_setting_that_is_not_understood_is_named_with_what_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_LOG_FORMAT", "xml")
    settings.cache_clear()
    assert refused(cites("status", "--campaign", "2027")) == (
        "not understood: CITES_LOG_FORMAT (Input should be 'text' or 'json'): see the table of settings in README.md"
    )


def test_tables_of_an_earlier_or_a_later_engine_are_told_with_the_cure() -> None:
    prepare(revision="0002")
    assert refused(cites("metrics")) == (
        "the tables are of an earlier version (no such column: message.held): "
        "`cites backup --to FILE`, then `cites prepare`"
    )
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert refused(cites("prepare")).startswith("the tables are those of a later engine (9999, here ")


def test_a_file_that_cannot_be_written_is_named_with_the_reason(open_campaign: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for command in (("annual-report", "--year", "2026", "--out"), ("calendar", "--out"), ("dashboard", "--to")):
        place = tmp_path / "file" / "below.html"
        sentence = refused(cites(*command, str(place), "--campaign", "2027"))
        assert sentence.endswith("check that path and its rights"), sentence
        assert str(tmp_path / "file") in sentence


def test_an_exported_workbook_comes_back_without_a_change(open_campaign: str, tmp_path: Path) -> None:
    workbook = tmp_path / "campagne.xlsx"
    assert cites("export", "--campaign", "2027", "--to", str(workbook)).exit_code == 0
    before = everything()
    assert cites("import", str(workbook), "--campaign", "2027").exit_code == 0
    assert everything() == before
