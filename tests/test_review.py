"""Does a review tell what was read, word for word, and does a decision taken too soon warn without being stopped?"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from models.rules.campaign_file import load_campaign
from models.rules.sitting import OpinionFact, Reading, sitting
from models.rules.yaml_files import ProgrammeRefused
from models.words import OpinionWord
from notifications.review_page import page
from tasks.acts import decide, perform
from tasks.follow_up_artifacts import review_report
from tasks.intake import take_in
from tasks.review import review
from tasks.settings import settings
from tests.builders import a_campaign_file, a_dossier, a_piece, a_programme, an_instant
from tests.prefect_builders import a_small_campaign
from tests.test_cli import cites, refused

SITTING = datetime(2021, 3, 25, 9, 0, tzinfo=UTC)
VISAS = "territoire;piece;parties;statut;date;motif\n"
OPINIONS = "territoire;instance;avis;date;autorite;motif\n"
READINGS = "territoire;critere;appreciation;observations;date;autorite\n"


def an_opinion(day: str, opinion: str, instance: str = "prefecture_region") -> OpinionFact:
    return OpinionFact(instance=instance, day=date.fromisoformat(day), opinion=OpinionWord(opinion), author="SGAR")


def a_reading(day: str, word: str, author: str = "SGAR", criterion: str = "pilotage") -> Reading:
    return Reading(criterion=criterion, day=date.fromisoformat(day), author=author, appreciation=word)


@pytest.fixture
def campaign(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    return a_small_campaign(tmp_path)


@pytest.fixture
def bring(campaign: str, tmp_path: Path) -> Callable[..., Any]:
    def taken_in(**tables: str) -> Any:
        folder = tmp_path / "apres"
        folder.mkdir(exist_ok=True)
        for name in tables:
            (folder / f"{name}.csv").write_text(tables[name], encoding="utf-8")
        return take_in([folder / f"{name}.csv" for name in tables], campaign=campaign, at=SITTING, author="Mme Roy")

    return taken_in


# The rules


def test_each_reader_s_latest_word_stands_beside_the_others_and_nothing_is_added_up() -> None:
    readings = [
        a_reading("2021-03-02", "fragile"),
        a_reading("2021-03-03", "convaincant", author="Rectorat"),
        a_reading("2021-03-09", "satisfaisant"),
        a_reading("2021-03-26", "absent"),  # after the sitting
    ]
    seen = sitting(a_programme(), a_dossier(), readings, [], SITTING)
    assert dict(seen.grid)["pilotage"] == (readings[2], readings[1])
    assert [code for code, _ in seen.grid] == [
        "diagnostic-scolaire", "diagnostic-social", "diagnostic-urbain", "diagnostic-insertion", "pilotage", "projets",
        "mobilisation", "indicateurs", "formation",
    ]  # fmt: skip
    assert not {"score", "total", "rank", "average"} & set(type(seen).__slots__)


def test_the_last_opinion_of_an_instance_wins_and_the_later_row_between_equals() -> None:
    opinions = [
        an_opinion("2021-03-09", "favorable"), an_opinion("2021-03-20", "defavorable"),
        an_opinion("2021-03-20", "favorable_avec_reserves"),
    ]  # fmt: skip
    seen = sitting(a_programme(), a_dossier(), [], opinions, SITTING)
    assert dict(seen.opinions) == {"prefecture_region": opinions[2], "rectorat_region": None}


def test_what_is_missing_names_the_visa_the_opinion_the_piece_and_the_criterion() -> None:
    dossier = a_dossier(
        received=["candidature"],
        pieces=[a_piece("demande-labellisation/visa-dasen", "2021-03-01 10:00", status="refusee", reason="Non signé"),
                a_piece("indicateurs/resultats", "2021-03-02 10:00", status="retiree")],
    )  # fmt: skip
    readings = [a_reading("2021-03-02", "fragile", criterion=code) for code in a_programme().grid.criteria if
                code != "formation"]  # fmt: skip
    seen = sitting(a_programme(), dossier, readings, [an_opinion("2021-03-09", "favorable")], SITTING)
    assert [(each.kind, each.code, each.text) for each in seen.missing] == [
        ("visa", "visa-dasen", "le visa du DASEN est refusé (Non signé)"),
        ("opinion", "rectorat_region", "l’avis du rectorat de région académique n’est pas arrivé"),
        ("piece", "indicateurs/resultats", "Indicateurs, indicateurs de résultats : retiré"),
        ("criterion", "formation", "personne n’a encore lu : Formation des acteurs éducatifs"),
    ]
    assert [(each.owner.value, each.status, each.on) for each in seen.visas] == [
        ("prefet", "recue", date(2020, 11, 2)), ("dasen", "refusee", date(2021, 3, 1)),
    ]  # fmt: skip


def test_a_visa_is_read_at_the_instant_asked_about() -> None:
    dossier = a_dossier(departement="974", pieces=[a_piece("demande-labellisation/visa-prefet", "2021-02-28 23:50",
                                                           zone="Indian/Reunion")])  # fmt: skip
    before, after = (
        sitting(a_programme(), dossier, [], [], an_instant(at, "Indian/Reunion")).visas[0].status
        for at in ("2021-02-28 23:49", "2021-02-28 23:50")
    )
    assert (before, after) == ("absente", "recue")


# The grammar


def test_a_campaign_adds_a_criterion_of_its_own_with_its_source() -> None:
    review = {"criteria": {"numerique": {"title": "Usages du numérique", "cite": "note-2020-11-02, page 4"}}}
    grid = a_programme(review=review).grid
    assert list(grid.criteria)[-1] == "numerique"
    assert grid.criteria["numerique"].citation.cite == "note-2020-11-02, page 4"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"review": {"criteria": {"numerique": {"title": "Numérique"}}}}, "has no source: add cite"),
        ({"review": {"notes": {}}}, "«notes» is not a known key here"),
        ({"review": {"appreciations": {"words": {}, "assumption": "essai"}}}, "holds no word: give at least one"),
        ({"review": {"visas": {"requirement": "sceaux", "assumption": "essai"}}}, "the visas are those of «sceaux»"),
        ({"governance": {"asked_from": {"word": "noel", "assumption": "essai"}}}, "«noel» is not a known word here"),
        (
            {"governance": {"mandates": {"elu": {"title": "élu", "answers_for": ["maire"], "sides": ["etat"],
                                                 "assumption": "essai"}}}},
            "no role is called «maire»",
        ),
        (
            {"governance": {"mandates": {"elu": {"title": "élu", "answers_for": ["prefet"], "sides": ["église"],
                                                 "assumption": "essai"}}}},
            "«église» is not a known word here: use one of collectivite, etat",
        ),
    ],
)  # fmt: skip
def test_a_wrong_grid_or_mandate_is_refused_with_its_place_and_cure(changes: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ProgrammeRefused) as refused:
        load_campaign(a_campaign_file(**changes), name="2021.yaml")
    assert str(refused.value).startswith("2021.yaml, line ")
    assert refusal in str(refused.value)


# The intake


def test_criteria_instances_and_words_are_read_by_code_or_title_and_unknown_ones_are_refused(
    bring: Callable[..., Any],
) -> None:
    told = bring(
        examens=f"{READINGS}douai;Force du pilotage;À préciser;;2021-03-05;SGAR\n"
        "douai;charme;génial;;2021-03-05;SGAR\n",
        avis=f"{OPINIONS}douai;Rectorat de région académique;Favorable;2021-03-05;;\n"
        "douai;mairie;favorable;2021-03-05;;\n",
    )
    assert [(fault.file, fault.row, fault.column, fault.problem) for fault in told.faults] == [
        ("avis.csv", 3, "instance", "instance inconnue"),
        ("examens.csv", 3, "critere", "critère inconnu de la grille"),
        ("examens.csv", 3, "appreciation", "mot d’appréciation inconnu"),
    ]
    assert told.faults[0].cure == "écrire prefecture_region ou rectorat_region"
    assert told.faults[2].cure == "écrire convaincant, satisfaisant, a_preciser, fragile ou absent"
    right = bring(examens=f"{READINGS}douai;Force du pilotage;À préciser;;2021-03-05;SGAR\n")
    assert (right.faults, right.added["examens"]) == ((), 1)
    [territory] = review("2021", SITTING, "douai")["territories"]
    [read] = [each for each in territory["criteria"] if each["readings"]]
    assert (read["criterion"], read["readings"][0]["appreciation"]) == ("pilotage", "a_preciser")


def test_a_decision_without_a_visa_or_an_opinion_is_recorded_with_a_warning(bring: Callable[..., Any]) -> None:
    report = bring(
        pieces=f"{VISAS}douai;demande-labellisation;visa-prefet;recue;2021-03-26T18:00;\n",
        avis=f"{OPINIONS}douai;prefecture_region;favorable;2021-03-26;;\ndouai;rectorat_region;favorable;2021-03-27;;\n",
        decisions="territoire;decision;date\ndouai;labellise;2021-03-26\n",
    )
    assert (report.faults, report.added["decisions"]) == ((), 1)
    [warning] = report.warnings
    assert (warning.file, warning.row, warning.value) == ("decisions.csv", 2, "douai, labellise")
    assert warning.problem == (
        "décision du 26/03/2021 prise sans le visa du DASEN et l’avis du rectorat de région académique (E106, E109)"
    )


def test_a_decision_after_both_visas_and_both_opinions_does_not_warn(bring: Callable[..., Any]) -> None:
    bring(
        pieces=f"{VISAS}douai;demande-labellisation;;recue;2021-02-12;\n",
        avis=f"{OPINIONS}douai;prefecture_region;favorable;2021-03-08;;\ndouai;rectorat_region;defavorable;2021-03-26;;\n",
    )
    assert bring(decisions="territoire;decision;date\ndouai;labellise;2021-03-26\n").warnings == ()


def test_a_preview_of_a_decision_warns_too_and_writes_nothing(campaign: str) -> None:
    act = decide(["douai", "lens"], verdict="labellise", day=date(2021, 3, 26), authority="Ministres", grounds="")
    report = perform(act, campaign=campaign, at=SITTING, author="moi", preview=True)
    assert [each.value for each in report.intake.warnings] == ["douai, labellise", "lens, labellise"]
    assert review(campaign, datetime(2021, 4, 1, tzinfo=UTC))["territories"][0]["decision"] is None


# What is shown


def test_the_page_and_the_report_show_words_and_escape_what_was_typed(bring: Callable[..., Any], campaign: str) -> None:
    bring(
        examens=f"{READINGS}douai;pilotage;fragile;<script>alert(1)</script>, à revoir;2021-03-05;SGAR\n",
        avis=f"{OPINIONS}douai;prefecture_region;reserve;2021-03-08;SGAR;Sous réserve\n",
    )
    found = review(campaign, SITTING)
    shown = page(found)
    assert "<script>" not in shown
    assert "<img" not in shown  # the territory's name holds one
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert shown.count("<article ") == 3
    assert '<html lang="fr">' in shown
    assert "src=" not in shown.replace("&lt;img src=x&gt;", "")  # it stands alone
    said = review_report(found)
    assert "favorable avec réserves" in said
    assert "| le visa du DASEN n’est pas arrivé |" in said
    assert "<script>" not in said


def test_a_review_is_asked_from_the_command_line(bring: Callable[..., Any], campaign: str) -> None:
    bring(examens=f"{READINGS}douai;pilotage;fragile;Peu de réunions;2021-03-05;SGAR\n")
    common = ("review", "--campaign", campaign, "--at", "2021-03-25T09:00:00+01:00")
    found = json.loads(cites(*common, "--format", "json", "--territory", "douai").stdout)
    assert [each["territory"] for each in found["territories"]] == ["douai"]
    assert "Peu de réunions" in cites(*common, "--territory", "Douai").stdout
    assert cites(*common, "--format", "html").stdout.startswith("<!doctype html>")
    assert "lille" in refused(cites(*common, "--territory", "lille"))
