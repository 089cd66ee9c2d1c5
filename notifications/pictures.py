"""How do amounts look side by side?

Drawings are SVG text that stands alone: no script, no font, no file beside it. What they show is also said in words
(`alternative`) for who does not see them.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

from notifications.french import UNBROKEN, listing

COLOURS = ("#1f4e9c", "#d97706", "#4d7c0f", "#7c3aed")  # told apart by the colour-blind too
WIDTH, HEIGHT = 760, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 10, 40, 56
LINES = 4  # of the scale, at most
FONT = "font-family='Open Sans, Arial, sans-serif'"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Bars that stand together: their group (a year), their name (a stage), their amounts in cents in one order."""

    group: str
    name: str
    amounts: tuple[int, ...]


def bars(title: str, series: Sequence[str], clusters: Sequence[Cluster]) -> str:
    """Vertical bars, cluster by cluster, as SVG."""
    top = _round_above(max((each for cluster in clusters for each in cluster.amounts), default=0))
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}' "
        f"role='img' aria-label='{escape(alternative(title, series, clusters))}' {FONT} font-size='12'>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>",
    ]
    for number, name in enumerate(series):
        x = LEFT + number * 150
        parts.append(f"<rect x='{x}' y='12' width='12' height='12' fill='{COLOURS[number]}'/>")
        parts.append(f"<text x='{x + 18}' y='22' fill='#111827'>{escape(name)}</text>")
    for line in range(LINES + 1):
        above = TOP + height - height * line / LINES
        parts.append(f"<path d='M{LEFT} {above:.1f}H{WIDTH - RIGHT}' stroke='#d1d5db'/>")
        parts.append(f"<text x='{LEFT - 8}' y='{above + 4:.1f}' text-anchor='end' fill='#374151'>"
                     f"{escape(rounded(top * line // LINES))}</text>")  # fmt: skip
    step = width / max(1, len(clusters))
    bar = step * 0.7 / max(1, len(series))
    group_starts: dict[str, list[float]] = {}
    for number, cluster in enumerate(clusters):
        left = LEFT + number * step
        group_starts.setdefault(cluster.group, []).append(left)
        for place, cents in enumerate(cluster.amounts):
            tall = height * cents / top
            beside, above = left + step * 0.15 + place * bar, TOP + height - tall
            parts.append(f"<rect x='{beside:.1f}' y='{above:.1f}' width='{bar - 1:.1f}' height='{tall:.1f}' "
                         f"fill='{COLOURS[place]}'/>")  # fmt: skip
        parts.append(f"<text x='{left + step / 2:.1f}' y='{TOP + height + 18}' text-anchor='middle' "
                     f"fill='#374151'>{escape(cluster.name)}</text>")  # fmt: skip
    for group, starts in group_starts.items():
        middle = (starts[0] + starts[-1] + step) / 2
        parts.append(f"<text x='{middle:.1f}' y='{TOP + height + 40}' text-anchor='middle' font-weight='bold' "
                     f"fill='#111827'>{escape(group)}</text>")  # fmt: skip
        parts.append(f"<path d='M{starts[0]:.1f} {TOP + height}v46' stroke='#d1d5db'/>")
    return "\n".join((*parts, "</svg>"))


def alternative(title: str, series: Sequence[str], clusters: Sequence[Cluster]) -> str:
    """The drawing in words: « Titre. 2021, prévu : État 365 000 €, collectivités 260 000 €. … »."""
    said = [
        f"{cluster.group}, {cluster.name}{UNBROKEN}: "
        + listing([f"{name} {rounded(cents)}" for name, cents in zip(series, cluster.amounts, strict=True)])
        for cluster in clusters
    ]
    return ". ".join((title, *said)) + "."


def as_markdown(svg: str, words: str) -> str:
    """The drawing as a Markdown image that carries its own data."""
    plain = words.replace("[", "(").replace("]", ")")
    return f"![{plain}](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def rounded(cents: int) -> str:
    """« 12,3 M€ », « 350 k€ », « 80 € »: an amount as a scale shows it."""
    euros = cents / 100
    for limit, unit in ((1_000_000, "M€"), (1_000, "k€")):
        if abs(euros) >= limit:
            return f"{euros / limit:.1f}".removesuffix(".0").replace(".", ",") + f"{UNBROKEN}{unit}"
    return f"{euros:.0f}{UNBROKEN}€"


def _round_above(cents: int) -> int:
    """The least round number that holds all, in whole steps of a fourth; never nothing."""
    power = 100
    while power * 10 < cents:
        power *= 10
    return next(power * each // 10 for each in (10, 12, 16, 20, 32, 40, 60, 80, 100) if power * each // 10 >= cents)
