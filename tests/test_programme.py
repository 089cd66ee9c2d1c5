"""Is a programme file read as it is meant, and refused in words when it is wrong?"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.rules.campaign_file import load_campaign, read_campaign_file
from models.rules.deadlines import DueDate
from models.rules.yaml_files import Citation, ProgrammeRefused
from models.words import Funder, Role
from tests.builders import CAMPAIGN_2021, PROPERTY, a_campaign_file, a_programme

FILE = """\
campaign: "2021"
title: Extension 2021
edition: vade-mecum-2020
opens: 2020-10-15
assumption: "le texte dit octobre"
deadlines:
  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}
  action_plan: {date: 2021-05-15, cite: "vade-mecum-2020, partie 1"}
  convention: {date: 2021-06-30, assumption: "le texte ne donne pas de date"}
  fund_report:
    occurrences: {2021: 2022-03-31, 2022: 2023-03-31, 2023: 2024-03-31}
    assumption: "le texte dit chaque année"
convention: {start: 2021-01-01, end: 2023-12-31, cite: "vade-mecum-2020, partie 1"}
tables: example/
"""


def refusal_of(document: str) -> str:
    with pytest.raises(ProgrammeRefused) as refusal:
        load_campaign(document, name="2021.yaml")
    return str(refusal.value)


def test_a_campaign_file_gives_dates_to_its_edition() -> None:  # E001, E015, E018, E019
    programme = load_campaign(FILE, name="2021.yaml")
    assert (programme.code, programme.title, programme.edition) == ("2021", "Extension 2021", "vade-mecum-2020")
    assert programme.opens == date(2020, 10, 15)
    assert programme.convention == (date(2021, 1, 1), date(2023, 12, 31))
    assert programme.tables == "example/"
    assert programme.obligation_names() == (
        "candidature", "action_plan", "fund_report:2021", "fund_report:2022", "fund_report:2023", "convention",
        "convention_end",
    )  # fmt: skip
    assert programme.deadlines["candidature"].occurrences == {
        "": (DueDate(date=date(2021, 2, 28), since=None, citation=Citation(
            cite="vade-mecum-2020, partie 1", text="Vade-mecum d’octobre 2020")),)
    }  # fmt: skip
    assert {year: dates[0].date for year, dates in programme.deadlines["fund_report"].occurrences.items()} == {
        "2021": date(2022, 3, 31), "2022": date(2023, 3, 31), "2023": date(2024, 3, 31),
    }  # fmt: skip


def test_the_edition_keeps_the_cadence_the_hour_and_the_days_of_grace() -> None:
    programme = a_programme()
    assert {
        name: [(step.offset, " ".join(step.copies), step.letter) for step in deadline.steps]
        for name, deadline in programme.deadlines.items()
    } == {
        name: [
            (-first, "", "reminder_early"), (-30, "", "reminder_early"), (-15, "", "reminder_near"),
            (-7, "prefet dasen", "reminder_near"), (-2, "prefet dasen", "reminder_last_days"),
            (1, "prefet dasen prefet_region recteur", "overdue"),
            (7, "prefet dasen prefet_region recteur coordination", "escalation"),
        ]
        for name, first in (("candidature", 60), ("action_plan", 45))
    } | {
        "fund_report": [
            (-60, "", "reminder_early"), (-30, "", "reminder_early"), (-15, "dasen", "reminder_near"),
            (-7, "dasen prefet", "reminder_near"), (1, "dasen prefet", "overdue"),
            (15, "dasen prefet recteur coordination", "escalation"),
        ],
        "convention": [
            (-60, "", "reminder_early"), (-30, "", "reminder_early"), (-15, "prefet", "reminder_near"),
            (-7, "prefet", "reminder_near"), (1, "prefet prefet_region", "overdue"),
            (15, "prefet prefet_region coordination", "escalation"),
        ],
        "convention_end": [
            (offset, "prefet dasen chef_de_file coordination", "convention_end") for offset in (-365, -180, -90, -30)
        ],
    }  # fmt: skip
    assert (programme.hour, programme.grace_days, programme.closing_days) == (9, 10, 365)


def test_the_edition_counts_money_as_the_text_says() -> None:
    funding = a_programme().funding
    assert (funding.fund_share, funding.imbalance_tolerance) == (1_500_000, None)
    assert funding.state == {Funder.VILLE, Funder.EDUCATION, Funder.ETAT_AUTRE}
    assert funding.taken_from_grant == {Funder.VILLE}
    assert funding.local == {Funder.COMMUNE, Funder.INTERCOMMUNALITE, Funder.DEPARTEMENT, Funder.REGION}


def test_the_letters_of_events_go_to_these_roles() -> None:
    assert {
        name: (
            letter.group or " ".join(letter.to),
            " ".join(letter.copies),
            " ".join(letter.if_labelled),
            letter.letter,
        )
        for name, letter in a_programme().letters.items()
    } == {
        "opening": ("chef_de_file", "prefet dasen", "", "opening"),
        "receipt": ("owners", "prefet dasen", "", "receipt"),
        "decision": ("chef_de_file prefet dasen", "prefet_region recteur", "principal chef_projet", "decision"),
        "extension": ("owners_of_missing", "prefet dasen", "", "extension"),
    }


def test_every_assumption_is_kept_for_the_reports() -> None:
    assumptions = a_programme().assumptions
    assert assumptions[:3] == ("le texte dit octobre", "le texte ne donne pas de date", "le texte dit chaque année")
    assert any("cadence" in each for each in assumptions)


def test_a_citation_is_told_in_french() -> None:
    cited = Citation(cite="vade-mecum-2020, partie 1, « Une candidature »", text="Vade-mecum d’octobre 2020")
    assert cited.words() == "Vade-mecum d’octobre 2020, partie 1, « Une candidature »"
    assert cited.place() == "partie 1, « Une candidature »"
    assert Citation(assumption="le texte dit octobre").words() == "hypothèse : le texte dit octobre"
    assert Citation(cite="note-2021-02-10", text="Note du 10 février 2021").words() == "Note du 10 février 2021"


def test_a_pass_watches_the_deadline_it_names_and_the_end_of_conventions_with_theirs() -> None:
    programme = a_programme()
    assert [each.name for each in programme.watched_by("action-plan")] == ["action_plan"]
    assert [each.name for each in programme.watched_by("ACTION_PLAN")] == ["action_plan"]
    assert [each.name for each in programme.watched_by("convention")] == ["convention", "convention_end"]
    with pytest.raises(ProgrammeRefused) as refusal:
        programme.watched_by("bilan")
    assert str(refusal.value) == (
        "campaign 2021 has no deadline «bilan»: choose among candidature, action-plan, fund-report, convention"
    )


def test_a_deadline_that_the_file_does_not_date_does_not_exist_in_that_campaign() -> None:
    programme = a_programme(deadlines={"fund_report": None, "convention": None})
    assert programme.obligation_names() == ("candidature", "action_plan")


def test_a_file_from_windows_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "2021.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    assert load_campaign(read_campaign_file(path), name="2021.yaml") == load_campaign(FILE, name="2021.yaml")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    missing, latin = tmp_path / "absent.yaml", tmp_path / "latin.yaml"
    latin.write_bytes("title: Cité éducative".encode("latin-1"))
    with pytest.raises(ProgrammeRefused) as no_file:
        read_campaign_file(missing)
    assert str(no_file.value) == f"{missing}: no such file: give the path of a campaign file (.yaml)"
    with pytest.raises(ProgrammeRefused) as no_text:
        read_campaign_file(latin)
    assert str(no_text.value) == (
        f"{latin}: cannot be read as UTF-8 text ('utf-8' codec can't decode byte 0xe9 in position 10: invalid "
        "continuation byte): save it as UTF-8"
    )


def swap(old: str, new: str) -> Callable[[], str]:
    def document() -> str:
        assert FILE.count(old) == 1, old
        return FILE.replace(old, new)

    return document


ROLES = ", ".join(Role)
WRONG: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", '2021.yaml: holds no named value: begin with campaign: "…"'),
    "a list": (lambda: "- 1\n- 2\n", '2021.yaml: holds no named value: begin with campaign: "…"'),
    "not YAML": (
        swap("title: Extension 2021", "title: [Extension 2021"),
        "2021.yaml, line 3: did not find expected ',' or ']': mend the YAML there",
    ),
    "a bottomless list": (
        lambda: "title: " + "[" * 100_000,
        "2021.yaml: is not YAML (it is nested more than 50 levels deep): mend the file",
    ),
    "a key twice": (
        swap("title: Extension 2021", 'title: Extension 2021\ntitle: "Extension"'),
        "2021.yaml, line 3: «title» is given twice: mend the YAML there",
    ),
    "a key that is no text": (
        swap("title: Extension 2021", "? [title]\n: Extension 2021"),
        "2021.yaml, line 2: a key is not a text: mend the YAML there",
    ),
    "an unknown key": (
        swap("title: Extension 2021", "title: Extension 2021\ntitel: Extension"),
        "2021.yaml, line 3, at titel: «titel» is not a known key here: use campaign, title, edition, opens, deadlines, "
        "convention, tables, texts, requirements, reminders, funding, roles, review, governance, cite, assumption",
    ),
    "no title": (swap("title: Extension 2021\n", ""), "2021.yaml: «title» is missing: add title: …"),
    "an empty title": (swap("title: Extension 2021", "title:"), "2021.yaml: «title» is missing: add title: …"),
    "a title that is no text": (
        swap("title: Extension 2021", "title: true"),
        "2021.yaml, line 2, at title: True is not a text: write a text, between quotes if in doubt",
    ),
    "a code with a slash": (
        swap('"2021"\n', '"2021/2"\n'),
        "2021.yaml, line 1, at campaign: «2021/2» cannot be a campaign's code: use letters, digits, - and _ (at most "
        "64)",
    ),
    "an unknown edition": (
        swap("edition: vade-mecum-2020", "edition: vade-mecum-2031"),
        "2021.yaml, line 3, at edition: no edition is called «vade-mecum-2031»: choose among vade-mecum-2020",
    ),
    "an edition elsewhere": (
        swap("edition: vade-mecum-2020", "edition: ../programme/vade-mecum-2020"),
        "2021.yaml, line 3, at edition: no edition is called «../programme/vade-mecum-2020»: choose among "
        "vade-mecum-2020",
    ),
    "an opening without a source": (
        swap('assumption: "le texte dit octobre"\n', ""),
        '2021.yaml: has no source: add cite: "text, place" or assumption: "why"',
    ),
    "a date without a source": (
        swap('{date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}', "{date: 2021-02-28}"),
        '2021.yaml, line 7, at deadlines › candidature: has no source: add cite: "text, place" or assumption: "why"',
    ),
    "a date that does not exist": (
        swap("{date: 2021-02-28,", "{date: 2021-02-30,"),
        "2021.yaml, line 7, at deadlines › candidature › date: '2021-02-30' is not a date: write a day as 2021-02-28",
    ),
    "a date in words": (
        swap("{date: 2021-05-15,", "{date: mi-mai,"),
        "2021.yaml, line 8, at deadlines › action_plan › date: 'mi-mai' is not a date: write a day as 2021-02-28",
    ),
    "an unknown deadline": (
        swap("  action_plan:", "  plan_action:"),
        "2021.yaml, line 8, at deadlines › plan_action: the edition has no deadline «plan_action»: use one of "
        "candidature, action_plan, fund_report, convention, convention_end, cell_report, or define the new one here "
        "with title, armed_by, cite",
    ),
    "a date for the end of conventions": (
        swap("  fund_report:\n", '  convention_end: {date: 2023-12-31, assumption: "fin"}\n  fund_report:\n'),
        "2021.yaml, line 10, at deadlines › convention_end: «convention_end» takes its date from each signed "
        "convention: remove this entry",
    ),
    "a yearly deadline with one date": (
        swap("    occurrences: {2021: 2022-03-31, 2022: 2023-03-31, 2023: 2024-03-31}", "    date: 2022-03-31"),
        "2021.yaml, line 10, at deadlines › fund_report: «fund_report» is yearly: name its years: occurrences: "
        "{2021: 2022-03-31}",
    ),
    "years for a deadline that has one date": (
        swap("{date: 2021-02-28,", "{occurrences: {2021: 2021-02-28},"),
        "2021.yaml, line 7, at deadlines › candidature: «candidature» is not yearly: give it one date: YYYY-MM-DD",
    ),
    "a moved date that does not say since when": (
        swap('{date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}',
             '[{date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}, {date: 2021-03-15, cite: "note, page 1"}]'),
        "2021.yaml, line 7, at deadlines › candidature › entry 2: the second date of «candidature» does not say from "
        "when it holds: add since: YYYY-MM-DD",
    ),
    "a deadline without any date": (
        swap('{date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}', "[]"),
        "2021.yaml, line 7, at deadlines › candidature: is an empty list: give at least one entry",
    ),
    "a due date before the opening": (
        swap("opens: 2020-10-15", "opens: 2021-03-01"),
        "2021.yaml, line 7, at deadlines › candidature: the candidature is due on 2021-02-28, before the campaign "
        "opens (2021-03-01): move one of the two dates",
    ),
    "a convention that ends before it starts": (
        swap("{start: 2021-01-01, end: 2023-12-31,", "{start: 2024-01-01, end: 2023-12-31,"),
        "2021.yaml, line 13, at convention: the convention ends (2023-12-31) before it starts (2024-01-01): put the "
        "two dates in order",
    ),
    "a new deadline that nobody is reminded of": (
        swap("convention: {start", '  mid_term: {title: Revue, armed_by: label, date: 2022-06-30, cite: "note, 1"}\n'
             "convention: {start"),
        "2021.yaml, line 13, at deadlines › mid_term: «mid_term» has no reminder step: give it steps under reminders: "
        "steps: mid_term:",
    ),
    "a new deadline that nothing arms": (
        swap("convention: {start", '  mid_term: {title: Revue, armed_by: noon, date: 2022-06-30, cite: "note, 1"}\n'
             "convention: {start"),
        "2021.yaml, line 13, at deadlines › mid_term › armed_by: «noon» is not a known word here: use one of opening, "
        "label, signature",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_file_is_refused_with_its_place_and_cure(kind: str) -> None:
    document, message = WRONG[kind]
    assert refusal_of(document()) == message


def a_piece(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Plan de communication",
        "cite": "note-2021-02-10, page 2",
        "parts": {"document": {"title": "document", "owner": "chef_projet"}},
    } | changes


OVERRIDES: dict[str, tuple[dict[str, Any], str]] = {
    "a cadence without a source": (
        {"reminders": {"grace_days": 5}},
        'c.yaml, line 26, at reminders: has no source: add cite: "text, place" or assumption: "why"',
    ),
    "a cadence for an unknown deadline": (
        {"reminders": {"assumption": "a", "steps": {"bilan": []}}},
        "c.yaml, line 29, at reminders › steps › bilan: no deadline is called «bilan»: use one of candidature, "
        "action_plan, fund_report, convention, convention_end",
    ),
    "an unknown role in copy": (
        {"reminders": {"assumption": "a", "steps": {"candidature": [
            {"offset": -7, "copies": ["sous-prefet"], "letter": "reminder"}]}}},
        "c.yaml, line 32, at reminders › steps › candidature › entry 1 › copies › entry 1: no role is called "
        f"«sous-prefet»: use one of {ROLES}",
    ),
    "an offset in words": (
        {"reminders": {"assumption": "a", "steps": {"candidature": [{"offset": "J-7", "letter": "reminder"}]}}},
        "c.yaml, line 30, at reminders › steps › candidature › entry 1 › offset: 'J-7' is not a whole number: write a "
        "whole number",
    ),
    "an offset of a hundred years": (
        {"reminders": {"assumption": "a", "steps": {"candidature": [{"offset": -36500, "letter": "reminder"}]}}},
        "c.yaml, line 30, at reminders › steps › candidature › entry 1 › offset: -36500 is out of bounds: stay within "
        "3660 days of the due date",
    ),
    "the same offset twice": (
        {"reminders": {"assumption": "a", "steps": {"candidature": [
            {"offset": -7, "letter": "reminder"}, {"offset": -7, "letter": "overdue"}]}}},
        "c.yaml, line 29, at reminders › steps › candidature: two steps have the same offset: give each step its own "
        "offset in days",
    ),
    "a step without a letter": (
        {"reminders": {"assumption": "a", "steps": {"candidature": [{"offset": -7}]}}},
        "c.yaml, line 30, at reminders › steps › candidature › entry 1: «letter» is missing: add letter: …",
    ),
    "an hour that no clock shows": (
        {"reminders": {"assumption": "a", "hour": 24}},
        "c.yaml, line 28, at reminders › hour: 24 is out of bounds: give a whole number from 0 to 23",
    ),
    "days of grace before the day": (
        {"reminders": {"assumption": "a", "grace_days": -1}},
        "c.yaml, line 28, at reminders › grace_days: -1 is out of bounds: give a whole number from 0 to 366",
    ),
    "a letter for an unknown event": (
        {"reminders": {"assumption": "a", "letters": {"birthday": {"to": ["caf"], "letter": "opening"}}}},
        "c.yaml, line 29, at reminders › letters › birthday: no event is called «birthday»: use one of opening, "
        "receipt, decision, extension",
    ),
    "a letter to nobody known": (
        {"reminders": {"assumption": "a", "letters": {"receipt": {"to": "everybody", "letter": "receipt"}}}},
        "c.yaml, line 30, at reminders › letters › receipt › to: «everybody» is not a known word here: use one of "
        "owners, owners_of_missing",
    ),
    "a piece without a source": (
        {"requirements": {"candidature": {"communication": {
            "title": "Plan", "parts": {"document": {"title": "document", "owner": "chef_projet"}}}}}},
        "c.yaml, line 28, at requirements › candidature › communication: has no source: add cite: \"text, place\" or "
        'assumption: "why"',
    ),
    "a piece without a part": (
        {"requirements": {"candidature": {"communication": a_piece(parts={})}}},
        "c.yaml, line 28, at requirements › candidature › communication: «communication» has no part: name at least "
        "one part with its title and owner",
    ),
    "a piece that nobody owes": (
        {"requirements": {"candidature": {"communication": a_piece(parts={"document": {"title": "document"}})}}},
        "c.yaml, line 32, at requirements › candidature › communication › parts › document: «owner» is missing: add "
        "owner: …",
    ),
    "a piece owed by an unknown role": (
        {"requirements": {"candidature": {"communication": a_piece(
            parts={"document": {"title": "document", "owner": "maire"}})}}},
        "c.yaml, line 34, at requirements › candidature › communication › parts › document › owner: no role is called "
        f"«maire»: use one of {ROLES}",
    ),
    "a piece of an unknown deadline": (
        {"requirements": {"bilan": {"communication": a_piece()}}},
        "c.yaml, line 27, at requirements › bilan: no deadline is called «bilan»: use one of action_plan, candidature, "
        "cell_report, convention, convention_end, fund_report",
    ),
    "a piece that another deadline already asks for": (
        {"requirements": {"action_plan": {"diagnostic": a_piece()}}},
        "c.yaml, line 28, at requirements › action_plan › diagnostic: «diagnostic» already belongs to «candidature»: "
        "give the new piece another code",
    ),
    "a condition that is no word of the list": (
        {"requirements": {"candidature": {"communication": a_piece(when="population > 10000")}}},
        "c.yaml, line 35, at requirements › candidature › communication › when: «population > 10000» is not a known "
        "word here: use one of always, asks_extra_means",
    ),
    "two conditions at once": (
        {"requirements": {"candidature": {"communication": a_piece(
            when={"regions": ["32"], "departements": ["61"]})}}},
        "c.yaml, line 35, at requirements › candidature › communication › when: names several conditions: one only",
    ),
    "a tolerance above one half": (
        {"funding": {"imbalance_tolerance": {"value": 10, "assumption": "a"}}},
        "c.yaml, line 28, at funding › imbalance_tolerance › value: 10 is no tolerance: give a number from 0 to 0.5, "
        "or null for no alert",
    ),
    "a tolerance without a source": (
        {"funding": {"imbalance_tolerance": {"value": 0.1}}},
        'c.yaml, line 27, at funding › imbalance_tolerance: has no source: add cite: "text, place" or '
        'assumption: "why"',
    ),
    "a share of the fund that is no amount": (
        {"funding": {"fund_share": {"amount": "quinze mille", "assumption": "a"}}},
        "c.yaml, line 28, at funding › fund_share › amount: 'quinze mille' is not an amount: write euros, such as "
        "15 000",
    ),
    "a share of the fund below zero": (
        {"funding": {"fund_share": {"amount": -15000, "assumption": "a"}}},
        "c.yaml, line 28, at funding › fund_share › amount: -15000 is not an amount: write euros, such as 15 000",
    ),
    "a share of the fund without bounds": (
        {"funding": {"fund_share": {"amount": float("inf"), "assumption": "a"}}},
        "c.yaml, line 28, at funding › fund_share › amount: inf is not an amount: write euros, such as 15 000",
    ),
    "an unknown funder": (
        {"funding": {"local": {"funders": ["europe"], "assumption": "a"}}},
        "c.yaml, line 29, at funding › local › funders › entry 1: «europe» is not a known word here: use one of ville, "
        "education, etat_autre, commune, intercommunalite, departement, region, caf, autre_public, prive",
    ),
    "an unknown role's title": (
        {"roles": {"maire": {"title": "maire", "assumption": "a"}}},
        f"c.yaml, line 27, at roles › maire: no role is called «maire»: use one of {ROLES}",
    ),
    "an unknown choice for recommended": (
        {"requirements": {"candidature": {"saisine-caf": {"recommended": "oui", "assumption": "a"}}}},
        "c.yaml, line 29, at requirements › candidature › saisine-caf › recommended: 'oui' is neither true nor false: "
        "write true or false",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", OVERRIDES)
def test_a_wrong_override_is_refused_with_its_place_and_cure(kind: str) -> None:
    changes, message = OVERRIDES[kind]
    with pytest.raises(ProgrammeRefused) as refusal:
        load_campaign(a_campaign_file(**changes), name="c.yaml")
    assert str(refusal.value) == message


def read_or_refused(document: str) -> str:
    """The refusal of a file, or the name under which it was read."""
    try:
        load_campaign(document, name="2021.yaml")
    except ProgrammeRefused as refusal:
        return str(refusal)
    return "2021.yaml"


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.dates() | st.text(max_size=6)
    | st.sampled_from(["candidature", "-7", "2021-02-30", "chef_de_file", "vade-mecum-2020", "opening"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["date", "since", "occurrences", "cite", "assumption", "steps", "candidature", "value",
                         "amount", "offset", "letter", "to", "parts", "owner", "title", "when", "regions", "2021"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@PROPERTY
@given(
    key=st.sampled_from([*CAMPAIGN_2021, "texts", "requirements", "reminders", "funding", "roles", "tables"]), odd=ODD
)
def test_whatever_a_key_holds_the_file_is_read_or_refused_in_words(key: str, odd: Any) -> None:
    document = yaml.safe_dump({**CAMPAIGN_2021, key: odd}, allow_unicode=True)
    assert read_or_refused(document).startswith("2021.yaml")


@PROPERTY
@given(name=st.sampled_from(list(CAMPAIGN_2021["deadlines"])), odd=ODD)
def test_whatever_a_deadline_holds_the_file_is_read_or_refused_in_words(name: str, odd: Any) -> None:
    document = a_campaign_file(deadlines={**CAMPAIGN_2021["deadlines"], name: odd or {}})
    assert read_or_refused(document).startswith("2021.yaml")


@PROPERTY
@given(document=st.text(alphabet="campaign: 2021\n-[]{}&*!?|>'\"%@`#,é\t", max_size=60))
def test_any_text_is_read_or_refused_in_words(document: str) -> None:
    with pytest.raises(ProgrammeRefused) as refusal:
        load_campaign(document, name="2021.yaml")
    assert str(refusal.value).startswith("2021.yaml")
