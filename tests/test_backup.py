"""Does everything come back from one file, from either database into either, and is a damaged file refused?"""

import json
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.backup import BackupRefused, back_up, restore
from tasks.database import engine, prepare, reading, revision_of, revisions
from tasks.events import verify
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tests.old_databases import a_database_of, as_text, rows_of
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites, refused

AT = datetime(2021, 2, 19, 8, tzinfo=UTC)


def everything(url: str) -> dict[str, list[str]]:
    with engine(url).connect() as connection:
        return as_text(rows_of(connection))


@pytest.fixture
def saved(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of a small campaign after a pass, with the key of its calendars; `sqlite_url` is where it comes from."""
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    run_id, regions = begin_run.fn(code, "candidature", J_7)
    finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    home = settings().home
    (home / "mail").mkdir(parents=True)
    (home / "mail" / "1.eml").write_bytes(b"To: x\n\n")
    (home / "calendars.key").write_bytes(b"k" * 32)
    back_up(tmp_path / "saved.zip", at=AT)
    return tmp_path / "saved.zip"


def move_away(monkeypatch: pytest.MonkeyPatch, home: Path, url: str = "") -> str:
    """From here on the engine has another home and another database; gives its URL."""
    monkeypatch.setenv("CITES_HOME", str(home))
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()
    return settings().database()


def test_everything_comes_back_and_the_engine_goes_on(
    saved: Path, sqlite_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, chain = everything(sqlite_url), verify(url=sqlite_url)
    if database_url == sqlite_url:  # both fixtures name the same file: a new home has a new one
        database_url = ""
    there = move_away(monkeypatch, tmp_path / "elsewhere", database_url)
    report = restore(saved)
    assert everything(there) == before
    assert verify() == chain
    assert (report.rows["notice"], report.keys, report.letters) == (len(before["notice"]), ("calendars.key",), 1)
    key = tmp_path / "elsewhere" / "calendars.key"
    assert (key.read_bytes(), stat.S_IMODE(key.stat().st_mode)) == (b"k" * 32, 0o600)
    run_id, regions = begin_run.fn("2021", "candidature", J_7)  # new rows find new identities
    again = finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    assert (again["letters"], again["decided"]) == (0, 0)


def test_what_postgresql_held_is_saved_while_it_works_and_read_back_by_sqlite(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_away(monkeypatch, tmp_path / "here", database_url)
    a_small_campaign(tmp_path)
    back_up(tmp_path / "saved.zip", at=AT)
    before = everything(database_url)
    there = move_away(monkeypatch, tmp_path / "elsewhere")
    restore(tmp_path / "saved.zip")
    assert everything(there) == before


@pytest.mark.parametrize("revision", revisions()[:-1])
def test_what_an_earlier_engine_saved_comes_back_under_the_present_tables(
    revision: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    a_database_of(revision, old)
    back_up(tmp_path / "old.zip", at=AT, url=old)
    there = move_away(monkeypatch, tmp_path / "elsewhere")
    restore(tmp_path / "old.zip")
    with reading() as session:
        assert revision_of(session) == revisions()[-1]
    prepare(old)
    assert everything(there) == everything(old)


def test_a_backup_is_its_owners_alone_and_replaces_no_other(saved: Path) -> None:
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    with pytest.raises(BackupRefused, match="already there"):
        back_up(saved, at=AT)
    assert [each.name for each in saved.parent.glob("saved*")] == ["saved.zip"]


def test_a_restore_replaces_nothing(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackupRefused, match="this database is not empty"):
        restore(saved)
    move_away(monkeypatch, tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "calendars.key").write_bytes(b"another")
    with pytest.raises(BackupRefused, match="is another key than the one saved"):
        restore(saved)
    assert (tmp_path / "elsewhere" / "calendars.key").read_bytes() == b"another"


def rewritten(saved: Path, change: dict[str, bytes]) -> Path:
    other = saved.with_name("rewritten.zip")
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(other, "w") as made:
        for name in archive.namelist():
            made.writestr(name, change.get(name, archive.read(name)))
    return other


def test_a_damaged_file_is_refused_before_anything_is_written(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(saved) as archive:
        rows, manifest = archive.read("tables/contact.jsonl"), json.loads(archive.read("manifest.json"))
    outside = manifest | {"keys": {"../../evil.key": "0"}}
    later = manifest | {"revision": "9999"}
    files = {
        rewritten(saved, {"tables/contact.jsonl": rows.replace(b"nord", b"sud")}): "is not what was saved",
        saved.with_name("absent.zip"): "there is no file",
    }
    for change, said in ((outside, "that no engine has"), (later, "comes from a later engine"), ({}, "not a backup")):
        path = rewritten(saved, {"manifest.json": json.dumps(change).encode()})
        files[path.rename(saved.with_name(f"{said.replace(' ', '-')}.zip"))] = said
    half = saved.with_name("half.zip")
    half.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    files[half] = "is damaged"
    files[rewritten(saved, {"tables/contact.jsonl": rows.replace(b"nord", b"sud")})] = "is not what was saved"
    move_away(monkeypatch, tmp_path / "elsewhere")
    for path, said in files.items():
        with pytest.raises(BackupRefused, match=said):
            restore(path)
    assert not (tmp_path / "elsewhere" / "calendars.key").exists()


def test_one_changed_byte_anywhere_is_told_as_damage_and_never_restored(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = saved.read_bytes()
    with zipfile.ZipFile(saved) as archive:
        directory = archive.start_dir
        first = archive.infolist()[0].header_offset + 30 + len(archive.infolist()[0].filename) + 20
    changes = {
        "a password is asked for": (directory + 8, 1),
        "a method that nobody knows": (directory + 10, 250),
        "another method": (directory + 10, 12),
        "no deflated block": (first, 255),
        "no end": (len(whole) - 22, 0),
    }
    move_away(monkeypatch, tmp_path / "elsewhere")
    damaged = tmp_path / "damaged.zip"
    for place, byte in changes.values():
        damaged.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        sentence = refused(cites("restore", str(damaged)))
        assert sentence.startswith(f"{damaged} is damaged, or not a backup ("), sentence
        assert sentence.endswith("): take an earlier one")
    assert not (tmp_path / "elsewhere" / "calendars.key").exists()


def test_from_a_terminal_a_backup_is_made_and_comes_back(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(cites("restore", str(saved))).startswith("this database is not empty")
    made = cites("backup", "--to", str(tmp_path / "other.zip"))
    assert (made.exit_code, "1 keys; 1 letters listed" in made.stdout) == (0, True)
    move_away(monkeypatch, tmp_path / "elsewhere")
    assert cites("restore", str(tmp_path / "other.zip")).exit_code == 0
    assert cites("verify").exit_code == 0
