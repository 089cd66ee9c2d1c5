"""Which digest is due on a day, what days does it speak of, and until when is a campaign spoken of at all?

A digest belongs to an occasion: the first of a month, the Monday of a week. It speaks of the days from the occasion
before it to its own, leaves on the first worked day from its own on, and once: a morning that is missed is caught up
until the next occasion.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from models.rules.cited_texts import citation_texts
from models.rules.dossier import Dossier
from models.rules.programme import Programme
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Place, read_yaml
from models.words import Role

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
LAST_OF_EVERY_MONTH = 28
DAYS_OF_A_WEEK = 7
HOURS_OF_A_DAY = 24


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """Every week on a weekday (0: Monday), or every month on a day of the month."""

    weekly: bool
    on: int

    def occasion(self, day: date) -> date:
        """The latest occasion that is not after `day`."""
        if self.weekly:
            return day - timedelta(days=(day.weekday() - self.on) % DAYS_OF_A_WEEK)
        first = day.replace(day=self.on)
        return first if first <= day else self.occasion(day.replace(day=1) - timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class Period:
    """The days that a digest speaks of: from `first` to the day before `occasion`."""

    first: date
    occasion: date


@dataclass(frozen=True, kw_only=True)
class Digest:
    """A letter about where things stand: whom it is for, how often, how far ahead it looks, its folder."""

    to: tuple[Role, ...]
    cadence: Cadence
    ahead: timedelta
    letter: str

    def period(self, day: date) -> Period:
        """What the digest of the occasion that `day` belongs to speaks of."""
        occasion = self.cadence.occasion(day)
        return Period(first=self.cadence.occasion(occasion - timedelta(days=1)), occasion=occasion)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """By which hour of the recipient's clock what was due in the morning has left, and who hears that it has not."""

    to: tuple[Role, ...]
    hour: int
    letter: str


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Who hears of a run that went wrong, and within how many hours once is enough for one deployment."""

    to: tuple[Role, ...]
    hours: int
    letter: str

    def occasion(self, at: datetime) -> datetime:
        """The beginning of the stretch of hours, counted in UTC, within which one letter is enough."""
        start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return start - timedelta(hours=start.hour % self.hours)


@dataclass(frozen=True, kw_only=True)
class Digests:
    """What an edition says of the letters that no obligation makes."""

    regional: Digest
    weekly: Digest
    alarm: Alarm
    incident: Incident
    closing: timedelta
    seat: str  # the département whose holidays the coordination keeps

    def letters(self) -> tuple[str, ...]:
        """The folders of these letters."""
        return self.regional.letter, self.weekly.letter, self.alarm.letter, self.incident.letter


@lru_cache(maxsize=8)
def load_digests(edition: str) -> Digests:
    """What an edition says of digests and of the alarm."""
    place = read_yaml(PROGRAMME / edition / "digests.yaml")
    place.only("regional_digest", "weekly_summary", "alarm", "incident", "closing_days", "seat", *CITATION_KEYS)
    place.citation(citation_texts())
    alarm = place.need("alarm")
    alarm.only("to", "hour", "letter")
    return Digests(
        regional=_digest(place.need("regional_digest")),
        weekly=_digest(place.need("weekly_summary")),
        alarm=Alarm(
            to=alarm.need("to").roles(),
            hour=_within(alarm.need("hour"), 0, 23),
            letter=alarm.need("letter").text(),
        ),
        incident=_incident(place.need("incident")),
        closing=timedelta(days=_within(place.need("closing_days"), 0, 366)),
        seat=place.need("seat").text(),
    )


def is_spoken_of(programme: Programme, dossiers: Iterable[Dossier], day: date) -> bool:
    """Whether the campaign has begun and is not over: over for good when every day it knows of is long past."""
    last = max(
        [
            programme.opens,
            *([programme.convention[1]] if programme.convention else []),
            *(due.date for each in programme.deadlines.values() for dues in each.occurrences.values() for due in dues),
            *(extension.new_due for dossier in dossiers for extension in dossier.extensions),
            *(convention.last_day for dossier in dossiers for convention in dossier.conventions),
        ]
    )
    return programme.opens <= day <= last + load_digests(programme.edition).closing


def _digest(place: Place) -> Digest:
    place.only("to", "every", "on", "ahead_days", "letter", *CITATION_KEYS)
    weekly = place.need("every").word(("week", "month")) == "week"
    on = place.need("on")
    return Digest(
        to=place.need("to").roles(),
        cadence=Cadence(
            weekly=weekly, on=WEEKDAYS.index(on.word(WEEKDAYS)) if weekly else _within(on, 1, LAST_OF_EVERY_MONTH)
        ),
        ahead=timedelta(days=_within(place.need("ahead_days"), 1, 366)),
        letter=place.need("letter").text(),
    )


def _incident(place: Place) -> Incident:
    place.only("to", "every_hours", "letter", *CITATION_KEYS)
    return Incident(
        to=place.need("to").roles(),
        hours=_within(place.need("every_hours"), 1, HOURS_OF_A_DAY),
        letter=place.need("letter").text(),
    )


def _within(place: Place, least: int, most: int) -> int:
    if not least <= place.whole() <= most:
        place.refuse(f"{place.value} is out of bounds", f"give a whole number from {least} to {most}")
    return place.whole()
