"""Do the changes that the coordination makes need nothing but data?

Each one is made here exactly as `models/programme/README.md` writes it: its YAML is read from that page.
"""

import re
from datetime import date
from pathlib import Path

import pytest

from models.rules.campaign_file import load_campaign
from models.rules.completeness import findings
from models.rules.mandates import mandate_findings
from models.rules.planning import plan
from models.rules.programme import Programme
from models.rules.yaml_files import PROGRAMME
from notifications.facts import Letter, Section
from notifications.render import LetterRefused, letters, render
from tasks.sections import section
from tests.builders import a_dossier, a_recipient, an_instant, notices_at

README = (PROGRAMME / "README.md").read_text(encoding="utf-8")
BEFORE = """\
campaign: "2021"
title: Extension 2021
edition: vade-mecum-2020
opens: 2020-10-15
assumption: "le texte dit octobre"
deadlines:
  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}
  action_plan: {date: 2021-05-15, cite: "vade-mecum-2020, partie 1"}
"""


def written(heading: str, kind: str = "yaml") -> str:
    """The block of this kind under this heading of the page."""
    chapter = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return str(re.findall(rf"```{kind}\n(.*?)```", chapter, re.DOTALL)[0])


def with_more(more: str) -> Programme:
    return load_campaign(BEFORE + more, name="2021.yaml")


def days(programme: Programme, start: date, end: date, *, role: str = "chef_de_file") -> list[tuple[str, str, str]]:
    """What leaves to this role, as (day, step, letter)."""
    found = plan(programme, a_dossier(), [a_recipient(role)], {}, start=start, end=end)
    return [(notice.day.isoformat(), notice.key.step, notice.letter) for _, notice in found]


def test_a_moved_date_is_a_second_entry() -> None:
    entry = written("Déplacer une date pour tout le monde")
    after = load_campaign(
        BEFORE.replace('  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}\n', entry),
        name="2021.yaml",
    )
    window = date(2021, 2, 1), date(2021, 3, 23)
    assert days(load_campaign(BEFORE, name="2021.yaml"), *window) == [
        ("2021-02-01", "-30", "reminder_early"),
        ("2021-02-12", "-15", "reminder_near"),
        ("2021-02-19", "-7", "reminder_near"),
        ("2021-02-26", "-2", "reminder_last_days"),
        ("2021-03-01", "1", "overdue"),
        ("2021-03-08", "7", "escalation"),
    ]
    assert days(after, *window) == [
        ("2021-02-01", "-30", "reminder_early"),
        ("2021-02-12", "-30", "reminder_early"),
        ("2021-02-26", "-15", "reminder_near"),
        ("2021-03-08", "-7", "reminder_near"),
        ("2021-03-12", "-2", "reminder_last_days"),
        ("2021-03-16", "1", "overdue"),
        ("2021-03-22", "7", "escalation"),
    ]


def test_a_letter_that_is_marked_waits_for_its_release() -> None:
    after = with_more(written("Relire une lettre avant qu’elle parte"))
    steps = [("candidature", "decision"), ("candidature", "7"), ("candidature", "-7"), ("candidature", "receipt")]
    assert [after.holds(*step) for step in steps] == [True, True, False, False]
    assert not load_campaign(BEFORE, name="2021.yaml").holds("candidature", "decision")


def test_a_new_piece_is_a_requirement_with_its_owner() -> None:
    after = with_more(written("Demander une pièce de plus"))
    at = an_instant("2021-02-12 09:00")
    before = load_campaign(BEFORE, name="2021.yaml")
    north, orne = a_dossier(departement="59", received=["candidature"]), a_dossier(received=["candidature"])
    assert [each.name for each in findings(before, north, "candidature", at) if each.required] == []
    assert [(each.name, each.owner.value) for each in findings(after, north, "candidature", at) if each.required] == [
        ("plan-communication/document", "chef_projet")
    ]
    assert [each.name for each in findings(after, orne, "candidature", at) if each.required] == []
    [notice] = notices_at(after, north, "candidature", "2021-02-12 09:00", recipients=[a_recipient("chef_projet")])
    assert [each.name for each in notice.owes()] == ["plan-communication/document"]


def test_a_territory_may_ask_for_the_cell() -> None:  # E036, E252
    after = with_more(written("Demander la cellule à un territoire"))
    label = [("2021-03-26", "labellise")]
    asking, north = a_dossier(decisions=label), a_dossier(code="lille", departement="59", decisions=label)
    window: dict[str, date] = {"start": date(2021, 10, 1), "end": date(2022, 4, 30)}
    sent = plan(after, asking, [a_recipient("prefet")], {}, **window)
    assert [
        (notice.day.isoformat(), notice.obligation, notice.key.step, [each.name for each in notice.owes()])
        for _, notice in sent
    ] == [
        (day, "cell_report:2021", step, ["indicateurs-cellule/series", "indicateurs-cellule/point-etape"])
        for day, step in (
            ("2022-01-28", "-60"), ("2022-03-01", "-30"), ("2022-03-24", "-7"), ("2022-04-01", "1"),
            ("2022-04-15", "15"),
        )
    ]  # fmt: skip
    assert list(plan(after, north, [a_recipient("prefet")], {}, **window)) == []
    at = an_instant("2021-02-12 09:00")
    cell = [[each.name for each in findings(after, dossier, "candidature", at) if "cellule" in each.name]
            for dossier in (asking, north)]  # fmt: skip
    assert cell == [["cellule-evitement/protocole", "cellule-evitement/charte"], []]


def test_a_new_cadence_is_a_list_of_steps() -> None:
    after = with_more(written("Changer une cadence"))
    assert days(after, date(2020, 11, 1), date(2021, 3, 31)) == [
        ("2021-01-29", "-30", "reminder"),
        ("2021-02-18", "-10", "reminder"),
        ("2021-03-03", "3", "overdue"),
    ]
    assert days(after, date(2020, 11, 1), date(2021, 3, 31), role="coordination") == [("2021-03-03", "3", "overdue")]
    assert (after.hour, after.grace_days) == (8, 5)
    assert [step.offset for step in after.deadlines["action_plan"].steps] == [-45, -30, -15, -7, -2, 1, 7]


def test_a_new_campaign_is_a_file_and_may_bring_a_deadline_of_its_own() -> None:
    after = load_campaign(written("Ouvrir une campagne"), name="2022.yaml")
    assert after.obligation_names() == (
        "candidature", "action_plan", "fund_report:2022", "fund_report:2023", "convention", "revue_mi_parcours",
        "convention_end",
    )  # fmt: skip
    assert [each.name for each in after.watched_by("revue-mi-parcours")] == ["revue_mi_parcours"]
    labelled = a_dossier(decisions=[("2022-04-01", "labellise")])
    sent = plan(after, labelled, [a_recipient("chef_projet")], {}, start=date(2023, 5, 1), end=date(2023, 7, 31))
    assert [
        (notice.day.isoformat(), notice.obligation, notice.key.step, [each.name for each in notice.owes()])
        for _, notice in sent
    ] == [
        ("2023-05-31", "revue_mi_parcours", "-30", ["note-mi-parcours/document"]),
        ("2023-07-03", "revue_mi_parcours", "1", ["note-mi-parcours/document"]),
    ]


def test_a_new_letter_is_a_folder_and_its_name_in_a_step(tmp_path: Path) -> None:
    chapter = "Écrire une lettre nouvelle"
    after = with_more(written(chapter))
    folder = tmp_path / "dernier_appel"
    folder.mkdir()
    for file in ("subject.txt.j2", "body.txt.j2", "body.html.j2"):
        heading = f"`{file}`\n\n```jinja\n"
        text = README.split(heading)[1].split("```")[0]
        (folder / file).write_text(text, encoding="utf-8")
    (tmp_path / "layout").symlink_to(Path(render.__code__.co_filename).parent / "templates" / "layout")

    dossier = a_dossier(received=["candidature"], departement="61")
    missing = a_dossier(received=["diagnostic"], departement="61")
    assert notices_at(after, dossier, "candidature", "2021-02-26 09:00") == []
    [notice] = notices_at(after, missing, "candidature", "2021-02-26 09:00", recipients=[a_recipient("chef_de_file")])
    assert (notice.key.step, notice.letter) == ("-2", "dernier_appel")
    at = an_instant("2021-02-26 09:00")
    letter = Letter(
        address="mairie@alencon.test",
        name="Mairie d’Alençon",
        roles=("chef_de_file",),
        zone="Europe/Paris",
        campaign=after.title,
        decided_at=at,
        sections=(Section.from_json({"occasion": {}} | section(after, missing, notice)),),
    )
    mail = render(letter, at=at, answer_to="coordination@cites.test", templates=tmp_path)
    assert letters(tmp_path) == ("dernier_appel",)
    assert mail.subject.replace("\u00a0", " ").replace("\u202f", " ") == (
        "Alencon : dernier appel avant le dimanche 28 février 2021"
    )
    assert "Il manque encore 13 pièces" in mail.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Il manque encore 13 pièces" in mail.html.replace("\u00a0", " ").replace("\u202f", " ")
    with pytest.raises(LetterRefused):
        render(letter, at=at, answer_to="coordination@cites.test")


def test_a_criterion_and_a_mandate_more_are_a_campaign_s_own() -> None:
    before = load_campaign(BEFORE, name="2021.yaml")
    after = with_more(written("Ajouter un critère de lecture ou un mandat"))
    assert list(after.grid.criteria) == [*before.grid.criteria, "numerique"]
    assert (after.grid.appreciations, after.grid.instances) == (before.grid.appreciations, before.grid.instances)
    dossier = a_dossier(decisions=[("2021-03-26", "labellise")])
    asked = [each.mandate for each in mandate_findings(after, dossier, (), {}, date(2021, 4, 1))]
    assert asked == [*before.governance.kinds, "referent_sante"]


def test_every_change_of_the_page_is_made_above() -> None:
    headings = re.findall(r"^## (.*)$", README, re.MULTILINE)
    assert [heading for heading in headings if "```yaml" in README.split(f"\n## {heading}\n")[1].split("\n## ")[0]] == [
        "Déplacer une date pour tout le monde",
        "Demander une pièce de plus",
        "Demander la cellule à un territoire",
        "Changer une cadence",
        "Ajouter un critère de lecture ou un mandat",
        "Relire une lettre avant qu’elle parte",
        "Ouvrir une campagne",
        "Écrire une lettre nouvelle",
    ]
