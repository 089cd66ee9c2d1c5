"""Is a new campaign's file written so that it loads, says where each date comes from, and is seen before it opens?"""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from deployments.cli import main
from models.rules.campaign_file import load_campaign
from models.rules.yaml_files import ProgrammeRefused
from tasks.campaign_files import Draft, Model, campaign_file, write_campaign_file
from tasks.campaign_preview import preview_file, preview_text
from tasks.campaigns import open_campaign_file
from tests.builders import PROPERTY, a_campaign_file

AT = datetime(2021, 9, 1, 8, tzinfo=UTC)
OPENS = date(2021, 10, 15)
TERRITORIES = """code;nom;communes;departement;region
douai;Douai;59178;59;32
strasbourg;Strasbourg;67482;67;44
saint-denis-974;Saint-Denis;97411;974;04
"""
CONTACTS = """role;perimetre;nom;courriel
chef_de_file;douai;Mairie;mairie@douai.test
chef_projet;douai;Chef de projet;projet@douai.test
prefet;departement:59;Préfecture;prefet@nord.test
chef_de_file;saint-denis-974;Mairie;mairie@saint-denis.test
"""


def the_2021_campaign(**changes: object) -> Model:
    document = a_campaign_file(**changes)
    return Model(programme=load_campaign(document, name="2021"), document=document)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "territoires.csv").write_text(TERRITORIES, encoding="utf-8")
    (folder / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    return folder


def days_of(text: str) -> dict[str, str]:
    """Each obligation's date and where it comes from, as the file says when it is loaded."""
    programme = load_campaign(text, name="prepared")
    return {
        f"{deadline.name}:{year}" if year else deadline.name: f"{dates[-1].date}, {dates[-1].citation.words()}"
        for deadline in programme.deadlines.values()
        for year, dates in deadline.occurrences.items()
    }


# The file


def test_dates_that_are_not_given_are_those_of_another_campaign_moved_by_whole_years_and_said_to_be_assumed() -> None:
    draft = Draft(
        code="2022", title="Vague 2022", opens=OPENS, days={"candidature": date(2022, 2, 25)},
        cite="note-2021-09-01, page 1",
    )  # fmt: skip
    text = campaign_file(draft, the_2021_campaign())
    guess = "hypothèse : déduite de la campagne 2021, décalée d’un an ; à confirmer"
    assert days_of(text) == {
        "candidature": "2022-02-25, note-2021-09-01, page 1",
        "action_plan": f"2022-05-15, {guess}",
        "convention": f"2022-06-30, {guess}",
        "fund_report:2022": f"2023-03-31, {guess}",
        "fund_report:2023": f"2024-03-31, {guess}",
        "fund_report:2024": f"2025-03-31, {guess}",
    }
    programme = load_campaign(text, name="prepared")
    assert (programme.code, programme.opens, programme.convention) == (
        "2022", OPENS, (date(2022, 1, 1), date(2024, 12, 31)),
    )  # fmt: skip
    assert "  action_plan:  # Programme d’action : dimanche 15 mai 2022\n" in text


def test_without_another_campaign_a_deadline_that_nobody_dates_is_said_to_be_absent() -> None:
    text = campaign_file(Draft(code="2022", title="Vague", opens=OPENS, days={"candidature": date(2022, 2, 25)}))
    assert list(days_of(text)) == ["candidature"]
    assert "  # action_plan (Programme d’action) : sans date, donc absente de cette campagne\n" in text


def test_the_last_day_of_february_is_found_in_a_year_that_has_none() -> None:
    cite = "vade-mecum-2020, partie 1"
    model = the_2021_campaign(
        opens=date(2019, 10, 15), deadlines={"candidature": {"date": date(2020, 2, 29), "cite": cite}}
    )
    text = campaign_file(Draft(code="2021b", title="Vague", opens=date(2020, 10, 15)), model)
    assert days_of(text)["candidature"].startswith("2021-02-28, hypothèse")


def test_what_the_other_campaign_overrides_and_adds_is_taken_over_with_its_sources() -> None:
    why = {"assumption": "essai"}
    survey = {"title": "Enquête", "armed_by": "opening", "date": date(2021, 3, 31), **why}
    part = {"document": {"title": "document", "owner": "prefet"}}
    model = the_2021_campaign(
        deadlines={"survey": survey},
        reminders={**why, "steps": {"survey": [{"offset": -30, "copies": [], "letter": "reminder"}]}, "grace_days": 5},
        requirements={"survey": {"reponses": {"title": "Réponses", "parts": part, **why}}},
    )
    programme = load_campaign(campaign_file(Draft(code="2022", title="Vague", opens=OPENS), model), name="prepared")
    assert programme.deadlines["survey"].occurrences[""][0].date == date(2022, 3, 31)
    assert programme.grace_days == 5
    assert [each.code for each in programme.requirements_of("survey")] == ["reponses"]


def test_a_deadline_that_nobody_knows_is_refused_with_the_known_ones() -> None:
    draft = Draft(code="2022", title="Vague", opens=OPENS, days={"enquete": date(2022, 2, 25)})
    with pytest.raises(
        ProgrammeRefused, match="no deadline is called «enquete»: choose among candidature, action_plan"
    ):
        campaign_file(draft)


def test_dates_that_contradict_one_another_are_refused_before_anything_is_written() -> None:
    draft = Draft(code="2022", title="Vague", opens=OPENS, days={"candidature": date(2021, 9, 1)})
    with pytest.raises(ProgrammeRefused, match="before the campaign opens"):
        campaign_file(draft)


def test_a_file_that_is_there_is_somebody_s_work(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("relu", encoding="utf-8")
    with pytest.raises(ProgrammeRefused, match="is there already"):
        write_campaign_file("neuf", tmp_path / "c.yaml")
    assert (tmp_path / "c.yaml").read_text(encoding="utf-8") == "relu"


@PROPERTY
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=60))
def test_any_title_that_people_type_is_the_title_that_loads(title: str) -> None:
    if not title.strip():
        return
    text = campaign_file(Draft(code="2022", title=title, opens=OPENS, days={"candidature": date(2022, 2, 25)}))
    assert " ".join(load_campaign(text, name="prepared").title.split()) == " ".join(title.split())


# The preview


def test_a_preview_shows_days_by_calendar_and_letters_by_step(tables: Path) -> None:
    found = preview_text(a_campaign_file(), at=AT, tables=[tables])
    assert (found["territories"], found["labels_supposed_on"], found["opening"]) == (
        3, "2021-03-01", {"notices": 3, "letters": 3},
    )  # fmt: skip
    candidature, action_plan = found["deadlines"][:2]
    assert candidature["steps"][3] == {
        "step": -7,
        "copies": ["prefet", "dasen"],
        "days": {"Hexagone": "2021-02-19", "Alsace-Moselle": "2021-02-19", "La Réunion": "2021-02-19"},
        "notices": 3,
        "letters": 3,
    }
    assert (action_plan["title"], action_plan["due"], action_plan["source"]) == (
        "Programme d’action", "2021-05-15", "Vade-mecum d’octobre 2020, partie 1",
    )  # fmt: skip
    assert [step["letters"] for step in action_plan["steps"]] == [3, 3, 3, 4, 4, 4, 4]
    assert {"deadline": "candidature", "role": "DASEN", "territories": 3} in found["nobody"]
    assert "le texte dit octobre" in found["assumptions"]


def test_alsace_and_moselle_keep_good_friday(tables: Path) -> None:
    document = a_campaign_file(deadlines={"action_plan": {"date": date(2022, 5, 15), "assumption": "essai"}})
    days = preview_text(document, at=AT, tables=[tables])["deadlines"][1]["steps"][1]["days"]
    assert days == {"Hexagone": "2022-04-15", "Alsace-Moselle": "2022-04-14", "La Réunion": "2022-04-15"}


def test_a_preview_lists_every_instant_that_an_opening_plans(tables: Path, sqlite_url: str) -> None:
    from tasks.campaigns import open_campaign
    from tasks.planning import moments

    found = preview_text(a_campaign_file(), at=AT, tables=[tables])
    open_campaign(a_campaign_file(), name="c", at=AT, author="essai", tables=[tables], url=sqlite_url)
    planned = moments("2021", None, datetime(2020, 1, 1, tzinfo=UTC), sqlite_url)
    assert [(each["at"], each["label"]) for each in found["instants"]] == [
        (each.at.isoformat(), each.label) for each in planned
    ]
    assert len(planned) > 20


def test_a_preview_without_tables_shows_the_calendar_alone() -> None:
    found = preview_text(a_campaign_file(), at=AT)
    assert (found["territories"], found["instants"], found["nobody"]) == (0, [], [])
    assert found["deadlines"][0]["steps"][0]["days"] == {"Hexagone": "2020-12-30", "Alsace-Moselle": "2020-12-30"}


def test_a_preview_reads_the_tables_that_the_file_names(tables: Path) -> None:
    (tables.parent / "c.yaml").write_text(a_campaign_file(tables="tables/"), encoding="utf-8")
    assert preview_file(tables.parent / "c.yaml", at=AT)["territories"] == 3


def test_from_a_terminal_a_campaign_is_prepared_then_seen_and_nothing_is_opened(tables: Path, tmp_path: Path) -> None:
    def cites(*words: str) -> str:
        ended = CliRunner().invoke(main, ["campaign", *words])
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    like, to = tmp_path / "2021.yaml", tmp_path / "2022.yaml"
    like.write_text(a_campaign_file(), encoding="utf-8")
    cites("new", "--code", "2022", "--title", "Vague 2022", "--opens", "2021-10-15", "--candidature", "2022-02-25",
          "--date", "fund_report:2022=2023-03-31", "--like", str(like), "--to", str(to))  # fmt: skip
    seen = ("preview", str(to), "--tables", str(tables))
    assert "candidature 2022-02-25 -7 2022-02-18 2022-02-18 2022-02-18 3 3" in " ".join(cites(*seen).split())
    page = cites(*seen, "--format", "html")
    assert '<html lang="fr">' in page
    assert "Candidature : vendredi 25 février 2022".replace(" :", "\u00a0:") in page.replace("25\u00a0", "25 ")
    assert [each["deadline"] for each in json.loads(cites(*seen, "--format", "json"))["deadlines"]] == [
        "candidature", "action_plan", "fund_report:2022", "convention",
    ]  # fmt: skip
    assert not (tmp_path / "var").exists()
    refused = CliRunner().invoke(main, ["campaign", "new", "--code", "2022", "--title", "x", "--opens", "2021-10-15",
                                        "--date", "candidature", "--to", str(to)])  # fmt: skip
    assert (refused.exit_code, "write fund_report:2022=2023-03-31" in refused.output) == (2, True)


def test_a_letter_that_nobody_has_written_refuses_the_file_before_it_opens(tmp_path: Path) -> None:
    file = tmp_path / "campagne.yaml"
    steps = {"candidature": [{"offset": -30, "copies": [], "letter": "dernier_apel"}]}
    file.write_text(a_campaign_file(reminders={"assumption": "essai", "steps": steps}), encoding="utf-8")
    with pytest.raises(ProgrammeRefused, match=r"line \d+: no letter is called «dernier_apel»: use one of .*reminder"):
        open_campaign_file(file, at=AT, author="essai", url=f"sqlite:///{tmp_path / 'cites.db'}")
    assert not (tmp_path / "cites.db").exists()
