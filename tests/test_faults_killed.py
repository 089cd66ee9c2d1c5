"""Does anything get lost or doubled when a process is killed, at whatever point, or works beside others?"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from tests.fault_builders import (
    ENDED,
    KILLED,
    Place,
    a_nursery,
    at_once,
    decision,
    delivery,
    killed_at_every_point,
    morning,
    undisturbed,
)
from tests.prefect_builders import a_small_campaign


@pytest.fixture(scope="module")
def nursery() -> Iterator[ProcessPoolExecutor]:
    with a_nursery() as process:
        yield process


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    """The small campaign, opened and nothing decided, on each kind of database."""
    return opened(database_url, tmp_path)


@pytest.fixture
def place_on_sqlite(sqlite_url: str, tmp_path: Path) -> Place:
    return opened(sqlite_url, tmp_path)


def opened(url: str, folder: Path) -> Place:
    place = Place(url=url, home=folder / "var")
    with place.entered():
        a_small_campaign(folder)
    place.keep()
    return place


def test_a_decision_killed_at_any_point_is_taken_up_by_the_next_pass(
    nursery: ProcessPoolExecutor, place_on_sqlite: Place
) -> None:
    calm = undisturbed(place_on_sqlite)
    found = nursery.submit(killed_at_every_point, place_on_sqlite, None, decision).result()
    print(len(found))
    assert len(calm.told) == 6
    assert [ended for ended, _ in found] == [KILLED] * (len(found) - 1) + [ENDED]
    assert [left for _, left in found] == [calm] * len(found)
