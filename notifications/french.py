"""How does an administration write a day, a delay, a number, a list, and where do its spaces not break?"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

UNBROKEN = "\N{NO-BREAK SPACE}"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juill.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
MAINLAND = "Europe/Paris"
CLOCKS = {
    "America/Guadeloupe": "de la Guadeloupe",
    "America/Martinique": "de la Martinique",
    "America/Cayenne": "de la Guyane",
    "Indian/Reunion": "de La Réunion",
    "Indian/Mayotte": "de Mayotte",
    "America/Miquelon": "de Saint-Pierre-et-Miquelon",
    "America/St_Barthelemy": "de Saint-Barthélemy",
    "America/Marigot": "de Saint-Martin",
    "Pacific/Wallis": "de Wallis-et-Futuna",
    "Pacific/Tahiti": "de la Polynésie française",
    "Pacific/Noumea": "de la Nouvelle-Calédonie",
}
WIDTH = 72

_breaks = re.compile(r"[ \t\r\n\x0b\x0c\x1c-\x1f\x7f\x85\u2028\u2029]+")
_unseen = re.compile(  # controls, signs that turn the reading direction, halves of characters
    "[\x00-\x08\x0e-\x1b\x80-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)
_unbreakable = re.compile(  # begins with the space itself: letters are scanned whole
    rf" (?:(?<=\S )(?=[:;?!»])|(?<=« )|(?:(?<=\d )|(?<=1er ))(?=(?:h|jours?|pièces?|{'|'.join(MONTHS)})\b))"
)


def short_date(day: date) -> str:
    """« 28 février 2021 », « 1er mars 2021 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def time_of_day(at: datetime) -> str:
    """« 9 h 00 », « 14 h 05 »."""
    return f"{at.hour} h {at:%M}"


def long_date(day: date) -> str:
    """« dimanche 28 février 2021 »."""
    return f"{WEEKDAYS[day.weekday()]} {short_date(day)}"


def span(first: date, last: date) -> str:
    """« du 15 au 21 février 2021 », « du 28 décembre 2020 au 3 janvier 2021 »: what both days share is said once."""
    start = short_date(first)
    if first.year == last.year:
        start = start.rpartition(" ")[0]
        if first.month == last.month:
            start = start.rpartition(" ")[0]
    return f"du {start} au {short_date(last)}"


def count(number: int, noun: str, *, plural: str = "") -> str:
    """« 1 pièce », « 3 pièces »; `plural` when an s does not do."""
    return f"{number} {noun}" if abs(number) < 2 else f"{number} {plural or noun + 's'}"


def delay(days: int, due: date, until: str = " inclus") -> str:
    """What remains until the due date, or what has elapsed since, as the beginning of a sentence without capital.

    `until` says how the due day ends: `inclus`, or at which hour elsewhere.
    """
    day = long_date(due)
    if days < -1:
        return f"échéance dépassée de {-days} jours, depuis le {day}"
    if days == -1:
        return f"échéance dépassée d’un jour, depuis hier, {day}"
    if days == 0:
        return f"l’échéance est aujourd’hui, {day}{until}"
    if days == 1:
        return f"l’échéance est demain, {day}{until}"
    return f"il reste {days} jours, jusqu’au {day}{until}"


def countdown(days: int) -> str:
    """« dans 9 jours », « demain », « aujourd’hui », « depuis hier », « depuis 3 jours »."""
    words = {1: "demain", 0: "aujourd’hui", -1: "depuis hier"}
    return words.get(days, f"{'dans' if days > 0 else 'depuis'} {abs(days)} jours")


def until(due: date, zone: str, in_paris: datetime) -> str:
    """How a due day ends: « inclus », or on another clock than the mainland's, its midnight as Paris reads it."""
    if zone == MAINLAND:
        return " inclus"
    hour = f"{in_paris.hour} h" + (f" {in_paris.minute:02d}" if in_paris.minute else "")
    day = "" if in_paris.date() == due else f"le {short_date(in_paris.date())[:-5]} à "
    return f" à minuit, heure {clock(zone)} ({day}{hour} à Paris)"


def clock(zone: str) -> str:
    """« de La Réunion » for a zone other than the mainland's; empty for the mainland's."""
    if zone == MAINLAND:
        return ""
    return CLOCKS.get(zone, f"de {zone.rpartition('/')[2].replace('_', ' ')}")


def listing(words: Sequence[str]) -> str:
    """« a, b et c »; « a, b ; c » when a comma stands within one of them."""
    if any("," in each for each in words):
        return " ; ".join(words)
    return " et ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


@lru_cache(maxsize=4096)
def one_line(words: str) -> str:
    """The same words on one line, what cannot be seen left out: what people typed draws nothing of its own."""
    return _unseen.sub("", _breaks.sub(" ", words)).strip()


def sentence(words: str) -> str:
    """The same words with a capital first letter, whatever stands after it."""
    return words[:1].upper() + words[1:]


def brief(words: str, length: int) -> str:
    """The same words, cut after a word and ended by « … » when they are longer than `length`."""
    if len(words) <= length:
        return words
    kept = words[: max(length - 1, 1)]
    return (kept.rpartition(" ")[0] if " " in kept else kept).rstrip(" ,;:–-/(«") + "…"


def typeset(words: str) -> str:
    """No-break spaces before two-part signs, inside guillemets, and between a number and what it counts."""
    return "\n".join(map(_typeset, words.split("\n")))


@lru_cache(maxsize=4096)
def _typeset(line: str) -> str:
    """One line: most lines of a letter are those of the letter before it."""
    return _unbreakable.sub(UNBROKEN, line)


def folded(text: str) -> str:
    """Plain text, typeset, folded at 72 columns; a bullet's lines stay under its first word; no two blank lines."""
    lines: list[str] = []
    for line in text.splitlines():
        line = line.rstrip(" ")
        if line or (lines and lines[-1]):
            lines.extend(_folded(line))
    return "\n".join(lines).strip("\n") + "\n"


@lru_cache(maxsize=4096)
def _folded(line: str) -> tuple[str, ...]:
    line = _unbreakable.sub(UNBROKEN, line)
    if len(line) <= WIDTH:
        return (line,)
    words = line.lstrip(" ").split(" ")
    indent = " " * (len(line) - len(line.lstrip(" ")))
    under = indent + ("  " if words[0] == "•" else "")
    lines, present = [], indent + words[0]
    for word in words[1:]:
        if len(present) + 1 + len(word) > WIDTH:
            lines.append(present)
            present = under + word
        else:
            present += " " + word
    return (*lines, present)
