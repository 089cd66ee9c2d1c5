"""How are numbers drawn so that the same drawing goes on paper and on a screen?

A drawing is a list of rectangles and words; one writer makes SVG of it, the other a PNG that a word processor takes.
It says nothing that is not also said in words beside it.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import escape

from notifications.documents import Picture
from notifications.french import UNBROKEN, listing
from notifications.pictures import COLOURS, FONT

WIDTH = 760
LEFT, RIGHT, TOP = 190, 40, 44
ROW, BAR = 34, 22  # pixels
SCALE = 3  # of a PNG: sharp when it is printed
DARK, LIGHT, RULE = "#111827", "#ffffff", "#d1d5db"
LETTER = 6.6  # pixels, the mean width of a letter at 12


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row: its name and its values, in the order of the series."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class _Rectangle:
    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, kw_only=True)
class _Words:
    x: float
    y: float  # of the line that letters stand on
    text: str
    fill: str = DARK
    anchor: str = "start"  # or middle, end


_Shape = _Rectangle | _Words


def stacked(
    title: str,
    series: Sequence[str],
    rows: Sequence[Bar],
    say: Callable[[int], str] = str,
    *,
    colours: Sequence[str] = COLOURS,
) -> Picture:
    """Horizontal bars, a row each, their values one after the other; `say` writes a value."""
    most = max((sum(row.values) for row in rows), default=0) or 1
    room = WIDTH - LEFT - RIGHT
    shapes: list[_Shape] = []
    x = float(LEFT)
    for number, name in enumerate(series):
        shapes += [
            _Rectangle(x=x, y=12, width=12, height=12, fill=colours[number]),
            _Words(x=x + 18, y=22, text=name),
        ]
        x += 18 + len(name) * LETTER + 24
    for number, row in enumerate(rows):
        y = TOP + number * ROW
        shapes.append(_Words(x=LEFT - 10, y=y + BAR / 2 + 4, text=row.name, anchor="end"))
        start = float(LEFT)
        for place, value in enumerate(row.values):
            if not value:
                continue
            wide, said = room * value / most, say(value)
            shapes.append(_Rectangle(x=start, y=y, width=max(wide - 1, 1), height=BAR, fill=colours[place]))
            if wide > len(said) * LETTER + 8:
                shapes.append(_Words(x=start + wide / 2, y=y + BAR / 2 + 4, text=said, fill=LIGHT, anchor="middle"))
            start += wide
        if not any(row.values):
            shapes.append(_Words(x=LEFT + 4, y=y + BAR / 2 + 4, text="rien"))
    height = TOP + len(rows) * ROW + 6
    shapes.append(_Rectangle(x=LEFT - 1, y=TOP - 6, width=1, height=len(rows) * ROW, fill=RULE))
    words = _in_words(title, series, rows, say)
    return Picture(png=_as_png(shapes, height), svg=_as_svg(shapes, height, words), words=words)


def _in_words(title: str, series: Sequence[str], rows: Sequence[Bar], say: Callable[[int], str]) -> str:
    said = []
    for row in rows:
        values = [f"{name} {say(value)}" for name, value in zip(series, row.values, strict=True) if value]
        said.append(f"{row.name}{UNBROKEN}: {listing(values) or 'rien'}")
    return ". ".join((title, *said)) + "."


def _as_svg(shapes: Sequence[_Shape], height: int, words: str) -> str:
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}' "
        f"role='img' aria-label='{escape(words)}' {FONT} font-size='12'>",
        f"<rect width='{WIDTH}' height='{height}' fill='{LIGHT}'/>",
    ]
    for shape in shapes:
        if isinstance(shape, _Rectangle):
            parts.append(f"<rect x='{shape.x:.1f}' y='{shape.y:.1f}' width='{shape.width:.1f}' "
                         f"height='{shape.height:.1f}' fill='{shape.fill}'/>")  # fmt: skip
        else:
            parts.append(f"<text x='{shape.x:.1f}' y='{shape.y:.1f}' fill='{shape.fill}' "
                         f"text-anchor='{shape.anchor}'>{escape(shape.text)}</text>")  # fmt: skip
    return "\n".join((*parts, "</svg>"))


def _as_png(shapes: Sequence[_Shape], height: int) -> bytes:
    from PIL import Image, ImageDraw, ImageFont
    from ttf_opensans import OPENSANS_REGULAR

    image = Image.new("RGB", (WIDTH * SCALE, height * SCALE), LIGHT)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(str(OPENSANS_REGULAR.path), 12 * SCALE)
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    for shape in shapes:
        x, y = shape.x * SCALE, shape.y * SCALE
        if isinstance(shape, _Rectangle):
            draw.rectangle((x, y, x + shape.width * SCALE - 1, y + shape.height * SCALE - 1), fill=shape.fill)
        else:
            draw.text((x, y), shape.text, fill=shape.fill, font=font, anchor=anchors[shape.anchor])
    out = io.BytesIO()
    image.save(out, format="PNG", optimize=True)
    return out.getvalue()
