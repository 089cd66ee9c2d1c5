"""Which tables do these files hold?

Reads .csv, .xlsx, .ods, or a folder of them, and says in French why a file, a table or a column is refused: unknown
tables and columns, headers that announce a child's name or birth date (E222: refused whole, its rows are not looked
at).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.rules.exchange import Column, Table, names_a_child
from models.rules.exchanged_tables import TABLES, table_named, table_with
from tasks.faults import Fault
from tasks.grids import Grid, RawCell, Unreadable, holds
from tasks.grids_csv import grids_of_csv
from tasks.grids_ods import grids_of_ods
from tasks.grids_xlsx import grids_of_xlsx
from tasks.workbook_guard import NOT_A_WORKBOOK, refusal_of_archive
from tasks.workbook_mark import MARK, Mark, read_mark

READ = (".csv", ".xlsx", ".ods")
REFUSED = (".xls", ".xlsm", ".xlsb", ".xltm", ".xltx", ".xlam", ".ots", ".fods", ".tsv")
MOST_BYTES = 100 * 2**20  # a file as it comes


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: its number in the file (the header's is counted), and its cells by column."""

    number: int
    cells: dict[str, RawCell]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table as one file gives it; `headers` are the columns that it has, as they are typed there.

    `mark`: the campaign and perimeter that its workbook was made for, when it says so.
    """

    file: str
    table: Table
    headers: dict[str, str]
    rows: list[Row]
    mark: Mark | None = None


@dataclass(kw_only=True)
class Sheets:
    """What the files hold, and what is wrong with them."""

    sheets: list[Sheet] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_tables(paths: Iterable[Path]) -> Sheets:
    """The tables that the files and folders hold, in order, with every fault of their form."""
    found = Sheets()
    for path in paths:
        for file in _files(path, found.faults):
            grids = list(_grids(file, found.faults))
            mark = next((read_mark(grid.lines) for grid in grids if grid.names == (MARK,)), None)
            for grid in grids:
                if grid.names != (MARK,):
                    _add_table(grid, mark, found)
    return found


def _files(path: Path, faults: list[Fault]) -> list[Path]:
    if not path.is_dir():
        return [path]
    inside = [each for each in sorted(path.iterdir()) if each.is_file() and not each.name.startswith((".", "~"))]
    known = [each for each in inside if each.suffix.casefold() in READ + REFUSED]
    if not known:
        faults.append(
            Fault(
                file=path.name,
                problem="le dossier ne contient aucun tableau",
                cure="y placer des fichiers .csv, .xlsx ou .ods",
            )
        )
    return known


def _grids(path: Path, faults: list[Fault]) -> Iterator[Grid]:
    kind = path.suffix.casefold()
    refusal = _refusal_of_file(path, kind)
    if refusal is not None:
        faults.append(refusal)
    elif kind == ".csv":
        yield from grids_of_csv(path, faults)
    else:
        refusal = refusal_of_archive(path, kind)
        if refusal is not None:
            faults.append(refusal)
            return
        try:
            yield from (grids_of_xlsx if kind == ".xlsx" else grids_of_ods)(path, faults)
        except NOT_A_WORKBOOK:
            faults.append(
                Fault(file=path.name, problem="ce classeur est abîmé", cure="l’ouvrir et l’enregistrer à nouveau")
            )


def _refusal_of_file(path: Path, kind: str) -> Fault | None:
    if not path.is_file():
        return Fault(file=path.name, problem="fichier introuvable", cure="vérifier le chemin")
    if kind not in READ:
        why = "les macros sont refusées" if kind in (".xlsm", ".xltm", ".xlam", ".xlsb") else "ce format n’est pas lu"
        return Fault(file=path.name, problem=why, cure="enregistrer le tableau en .xlsx, .ods ou .csv (UTF-8)")
    if path.stat().st_size > MOST_BYTES:
        return Fault(
            file=path.name,
            problem="fichier trop gros",
            cure=f"le ramener à {MOST_BYTES // 2**20} Mo au plus, au besoin en plusieurs fichiers",
        )
    return None


def _add_table(grid: Grid, mark: Mark | None, found: Sheets) -> None:
    number, cells = grid.lines[0] if grid.lines else (0, ())
    headers = ["" if isinstance(cell, Unreadable) or cell is None else str(cell).strip() for cell in cells]
    if not number:
        if grid.names and table_named(grid.names[-1]):  # an empty file of a known table says nothing, and is not wrong
            return
        if not grid.file.casefold().endswith(".csv"):
            return  # the empty sheets that a spreadsheet adds
        found.faults.append(Fault(file=grid.file, problem="fichier vide", cure="y écrire un tableau et ses en-têtes"))
        return
    children = [header for header in headers if names_a_child(header)]
    if children:
        found.faults.extend(
            Fault(
                file=grid.file,
                row=number,
                column=header,
                problem="une colonne annonce le nom ou la naissance d’un enfant : "
                "le tableau est refusé en entier (E222)",
                cure="supprimer toute donnée nominative d’enfant, et n’envoyer que des nombres",
            )
            for header in children
        )
        return
    table = next((table for table in map(table_named, grid.names) if table), None) or table_with(headers)
    if table is None:
        found.faults.append(
            Fault(
                file=grid.file, row=number, problem="tableau inconnu",
                cure=f"nommer le fichier ou la feuille d’après l’un des tableaux : {', '.join(TABLES)}",
            )
        )  # fmt: skip
        return
    columns = _columns(grid.file, table, number, headers, found.faults)
    rows = list(_rows(grid.file, columns, headers, grid.lines[1:], found.faults))
    typed = {column.name: headers[place] for place, column in columns.items()}
    found.sheets.append(Sheet(file=grid.file, table=table, headers=typed, rows=rows, mark=mark))


def _columns(file: str, table: Table, number: int, headers: list[str], faults: list[Fault]) -> dict[int, Column]:
    columns: dict[int, Column] = {}
    for place, header in enumerate(headers):
        if not header:
            continue
        column = table.column(header)
        if column is None:
            known = ", ".join(each.name for each in table.columns)
            faults.append(
                Fault(
                    file=file,
                    row=number,
                    column=header,
                    problem=f"colonne inconnue du tableau {table.name}",
                    cure=f"la supprimer, ou écrire l’une de : {known}",
                )
            )
        elif column in columns.values():
            faults.append(
                Fault(
                    file=file, row=number, column=header, problem="colonne donnée deux fois", cure="n’en garder qu’une"
                )
            )
        else:
            columns[place] = column
    given = {column.name for column in columns.values()}
    faults.extend(
        Fault(file=file, row=number, column=name, problem=f"colonne absente du tableau {table.name}", cure="l’ajouter")
        for name in table.needed()
        if name not in given
    )
    return columns


def _rows(
    file: str, columns: dict[int, Column], headers: list[str], lines: list[tuple[int, Sequence[RawCell]]],
    faults: list[Fault],
) -> Iterator[Row]:  # fmt: skip
    untitled: set[int] = set()
    for number, cells in lines:
        for place, cell in enumerate(cells):
            if (place >= len(headers) or not headers[place]) and holds(cell) and place not in untitled:
                untitled.add(place)
                faults.append(
                    Fault(
                        file=file,
                        row=number,
                        value="" if isinstance(cell, Unreadable) else str(cell),
                        problem=f"valeur dans la {place + 1}e colonne, qui n’a pas d’en-tête",
                        cure="donner un en-tête à cette colonne ou la vider, "
                        "et entourer de guillemets un texte qui contient le séparateur",
                    )
                )
        yield Row(
            number=number,
            cells={column.name: cells[place] if place < len(cells) else None for place, column in columns.items()},
        )
