"""Of which blocks is a document made that somebody signs?

Two writers lay them out on `a4`, without any office program: `documents_docx` and `documents_pdf`. What people typed is
shown on one line, and e-mail addresses in it are not shown at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.french import UNBROKEN, one_line

NARROW = "\N{NARROW NO-BREAK SPACE}"  # the font has none
_address = re.compile(r"\S+@\S+")


@dataclass(frozen=True, kw_only=True)
class Heading:
    text: str
    level: int = 1  # 2 for a heading within a section


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    text: str
    quiet: bool = False  # small and grey


@dataclass(frozen=True, kw_only=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table: shares of the width by column, amounts to the right, some rows in bold (counted from 0)."""

    headers: tuple[str, ...]  # empty for a table without a head
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    to_the_right: frozenset[int] = frozenset()
    bold: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Box:
    """An empty frame to write in by hand; `lines` is its height."""

    label: str
    lines: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing as wide as the text: as PNG for paper, as SVG for the screen, and what it shows in words."""

    png: bytes
    svg: str
    words: str


Block = Heading | Paragraph | Bullets | Grid | Box | Picture


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A whole document; `made_at` is the instant that its properties tell."""

    title: str
    subtitle: str
    footer: str
    blocks: tuple[Block, ...]
    made_at: datetime


def clean(text: str) -> str:
    """What somebody typed, on one line and without any e-mail address."""
    return _address.sub("(adresse)", one_line(text))


def amount(cents: int) -> str:
    """« 15 000,00 € »: an amount as a column of an account shows it."""
    whole, rest = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", NARROW)
    return f"{'−' if cents < 0 else ''}{grouped},{rest:02d}{UNBROKEN}€"


def share(value: float | None) -> str:
    """« 62,3 % »."""
    return "" if value is None else f"{value * 100:.1f}{UNBROKEN}%".replace(".", ",")


def yes_or_no(value: bool) -> str:
    return "oui" if value else "non"


def counted(texts: Sequence[str], none: str) -> Block:
    """The texts as a list, or one sentence when there is none."""
    return Bullets(items=tuple(texts)) if texts else Paragraph(text=none)
