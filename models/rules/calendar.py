"""Which clock does a reader live by, and on which day does a step take effect?

A due date never moves; only the day of a step does: backwards before the due date, forwards after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

import pendulum
from dateutil.easter import easter

from models.rules.cited_texts import citation_texts
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Place, read_yaml

NATIONAL = "national"
SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """One public holiday: a fixed (month, day), or days after Easter Sunday."""

    name: str
    month_day: tuple[int, int] | None = None
    after_easter: int | None = None

    def in_year(self, year: int) -> date:
        if self.month_day:
            return date(year, *self.month_day)
        return easter(year) + timedelta(days=self.after_easter or 0)


@dataclass(frozen=True, kw_only=True)
class Departement:
    """What the engine must know of a département: its place, its clock, its holidays."""

    code: str
    name: str
    region: str
    academie: str
    zone: str
    holidays: str


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Départements, zones and public holidays, as `models/programme/` gives them."""

    departements: Mapping[str, Departement]
    regions: Mapping[str, str]
    holidays: Mapping[str, tuple[Holiday, ...]]
    national_zone: str
    _closed: dict[tuple[str, int], frozenset[date]] = field(default_factory=dict, compare=False, repr=False)
    _effective: dict[tuple[date, tuple[int, ...], str], tuple[date, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _zones: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def zone(self, departement: str) -> str:
        """The IANA name of the département's zone."""
        return self.departements[departement].zone

    def academie(self, departement: str) -> str:
        return self.departements[departement].academie

    def region(self, departement: str) -> str:
        return self.departements[departement].region

    def region_name(self, code: str) -> str:
        return self.regions.get(code, code)

    def departement_name(self, code: str) -> str:
        return self.departements[code].name if code in self.departements else code

    def place_of_zone(self, zone: str) -> str:
        """The name of the département that a zone is known by: La Réunion for Indian/Reunion."""
        return next((place.name for place in self.departements.values() if place.zone == zone), zone)

    def zone_of_perimeter(self, perimeter: str, territory_departement: str | None = None) -> str:
        """The zone of a contact's perimeter; a territory's own perimeter takes its département's."""
        if territory_departement is not None:
            return self.zone(territory_departement)
        if perimeter not in self._zones:
            self._zones[perimeter] = self._zone_of_places(perimeter)
        return self._zones[perimeter]

    def is_working_day(self, day: date, departement: str) -> bool:
        """Monday to Friday, less the département's legal public holidays."""
        return day.weekday() < SATURDAY and day not in self._closed_days(departement, day.year)

    def next_working_day(self, day: date, departement: str) -> date:
        """The day itself when it is worked, or the first worked day after it."""
        return self._walk(day, 1, departement)

    def effective_day(self, due: date, offset: int, departement: str) -> date:
        """The day on which the step `offset` days from `due` takes effect in this département (semantics §2)."""
        return self._walk(due + timedelta(days=offset), 1 if offset > 0 else -1, departement)

    def effective_days(self, due: date, offsets: tuple[int, ...], departement: str) -> tuple[date, ...]:
        """The effective day of each offset, in the order given."""
        key = (due, offsets, self.departements[departement].holidays)
        if key not in self._effective:
            self._effective[key] = tuple(self.effective_day(due, offset, departement) for offset in offsets)
        return self._effective[key]

    def _walk(self, day: date, direction: int, departement: str) -> date:
        while not self.is_working_day(day, departement):
            day += timedelta(days=direction)
        return day

    def _closed_days(self, departement: str, year: int) -> frozenset[date]:
        group = self.departements[departement].holidays
        known = self._closed.get((group, year))
        if known is None:
            known = frozenset(holiday.in_year(year) for holiday in self.holidays[group])
            self._closed[group, year] = known
        return known

    def _zone_of_places(self, perimeter: str) -> str:
        kind, _, name = perimeter.partition(":")
        if kind == "departement":
            return self.departements[name].zone
        for place in self.departements.values():
            if kind == "region" and place.region == name:
                return place.zone
            if kind == "academie" and same_name(place.academie, name):
                return place.zone
        return self.national_zone


@lru_cache(maxsize=1)
def load_calendar() -> Calendar:
    """Départements, zones and public holidays: the same for every campaign."""
    places, holidays = read_yaml(PROGRAMME / "departements.yaml"), read_yaml(PROGRAMME / "holidays.yaml")
    default = places.need("default")
    zone, group = default.need("zone").text(), default.need("holidays").text()
    return Calendar(
        departements={
            code: Departement(
                code=code,
                name=place.need("name").text(),
                region=place.need("region").text(),
                academie=place.need("academie").text(),
                zone=place.need("zone").text() if place.has("zone") else zone,
                holidays=place.need("holidays").text() if place.has("holidays") else group,
            )
            for code, place in places.need("departements").items()
        },
        regions={code: place.text() for code, place in places.need("regions").items()},
        holidays=_holidays(holidays, group),
        national_zone=zone,
    )


def _holidays(place: Place, mainland: str) -> dict[str, tuple[Holiday, ...]]:
    texts = citation_texts()
    groups: dict[str, tuple[Holiday, ...]] = {}
    for group, days in place.items():
        found = []
        for day in days.each():
            day.only("name", "day", "easter", *CITATION_KEYS)
            day.citation(texts)
            month, _, number = day.need("day").text().partition("-") if day.has("day") else ("", "", "")
            found.append(
                Holiday(
                    name=day.need("name").text(),
                    month_day=(int(month), int(number)) if month else None,
                    after_easter=day.need("easter").whole() if day.has("easter") else None,
                )
            )
        groups[group] = tuple(found)
    return {group: days if group == mainland else groups[mainland] + days for group, days in groups.items()}


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name without case, accents, hyphens or doubled spaces: `ORLEANS-TOURS` and `Orléans-Tours` are one."""
    letters = "".join(letter for letter in normalize("NFKD", name.casefold()) if not combining(letter))
    return " ".join(letters.replace("-", " ").replace("’", "'").split())


def same_name(one: str, other: str) -> bool:
    return plain(one) == plain(other)


def local(at: datetime, zone: str) -> datetime:
    """The instant `at` on the clock of `zone`."""
    return at.astimezone(_zone(zone))


@lru_cache(maxsize=8192)
def instant(day: date, hour: int, zone: str) -> datetime:
    """`hour` o'clock on `day` by the clock of `zone`: aware, and a plain datetime.

    Pendulum knows what becomes of an hour that a change of clock skips; its own type loses a zone that is not its own.
    """
    then = pendulum.datetime(day.year, day.month, day.day, hour, tz=zone)
    return datetime.fromtimestamp(then.timestamp(), _zone(zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
