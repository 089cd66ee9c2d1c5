"""Which kinds of values does the command line take, and how does it refuse others?"""

from datetime import date, datetime
from typing import Any

import click

FIRST_YEAR, LAST_YEAR = 1900, 2200  # beyond, calendars of the world differ and sums of days overflow
YEAR = click.IntRange(FIRST_YEAR, LAST_YEAR)
NUMBER = click.IntRange(1, 2**31 - 1)  # what a database gives to a row


class Day(click.ParamType[date]):
    """A day as 2021-02-28."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"«{value}» is not a day: write it as 2021-02-28", param, ctx)
        YEAR.convert(day.year, param, ctx)
        return day


class Days(click.ParamType[frozenset[date]]):
    """Days as 2021-02-26,2021-03-01."""

    name = "YYYY-MM-DD,…"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[date]:
        if isinstance(value, frozenset):
            return value
        return frozenset(Day().convert(each.strip(), param, ctx) for each in value.split(",") if each.strip())


class Instant(click.ParamType[datetime]):
    """An instant with its offset, as 2021-02-19T09:00:00+01:00."""

    name = "INSTANT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"«{value}» is not an instant: write it as 2021-02-19T09:00:00+01:00", param, ctx)
        if at.tzinfo is None:
            self.fail(f"«{value}» has no offset: write it as {value}+01:00 (or Z for UTC)", param, ctx)
        YEAR.convert(at.year, param, ctx)
        return at


class Name(click.ParamType[str]):
    """Who acts: a name that the record can keep, never empty."""

    name = "TEXT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not (name := " ".join(str(value).split())):
            self.fail("it is empty: say who acts, the record keeps it", param, ctx)
        return name
