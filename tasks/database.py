"""How do we open the database, and where is the only commit?

`transaction()` is the only place that commits: what is decided is decided inside it, and nothing is sent inside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, UniqueConstraint, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session, SQLModel

from models.inserts import insert_into
from tasks.settings import settings

MIGRATIONS = Path(__file__).parent.parent / "models" / "migrations"
DRIVERS = ("pysqlite", "psycopg")  # those that the engine is installed with


class TablesOfALaterEngine(Exception):
    """The database holds tables that a later engine made: this one must not touch them."""


def address_of(url: str) -> URL:
    """`url`, read. Raises ArgumentError or NoSuchModuleError when it names no database that the engine can open."""
    address = make_url(url)
    if address.get_driver_name() not in DRIVERS:
        raise ArgumentError(f"no driver is installed for {address.drivername}")
    return address


def engine(url: str | None = None) -> Engine:
    """The engine for `url` (default: the settings' one), with SQLite made fit for several processes."""
    return _engine(url or settings().database())


@lru_cache(maxsize=4)
def _engine(url: str) -> Engine:
    address = address_of(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, json_serializer=_json, json_deserializer=orjson.loads)
    path = address.database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(url, connect_args={"timeout": 30}, json_serializer=_json, json_deserializer=orjson.loads)
    event.listen(made, "connect", _fit_sqlite)
    event.listen(made, "begin", _begin_immediately)
    return made


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


@contextmanager
def transaction(url: str | None = None) -> Iterator[Session]:
    """One unit of work: committed whole when the block ends, rolled back whole when it raises."""
    with Session(engine(url)) as session:
        yield session
        session.commit()


@contextmanager
def reading(url: str | None = None) -> Iterator[Session]:
    """A view of the database that never commits: whatever is added to the session is forgotten."""
    with engine(url).connect().execution_options(cites_reading=True) as connection, Session(connection) as session:
        if connection.dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield session
        session.rollback()


def prepare(url: str | None = None, *, revision: str = "head") -> None:
    """Bring the database to the present tables (or those of `revision`); a database already there is left alone.

    Raises `TablesOfALaterEngine` rather than touch tables that this engine does not know.
    """
    configuration = _migrations()
    with engine(url).connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        if present and present not in revisions():
            raise TablesOfALaterEngine(
                f"the tables are those of a later engine ({present}, here {revisions()[-1]}): install that engine"
            )
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)
        connection.commit()


def revisions() -> list[str]:
    """Every version that the tables have had, the first one first: their last is the present one."""
    return [each.revision for each in ScriptDirectory.from_config(_migrations()).walk_revisions()][::-1]


def revision_of(session: Session) -> str:
    """The version of the tables that the database holds; empty when it holds none of ours."""
    return MigrationContext.configure(session.connection()).get_current_revision() or ""


def _migrations() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    return configuration


def _fit_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _begin_immediately(connection: Any) -> None:
    # A deferred transaction that reads, then writes, can fail when another writes between the two.
    reads_only = connection.get_execution_options().get("cites_reading", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def add_new(session: Session, table: type[SQLModel], rows: list[dict[str, Any]], *, unless: str = "") -> int:
    """Insert the rows whose keys are new, in bulk; gives how many went in.

    With `unless`, a row whose key is taken by one whose `status` is that word takes its place.
    """
    if not rows:
        return 0
    into: Any = table.__table__  # type: ignore[attr-defined]
    statement = insert_into(session, table)
    if unless:
        unique = next(each for each in into.constraints if isinstance(each, UniqueConstraint))
        keys = [column.name for column in unique.columns]
        statement = statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: statement.excluded[name] for name in rows[0] if name not in keys},
            where=into.c.status == unless,
        )
    else:
        statement = statement.on_conflict_do_nothing()
    done = session.connection().execute(statement, rows, execution_options={"preserve_rowcount": True})
    return done.rowcount
