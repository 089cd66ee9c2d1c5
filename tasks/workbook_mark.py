"""Which campaign and which perimeter was a workbook made for?

A hidden sheet says it: unlike a file's properties, a spreadsheet that saves the workbook again keeps it. The sheets
that speak to people (« À lire », « À compléter ») and the lists to choose from hold no table, and are left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.rules.typed_values import fold

READ_ME, TO_COMPLETE, LISTS, MARK = "À lire", "À compléter", "_listes", "_cites"
NOT_TABLES = frozenset(fold(name) for name in (READ_ME, TO_COMPLETE, LISTS))


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What the hidden sheet of a workbook says; `prepared` is the instant of its facts, as ISO 8601."""

    campaign: str
    perimeter: str
    prepared: str = ""


def is_left(title: str) -> bool:
    """Is this sheet one that holds no table?"""
    return fold(title) in NOT_TABLES


def is_mark(title: str) -> bool:
    return title.strip() == MARK


def mark_rows(mark: Mark) -> list[list[str]]:
    """The rows of the hidden sheet."""
    return [["campagne", mark.campaign], ["perimetre", mark.perimeter], ["prepare_le", mark.prepared]]


def read_mark(lines: Iterable[tuple[int, Sequence[Any]]]) -> Mark:
    """What the rows of a hidden sheet say; what they do not say is empty."""
    said = {str(cells[0]): _plain(str(cells[1])) for _, cells in lines if len(cells) > 1 and cells[1] is not None}
    return Mark(
        campaign=said.get("campagne", ""), perimeter=said.get("perimetre", ""), prepared=said.get("prepare_le", "")
    )


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:80]
