"""How does one statement say what becomes of a row whose key is taken, on either kind of database?"""

from typing import Any

from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlmodel import Session, SQLModel


def insert_into(session: Session, table: type[SQLModel]) -> Any:
    """An INSERT into the table that knows `on_conflict_…`, as the session's database has it."""
    of_its_kind = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    return of_its_kind(table.__table__)  # type: ignore[attr-defined]
