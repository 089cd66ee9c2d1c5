"""Does the mail room show every letter, where it stands, and what it says?"""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlmodel import select

from deployments.cli import main
from models.letter_tables import FailingAddress
from models.rules.mailroom import Retention
from models.tables import Message, Territory
from models.territory_queries import NoSuchTerritory
from models.words import MessageStatus
from notifications.mailbox_page import page
from tasks.database import reading, transaction
from tasks.forget import forget
from tasks.holding import answer_held, held
from tasks.mail_artifacts import outbox_report, waiting_report
from tasks.mailbox import STATUSES, figures, mailbox, rows
from tasks.pauses import pause, pauses
from tests.mailroom_builders import HELD, a_campaign_of_the_north, a_pass, delivered, point_at
from tests.prefect_builders import J_7

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PREFET = "prefet@nord.test"


@pytest.fixture
def north(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five letters: one sent, one dead, one refused, one held, one held by a pause, on each kind of database."""
    point_at(database_url, monkeypatch)
    a_campaign_of_the_north(tmp_path, reminders=HELD)
    a_pass(J_7)
    number = {each.address: each.id for each in held()}
    answer_held([number[PREFET]], at=J_7, author="Mme Roy")
    delivered(J_7)
    with transaction() as session:
        session.execute(
            update(Message)
            .where(Message.address == "mairie@douai.test")  # type: ignore[arg-type]
            .values(status=MessageStatus.DEAD, outcome="550 inconnue", held="")
        )
    answer_held([number["dasen@nord.test"]], at=J_7, author="Mme Roy", grounds="doublon", refused=True)
    answer_held([number["mairie@roubaix.test"]], at=J_7, author="Mme Roy")
    pause(campaign="2021", territory="roubaix", at=J_7, until=None, author="Mme Roy", grounds="conseil municipal")
    return tmp_path


def stand(**asked: str) -> dict[str, str]:
    return {each.to: each.status for each in mailbox("2021", at=J_7 + HOUR, **asked).entries}  # type: ignore[arg-type]


def test_every_letter_is_shown_where_it_stands(north: Path) -> None:
    assert stand() == {
        PREFET: "sent", "mairie@douai.test": "dead", "dasen@nord.test": "cancelled", "mairie@maubeuge.test": "held",
        "mairie@roubaix.test": "paused",
    }  # fmt: skip
    assert figures(mailbox("2021", at=J_7)) == {"held": 1, "paused": 1, "sent": 1, "dead": 1, "cancelled": 1}
    assert set(figures(mailbox("2021", at=J_7))) <= set(STATUSES)


def test_letters_are_found_by_territory_contact_and_status(north: Path) -> None:
    assert set(stand(territory="maubeuge")) == {PREFET, "dasen@nord.test", "mairie@maubeuge.test"}
    assert stand(contact="PREFET@nord.test") == {PREFET: "sent"}
    assert stand(status="paused") == {"mairie@roubaix.test": "paused"}
    assert stand(territory="douai", status="held") == {}
    with pytest.raises(NoSuchTerritory):
        stand(territory="lille")


def test_a_row_says_all_that_is_known_as_plain_json(north: Path) -> None:
    [row] = json.loads(json.dumps(rows(mailbox("2021", at=J_7, contact="dasen@nord.test"))))
    assert {name: row[name] for name in ("status", "to", "roles", "territories", "reason", "sent_at")} == {
        "status": "cancelled", "to": "dasen@nord.test", "roles": ["DASEN"],
        "territories": ["Douai", "Maubeuge", "Roubaix"], "reason": "refusée par Mme Roy : doublon", "sent_at": None,
    }  # fmt: skip


def test_each_letter_can_be_read_again_as_it_was_said(north: Path) -> None:
    found = mailbox("2021", at=J_7 + 30 * DAY, contact=PREFET, words=True)
    [entry] = found.entries
    assert ("Maubeuge" in entry.html, entry.subject != "", entry.silent) == (True, True, "")
    assert "il reste 9 jours" in entry.html.replace("\N{NO-BREAK SPACE}", " ").lower()  # on its own day, not today's


def test_a_letter_whose_words_are_forgotten_says_so_and_shows_its_proof(north: Path) -> None:
    forget(at=J_7 + 31 * DAY, retention=Retention(letters=30 * DAY, contacts=3650 * DAY, answers=30 * DAY))
    shown = page(mailbox("2021", at=J_7 + 32 * DAY, contact=PREFET, words=True))
    with reading() as session:
        proof = session.exec(select(Message.body_hash).where(Message.address == PREFET)).one()
    assert "Les mots de cette lettre ont été oubliés le 22/03/2021" in shown
    assert proof in shown
    assert "<iframe" not in shown


def test_the_page_runs_nothing_that_people_typed(north: Path) -> None:
    with transaction() as session:
        session.execute(update(Territory).values(name="<script>alert(1)</script>"))
        session.add(
            FailingAddress(
                address="mairie@douai.test", failing=True, reason="<img src=x>", first_at=J_7, last_at=J_7
            )
        )  # fmt: skip
    shown = page(mailbox("2021", at=J_7 + HOUR, words=True))
    assert ("<script" in shown, "<img src=x>" in shown, "&lt;img src=x&gt;" in shown) == (False, False, True)
    assert shown.count("<iframe sandbox title=") == 4  # the dead one has no notice of its own status here, and says so
    assert 'lang="fr"' in shown


def test_the_report_counts_what_waits_without_an_address(north: Path) -> None:
    report = outbox_report({MessageStatus.SENT: 1}, []) + waiting_report(held(), pauses(J_7))
    assert "| 2021 | candidature | le programme demande que cette lettre soit relue avant de partir | 1 |" in report
    assert "| campagne 2021, territoire roubaix | 19/02/2021 |  | Mme Roy | conseil municipal |" in report
    assert "@" not in report


def test_from_the_terminal(north: Path) -> None:
    run = CliRunner().invoke
    table = run(main, ["mailbox", "--campaign", "2021", "--at", J_7.isoformat()])
    assert table.stdout.splitlines()[-1] == "held 1, paused 1, sent 1, dead 1, cancelled 1"
    assert table.stderr == "Paused: roubaix (conseil municipal)\n"
    only = run(main, ["mailbox", "--campaign", "2021", "--status", "held", "--format", "json"])
    assert [row["to"] for row in json.loads(only.stdout)] == ["mairie@maubeuge.test"]
    html = run(main, ["mailbox", "--campaign", "2021", "--format", "html"])
    assert (html.exit_code, html.stdout.startswith("<!doctype html>")) == (0, True)
