"""Are mandates personal and dated, is a change of holder seen, and is only who blocks reminded?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from models.event_tables import Event
from models.rules.blockers import blockers
from models.rules.mandates import MandateFact, Person, mandate_findings
from models.rules.reminders import due
from models.tables import Notice
from models.words import NoticeStatus, Role
from tasks.blockers import who_blocks, without_persons
from tasks.database import reading
from tasks.delivery import deliver
from tasks.follow_up_artifacts import blockers_report, governance_report
from tasks.governance import governance
from tasks.intake import take_in
from tasks.settings import settings
from tests.builders import PROPERTY, a_dossier, a_piece, a_programme, an_instant, recipients_of
from tests.prefect_builders import J_7, a_small_campaign, letters
from tests.test_cli import cites
from tests.test_passes import a_pass

DAY = date(2022, 3, 1)
LABELLED = a_dossier(decisions=[("2021-03-26", "labellise")])
MAUD = Person(name="Maud Delattre, cité éducative d’Alençon", email="chef-de-projet@alencon.test")


def a_mandate(kind: str = "chef_projet", **changes: Any) -> MandateFact:
    given = {"referent_education": "education_nationale", "referent_prefecture": "prefecture",
             "referent_collectivite": "commune", "chef_projet": "etat collectivite"}  # fmt: skip
    sound = MandateFact(
        mandate=kind, holder="Maud Delattre", first_day=date(2021, 4, 12), email="chef-de-projet@alencon.test",
        given_by=tuple(given[kind].split()),
    )  # fmt: skip
    return replace(sound, **changes)


OTHERS = (a_mandate("referent_education"), a_mandate("referent_prefecture"), a_mandate("referent_collectivite"))


def codes(
    *mandates: MandateFact, contacts: Mapping[Role, Sequence[Person]] | None = None, day: date = DAY, **changes: Any
) -> list[tuple[str, str]]:
    """The findings about these mandates beside three sound ones, as (code, mandate)."""
    dossier = changes.get("dossier", LABELLED)
    found = mandate_findings(a_programme(), dossier, (*OTHERS, *mandates), contacts or {}, day)
    return [(each.code, each.mandate) for each in found]


# The rules


def test_a_cite_with_its_four_mandates_has_nothing_to_see_to() -> None:
    assert codes(a_mandate(), contacts={Role.CHEF_PROJET: [MAUD]}) == []


def test_mandates_are_asked_for_from_the_label_to_the_end_of_the_convention() -> None:
    over = a_dossier(decisions=[("2021-03-26", "labellise")], conventions=[("2021-01-01", "2023-12-31", "2021-06-11")])
    absent = [("mandate_absent", "chef_projet")]
    assert codes(day=date(2021, 3, 25)) == []
    assert codes(day=date(2021, 4, 12)) == absent
    assert codes(dossier=over, day=date(2023, 12, 31)) == absent
    assert codes(dossier=over, day=date(2024, 1, 1)) == []
    assert codes(dossier=a_dossier(withdrawals=["2021-02-12"])) == []


def test_an_absent_mandate_is_told_apart_from_one_that_has_ended() -> None:
    to_come = a_mandate(first_day=date(2022, 3, 2))
    ended = a_mandate(last_day=date(2022, 2, 28))
    assert codes(to_come) == [("mandate_absent", "chef_projet")]
    assert codes(ended) == [("mandate_ended", "chef_projet")]
    assert codes(ended, to_come) == [("mandate_ended", "chef_projet")]
    assert codes(replace(ended, last_day=DAY)) == []  # the last day is included


def test_a_successor_has_a_mandate_of_their_own_and_two_at_once_are_seen() -> None:
    first = a_mandate(holder="Étienne Caudron", last_day=date(2022, 2, 28))
    assert codes(first, a_mandate(first_day=date(2022, 3, 1))) == []
    assert codes(replace(first, last_day=None), a_mandate()) == [("several_holders", "chef_projet")]


@pytest.mark.parametrize(
    ("contact", "seen"),
    [
        (MAUD, False),
        (Person(name="Mme Delattre Maud", email="autre@alencon.test"), False),
        (Person(name="Équipe de projet", email="CHEF-DE-PROJET@alencon.test"), False),
        (Person(name="", email="chef-de-projet@alencon.test"), False),
        (Person(name="Équipe de projet", email="equipe@alencon.test"), True),
        (Person(name="M. Loïc Wendling", email="chef-de-projet@alencon.test"), True),
        (Person(name="Loïc Wendling, cité éducative", email="loic@alencon.test"), True),
    ],
)
def test_a_contact_who_is_not_the_holder_asks_for_a_new_mandate(contact: Person, seen: bool) -> None:
    expected = [("holder_changed", "chef_projet")] if seen else []
    assert codes(a_mandate(), contacts={Role.CHEF_PROJET: [contact]}) == expected


@pytest.mark.parametrize(
    ("given_by", "lacking"),
    [
        ("etat collectivite", ""),
        ("prefecture commune", ""),
        ("education_nationale intercommunalite", ""),
        ("commune", "État"),
        ("prefecture education_nationale", "collectivité"),
        ("", "État, collectivité"),
    ],
)
def test_the_project_manager_is_mandated_by_the_state_and_by_the_local_authority(given_by: str, lacking: str) -> None:
    mandate = a_mandate(given_by=tuple(given_by.split()))
    found = mandate_findings(a_programme(), LABELLED, (*OTHERS, mandate), {}, DAY)
    assert [each.code for each in found] == (["not_co_mandated"] if lacking else [])
    assert all(f"n’est pas donné par : {lacking} ;" in each.text for each in found)


def test_a_referent_is_mandated_by_their_own_institution() -> None:
    stranger = a_mandate("referent_education", given_by=("commune",))
    found = mandate_findings(a_programme(), LABELLED, (stranger, *OTHERS[1:], a_mandate()), {}, DAY)
    assert [(each.code, each.mandate) for each in found] == [("giver_missing", "referent_education")]


def test_a_cite_has_one_lead_principal_and_one_project_manager() -> None:
    two = [MAUD, Person(name="Équipe de projet", email="chef-de-projet@alencon.test")]
    assert codes(a_mandate(), contacts={Role.CHEF_PROJET: two}) == [("more_than_one", "chef_projet")]
    referents = [Person(name="Service jeunesse", email="chef-de-projet@alencon.test")] * 2
    assert codes(a_mandate(), contacts={Role.REFERENT_COLLECTIVITE: referents}) == []


PARTS = [
    f"{requirement.code}/{part.code}"
    for requirement in a_programme().requirements_of("candidature")
    for part in requirement.parts
]


@PROPERTY
@given(st.sets(st.sampled_from(PARTS)))
def test_who_blocks_is_exactly_who_a_step_reminds_besides_its_copies(given_parts: set[str]) -> None:
    programme, dossier = a_programme(), a_dossier(pieces=[a_piece(each, "2021-01-04 10:00") for each in given_parts])
    at = an_instant("2021-02-19 09:00")
    told = due(programme, dossier, "candidature", recipients_of(), set(), at).due
    reminded = {notice.recipient.role for notice in told if not notice.copy}
    assert {each.role for each in blockers(programme, dossier, at)} == reminded
    assert {notice.recipient.role for notice in told if notice.copy} <= {Role.PREFET, Role.DASEN}


def test_nobody_blocks_what_is_decided_not_armed_or_given_up() -> None:
    at = an_instant("2021-04-01 09:00")
    assert {each.obligation for each in blockers(a_programme(), a_dossier(), at)} == {"candidature"}
    labelled = list(blockers(a_programme(), LABELLED, at))
    assert {(each.obligation, each.to_come) for each in labelled} == {
        ("action_plan", False), ("convention", True), ("fund_report:2021", True), ("fund_report:2022", True),
        ("fund_report:2023", True),
    }  # fmt: skip
    assert list(blockers(a_programme(), a_dossier(withdrawals=["2021-02-12"]), at)) == []


# A campaign


@pytest.fixture
def campaign(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    code = a_small_campaign(tmp_path)
    bring(
        tmp_path,
        pieces="territoire;piece;statut;date\n"
        + "".join(
            f"douai;{each.code};recue;2021-02-01\n"
            for each in a_programme().requirements_of("candidature")
            if each.code != "demande-labellisation"
        )
        + "lens;diagnostic;recue;2021-02-01\n",
    )
    bring(
        tmp_path,
        pieces="territoire;piece;parties;statut;date\ndouai;demande-labellisation;visa-dasen;recue;2021-02-02\n",
    )
    return code


def told_of(code: str) -> list[dict[str, Any]]:
    with reading() as session:
        facts = session.exec(select(Notice.facts).where(Notice.status == NoticeStatus.SENT)).all()
    return [each for each in facts if each["territory"] == code]


def bring(folder: Path, **tables: str) -> Any:
    paths = []
    for name, text in tables.items():
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    return take_in(paths, campaign="2021", at=datetime(2021, 2, 3, tzinfo=UTC), author="Mme Roy")


def test_only_the_prefect_who_has_not_signed_is_reminded_and_the_step_s_copies_read_along(campaign: str) -> None:
    before = who_blocks(campaign, J_7, "douai")["blockers"]
    assert [(each["role"], each["owes"], each["days_left"], each["asked_since"]) for each in before] == [
        ("prefet", ["demande-labellisation/visa-prefet"], 9, None)
    ]
    assert before[0]["persons"] == [{"name": "Préfecture", "address": "prefet@nord.test"}]
    a_pass(campaign, J_7)
    deliver.fn(J_7, "essai", J_7)
    sent = [message_from_bytes(each.read_bytes()) for each in letters()]
    to = {parseaddr(letter["To"])[1] for letter in sent}
    assert {each for each in to if "nord" in each or "douai" in each} == {"prefet@nord.test", "dasen@nord.test"}
    roles = {notice["role"]: notice["copy"] for notice in told_of("douai")}
    assert roles == {"prefet": False, "dasen": True}  # the DASEN reads along at J-7
    [after] = who_blocks(campaign, J_7, "douai")["blockers"]
    assert (after["asked_since"], after["last_reminder"]) == ("2021-02-19", {"day": "2021-02-19", "step": "-7"})


def test_a_blocker_without_a_contact_is_named_all_the_same(campaign: str) -> None:
    lens = {each["role"]: each["persons"] for each in who_blocks(campaign, J_7, "lens")["blockers"]}
    assert lens["chef_de_file"] == []
    said = blockers_report(without_persons(who_blocks(campaign, J_7))).replace("\\", "")
    assert "| Lens | chef de file, aucun contact | 13 | aucune | pas encore | État des lieux" in said


def test_the_report_of_who_blocks_begins_with_each_role_in_one_line(campaign: str) -> None:
    said = blockers_report(without_persons(who_blocks(campaign, J_7))).replace("\\", "")
    assert (
        said.split("## ")[1]
        == """\
En bref

| Qui | Territoires | Pièces | Pièces en retard | Sans contact |
| --- | --- | --- | --- | --- |
| chef de file (commune ou intercommunalité) | 2 | 30 | 0 | 1 |
| préfet de département | 3 | 7 | 0 | 1 |
| DASEN | 2 | 4 | 0 | 1 |

"""
    )
    assert "## Candidature, 28 février 2021 : il reste 9 jours" in said


def test_the_report_of_who_blocks_holds_no_address_and_the_terminal_does(campaign: str) -> None:
    said = blockers_report(without_persons(who_blocks(campaign, J_7)))
    assert "préfet de département" in said
    assert "@" not in said
    at = ("--at", J_7.isoformat())
    assert "prefet@nord.test" in cites("blockers", "--campaign", campaign, *at, "--territory", "douai").stdout
    whole = json.loads(cites("blockers", "--campaign", campaign, *at, "--format", "json").stdout)
    assert {each["territory"] for each in whole["blockers"]} == {"douai", "lens", "saint-denis-974"}
    assert [each["due"] for each in whole["blockers"]] == sorted(each["due"] for each in whole["blockers"])


MANDATES = """territoire;mandat;titulaire;courriel;debut;fin;mandants;reference
douai;Référent de l’éducation nationale;Sylvie Carlier;college@douai.test;2021-04-12;;éducation nationale;LM-1
douai;referent_prefecture;Awa Escaffit;;2021-04-12;;préfecture;LM-2
douai;referent_collectivite;Noé Lambolez;;2021-04-12;;commune;LM-3
douai;chef_projet;Maud Delattre;;2021-04-12;;État et commune;LM-4
"""
LABEL = "territoire;decision;date\ndouai;labellise;2021-03-26\n"


def test_a_change_of_holder_is_seen_until_a_new_mandate_says_so(campaign: str, tmp_path: Path) -> None:
    contact = "role;perimetre;nom;courriel\nchef_projet;douai;{};chef-de-projet@douai.test\n"
    assert bring(tmp_path, decisions=LABEL, mandats=MANDATES, contacts=contact.format("Maud Delattre")).faults == ()
    at = datetime(2022, 9, 5, 9, 0, tzinfo=UTC)
    assert governance(campaign, at)["counts"] == {}
    bring(tmp_path, contacts=contact.format("Hugo Péchenard"))
    [douai] = governance(campaign, at)["territories"]
    [finding] = douai["findings"]
    assert (finding["code"], finding["holders"]) == ("holder_changed", ["Maud Delattre"])
    said = governance_report(governance(campaign, at))
    assert "celle qui a le mandat depuis le 12/04/2021" in said
    assert "Delattre" not in said  # a report names functions, not persons
    changed = MANDATES.replace("Maud Delattre;;2021-04-12;;", "Maud Delattre;;2021-04-12;2022-08-31;")
    succession = "douai;chef_projet;Hugo Péchenard;;2022-09-01;;État et commune;LM-5\n"
    report = bring(tmp_path, mandats=changed + succession)
    assert (report.added["mandats"], report.corrected["mandats"]) == (1, 1)
    [douai] = governance(campaign, at)["territories"]
    assert douai["findings"] == []
    held = [(each["holder"], each["first_day"], each["last_day"]) for each in douai["mandates"]][-2:]
    assert held == [("Maud Delattre", "2021-04-12", "2022-08-31"), ("Hugo Péchenard", "2022-09-01", None)]
    with reading() as session:
        events = session.exec(select(Event).where(Event.subject == "mandats").order_by(Event.id)).all()
        told = [(each.action, each.author) for each in events]
    assert told == [("added", "Mme Roy")] * 4 + [("added", "Mme Roy"), ("corrected", "Mme Roy")]


def test_a_wrong_mandate_is_refused_with_its_cure(campaign: str, tmp_path: Path) -> None:
    head = "territoire;mandat;titulaire;debut;fin;mandants\n"
    report = bring(
        tmp_path,
        mandats=f"{head}douai;maire;A B;2021-04-12;;commune\ndouai;chef_projet;A B;2021-04-12;2021-04-01;église\n",
    )
    assert [(each.row, each.column, each.problem) for each in report.faults] == [
        (2, "mandat", "mandat inconnu"),
        (3, "mandants", "mandant inconnu"),
    ]
    assert report.faults[1].cure == (
        "écrire etat, prefecture, education_nationale, collectivite, commune ou intercommunalite"
    )
    backwards = bring(tmp_path, mandats=f"{head}douai;chef_projet;A B;2021-04-12;2021-04-01;etat commune\n")
    assert [each.problem for each in backwards.faults] == ["le mandat finirait avant son début (12/04/2021)"]


def test_governance_is_asked_from_the_command_line(campaign: str, tmp_path: Path) -> None:
    bring(tmp_path, decisions=LABEL, mandats=MANDATES.replace("État et commune", "commune"))
    common = ("governance", "--campaign", campaign, "--at", "2021-05-01T09:00:00+02:00")
    assert json.loads(cites(*common, "--format", "json").stdout)["counts"] == {"not_co_mandated": 1}
    assert "not_co_mandated" in cites(*common).stdout
