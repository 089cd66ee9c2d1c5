"""Do the plan and the balance agree, row for row, with a computation made apart from them?

`tests/independent` was written from the rules' text alone and shares nothing with the engine, not even its data.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.rules.campaign_file import load_campaign, read_campaign_file
from tasks.balance import balance
from tasks.campaigns import open_campaign_file
from tasks.planning import plan_rows
from tests.independent.balance_by_hand import balance as balance_by_hand
from tests.independent.campaigns import write_campaign
from tests.independent.plan_by_hand import plan as plan_by_hand

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def a_whole_campaign(folder: Path, url: str, *, seed: int, territories: int) -> Path:
    campaign = write_campaign(folder, seed=seed, territories=territories)
    open_campaign_file(campaign, at=AT, author="essai", tables=campaign.parent / "tables", url=url)
    return campaign


def compared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in one order, those that tie on everything the plan is sorted by included."""
    keys = ("at", "to", "territory", "deadline", "due")
    return sorted(rows, key=lambda row: (*(row[key] for key in keys), str(row["step"])))


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_is_the_one_computed_by_hand(sqlite_url: str, tmp_path: Path, seed: int) -> None:
    campaign = a_whole_campaign(tmp_path, sqlite_url, seed=seed, territories=9)
    programme = load_campaign(read_campaign_file(campaign), name="the campaign")
    start = programme.opens - timedelta(days=10)
    end = start + timedelta(days=500)
    outages = frozenset(
        start + timedelta(days=day) for day in range(500) if 100 < day < 104 + 3 * seed or day % 29 == seed
    )
    for without in (frozenset[date](), outages):
        for all_letters in (False, True):
            mine = plan_rows(
                programme.code, start=start, end=end, without=without, all_letters=all_letters, url=sqlite_url
            )
            by_hand = plan_by_hand(
                campaign, campaign.parent / "tables", start=start, end=end, without=without, all_letters=all_letters
            )
            assert len(by_hand) > 100
            assert compared(mine) == compared(by_hand)
            keys = ("at", "to", "territory", "deadline")
            assert mine == sorted(mine, key=lambda row: [row[key] for key in keys])


@pytest.mark.parametrize("seed", range(3))
def test_the_balance_is_the_one_computed_by_hand(database_url: str, tmp_path: Path, seed: int) -> None:
    campaign = a_whole_campaign(tmp_path, database_url, seed=100 + seed, territories=40)
    programme = load_campaign(read_campaign_file(campaign), name="the campaign")
    for year in (programme.opens.year + 1, programme.opens.year + 2):
        for stage in ("planned", "notified", "paid"):
            mine = balance(programme.code, year, stage, url=database_url)
            for level in (*mine["territories"], *mine["departements"], *mine["regions"], mine["nation"]):
                for finding in level["findings"]:
                    assert finding["text"]
                    finding["text"] = ""
            assert mine == balance_by_hand(campaign, campaign.parent / "tables", year=year, stage=stage)
