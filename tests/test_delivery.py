"""Does a pass of delivery send each letter once, whatever the mail server does?"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models.outbox_queries import setbacks
from models.rules.delivery_policy import load_delivery_policy
from models.rules.sending import SendingPolicy, load_sending_policy
from models.tables import Contact, Message, Notice, Run
from models.words import MessageStatus, NoticeStatus
from notifications.claiming import claim
from notifications.gateway import Gateway
from notifications.outbox import gather
from tasks.database import reading, transaction
from tasks.delivery import DeliveryFailed, _thread, deliver, send_waiting
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


def send(
    room: Mailroom, *, after: timedelta = timedelta(), worker: str = "a", sending: SendingPolicy = SENDING
) -> dict[str, int]:
    return send_waiting(Gateway.open(room.url, sender=SENDER), at=NINE + after, worker=worker, sending=sending)


def stands() -> tuple[dict[str, MessageStatus], list[NoticeStatus]]:
    with reading() as session:
        return outbox(session), notices(session)


def test_every_waiting_letter_leaves_once_over_few_connections(engine_on: None) -> None:
    letters_wait(*to_many(25))
    with a_mail_server() as room:
        assert send(room, sending=replace(SENDING, batch=10)) == {"sent": 25, "dead": 0, "waiting": 0, "cancelled": 0}
        assert send(room) == {"sent": 0, "dead": 0, "waiting": 0, "cancelled": 0}
        assert room.addresses() == [f"c{each:03}@x.test" for each in range(25)]
        assert room.connections == 1
    assert set(stands()[0].values()) == {SENT}
    assert set(stands()[1]) == {NoticeStatus.SENT}


def test_two_workers_at_once_send_each_letter_once(engine_on: None) -> None:
    letters_wait(*to_many(40))
    with a_mail_server() as room, ThreadPoolExecutor(2) as workers:
        sent = [
            figures["sent"]
            for figures in workers.map(lambda name: send(room, worker=name, sending=replace(SENDING, batch=3)), "ab")
        ]
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
        [(reason, number)] = setbacks(session)
    assert ("est injoignable" in reason, number) == (True, 1)
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
    said = body.get_content().replace("\r\n", " ")
    assert "il reste 6\u00a0jours, jusqu’au dimanche 28\u00a0février 2021 inclus." in said


def test_the_task_sends_by_the_settings_gateway(engine_on_sqlite: None, tmp_path: Path) -> None:
    letters_wait(To(email="a@x.test"))
    figures = deliver.fn(NINE, "a", NINE)
    assert figures == {"sent": 1, "dead": 0, "waiting": 0, "cancelled": 0}
    assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 1


def test_the_reminders_of_one_obligation_to_one_reader_are_one_thread(engine_on: None) -> None:
    with a_mail_server() as room:
        letters_wait(To(email="a@x.test"), To(email="b@x.test"))
        send(room)
        with transaction() as session:
            decided_again(session, step="-2", but_for="b@x.test")
        send(room, after=timedelta(days=7))
        with transaction() as session:
            decided_again(session, step="1", but_for="b@x.test")
        send(room, after=timedelta(days=10))
    first, second, third = (letter for letter in room.received if "<a@x.test>" in str(letter["To"]))
    assert (first["References"], first["In-Reply-To"]) == (None, None)
    assert (second["References"], second["In-Reply-To"]) == (first["Message-ID"], first["Message-ID"])
    assert third["References"] == f"{first['Message-ID']} {second['Message-ID']}"
    assert third["In-Reply-To"] == second["Message-ID"]


def decided_again(session: Session, *, step: str, but_for: str) -> None:
    """The same notices at another step, in a run of their own, gathered."""
    run = session.get_one(Run, 1)
    again = Run(campaign_id=run.campaign_id, deadline=run.deadline, at=NINE, started_at=NINE)
    session.add(again)
    session.flush()
    assert again.id is not None
    asked = select(Notice).join(Contact).where(Notice.run_id == 1, Contact.email != but_for)
    for notice in session.exec(asked).all():
        session.add(
            Notice(
                **notice.model_dump(exclude={"id", "step", "run_id", "message_id", "status"}), step=step,
                run_id=again.id, status=NoticeStatus.DECIDED,
            )
        )  # fmt: skip
    session.flush()
    gather(session, run_id=again.id, at=NINE, mail_from=SENDER)


def test_a_thread_that_grew_long_keeps_its_first_letter_and_the_latest() -> None:
    names = tuple(f"<{number}@x.test>" for number in range(30))
    assert _thread(names, 4) == ("<0@x.test>", "<27@x.test>", "<28@x.test>", "<29@x.test>")
    assert _thread(names[:4], 4) == names[:4]


def test_a_copy_is_offered_to_be_written_to_no_more_and_whoever_owes_is_not(engine_on_sqlite: None) -> None:
    letters_wait(
        To(email="a@x.test"),
        To(email="b@x.test", territory="lens", section=a_section(copy=True, roles=("dasen",))),
        To(email="c@x.test", territory="arras", section=a_section(copy=True, roles=("dasen",))),
        To(email="c@x.test", territory="liévin"),
    )
    with a_mail_server() as room:
        send(room)
    offered = {str(letter["To"]).rpartition("<")[2].strip(">"): letter["List-Unsubscribe"] for letter in room.received}
    assert offered == {
        "a@x.test": None,
        "b@x.test": "<mailto:relances@cites-educatives.test?subject=D%C3%A9sinscription%20Extension%202021>",
        "c@x.test": None,
    }


def test_what_has_left_is_written_down_before_the_pass_is_over(engine_on_sqlite: None) -> None:
    """A crash then repeats what left since the last record, not the whole batch."""
    letters_wait(*to_many(3))
    with a_mail_server() as room:
        stood: list[MessageStatus] = []

        def look(address: str, times: int) -> str | None:
            if address == "c002@x.test":
                time.sleep(0.3)  # longer than a record waits
                stood.extend(stands()[0].values())
            return None

        room.answer = look
        send(room, sending=replace(SENDING, connections=1, record=timedelta(milliseconds=50)))
    assert stood == [SENT, SENT, MessageStatus.SENDING]


def test_a_letter_whose_lease_is_half_over_is_left_to_a_later_pass(engine_on_sqlite: None) -> None:
    letters_wait(*to_many(4))
    slow = replace(load_delivery_policy(), lease=timedelta(seconds=0.4))
    with a_mail_server() as room:

        def wait(address: str, times: int) -> None:
            time.sleep(0.15)

        room.answer = wait
        gateway = Gateway.open(room.url, sender=SENDER)
        first = send_waiting(gateway, at=NINE, worker="a", policy=slow, sending=replace(SENDING, connections=1))
        assert 1 <= first["sent"] <= 2
        assert first["sent"] + first["waiting"] == 4
        second = send_waiting(gateway, at=NINE, worker="b")
        assert (second["sent"], second["waiting"]) == (first["waiting"], 0)
        assert room.addresses() == [f"c{each:03}@x.test" for each in range(4)]
    with reading() as session:
        assert set(session.exec(select(Message.attempts))) == {1}  # put back, a letter lost no attempt


def test_letters_of_every_fate_at_once_are_neither_lost_nor_doubled(engine_on: None) -> None:
    """Refused, put off, cut and accepted, over several connections to a server that takes few letters on each."""
    letters_wait(*to_many(60))

    def answer(address: str, times: int) -> str | None:
        number = int(address[1:4])
        if number % 10 == 3:
            return "550 unknown"
        return "451 later" if number % 10 == 7 and times == 1 else None

    with a_mail_server(answer=answer, hang_up_after_data=2, letters_a_connection=9) as room:
        eager = replace(SENDING, connections=4, letters_a_connection=1)
        with pytest.raises(DeliveryFailed):
            send(room, sending=eager)
        send(room, after=MINUTE, sending=eager)
    took = [f"c{each:03}@x.test" for each in range(60) if each % 10 != 3]
    assert room.addresses() == took  # the two that were cut left again, once
    assert stands()[0] == {f"c{each:03}@x.test": SENT if f"c{each:03}@x.test" in took else DEAD for each in range(60)}
