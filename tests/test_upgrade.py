"""Does a database of any earlier engine become the present one, every row kept, events chained, still at work?"""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from benchmarks.postgresql import for_the_engine
from models.schema import metadata
from tasks.database import engine, prepare, reading, revision_of, revisions, transaction
from tasks.events import verify
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tests.old_databases import a_database_of, rows_of
from tests.prefect_builders import J_7


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a database without any table, which is also the settings'."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        url_of: Callable[[str], str] = request.getfixturevalue("postgresql_server")
        name = f"t{uuid4().hex}"
        with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        url = for_the_engine(url_of(name))
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()
    yield url
    engine(url).dispose()


@pytest.mark.parametrize("revision", revisions())
def test_a_database_of_an_earlier_engine_keeps_every_row_and_goes_on(revision: str, empty_url: str) -> None:
    before = a_database_of(revision, empty_url)
    prepare()
    with engine().connect() as connection:
        after = rows_of(connection)
        different = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    assert different == []
    with reading() as session:
        assert revision_of(session) == revisions()[-1]
    assert {
        name: [{column: row[column] for column in rows[0]} for row in after[name]] for name, rows in before.items()
    } == before
    found = verify()
    assert (found.events, found.breaks, found.hash) == (3, (), after["event"][-1]["hash"])
    for touched in ("UPDATE event SET author = 'M. Petit'", "DELETE FROM event"):
        with pytest.raises(DBAPIError, match="events are appended only"), transaction() as session:
            session.execute(text(touched))
    run_id, regions = begin_run.fn("2021", "candidature", J_7)
    figures = finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    assert (regions, figures["territories"], figures["letters"]) == (["32"], 1, 1)


def test_an_upgrade_that_is_done_is_not_done_again(empty_url: str) -> None:
    a_database_of(revisions()[-1], empty_url)
    with engine().connect() as connection:
        before = rows_of(connection)
    prepare()
    with engine().connect() as connection:
        assert rows_of(connection) == before
