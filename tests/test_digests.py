"""Are régions and the coordination told where things stand, at their cadence, once, and truly?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.posted_samples import posted_samples
from models.letter_tables import FailingAddress
from models.report_queries import letters_sent
from models.rules.digests import Cadence, is_spoken_of, load_digests
from models.rules.yaml_files import Place, ProgrammeRefused, parse
from models.tables import Campaign, Contact, FundingLine, Message, Run, Territory
from models.words import Funder, Kind, MessageStatus, Purpose, Role
from notifications.facts import Posted
from notifications.render import Rendered, render
from tasks.acts import extend, perform, withdraw
from tasks.database import reading, transaction
from tasks.delivery import deliver
from tasks.digests import post_digests
from tasks.planning import plan_rows
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tests.builders import a_dossier, a_programme
from tests.prefect_builders import CONTACTS, a_small_campaign, at

MONDAY = at("2021-03-01", "08:40")
READERS = """prefet_region;region:32;Préfecture de région;sgar@hauts-de-france.test
recteur;academie:Lille;Rectorat;recteur@lille.test
prefet_region;region:04;Préfecture de région;sgar@reunion.test
coordination;national;Coordination;coordination@cites.test
"""


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small campaign, with a coordination and two régions that read."""
    monkeypatch.setattr("tests.prefect_builders.CONTACTS", CONTACTS + READERS)
    return a_small_campaign(tmp_path)


def a_pass(campaign: str, when: datetime) -> None:
    run_id, regions = begin_run.fn(campaign, "candidature", when)
    finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
    deliver.fn(when, "essai", when)


def posted(letter: str) -> list[Message]:
    with reading() as session:
        found = session.exec(select(Message).where(Message.letter == letter).order_by(Message.address))
        return [Message(**each.model_dump()) for each in found]


def rendered(message: Message) -> Rendered:
    head = {"address": message.address, "name": "", "roles": (), "zone": message.zone, "campaign": "Extension 2021"}
    letter = Posted(**head, decided_at=message.decided_at, letter=message.letter, facts=message.facts["posted"])  # type: ignore[arg-type]
    return render(letter, at=message.decided_at, answer_to="relances@cites.test")


def text_of(message: Message) -> str:
    return rendered(message).text.replace("\u00a0", " ").replace("\u202f", " ")


# Cadences


@pytest.mark.parametrize(
    ("cadence", "day", "occasion"),
    [
        (Cadence(weekly=True, on=0), "2021-03-01", "2021-03-01"),
        (Cadence(weekly=True, on=0), "2021-03-07", "2021-03-01"),
        (Cadence(weekly=True, on=3), "2021-03-01", "2021-02-25"),
        (Cadence(weekly=False, on=1), "2021-03-01", "2021-03-01"),
        (Cadence(weekly=False, on=1), "2021-03-31", "2021-03-01"),
        (Cadence(weekly=False, on=28), "2021-03-01", "2021-02-28"),
        (Cadence(weekly=False, on=15), "2021-01-14", "2020-12-15"),
    ],
)
def test_an_occasion_is_the_last_one_that_has_come(cadence: Cadence, day: str, occasion: str) -> None:
    assert cadence.occasion(date.fromisoformat(day)).isoformat() == occasion


def test_a_digest_speaks_of_the_days_since_the_occasion_before() -> None:
    said = load_digests("vade-mecum-2020")
    day = date(2021, 3, 3)
    periods = [digest.period(day) for digest in (said.weekly, said.regional)]
    assert [(each.first.isoformat(), each.occasion.isoformat()) for each in periods] == [
        ("2021-02-22", "2021-03-01"),
        ("2021-02-01", "2021-03-01"),
    ]


def test_a_campaign_is_spoken_of_from_its_opening_until_some_time_after_its_last_day() -> None:
    programme, dossiers = a_programme(), [a_dossier(extensions=[("fund_report:2023", "2024-05-15", "2024-03-01")])]
    assert [
        is_spoken_of(programme, dossiers, date.fromisoformat(day))
        for day in ("2020-10-14", "2020-10-15", "2024-06-14", "2024-06-15")
    ] == [False, True, True, False]
    assert not is_spoken_of(programme, [], date(2024, 5, 1))  # 31/03/2024 and thirty days


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ("{to: [coordination], every: day, on: monday, ahead_days: 14, letter: x}", "use one of week, month"),
        ("{to: [coordination], every: week, on: sunday, ahead_days: 14, letter: x}", "use one of monday"),
        ("{to: [coordination], every: month, on: 31, ahead_days: 14, letter: x}", "from 1 to 28"),
        ("{to: [maire], every: month, on: 1, ahead_days: 14, letter: x}", "no role is called «maire»"),
        ("{to: [coordination], every: month, on: 1, letter: x}", "«ahead_days» is missing"),
    ],
)
def test_a_wrong_cadence_is_refused_with_its_cure(said: str, cure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = f'assumption: "essai"\nregional_digest: {said}\nweekly_summary: {said}\n'
    document += "alarm: {to: [coordination], hour: 12, letter: alarm}\nclosing_days: 30\nseat: '75'\n"
    document += "incident: {to: [coordination], every_hours: 1, letter: incident}\n"
    place = Place(parse(document, "digests.yaml"), "digests.yaml", document)
    monkeypatch.setattr("models.rules.digests.read_yaml", lambda path: place)
    with pytest.raises(ProgrammeRefused, match=cure):
        load_digests.__wrapped__("vade-mecum-2020")


# Posting


def test_digests_are_posted_once_an_occasion_to_each_reader(campaign: str) -> None:
    a_pass(campaign, at("2021-02-19", "09:00"))
    assert post_digests.fn(campaign, MONDAY) == {"digests": 4}
    assert post_digests.fn(campaign, MONDAY) == {"digests": 0}
    assert post_digests.fn(campaign, at("2021-03-05", "08:40")) == {"digests": 0}
    assert post_digests.fn(campaign, at("2021-03-08", "08:40")) == {
        "digests": 1
    }  # the week's; the month has had its own
    assert [each.key for each in posted("regional_digest")] == [
        "regional_digest:2021:2021-03-01:32:recteur@lille.test",
        "regional_digest:2021:2021-03-01:32:sgar@hauts-de-france.test",
        "regional_digest:2021:2021-03-01:04:sgar@reunion.test",
    ]
    assert [each.key for each in posted("weekly_summary")] == [
        "weekly_summary:2021:2021-03-01:coordination@cites.test",
        "weekly_summary:2021:2021-03-08:coordination@cites.test",
    ]


def test_a_morning_that_is_missed_is_caught_up(campaign: str) -> None:
    assert post_digests.fn(campaign, at("2021-03-03", "08:40")) == {"digests": 4}
    assert {each.facts["posted"]["last"] for each in posted("weekly_summary")} == {"2021-02-28"}


def test_a_campaign_of_the_past_and_one_opened_since_the_occasion_have_no_digest(campaign: str) -> None:
    assert post_digests.fn(campaign, at("2026-11-02", "08:40")) == {"digests": 0}
    with transaction() as session:
        session.exec(select(Campaign)).one().opened_at = at("2021-03-02", "10:00")
    assert post_digests.fn(campaign, at("2021-03-03", "08:40")) == {"digests": 0}


def test_a_region_where_nothing_happens_is_left_alone(campaign: str) -> None:
    perform(
        withdraw(["saint-denis-974"], day=date(2021, 1, 10), grounds="renoncement"), campaign=campaign, at=MONDAY,
        author="essai",
    )  # fmt: skip
    post_digests.fn(campaign, MONDAY)
    assert [each.address for each in posted("regional_digest")] == ["recteur@lille.test", "sgar@hauts-de-france.test"]


def test_digests_leave_at_nine_where_their_reader_is_and_change_nothing_of_the_plan(campaign: str) -> None:
    before = plan_rows(campaign, start=date(2021, 3, 1), end=date(2021, 3, 31), all_letters=True)
    post_digests.fn(campaign, MONDAY)
    assert plan_rows(campaign, start=date(2021, 3, 1), end=date(2021, 3, 31), all_letters=True) == before
    deliver.fn(MONDAY, "essai", MONDAY)
    assert [(each.address, each.status) for each in posted("regional_digest")] == [
        ("recteur@lille.test", MessageStatus.WAITING),
        ("sgar@hauts-de-france.test", MessageStatus.WAITING),
        ("sgar@reunion.test", MessageStatus.SENT),  # twenty to twelve there
    ]
    deliver.fn(at("2021-03-01", "09:00"), "essai", MONDAY)
    assert {each.status for each in posted("regional_digest")} == {MessageStatus.SENT}
    with reading() as session:
        assert [(run.deadline, run.figures) for run in session.exec(select(Run))] == [("digest", {"letters": 4})]


def test_a_journal_of_letters_has_them_without_notices(campaign: str) -> None:
    a_pass(campaign, at("2021-02-26", "09:00"))
    post_digests.fn(campaign, MONDAY)
    deliver.fn(at("2021-03-01", "09:00"), "essai", MONDAY)
    with reading() as session:
        told = [(message.letter, len(notices)) for message, notices in letters_sent(session, after=0)]
    assert sorted(told) == [("", 1)] * 6 + [("regional_digest", 0)] * 3 + [("weekly_summary", 0)]


# What they say


@pytest.fixture
def february(campaign: str) -> Iterator[str]:
    """A month of passes: Douai is given until 15 March, Lens has nobody as its chef de file."""
    a_pass(campaign, at("2021-02-12", "09:00"))
    a_pass(campaign, at("2021-02-19", "09:00"))
    perform(
        extend(["douai"], deadline="candidature", new_due=date(2021, 3, 15), day=date(2021, 2, 24), authority="préfet",
               grounds="inondation", reference=""),
        campaign=campaign, at=at("2021-02-24", "08:00"), author="essai",
    )  # fmt: skip
    a_pass(campaign, at("2021-02-24", "09:00"))
    with transaction() as session:
        douai = session.exec(select(Territory.id).where(Territory.code == "douai")).one()
        for funder, planned in ((Funder.VILLE, 350_000_00), (Funder.COMMUNE, 200_000_00)):
            session.add(
                FundingLine(territory_id=douai, year=2021, funder=funder, purpose=Purpose.PROGRAMME, kind=Kind.CASH,
                            planned=planned, notified=0, paid=0)
            )  # fmt: skip
        session.add(
            FailingAddress(address="dasen@nord.test", reports=3, permanent=True, failing=True, reason="550 inconnue",
                           first_at=at("2021-02-23", "10:00"), last_at=at("2021-02-25", "10:00"))
        )  # fmt: skip
    return campaign


def test_a_whole_regional_digest_reads_like_this(february: str) -> None:
    post_digests.fn(february, MONDAY)
    digest = posted("regional_digest")[1]
    assert rendered(digest).subject.replace("\u00a0", " ") == (
        "Hauts-de-France : les cités éducatives au 1er mars 2021, 1 échéance dépassée"
    )
    assert (
        text_of(digest)
        == """\
Madame, Monsieur,

Voici où en sont les 2 cités éducatives de votre région
(Hauts-de-France) au lundi 1er mars 2021. Rien n’est attendu de vous en
réponse à cette synthèse.

Échéances dépassées
-------------------

• Lens, Candidature : depuis 1 jour (28 février 2021).
  À recevoir : chef de file (commune ou intercommunalité), 17 pièces ;
  préfet de département, 4 pièces ; DASEN, 2 pièces.

Échéances à venir
-----------------

• Lundi 15 mars 2021, Candidature : Douai | <img src=x>.
  À recevoir : chef de file (commune ou intercommunalité), 17 pièces ;
  préfet de département, 4 pièces ; DASEN, 2 pièces.

États des dossiers
------------------

• Invitée : 2.

Cofinancement 2021
------------------

Prévu : État 350 000 €, collectivités 200 000 € ; l’État apporte
150 000 € de plus que les collectivités.

Courrier du 1er au 28 février 2021
----------------------------------

13 lettres sont parties pour ces territoires, avec 13 avis, un par
dossier et par destinataire.
Ne sont pas partis :
• Remplacé par une étape plus récente : 10 avis.

Pour toute question, répondez à ce courriel (relances@cites.test).

La coordination des Cités éducatives
Campagne « Extension 2021 »

Courriel automatique, d’après l’état des dossiers au lundi 1er mars
2021.
"""
    )


def test_a_whole_weekly_summary_reads_like_this(february: str) -> None:
    post_digests.fn(february, MONDAY)
    [summary] = posted("weekly_summary")
    assert rendered(summary).subject.replace("\u00a0", " ") == "Semaine du 22 février 2021 : 3 lettres parties"
    assert (
        text_of(summary)
        == """\
Madame, Monsieur,

Voici la semaine du 22 au 28 février 2021, pour 3 territoires.

À faire
-------

Adresses qui échouent ; corrigez-les dans le tableau des contacts :
• dasen@nord.test, depuis le 23 février 2021, définitivement : 550
  inconnue.

Ce qui est parti
----------------

3 lettres sont parties ; elles portaient ces avis, un par dossier et par
destinataire :
• Candidature, prorogation : 3 avis.

Échéances dépassées
-------------------

• Dimanche 28 février 2021, Candidature : Lens et Saint-Denis.
  À recevoir : chef de file (commune ou intercommunalité), 34 pièces ;
  préfet de département, 6 pièces ; DASEN, 4 pièces.

Échéances à venir
-----------------

• Lundi 15 mars 2021, Candidature : Douai | <img src=x>.
  À recevoir : chef de file (commune ou intercommunalité), 17 pièces ;
  préfet de département, 4 pièces ; DASEN, 2 pièces.

États des dossiers
------------------

• Invitée : 3.

Rôles toujours sans contact
---------------------------

• Lens : chef de file (commune ou intercommunalité).
• Saint-Denis : DASEN et préfet de département.

Pour toute question, répondez à ce courriel (relances@cites.test).

La coordination des Cités éducatives
Campagne « Extension 2021 »

Courriel automatique, d’après l’état des dossiers au lundi 1er mars
2021.
"""
    )


def test_every_table_can_be_listened_to_and_what_people_typed_is_text(february: str) -> None:
    post_digests.fn(february, MONDAY)
    for message in (*posted("regional_digest"), *posted("weekly_summary")):
        html = rendered(message).html
        tables = html.count("<caption")
        assert tables >= 1
        assert html.count('<th scope="col"') >= 2 * tables
        assert html.count('<th scope="row"') >= tables
        assert "<img" not in html


def test_a_gap_is_new_once_then_known_and_gone_when_somebody_holds_the_role(february: str) -> None:
    for day in ("2021-02-15", "2021-02-22"):
        post_digests.fn(february, at(day, "08:40"))
    with transaction() as session:
        row = session.exec(select(Campaign)).one()
        session.add(Contact(campaign_id=row.id, role=Role.CHEF_DE_FILE, perimeter="lens", email="mairie@lens.test"))
    post_digests.fn(february, MONDAY)
    told = {each.facts["posted"]["last"]: each.facts["posted"] for each in posted("weekly_summary")}
    lens = {"territory": "Lens", "roles": ["chef de file (commune ou intercommunalité)"]}
    assert [(lens in told[day]["new_gaps"], lens in told[day]["old_gaps"]) for day in sorted(told)] == [
        (True, False), (False, True), (False, False),
    ]  # fmt: skip


def test_the_same_is_told_on_either_kind_of_database(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    monkeypatch.setattr("tests.prefect_builders.CONTACTS", CONTACTS + READERS)
    code = a_small_campaign(tmp_path)
    a_pass(code, at("2021-02-26", "09:00"))
    with transaction() as session:
        session.exec(select(Message).where(Message.address == "mairie@douai.test")).one().held = "à relire"
    post_digests.fn(code, MONDAY)
    [facts] = [each.facts["posted"] for each in posted("weekly_summary")]
    assert (facts["letters"], facts["sent"], facts["not_sent"][0]["fate"]) == (
        6, [{"deadline": "Candidature", "step": "J-2", "notices": 6}], "remplacé par une étape plus récente",
    )  # fmt: skip
    assert facts["new_gaps"][0] == {"territory": "Lens", "roles": ["chef de file (commune ou intercommunalité)"]}
    assert facts["held"] == []  # what has left is no longer held


def test_a_summary_that_an_older_engine_posted_is_still_written() -> None:
    [summary] = [each.letter for each in posted_samples(a_programme()) if each.name == "bilan-de-la-semaine"]
    before = {name: value for name, value in summary.facts.items() if name != "late_by_deadline"}
    for facts, told in ((summary.facts, True), (before, False)):
        words = render(replace(summary, facts=facts), at=MONDAY, answer_to="relances@cites.test")
        assert ("Échéances dépassées" in words.text) is ("Échéances dépassées" in words.html) is told
