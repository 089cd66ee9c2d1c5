"""Does the record of changes show every hand that touches it?"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import col, select

from models.event_tables import Event
from models.rules.chain import Break, Broken
from tasks.database import MIGRATIONS, engine, prepare, reading, transaction
from tasks.events import an_event, record, verify
from tasks.settings import settings
from tests.prefect_builders import a_small_campaign
from tests.test_cli import cites, refused

AT = datetime(2021, 2, 19, 8, 0, 0, 123456, tzinfo=UTC)


def five_events(url: str) -> None:
    with transaction(url) as session:
        record(session, [an_event(AT, "Mme Roussel", "added", "pieces", after={"part": f"été {n}"}) for n in (1, 2, 3)])
        record(session, [])
    with transaction(url) as session:
        record(session, [an_event(AT + timedelta(hours=n), "M. Petit", "corrected", "pieces") for n in (4, 5)])


def by_hand(url: str, statement: str) -> None:
    """What somebody with the database's own keys could do: take off its guards, change it, put them back."""
    with transaction(url) as session:
        if url.startswith("sqlite"):
            session.execute(text("DROP TRIGGER IF EXISTS event_no_update"))
            session.execute(text("DROP TRIGGER IF EXISTS event_no_delete"))
        else:
            session.execute(text("ALTER TABLE event DISABLE TRIGGER ALL"))
        session.execute(text(statement))


def test_a_record_that_nobody_touched_is_sound(database_url: str) -> None:
    assert verify(url=database_url).breaks == ()
    five_events(database_url)
    found = verify(url=database_url)
    assert (found.events, len(found.hash), found.breaks) == (5, 64, ())
    with reading(database_url) as session:
        links = session.exec(select(Event.previous, Event.hash).order_by(col(Event.id))).all()
    assert [previous for previous, _ in links] == ["", *(own for _, own in links[:-1])]
    assert found.hash == links[-1][1]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE event SET author = 'M. Petit' WHERE id = 2", Break(event=2, broken=Broken.ALTERED, after=1)),
        ("UPDATE event SET at = '2021-02-18 08:00:00' WHERE id = 5",
         Break(event=5, broken=Broken.ALTERED, after=4)),
        ("UPDATE event SET after = '{\"part\": \"hiver\"}' WHERE id = 1",
         Break(event=1, broken=Broken.ALTERED, after=None)),
        ("DELETE FROM event WHERE id = 1", Break(event=2, broken=Broken.MISSING, after=None)),
        ("DELETE FROM event WHERE id = 3", Break(event=4, broken=Broken.MISSING, after=2)),
        ("DELETE FROM event WHERE id > 3", Break(event=None, broken=Broken.MISSING, after=3)),
        ("DELETE FROM eventhead", Break(event=None, broken=Broken.HEAD, after=5)),
        ("UPDATE eventhead SET events = 6", Break(event=None, broken=Broken.HEAD, after=5)),
        ("UPDATE eventhead SET hash = 'x'", Break(event=None, broken=Broken.MISSING, after=5)),
        ("DELETE FROM event", Break(event=None, broken=Broken.MISSING, after=None)),
        ("INSERT INTO event (id, at, author, action, campaign, territory, subject, grounds) "
         "VALUES (60, '2021-02-19 08:00:00', 'x', 'added', '', '', 'pieces', '')",
         Break(event=60, broken=Broken.INSERTED, after=5)),
        ("INSERT INTO event (id, at, author, action, campaign, territory, subject, grounds) "
         "VALUES (0, '2021-02-19 08:00:00', 'x', 'added', '', '', 'pieces', '')",
         Break(event=0, broken=Broken.INSERTED, after=None)),
        ("INSERT INTO event (id, at, author, action, campaign, territory, subject, grounds, previous, hash) "
         "SELECT 60, at, author, action, campaign, territory, subject, grounds, hash, previous FROM event WHERE id = 2",
         Break(event=60, broken=Broken.INSERTED, after=5)),
    ],
)  # fmt: skip
def test_whatever_is_touched_is_named(database_url: str, statement: str, broken: Break) -> None:
    five_events(database_url)
    by_hand(database_url, statement)
    assert verify(url=database_url).breaks == (broken,)


def test_an_event_slipped_in_with_a_fingerprint_of_its_own_is_told_from_its_neighbours(sqlite_url: str) -> None:
    five_events(sqlite_url)
    by_hand(sqlite_url, "UPDATE event SET id = id * 10")
    forged = f"sqlite:///{Path(sqlite_url.removeprefix('sqlite:///')).with_name('forged.db')}"
    prepare(forged)
    with reading(sqlite_url) as session:
        second = session.exec(select(Event.hash).where(Event.id == 20)).one()
    with transaction(forged) as session:  # an event that rightly follows the second one
        record(session, [an_event(AT, "x", "added", "pieces")])
        session.execute(text("UPDATE eventhead SET hash = :hash"), {"hash": second})
        record(session, [an_event(AT, "x", "added", "pieces")])
        own = session.exec(select(Event).where(Event.id == 2)).one()
        at, fingerprint = session.execute(text("SELECT at FROM event WHERE id = 2")).scalar_one(), own.hash
    engine(forged).dispose()
    by_hand(
        sqlite_url,
        "INSERT INTO event (id, at, author, action, campaign, territory, subject, grounds, previous, hash) "  # noqa: S608 - our own values
        f"VALUES (25, '{at}', 'x', 'added', '', '', 'pieces', '', '{second}', '{fingerprint}')",
    )
    assert verify(url=sqlite_url).breaks == (Break(event=25, broken=Broken.INSERTED, after=20),)


def test_a_fingerprint_noted_earlier_finds_out_a_record_written_anew(sqlite_url: str) -> None:
    five_events(sqlite_url)
    noted = verify(url=sqlite_url).hash
    by_hand(sqlite_url, "DELETE FROM event")
    by_hand(sqlite_url, "DELETE FROM eventhead")
    with transaction(sqlite_url) as session:
        record(session, [an_event(AT, "x", "added", "pieces")])
    assert verify(url=sqlite_url).breaks == ()
    assert verify(holds=noted, url=sqlite_url).breaks == (Break(event=None, broken=Broken.MISSING),)


def test_writers_at_once_make_one_chain(database_url: str) -> None:
    def write(author: str) -> None:
        for n in range(5):
            with transaction(database_url) as session:
                record(session, [an_event(AT, author, "added", "pieces", after={"n": n, "m": m}) for m in range(3)])

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, "abcd"))
    found = verify(url=database_url)
    assert (found.events, found.breaks) == (60, ())


def test_processes_that_record_while_another_proves_make_one_chain_and_no_alarm(database_url: str) -> None:
    code = (
        "import sys; from datetime import UTC, datetime; from tasks.database import transaction\n"
        "from tasks.events import an_event, record\n"
        "for n in range(20):\n"
        "    with transaction(sys.argv[1]) as session:\n"
        "        record(session, [an_event(datetime.now(UTC), sys.argv[2], 'added', 'pieces', after={'n': n})] * 5)\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, database_url, author], cwd=Path(__file__).parent.parent)
        for author in "ab"
    ]
    looked = [verify(url=database_url)]
    while any(writer.poll() is None for writer in writers):
        looked.append(verify(url=database_url))
    looked.append(verify(url=database_url))
    assert [writer.returncode for writer in writers] == [0, 0]
    assert {each.breaks for each in looked} == {()}
    assert [each.events for each in looked] == sorted(each.events for each in looked)
    assert looked[-1].events == 200


def test_a_record_that_goes_on_without_its_head_shows_where(sqlite_url: str) -> None:
    five_events(sqlite_url)
    by_hand(sqlite_url, "DELETE FROM eventhead")
    with transaction(sqlite_url) as session:
        record(session, [an_event(AT, "x", "added", "pieces")])
    assert verify(url=sqlite_url).breaks == (Break(event=6, broken=Broken.MISSING, after=5),)


def test_events_of_before_are_chained_when_the_database_is_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    with engine(url).connect() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        for n in (1, 2):
            connection.execute(
                text("INSERT INTO event (at, author, action, campaign, territory, subject, before, after, grounds) "
                     "VALUES ('2021-02-19 08:00:00.000000', 'a', 'added', '2021', '', 'pieces', 'null', :after, '')"),
                {"after": f'{{"n": {n}}}'},
            )  # fmt: skip
        connection.commit()
    prepare(url)
    found = verify(url=url)
    assert (found.events, found.breaks) == (2, ())
    with transaction(url) as session:
        record(session, [an_event(AT, "b", "added", "pieces")])
    assert verify(url=url).breaks == ()
    with pytest.raises(Exception, match="appended only"), transaction(url) as session:
        session.execute(text("UPDATE event SET author = 'b'"))
    engine(url).dispose()


def test_the_command_says_what_was_touched_and_fails(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    a_small_campaign(tmp_path)
    sound = cites("verify")
    assert sound.exit_code == 0
    assert sound.stdout.startswith("10 events, sound from the first to the last. Fingerprint of the last: ")
    by_hand(sqlite_url, "UPDATE event SET author = 'x' WHERE id = 4")
    assert refused(cites("verify")) == "the record of changes was touched in 1 place, listed above"
    assert "event 4 was altered" in cites("verify").stdout
