"""Where on the map does a territory stand?

At the first of its communes that we know the place of, else at the centre of its département. Degrees, longitude first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.rules.yaml_files import PROGRAMME, read_yaml
from models.rules.yaml_files import Place as YamlPlace

MAINLAND = "metropole"
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Points of communes (INSEE) and départements, and the coasts: of the mainland and of départements overseas."""

    departements: Mapping[str, Point]
    communes: Mapping[str, Point]
    outlines: Mapping[str, tuple[tuple[Point, ...], ...]]

    def of(self, communes: str, departement: str) -> tuple[Point, bool]:
        """The point of a territory, from its communes' codes; and whether it is a commune's own."""
        for code in communes.split():
            if code in self.communes:
                return self.communes[code], True
        return self.departements[departement], False


@lru_cache(maxsize=1)
def load_places() -> Places:
    """The places of `models/programme/places.yaml`: the same for every campaign."""
    file = read_yaml(PROGRAMME / "places.yaml")
    file.only("departements", "communes", "outlines")
    return Places(
        departements=_points(file.need("departements")),
        communes=_points(file.need("communes")),
        outlines={
            name: tuple(tuple(_point(each) for each in ring.each()) for ring in rings.each())
            for name, rings in file.need("outlines").items()
        },
    )


def _points(place: YamlPlace) -> dict[str, Point]:
    return {code: _point(each) for code, each in place.items()}


def _point(place: YamlPlace) -> Point:
    if (
        not isinstance(place.value, list)
        or len(place.value) != 2
        or not all(isinstance(each, int | float) for each in place.value)
    ):
        place.refuse(f"{place.value!r} is not a point", "write [longitude, latitude] in degrees")
    longitude, latitude = place.value
    return float(longitude), float(latitude)
