"""Does the count by hand say what the rules say?"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from .balance_by_hand import balance, cents
from .campaigns import PARTS, write_campaign
from .plan_by_hand import (
    CADENCE,
    REQUIRED,
    easter,
    effective_day,
    holidays,
    is_working_day,
    plan,
    read_campaign,
    read_table,
    read_territories,
)

CAMPAIGN = """
campaign: "2021"
title: Extension 2021
edition: vade-mecum-2020
opens: 2020-10-15
deadlines:
  candidature: {date: 2021-02-28, assumption: "as in the example"}
  action_plan: {date: 2021-05-15, assumption: "as in the example"}
  convention: {date: 2021-06-30, assumption: "as in the example"}
  fund_report:
    occurrences: {2021: 2022-03-31, 2022: 2023-03-31}
    assumption: "as in the example"
"""
HEADERS = {
    "territoires": "code;nom;communes;departement;region;chef_de_file;demande_moyens;qpv;population_qpv;college_tete",
    "contacts": "role;perimetre;nom;courriel;canal",
    "pieces": "territoire;piece;parties;statut;date;motif;fichier",
    "financements": "territoire;annee;financeur;objet;nature;droit_commun;prevu;notifie;verse",
    "enveloppes": "departement;annee;montant",
    "decisions": "territoire;decision;date;autorite;motif",
    "prorogations": "territoire;echeance;nouvelle_date;accordee_le;autorite;motif;reference",
    "desistements": "territoire;date;motif",
    "conventions": "territoire;debut;fin;signee_le;fin_contrat_de_ville",
}
REIMS = "reims;Reims;51454;51;44;commune;non;;;"
BANDRABOUA = "bandraboua;Bandraboua;97602;976;06;commune;non;;;"
ALWAYS = [
    "diagnostic", "etat-des-lieux", "strategie", "gouvernance", "indicateurs", "protocole-evaluation", "engagements",
    "partenaires", "referents", "demande-labellisation",
]  # fmt: skip


def written(folder: Path, tables: Mapping[str, Sequence[str]], campaign: str = CAMPAIGN) -> tuple[Path, Path]:
    """The campaign file and the folder of its tables, each table given as the lines below its header."""
    for name, header in HEADERS.items():
        text = "\n".join([header, *tables.get(name, ())]) + "\n"
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    path = folder / "campaign.yaml"
    path.write_text(campaign, encoding="utf-8")
    return path, folder


def contact(role: str, perimeter: str) -> str:
    return f"{role};{perimeter};;{role}@{perimeter.replace(':', '-')}.test;"


def received(code: str, names: Sequence[str], when: str, *, but: Sequence[str] = ()) -> list[str]:
    """One row for each requirement, every part of it received, but those parts."""
    return [
        f"{code};{name};{' '.join(part for part in PARTS[name] if f'{name}/{part}' not in but)};recue;{when};;"
        for name in names
    ]


def told(rows: list[dict[str, Any]]) -> list[tuple[str, str, str, str, int | str, str]]:
    return [(row["at"], row["territory"], row["deadline"], row["due"], row["step"], row["to"]) for row in rows]


# ------------------------------------------------------------------------------------------------ days


def test_the_candidature_of_2021_is_reminded_on_seven_days() -> None:
    days = [effective_day(date(2021, 2, 28), offset, "51") for offset, _ in CADENCE["candidature"]]
    assert days == [
        date(2020, 12, 30),
        date(2021, 1, 29),
        date(2021, 2, 12),
        date(2021, 2, 19),
        date(2021, 2, 26),
        date(2021, 3, 1),
        date(2021, 3, 8),
    ]


def test_the_action_plan_of_2021_avoids_ascension_and_whit_monday() -> None:
    days = [effective_day(date(2021, 5, 15), offset, "51") for offset, _ in CADENCE["action_plan"]]
    assert days == [
        date(2021, 3, 31),
        date(2021, 4, 15),
        date(2021, 4, 30),
        date(2021, 5, 7),
        date(2021, 5, 12),
        date(2021, 5, 17),
        date(2021, 5, 25),
    ]


def test_easter_falls_where_the_almanac_says() -> None:
    assert [easter(year) for year in (2019, 2020, 2021, 2024, 2025, 2038)] == [
        date(2019, 4, 21),
        date(2020, 4, 12),
        date(2021, 4, 4),
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2038, 4, 25),
    ]


@pytest.mark.parametrize(
    ("day", "resting", "working"),
    [
        (date(2021, 4, 2), "67", "51"),  # Good Friday
        (date(2022, 12, 26), "57", "54"),
        (date(2021, 5, 27), "971", "978"),
        (date(2023, 5, 22), "972", "971"),
        (date(2021, 6, 10), "973", "974"),
        (date(2021, 12, 20), "974", "976"),
        (date(2021, 4, 27), "976", "974"),
    ],
)
def test_a_holiday_of_one_departement_is_a_working_day_of_another(day: date, resting: str, working: str) -> None:
    assert (is_working_day(day, resting), is_working_day(day, working)) == (False, True)


# ------------------------------------------------------------------------------------------------ reminders

ONE_VISA = ["demande-labellisation/visa-dasen"]
READERS_OF_REIMS = [
    contact("chef_de_file", "reims"),
    contact("dasen", "departement:51"),
    contact("prefet", "departement:51"),
    contact("recteur", "academie:Reims"),
    contact("recteur", "academie:Lille"),
    contact("prefet_region", "region:44"),
    contact("coordination", "national"),
]


def test_only_the_missing_visa_is_asked_for_and_the_copies_grow(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": READERS_OF_REIMS,
        "pieces": received("reims", ALWAYS, "2021-01-04", but=ONE_VISA),
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 2, 22), end=date(2021, 3, 3))
    winter = "T09:00:00+01:00"

    def line(day: str, step: int, role: str, to: str) -> dict[str, Any]:
        return {
            "date": day,
            "at": day + winter,
            "territory": "reims",
            "deadline": "candidature",
            "due": "2021-02-28",
            "step": step,
            "role": role,
            "to": to,
            "owes": ONE_VISA if role == "dasen" else [],
            "missing": ONE_VISA,
        }

    assert rows == [
        line("2021-02-22", -7, "dasen", "dasen@departement-51.test"),
        line("2021-02-22", -7, "prefet", "prefet@departement-51.test"),
        line("2021-02-26", -2, "dasen", "dasen@departement-51.test"),
        line("2021-02-26", -2, "prefet", "prefet@departement-51.test"),
        line("2021-03-01", 1, "dasen", "dasen@departement-51.test"),
        line("2021-03-01", 1, "prefet", "prefet@departement-51.test"),
        line("2021-03-01", 1, "prefet_region", "prefet_region@region-44.test"),
        line("2021-03-01", 1, "recteur", "recteur@academie-Reims.test"),
    ]


def test_each_reader_is_written_to_at_nine_on_its_own_clock(tmp_path: Path) -> None:
    tables = {
        "territoires": [BANDRABOUA],
        "contacts": [
            contact("chef_de_file", "bandraboua"),
            contact("recteur", "academie:Mayotte"),
            contact("coordination", "national"),
        ],
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 3, 8), end=date(2021, 3, 20))
    assert told(rows) == [
        ("2021-03-08T09:00:00+03:00", "bandraboua", "candidature", "2021-02-28", 7, "chef_de_file@bandraboua.test"),
        ("2021-03-08T09:00:00+03:00", "bandraboua", "candidature", "2021-02-28", 7, "recteur@academie-Mayotte.test"),
        ("2021-03-08T09:00:00+01:00", "bandraboua", "candidature", "2021-02-28", 7, "coordination@national.test"),
    ]


def test_a_piece_received_at_nine_exactly_is_received(tmp_path: Path) -> None:
    late = "reims;demande-labellisation;visa-dasen;recue;2021-02-26T09:00:01;;"
    in_time = "reims;demande-labellisation;visa-dasen;recue;2021-02-26T08:00:00+00:00;;"
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("dasen", "departement:51")],
        "pieces": received("reims", ALWAYS, "2021-01-04", but=ONE_VISA),
    }
    day = date(2021, 2, 26)
    tables["pieces"].append(late)
    assert len(plan(*written(tmp_path, tables), start=day, end=day)) == 1
    tables["pieces"][-1] = in_time
    assert plan(*written(tmp_path, tables), start=day, end=day) == []


def test_between_two_rows_of_one_instant_the_later_row_wins(tmp_path: Path) -> None:
    pieces = [*received("reims", ALWAYS, "2021-01-04"), "reims;diagnostic;social urbain;refusee;04/01/2021;Illisible;"]
    tables = {"territoires": [REIMS], "contacts": [contact("chef_de_file", "reims")], "pieces": pieces}
    rows = plan(*written(tmp_path, tables), start=date(2021, 1, 29), end=date(2021, 1, 29))
    assert [row["missing"] for row in rows] == [["diagnostic/social", "diagnostic/urbain"]]


def test_who_comes_to_owe_within_the_grace_is_written_to_then(tmp_path: Path) -> None:
    pieces = [*received("reims", ALWAYS, "2021-01-04"), "reims;engagements;document;refusee;2021-02-20;Illisible;"]
    tables = {"territoires": [REIMS], "contacts": [contact("chef_de_file", "reims")], "pieces": pieces}
    rows = plan(*written(tmp_path, tables), start=date(2021, 2, 15), end=date(2021, 2, 25))
    assert told(rows) == [
        ("2021-02-22T09:00:00+01:00", "reims", "candidature", "2021-02-28", -7, "chef_de_file@reims.test")
    ]


@pytest.mark.parametrize(
    ("down_until", "expected"), [(8, [("2021-02-08T09:00:00+01:00", -30)]), (9, [("2021-02-12T09:00:00+01:00", -15)])]
)
def test_after_ten_days_of_grace_a_missed_step_is_not_sent(
    tmp_path: Path, down_until: int, expected: list[tuple[str, int]]
) -> None:
    tables = {"territoires": [REIMS], "contacts": [contact("chef_de_file", "reims")]}
    january = [date(2021, 1, day) for day in (29, 30, 31)]
    without = frozenset([*january, *(date(2021, 2, day) for day in range(1, down_until))])
    rows = plan(*written(tmp_path, tables), start=date(2021, 1, 29), end=date(2021, 2, 12), without=without)
    assert [(row["at"], row["step"]) for row in rows][:1] == expected


def test_an_extension_arms_again_from_the_day_it_was_granted(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("chef_de_file", "reims")],
        "prorogations": ["reims;candidature;2021-03-15;2021-02-24;;;"],
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 2, 18), end=date(2021, 3, 16))
    assert [(row["date"], row["due"], row["step"]) for row in rows] == [
        ("2021-02-18", "2021-02-28", -15),
        ("2021-02-19", "2021-02-28", -7),
        ("2021-02-26", "2021-03-15", -15),
        ("2021-03-08", "2021-03-15", -7),
        ("2021-03-12", "2021-03-15", -2),
        ("2021-03-16", "2021-03-15", 1),
    ]


@pytest.mark.parametrize(
    ("armed_on", "expected"),
    [("2021-02-12", ("2021-02-12", "2021-03-15", -30)), ("2021-02-13", ("2021-02-26", "2021-03-15", -15))],
)
@pytest.mark.parametrize("for_everybody", [False, True])
def test_a_step_of_the_arming_day_counts_and_one_of_the_day_before_does_not(
    tmp_path: Path, armed_on: str, expected: tuple[str, str, int], for_everybody: bool
) -> None:
    campaign = CAMPAIGN
    tables = {"territoires": [REIMS], "contacts": [contact("chef_de_file", "reims")]}
    if for_everybody:
        entries = f"[{{date: 2021-02-28}}, {{date: 2021-03-15, since: {armed_on}}}]"
        campaign = CAMPAIGN.replace('{date: 2021-02-28, assumption: "as in the example"}', entries)
    else:
        tables["prorogations"] = [f"reims;candidature;2021-03-15;{armed_on};;;"]
    rows = plan(*written(tmp_path, tables, campaign), start=date(2021, 2, 12), end=date(2021, 2, 26))
    assert next((row["date"], row["due"], row["step"]) for row in rows if row["due"] == "2021-03-15") == expected


def test_between_two_decisions_or_two_extensions_of_one_day_the_later_row_wins(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("chef_projet", "reims")],
        "decisions": ["reims;refuse;2021-03-26;;", "reims;labellise;26/03/2021;;"],
        "prorogations": ["reims;action_plan;2021-06-15;2021-04-01;;;", "reims;action_plan;2021-06-05;2021-04-01;;;"],
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 3, 26), end=date(2021, 4, 21))
    assert [(row["date"], row["due"], row["step"]) for row in rows] == [
        ("2021-03-31", "2021-05-15", -45),
        ("2021-04-21", "2021-06-05", -45),
    ]


def test_a_general_move_holds_over_an_older_extension_only_if_it_goes_further(tmp_path: Path) -> None:
    moved = CAMPAIGN.replace(
        '{date: 2021-02-28, assumption: "as in the example"}',
        "[{date: 2021-02-28}, {date: 2021-03-15, since: 2021-02-10}]",
    )
    tables = {
        "territoires": [REIMS, *(f"{code};;59178;59;32;commune;non;;;" for code in ("douai", "lens", "lille"))],
        "contacts": [contact("chef_de_file", code) for code in ("reims", "douai", "lens", "lille")],
        "prorogations": [
            "douai;candidature;2021-03-12;2021-02-09;;;",
            "lens;candidature;2021-03-12;2021-02-10;;;",
            "lille;candidature;2021-03-18;2021-02-09;;;",
        ],
    }
    rows = plan(*written(tmp_path, tables, moved), start=date(2021, 2, 22), end=date(2021, 3, 3))
    assert [(row["territory"], row["date"], row["due"], row["step"]) for row in rows] == [
        ("douai", "2021-02-22", "2021-03-15", -30),
        ("lille", "2021-02-22", "2021-03-18", -30),
        ("reims", "2021-02-22", "2021-03-15", -30),
        ("lens", "2021-02-25", "2021-03-12", -15),
        ("douai", "2021-02-26", "2021-03-15", -15),
        ("reims", "2021-02-26", "2021-03-15", -15),
        ("lille", "2021-03-03", "2021-03-18", -15),
    ]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("desistements", "reims;2021-02-26;"),
        ("decisions", "reims;refuse;2021-02-26;;"),
        ("decisions", "reims;labellise;26/02/2021;;"),
    ],
)
def test_a_withdrawal_or_a_decision_counts_from_the_beginning_of_its_day(tmp_path: Path, table: str, line: str) -> None:
    tables = {"territoires": [REIMS], "contacts": [contact("chef_de_file", "reims")], table: [line]}
    rows = plan(*written(tmp_path, tables), start=date(2021, 2, 22), end=date(2021, 3, 10))
    assert [(row["date"], row["step"]) for row in rows] == [("2021-02-22", -7)]


def test_an_extension_after_a_deferral_puts_the_candidature_back_to_work(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("chef_de_file", "reims")],
        "decisions": ["reims;ajourne;2021-03-09;;"],
        "prorogations": ["reims;candidature;2021-04-09;2021-03-09;;;"],
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 3, 8), end=date(2021, 3, 31))
    assert [(row["date"], row["due"], row["step"]) for row in rows] == [
        ("2021-03-08", "2021-02-28", 7),
        ("2021-03-10", "2021-04-09", -30),
        ("2021-03-25", "2021-04-09", -15),
    ]


def test_a_label_arms_what_follows_and_never_an_earlier_step(tmp_path: Path) -> None:
    tables = {
        "territoires": [BANDRABOUA],
        "contacts": [contact(role, "bandraboua") for role in ("chef_projet", "chef_de_file", "principal", "dasen")],
        "decisions": ["bandraboua;labellise;2021-04-01;;"],
        "pieces": received("bandraboua", ["plan-financement"], "2021-04-06"),
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 3, 26), end=date(2021, 4, 30))
    three = [f"engagements-partenaires/{part}" for part in ("moyens-humains", "moyens-materiels", "apport-financier")]
    asked = ["programme-action/document", *three]
    seen = [(row["date"], row["deadline"], row["step"], row["role"], row["owes"]) for row in rows]
    assert seen == [
        ("2021-04-15", "action_plan", -30, "chef_projet", asked),
        ("2021-04-30", "convention", -60, "chef_de_file", ["convention/signature-collectivite"]),
        ("2021-04-30", "action_plan", -15, "chef_projet", asked),
        ("2021-04-30", "convention", -60, "dasen", ["convention/signature-education"]),
    ]


def test_a_fund_report_is_asked_for_year_by_year(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("principal", "reims")],
        "decisions": ["reims;labellise;2021-03-26;;"],
        "pieces": [
            "reims;bilan-fonds@2021;compte actions;recue;2022-01-03;;",
            "reims;bilan-fonds@2022;actions;recue;2023-01-03;;",
        ],
    }
    rows = plan(*written(tmp_path, tables), start=date(2022, 1, 20), end=date(2023, 1, 31))
    assert rows == [
        {
            "date": "2023-01-30",
            "at": "2023-01-30T09:00:00+01:00",
            "territory": "reims",
            "deadline": "fund_report:2022",
            "due": "2023-03-31",
            "step": -60,
            "role": "principal",
            "to": "principal@reims.test",
            "owes": ["bilan-fonds/compte"],
            "missing": ["bilan-fonds/compte"],
        }
    ]


def test_the_end_of_a_convention_is_watched_until_another_follows(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("prefet", "departement:51"), contact("principal", "reims")],
        "decisions": ["reims;labellise;2021-03-26;;"],
        "pieces": received("reims", ["convention", "annexe-contrat-de-ville", "bilan-fonds"], "2021-04-06"),
        "conventions": [
            "reims;2021-01-01;2023-12-31;2021-06-14;2022-12-31",
            "reims;2024-01-01;2026-12-31;2023-09-30;2022-12-31",
        ],
    }
    rows = plan(*written(tmp_path, tables), start=date(2022, 12, 20), end=date(2023, 12, 31), all_letters=True)
    watched = [row for row in rows if row["deadline"] == "convention_end"]
    assert told(watched) == [
        ("2022-12-30T09:00:00+01:00", "reims", "convention_end", "2023-12-31", -365, "prefet@departement-51.test"),
        ("2023-07-04T09:00:00+02:00", "reims", "convention_end", "2023-12-31", -180, "prefet@departement-51.test"),
        ("2023-10-02T09:00:00+02:00", "reims", "convention_end", "2023-12-31", "receipt", "prefet@departement-51.test"),
    ]
    assert [(row["owes"], row["missing"]) for row in watched] == [([], []), ([], []), ([], [])]


# ------------------------------------------------------------------------------------------------ other letters


def test_opening_receipt_extension_and_decision_are_each_told_once(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [
            contact("chef_de_file", "reims"),
            contact("principal", "reims"),
            contact("recteur", "academie:Reims"),
        ],
        "prorogations": ["reims;candidature;2021-03-14;2020-12-05;;;"],  # a Saturday
        "pieces": [
            *received("reims", ALWAYS, "2020-12-12 10:00"),  # a Saturday
            "reims;engagements;document;refusee;2020-12-16;Illisible;",
            "reims;engagements;document;recue;2020-12-16T18:00;;",
        ],
        "decisions": ["reims;labellise;2021-03-20;;"],  # a Saturday
    }
    rows = plan(*written(tmp_path, tables), start=date(2020, 10, 10), end=date(2021, 3, 23), all_letters=True)
    assert [(row["at"], row["deadline"], row["due"], row["step"], row["role"]) for row in rows] == [
        ("2020-10-15T09:00:00+02:00", "candidature", "2021-02-28", "opening", "chef_de_file"),
        ("2020-12-07T09:00:00+01:00", "candidature", "2021-03-14", "extension", "chef_de_file"),
        ("2020-12-14T09:00:00+01:00", "candidature", "2021-03-14", "receipt", "chef_de_file"),
        ("2020-12-17T09:00:00+01:00", "candidature", "2021-03-14", "receipt", "chef_de_file"),
        ("2021-03-22T09:00:00+01:00", "candidature", "2021-03-14", "decision", "chef_de_file"),
        ("2021-03-22T09:00:00+01:00", "candidature", "2021-03-14", "decision", "principal"),
        ("2021-03-22T09:00:00+01:00", "candidature", "2021-03-14", "decision", "recteur"),
    ]


def test_what_was_complete_before_the_label_is_acknowledged_on_its_day(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "contacts": [contact("chef_projet", "reims")],
        "pieces": received("reims", ["programme-action", "engagements-partenaires", "plan-financement"], "2021-02-01"),
        "decisions": ["reims;labellise;2021-03-24;;"],
    }
    rows = plan(*written(tmp_path, tables), start=date(2021, 2, 1), end=date(2021, 4, 12), all_letters=True)
    assert [(row["date"], row["deadline"], row["step"]) for row in rows] == [
        ("2021-03-24", "action_plan", "receipt"),
        ("2021-03-24", "candidature", "decision"),
    ]


# ------------------------------------------------------------------------------------------------ money

WORKED_EXAMPLE = [
    "reims;2021;ville;programme;numeraire;non;350 000;0;0",
    "reims;2021;ville;fonds;numeraire;non;15000;0;0",
    "reims;2021;education;fonds;numeraire;non;15 000,00;0;0",
    "reims;2021;commune;programme;numeraire;non;200000.00 €;0;0",
    "reims;2021;departement;programme;numeraire;non;60000;0;0",
    "reims;2021;caf;programme;numeraire;non;40000;0;0",
    "reims;2021;commune;programme;valorisation;non;30000;0;0",
    "reims;2021;region;programme;numeraire;oui;80000;0;0",
    "reims;2022;commune;programme;numeraire;non;999;0;0",
]


def test_the_worked_example_comes_out_to_the_cent(tmp_path: Path) -> None:
    tables = {"territoires": [REIMS], "financements": WORKED_EXAMPLE, "enveloppes": ["51;2021;340 000,00"]}
    answer = balance(*written(tmp_path, tables), year=2021, stage="planned")
    sums = {
        "state": 36_500_000,
        "local": 26_000_000,
        "other": 4_000_000,
        "gap": 10_500_000,
        "local_share": 0.416,
        "leverage": 0.822,
        "fund_city": 1_500_000,
        "fund_education": 1_500_000,
        "fund_parity": True,
        "in_kind": 3_000_000,
        "common_law": 8_000_000,
    }
    exceeded = {"code": "envelope_exceeded", "amount": -1_000_000, "text": ""}
    assert answer == {
        "campaign": "2021",
        "year": 2021,
        "stage": "planned",
        "territories": [{"territory": "reims", **sums, "findings": []}],
        "departements": [
            {"departement": "51", **sums, "envelope": 34_000_000, "envelope_left": -1_000_000, "findings": [exceeded]}
        ],
        "regions": [{"region": "44", **sums, "findings": []}],
        "nation": {**sums, "findings": []},
    }


def test_every_finding_about_money_has_its_amount(tmp_path: Path) -> None:
    tables = {
        "territoires": [REIMS],
        "financements": [
            "reims;2021;ville;programme;numeraire;non;0;10000;10000,01",
            "reims;2021;ville;fonds;numeraire;non;0;14999,99;0",
        ],
    }
    answer = balance(*written(tmp_path, tables), year=2021, stage="notified")
    assert [(found["code"], found["amount"]) for found in answer["territories"][0]["findings"]] == [
        ("fund_amount", 1_499_999),
        ("fund_amount", 0),
        ("fund_parity", 1_499_999),
        ("fund_exceeds_grant", 499_999),
        ("paid_above_notified", 1),
    ]
    departement = answer["departements"][0]
    assert (departement["envelope"], departement["envelope_left"], departement["findings"]) == (None, None, [])
    assert (answer["nation"]["local_share"], answer["nation"]["leverage"]) == (0.0, 0.0)


def test_amounts_are_read_as_people_type_them() -> None:
    assert [cents(text) for text in ("15000", "15 000,00", "15000.00 €", "1 234,5", "0,07")] == [
        1_500_000,
        1_500_000,
        1_500_000,
        123_450,
        7,
    ]


# ------------------------------------------------------------------------------------------------ drawn campaigns


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    written_twice = []
    for name in ("one", "two"):
        write_campaign(tmp_path / name, seed=4, territories=12)
        files = sorted((tmp_path / name).rglob("*.*"))
        written_twice.append([(file.relative_to(tmp_path / name), file.read_bytes()) for file in files])
    assert len(written_twice[0]) == 10
    assert written_twice[0] == written_twice[1]


def test_drawn_campaigns_keep_to_the_life_of_a_dossier_and_show_every_case(tmp_path: Path) -> None:
    weekdays: set[int] = set()
    separators: set[str] = set()
    seen: set[str] = set()
    avoided: set[timedelta] = set()
    for seed in range(30):
        path = write_campaign(tmp_path / str(seed), seed=seed, territories=30)
        tables = path.parent / "tables"
        entries = read_campaign(path).deadlines
        due = entries["action_plan"][-1].due
        weekdays.add(due.weekday())
        nominal = {due + timedelta(days=offset) for offset, _ in CADENCE["action_plan"]}
        avoided.update(day - easter(day.year) for day in nominal if day in holidays(day.year, "51"))
        seen.update("moved" for dates in entries.values() if len(dates) > 1)
        with (tables / "contacts.csv").open(encoding="utf-8-sig") as stream:
            separators.add(stream.readline()[4:5])
        lines = read_table(tables / "financements.csv")
        addresses = [line["courriel"] for line in read_table(tables / "contacts.csv")]
        assert len(set(addresses)) == len(addresses)
        assert all(address.endswith(".test") for address in addresses)
        for territory in read_territories(tables):
            labels = [decision.day for decision in territory.decisions if decision.word == "labellise"]
            seen.update(decision.word for decision in territory.decisions)
            if territory.withdrawals:
                seen.add("withdrawn")
                assert all(decision.day < min(territory.withdrawals) for decision in territory.decisions)
                assert not labels
            for convention in territory.conventions:
                assert min(labels) < convention.signed
                assert convention.first_day <= convention.last_day
            signatures = [convention.signed for convention in territory.conventions]
            if len(signatures) > 1:
                seen.add("followed")
            for line in lines:
                if line["territoire"] == territory.code and line["financeur"] == "ville" and cents(line["verse"]):
                    assert any(signed <= date(int(line["annee"]), 12, 31) for signed in signatures)
            for piece in territory.pieces:
                assert piece.code != "convention" or piece.instant.date() >= min(labels)
            seen.update(piece.status for piece in territory.pieces)
            seen.update(extension.deadline.partition(":")[0] for extension in territory.extensions)
            if {"prefet", "chef_de_file"} - {one.role for one in territory.contacts}:
                seen.add("unreachable")
    assert weekdays == {0, 1, 2, 3, 4, 5, 6}
    assert separators == {";", ","}
    assert {timedelta(days=39), timedelta(days=50)} <= avoided  # Ascension and Whit Monday
    assert seen == {
        "moved", "labellise", "refuse", "ajourne", "withdrawn", "followed", "recue", "refusee", "retiree",
        "candidature", "action_plan", "fund_report", "convention", "unreachable",
    }  # fmt: skip


def test_the_parts_that_are_drawn_are_those_of_the_count() -> None:
    drawn = {(name, part) for name, parts in PARTS.items() for part in parts if not name.startswith("saisine-")}
    assert drawn == {(name, part) for parts in REQUIRED.values() for name, part, _ in parts}
