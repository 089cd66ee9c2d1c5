"""Can anybody be shown what a territory was sent, what it was not, and why?"""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.rules.calendar import instant
from tasks.acts import extend, perform
from tasks.delivery import deliver
from tasks.history import NoSuchTerritory, history
from tasks.settings import settings
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites, refused
from tests.test_passes import a_pass


@pytest.fixture
def campaign(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    return a_small_campaign(tmp_path)


def test_a_history_tells_changes_letters_and_silences_in_order(campaign: str) -> None:
    a_pass(campaign, J_7)
    deliver.fn(J_7, "essai", datetime(2021, 2, 19, 8, 0, tzinfo=UTC))
    act = extend(
        ["saint-denis-974"], deadline="candidature", new_due=date(2021, 3, 10), day=date(2021, 2, 22),
        authority="Coordination", grounds="Conseil reporté", reference="",
    )  # fmt: skip
    perform(act, campaign=campaign, at=instant(date(2021, 2, 22), 10, "Europe/Paris"), author="Mme Roussel")
    found = history(campaign, "saint-denis-974")
    assert (found["campaign"], found["territory"], found["name"]) == (campaign, "saint-denis-974", "Saint-Denis")
    told = [
        (entry["kind"], entry.get("step"), entry.get("status"), entry.get("subject"), entry.get("author"))
        for entry in found["entries"]
    ]
    letter = "Saint-Denis, Candidature\xa0: 17\xa0pièces attendues dans 9\xa0jours"
    assert told == [
        ("change", None, None, "territoires", "essai"),
        ("state", None, None, None, None),
        ("notice", "-7", "sent", letter, None),
        ("notice", "-60", "superseded", "", None),
        ("notice", "-30", "superseded", "", None),
        ("notice", "-15", "superseded", "", None),
        ("unreachable", "-7", None, None, None),
        ("unreachable", "-7", None, None, None),
        ("change", None, None, "prorogations", "Mme Roussel"),
    ]
    assert [entry["at"] for entry in found["entries"]] == sorted(entry["at"] for entry in found["entries"])
    assert found["entries"][-1]["after"]["new_due"] == "2021-03-10"


def test_a_territory_that_is_not_there_is_told(campaign: str) -> None:
    with pytest.raises(NoSuchTerritory, match="has no territory «lille»"):
        history(campaign, "lille")


def test_a_history_is_read_from_the_command_line(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    campaign = a_small_campaign(tmp_path)
    a_pass(campaign, J_7)
    shown = cites("history", "douai", "--campaign", campaign)
    assert "candidature -7 to mairie@douai.test: decided" in shown.stdout
    assert "une étape plus récente la remplace" in shown.stdout
    found = json.loads(cites("history", "douai", "--campaign", campaign, "--format", "json").stdout)
    assert found["name"].startswith("Douai")
    assert refused(cites("history", "lille", "--campaign", campaign)).startswith(
        f"campaign {campaign} has no territory"
    )
