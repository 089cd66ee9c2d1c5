"""What may stand in an exchanged table?

The grammar of the tables is data: their columns, in order, and how each cell is read. A header is known whatever its
case, accents and spaces; one that announces a child refuses its table whole.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from models.rules.typed_values import Cell, fold, text_up_to, word_of, year, yes_or_no


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, how a cell is read, whether a table may go without it, what an empty cell means."""

    name: str
    read: Callable[[Cell], Any]
    needed: bool = False
    empty: Any = ""
    aliases: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # the closed list, when there is one


@dataclass(frozen=True, kw_only=True)
class Table:
    """One exchanged table: its name and its columns in order."""

    name: str
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()

    def column(self, header: str) -> Column | None:
        """The column that a header names, whatever its case, accents, spaces and final parenthesis."""
        return _by_header(self).get(fold(header)) or _by_header(self).get(fold(_without_end(header)))

    def needed(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.needed)


def names_a_child(header: str) -> bool:
    """Does this header announce a child's name or a birth date? Such a table is refused whole (E222)."""
    words = fold(header)
    if re.match(r"(nombre|nb|effectifs?|total|part|taux)_", words):
        return False
    return bool(_CHILD.search(f"_{words}_"))


_CHILD = re.compile(
    r"naissance|birth|_dob_|_ddn_|_nee?_(e_)?(le|a)_|_nee?_|_ine_|"
    r"_(enfants?|eleves?|mineure?s?|ecoliere?s?|collegiene?s?|child|children|pupils?|students?)_"
)


def _without_end(header: str) -> str:
    return re.sub(r"\([^)]*\)[\s*]*$", "", header)


@lru_cache(maxsize=64)
def _by_header(table: Table) -> Mapping[str, Column]:
    return {fold(header): column for column in table.columns for header in (column.name, *column.aliases)}


def word(name: str, vocabulary: type[StrEnum], *, needed: bool = False, empty: Any = "", **synonyms: StrEnum) -> Column:
    """A column of a closed list of words."""
    words = tuple(member.value for member in vocabulary)
    return Column(name=name, read=word_of(vocabulary, **synonyms), needed=needed, empty=empty, words=words)


def line(name: str, most: int, *aliases: str, needed: bool = False) -> Column:
    return Column(name=name, read=text_up_to(most), needed=needed, aliases=aliases)


def yes(name: str, *aliases: str) -> Column:
    return Column(name=name, read=yes_or_no, empty=False, words=("oui", "non"), aliases=aliases)


TERRITORY = line("territoire", 64, "code_territoire", needed=True)
REASON = Column(name="motif", read=text_up_to(2000, one_line=False))
AUTHORITY = line("autorite", 200)
YEAR = Column(name="annee", read=year, needed=True)
