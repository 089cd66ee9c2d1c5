"""What lies inside a perimeter: which territories, which départements, which contacts?

`national`, `region:32`, `departement:59`, or a territory's code. A wider perimeter never lies inside a narrower one:
the prefect of a région is nobody's to correct from a département.
"""

from dataclasses import dataclass

from models.rules.calendar import NATIONAL, Calendar, same_name
from models.rules.references import OWN_REGION


@dataclass(frozen=True, kw_only=True)
class Perimeter:
    """A perimeter by its one spelling, and the départements that lie inside it whole (None: all of them)."""

    name: str
    departements: frozenset[str] | None
    territory: str = ""

    def holds_territory(self, code: str, departement: str) -> bool:
        if self.territory:
            return code == self.territory
        return self.departements is None or departement in self.departements

    def holds_departement(self, departement: str) -> bool:
        return self.departements is None or departement in self.departements

    def holds_perimeter(self, calendar: Calendar, name: str, departement: str | None) -> bool:
        """Does another perimeter lie inside? `departement` is its own when it is a territory's code."""
        if departement is not None:
            return self.holds_territory(name, departement)
        if self.departements is None:
            return True
        inside = _departements(calendar, name)
        return inside is not None and bool(inside) and inside <= self.departements


def perimeter_named(calendar: Calendar, name: str) -> Perimeter:
    """The perimeter of a name in its one spelling (`References.perimeter` gives it); else a territory's code."""
    if name == NATIONAL:
        return Perimeter(name=name, departements=None)
    if ":" in name:
        return Perimeter(name=name, departements=_departements(calendar, name) or frozenset())
    return Perimeter(name=name, departements=frozenset(), territory=name)


def region_of(calendar: Calendar, departement: str) -> str:
    """The région that a département's territories belong to; some stand for themselves."""
    return departement if departement in OWN_REGION else calendar.region(departement)


def region_of_recteurs(calendar: Calendar, departement: str) -> str:
    """The région whose recteurs have the département's académie: Guadeloupe's for Saint-Martin (semantics §1)."""
    own = calendar.departements[departement]
    if departement not in OWN_REGION:
        return own.region
    sharing = (each for each in calendar.departements.values() if same_name(each.academie, own.academie))
    return next((each.region for each in sharing if each.code not in OWN_REGION), own.region)


def perimeter_words(calendar: Calendar, perimeter: Perimeter, territory_name: str = "") -> str:
    """« département du Nord » would need an article: « Nord (département 59) »."""
    kind, _, code = perimeter.name.partition(":")
    match kind:
        case "national":
            return "toute la France"
        case "region":
            return f"{calendar.region_name(code)} (région {code})"
        case "departement":
            return f"{calendar.departement_name(code)} (département {code})"
        case _:
            return f"{territory_name} ({perimeter.territory})"


def _departements(calendar: Calendar, name: str) -> frozenset[str] | None:
    kind, _, value = name.partition(":")
    match kind:
        case "departement":
            return frozenset((value,))
        case "region":
            return frozenset(code for code in calendar.departements if region_of(calendar, code) == value)
        case "academie":
            return frozenset(code for code, place in calendar.departements.items() if same_name(place.academie, value))
        case _:
            return None
