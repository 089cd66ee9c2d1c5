"""Who may come in, what may be read from outside, and does hostile text stay text on every face?"""

import base64
import csv
import io
import json
import logging
import re
import urllib.error
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from openpyxl import load_workbook

from benchmarks.postgresql import for_the_engine
from deployments.engine_room import prefect_api
from deployments.environment import OpenDoor, a_free_port, require_a_login
from deployments.example_campaigns import EXAMPLE
from deployments.logs import JsonLines, Masking, masked
from notifications import cofinancing_page, review_page
from notifications.action_plan_page import plan_paper
from notifications.web_pages import as_html
from tasks import artifacts, follow_up_artifacts, mail_artifacts
from tasks.action_plan import SUMMARY, action_plans, summary_rows
from tasks.annual_report import write_annual_report
from tasks.blockers import who_blocks, without_persons
from tasks.campaigns import open_campaign_file
from tasks.cofinancing import cofinancing
from tasks.database import engine, prepare, reading
from tasks.delivery import deliver
from tasks.export import export
from tasks.governance import governance
from tasks.intake import take_in
from tasks.reminders import begin_run, decide, finish_run
from tasks.review import review
from tasks.settings import Settings, settings
from tests import hostile
from tests.prefect_builders import J_7, a_small_campaign, letters
from tests.test_cli import cites, refused

ROOT = Path(__file__).parent.parent
ROLES = ROOT / "deployments" / "postgresql_roles.sql"
AT = datetime(2021, 2, 19, 8, tzinfo=UTC)


# Who may come in


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "cites.example.test"])  # noqa: S104
def test_another_address_than_loopback_is_refused_without_a_login(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OpenDoor, match="CITES_SERVER_LOGIN"):
        require_a_login(host)
    for half in ("user", "user:"):
        monkeypatch.setenv("CITES_SERVER_LOGIN", half)
        settings.cache_clear()
        with pytest.raises(OpenDoor):
            require_a_login(host)
    monkeypatch.setenv("CITES_SERVER_LOGIN", "user:secret")
    settings.cache_clear()
    require_a_login(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_no_login(host: str) -> None:
    require_a_login(host)


def test_from_a_terminal_an_open_door_is_refused_in_one_sentence() -> None:
    said = refused(cites("up", "--host", "0.0.0.0"))  # noqa: S104
    assert said.startswith("on 0.0.0.0 other machines could reach the engine, and nothing asks them for a password")


# What may be read


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("mail to maire@douai.test and «Préfet <prefet@nord.test>»", "mail to (address) and «Préfet <(address)>»"),
        ("postgresql+psycopg://cites:s3cret@db.test/cites", "postgresql+psycopg://***"),
        ("http://u:s3cret@proxy.test/a?token=t0ken b", "http://***@proxy.test/a?*** b"),
        ("mailtos://user:s3cret@smtp.test failed", "mailtos://*** failed"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack://***"),
        ("json://localhost/?token=t0ken, then xml://h/", "json://*** xml://***"),
        ("http://127.0.0.1:4200/api : 3 letters, région 32", "http://127.0.0.1:4200/api : 3 letters, région 32"),
    ],
)  # fmt: skip
def test_a_line_of_a_log_loses_addresses_passwords_and_tokens(said: str, kept: str) -> None:
    assert masked(said).replace(" then", "") == kept.replace(" then", "")


def test_a_json_line_says_what_when_where_and_hides_what_a_traceback_shows() -> None:
    try:
        raise ValueError("refused by mairie@douai.test")
    except ValueError as fault:
        record = logging.LogRecord("tasks.delivery", logging.ERROR, __file__, 1, "no %s for %s", ("way", "a@b.test"),
                                   (type(fault), fault, fault.__traceback__))  # fmt: skip
    record.created, record.flow_run_id = 1613721600.0, "run-1"
    assert Masking().filter(record)
    said = json.loads(JsonLines().format(record))
    assert said.pop("error").endswith("ValueError: refused by (address)")
    assert said == {
        "at": "2021-02-19T08:00:00.000+00:00", "level": "ERROR", "logger": "tasks.delivery",
        "message": "no way for (address)", "flow_run": "run-1",
    }  # fmt: skip


SECRETS = {
    "DATABASE_URL": "s3cret-of-the-database",
    "GATEWAY_URL": "s3cret-of-the-gateway",
    "MAILBOX_URL": "s3cret-of-the-mailbox",
    "SERVER_LOGIN": "s3cret-of-the-server",
    "PORTAL_TOKEN": "s3cret-of-the-portal",
}
TOKEN = "s3cret-of-a-channel"  # noqa: S105 - planted, to be looked for


def test_no_secret_is_in_anything_that_a_pass_writes_and_the_server_asks_for_its_login(
    postgresql_url: str, home_with_prefect: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    database = re.sub("//postgres:", f"//postgres:{SECRETS['DATABASE_URL']}", postgresql_url)
    for setting, value in {
        "DATABASE_URL": database,
        "GATEWAY_URL": f"mailto://user:{SECRETS['GATEWAY_URL']}@127.0.0.1:{a_free_port()}",
        "MAILBOX_URL": f"imaps://user:{SECRETS['MAILBOX_URL']}@127.0.0.1:{a_free_port()}",
        "SERVER_LOGIN": f"user:{SECRETS['SERVER_LOGIN']}",
        "PORTAL_TOKEN": SECRETS["PORTAL_TOKEN"],
    }.items():
        monkeypatch.setenv(f"CITES_{setting}", value)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("role;perimetre;nom;courriel;canal\n"
                        f"chef_de_file;douai;Mairie;mairie@douai.test;json://127.0.0.1:1/?token={TOKEN}\n",
                        encoding="utf-8")  # fmt: skip
    take_in([contacts], campaign=code, at=J_7, author="essai")
    with prefect_api(home_with_prefect, private=True) as api:
        from flows.deadlines import run_deadline

        figures = run_deadline("candidature", code, J_7)
        assert (figures["letters"] > 0, figures["sent"]) == (True, 0)  # nobody answers at the gateway
        assert answer(f"{api}/deployments/filter") == 401
        assert answer(f"{api}/deployments/filter", login="user:guess") == 401
        assert answer(f"{api}/deployments/filter", login=f"user:{SECRETS['SERVER_LOGIN']}") == 200
        assert answer(f"{api}/health") != 401
    said = cites("doctor")
    engine().dispose()
    written = {str(each): each.read_bytes() for each in settings().home.rglob("*") if each.is_file()}
    written |= {"output": "".join(capfd.readouterr()).encode(), "log": caplog.text.encode()}
    written |= {"doctor": said.output.encode(), "settings": f"{settings()!r} {settings()}".encode()}
    with reading() as session:
        rows = session.connection().exec_driver_sql("SELECT status, outcome, facts, subject FROM message")
        written["letters"] = repr(rows.all()).encode()
        written["runs"] = repr(session.connection().exec_driver_sql("SELECT * FROM run").all()).encode()
    engine().dispose()
    assert {
        (where, secret) for where, text in written.items() for secret in (*SECRETS.values(), TOKEN)
        if secret.encode() in text
    } == set()  # fmt: skip
    assert any(b"Candidature" in text for where, text in written.items() if "prefect.db" in where)  # it was looked into


def answer(url: str, *, login: str = "") -> int:
    asked = urllib.request.Request(url, data=None if url.endswith("health") else b"{}",  # noqa: S310 - our own server
                                   headers={"Content-Type": "application/json"})  # fmt: skip
    if login:
        asked.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    try:
        with closing(urllib.request.urlopen(asked, timeout=10)) as answered:  # noqa: S310
            return int(answered.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_every_setting_that_may_hold_a_password_is_a_secret() -> None:
    assert {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)} >= {
        "database_url", "gateway_url", "mailbox_url", "server_login",
    }  # fmt: skip


# Who may do what in PostgreSQL


def test_the_engine_runs_as_a_role_that_changes_no_table_and_no_event(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name, password = postgresql_url.replace("+psycopg", "", 1), f"t{uuid4().hex}", "essai"
    with psycopg.connect(owner, autocommit=True) as connection:
        for _ in (1, 2):  # as after an upgrade
            connection.execute(ROLES.read_text(encoding="utf-8"))
        for account, role in (("engine", "cites_engine"), ("reader", "cites_reader")):
            connection.execute(f"CREATE ROLE {account}_{name} LOGIN PASSWORD '{password}' IN ROLE {role}")
    as_engine = owner.replace("//postgres:", f"//engine_{name}:{password}", 1)
    as_reader = owner.replace("//postgres:", f"//reader_{name}:{password}", 1)
    monkeypatch.setenv("CITES_DATABASE_URL", for_the_engine(as_engine))
    settings.cache_clear()
    prepare()  # what every start does: nothing to change, and nothing refused
    code = a_small_campaign(tmp_path)
    run_id, regions = begin_run.fn(code, "candidature", J_7)
    assert finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])["letters"] == 6
    assert deliver.fn(J_7, "essai", J_7)["sent"] == 6
    engine().dispose()
    for account, statements in {
        as_engine: ("UPDATE event SET author = 'x'", "DELETE FROM event", "TRUNCATE event", "DROP TABLE pause",
                    "CREATE TABLE x (id int)", "ALTER TABLE event DISABLE TRIGGER ALL", "DELETE FROM alembic_version",
                    "DROP TRIGGER event_no_update ON event"),
        as_reader: ("INSERT INTO pause (holds, at, author, grounds) VALUES (true, now(), 'x', '')",
                    "UPDATE contact SET active = false", "DELETE FROM event", "CREATE TABLE x (id int)"),
    }.items():  # fmt: skip
        with psycopg.connect(account, autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM event").fetchone() != (0,)
            for statement in statements:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
    with psycopg.connect(owner, autocommit=True) as connection:
        for account in ("engine", "reader"):
            connection.execute(f"DROP ROLE {account}_{name}")


# Hostile text

FREE = ("nom", "fichier", "motif", "autorite", "auteur", "reference", "libelle", "observations", "titulaire",
        "quantite", "intitule", "porteur", "source", "unite", "partenaire")  # fmt: skip
A_NUMBER = ("indicateurs", "reference")


def planted(folder: Path) -> Path:
    """The example's tables with a hostile text in every column that takes words, each kind in each column."""
    folder.mkdir()
    for source in sorted((EXAMPLE / "tables").glob("*.csv")):
        rows = list(csv.DictReader(io.StringIO(source.read_text(encoding="utf-8-sig")), delimiter=";"))
        for number, row in enumerate(rows):
            for place, column in enumerate(row):
                if column in FREE and (source.stem, column) != A_NUMBER:
                    row[column] = hostile.IN_ONE_LINE[(number + place) % len(hostile.IN_ONE_LINE)]
        with (folder / source.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    return folder


class _Tags(HTMLParser):
    """Every tag and every address of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.hosts: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            if name in ("href", "src", "action"):
                self.links.add((value or "").partition(":")[0].lower())
                self.hosts.add(urlsplit(value or "").hostname or "")


def harmless(page: str) -> None:
    """No element, handler or address of a page comes from what somebody typed."""
    seen = _Tags(page)
    assert not seen.tags & {"script", "img", "iframe", "object", "form", "input", "base"}, seen.tags
    assert not {each for each in seen.attributes if each.startswith("on")}
    assert not seen.links & {"javascript", "data", "vbscript"}
    assert "evil.test" not in seen.hosts


def test_hostile_text_is_kept_and_shown_as_text_on_every_face(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    tables = planted(tmp_path / "planted")
    open_campaign_file(EXAMPLE / "campaign-2021.yaml", at=AT, author=hostile.HTML[0], tables=tables)

    kept: dict[str, str] = {}
    monkeypatch.setattr(mail_artifacts, "create_markdown_artifact", lambda text, *, key, **_: kept.update({key: text}))
    monkeypatch.setattr(artifacts, "create_markdown_artifact", lambda text, *, key, **_: kept.update({key: text}))
    monkeypatch.setattr(
        follow_up_artifacts, "create_markdown_artifact", lambda text, *, key, **_: kept.update({key: text})
    )
    run_id, regions = begin_run.fn("2021", "candidature", AT)
    finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    deliver.fn(AT, "essai", AT)
    artifacts.report_run.fn(run_id)
    mail_artifacts.report_outbox.fn(AT)
    reviewed, governed = review("2021", AT), governance("2021", AT)
    follow_up_artifacts.report_review.fn(reviewed)
    follow_up_artifacts.report_governance.fn(governed)
    follow_up_artifacts.report_blockers.fn(without_persons(who_blocks("2021", AT)))

    # Letters
    assert len(letters()) > 30
    together = ""
    for file in letters():
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert mail["Bcc"] is None
        assert "\n" not in str(mail["Subject"])
        text, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
        harmless(page)
        together += text
    assert "<script>alert(1)</script>" in together
    assert "{{ 7*7 }}" in together
    assert " 49 " not in together

    # Pages
    later = datetime(2023, 6, 1, 8, tzinfo=UTC)
    plans = action_plans("2021", later)
    write_annual_report("2021", 2021, at=later, out=tmp_path / "report")
    pages = {
        "review": review_page.page(reviewed),
        "cofinancing": cofinancing_page.page(cofinancing("2021")),
        "plans": as_html(plan_paper(plans, SUMMARY, summary_rows(plans), later)),
        **{str(each): each.read_text(encoding="utf-8") for each in (tmp_path / "report").rglob("*.html")},
    }
    assert len(pages) == 4
    for page in pages.values():
        harmless(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages["review"]

    # Artifacts
    assert len(kept) == 5
    for name, text in kept.items():
        assert not re.search(r"<(?!br>)[a-z/]", text), name  # Prefect shows HTML that Markdown holds
        assert not re.search(r"(?<!\\)\]\(javascript", text), name
        assert not re.search(r"(?<!\\)!\[", text), name
        for block in text.split("\n\n"):
            bars = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines() if line.startswith("|")}
            assert len(bars) <= 1, name  # a bar that somebody typed makes no column

    # Workbook: formulas are words, and what went out comes back the same
    export("2021", tmp_path / "out.xlsx")
    cells = [cell for sheet in load_workbook(tmp_path / "out.xlsx") for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    again = take_in([tmp_path / "out.xlsx"], campaign="2021", at=AT, author="essai")
    assert (again.faults, sum(again.added.values()), sum(again.corrected.values())) == ((), 0, 0)

    # Pages of our own that draw or open what they show, as the command gives them
    at = ("--campaign", "2021", "--at", AT.isoformat())
    territories = [each["territory"] for each in reviewed["territories"][:3]]
    drawn = [cites("mailbox", *at, "--format", "html").stdout, cites("conventions", *at, "--format", "html").stdout]
    drawn += [cites("history", each, "--campaign", "2021", "--format", "html").stdout for each in territories]
    assert cites("dashboard", *at, "--to", str(tmp_path / "tableau.html")).exit_code == 0
    drawn.append((tmp_path / "tableau.html").read_text(encoding="utf-8"))
    for page in drawn:
        seen = _Tags(page)
        assert len(page) > 500
        assert page.count("<script") == page.count("</script")
        assert "<script>alert" not in page
        assert not {each for each in seen.attributes if each.startswith("on")}
        assert "evil.test" not in seen.hosts
        assert "x" not in seen.links


@pytest.mark.parametrize("text", hostile.LINES)
def test_a_line_break_never_makes_a_header(
    text: str, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    contacts = tmp_path / "contacts.csv"
    with contacts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(("role", "perimetre", "nom", "courriel"))
        writer.writerow(("prefet", "departement:59", text, "prefet@nord.test"))
    take_in([contacts], campaign=code, at=J_7, author="essai")
    run_id, regions = begin_run.fn(code, "candidature", J_7)
    finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    deliver.fn(J_7, "essai", J_7)
    for file in letters():
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert (mail["Bcc"], len(mail.get_all("To") or [])) == (None, 1)
