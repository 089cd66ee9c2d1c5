"""Which lines of cells does a sheet hold, whatever the format of its file?

A grid knows no table yet. Formulas and cells in error are refused here, once for every format.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.rules.typed_values import Cell
from tasks.faults import Fault
from tasks.workbook_mark import MARK, is_mark

MOST_CELLS = 5_000_000
MOST_COLUMNS = 200


class Unreadable:
    """Stands in for a cell whose fault is already told."""


UNREADABLE = Unreadable()
RawCell = Cell | Unreadable


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One sheet before its table is known: lines of cells with their numbers."""

    file: str
    names: tuple[str, ...]  # what may name the table, the best first
    lines: list[tuple[int, Sequence[RawCell]]]  # those that hold something


def names_of(title: str, path: Path, *, alone: bool) -> tuple[str, ...]:
    """What may name the table of a sheet: its title; its file's name too when the sheet is `alone` in it."""
    if is_mark(title):
        return (MARK,)
    return (title, path.stem) if alone else (title,)


def truth(formula: str) -> bool | None:
    """A « vrai » or « faux » of another office, which LibreOffice saves as a formula; None for any other formula."""
    return {"=TRUE()": True, "=FALSE()": False}.get(formula.removeprefix("of:").upper())


def calculated(file: str, number: int, value: str, *, error: bool = False) -> Fault:
    """The fault of a cell that a formula fills, or that its formula left in `error`."""
    problem = "la cellule est en erreur" if error else "les formules sont refusées"
    return Fault(file=file, row=number, value=value, problem=problem, cure="remplacer par la valeur elle-même")


def kept(
    lines: Iterable[tuple[int, Sequence[RawCell]]], file: str, faults: list[Fault]
) -> list[tuple[int, Sequence[RawCell]]]:
    """The lines that hold something, up to a number of cells that no honest table reaches."""
    found, read = [], 0
    for number, cells in lines:
        if not any(holds(cell) for cell in cells):
            continue
        read += len(cells)
        if read > MOST_CELLS:
            faults.append(
                Fault(file=file, row=number, problem="tableau démesuré", cure="le partager en plusieurs fichiers")
            )
            return []
        found.append((number, cells))
    return found


def holds(cell: RawCell) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip(" \t\r\n\u00a0\u202f\ufeff"))
