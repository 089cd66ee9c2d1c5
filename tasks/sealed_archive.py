"""How does a file of personal data travel? In a 7z archive that only its password opens (E214 to E217).

AES-256, file names encrypted as well. Nothing of the files is kept, logged or printed: not even their names, which may
be a child's. What comes back is looked at before anything is written: no path that leaves the folder, no link, no
archive that grows beyond measure.
"""

import re
import secrets
import shutil
from collections.abc import Sequence
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from struct import error as StructError
from tempfile import TemporaryDirectory

from py7zr import FileInfo, SevenZipFile
from py7zr.exceptions import AbsolutePathError, ArchiveError, PasswordRequired

MOST_BYTES = 500 * 2**20  # of all files together, packed or unpacked: a mail server takes far less
MOST_FILES = 1_000
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when read aloud
ENCRYPTED = "7zAES"  # as the library names the method
GROUPS, GROUP = 6, 5  # 148 bits
# A wrong password gives a table of contents that is noise, and the library stumbles on it in all these ways.
NOISE = (
    ArchiveError, AbsolutePathError, PasswordRequired, LZMAError, StructError, EOFError, TypeError, ValueError,
    LookupError, OverflowError, MemoryError, AttributeError, AssertionError,
)  # fmt: skip


class ArchiveRefused(Exception):
    """An archive that is not made, or not opened: says why, with the cure."""


def new_password() -> str:
    """A password that nobody guesses: six groups of five letters and figures, easy to read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def seal(files: Sequence[Path], archive: Path, password: str) -> None:
    """Write `files` into a new encrypted archive, flat, under their own names. Raises `ArchiveRefused`."""
    if archive.suffix.lower() != ".7z":
        raise _refused(f"{archive}: is not the name of a 7z archive", "give a name that ends with .7z")
    if archive.exists():
        raise _refused(f"{archive}: is there already", "choose another name, or remove it first")
    for file in files:
        if file.is_symlink() or not file.is_file():
            raise _refused(f"{file}: is not a plain file", "give files one by one, neither folders nor links")
    names = [file.name.casefold() for file in files]
    if len(set(names)) < len(names):
        raise _refused("two files have the same name", "rename one of them")
    _check_size(len(files), sum(file.stat().st_size for file in files))
    with TemporaryDirectory(dir=archive.parent, prefix=".cites-") as folder:  # beside it, so that it moves in one go
        made = Path(folder) / archive.name
        with SevenZipFile(made, "w", password=password, header_encryption=True) as opened:
            for file in files:
                opened.write(file, file.name)
        made.rename(archive)


def unseal(archive: Path, folder: Path, password: str) -> int:
    """Open an archive into a new folder, its files readable by their owner alone; gives their number.

    Raises `ArchiveRefused` before anything is left in `folder`.
    """
    if folder.exists():
        raise _refused(f"{folder}: is there already", "name a folder that does not exist yet")
    if not archive.is_file():
        raise _refused(f"{archive}: no such file", "give the path of a 7z archive")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".cites-") as scratch:
        inside = Path(scratch) / "inside"
        try:
            with SevenZipFile(archive, "r", password=password) as opened:
                if ENCRYPTED not in opened.archiveinfo().method_names:
                    raise _refused(f"{archive}: is not encrypted", "ask your correspondent for an archive that is")
                members = opened.list()
                _check(members)
                opened.extractall(inside)
        except NOISE:
            raise _refused(f"{archive}: does not open", "check the password, and that the archive came whole") from None
        files = [each for each in inside.rglob("*") if not each.is_dir()]
        if any(each.is_symlink() or not each.is_file() for each in files):
            raise _refused("the archive holds something else than files", "ask for plain files only")
        for each in files:
            each.chmod(0o600)
        inside.chmod(0o700)
        shutil.move(inside, folder)
    return len(files)


def _check(members: Sequence[FileInfo]) -> None:
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", member.filename):
            raise _refused(
                "a file of the archive would land outside its folder", "do not open it: ask for another archive"
            )
        if member.is_symlink or not (member.is_file or member.is_directory):
            raise _refused("the archive holds something else than files", "ask for plain files only")
    _check_size(len(members), sum(member.uncompressed for member in members))


def _check_size(files: int, size: int) -> None:
    if files > MOST_FILES or size > MOST_BYTES:
        raise _refused(
            f"{files} files of {size // 2**20} MB in all are too much for one archive",
            f"keep it under {MOST_FILES} files and {MOST_BYTES // 2**20} MB",
        )


def _refused(problem: str, cure: str) -> ArchiveRefused:
    return ArchiveRefused(f"{problem}: {cure}")
