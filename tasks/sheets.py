"""Which rows do these files hold?

Reads .csv, .xlsx, .ods, or a folder of them into rows of cells, and says in French why a file, a table or a cell is
refused: formulas, macros, external links, encrypted and oversized archives, unknown tables and columns, headers that
announce a child's name or birth date (E222: refused whole, its rows are not looked at).
"""

import csv
import io
import re
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import category
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from models.rules.exchange import Cell, Column, Table, fold, names_a_child
from models.rules.exchanged_tables import TABLES, table_named, table_with
from tasks.workbook_mark import MARK, Mark, is_left, is_mark, read_mark

READ = (".csv", ".xlsx", ".ods")
REFUSED = (".xls", ".xlsm", ".xlsb", ".xltm", ".xltx", ".xlam", ".ots", ".fods", ".tsv")
MOST_BYTES = 100 * 2**20  # a file as it comes
MOST_INSIDE = 250 * 2**20  # an archive once unpacked
MOST_RATIO = 150  # honest sheets stay under 60
SMALL = 2**20  # under this an archive may be as dense as it likes
MOST_CELLS = 5_000_000
MOST_COLUMNS = 200
# Two bytes a letter would hide a declaration from the search below.
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY", b"<\x00!\x00", b"\x00<\x00!")
MACROS = ("vbaproject", "macrosheets/", "activex/", "dialogsheets/")
LINKS = ("externallinks/", "xl/connections.xml", "querytables/", "embeddings/", "xl/ctrlprops/")
ODS_MACROS = ("basic/", "scripts/")
NOT_A_WORKBOOK = (
    BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, NotImplementedError,
    OSError, zlib.error, ElementTree.ParseError,
)  # fmt: skip
TABLE_NS = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE_NS = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT_NS = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to mend, or to know: where it is, what is wrong, and the cure; `str()` is one French sentence."""

    file: str
    problem: str
    cure: str
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"ligne {self.row}")
        if self.column:
            place.append(f"colonne « {_shown(self.column)} »")
        if self.value:
            place.append(f"valeur « {_shown(self.value)} »")
        return f"{', '.join(place)} : {self.problem} ; {self.cure}."


class _Unreadable:
    """Stands in for a cell whose fault is already told."""


UNREADABLE = _Unreadable()
RawCell = Cell | _Unreadable


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


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """One sheet before its table is known: lines of cells with their numbers."""

    file: str
    names: tuple[str, ...]  # what may name the table, the best first
    lines: list[tuple[int, Sequence[RawCell]]]  # those that hold something


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


def _grids(path: Path, faults: list[Fault]) -> Iterator[_Grid]:
    kind = path.suffix.casefold()
    refusal = _refusal_of_file(path, kind)
    if refusal is not None:
        faults.append(refusal)
    elif kind == ".csv":
        yield from _csv(path, faults)
    else:
        refusal = _refusal_of_archive(path, kind)
        if refusal is not None:
            faults.append(refusal)
            return
        try:
            yield from (_xlsx if kind == ".xlsx" else _ods)(path, faults)
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


# Archives, before anything is parsed


def _refusal_of_archive(path: Path, kind: str) -> Fault | None:
    def refusal(problem: str, cure: str) -> Fault:
        return Fault(file=path.name, problem=problem, cure=cure)

    with path.open("rb") as stream:
        beginning = stream.read(8)
    if beginning.startswith(b"\xd0\xcf\x11\xe0"):
        return refusal("classeur chiffré, ou d’un ancien format", "l’enregistrer sans mot de passe, en .xlsx ou .ods")
    if not beginning.startswith(b"PK"):
        return refusal("ce n’est pas un classeur", "l’enregistrer à nouveau en .xlsx, .ods ou .csv")
    try:
        with ZipFile(path) as archive:
            return _refusal_of_content(archive, kind, refusal)
    except (*NOT_A_WORKBOOK, RuntimeError):  # zipfile asks for a password with a RuntimeError
        return refusal("ce classeur est abîmé ou chiffré", "l’ouvrir et l’enregistrer à nouveau, sans mot de passe")


def _refusal_of_content(archive: ZipFile, kind: str, refusal: Callable[[str, str], Fault]) -> Fault | None:
    entries = archive.infolist()
    names = [entry.filename.casefold() for entry in entries]
    if any(word in name for name in names for word in MACROS):
        return refusal("ce classeur contient des macros", "l’enregistrer sans macro, en .xlsx")
    if any(word in name for name in names for word in LINKS):
        return refusal(
            "ce classeur contient des liaisons ou des objets externes",
            "rompre les liaisons (coller les valeurs) puis enregistrer à nouveau",
        )
    if kind == ".ods" and any(name.startswith(ODS_MACROS) and not name.endswith("/") for name in names):
        return refusal("ce classeur contient des macros", "l’enregistrer sans macro")
    if len({*names}) != len(names):
        return refusal("ce classeur contient deux fois la même partie", "l’ouvrir et l’enregistrer à nouveau")
    unpacked = 0
    for entry in entries:
        size, previous = 0, b""
        with archive.open(entry) as part:
            while block := part.read(SMALL):
                size += len(block)
                unpacked += len(block)
                if unpacked > MOST_INSIDE or (size > SMALL and size > MOST_RATIO * max(entry.compress_size, 1)):
                    return refusal(
                        "archive démesurée une fois ouverte",
                        "n’y laisser que les tableaux, au besoin en plusieurs fichiers",
                    )
                if entry.filename.casefold().endswith((".xml", ".rels")):
                    seen = previous + block
                    if any(word in seen for word in DECLARATIONS):
                        return refusal(
                            "ce classeur contient une déclaration XML interdite", "l’ouvrir et l’enregistrer à nouveau"
                        )
                    if b"encryption-data" in seen and entry.filename.casefold().endswith("manifest.xml"):
                        return refusal("classeur chiffré", "l’enregistrer sans mot de passe")
                    if b"macroEnabled" in seen and entry.filename.casefold().endswith("[content_types].xml"):
                        return refusal("ce classeur contient des macros", "l’enregistrer sans macro, en .xlsx")
                    previous = block[-16:]
    return None


# The three formats


def _csv(path: Path, faults: list[Fault]) -> Iterator[_Grid]:
    data = path.read_bytes()
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        faults.append(
            Fault(
                file=path.name,
                problem="c’est un classeur, non un fichier .csv",
                cure="lui rendre son extension .xlsx ou .ods",
            )
        )
        return
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.append(Fault(file=path.name, problem="le fichier est en UTF-16", cure="l’enregistrer en « CSV UTF-8 »"))
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(
            Fault(
                file=path.name, row=line, problem="le fichier n’est pas en UTF-8", cure="l’enregistrer en « CSV UTF-8 »"
            )
        )
        return
    yield _Grid(file=path.name, names=(path.stem,), lines=_kept(_csv_lines(text, path.name, faults), path.name, faults))


def _csv_lines(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[Cell]]]:
    stream = io.StringIO(text, newline="")
    first = next((line for line in io.StringIO(text) if line.strip(" \t\r\n;,")), "")
    separator = ";" if first.count(";") >= first.count(",") else ","
    before = 0
    told = fold(text[:6]) == "sep"  # Excel's own first line: sep=;
    if told:
        separator = stream.readline().strip()[-1:]
        before = 1
        if separator not in ";,":
            separator = ";"
    reader = csv.reader(stream, delimiter=separator, strict=True)
    number = before + 1
    try:
        for cells in reader:
            yield number, cells  # type: ignore[misc]
            number = before + reader.line_num + 1
    except csv.Error:
        faults.append(
            Fault(
                file=file, row=number, problem="guillemets mal fermés ou cellule démesurée",
                cure="doubler les guillemets à l’intérieur d’une cellule, et fermer ceux qui l’entourent",
            )
        )  # fmt: skip


def _xlsx(path: Path, faults: list[Fault]) -> Iterator[_Grid]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl speaks of styles and extensions, which are not read here
        workbook = load_workbook(path, read_only=True, keep_links=False)
        try:
            for sheet in workbook.worksheets:
                if is_left(sheet.title):
                    continue
                sheet.reset_dimensions()  # what the file claims may be wrong or enormous
                file = f"{path.name}, feuille « {_shown(sheet.title)} »"
                names = _names(sheet.title, path, alone=len(workbook.worksheets) == 1)
                yield _Grid(file=file, names=names, lines=_kept(_xlsx_lines(sheet, file, faults), file, faults))
        finally:
            workbook.close()


def _names(title: str, path: Path, *, alone: bool) -> tuple[str, ...]:
    if is_mark(title):
        return (MARK,)
    return (title, path.stem) if alone else (title,)


def _xlsx_lines(sheet: Any, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[RawCell]]]:
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells: list[RawCell] = []
        for cell in row[:MOST_COLUMNS]:
            if cell.value is not None and cell.data_type in ("f", "e"):
                faults.append(_calculated(file, number, str(cell.value), error=cell.data_type == "e"))
                cells.append(UNREADABLE)
            else:
                cells.append(_unescaped(cell.value) if isinstance(cell.value, str) else cell.value)
        yield number, cells


def _unescaped(text: str) -> str:
    """The format writes an underscore that would announce a letter (_xHHHH_) as _x005F_, and a line's end with _x000D_.

    Every other _xHHHH_ is left as it stands: one office writes the letter so, another the text itself.
    """
    return _escaped.sub(lambda found: "_" if found[0] == "_x005F_" else "", text) if "_x" in text else text


_escaped = re.compile(r"_x005F_(?=x[0-9A-Fa-f]{4}_)|_x000D_(?=\n)")


def _ods(path: Path, faults: list[Fault]) -> Iterator[_Grid]:
    with ZipFile(path) as archive, archive.open("content.xml") as stream:
        root = ElementTree.parse(stream).getroot()  # noqa: S314 - declarations are refused beforehand
    scripts = root.find(f"{OFFICE_NS}scripts")
    if scripts is not None and len(scripts):
        faults.append(Fault(file=path.name, problem="ce classeur contient des macros", cure="l’enregistrer sans macro"))
        return
    if any(
        next(root.iter(TABLE_NS + name), None) is not None for name in ("table-source", "cell-range-source", "dde-link")
    ):
        faults.append(
            Fault(
                file=path.name,
                problem="ce classeur contient des liaisons externes",
                cure="rompre les liaisons puis enregistrer à nouveau",
            )
        )
        return
    tables = [table for table in root.iter(f"{TABLE_NS}table") if table.find(f".//{TABLE_NS}table-cell") is not None]
    for table in tables:
        title = table.get(f"{TABLE_NS}name", "")
        if is_left(title):
            continue
        file = f"{path.name}, feuille « {_shown(title)} »"
        names = _names(title, path, alone=len(tables) == 1)
        yield _Grid(file=file, names=names, lines=_kept(_ods_lines(table, file, faults), file, faults))


def _ods_lines(table: ElementTree.Element, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[RawCell]]]:
    number = 1
    for row in table.iter(f"{TABLE_NS}table-row"):
        cells: list[RawCell] = []
        for cell in row:
            if cell.tag not in (f"{TABLE_NS}table-cell", f"{TABLE_NS}covered-table-cell"):
                continue
            value = _ods_cell(cell, file, number, faults)
            repeated = min(int(cell.get(f"{TABLE_NS}number-columns-repeated", "1")), MOST_COLUMNS - len(cells))
            cells.extend([value] * max(repeated, 0))
        repeated = int(row.get(f"{TABLE_NS}number-rows-repeated", "1"))
        if any(_holds(cell) for cell in cells):
            for again in range(min(repeated, MOST_CELLS)):
                yield number + again, cells
        number += repeated


def _ods_cell(cell: ElementTree.Element, file: str, number: int, faults: list[Fault]) -> RawCell:
    formula = cell.get(f"{TABLE_NS}formula")
    if formula:
        faults.append(_calculated(file, number, formula))
        return UNREADABLE
    kind = cell.get(f"{OFFICE_NS}value-type")
    if kind in ("float", "currency", "percentage"):
        return float(cell.get(f"{OFFICE_NS}value", ""))
    if kind == "boolean":
        return cell.get(f"{OFFICE_NS}boolean-value") == "true"
    if kind == "date":
        typed = cell.get(f"{OFFICE_NS}date-value", "")
        return datetime.fromisoformat(typed) if "T" in typed else date.fromisoformat(typed)
    if kind is None and len(cell) == 0:
        return None
    return "\n".join(_ods_text(paragraph) for paragraph in cell.findall(f"{TEXT_NS}p"))


def _ods_text(element: ElementTree.Element) -> str:
    words = [element.text or ""]
    for child in element:
        if child.tag == f"{TEXT_NS}s":
            words.append(" " * min(int(child.get(f"{TEXT_NS}c", "1")), 1000))
        elif child.tag == f"{TEXT_NS}tab":
            words.append("\t")
        elif child.tag == f"{TEXT_NS}line-break":
            words.append("\n")
        elif child.tag != f"{OFFICE_NS}annotation":
            words.append(_ods_text(child))
        words.append(child.tail or "")
    return "".join(words)


def _calculated(file: str, number: int, value: str, *, error: bool = False) -> Fault:
    problem = "la cellule est en erreur" if error else "les formules sont refusées"
    return Fault(file=file, row=number, value=value, problem=problem, cure="remplacer par la valeur elle-même")


def _kept(
    lines: Iterable[tuple[int, Sequence[RawCell]]], file: str, faults: list[Fault]
) -> list[tuple[int, Sequence[RawCell]]]:
    """The lines that hold something, up to a number of cells that no honest table reaches."""
    kept, read = [], 0
    for number, cells in lines:
        if not any(_holds(cell) for cell in cells):
            continue
        read += len(cells)
        if read > MOST_CELLS:
            faults.append(
                Fault(file=file, row=number, problem="tableau démesuré", cure="le partager en plusieurs fichiers")
            )
            return []
        kept.append((number, cells))
    return kept


# From a grid to a table


def _add_table(grid: _Grid, mark: Mark | None, found: Sheets) -> None:
    number, cells = grid.lines[0] if grid.lines else (0, ())
    headers = ["" if isinstance(cell, _Unreadable) or cell is None else str(cell).strip() for cell in cells]
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
            if (place >= len(headers) or not headers[place]) and _holds(cell) and place not in untitled:
                untitled.add(place)
                faults.append(
                    Fault(
                        file=file,
                        row=number,
                        value="" if isinstance(cell, _Unreadable) else str(cell),
                        problem=f"valeur dans la {place + 1}e colonne, qui n’a pas d’en-tête",
                        cure="donner un en-tête à cette colonne ou la vider, "
                        "et entourer de guillemets un texte qui contient le séparateur",
                    )
                )
        yield Row(
            number=number,
            cells={column.name: cells[place] if place < len(cells) else None for place, column in columns.items()},
        )


def _holds(cell: RawCell) -> bool:
    return cell is not None and not (isinstance(cell, str) and not cell.strip(" \t\r\n\u00a0\u202f\ufeff"))


def _shown(text: str) -> str:
    """A value fit to be shown on one line: no control character, at most 80 letters."""
    safe = "".join(f"\\x{ord(each):02x}" if category(each) in ("Cc", "Cs") else each for each in text)
    return safe if len(safe) <= 80 else f"{safe[:79]}…"
