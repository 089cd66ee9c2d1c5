"""Which letters left, which are to come, and between which deadlines?

A day is a bar, on one line of time around the day of the dashboard: solid for what left, outlined for what waits,
striped for what is planned. Deadlines stand as flags.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from notifications.dashboard_counts import TOLD, on_day
from notifications.dashboard_figures import Sums, whole
from notifications.french import SHORT_MONTHS, UNBROKEN

WIDTH, LEFT, RIGHT = 980, 44, 12
LANE, LANES, GAP = 17, 5, 12  # of flags: the height of one, how many at most, and the room under them
TALL, UNDER = 150, 24  # of the bars, and of the days under them
LETTER = 6.4  # the mean width of a letter of a flag


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A day with words: in which lane, and whether the words stand before it for want of room after it."""

    x: float
    lane: int
    words: str
    look: str
    before: bool


def timeline(facts: Mapping[str, Any], sums: Sums, words: str) -> Markup:
    """The drawing; `words` say what it shows to who does not see it."""
    first, last = date.fromisoformat(facts["first_day"]), date.fromisoformat(facts["last_day"])
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    step = (WIDTH - LEFT - RIGHT) / len(days)
    left_of = {day: LEFT + number * step for number, day in enumerate(days)}
    flags = _flags(facts, {day: left + step / 2 for day, left in left_of.items()})
    top = LANE * (1 + max(flag.lane for flag in flags)) + GAP
    bottom = top + TALL
    most = max(sums.value([on_day(day, what) for what in TOLD]) for day in days)
    bars = Markup("").join(_bars(sums, day, left_of[day], step, bottom, most) for day in days)
    return Markup("<svg class='time' viewBox='0 0 {} {}' role='img' aria-label='{}'>{}{}{}{}</svg>").format(
        WIDTH, bottom + UNDER, words, _scale(top, most), bars, _days(days, left_of, step, bottom),
        Markup("").join(_flag(each, bottom) for each in flags),
    )  # fmt: skip


def _scale(top: int, most: int) -> Markup:
    """The ground, the line at the height of the busiest day, and its number."""
    return Markup(
        "<path class='rule' d='M{0} {1}H{2}'/><text class='end' x='{3}' y='{4}' data-most='days'>{5}</text>"
        "<path class='axis' d='M{0} {6}H{2}'/><text class='end' x='{3}' y='{7}'>0</text>"
    ).format(LEFT, top, WIDTH - RIGHT, LEFT - 6, top + 4, whole(most), top + TALL, top + TALL + 4)


def _bars(sums: Sums, day: date, left: float, step: float, bottom: int, most: int) -> Markup:
    if not sums.value([on_day(day, what) for what in TOLD]):
        return Markup("")
    base, parts = 0.0, []
    for what in TOLD:
        tall = TALL * sums.value([on_day(day, what)]) / most
        parts.append(
            Markup("<rect class='{}' data-k='{}' x='{:.1f}' width='{:.1f}' y='{:.1f}' height='{:.1f}'/>").format(
                what, on_day(day, what), left + 0.5, step - 1, bottom - base - tall, tall
            )
        )
        base += tall
    return Markup("<g data-g='days' data-base='{}' data-tall='{}'>{}</g>").format(bottom, TALL, Markup("").join(parts))


def _days(days: Iterable[date], left_of: Mapping[date, float], step: float, bottom: int) -> Markup:
    """Every other Monday, under the ground."""
    mondays = [day for day in days if day.weekday() == 0]
    return Markup("").join(
        Markup("<path class='tick' d='M{0:.1f} {1}v5'/><text class='middle' x='{0:.1f}' y='{2}'>{3}</text>").format(
            left_of[day] + step / 2, bottom, bottom + 18, day_words(day)
        )
        for day in mondays[::2]
    )


def _flags(facts: Mapping[str, Any], middle_of: Mapping[date, float]) -> Sequence[Flag]:
    """The due dates within the window, and the day of the dashboard.

    One whose words would meet those of an earlier flag stands a lane lower, so that no line crosses words.
    """
    today = date.fromisoformat(facts["day"])
    wanted = {(today, f"au {day_words(today)}", "now")}
    for deadline in facts["deadlines"]:
        for each in deadline["dues"]:
            day = date.fromisoformat(each["due"])
            if day in middle_of:
                wanted.add((day, f"{deadline['title']}, {day_words(day)}", "due"))
    flags: list[Flag] = []
    ends: dict[int, float] = {}  # of the words of each lane
    for day, words, look in sorted(wanted):
        x, long = middle_of[day], len(words) * LETTER + 10
        before = x + long > WIDTH
        begins = x - long if before else x
        lane = (1 + max((lane for lane, end in ends.items() if end > begins), default=-1)) % LANES
        ends[lane] = x if before else x + long
        flags.append(Flag(x=x, lane=lane, words=words, look=look, before=before))
    return flags


def _flag(flag: Flag, bottom: int) -> Markup:
    y = LANE * (flag.lane + 1)
    return Markup("<path class='flag {}' d='M{:.1f} {}V{}'/><text class='{}' x='{:.1f}' y='{}'>{}</text>").format(
        flag.look, flag.x, y - 11, bottom, f"{flag.look} end" if flag.before else flag.look,
        flag.x - 5 if flag.before else flag.x + 5, y, flag.words,
    )  # fmt: skip


def day_words(day: date) -> str:
    """« 19 févr. »."""
    return f"{'1er' if day.day == 1 else day.day}{UNBROKEN}{SHORT_MONTHS[day.month - 1]}"
