"""Where are the cités, and where do they stand?

A map as SVG: the mainland, boxes for the départements overseas and for Paris and its nearest suburbs. Each territory
is one symbol, of one shape and colour by phase, moved aside as little as it takes for none to cover another; a
campaign too large for that has one ring by département. A plain projection: degrees of longitude shortened by the
latitude.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from models.rules.calendar import load_calendar
from models.rules.places import MAINLAND, Point, load_places
from notifications.documents import clean

WIDTH, HEIGHT = 880, 600
RADIUS, SMALLEST = 7.5, 1.6
FULL = 0.14  # of a frame that symbols may cover before they get smaller
GOLDEN = math.pi * (3 - math.sqrt(5))
PARIS = "paris"
SUBURBS = frozenset({"75", "92", "93", "94"})
PARIS_WORDS = "Paris et petite couronne"
ALWAYS = ("971", "972", "973", "974", "976")
SHAPES: Sequence[str] = (  # for a radius of one, by phase
    "M0-1.15L1.05.75H-1.05Z",
    "M0-1.2L1.2 0L0 1.2L-1.2 0Z",
    "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0Z",
    "M-.92-.92H.92V.92H-.92Z",
    "M-.35-1.1H.35V-.35H1.1V.35H.35V1.1H-.35V.35H-1.1V-.35H-.35Z",
)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A piece of the map: where it is drawn, and the degrees that it shows."""

    x: float
    y: float
    width: float
    height: float
    west: float
    east: float
    south: float
    north: float

    @property
    def scale(self) -> float:
        """Units of the drawing for one degree of latitude."""
        return min(self.width / ((self.east - self.west) * self._shortened), self.height / (self.north - self.south))

    @property
    def _shortened(self) -> float:
        return math.cos(math.radians((self.south + self.north) / 2))

    def place(self, point: Point) -> Point:
        """Where a point stands in the drawing, never outside the frame."""
        longitude, latitude = point
        x = self.x + self.width / 2 + (longitude - (self.west + self.east) / 2) * self._shortened * self.scale
        y = self.y + self.height / 2 - (latitude - (self.south + self.north) / 2) * self.scale
        return (
            min(max(x, self.x), self.x + self.width),
            min(max(y, self.y), self.y + self.height),
        )


FRANCE = Frame(x=12, y=14, width=580, height=572, west=-5.15, east=9.6, south=41.35, north=51.1)
NEAR_PARIS = Frame(x=640, y=34, width=218, height=190, west=2.17, east=2.6, south=48.72, north=49.0)
BOX_X, BOX_Y, BOX_WIDTH, BOX_HEIGHT, BOXES_ACROSS = 635, 262, 112, 84, 2


def symbol(phase: int, radius: float, x: float = 0, y: float = 0) -> Markup:
    """The symbol of a phase, by its rank, around a point."""
    return Markup("<path class='p{}' d='{}' transform='translate({} {}) scale({})'/>").format(
        phase, SHAPES[phase], round(x, 1), round(y, 1), round(radius, 2)
    )


def drawn_map(facts: Mapping[str, Any], words: str) -> Markup:
    """The whole map; `words` say what it shows to who does not see it."""
    frames = _frames(facts["territories"])
    draw = _rings if len(facts["territories"]) > facts["one_by_one"] else _symbols
    return Markup("<svg class='map' viewBox='0 0 {} {}' role='img' aria-label='{}'>{}{}{}</svg>").format(
        WIDTH, _height(frames), words, _coasts(frames), _labels(frames), Markup("").join(draw(facts, frames))
    )


def _frames(territories: Iterable[Mapping[str, Any]]) -> dict[str, Frame]:
    """The frames to draw: the mainland, Paris, and each département overseas that has a coast or a territory."""
    places = load_places()
    overseas = sorted({*ALWAYS, *(each["departement"] for each in territories if len(each["departement"]) == 3)})
    frames = {MAINLAND: FRANCE, PARIS: NEAR_PARIS}
    for number, code in enumerate(overseas):
        points = [point for ring in places.outlines.get(code, ()) for point in ring] or [places.departements[code]]
        longitudes, latitudes = [point[0] for point in points], [point[1] for point in points]
        frames[code] = Frame(
            x=BOX_X + number % BOXES_ACROSS * (BOX_WIDTH + 4) + 5,
            y=BOX_Y + number // BOXES_ACROSS * (BOX_HEIGHT + 28) + 5,
            width=BOX_WIDTH - 10,
            height=BOX_HEIGHT - 10,
            west=min(longitudes) - 0.05, east=max(longitudes) + 0.05,
            south=min(latitudes) - 0.05, north=max(latitudes) + 0.05,
        )  # fmt: skip
    return frames


def _height(frames: Mapping[str, Frame]) -> float:
    return max(HEIGHT, *(frame.y + frame.height + 34 for frame in frames.values()))


def _frame_of(departement: str, frames: Mapping[str, Frame]) -> str:
    if departement in SUBURBS:
        return PARIS
    return departement if departement in frames else MAINLAND


def _coasts(frames: Mapping[str, Frame]) -> Markup:
    outlines = load_places().outlines
    return Markup("").join(
        Markup("<path class='coast' d='{}'/>").format(
            "".join(
                "M" + "L".join("{:.1f} {:.1f}".format(*frame.place(point)) for point in ring) + "Z"
                for ring in outlines[name]
            )
        )
        for name, frame in frames.items()
        if name in outlines
    )


def _labels(frames: Mapping[str, Frame]) -> Markup:
    """The frame around each box, its name, and where Paris is on the mainland."""
    centres, calendar = load_places().departements, load_calendar()
    parts = []
    for name, frame in frames.items():
        if name == MAINLAND:
            continue
        words = PARIS_WORDS if name == PARIS else calendar.departement_name(name)
        parts.append(
            Markup("<rect class='frame' x='{}' y='{}' width='{}' height='{}'/><text x='{}' y='{}'>{}</text>").format(
                frame.x - 5, frame.y - 5, frame.width + 10, frame.height + 10, frame.x - 5,
                frame.y + frame.height + 21 if name != PARIS else frame.y - 11, words,
            )
        )  # fmt: skip
    corners = [FRANCE.place((NEAR_PARIS.west, NEAR_PARIS.north)), FRANCE.place((NEAR_PARIS.east, NEAR_PARIS.south))]
    (left, top), (right, bottom) = corners
    parts.append(
        Markup("<path class='frame' d='M{:.1f} {:.1f}H{:.1f}V{:.1f}H{:.1f}ZM{:.1f} {:.1f}L{} {}'/>").format(
            left, top, right, bottom, left, right, top, NEAR_PARIS.x - 5, NEAR_PARIS.y + 60
        )
    )
    for code in sorted(SUBURBS):
        x, y = NEAR_PARIS.place(centres[code])
        parts.append(Markup("<text class='faint' x='{:.1f}' y='{:.1f}'>{}</text>").format(x, y, code))
    return Markup("").join(parts)


def _symbols(facts: Mapping[str, Any], frames: Mapping[str, Frame]) -> Iterator[Markup]:
    """One symbol a territory; late ones have a ring around."""
    ranks = {phase: rank for rank, phase in enumerate(facts["phases"])}
    titles = {each["state"]: each["title"] for each in facts["states"]}
    names = {each["departement"]: each["name"] for each in facts["places"]}
    grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in facts["territories"]:
        grouped[_frame_of(each["departement"], frames)].append(each)
    for name, here in grouped.items():
        frame = frames[name]
        radius = max(SMALLEST, min(RADIUS, math.sqrt(FULL * frame.width * frame.height / len(here) / math.pi) / 1.5))
        wanted = [frame.place(each["point"]) for each in here]
        for each, (x, y) in zip(here, spread(wanted, [radius * 1.35] * len(here), frame), strict=True):
            ring = Markup("")
            if each["late"]:
                ring = Markup("<circle class='ring' cx='{:.1f}' cy='{:.1f}' r='{:.1f}'/>").format(x, y, radius * 1.45)
            late = ", en retard" if each["late"] else ""
            about = "" if each["exact"] else " ; commune non située"
            yield Markup("<g data-d='{}'>{}{}<title>{} ({}) : {}{}{}</title></g>").format(
                each["departement"], symbol(ranks[each["phase"]], radius, x, y), ring, clean(each["name"]),
                names[each["departement"]], titles[each["state"]], late, about,
            )  # fmt: skip


def _rings(facts: Mapping[str, Any], frames: Mapping[str, Frame]) -> Iterator[Markup]:
    """One ring a département, divided by phase, with the number of its territories inside."""
    order = list(facts["phases"])
    phases: dict[str, Counter[str]] = defaultdict(Counter)
    for each in facts["territories"]:
        phases[each["departement"]][each["phase"]] += 1
    names = {each["departement"]: each["name"] for each in facts["places"]}
    most = max(counted.total() for counted in phases.values())
    grouped: dict[str, list[str]] = defaultdict(list)
    for code in phases:
        grouped[_frame_of(code, frames)].append(code)
    centres = load_places().departements
    for name, codes in grouped.items():
        radii = [11 + 9 * math.sqrt(phases[code].total() / most) for code in codes]
        points = spread([frames[name].place(centres[code]) for code in codes], radii, frames[name])
        for code, radius, (x, y) in zip(codes, radii, points, strict=True):
            counted = phases[code]
            said = ", ".join(f"{facts['phases'][phase]} {counted[phase]}" for phase in order if counted[phase])
            yield Markup(
                "<g data-d='{}'><circle class='hole' cx='{:.1f}' cy='{:.1f}' r='{:.1f}'/>{}"
                "<text class='inside' x='{:.1f}' y='{:.1f}'>{}</text><title>{} : {}</title></g>"
            ).format(
                code, x, y, radius, _arcs([counted[phase] for phase in order], x, y, radius - 2.5), x, y + 3.5,
                counted.total(), names[code], said,
            )  # fmt: skip


def _arcs(parts: Sequence[int], x: float, y: float, radius: float) -> Markup:
    """A ring cut in proportion, from the top, clockwise."""
    around, start, arcs = 2 * math.pi * radius, 0.0, []
    for rank, part in enumerate(parts):
        length = around * part / sum(parts)
        if part:
            arcs.append(
                Markup("<circle class='arc a{}' cx='{:.1f}' cy='{:.1f}' r='{:.1f}' "
                       "stroke-dasharray='{:.2f} {:.2f}' stroke-dashoffset='{:.2f}' "
                       "transform='rotate(-90 {:.1f} {:.1f})'/>").format(
                    rank, x, y, radius, length, around - length, -start, x, y)
            )  # fmt: skip
        start += length
    return Markup("").join(arcs)


def spread(wanted: Sequence[Point], radii: Sequence[float], frame: Frame) -> list[Point]:
    """Where to draw discs so that none covers another: each at the free point nearest to where it belongs.

    Earlier discs keep their place; later ones turn around theirs in a spiral, inside the frame. A frame that is full
    leaves a disc where it belongs.
    """
    size = 2 * max(radii, default=1.0)
    taken: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)

    def free(x: float, y: float, radius: float) -> bool:
        column, row = int(x // size), int(y // size)
        return not any(
            math.hypot(x - other_x, y - other_y) < radius + other
            for across in (column - 1, column, column + 1)
            for down in (row - 1, row, row + 1)
            for other_x, other_y, other in taken[across, down]
        )

    def around(point: Point, radius: float) -> Iterator[Point]:
        reach = math.hypot(frame.width, frame.height)
        turn = 0
        while (away := radius * 0.5 * math.sqrt(turn)) <= reach:
            x, y = point[0] + away * math.cos(turn * GOLDEN), point[1] + away * math.sin(turn * GOLDEN)
            if frame.x <= x <= frame.x + frame.width and frame.y <= y <= frame.y + frame.height:
                yield x, y
            turn += 1

    placed = []
    for point, radius in zip(wanted, radii, strict=True):
        x, y = next((each for each in around(point, radius) if free(*each, radius)), point)
        taken[int(x // size), int(y // size)].append((x, y, radius))
        placed.append((x, y))
    return placed
