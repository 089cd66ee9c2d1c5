"""Does the doctor find what is wrong and say the cure, and do the figures count what they say?"""

import json
import shutil
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from deployments.description import DEPLOYMENTS
from deployments.doctor import Finding, Verdict, examine
from deployments.environment import PortTaken, a_free_port, api_note
from deployments.metrics import prometheus_text, served
from flows.clock import now
from models.letter_tables import FailingAddress
from models.tables import Pause
from tasks.database import engine, prepare, transaction
from tasks.metrics import figures
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites, refused

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


def configured(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"CITES_{name}", value)
    settings.cache_clear()


def verdicts(at: datetime = NOW) -> dict[str, str]:
    return {each.check: str(each.verdict) for each in examine(at)}


def found(check: str, at: datetime = NOW) -> Finding:
    [one] = [each for each in examine(at) if each.check == check]
    return one


@pytest.fixture(autouse=True)
def _no_engine_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_with_nothing_installed_yet_nothing_is_at_fault_and_nothing_is_made(tmp_path: Path) -> None:
    assert verdicts() == {
        "configuration": "ok", "disk": "ok", "database": "look", "gateway": "ok", "server": "look",
        "calendars.key": "ok",
    }  # fmt: skip
    assert not (tmp_path / "var").exists()
    assert cites("doctor").exit_code == 0


def test_a_sound_engine_is_sound_on_both_databases(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, DATABASE_URL=database_url)
    assert verdicts(now()) == {
        "configuration": "ok", "disk": "ok", "database": "ok", "migrations": "ok", "clock": "ok", "events": "ok",
        "gateway": "ok", "server": "look", "calendars.key": "ok",
    }  # fmt: skip


def test_a_database_that_refuses_is_told_at_once_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, DATABASE_URL=f"postgresql+psycopg://cites:s3cret@127.0.0.1:{a_free_port()}/cites")
    begun = time.monotonic()
    result = cites("doctor", "--format", "json")
    assert time.monotonic() - begun < 3
    rows = {each["check"]: each for each in json.loads(result.stdout)}
    assert (rows["database"]["verdict"], rows["gateway"]["verdict"]) == ("fault", "ok")
    assert rows["database"]["cure"] == "check CITES_DATABASE_URL and that the database is running"
    assert refused(result) == "at fault: database"
    assert "s3cret" not in result.output
    configured(monkeypatch, DATABASE_URL="nonsense")
    assert found("database").verdict is Verdict.FAULT


def test_tables_of_another_engine_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    configured(monkeypatch, DATABASE_URL=url)
    prepare(revision="0002")
    assert found("migrations").found.startswith("tables 0002, this engine's are ")
    prepare()
    with transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert found("migrations").found == "tables 9999 of a later engine"
    engine().dispose()


def test_a_chain_whose_end_is_gone_and_a_clock_that_is_behind_are_faults(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(monkeypatch, DATABASE_URL=sqlite_url)
    a_small_campaign(tmp_path)
    assert verdicts()["events"] == "ok"
    assert found("clock", datetime(2020, 1, 1, tzinfo=UTC)).verdict is Verdict.FAULT
    with transaction() as session:
        session.execute(text("DROP TRIGGER event_no_delete"))
        session.execute(text("DELETE FROM event WHERE id = (SELECT max(id) FROM event)"))
    assert found("events").verdict is Verdict.FAULT


def test_a_clock_far_from_the_databases_is_a_fault(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, DATABASE_URL=postgresql_url)
    assert found("clock", datetime(2020, 1, 1, tzinfo=UTC)).found.endswith("s from the database's")
    engine().dispose()


def test_a_mail_server_and_a_mailbox_that_do_not_answer_are_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    port = a_free_port()
    configured(
        monkeypatch, GATEWAY_URL=f"mailto://u:s3cret@127.0.0.1:{port}", MAILBOX_URL=f"imaps://u:s3cret@127.0.0.1:{port}"
    )
    assert found("gateway").found.startswith(f"127.0.0.1:{port} does not answer")
    assert found("mailbox").verdict is Verdict.FAULT
    configured(monkeypatch, GATEWAY_URL="nonsense")
    assert found("gateway").verdict is Verdict.FAULT


def test_a_misspelt_setting_and_a_key_that_others_read_are_to_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(monkeypatch, GATEWAY="mailto://x")
    assert found("configuration").found == "unknown: CITES_GATEWAY"
    monkeypatch.delenv("CITES_GATEWAY")
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "calendars.key").write_bytes(b"k")
    (tmp_path / "var" / "calendars.key").chmod(0o644)
    assert found("calendars.key").verdict is Verdict.LOOK
    configured(monkeypatch, PARTITIONS="elsewhere")
    assert verdicts() == {"configuration": "fault"}


def test_a_server_whose_worker_is_gone_or_whose_ticks_are_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, object] = {}
    monkeypatch.setattr("deployments.doctor.reachable_api", lambda home: "http://127.0.0.1:1/api")
    monkeypatch.setattr("deployments.doctor._ask", lambda api, path, settings: answers[path.split("/")[-2]])
    there = [{"name": each.name, "paused": False, "schedules": [{"active": True}]} for each in DEPLOYMENTS]
    answers |= {"workers": [{"name": "un", "status": "ONLINE"}], "deployments": there}
    assert (verdicts()["worker"], verdicts()["schedules"]) == ("ok", "ok")
    answers["workers"] = [{"name": "un", "status": "OFFLINE"}]
    answers["deployments"] = [{**each, "schedules": [{"active": False}]} for each in there]
    assert (verdicts()["worker"], verdicts()["schedules"]) == ("fault", "look")
    answers["deployments"] = there[1:]
    assert found("schedules").found == f"not deployed: {DEPLOYMENTS[0].name}"


def test_an_engine_that_left_its_note_behind_is_absent_not_at_fault(tmp_path: Path) -> None:
    note = api_note(tmp_path / "var")
    note.parent.mkdir(parents=True)
    note.write_text(f"http://127.0.0.1:{a_free_port()}/api\n", encoding="utf-8")
    assert found("server").verdict is Verdict.LOOK


def test_an_engine_that_the_environment_names_and_that_stopped_is_at_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{a_free_port()}/api")
    assert found("server").verdict is Verdict.FAULT
    assert refused(cites("doctor")) == "at fault: server"


def test_folders_that_mail_cannot_go_to_or_come_from_are_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    configured(monkeypatch, GATEWAY_URL=f"mailfolder://{tmp_path}/file/mail", MAILBOX_URL=f"{tmp_path}/absent")
    assert found("gateway").found == f"{tmp_path}/file/mail may not be written to"
    assert found("mailbox").found == f"CITES_MAILBOX_URL: {tmp_path}/absent is not a folder"
    assert refused(cites("doctor")) == "at fault: gateway, mailbox"
    configured(monkeypatch, MAILBOX_URL=f"maildir://{tmp_path}")
    assert found("mailbox") == Finding(check="mailbox", verdict=Verdict.OK, found=f"the folder {tmp_path}")


def test_a_channel_that_is_not_one_is_told_with_examples_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, GATEWAY_URL="pigeon://user:hush-hush@tower")
    said = found("gateway").found
    assert "mailtos://user:secret@smtp.example.test" in said
    assert "hush-hush" not in said


@pytest.mark.parametrize(("free", "verdict"), [(600_000_000, "ok"), (400_000_000, "look"), (1_000_000, "fault")])
def test_a_disk_with_little_room_is_told_and_a_full_one_is_at_fault(
    free: int, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert verdicts()["disk"] == verdict


# Figures


def test_the_figures_count_what_a_pass_did(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, DATABASE_URL=database_url)
    code = a_small_campaign(tmp_path)
    run_id, regions = begin_run.fn(code, "candidature", J_7)
    finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    with transaction() as session:
        session.add(Pause(holds=True, at=J_7, author="essai", grounds="essai"))
        session.add(FailingAddress(address="x@y.test", permanent=True, failing=True, first_at=J_7, last_at=J_7))
    counted = {each.name: each.values for each in figures(J_7 + timedelta(hours=2))}
    assert counted["cites_campaigns"] == (({}, 1.0),)
    assert counted["cites_dossiers"] == (({"campaign": "2021", "state": "invited"}, 3.0),)
    assert [value for labels, value in counted["cites_letters"] if labels["status"] == "waiting"] == [6.0]
    assert counted["cites_oldest_waiting_letter_seconds"] == (({}, 7200.0),)
    assert counted["cites_last_run_age_seconds"] == (({"campaign": "2021", "deadline": "candidature"}, 7200.0),)
    assert counted["cites_pauses"] == (({}, 1.0),)
    assert counted["cites_failing_addresses"] == (({"kind": "permanent"}, 1.0), ({"kind": "temporary"}, 0.0))
    said = prometheus_text()
    assert 'cites_notices{campaign="2021",status="missed"} ' in said
    assert "@" not in said


def test_the_figures_are_served_to_this_machine_only(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(monkeypatch, DATABASE_URL=sqlite_url)
    port = a_free_port()
    with served(port):
        with closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)) as answer:
            assert b"cites_campaigns 0.0\n" in answer.read()
        with pytest.raises(PortTaken), served(port):
            pass
    assert cites("metrics").stdout.startswith("# HELP cites_campaigns Open campaigns\n")
