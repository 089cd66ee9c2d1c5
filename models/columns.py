"""Which column types do our tables need beyond SQLAlchemy's own?

SQLite forgets zones, and enum columns store member names by default: both are mended here.
"""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware instant: stored in UTC, given back aware and in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone, and {value!r} has none: give it an offset")
        return datetime.fromtimestamp(value.timestamp(), UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(vocabulary: type[StrEnum]) -> Enum:
    """A column that stores the words of `vocabulary` (never the member names), under a CHECK."""
    return Enum(
        vocabulary,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
        name=f"{vocabulary.__name__.lower()}_words",
        length=32,
    )
