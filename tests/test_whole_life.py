"""Does a rehearsal of three years and a half tell what two computations made apart from the engine tell?

Here a few territories of the example campaign, from the opening to the last reminder of the last fund report; the
forty-six are played by `pytest tests/rehearsal_of_46.py`, which takes two or three minutes.
"""

import csv
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from deployments.example_campaigns import EXAMPLE
from deployments.rehearsal import rehearse
from models.rules.calendar import instant
from tasks.campaigns import open_campaign_file
from tasks.settings import settings
from tests.independent.plan_by_hand import covers, read_table
from tests.independent.plan_by_hand import plan as plan_by_hand
from tests.independent.states_by_hand import Dossiers

START, END = date(2020, 10, 15), date(2024, 4, 15)  # the opening; fifteen days after the last fund report is due
CAMPAIGN = EXAMPLE / "campaign-2021.yaml"
DEADLINES = {
    "candidature", "action_plan", "convention", "convention_end",
    "fund_report:2021", "fund_report:2022", "fund_report:2023",
}  # fmt: skip
# overseas, then ended; renewed; withdrawn
A_FEW = ("basse-terre-baillif-capesterre", "bordeaux", "carpentras")


def tables_of(territories: tuple[str, ...], folder: Path) -> Path:
    """The example's tables, without the rows of the other territories."""
    folder.mkdir()
    kept = [line for line in read_table(EXAMPLE / "tables" / "territoires.csv") if line["code"] in territories]
    for table in sorted((EXAMPLE / "tables").glob("*.csv")):
        rows = read_table(table)
        with (folder / table.name).open("w", encoding="utf-8", newline="") as written:
            writer = csv.DictWriter(written, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(row for row in rows if _concerns(row, kept))
    return folder


def _concerns(row: dict[str, str], kept: list[dict[str, str]]) -> bool:
    if "perimetre" in row:
        return any(covers(row["perimetre"], line) for line in kept)
    own = row.get("territoire") or row.get("code")
    if own is None:
        return row["departement"] in {line["departement"] for line in kept}
    return own in {line["code"] for line in kept}


def play(tables: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Open the example campaign with these tables on a database of its own, and play the whole of it into `out`."""
    monkeypatch.setenv("CITES_DATABASE_URL", f"sqlite:///{out.parent / 'played.db'}")
    settings.cache_clear()
    open_campaign_file(CAMPAIGN, at=datetime.fromisoformat("2020-10-15T08:00+02:00"), author="essai", tables=tables)
    return rehearse("2021", START, END, out).parent


def check(out: Path, tables: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Every letter and every state of a rehearsal against the computations by hand; gives its journal and status."""
    journal = json.loads((out / "journal.json").read_text(encoding="utf-8"))
    planned = plan_by_hand(CAMPAIGN, tables, start=START, end=END, all_letters=True)
    named = ("territory", "deadline", "due", "step", "role")
    told = [
        (each["at"], each["to"], *(notice[name] for name in named)) for each in journal for notice in each["notices"]
    ]
    assert Counter(told) == Counter((row["at"], row["to"], *(row[name] for name in named)) for row in planned)
    assert {row["deadline"] for row in planned} == DEADLINES

    status = json.loads((out / "status.json").read_text(encoding="utf-8"))
    by_hand = Dossiers(CAMPAIGN, tables)
    assert {each["territory"]: stood(each) for each in status["territories"]} == by_hand.all_at(
        instant(END, 23, "Europe/Paris")
    )
    for each in status["territories"]:
        went = [seen["state"] for seen in each["seen"]]
        assert went == [
            by_hand.state_of(each["territory"], datetime.fromisoformat(seen["at"])) for seen in each["seen"]
        ]
        assert went[-1] == each["state"]
    return journal, status


def stood(territory: dict[str, Any]) -> dict[str, Any]:
    """A territory of `cites status` in the shape of the computation by hand: required parts alone."""
    return {
        "state": territory["state"],
        "obligations": {
            (each["deadline"], each["due"]): (
                each["satisfied"],
                [
                    f"{finding['requirement']}/{finding['part']}"
                    for finding in each["findings"]
                    if finding["level"] == "required"
                ],
            )
            for each in territory["obligations"]
        },
    }


@pytest.mark.usefixtures("home_with_prefect")
def test_a_few_lives_are_lived_to_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = tables_of(A_FEW, tmp_path / "tables")
    out = play(tables, tmp_path / "out", monkeypatch)
    journal, status = check(out, tables)
    assert len(journal) > 100
    lived = {each["territory"]: [seen["state"] for seen in each["seen"]] for each in status["territories"]}
    assert lived == {
        "basse-terre-baillif-capesterre": [
            "invited", "in_preparation", "transmitted", "labelled", "action_plan_received", "running", "closing",
            "ended",
        ],
        "bordeaux": ["invited", "transmitted", "labelled", "action_plan_received", "running", "closing", "renewed"],
        "carpentras": ["invited", "in_preparation", "withdrawn"],
    }  # fmt: skip
