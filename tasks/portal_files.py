"""Where is a file of the portal kept, and how does it get there whole?

Under the engine's home: pieces/<campaign>/<territory>/<dossier>-<fingerprint>-<name>. The name comes from strangers:
what is kept of it cannot leave that folder, hide, or be taken for an option. A file appears whole or not at all, and
is not fetched twice.
"""

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

from models.rules.portal_submission import PortalFile
from tasks.portal_client import FileRefused, LinkExpired, Portal, md5_of

FOLDER = "pieces"
LONGEST_NAME = 80
LONGEST_ENDING = 12


def place_of(campaign: str, territory: str, dossier: int, file: PortalFile) -> str:
    """The path of a file, relative to the engine's home. Raises `FileRefused` when its fingerprint is none."""
    digest = md5_of(file.checksum)
    if digest is None:
        raise FileRefused("le portail n’en donne pas d’empreinte")
    return "/".join(
        (FOLDER, plain_name(campaign), plain_name(territory), f"{dossier}-{digest[:12]}-{plain_name(file.name)}")
    )


def plain_name(name: str) -> str:
    """A file's name in letters, digits, dots and hyphens; never hidden, empty, nor longer than 80 characters."""
    bare = normalize("NFKD", name).encode("ascii", "ignore").decode()
    bare = re.sub(r"[^A-Za-z0-9.]+", "-", bare)
    bare = re.sub(r"\.{2,}", ".", bare).strip(".-")
    stem, dot, ending = bare.rpartition(".")
    if dot and 0 < len(ending) <= LONGEST_ENDING:
        return f"{stem[: LONGEST_NAME - len(ending) - 1].strip('.-') or 'fichier'}.{ending}"
    return bare[:LONGEST_NAME].strip(".-") or "fichier"


def keep(portal: Portal, file: PortalFile, home: Path, place: str, renew: Callable[[], str | None]) -> int:
    """Have the file at its place, fetched if it is not there; gives the bytes that were fetched.

    `renew` gives a new link, or None when the portal has the file no more. Raises `FileRefused`.
    """
    target = home / place
    if not target.resolve().is_relative_to((home / FOLDER).resolve()):
        raise FileRefused("son nom sortirait du dossier des pièces")
    if _is_there(target, file):
        return 0
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".en-cours-")  # for its owner alone to read
    os.close(handle)
    begun = Path(name)
    try:
        _fetch(portal, file, begun, renew)
        os.replace(begun, target)
    finally:
        begun.unlink(missing_ok=True)
    return file.size


def _fetch(portal: Portal, file: PortalFile, into: Path, renew: Callable[[], str | None]) -> None:
    try:
        portal.fetch(file.url, size=file.size, checksum=file.checksum, into=into)
    except LinkExpired:
        url = renew()
        if url is None:
            raise FileRefused("le portail ne l’a plus") from None
        try:
            portal.fetch(url, size=file.size, checksum=file.checksum, into=into)
        except LinkExpired:
            raise FileRefused("son lien n’ouvre plus, même renouvelé") from None


def _is_there(target: Path, file: PortalFile) -> bool:
    if not target.is_file() or target.stat().st_size != file.size:
        return False
    digest = hashlib.md5(usedforsecurity=False)
    with target.open("rb") as kept:
        while chunk := kept.read(2**20):
            digest.update(chunk)
    return base64.b64encode(digest.digest()).decode() == file.checksum
