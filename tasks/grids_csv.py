"""Which lines of cells does a .csv file hold, whichever separator it was written with?"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from models.rules.typed_values import Cell, fold
from tasks.faults import Fault
from tasks.grids import Grid, kept


def grids_of_csv(path: Path, faults: list[Fault]) -> Iterator[Grid]:
    """The one grid of a .csv file in UTF-8; what is wrong with its form goes to `faults`."""
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
    yield Grid(file=path.name, names=(path.stem,), lines=kept(_csv_lines(text, path.name, faults), path.name, faults))


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
