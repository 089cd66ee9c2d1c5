"""Is a workbook safe to be opened: no macro, no link, no password, no XML declaration, no bomb?

Looked at as an archive, before anything of it is parsed.
"""

import zlib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from tasks.faults import Fault

MOST_INSIDE = 250 * 2**20  # an archive once unpacked
MOST_RATIO = 150  # honest sheets stay under 60
SMALL = 2**20  # under this an archive may be as dense as it likes
# Two bytes a letter would hide a declaration from the search below.
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY", b"<\x00!\x00", b"\x00<\x00!")
MACROS = ("vbaproject", "macrosheets/", "activex/", "dialogsheets/")
LINKS = ("externallinks/", "xl/connections.xml", "querytables/", "embeddings/", "xl/ctrlprops/")
ODS_MACROS = ("basic/", "scripts/")
NOT_A_WORKBOOK = (
    BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, NotImplementedError,
    OSError, zlib.error, ElementTree.ParseError,
)  # fmt: skip


def refusal_of_archive(path: Path, kind: str) -> Fault | None:
    """Why the workbook is not opened, if it is not; `kind` is its extension, `.xlsx` or `.ods`."""

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
