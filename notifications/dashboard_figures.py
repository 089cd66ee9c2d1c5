"""How does a number of a dashboard stand in the page, so that the script can add it up again for one région?

Each number says of which counts it is the sum (`data-k`), each bar how long it is against the others (`data-g`). What
stands under a région or a département (`data-r`, `data-d`) counts only there. Colours always come with a pattern or a
number; the names of counts are those of `dashboard_counts`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from models.rules.amounts import euros
from notifications.documents import share
from notifications.pictures import rounded

Keys = Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of a bar: the counts that it adds up, and the class that colours it."""

    keys: Keys
    look: str


@dataclass(frozen=True, kw_only=True)
class Sums:
    """The counts of a dashboard by département, and which région each is in."""

    counts: Mapping[str, Mapping[str, int]]
    region_of: Mapping[str, str]

    def value(self, keys: Keys, inside: Collection[str] | None = None) -> int:
        """The sum of these counts, over some départements or over all."""
        return sum(
            here.get(key, 0) for code, here in self.counts.items() if inside is None or code in inside for key in keys
        )

    def inside(self, region: str) -> list[str]:
        """The départements of a région that count something."""
        return [code for code in self.counts if self.region_of[code] == region]


def whole(number: int) -> str:
    """« 1 234 »."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "−")


WRITTEN: Mapping[str, Any] = {"n": whole, "short": rounded, "euros": euros}


def number(
    sums: Sums, keys: Keys, *, written: str = "n", over: Keys = (), inside: Collection[str] | None = None
) -> Markup:
    """The sum of some counts, as text: a whole number, an amount, or with `over` its share of other counts."""
    value = sums.value(keys, inside)
    if over:
        whole_of = sums.value(over, inside)
        text = share(value / whole_of) if whole_of else "—"
        return Markup("<span data-k='{}' data-over='{}'>{}</span>").format(" ".join(keys), " ".join(over), text)
    return Markup("<span data-k='{}' data-f='{}'>{}</span>").format(" ".join(keys), written, WRITTEN[written](value))


def bar(
    sums: Sums, segments: Sequence[Segment], *, longest: float, group: str = "", inside: Collection[str] | None = None
) -> Markup:
    """A horizontal bar of several parts.

    In a group the longest bar (`longest`) takes all the room; without one, each bar takes it all.
    """
    x, parts = 0.0, []
    for segment in segments:
        width = 100 * _length(sums, segment, inside) / longest if longest else 0.0
        parts.append(
            Markup("<rect class='{}' data-k='{}' x='{}%' width='{}%' height='100%'/>").format(
                segment.look, " ".join(segment.keys), round(x, 2), round(width, 2)
            )
        )
        x += width
    return Markup("<svg class='bar' data-g='{}' aria-hidden='true' focusable='false'>{}</svg>").format(
        group, Markup("").join(parts)
    )


def longest_of(sums: Sums, bars: Sequence[tuple[Sequence[Segment], Collection[str] | None]]) -> int:
    """The length of the longest of some bars."""
    return max((sum(_length(sums, segment, inside) for segment in segments) for segments, inside in bars), default=0)


def _length(sums: Sums, segment: Segment, inside: Collection[str] | None) -> int:
    """What a bar shows of a sum: a debt has no length."""
    return max(0, sums.value(segment.keys, inside))


def key_to(items: Sequence[tuple[str, str]]) -> Markup:
    """What the colours and patterns of bars mean: (look, words)."""
    return Markup("<ul class='key'>{}</ul>").format(
        Markup("").join(
            Markup("<li><svg aria-hidden='true' focusable='false'><rect class='{}' width='100%' height='100%'/></svg>"
                   "{}</li>").format(look, words)
            for look, words in items
        )
    )  # fmt: skip
