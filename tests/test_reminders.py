"""Which letters are due, to whom, at one instant?"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from models.rules.dossier import Dossier
from models.rules.notices import Gap, Key
from models.rules.overtaken import no_longer_due
from models.rules.planning import plan
from models.rules.programme import Programme
from models.rules.reminders import due
from models.words import Role
from tests.builders import (
    a_day,
    a_dossier,
    a_piece,
    a_programme,
    a_recipient,
    an_instant,
    letters_at,
    notices_at,
    recipients_of,
)

PROGRAMME = a_programme()
LABELLED = ("2021-03-15", "labellise")


def keys_at(dossier: Dossier, obligation: str, at: str, recorded: Iterable[Key] = ()) -> list[Key]:
    return [notice.key for notice in notices_at(PROGRAMME, dossier, obligation, at, recorded=recorded)]


def leaving(
    dossier: Dossier, start: str, end: str, *, obligation: str = "candidature", **asked: Any
) -> list[tuple[str, str, str]]:
    """What leaves in the window, as (day, step, role)."""
    programme: Programme = asked.pop("programme", PROGRAMME)
    recipients = asked.pop("recipients", None) or recipients_of(dossier.departement)
    found = plan(programme, dossier, recipients, asked.pop("recorded", {}), start=a_day(start), end=a_day(end), **asked)
    return [
        (notice.day.isoformat(), notice.key.step, notice.recipient.role.value)
        for _, notice in found
        if notice.obligation == obligation
    ]


# The current step


def test_a_step_leaves_at_nine_on_its_effective_day_and_not_before() -> None:
    dossier = a_dossier()
    assert letters_at(PROGRAMME, dossier, "candidature", "2021-02-19 08:59") == []
    assert letters_at(PROGRAMME, dossier, "candidature", "2021-02-19 09:00") == [
        ("-7", "chef_de_file"), ("-7", "prefet"), ("-7", "dasen"),
    ]  # fmt: skip


def test_a_step_that_falls_on_a_sunday_leaves_on_the_friday_before_and_after_the_date_on_the_monday() -> None:
    first_days = {
        step: day
        for day, step, role in reversed(leaving(a_dossier(), "2020-12-01", "2021-03-31"))
        if role == "chef_de_file"
    }
    assert first_days == {
        "-60": "2020-12-30", "-30": "2021-01-29", "-15": "2021-02-12", "-7": "2021-02-19", "-2": "2021-02-26",
        "1": "2021-03-01", "7": "2021-03-08",
    }  # fmt: skip


def test_copies_grow_as_the_date_comes() -> None:  # E041, E047, E048, E151
    everyone = leaving(a_dossier(received=["referents/education", "referents/prefecture", "demande-labellisation"]),
                       "2020-12-01", "2021-03-31")  # fmt: skip
    roles: dict[str, list[str]] = {}
    for _, step, role in everyone:
        roles.setdefault(step, []).append(role)
    four = ["prefet", "dasen", "prefet_region", "recteur"]
    assert roles == {
        "-60": ["chef_de_file"],
        "-30": ["chef_de_file"],
        "-15": ["chef_de_file"],
        "-7": ["chef_de_file", "prefet", "dasen"],
        "-2": ["chef_de_file", "prefet", "dasen"],
        "1": ["chef_de_file", *four],
        "7": ["chef_de_file", *four, "coordination"],
    }


def test_whoever_owes_a_part_is_written_to_at_every_step() -> None:
    assert {role for _, step, role in leaving(a_dossier(), "2020-12-30", "2020-12-30") if step == "-60"} == {
        "chef_de_file", "prefet", "dasen",
    }  # fmt: skip


def test_a_morning_run_twice_reminds_once() -> None:
    first = keys_at(a_dossier(), "candidature", "2021-02-19 09:00")
    assert len(first) == 3
    assert keys_at(a_dossier(), "candidature", "2021-02-19 09:00", recorded=first) == []
    assert keys_at(a_dossier(), "candidature", "2021-02-22 10:00", recorded=first) == []


def test_a_key_is_the_due_date_the_step_and_the_contact() -> None:
    recipients = [a_recipient("chef_de_file", contact=41)]
    [notice] = notices_at(PROGRAMME, a_dossier(), "candidature", "2021-02-19 09:00", recipients=recipients)
    assert notice.key == Key(date(2021, 2, 28), "-7", "", 41)


def test_after_an_outage_only_the_current_step_leaves_and_the_others_are_superseded() -> None:
    recipients = [a_recipient("chef_de_file", contact=7)]
    found = due(PROGRAMME, a_dossier(), "candidature", recipients, set(), an_instant("2021-03-03 09:00"))
    assert [(notice.key.step, notice.effective.isoformat()) for notice in found.due] == [("1", "2021-03-01")]
    assert [(notice.key.step, notice.effective.isoformat()) for notice in found.superseded] == [
        ("-60", "2020-12-30"), ("-30", "2021-01-29"), ("-15", "2021-02-12"), ("-7", "2021-02-19"), ("-2", "2021-02-26"),
    ]  # fmt: skip
    assert found.missed == []


def test_a_step_already_sent_is_not_superseded() -> None:
    recipients = [a_recipient("chef_de_file", contact=7)]
    sent = {Key(date(2021, 2, 28), step, "", 7) for step in ("-60", "-30", "-15")}
    found = due(PROGRAMME, a_dossier(), "candidature", recipients, sent, an_instant("2021-03-03 09:00"))
    assert [notice.key.step for notice in found.superseded] == ["-7", "-2"]


def test_a_copy_that_a_step_did_not_name_is_not_superseded_there() -> None:
    recipients = [a_recipient("recteur", contact=7)]
    found = due(PROGRAMME, a_dossier(), "candidature", recipients, set(), an_instant("2021-03-08 09:00"))
    assert ([notice.key.step for notice in found.due], [notice.key.step for notice in found.superseded]) == (
        ["7"],
        ["1"],
    )


def test_the_tenth_day_of_grace_still_leaves_and_the_eleventh_is_missed() -> None:
    recipients = [a_recipient("chef_de_file", contact=7)]

    def look(at: str) -> tuple[list[str], list[str]]:
        found = due(PROGRAMME, a_dossier(), "candidature", recipients, set(), an_instant(at))
        return [notice.key.step for notice in found.due], [notice.key.step for notice in found.missed]

    assert look("2021-03-18 09:00") == (["7"], [])  # ten days after Monday 8 March
    assert look("2021-03-19 09:00") == ([], ["7"])


def test_within_grace_whoever_comes_to_owe_receives_the_step_then() -> None:
    refused = a_piece("referents/education", "2021-01-30 15:00", "refusee", "référent parti")
    dossier = a_dossier(received=["referents/education", "demande-labellisation/visa-dasen"], pieces=[refused])
    assert [line for line in leaving(dossier, "2021-01-25", "2021-02-11") if line[2] == "dasen"] == [
        ("2021-02-01", "-30", "dasen")
    ]


def test_nothing_leaves_on_a_sunday_nor_on_a_public_holiday_of_the_territory() -> None:
    easter_due = a_programme(
        deadlines={"candidature": {"date": date(2021, 4, 4), "assumption": "un dimanche de Pâques"}}
    )
    steps = [(day, step) for day, step, role in leaving(a_dossier(), "2021-04-01", "2021-04-07", programme=easter_due)
             if role == "chef_de_file"]  # fmt: skip
    assert steps == [("2021-04-01", "-7"), ("2021-04-02", "-2"), ("2021-04-06", "1")]
    in_alsace = [
        (day, step)
        for day, step, role in leaving(a_dossier(departement="67"), "2021-04-01", "2021-04-07", programme=easter_due)
        if role == "chef_de_file"
    ]
    assert in_alsace == [("2021-04-01", "-2"), ("2021-04-06", "1")]


def test_of_two_steps_that_share_a_day_only_the_larger_counts() -> None:
    ascension = a_programme(deadlines={"action_plan": {"date": date(2021, 5, 18), "assumption": "après l’Ascension"}},
                            reminders={"assumption": "deux étapes proches", "steps": {"action_plan": [
                                {"offset": -5, "letter": "reminder"}, {"offset": -4, "letter": "reminder"},
                                {"offset": -3, "letter": "reminder"}]}})  # fmt: skip
    dossier = a_dossier(decisions=[LABELLED])
    # 13 May 2021 is Ascension: −5 walks back to Wednesday 12; −4 is Friday 14; −3 is Saturday 15, back to Friday 14
    sent = [line for line in leaving(dossier, "2021-05-10", "2021-05-17", obligation="action_plan", programme=ascension)
            if line[2] == "chef_de_file" and line[1] != "receipt"]  # fmt: skip
    assert sent == [("2021-05-12", "-5", "chef_de_file"), ("2021-05-14", "-3", "chef_de_file")]


def test_a_territory_overseas_is_written_to_at_nine_on_its_own_clock() -> None:
    cayenne = a_dossier(departement="973")
    [notice] = notices_at(
        PROGRAMME, cayenne, "candidature", "2021-02-19 12:00+00:00",
        recipients=[a_recipient("chef_de_file", zone="America/Cayenne")],
    )  # fmt: skip
    assert (notice.day, notice.key.step) == (date(2021, 2, 19), "-7")
    assert letters_at(
        PROGRAMME, cayenne, "candidature", "2021-02-19 11:59+00:00",
        recipients=[a_recipient("chef_de_file", zone="America/Cayenne")],
    ) == []  # fmt: skip


def test_one_step_reaches_paris_before_guadeloupe() -> None:
    recipients = [
        a_recipient("prefet", contact=1, zone="America/Guadeloupe"), a_recipient("coordination", contact=2),
    ]  # fmt: skip
    dossier = a_dossier(departement="971")
    assert letters_at(PROGRAMME, dossier, "candidature", "2021-03-08 09:00+01:00", recipients=recipients) == [
        ("7", "coordination")
    ]
    assert letters_at(PROGRAMME, dossier, "candidature", "2021-03-08 09:00-04:00", recipients=recipients) == [
        ("7", "prefet"), ("7", "coordination"),
    ]  # fmt: skip


def test_a_narrowed_look_tells_only_those_clocks() -> None:
    recipients = [a_recipient("prefet", contact=1, zone="Indian/Reunion"), a_recipient("coordination", contact=2)]
    found = due(
        PROGRAMME, a_dossier(departement="974"), "candidature", recipients, set(), an_instant("2021-03-08 10:00"),
        zones={"Indian/Reunion"},
    )  # fmt: skip
    assert [notice.recipient.role for notice in found.due] == [Role.PREFET]


# What is owed


def test_an_owner_reads_what_it_owes_and_a_copy_reads_who_owes_what() -> None:
    dossier = a_dossier(
        received=["candidature"],
        pieces=[
            a_piece("diagnostic/social", "2021-02-01 10:00", "refusee", "volet illisible"),
            a_piece("demande-labellisation/visa-dasen", "2021-02-01 10:00", "retiree"),
        ],
    )
    read = {
        notice.recipient.role.value: (
            notice.copy, [each.name for each in notice.owes()], [(each.name, each.motive) for each in notice.missing],
        )
        for notice in notices_at(PROGRAMME, dossier, "candidature", "2021-02-26 09:00")
    }  # fmt: skip
    missing = [("diagnostic/social", "volet illisible"), ("demande-labellisation/visa-dasen", "")]
    assert read == {
        "chef_de_file": (False, ["diagnostic/social"], missing),
        "prefet": (True, [], missing),
        "dasen": (False, ["demande-labellisation/visa-dasen"], missing),
    }


def test_a_satisfied_obligation_is_never_reminded() -> None:
    complete = a_dossier(received=["candidature"])
    assert [
        line for line in leaving(complete, "2020-11-04", "2021-04-30") if line[1] not in ("opening", "receipt")
    ] == []


def test_a_role_that_nobody_holds_is_listed_with_what_it_should_have_read() -> None:
    found = due(
        PROGRAMME, a_dossier(), "candidature", recipients_of(roles=["chef_de_file", "prefet"]), set(),
        an_instant("2021-03-01 09:00"),
    )  # fmt: skip
    assert found.unreachable == [
        Gap(due=date(2021, 2, 28), step="1", occasion="", role=Role.DASEN, owes=True),
        Gap(due=date(2021, 2, 28), step="1", occasion="", role=Role.PREFET_REGION, owes=False),
        Gap(due=date(2021, 2, 28), step="1", occasion="", role=Role.RECTEUR, owes=False),
    ]


def test_a_territory_without_any_contact_is_listed_too() -> None:
    found = due(PROGRAMME, a_dossier(), "candidature", [], set(), an_instant("2021-02-12 09:00"))
    assert [gap.role.value for gap in found.unreachable] == ["chef_de_file", "dasen", "prefet"]


# Arming


def test_the_action_plan_is_reminded_from_the_day_of_the_label_on() -> None:
    dossier = a_dossier(decisions=[("2021-04-15", "labellise")])
    steps = [
        line
        for line in leaving(dossier, "2021-03-01", "2021-05-31", obligation="action_plan")
        if line[2] == "chef_projet"
    ]
    assert steps == [
        ("2021-04-15", "-30", "chef_projet"),  # armed the same day: it counts
        ("2021-04-30", "-15", "chef_projet"),
        ("2021-05-07", "-7", "chef_projet"),
        ("2021-05-12", "-2", "chef_projet"),
        ("2021-05-17", "1", "chef_projet"),
        ("2021-05-25", "7", "chef_projet"),
    ]


def test_a_step_before_the_label_never_counts() -> None:
    dossier = a_dossier(decisions=[("2021-04-16", "labellise")])
    assert letters_at(PROGRAMME, dossier, "action_plan", "2021-04-19 09:00") == []
    assert letters_at(PROGRAMME, dossier, "action_plan", "2021-04-30 09:00") == [
        ("-15", "chef_de_file"), ("-15", "chef_projet"),
    ]  # fmt: skip


@pytest.mark.parametrize("obligation", ["action_plan", "convention", "fund_report:2021", "fund_report:2023"])
def test_without_a_label_nothing_that_follows_it_is_reminded(obligation: str) -> None:  # E107
    assert (
        leaving(a_dossier(decisions=[("2021-03-15", "ajourne")]), "2020-10-15", "2024-06-30", obligation=obligation)
        == []
    )


def test_a_label_taken_back_stops_what_followed_it() -> None:
    dossier = a_dossier(decisions=[LABELLED, ("2021-05-03", "refuse")])
    assert {day for day, _, _ in leaving(dossier, "2021-04-27", "2021-06-30", obligation="action_plan")} == {
        "2021-04-30"
    }


def test_each_year_of_the_fund_has_its_own_report() -> None:  # E022
    dossier = a_dossier(decisions=[LABELLED], received=["fund_report:2021"], received_at="2022-03-10 10:00")
    to_principal = [
        (day, step)
        for name in ("fund_report:2021", "fund_report:2022")
        for day, step, role in leaving(dossier, "2022-01-01", "2023-12-31", obligation=name)
        if role == "principal"
    ]
    assert to_principal == [
        ("2022-01-28", "-60"), ("2022-03-01", "-30"), ("2022-03-11", "receipt"),
        ("2023-01-30", "-60"), ("2023-03-01", "-30"), ("2023-03-16", "-15"), ("2023-03-24", "-7"), ("2023-04-03", "1"),
        ("2023-04-17", "15"),
    ]  # fmt: skip


# Decided, withdrawn, extended, moved


@pytest.mark.parametrize("verdict", ["labellise", "refuse", "ajourne"])
def test_a_decided_candidature_is_not_reminded_from_the_beginning_of_that_day(verdict: str) -> None:
    dossier = a_dossier(decisions=[("2021-02-26", verdict)])
    steps = [(day, step) for day, step, role in leaving(dossier, "2021-02-15", "2021-03-31") if role == "chef_de_file"]
    assert steps == [("2021-02-15", "-15"), ("2021-02-19", "-7"), ("2021-02-26", "decision")]


def test_a_territory_that_has_withdrawn_hears_nothing_more() -> None:
    dossier = a_dossier(withdrawals=["2021-02-26"], decisions=[("2021-03-15", "refuse")])
    assert {day for day, _, _ in leaving(dossier, "2021-02-15", "2021-12-31")} == {"2021-02-15", "2021-02-19"}


def test_an_extension_is_told_arms_the_new_date_and_forgets_the_old_one() -> None:
    dossier = a_dossier(extensions=[("candidature", "2021-03-15", "2021-02-24")])
    to_lead = [
        (day, step) for day, step, role in leaving(dossier, "2021-02-15", "2021-03-31") if role == "chef_de_file"
    ]
    assert to_lead == [
        ("2021-02-15", "-15"), ("2021-02-19", "-7"),  # of 28 February
        ("2021-02-24", "extension"),
        ("2021-02-26", "-15"),  # of 15 March: Sunday 28 February, back to Friday
        ("2021-03-08", "-7"), ("2021-03-12", "-2"), ("2021-03-16", "1"), ("2021-03-22", "7"),
    ]  # fmt: skip


def test_an_extension_letter_goes_to_those_who_still_owe_and_two_copies() -> None:
    dossier = a_dossier(received=["action_plan"], decisions=[LABELLED],
                        pieces=[a_piece("plan-financement/document", "2021-03-20 10:00", "retiree")],
                        extensions=[("action_plan", "2021-06-30", "2021-05-03")])  # fmt: skip
    found = notices_at(PROGRAMME, dossier, "action_plan", "2021-05-03 09:00")
    assert [(notice.key, notice.recipient.role.value, notice.copy) for notice in found] == [
        (Key(date(2021, 5, 3), "extension", "2021-05-03/2021-06-30", 1), "chef_de_file", False),
        (Key(date(2021, 5, 3), "extension", "2021-05-03/2021-06-30", 2), "prefet", True),
        (Key(date(2021, 5, 3), "extension", "2021-05-03/2021-06-30", 3), "dasen", True),
    ]
    event = found[0].event
    assert event is not None
    assert event.previous_due == date(2021, 5, 15)


def test_a_refused_candidature_that_is_extended_is_reminded_again() -> None:
    dossier = a_dossier(
        decisions=[("2021-03-22", "refuse")], extensions=[("candidature", "2021-04-30", "2021-03-24")]
    )  # fmt: skip
    to_lead = [
        (day, step) for day, step, role in leaving(dossier, "2021-03-20", "2021-05-31") if role == "chef_de_file"
    ]
    assert to_lead == [
        ("2021-03-22", "decision"), ("2021-03-24", "extension"), ("2021-03-31", "-30"), ("2021-04-15", "-15"),
        ("2021-04-23", "-7"), ("2021-04-28", "-2"), ("2021-05-03", "1"), ("2021-05-07", "7"),
    ]  # fmt: skip


MOVED = a_programme(
    deadlines={
        "candidature": [
            {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
            {"date": date(2021, 3, 15), "since": date(2021, 2, 10), "cite": "note-2021-02-10, page 1"},
        ]
    }
)


def test_a_date_that_moves_for_everybody_arms_again_from_its_day() -> None:
    to_lead = [
        (day, step)
        for day, step, role in leaving(a_dossier(), "2021-01-25", "2021-03-31", programme=MOVED)
        if role == "chef_de_file"
    ]
    assert to_lead == [
        ("2021-01-29", "-30"),  # of 28 February
        ("2021-02-12", "-30"), ("2021-02-26", "-15"), ("2021-03-08", "-7"), ("2021-03-12", "-2"), ("2021-03-16", "1"),
        ("2021-03-22", "7"),
    ]  # fmt: skip


def test_the_later_of_an_extension_and_a_later_general_date_holds() -> None:
    shorter = a_dossier(extensions=[("candidature", "2021-03-05", "2021-02-01")])
    longer = a_dossier(extensions=[("candidature", "2021-03-31", "2021-02-01")])
    dues = {
        notice.key.due.isoformat()
        for dossier in (shorter, longer)
        for notice in notices_at(MOVED, dossier, "candidature", "2021-03-16 09:00")
    }
    assert dues == {"2021-03-15", "2021-03-31"}


# The letters that an event brings


def test_the_opening_is_told_once_even_if_the_date_moves() -> None:
    moved_at_once = a_programme(
        deadlines={
            "candidature": [
                {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
                {"date": date(2021, 3, 15), "since": date(2020, 10, 19), "cite": "note-2020-10-19, page 1"},
            ]
        }
    )
    assert leaving(a_dossier(), "2020-10-01", "2020-11-15", programme=moved_at_once) == [
        ("2020-10-15", "opening", "chef_de_file"),
        ("2020-10-15", "opening", "prefet"),
        ("2020-10-15", "opening", "dasen"),
    ]


def test_an_opening_missed_by_more_than_the_grace_is_not_told() -> None:
    assert letters_at(PROGRAMME, a_dossier(), "candidature", "2020-10-23 09:00")[0] == ("opening", "chef_de_file")
    assert letters_at(PROGRAMME, a_dossier(), "candidature", "2020-10-26 09:00") == []


def test_each_completion_has_its_receipt() -> None:
    dossier = a_dossier(
        received=["candidature"],
        received_at="2021-01-14 17:00",
        pieces=[
            a_piece("diagnostic/social", "2021-01-20 10:00", "refusee", "illisible"),
            a_piece("diagnostic/social", "2021-01-23 10:00"),  # a Saturday
        ],
    )
    assert [(day, role) for day, step, role in leaving(dossier, "2021-01-01", "2021-02-28") if step == "receipt"] == [
        ("2021-01-15", "chef_de_file"), ("2021-01-15", "prefet"), ("2021-01-15", "dasen"),
        ("2021-01-25", "chef_de_file"), ("2021-01-25", "prefet"), ("2021-01-25", "dasen"),
    ]  # fmt: skip


def test_what_was_complete_before_the_label_is_acknowledged_on_the_day_of_the_label() -> None:
    dossier = a_dossier(received=["action_plan"], decisions=[LABELLED])
    assert leaving(dossier, "2020-10-15", "2021-06-30", obligation="action_plan") == [
        ("2021-03-15", "receipt", "chef_de_file"), ("2021-03-15", "receipt", "prefet"),
        ("2021-03-15", "receipt", "dasen"), ("2021-03-15", "receipt", "chef_projet"),
    ]  # fmt: skip


def test_a_label_is_told_to_more_people_than_a_refusal() -> None:
    def readers(verdict: str) -> list[tuple[str, bool]]:
        found = notices_at(PROGRAMME, a_dossier(decisions=[("2021-03-15", verdict)]), "candidature", "2021-03-15 09:00")
        return [(notice.recipient.role.value, notice.copy) for notice in found]

    five = [("chef_de_file", False), ("prefet", False), ("dasen", False), ("prefet_region", True), ("recteur", True)]
    assert readers("labellise") == [*five, ("principal", True), ("chef_projet", True)]
    assert readers("refuse") == five


def test_a_corrected_decision_is_told_as_one_more_decision() -> None:  # E042, E106
    dossier = a_dossier(decisions=[("2021-03-15", "refuse"), ("2021-03-18", "labellise")])
    told = [(day, step) for day, step, role in leaving(dossier, "2021-03-15", "2021-03-31") if role == "chef_de_file"]
    assert told == [("2021-03-15", "decision"), ("2021-03-18", "decision")]


def test_a_decision_of_a_saturday_is_told_on_the_monday() -> None:
    dossier = a_dossier(decisions=[("2021-03-13", "labellise")])
    assert {day for day, step, _ in leaving(dossier, "2021-03-12", "2021-03-31") if step == "decision"} == {
        "2021-03-15"
    }


def test_a_campaign_may_say_who_receives_a_letter() -> None:
    own = a_programme(
        reminders={
            "assumption": "demande de la coordination",
            "letters": {"receipt": {"to": ["chef_projet"], "copies": ["coordination"], "letter": "receipt"}},
        }
    )
    dossier = a_dossier(received=["candidature"], received_at="2021-01-14 17:00")
    assert leaving(dossier, "2021-01-15", "2021-01-15", programme=own) == [
        ("2021-01-15", "receipt", "chef_projet"), ("2021-01-15", "receipt", "coordination"),
    ]  # fmt: skip


# The end of a convention


def test_the_end_of_a_convention_is_watched_until_another_follows_it() -> None:  # E020, E242
    dossier = a_dossier(
        decisions=[LABELLED],
        conventions=[("2021-01-01", "2023-12-31", "2021-06-15"), ("2024-01-01", "2026-12-31", "2023-11-20")],
    )
    to_lead = [
        (day, step, notice_role)
        for day, step, notice_role in leaving(dossier, "2021-01-01", "2024-06-30", obligation="convention_end")
        if notice_role in ("prefet", "coordination")
    ]
    assert to_lead == [
        ("2022-12-30", "-365", "prefet"), ("2022-12-30", "-365", "coordination"),
        ("2023-07-04", "-180", "prefet"), ("2023-07-04", "-180", "coordination"),
        ("2023-10-02", "-90", "prefet"), ("2023-10-02", "-90", "coordination"),
        ("2023-11-20", "receipt", "prefet"),
    ]  # fmt: skip


def test_a_convention_that_begins_on_the_last_day_of_another_does_not_follow_it() -> None:
    dossier = a_dossier(
        decisions=[LABELLED],
        conventions=[("2021-01-01", "2023-12-31", "2021-06-15"), ("2023-12-31", "2026-12-31", "2023-11-24")],
    )
    assert letters_at(PROGRAMME, dossier, "convention_end", "2023-12-01 09:00")[0] == ("-30", "chef_de_file")


def test_a_step_is_not_superseded_for_an_obligation_that_was_satisfied_then() -> None:
    dossier = a_dossier(
        received=["candidature"], pieces=[a_piece("diagnostic/social", "2021-02-20 10:00", "refusee", "illisible")]
    )
    found = due(PROGRAMME, dossier, "candidature", recipients_of(), set(), an_instant("2021-02-26 09:00"))
    assert {notice.key.step for notice in found.due} == {"-2"}
    assert found.superseded == []


def test_two_conventions_that_end_on_one_day_are_watched_once() -> None:
    dossier = a_dossier(
        decisions=[LABELLED],
        conventions=[("2021-01-01", "2023-12-31", "2021-06-15"), ("2021-09-01", "2023-12-31", "2021-09-15")],
    )
    keys = keys_at(dossier, "convention_end", "2023-12-01 09:00")
    assert keys == [Key(date(2023, 12, 31), "-30", "", contact) for contact in (1, 2, 3, 13)]


def test_a_convention_signed_late_is_reminded_only_of_what_remains() -> None:
    dossier = a_dossier(decisions=[LABELLED], conventions=[("2021-01-01", "2023-12-31", "2023-07-10")])
    sent = leaving(dossier, "2021-01-01", "2024-06-30", obligation="convention_end")
    assert {(day, step) for day, step, _ in sent} == {
        ("2023-10-02", "-90"), ("2023-12-01", "-30"),
    }  # fmt: skip


# What was decided and has not left yet


def why_not(before: Dossier, after: Dossier, decided_at: str, at: str, *, obligation: str = "candidature",
            programme: Programme = PROGRAMME, role: str = "chef_de_file") -> list[str]:  # fmt: skip
    """Why the letter to the lead authority, decided at `decided_at`, must not leave at `at`; [] when it may."""
    recipients = [a_recipient(role, contact=1)]
    waiting = {
        notice.key for notice in notices_at(PROGRAMME, before, obligation, decided_at, recipients=recipients)
    }  # fmt: skip
    assert len(waiting) == 1
    reasons = no_longer_due(programme, after, obligation, recipients, waiting, waiting, an_instant(at))
    return list(reasons.values())


NIGHT = "2021-02-19 23:30"


def test_a_letter_that_is_still_true_at_night_may_leave() -> None:
    assert why_not(a_dossier(), a_dossier(), "2021-02-19 09:00", NIGHT) == []


@pytest.mark.parametrize(
    ("after", "at", "reason"),
    [
        (a_dossier(withdrawals=["2021-02-19"]), NIGHT, "le territoire s’est désisté"),
        (a_dossier(decisions=[("2021-02-19", "labellise")]), NIGHT, "la candidature est décidée"),
        (a_dossier(received=["candidature"]), NIGHT, "l’obligation est satisfaite"),
        (a_dossier(extensions=[("candidature", "2021-03-31", "2021-02-19")]), NIGHT, "l’échéance a été déplacée"),
        (a_dossier(), "2021-02-26 00:00", "une étape plus récente la remplace"),
    ],
)
def test_a_reminder_that_waits_is_cancelled_with_the_reason(after: Dossier, at: str, reason: str) -> None:
    assert why_not(a_dossier(), after, "2021-02-19 09:00", at) == [reason]


def test_a_reminder_that_waited_beyond_its_grace_is_cancelled() -> None:
    assert why_not(a_dossier(), a_dossier(), "2021-03-08 09:00", "2021-03-19 00:00") == ["le délai de grâce est passé"]


def test_a_reminder_to_a_copy_no_longer_named_is_cancelled() -> None:
    before = a_dossier()
    after = a_dossier(received=["referents/education", "demande-labellisation/visa-dasen"])
    assert why_not(before, after, "2021-02-12 09:00", "2021-02-12 18:00", role="dasen") == [
        "le délai de grâce est passé, ou le destinataire n’est plus concerné"
    ]


def test_a_receipt_is_cancelled_when_a_piece_is_refused_before_it_leaves() -> None:
    before = a_dossier(received=["candidature"], received_at="2021-02-18 10:00")
    after = a_dossier(
        received=["candidature"], received_at="2021-02-18 10:00",
        pieces=[a_piece("diagnostic/social", "2021-02-19 12:00", "refusee", "illisible")],
    )  # fmt: skip
    assert why_not(before, after, "2021-02-19 09:00", NIGHT) == ["l’obligation n’est plus satisfaite"]


def test_a_decision_is_cancelled_when_it_is_corrected_before_its_letter_leaves() -> None:
    before = a_dossier(decisions=[("2021-03-15", "refuse")])
    after = a_dossier(decisions=[("2021-03-15", "refuse"), ("2021-03-15", "labellise")])
    assert why_not(before, after, "2021-03-15 09:00", "2021-03-15 11:00") == ["une autre décision la remplace"]


def test_an_extension_is_cancelled_when_another_date_is_granted_before_its_letter_leaves() -> None:
    before = a_dossier(extensions=[("candidature", "2021-03-31", "2021-02-19")])
    after = a_dossier(
        extensions=[("candidature", "2021-03-31", "2021-02-19"), ("candidature", "2021-04-30", "2021-02-19")]
    )
    assert why_not(before, after, "2021-02-19 09:00", NIGHT) == ["une autre date la remplace"]


def test_what_followed_a_label_is_cancelled_when_the_label_is_taken_back() -> None:
    before = a_dossier(decisions=[LABELLED])
    after = a_dossier(decisions=[LABELLED, ("2021-04-30", "refuse")])
    assert why_not(before, after, "2021-04-30 09:00", "2021-04-30 20:00", obligation="action_plan") == [
        "la décision qui faisait naître l’obligation ne tient plus"
    ]


def test_an_opening_is_not_cancelled_by_a_date_that_moves() -> None:
    moved = a_programme(
        deadlines={
            "candidature": [
                {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
                {"date": date(2021, 3, 15), "since": date(2020, 10, 15), "cite": "note-2020-10-15, page 1"},
            ]
        }
    )
    assert why_not(a_dossier(), a_dossier(), "2020-10-15 09:00", "2020-10-15 20:00", programme=moved) == []
