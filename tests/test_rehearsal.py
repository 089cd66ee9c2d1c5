"""Does the rehearsal play the real flows, on a copy, and tell what the plan tells?"""

import json
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deployments import rehearsal
from deployments.rehearsal import FolderInUse, rehearse
from tasks.database import engine
from tasks.planning import plan_rows
from tasks.settings import settings
from tests.prefect_builders import a_small_campaign

START, END = date(2021, 2, 15), date(2021, 3, 9)


@pytest.fixture(autouse=True)
def _one_server_for_all(prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`test_whole_life` plays with the private server that a rehearsal starts: here, time goes to what is played."""
    monkeypatch.setattr(rehearsal, "prefect_api", lambda home, *, private, quiet: nullcontext(prefect_server))


def a_campaign_to_rehearse(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small campaign, in a database that is the engine's own."""
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()
    a_small_campaign(folder)


def everything(url: str) -> dict[str, list[Any]]:
    from models.schema import metadata

    with engine(url).connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in metadata.sorted_tables
        }


def test_a_rehearsal_writes_the_letters_of_the_plan_and_leaves_its_source_alone(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_campaign_to_rehearse(database_url, tmp_path, monkeypatch)
    before = everything(database_url)
    journal = json.loads(rehearse("2021", START, END, tmp_path / "out").read_text(encoding="utf-8"))
    assert everything(database_url) == before
    told = sorted(
        (
            letter["at"],
            letter["to"],
            notice["territory"],
            notice["deadline"],
            notice["due"],
            notice["step"],
            notice["role"],
        )
        for letter in journal
        for notice in letter["notices"]
    )
    planned = plan_rows("2021", start=START, end=END, all_letters=True)
    assert told == sorted(
        (row["at"], row["to"], row["territory"], row["deadline"], row["due"], row["step"], row["role"])
        for row in planned
    )
    assert len(told) > 20
    assert {letter["file"] for letter in journal} == {
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out" / "mail").glob("*.eml")
    }


def test_a_second_rehearsal_replaces_the_first(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_campaign_to_rehearse(sqlite_url, tmp_path, monkeypatch)
    first = rehearse("2021", START, date(2021, 2, 19), tmp_path / "out").read_text(encoding="utf-8")
    assert rehearse("2021", START, date(2021, 2, 19), tmp_path / "out").read_text(encoding="utf-8") == first
    assert len(list((tmp_path / "out" / "mail").glob("*.eml"))) == len(json.loads(first))


def test_letters_that_no_rehearsal_wrote_are_not_touched(tmp_path: Path) -> None:
    real = tmp_path / "mail" / "real.eml"
    real.parent.mkdir()
    real.write_text("a letter", encoding="utf-8")
    with pytest.raises(FolderInUse, match="give --out another folder"):
        rehearse("2021", START, END, tmp_path)
    assert real.exists()
