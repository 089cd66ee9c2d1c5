"""Does somebody hear of it when nothing left, and nobody when all is well?"""

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from deployments.cli import main
from models.rules.watch import last_morning, overdue_from
from models.tables import Campaign, Message, Pause, Territory
from models.words import MessageStatus
from notifications.facts import Posted
from notifications.gateway import MailFolder
from notifications.mail import Sent, Weather
from notifications.mime import Envelope
from notifications.render import render
from tasks.acts import perform, withdraw
from tasks.database import reading, transaction
from tasks.delivery import deliver
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tasks.watch import alarm_report, sentence, watch
from tests.builders import a_programme, an_instant
from tests.prefect_builders import CONTACTS, J_7, OPENED, a_small_campaign, at

NOON = at("2021-02-19", "12:20")
COORDINATION = "coordination;national;Coordination;coordination@cites.test\n"


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small campaign and its coordination."""
    monkeypatch.setattr("tests.prefect_builders.CONTACTS", CONTACTS + COORDINATION)
    return a_small_campaign(tmp_path)


@pytest.fixture
def campaign_on_either(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same, on either kind of database."""
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    monkeypatch.setattr("tests.prefect_builders.CONTACTS", CONTACTS + COORDINATION)
    return a_small_campaign(tmp_path)


def a_pass(campaign: str, when: datetime, deadline: str = "candidature") -> None:
    run_id, regions = begin_run.fn(campaign, deadline, when)
    finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])


def a_morning(campaign: str, day: str) -> None:
    """Every zone's nine o'clock, decided and delivered."""
    for zone in ("Indian/Reunion", "Europe/Paris"):
        a_pass(campaign, at(day, "09:00", zone))
        deliver.fn(at(day, "09:00", zone), "essai", at(day, "09:00", zone))


def alarms() -> list[Message]:
    with reading() as session:
        found = session.exec(select(Message).where(Message.letter == "alarm").order_by(Message.id))  # type: ignore[arg-type]
        return [Message(**each.model_dump()) for each in found]


def test_a_morning_that_left_is_quiet(campaign: str) -> None:
    a_morning(campaign, "2021-02-19")
    assert watch.fn(campaign, NOON) == {}
    assert alarms() == []


def test_a_morning_without_a_pass_is_told_to_the_coordination_once_a_day(campaign_on_either: str) -> None:
    campaign = campaign_on_either
    found = watch.fn(campaign, NOON)
    assert found == {
        "day": "2021-02-19",
        "noon": 12,
        "letters": 6,
        "sent": 0,
        "overlooked": [
            {"deadline": "Candidature", "step": "J-7", "morning": "2021-02-19", "territories": 3, "letters": 6}
        ],
        "waiting": [],
        "posted": 1,
    }
    assert watch.fn(campaign, NOON)["posted"] == 0
    assert [(each.address, each.key) for each in alarms()] == [
        ("coordination@cites.test", "alarm:2021:2021-02-19:coordination@cites.test")
    ]


def test_what_was_caught_up_before_noon_is_quiet(campaign: str) -> None:
    a_pass(campaign, at("2021-02-19", "11:04"))
    deliver.fn(at("2021-02-19", "11:04"), "essai", at("2021-02-19", "11:04"))
    assert watch.fn(campaign, NOON) == {}


def test_a_quiet_day_a_sunday_and_the_morning_itself_raise_no_alarm(campaign: str) -> None:
    a_morning(campaign, "2021-02-19")
    for quiet in (at("2021-02-21", "12:20"), at("2021-02-22", "12:20"), at("2021-02-26", "11:59", "Indian/Reunion")):
        assert watch.fn(campaign, quiet) == {}


def test_a_friday_that_was_missed_is_still_told_on_sunday(campaign: str) -> None:
    found = watch.fn(campaign, at("2021-02-21", "12:20"))
    assert (found["letters"], found["overlooked"][0]["morning"]) == (6, "2021-02-19")


def test_overseas_noon_comes_at_its_own_hour(campaign: str) -> None:
    nine_in_paris = at("2021-02-19", "09:30")  # half past twelve in La Réunion
    found = watch.fn(campaign, nine_in_paris)
    assert found["overlooked"] == [
        {"deadline": "Candidature", "step": "J-7", "morning": "2021-02-19", "territories": 1, "letters": 1}
    ]
    with transaction() as session:
        session.delete(session.exec(select(Message)).one())
    a_pass(campaign, at("2021-02-19", "09:00", "Indian/Reunion"))
    deliver.fn(at("2021-02-19", "09:00", "Indian/Reunion"), "essai", J_7)
    assert watch.fn(campaign, nine_in_paris) == {}


def test_what_is_no_longer_true_at_noon_is_not_missed(campaign: str) -> None:
    perform(
        withdraw(["douai", "lens", "saint-denis-974"], day=J_7.date(), grounds="désistement"),
        campaign=campaign, at=J_7, author="essai",
    )  # fmt: skip
    assert watch.fn(campaign, NOON) == {}


def test_a_mail_server_that_fails_for_all_is_an_alarm(campaign_on_either: str, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = campaign_on_either
    down = Weather(reason="le serveur de courriel ne répond pas", everywhere=True)
    monkeypatch.setattr(MailFolder, "carry", lambda self, envelope: down)
    a_morning(campaign, "2021-02-19")
    found = watch.fn(campaign, NOON)
    assert (found["letters"], found["sent"], found["overlooked"], found["posted"]) == (6, 0, [], 1)
    assert {each["reason"] for each in found["waiting"]} == {"le serveur de courriel ne répond pas", ""}
    assert sentence(campaign, found) == (
        "campaign 2021: 6 letters due by noon have not left (0 have): the mail server fails (le serveur de courriel ne "
        "répond pas): mend it, then `cites deliver`"
    )


def test_one_address_that_makes_its_letter_wait_is_no_alarm(campaign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def greylists_one(self: MailFolder, envelope: Envelope) -> Sent | Weather:
        return Weather(reason="450 plus tard") if envelope.recipient == "mairie@douai.test" else Sent(where="")

    monkeypatch.setattr(MailFolder, "carry", greylists_one)
    a_morning(campaign, "2021-02-19")
    assert watch.fn(campaign, NOON) == {}


@pytest.mark.parametrize("scope", ["all", "campaign", "territories"])
def test_what_is_paused_raises_no_alarm(campaign: str, scope: str) -> None:
    with transaction() as session:
        row = session.exec(select(Campaign)).one()
        territories = session.exec(select(Territory.id).order_by(Territory.id)).all()  # type: ignore[arg-type]
        scopes = {
            "all": [(None, None)],
            "campaign": [(row.id, None)],
            "territories": [(row.id, t) for t in territories],
        }
        for one, other in scopes[scope]:
            session.add(Pause(campaign_id=one, territory_id=other, holds=True, at=OPENED, author="essai"))
    assert watch.fn(campaign, NOON) == {}


def test_a_pause_that_is_over_or_of_another_territory_hides_nothing(campaign: str) -> None:
    with transaction() as session:
        row = session.exec(select(Campaign)).one()
        douai = session.exec(select(Territory.id).where(Territory.code == "douai")).one()
        session.add(Pause(holds=True, at=OPENED, author="essai"))
        session.add(Pause(holds=False, at=J_7, author="essai"))
        session.add(Pause(campaign_id=row.id, holds=True, at=OPENED, until=J_7, author="essai"))
        session.add(Pause(campaign_id=row.id, territory_id=douai, holds=True, at=OPENED, author="essai"))
    assert watch.fn(campaign, NOON)["letters"] == 3


def test_a_campaign_of_the_past_and_one_opened_since_raise_no_alarm(campaign: str) -> None:
    assert watch.fn(campaign, an_instant("2026-11-25 12:20")) == {}
    with transaction() as session:
        session.exec(select(Campaign)).one().opened_at = at("2021-02-19", "10:00")
    assert watch.fn(campaign, NOON) == {}


def test_letters_held_for_a_release_are_not_overdue(campaign: str) -> None:
    a_pass(campaign, J_7)
    with transaction() as session:
        for each in session.exec(select(Message)):
            each.held = "à relire"
    assert watch.fn(campaign, NOON) == {}
    with transaction() as session:
        for each in session.exec(select(Message)):
            each.released_at = J_7
    assert watch.fn(campaign, NOON)["waiting"] == [{"reason": "", "letters": 5}]  # not La Réunion's: there it was noon


def test_the_alarm_reads_like_this(campaign: str) -> None:
    watch.fn(campaign, NOON)
    deliver.fn(NOON, "essai", NOON)
    [alarm] = alarms()
    assert alarm.status is MessageStatus.SENT
    letter = Posted(
        address=alarm.address, name="Coordination", roles=("coordination",), zone="Europe/Paris",
        campaign="Extension 2021", decided_at=NOON, letter="alarm", facts=alarm.facts["posted"],
    )  # fmt: skip
    rendered = render(letter, at=NOON, answer_to="relances@cites.test")
    assert rendered.subject == alarm.subject
    assert rendered.subject.replace("\u00a0", " ") == "Alerte : rien n’est parti alors que 6 lettres étaient prévues"
    assert (
        rendered.text.replace("\u00a0", " ")
        == """\
Madame, Monsieur,

Rien n’est parti alors que 6 lettres étaient prévues avant 12 heures, à
l’heure des destinataires.

Ce qui n’a jamais été décidé (le passage n’a pas eu lieu, ou a échoué) :
• Candidature, J-7 (19 février 2021) : 6 lettres pour 3 territoires.

Que faire ? Prévenez la personne qui exploite le moteur : elle vérifiera
qu’il tourne et que le serveur de courriel répond. Rien n’est perdu :
une fois la panne réparée, chaque destinataire recevra une seule lettre,
avec le vrai délai. Si l’arrêt est voulu, mettez la campagne en pause ;
cette alerte cessera.

Pour toute question, répondez à ce courriel (relances@cites.test).

La coordination des Cités éducatives
Campagne « Extension 2021 »

Courriel automatique, d’après l’état des dossiers au vendredi 19 février
2021.
"""
    )


def test_a_partial_failure_says_what_left_and_what_did_not() -> None:
    facts = {
        "noon": 12, "letters": 3, "sent": 40, "overlooked": [],
        "waiting": [{"reason": "450 <mairie@douai.test> plus tard", "letters": 2}, {"reason": "", "letters": 1}],
    }  # fmt: skip
    letter = Posted(
        address="coordination@cites.test", name="", roles=(), zone="Europe/Paris", campaign="Extension 2021",
        decided_at=NOON, letter="alarm", facts={**facts, "day": "2021-02-19"},
    )  # fmt: skip
    rendered = render(letter, at=NOON, answer_to="relances@cites.test")
    text = " ".join(rendered.text.split())
    assert rendered.subject.replace("\u00a0", " ") == "Alerte : 3 lettres prévues ne sont pas parties"
    assert "3 lettres prévues ne sont pas parties avant 12 heures, à l’heure des destinataires ; 40 autres sont" in text
    assert "• 1 lettre : le serveur de courriel n’a pas été essayé, ou échoue pour toutes." in text
    assert "&lt;mairie@douai.test&gt;" in rendered.html
    report = alarm_report(facts)
    assert "@" not in report
    assert "| jamais présentées au serveur | 1 |" in report


# The rules


@pytest.mark.parametrize(
    ("zone", "departement", "now", "morning"),
    [
        ("Europe/Paris", "59", "2021-02-19T12:00:00+01:00", "2021-02-19T09:00:00+01:00"),
        ("Europe/Paris", "59", "2021-02-19T11:59:00+01:00", "2021-02-18T09:00:00+01:00"),
        ("Europe/Paris", "59", "2021-02-22T08:00:00+01:00", "2021-02-19T09:00:00+01:00"),  # a Monday
        ("America/Guadeloupe", "971", "2021-02-19T12:20:00+01:00", "2021-02-18T09:00:00-04:00"),
        ("Indian/Reunion", "974", "2021-02-19T12:20:00+01:00", "2021-02-19T09:00:00+04:00"),
        ("Europe/Paris", "67", "2021-04-02T12:20:00+02:00", "2021-04-01T09:00:00+02:00"),  # Good Friday in Alsace
        ("Europe/Paris", "59", "2021-04-02T12:20:00+02:00", "2021-04-02T09:00:00+02:00"),
    ],
)
def test_the_last_morning_is_one_whose_noon_is_past_where_the_reader_is(
    zone: str, departement: str, now: str, morning: str
) -> None:
    found = last_morning(a_programme(), departement, zone, at=datetime.fromisoformat(now), noon=12)
    assert found == datetime.fromisoformat(morning)


@pytest.mark.parametrize(
    ("decided", "noon"),
    [
        ("2021-02-19T09:00:00+01:00", "2021-02-19T12:00:00+01:00"),
        ("2021-02-19T16:00:00+01:00", "2021-02-22T12:00:00+01:00"),  # Friday afternoon: Monday
        ("2021-02-20T09:00:00+01:00", "2021-02-22T12:00:00+01:00"),
    ],
)
def test_a_letter_is_overdue_from_the_noon_after_it_might_have_left(decided: str, noon: str) -> None:
    found = overdue_from(
        a_programme(), decided_at=datetime.fromisoformat(decided), zone="Europe/Paris", departements=["59"], noon=12
    )
    assert found == datetime.fromisoformat(noon)


# The command


def test_the_command_fails_in_one_sentence_and_writes_to_the_coordination(campaign: str) -> None:
    asked = ["watch", "--at", NOON.isoformat()]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: campaign 2021: 6 letters due by noon have not left (0 have): see that the engine runs (`cites up`), "
        "then `cites run` each deadline and `cites deliver`\n"
    )
    assert result.stdout == "tried to deliver what waits: 1 sent, 0 still wait\n"
    a_morning(campaign, "2021-02-19")
    assert CliRunner().invoke(main, asked).stdout == "All is well: everything that was due by noon has left.\n"
