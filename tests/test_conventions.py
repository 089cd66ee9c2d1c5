"""Does the engine say who has signed a convention, until when it runs, and what there is to see to?"""

import json
from datetime import date
from pathlib import Path

import pytest

from models.rules.conventions import CODES, convention_findings, conventions_seen, parts_seen
from models.rules.dossier import Dossier
from models.words import PieceStatus, Role
from notifications.conventions_page import finding_rows, page, rows
from tasks.artifacts import conventions_report
from tasks.conventions import conventions
from tasks.intake import take_in
from tasks.settings import settings
from tests.builders import a_dossier, a_piece, a_programme
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites

PROGRAMME = a_programme()
LABEL = ("2021-03-26", "labellise")
THREE_YEARS = ("2021-01-01", "2023-12-31", "2021-06-11")
SIGNED = ["convention"]
PIECES = ("convention/signature-prefet", "convention/signature-education", "convention/signature-collectivite")


def found(dossier: Dossier, day: str, paid: dict[int, int] | None = None) -> list[tuple[str, int | None]]:
    return [
        (each.code, each.days)
        for each in convention_findings(PROGRAMME, dossier, date.fromisoformat(day), paid or {})
        if each.code != "city_contract_unknown"  # the builder's conventions do not say it
    ]


def test_each_party_that_has_signed_is_shown_with_its_day_and_each_that_has_not() -> None:
    dossier = a_dossier(
        decisions=[LABEL],
        pieces=[
            a_piece("convention/signature-prefet", "2021-06-10 23:30"),
            a_piece("convention/signature-education", "2021-06-11 10:00"),
            a_piece("convention/signature-education", "2021-06-14 10:00", "refusee", "page manquante"),
        ],
    )

    def seen(day: str) -> list[tuple[str, Role, PieceStatus | None, date | None, str]]:
        return [
            (each.title, each.owner, each.status, each.day, each.reason)
            for each in parts_seen(PROGRAMME, dossier, date.fromisoformat(day))
        ]

    prefet = ("signature du préfet", Role.PREFET, PieceStatus.RECEIVED, date(2021, 6, 10), "")
    absent = [
        ("signature de la collectivité", Role.CHEF_DE_FILE, None, None, ""),
        ("Annexion au contrat de ville", Role.PREFET, None, None, ""),
    ]
    assert seen("2021-06-09") == [
        ("signature du préfet", Role.PREFET, None, None, ""),
        ("signature pour le recteur", Role.DASEN, None, None, ""),
        *absent,
    ]
    assert seen("2021-06-11") == [
        prefet,
        ("signature pour le recteur", Role.DASEN, PieceStatus.RECEIVED, date(2021, 6, 11), ""),
        *absent,
    ]
    assert seen("2021-06-14") == [
        prefet,
        ("signature pour le recteur", Role.DASEN, PieceStatus.REFUSED, date(2021, 6, 14), "page manquante"),
        *absent,
    ]


def test_the_day_of_a_signature_is_that_of_its_territory() -> None:
    dossier = a_dossier(departement="974", pieces=[a_piece("convention/signature-prefet", "2021-06-10 23:30")])
    assert parts_seen(PROGRAMME, dossier, date(2021, 6, 11))[0].day == date(2021, 6, 11)  # one in the morning there
    assert parts_seen(PROGRAMME, dossier, date(2021, 6, 10))[0].status is None


def test_a_whole_life_is_watched_a_year_ahead() -> None:
    dossier = a_dossier(received=SIGNED, received_at="2021-06-11 10:00", decisions=[LABEL], conventions=[THREE_YEARS])
    assert {day: found(dossier, day) for day in (
        "2021-06-10", "2021-06-11", "2022-12-30", "2022-12-31", "2023-12-31", "2024-01-01",
    )} == {
        "2021-06-10": [("unsigned", 160)],
        "2021-06-11": [],
        "2022-12-30": [],
        "2022-12-31": [("ends_within_a_year", 365)],
        "2023-12-31": [("ends_within_a_year", 0)],
        "2024-01-01": [("ended", 1)],
    }  # fmt: skip


def test_a_convention_that_follows_is_shown_and_silences_the_end() -> None:
    dossier = a_dossier(
        received=SIGNED, received_at="2021-06-11 10:00", decisions=[LABEL],
        conventions=[THREE_YEARS, ("2024-01-01", "2024-12-31", "2023-12-19")],
    )  # fmt: skip
    first, second = conventions_seen(dossier, date(2023, 12, 18))
    assert (first.followed_by, second.signed, second.follows) == (None, False, first.fact)
    first, second = conventions_seen(dossier, date(2023, 12, 19))
    assert (first.followed_by, second.signed) == (second.fact, True)
    assert found(dossier, "2023-12-18") == [("ends_within_a_year", 13), ("unsigned", 0)]
    assert found(dossier, "2023-12-19") == []


@pytest.mark.parametrize("lacking", PIECES)
def test_a_convention_registered_as_signed_without_a_signature_is_told(lacking: str) -> None:
    dossier = a_dossier(
        received=SIGNED, received_at="2021-06-11 10:00", decisions=[LABEL], conventions=[THREE_YEARS],
        pieces=[a_piece(lacking, "2021-06-12 10:00", "retiree")],
    )  # fmt: skip
    assert found(dossier, "2021-06-20") == [("parts_missing", None)]


def test_a_label_without_a_convention_and_another_length_are_told() -> None:
    assert found(a_dossier(decisions=[LABEL]), "2021-04-05") == [("no_convention", 10)]
    assert found(a_dossier(decisions=[LABEL], withdrawals=["2021-04-01"]), "2021-04-05") == []
    short = a_dossier(
        received=SIGNED, decisions=[LABEL], conventions=[("2021-09-01", "2023-12-31", "2021-06-11")],
        received_at="2021-06-11 10:00",
    )  # fmt: skip
    assert found(short, "2021-09-01") == [("length_differs", -244)]


def test_money_paid_before_the_convention_is_found_year_by_year() -> None:
    dossier = a_dossier(received=SIGNED, received_at="2022-06-11 10:00", decisions=[LABEL],
                        conventions=[("2022-01-01", "2024-12-31", "2022-06-11")])  # fmt: skip
    told = convention_findings(PROGRAMME, dossier, date(2023, 1, 1), {2021: 30_000_00, 2022: 1})
    assert [(each.code, each.amount, each.text) for each in told if each.amount is not None] == [
        (
            "paid_before_convention",
            30_000_00,
            "30\u202f000\u00a0€ versés par le ministère chargé de la ville en 2021, sans convention signée à la fin "
            "de cette année-là.",
        )
    ]


TABLES = {
    "decisions": "territoire;decision;date;autorite;motif\ndouai;labellise;2021-03-26;Les ministres;",
    "pieces": "territoire;piece;parties;statut;date;motif\n"
    "douai;convention;signature-prefet;recue;2021-06-10;\n"
    "douai;convention;signature-education;refusee;2021-06-11;<b>illisible</b> (dasen@nord.test)",
    "conventions": "territoire;debut;fin;signee_le;fin_contrat_de_ville\ndouai;2021-01-01;2023-12-31;;2022-12-31",
    "financements": "territoire;annee;financeur;objet;nature;droit_commun;prevu;notifie;verse\n"
    "douai;2021;ville;programme;numeraire;non;1000;1000;1000",
}


@pytest.fixture
def campaign(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    folder = tmp_path / "later"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    report = take_in([folder], campaign=code, at=J_7, author="essai")
    assert [each.problem for each in report.faults] == []
    assert [each.problem for each in report.warnings if each.column == "verse"] == [
        "crédits de la ville versés en 2021 alors qu’aucune convention n’est signée à la fin de cette année (E241)"
    ]
    return code


def test_the_command_and_the_pages_say_the_same(campaign: str) -> None:  # E021, E112, E114, E242
    at = "2022-01-03T09:00:00+01:00"
    told = json.loads(cites("conventions", "--campaign", campaign, "--at", at, "--format", "json").stdout)
    [douai] = told["territories"]
    assert [(each["part"], each["status"], each["day"]) for each in douai["parts"]] == [
        ("signature-prefet", "recue", "2021-06-10"),
        ("signature-education", "refusee", "2021-06-11"),
        ("signature-collectivite", "absente", None),
        ("document", "absente", None),
    ]
    assert told["counts"] == {"outlives_city_contract": 1, "paid_before_convention": 1, "unsigned": 1}
    shown = cites("conventions", "--campaign", campaign, "--at", at).stdout
    assert "signature-prefet    signature-education    signature-collectivite    annexe-contrat-de-ville" in shown
    assert "2021-06-10          refusee                absente                   absente" in shown
    [row] = rows(told)
    assert row[1:] == (
        "01/01/2021 – 31/12/2023",
        "non signée",
        "signature du préfet : reçue le 10/06/2021 ; signature pour le recteur : refusée le 11/06/2021 "
        "(<b>illisible</b> (adresse)) ; signature de la collectivité : absente ; "
        "Annexion au contrat de ville : absente",
        "jusqu’au 31/12/2022, 365 jours trop tôt",
        "—",
    )
    assert [each[1] for each in finding_rows(told)] == [
        CODES["unsigned"], CODES["outlives_city_contract"], CODES["paid_before_convention"],
    ]  # fmt: skip
    read = page(told)
    assert "&lt;b&gt;illisible" in read
    assert "<b>illisible" not in read
    assert "@" not in read.partition("</style>")[2]
    report = conventions_report(told)
    assert "| Territoire | Convention | Signée le |" in report
    assert "&lt;b&gt;illisible" in report


def test_a_campaign_without_conventions_says_so(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    assert "This campaign has no convention yet." in cites("conventions", "--campaign", code).stdout
    assert "Aucune convention n’est inscrite." in page(conventions(code, J_7))
