"""How is everything that must not be lost put in one file, and how does it come back whole?

One form for every database: a zip of JSON lines, a member per table, read in a single view of the database while the
engine runs. It needs no program of the server's version, and what was saved from SQLite may be restored into
PostgreSQL (ADR 0022). A restore goes into an empty database only, and proves itself: fingerprints, row counts, the
chain of events.
"""

import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import (
    JSON,
    BindParameter,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Table,
    Text,
    TypeDecorator,
    cast,
    insert,
    text,
    type_coerce,
)
from sqlmodel import Session

from models.operation_queries import rows_in, stored_rows, stored_tables
from tasks.database import prepare, reading, revision_of, revisions, transaction
from tasks.events import verify
from tasks.settings import settings

FORM = "cites-backup-1"
OF_ALEMBIC = "alembic_version"
AT_ONCE = 1_000
_key_name = re.compile(r"[a-z0-9-]+\.key")


class BackupRefused(Exception):
    """A backup cannot be made, or a file cannot be restored; says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a backup holds: rows by table, the tables' version, the keys, and how its chain of events ends."""

    revision: str
    rows: Mapping[str, int]
    keys: tuple[str, ...]
    letters: int  # of the mail folder: listed, not copied
    events: int
    hash: str


def back_up(file: Path, *, at: datetime, url: str | None = None) -> Saved:
    """Write everything into `file`, readable by its owner alone; the engine may go on. Raises `BackupRefused`."""
    if file.exists():
        raise BackupRefused(f"{file} is already there: a backup never replaces another one, choose a new name")
    home = settings().home
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with (
            os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written,
            zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive,
            reading(url) as session,
        ):
            saved = _write(archive, session, home, at)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return saved


def _write(archive: zipfile.ZipFile, session: Session, home: Path, at: datetime) -> Saved:
    revision = revision_of(session)
    if not revision:
        raise BackupRefused("there is nothing to save: this database holds no table of the engine")
    tables: dict[str, dict[str, Any]] = {}
    last = ""
    for table in stored_tables(session):
        if table.name != OF_ALEMBIC:
            tables[table.name], row = _write_table(archive, session, table)
            last = str(row.get("hash", "")) if table.name == "event" else last  # the first tables had no fingerprints
    keys = {path.name: path.read_bytes() for path in sorted(home.glob("*.key")) if _key_name.fullmatch(path.name)}
    for name, content in keys.items():
        archive.writestr(f"keys/{name}", content)
    mail = [{"file": each.name, "bytes": each.stat().st_size} for each in sorted((home / "mail").glob("*.eml"))]
    archive.writestr("mail.json", orjson.dumps(mail))
    manifest = {
        "form": FORM, "at": at.astimezone(UTC).isoformat(), "revision": revision, "tables": tables,
        "keys": {name: sha256(content).hexdigest() for name, content in keys.items()},
        "letters": len(mail), "events": tables["event"]["rows"], "hash": last,
    }  # fmt: skip
    archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return _saved(manifest)


def _saved(manifest: Mapping[str, Any]) -> Saved:
    return Saved(
        revision=manifest["revision"],
        rows={name: each["rows"] for name, each in manifest["tables"].items()},
        keys=tuple(sorted(manifest["keys"])),
        letters=manifest["letters"],
        events=manifest["events"],
        hash=manifest["hash"],
    )


def _write_table(archive: zipfile.ZipFile, session: Session, table: Table) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Its rows and their fingerprint; and the last of them."""
    # Documents go as their text, to the letter: a JSON null is not a missing value.
    columns: list[Any] = [cast(each, Text).label(each.name) if _is_json(each) else each for each in table.columns]
    digest, rows = sha256(), 0
    row: dict[str, Any] = {}
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
        for row in stored_rows(session, table, columns, AT_ONCE):
            line = orjson.dumps({name: _plain(value) for name, value in row.items()}) + b"\n"
            member.write(line)
            digest.update(line)
            rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}, row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


class _JsonAsText(TypeDecorator[str]):
    """A document that is already text, and stays it to the letter."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindparam: BindParameter[str]) -> ColumnElement[str]:
        return cast(type_coerce(bindparam, Text), JSON)


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def restore(file: Path, *, url: str | None = None) -> Saved:
    """Bring the content of `file` into an empty database and home, and prove it. Raises `BackupRefused`.

    What an older engine saved comes back under the tables of its time, which are then brought to the present ones.
    """
    home = settings().home
    with _opened(file) as (archive, manifest, saved):
        known = revisions()
        if saved.revision not in known:
            raise BackupRefused(
                f"{file} comes from a later engine (tables {saved.revision}, here {known[-1]}): install that one first"
            )
        _must_be_whole(archive, manifest, file)
        _must_be_empty(url)
        keys = {name: archive.read(f"keys/{name}") for name in saved.keys}
        _must_not_replace(home, keys)
        prepare(url, revision=saved.revision)
        with transaction(url) as session:
            _fill(archive, session, saved)
        prepare(url)
    _prove(saved, url)
    home.mkdir(parents=True, exist_ok=True)
    for name, content in keys.items():
        with os.fdopen(os.open(home / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as written:
            written.write(content)
    return saved


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any], Saved]]:
    if not file.is_file():
        raise BackupRefused(f"there is no file {file}: give the path of one that `cites backup` wrote")
    with file.open("rb") as content:
        with _damage_told(file):
            archive = zipfile.ZipFile(content)
            manifest = json.loads(archive.read("manifest.json"))
            if not isinstance(manifest, dict) or manifest.get("form") != FORM:
                raise BackupRefused(f"{file} is not a backup that this engine made: take one that `cites backup` wrote")
            saved = _saved(manifest)
        with archive:
            yield archive, manifest, saved


@contextmanager
def _damage_told(file: Path) -> Iterator[None]:
    """Whatever a byte that changed does to a zip: another method, other sizes, a password where there was none …"""
    try:
        yield
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, KeyError, ValueError, RuntimeError, OSError,
    ) as damaged:  # fmt: skip
        raise BackupRefused(f"{file} is damaged, or not a backup ({damaged}): take an earlier one") from None


def _must_be_whole(archive: zipfile.ZipFile, manifest: Mapping[str, Any], file: Path) -> None:
    wanted = {f"tables/{name}.jsonl": each["sha256"] for name, each in manifest["tables"].items()}
    wanted |= {f"keys/{name}": fingerprint for name, fingerprint in manifest["keys"].items()}
    for name in manifest["keys"]:
        if not _key_name.fullmatch(name):
            raise BackupRefused(f"{file} names a key «{name}» that no engine has: it was not made by this one")
    for name, fingerprint in wanted.items():
        digest = sha256()
        with _damage_told(file), archive.open(name) as member:
            while part := member.read(1 << 20):
                digest.update(part)
        if digest.hexdigest() != fingerprint:
            raise BackupRefused(f"{file} is damaged ({name} is not what was saved): take an earlier one")


def _must_be_empty(url: str | None) -> None:
    with reading(url) as session:
        full = [each.name for each in stored_tables(session) if each.name != OF_ALEMBIC and rows_in(session, each)]
    if full:
        raise BackupRefused(
            f"this database is not empty ({', '.join(full[:3])}{' …' if len(full) > 3 else ''} hold rows): a restore "
            "goes into a new one, name it in CITES_DATABASE_URL"
        )


def _must_not_replace(home: Path, keys: Mapping[str, bytes]) -> None:
    for name, content in keys.items():
        if (home / name).exists() and (home / name).read_bytes() != content:
            raise BackupRefused(f"{home / name} is another key than the one saved: move it away, or set CITES_HOME")


def _fill(archive: zipfile.ZipFile, session: Session, saved: Saved) -> None:
    if revision_of(session) != saved.revision:
        raise BackupRefused(
            f"this database has tables of another version than the file's ({saved.revision}): restore into a new one"
        )
    tables = [each for each in stored_tables(session) if each.name != OF_ALEMBIC]
    unknown = saved.rows.keys() ^ {each.name for each in tables}
    if unknown:
        raise BackupRefused(f"the file and the tables differ ({', '.join(sorted(unknown))}): restore into a new one")
    postgresql = session.get_bind().dialect.name == "postgresql"
    as_text = _JsonAsText() if postgresql else Text()
    for table in tables:
        for each in table.columns:
            each.type = as_text if _is_json(each) else each.type
        last = 0
        with archive.open(f"tables/{table.name}.jsonl") as member:
            for rows in _batches(member, table):
                session.execute(insert(table), rows)
                last = rows[-1]["id"]
        if last and postgresql:
            asked = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
            session.execute(asked, {"name": f'"{table.name}"', "last": last})


def _batches(member: IO[bytes], table: Table) -> Iterator[list[dict[str, Any]]]:
    readers = {each.name: _reader(each) for each in table.columns}
    rows: list[dict[str, Any]] = []
    for line in member:
        row = orjson.loads(line)
        rows.append({name: None if value is None else readers[name](value) for name, value in row.items()})
        if len(rows) == AT_ONCE:
            yield rows
            rows = []
    if rows:
        yield rows


def _reader(column: Column[Any]) -> Any:
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(column.type, Date) else (lambda value: value)


def _prove(saved: Saved, url: str | None) -> None:
    with reading(url) as session:
        there = {each.name: rows_in(session, each) for each in stored_tables(session)}
    for name, rows in saved.rows.items():
        if there.get(name, rows) < rows:  # a later version may have moved a table's rows elsewhere, never lost some
            raise BackupRefused(
                f"{rows} rows of {name} were saved and {there[name]} came back: restore it again into a new one"
            )
    found = verify(holds=saved.hash, url=url)
    if found.breaks or found.events != saved.events:
        raise BackupRefused("the record of changes does not hold together: it was already touched when it was saved")
