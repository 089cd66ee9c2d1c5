"""Can anybody be shown what a territory was sent, what it was not, and why?"""

import json
from collections import Counter
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from models.rules.calendar import instant
from models.territory_queries import NoSuchTerritory
from notifications.changes import sentence_of
from notifications.history_page import page
from tasks.acts import extend, perform
from tasks.delivery import deliver
from tasks.digests import post_digests
from tasks.history import history
from tasks.intake import take_in
from tasks.proof_artifact import history_report
from tasks.settings import settings
from tests.builders import a_programme
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites, refused
from tests.test_passes import a_pass, received


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
    letter = "Saint-Denis, Candidature\xa0: 17\xa0pièces attendues sous 9\xa0jours"
    assert told == [
        ("change", None, None, "campaign", "essai"),
        ("change", None, None, "territoires", "essai"),
        ("change", None, None, "contacts", "essai"),
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


def test_a_digest_of_the_region_is_told_to_the_territories_of_the_region_alone(campaign: str, tmp_path: Path) -> None:
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("role;perimetre;nom;courriel\nprefet_region;region:32;SGAR;sgar@hdf.test\n", encoding="utf-8")
    assert take_in([contacts], campaign=campaign, at=J_7, author="essai").faults == ()
    monday = instant(date(2021, 3, 1), 9, "Europe/Paris")
    assert post_digests.fn(campaign, monday) == {"digests": 1}
    before = [each for each in history(campaign, "douai")["entries"] if each["kind"] == "digest"]
    assert [each["words"] for each in before] == ["Synthèse de la région : préfet de région, lettre à envoyer"]
    deliver.fn(monday, "essai", monday)
    found = history(campaign, "douai")
    [told] = [each for each in found["entries"] if each["kind"] == "digest"]
    assert told["words"] == "Synthèse de la région : préfet de région, lettre envoyée le 1er mars 2021 à 9 h 00"
    assert (told["to"], told["status"], told["roles"]) == ("sgar@hdf.test", "sent", ["prefet_region"])
    assert "1 synthèse de la région envoyée." in page(found).replace("\u00a0", " ")
    assert "sgar@hdf.test" not in history_report(found)
    assert [each for each in history(campaign, "saint-denis-974")["entries"] if each["kind"] == "digest"] == []


def test_times_are_those_of_the_territory(campaign: str) -> None:
    a_pass(campaign, J_7)
    found = history(campaign, "saint-denis-974")
    assert found["zone"] == "Indian/Reunion"
    assert {(each["at"], each["local"]) for each in found["entries"] if each["kind"] == "notice"} == {
        ("2021-02-19T08:00:00.000000+00:00", "2021-02-19T12:00:00+04:00")
    }


def test_the_page_stands_alone_and_tells_each_fact_once_whatever_was_typed(campaign: str, tmp_path: Path) -> None:
    a_pass(campaign, J_7)
    received(tmp_path, campaign, 'douai;diagnostic;scolaire;refusee;2021-02-20;"<script>alert(1)</script>"')
    found = history(campaign, "douai")
    read = page(found)
    seen = _Seen()
    seen.feed(read)
    assert {"script", "link", "img", "iframe"}.isdisjoint(seen.tags)
    assert seen.tags["h1"] == 1
    assert seen.tags["table"] == seen.tags["caption"] == 2
    assert seen.language == "fr"
    words = " ".join(seen.words).replace("\u00a0", " ")
    assert "refusée le 20 février 2021 (<script>alert(1)</script>)" in words
    assert "Lettre à mairie" not in words
    assert words.count("· mairie@douai.test") == 4  # four steps; the record of changes keeps no address
    assert f"cites verify --holds {found['record']['hash']}" in words
    assert "Douai | <img src=x>" in words


def test_the_report_beside_a_run_names_nobody(campaign: str) -> None:
    a_pass(campaign, J_7)
    report = history_report(history(campaign, "douai"))
    assert "@" not in report
    assert "## Octobre 2020" in report
    assert "## Février 2021" in report
    assert "lettre non envoyée, dépassée par une étape suivante" in report


def test_every_table_of_the_exchange_is_told_in_words() -> None:
    programme = a_programme()
    after = {
        "decisions": {"verdict": "labellise", "day": "2021-03-26", "authority": "Les ministres", "grounds": "Complet"},
        "prorogations": {"deadline": "fund_report:2021", "new_due": "2022-04-15", "granted_on": "2022-03-01",
                         "authority": "Coordination", "reference": "CN-1", "grounds": ""},
        "desistements": {"day": "2021-02-12", "grounds": "Fusion"},
        "conventions": {"first_day": "2021-01-01", "last_day": "2023-12-31", "signed_on": None,
                        "city_contract_end": "2022-12-31"},
        "financements": {"year": 2021, "funder": "ville", "purpose": "fonds", "kind": "numeraire", "mainstream": False,
                         "planned": 1_500_000},
        "operations_fonds": {"year": 2021, "day": "2021-07-05", "direction": "depense", "axis": "1.1",
                             "label": "Sortie", "amount": 12_050},
        "contacts": {"role": "prefet", "perimeter": "departement:59", "email": "a@nord.test", "active": False},
        "pieces": {"requirement": "bilan-fonds", "occurrence": "2021", "part": "compte", "status": "refusee",
                   "at": "2022-03-30T07:30:00+00:00", "reason": "Illisible"},
        "mesures": {"indicator": "absenteisme", "year": 2022, "value": 45000, "rank": 0, "email": "x@y.test"},
    }  # fmt: skip
    told = {name: sentence_of(programme, "Europe/Paris", name, None, values) for name, values in after.items()}
    assert told == {
        "decisions": "labellisation du 26 mars 2021, Les ministres (Complet)",
        "prorogations": "Bilan annuel du fonds 2021 reportée au 15 avril 2022, accordée le 1er mars 2022 par "
                        "Coordination, CN-1",
        "desistements": "le 12 février 2021 (Fusion)",
        "conventions": "début le 1er janvier 2021, fin le 31 décembre 2023, non signée, annexée à un contrat de ville "
                       "qui finit le 31 décembre 2022",
        "financements": "2021, ministère chargé de la ville pour le fonds : prévu 15\u202f000\u00a0€",
        "operations_fonds": "compte 2021, dépense de 120,50\u00a0€ le 5 juillet 2021, axe 1.1, « Sortie »",
        "contacts": "préfet de département (département Nord), ne reçoit plus les courriels",
        "pieces": "Bilan annuel du fonds de la cité éducative 2021, compte de l’année : refusée le 30 mars 2022 à "
                  "9 h 30 (Illisible)",
        "mesures": "absenteisme, 2022, 45000",
    }  # fmt: skip
    corrected = sentence_of(programme, "Europe/Paris", "desistements", {"day": "2021-02-12"}, {"day": "2021-02-13"})
    assert corrected == "le 13 février 2021 ; auparavant : le 12 février 2021"


class _Seen(HTMLParser):
    """What a reader of a page meets: its tags, its words, its language."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.words: list[str] = []
        self.language: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        if tag == "html":
            self.language = dict(attrs)["lang"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


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
    assert (
        "2021-02-19T09:00  notice  Candidature, J-7 (échéance du 28 février 2021) : chef de file (commune ou "
        "intercommunalité), lettre à envoyer · mairie@douai.test"
    ) in shown.stdout
    assert "une étape plus récente la remplace" in shown.stdout
    found = json.loads(cites("history", "douai", "--campaign", campaign, "--format", "json").stdout)
    assert found["name"].startswith("Douai")
    assert refused(cites("history", "lille", "--campaign", campaign)).startswith(
        f"campaign {campaign} has no territory"
    )
