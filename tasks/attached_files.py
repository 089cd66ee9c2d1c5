"""Where do the tables that came by mail wait, until somebody takes or leaves them?"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from models.rules.returned_mail import AttachedTable
from tasks.settings import settings


def keep_files(key: str, tables: Sequence[AttachedTable]) -> list[Path]:
    """Write the tables under names that are names and nothing else, each in a folder of its own."""
    kept = []
    for number, each in enumerate(tables, start=1):
        if each.content is None:
            continue
        file = _folder(key) / str(number) / each.name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(each.content)
        kept.append(file)
    return kept


def files_of(key: str) -> list[Path]:
    """What is kept of a mail's attachments, in their order."""
    return sorted(_kept(_folder(key)), key=lambda file: (int(file.parent.name), file.name))


def forget_files(keys: Sequence[str]) -> None:
    """Delete what was kept of these mails' attachments."""
    for key in keys:
        with suppress(FileNotFoundError):
            shutil.rmtree(_folder(key))


def _folder(key: str) -> Path:
    """Where a mail's tables wait: a name made by us, whatever the mail says."""
    return settings().home / "answers" / sha256(key.encode()).hexdigest()[:32]


def _kept(folder: Path) -> Iterator[Path]:
    for place in folder.iterdir() if folder.is_dir() else ():
        yield from place.iterdir()
