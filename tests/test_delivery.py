"""Does a pass of delivery send each letter once, whatever the mail server does?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models.rules.sending import load_sending_policy
from models.tables import Message, Notice
from models.words import MessageStatus, NoticeStatus
from notifications.gateway import Gateway
from notifications.outbox import claim
from tasks.database import reading, transaction
from tasks.delivery import DeliveryFailed, deliver, send_waiting
from tasks.settings import settings
from tests.letter_builders import NINE, SENDER, Mailroom, To, a_mail_server, a_section, gathered, notices, outbox

SENDING = load_sending_policy()
MINUTE = timedelta(minutes=1)
DEAD, SENT, WAITING = MessageStatus.DEAD, MessageStatus.SENT, MessageStatus.WAITING


@pytest.fixture
def engine_on(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's settings point at this test's database, of either kind."""
    point_at(database_url, monkeypatch)


@pytest.fixture
def engine_on_sqlite(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(sqlite_url, monkeypatch)


def point_at(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    settings.cache_clear()


def letters_wait(*recipients: To) -> None:
    with transaction() as session:
        gathered(session, *recipients)


def to_many(number: int) -> list[To]:
    return [To(email=f"c{each:03}@x.test") for each in range(number)]


def send(room: Mailroom, *, after: timedelta = timedelta(), worker: str = "a", batch: int = 200) -> dict[str, int]:
    gateway = Gateway.open(room.url, sender=SENDER)
    return send_waiting(gateway, at=NINE + after, worker=worker, sending=replace(SENDING, batch=batch))


def stands() -> tuple[dict[str, MessageStatus], list[NoticeStatus]]:
    with reading() as session:
        return outbox(session), notices(session)


def test_every_waiting_letter_leaves_once_over_one_connection(engine_on: None) -> None:
    letters_wait(*to_many(25))
    with a_mail_server() as room:
        assert send(room, batch=10) == {"sent": 25, "dead": 0, "waiting": 0, "cancelled": 0}
        assert send(room) == {"sent": 0, "dead": 0, "waiting": 0, "cancelled": 0}
        assert room.addresses() == [f"c{each:03}@x.test" for each in range(25)]
        assert room.connections == 1
    assert set(stands()[0].values()) == {SENT}
    assert set(stands()[1]) == {NoticeStatus.SENT}


def test_two_workers_at_once_send_each_letter_once(engine_on: None) -> None:
    letters_wait(*to_many(40))
    with a_mail_server() as room, ThreadPoolExecutor(2) as workers:
        sent = [figures["sent"] for figures in workers.map(lambda name: send(room, worker=name, batch=3), "ab")]
        assert sum(sent) == 40
        assert room.addresses() == [f"c{each:03}@x.test" for each in range(40)]


def test_a_letter_put_off_by_the_server_leaves_at_a_later_pass(engine_on_sqlite: None) -> None:
    letters_wait(*to_many(3))
    busy: Callable[[str, int], str | None] = lambda to, times: "451 busy" if (to, times) == ("c001@x.test", 1) else None  # noqa: E731
    with a_mail_server(answer=busy) as room:
        assert send(room) == {"sent": 2, "dead": 0, "waiting": 1, "cancelled": 0}
        assert stands()[0] == {"c000@x.test": SENT, "c001@x.test": WAITING, "c002@x.test": SENT}
        assert send(room, after=MINUTE - timedelta(seconds=1))["sent"] == 0
        assert send(room, after=MINUTE) == {"sent": 1, "dead": 0, "waiting": 0, "cancelled": 0}
        assert room.addresses() == ["c000@x.test", "c001@x.test", "c002@x.test"]


def test_a_recipient_refused_for_good_turns_the_pass_red_after_the_others_left(engine_on: None) -> None:
    letters_wait(*to_many(3))
    unknown: Callable[[str, int], str | None] = lambda to, times: "550 unknown" if to == "c001@x.test" else None  # noqa: E731
    with a_mail_server(answer=unknown) as room:
        with pytest.raises(DeliveryFailed) as failure:
            send(room)
        assert str(failure.value) == (
            "1 letters will never leave (2 were sent, 0 wait): "
            "read why in the outbox report, then correct their contacts or their templates"
        )
        assert "@" not in str(failure.value)
    assert stands() == (
        {"c000@x.test": SENT, "c001@x.test": DEAD, "c002@x.test": SENT},
        [NoticeStatus.SENT, NoticeStatus.DEAD, NoticeStatus.SENT],
    )
    with reading() as session:
        reason = session.exec(select(Notice.reason).where(Notice.status == NoticeStatus.DEAD)).one()
    assert reason == "c001@x.test : 550 unknown"


def test_a_connection_cut_after_data_repeats_the_letter_under_the_same_message_id(engine_on_sqlite: None) -> None:
    letters_wait(*to_many(2))
    with a_mail_server(hang_up_after_data=1) as room:
        assert send(room) == {"sent": 1, "dead": 0, "waiting": 1, "cancelled": 0}
        assert send(room, after=MINUTE)["sent"] == 1
        with reading() as session:
            known = sorted(session.exec(select(Message.message_id)))
        assert sorted(str(letter["Message-ID"]) for letter in room.received) == known


def test_a_dead_server_is_tried_once_a_pass_and_everything_leaves_when_it_is_back(engine_on_sqlite: None) -> None:
    letters_wait(*to_many(5))
    with a_mail_server() as room:
        pass
    assert send(room) == {"sent": 0, "dead": 0, "waiting": 5, "cancelled": 0}
    with reading() as session:
        assert sorted(session.exec(select(Message.attempts))) == [0, 0, 0, 0, 1]
    with a_mail_server() as back:
        assert send(back, after=MINUTE) == {"sent": 5, "dead": 0, "waiting": 0, "cancelled": 0}
        assert len(back.received) == 5


def test_a_fault_of_a_template_is_that_letters_own(engine_on_sqlite: None) -> None:
    letters_wait(To(email="a@x.test"), To(email="b@x.test", section=a_section(letter="inconnue")), To(email="c@x.test"))
    with a_mail_server() as room:
        with pytest.raises(DeliveryFailed):
            send(room)
        assert room.addresses() == ["a@x.test", "c@x.test"]
    assert stands()[0] == {"a@x.test": SENT, "b@x.test": DEAD, "c@x.test": SENT}
    with reading() as session:
        outcome = session.exec(select(Message.outcome).where(Message.address == "b@x.test")).one()
    assert outcome.startswith("La lettre « inconnue » ne peut pas être écrite")


def test_a_worker_that_died_sending_leaves_a_letter_that_another_takes_over(engine_on_sqlite: None) -> None:
    letters_wait(*to_many(2))
    with transaction() as session:
        claim(session, at=NINE, worker="dead", limit=1, lease=timedelta(minutes=10))
    with a_mail_server() as room:
        assert send(room) == {"sent": 1, "dead": 0, "waiting": 1, "cancelled": 0}
        assert send(room, after=timedelta(minutes=10))["sent"] == 1
        assert room.addresses() == ["c000@x.test", "c001@x.test"]


def test_the_date_and_the_days_left_are_those_of_the_day_it_leaves(engine_on_sqlite: None) -> None:
    letters_wait(To(email="a@x.test"))
    with a_mail_server() as room:
        send(room, after=timedelta(days=3, hours=1))
        (letter,) = room.received
    assert str(letter["Date"]) == "Mon, 22 Feb 2021 09:00:00 +0000"
    body = letter.get_body(("plain",))
    assert body is not None
    assert "Il reste 6\u00a0jours, jusqu’au dimanche 28\u00a0février 2021 inclus." in body.get_content()


def test_the_task_sends_by_the_settings_gateway(engine_on_sqlite: None, tmp_path: Path) -> None:
    letters_wait(To(email="a@x.test"))
    figures = deliver.fn(NINE, "a", NINE)
    assert figures == {"sent": 1, "dead": 0, "waiting": 0, "cancelled": 0}
    assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 1
