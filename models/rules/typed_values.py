"""What does a cell say that somebody typed: a text, a word, a number, an amount, a moment, an address?

People's ways are accepted when they have one meaning only; a text with two meanings (`15.000`) is refused with its
cure. What a value means in a campaign (a territory, a requirement, a zone) is not decided here. Words for people are
French.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from unicodedata import category, combining, normalize
from zoneinfo import ZoneInfo

Cell = str | int | float | bool | date | datetime | time | timedelta | None
FIRST_YEAR, LAST_YEAR = 1990, 2100  # outside, a year is a slip of the keyboard
MOST_EUROS = Decimal(10) ** 12  # beyond, a float of a spreadsheet would lose cents
NO_CHARACTERS = "\ufffe\uffff"  # no XML may hold them, hence no workbook
SCHOOL_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class Unreadable(Exception):
    """A cell that cannot be read: what is wrong and the cure, both French, without a capital or a full stop."""

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(f"{problem} ; {cure}")
        self.problem, self.cure = problem, cure


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A date as it was typed: with or without an hour, with or without an offset."""

    typed: datetime

    def instant(self, zone: str) -> datetime:
        """The instant in UTC; without an offset, by the clock of `zone`."""
        return (self.typed if self.typed.tzinfo else self.typed.replace(tzinfo=_zone(zone))).astimezone(UTC)

    def day(self, zone: str) -> date:
        """The day, on the calendar of `zone` when an offset was typed."""
        return (self.typed.astimezone(_zone(zone)) if self.typed.tzinfo else self.typed).date()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """A word without case, accents or punctuation: `Signée le` is `signee_le`."""
    bare = "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))
    return re.sub(r"[^0-9a-z]+", "_", bare).strip("_")


def text_of(cell: Cell) -> str:
    """The cell as its reader sees it, without the spaces around; control characters are refused."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        text = cell.replace("\r\n", "\n").strip(" \t\n\r\f\v\u00a0\u2007\u2009\u202f\u200b\ufeff")
        if not text.isprintable():
            for letter in text:
                if letter not in "\n\t" and (category(letter) in ("Cc", "Cs") or letter in NO_CHARACTERS):
                    raise Unreadable(
                        f"caractère de contrôle interdit (U+{ord(letter):04X})",
                        "effacer ce caractère invisible, au besoin en ressaisissant la cellule",
                    )
        return text
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        return str(int(cell)) if isfinite(cell) and cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    return str(cell)


def text_up_to(most: int, *, one_line: bool = True) -> Callable[[Cell], str]:
    """A reader of free text of at most `most` characters; on one line, line ends become spaces."""

    def read(cell: Cell) -> str:
        text = text_of(cell)
        if one_line and ("\n" in text or "\t" in text):
            text = re.sub(r"[ ]*[\n\t]+\s*", " ", text)
        if len(text) > most:
            raise Unreadable(f"texte trop long ({len(text)} caractères)", f"le ramener à {most} caractères au plus")
        return text

    return read


def codes_up_to(most: int) -> Callable[[Cell], tuple[str, ...]]:
    """A reader of codes with spaces, commas, semicolons or bars between; upper-case, each once, in order."""

    def read(cell: Cell) -> tuple[str, ...]:
        codes = tuple(dict.fromkeys(code.upper() for code in re.split(r"[\s,;|]+", text_of(cell)) if code))
        if len(" ".join(codes)) > most:
            raise Unreadable("liste de codes trop longue", f"la ramener à {most} caractères au plus")
        return codes

    return read


def communes(cell: Cell) -> tuple[str, ...]:
    """INSEE codes; the zero that a spreadsheet drops (1004) is put back."""
    found = []
    for code in codes_up_to(400)(cell):
        full = code.zfill(5) if code.isdigit() and len(code) == 4 else code
        if not re.fullmatch(r"[0-9]{5}|2[AB][0-9]{3}", full):
            raise Unreadable(
                f"« {code} » n’est pas un code de commune", "écrire les codes INSEE, par exemple 59178 59654"
            )
        found.append(full)
    return tuple(found)


def word_of(vocabulary: type[StrEnum], **synonyms: StrEnum) -> Callable[[Cell], StrEnum]:
    """A reader of the words of a closed list, whatever their case and accents."""
    known: dict[str, StrEnum] = {fold(member.value): member for member in vocabulary} | synonyms

    def read(cell: Cell) -> StrEnum:
        text = text_of(cell)
        found = known.get(fold(text))
        if found is None:
            raise Unreadable("mot inconnu", f"écrire {_either(member.value for member in vocabulary)}")
        return found

    return read


def yes_or_no(cell: Cell) -> bool:
    """Oui or non, as people type them."""
    word = fold(text_of(cell))
    if word in ("oui", "o", "vrai", "true", "yes", "1", "x"):
        return True
    if word in ("non", "n", "faux", "false", "no", "0"):
        return False
    raise Unreadable("ni oui ni non", "écrire oui ou non")


def year(cell: Cell) -> int:
    """A calendar year of four digits."""
    text = text_of(cell)
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise Unreadable("ce n’est pas une année", "écrire une année civile sur quatre chiffres, par exemple 2021")
    return int(text)


def count(cell: Cell) -> int | None:
    """A number of people: whole, not negative."""
    return _whole(cell, "écrire un nombre d’habitants, par exemple 12500")


def whole_number(cell: Cell) -> int:
    """How many: whole, not negative."""
    return _whole(cell, "écrire un nombre entier, par exemple 12")


def _whole(cell: Cell, cure: str) -> int:
    text = _plain_spaces(text_of(cell))
    if not re.fullmatch(r"[0-9]{1,9}|[0-9]{1,3}( [0-9]{3}){1,2}", text):
        raise Unreadable("ce n’est pas un nombre entier", cure)
    return int(text.replace(" ", ""))


def quantity(cell: Cell) -> int:
    """A measured value as people type it -> whole ten-thousandths, exactly: `12`, `12,5`, `1 250`, `87,5 %`, `-3`."""
    if isinstance(cell, bool | date | time | timedelta):
        raise Unreadable("ce n’est pas une valeur", "écrire un nombre, par exemple 12,5")
    text = re.sub(r" ?%$", "", _plain_spaces(repr(cell) if isinstance(cell, float) else text_of(cell)))
    text = re.sub(r"^[−–]", "-", text)
    if _AMBIGUOUS.fullmatch(text) and not isinstance(cell, int | float):
        raise Unreadable("valeur ambiguë : des milliers, ou des millièmes ?", "écrire les milliers avec une espace")
    if not re.fullmatch(r"-?(?:[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,][0-9]{1,4})?", text):
        raise Unreadable("ce n’est pas une valeur", "écrire un nombre de quatre décimales au plus, par exemple 12,5")
    value = Decimal(text.replace(" ", "").replace(",", "."))
    if abs(value) >= MOST_EUROS:
        raise Unreadable("valeur invraisemblable", "vérifier le nombre de chiffres")
    return int(value * 10_000)


_AMOUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,]([0-9]{1,2}))?")
_AMBIGUOUS = re.compile(r"([0-9]{1,3})[.,]([0-9]{3})")


def amount(cell: Cell) -> int:
    """Euros as people type them -> whole cents, exactly: `15000`, `15 000,00`, `15000.00 €`."""
    if isinstance(cell, bool | date | time | timedelta):
        raise Unreadable("ce n’est pas un montant", "écrire des euros, par exemple 15 000,00")
    if isinstance(cell, int | float):
        return _cents_of_number(cell)
    text = re.sub(r"^€ ?| ?(€|euros?|eur)$", "", _plain_spaces(text_of(cell)), flags=re.IGNORECASE)
    if re.match(r"[-−–(]", text):
        raise Unreadable("montant négatif", "écrire un montant positif ou nul")
    if ambiguous := _AMBIGUOUS.fullmatch(text):
        whole, rest = ambiguous.groups()
        raise Unreadable(
            f"montant ambigu : {whole} {rest} euros, ou {whole} euros et des millièmes ?",
            f"écrire {whole}{rest} ou {whole},{rest[:2]}",
        )
    found = _AMOUNT.fullmatch(text)
    if found is None:
        if re.fullmatch(r"[0-9 ]+[.,][0-9]{3,}", text):
            raise Unreadable("plus de deux décimales", "arrondir au centime, par exemple 1234,57")
        raise Unreadable("ce n’est pas un montant", "écrire des euros, par exemple 15000 ou 15 000,00")
    euros, cents = found.groups()
    return _bounded(Decimal(f"{euros.replace(' ', '')}.{cents or '0'}"))


def moment(cell: Cell) -> Moment:
    """`2021-02-28`, `28/02/2021`, with or without an hour and an offset, or a spreadsheet's own date."""
    if isinstance(cell, datetime):
        return _likely(cell)
    if isinstance(cell, date):
        return _likely(datetime.combine(cell, time()))
    found = _MOMENT.fullmatch(_plain_spaces(text_of(cell)))
    if found is None or isinstance(cell, int | float):
        raise Unreadable("ce n’est pas une date", "écrire la date sous la forme 28/02/2021 ou 2021-02-28")
    part = found.groupdict()
    try:
        typed = datetime(  # noqa: DTZ001 - as typed: the zone is known later
            int(part["y1"] or part["y2"]), int(part["m1"] or part["m2"]), int(part["d1"] or part["d2"]),
            int(part["hour"] or 0), int(part["minute"] or 0), int(part["second"] or 0),
            int((part["fraction"] or "0").ljust(6, "0")[:6]),
        )  # fmt: skip
        if part["offset"]:
            typed = datetime.fromisoformat(typed.isoformat() + _offset(part["offset"]))
    except ValueError:
        raise Unreadable(
            "cette date n’existe pas", "vérifier le jour, le mois et l’heure (jour/mois/année, heure:minute)"
        ) from None
    return _likely(typed)


_MOMENT = re.compile(
    r"(?:(?P<y1>[0-9]{4})-(?P<m1>[0-9]{1,2})-(?P<d1>[0-9]{1,2})|(?P<d2>[0-9]{1,2})/(?P<m2>[0-9]{1,2})/(?P<y2>[0-9]{4}))"
    r"(?:(?:T| à | )(?P<hour>[0-9]{1,2})"
    r"(?:[:h](?P<minute>[0-9]{2})?(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?)"
    r" ?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?)?",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)


def address(cell: Cell) -> str:
    """One e-mail address, bare."""
    text = text_of(cell)
    if text.casefold().startswith("mailto:"):
        text = text[len("mailto:") :]
    if text.count("@") > 1:
        raise Unreadable("plusieurs adresses dans une cellule", "écrire une ligne par adresse")
    if "\n" in text or "\t" in text:
        raise Unreadable("l’adresse contient un saut de ligne", "écrire une seule adresse, sur une seule ligne")
    if not _ADDRESS.fullmatch(text) or len(text) > 254 or len(text.partition("@")[0]) > 64:
        raise Unreadable("adresse électronique mal formée", "écrire une adresse seule, par exemple nom@ville.fr")
    return text


def is_school(code: str) -> bool:
    """Does a UAI hold seven digits and the check letter that they give?"""
    return bool(re.fullmatch(r"[0-9]{7}[A-Z]", code)) and SCHOOL_LETTERS[int(code[:7]) % 23] == code[7]


def _cents_of_number(number: int | float) -> int:
    if not isfinite(number):
        raise Unreadable("ce n’est pas un montant", "écrire des euros, par exemple 15 000,00")
    if number < 0:
        raise Unreadable("montant négatif", "écrire un montant positif ou nul")
    exact = Decimal(repr(number))
    rounded = exact.quantize(Decimal("0.01")) if exact < MOST_EUROS else exact
    if abs(exact - rounded) > Decimal("0.000001"):  # more than the noise of a spreadsheet's binary numbers
        raise Unreadable("plus de deux décimales", "arrondir au centime, par exemple 1234,57")
    return _bounded(rounded)


def _bounded(euros: Decimal) -> int:
    if euros >= MOST_EUROS:
        raise Unreadable("montant invraisemblable", "vérifier le nombre de chiffres")
    return int(euros * 100)


def _likely(typed: datetime) -> Moment:
    if not FIRST_YEAR <= typed.year <= LAST_YEAR:
        raise Unreadable(f"l’année {typed.year} est invraisemblable", "vérifier l’année, sur quatre chiffres")
    return Moment(typed=typed)


def _offset(text: str) -> str:
    if text in ("Z", "z"):
        return "+00:00"
    digits = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{digits[:2]}:{digits[2:]}"


def _plain_spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} ou {last}"


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
