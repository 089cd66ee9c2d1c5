"""Does each letter leave once, in its hour, and does the outbox always say where it stands?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from models.rules.delivery_policy import DeliveryPolicy
from models.tables import Campaign, Message, Notice, Run
from models.words import MessageStatus, NoticeStatus, Role
from notifications.claiming import Claimed, claim
from notifications.facts import Posted
from notifications.mail import Outcome, RefusedForGood, Sent, Weather
from notifications.outbox import gather, post
from notifications.settling import Result, settle
from tasks.database import reading, transaction
from tests.letter_builders import NINE, PREFET_VISA, SENDER, To, a_section, an_item, decided, gathered, notices, outbox

LEASE = timedelta(minutes=10)
WAITING, SENDING, SENT = MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.SENT
POLICY = DeliveryPolicy(pauses=(timedelta(minutes=1), timedelta(minutes=5)), attempts=3, lease=timedelta(minutes=10))


def claim_one(session: Session, at: datetime = NINE, worker: str = "a", limit: int = 10) -> Claimed:
    return claim(session, at=at, worker=worker, limit=limit, lease=LEASE)


def settle_all(session: Session, claimed: Claimed, outcome: Outcome | None, at: datetime = NINE) -> dict[str, int]:
    results = [Result(outgoing=each, outcome=outcome, subject="objet") for each in claimed.outgoing]
    return settle(session, results, at=at, policy=POLICY)


def the_message(session: Session) -> Message:
    return session.exec(select(Message).execution_options(populate_existing=True)).one()


def test_one_address_gets_one_letter_whatever_its_case_and_its_roles(database_url: str) -> None:
    with transaction(database_url) as session:
        run_id = decided(
            session,
            To(email="Prefet@nord.test", territory="douai", role=Role.PREFET, perimeter="departement:59"),
            To(email="prefet@nord.test", territory="denain", role=Role.REFERENT_PREFECTURE),
            To(email="mairie@denain.test", territory="denain"),
        )
        assert gather(session, run_id=run_id, at=NINE, mail_from=SENDER) == 2
        assert gather(session, run_id=run_id, at=NINE, mail_from=SENDER) == 0
    with reading(database_url) as session:
        letters = session.exec(select(Message).order_by(Message.key)).all()
        assert [(letter.key, letter.address, letter.zone, letter.status) for letter in letters] == [
            (f"{run_id}:mairie@denain.test", "mairie@denain.test", "Europe/Paris", WAITING),
            (f"{run_id}:prefet@nord.test", "Prefet@nord.test", "Europe/Paris", WAITING),
        ]
        assert letters[1].facts["roles"] == ["prefet", "referent_prefecture"]
        assert [each["territory"] for each in letters[1].facts["sections"]] == ["douai", "denain"]
        linked = session.exec(select(Notice.message_id).order_by(col(Notice.id))).all()
        assert linked == [letters[1].id, letters[1].id, letters[0].id]


def test_a_message_id_is_of_the_senders_domain_and_never_the_same_for_two_letters(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        gathered(session, To(email="a@x.test"), To(email="b@x.test"))
        gathered(session, To(email="a@y.test", territory="lens"))
        ids = list(session.exec(select(Message.message_id)))
    assert len(set(ids)) == 3
    assert all(each.startswith("<") and each.endswith("@cites-educatives.test>") for each in ids)


def test_only_this_runs_decided_notices_are_gathered(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        first = decided(session, To(email="a@x.test"))
        second = decided(session, To(email="b@x.test", territory="lens"))
        session.execute(update(Notice).where(Notice.run_id == first).values(status=NoticeStatus.SUPERSEDED))  # type: ignore[arg-type]
        assert gather(session, run_id=first, at=NINE, mail_from=SENDER) == 0
        assert outbox(session) == {}
        assert gather(session, run_id=second, at=NINE, mail_from=SENDER) == 1
        assert outbox(session) == {"b@x.test": WAITING}


def test_a_reader_overseas_lives_by_its_own_clock(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        gathered(
            session,
            To(email="a@x.test", territory="saint-denis", departement="974"),
            To(email="b@x.test", territory="cayenne", departement="973", perimeter="national"),
        )
        zones = session.exec(select(Message.address, Message.zone).order_by(Message.address)).all()
    assert [tuple(row) for row in zones] == [("a@x.test", "Indian/Reunion"), ("b@x.test", "Europe/Paris")]


def test_a_claimed_letter_says_what_its_notices_say(database_url: str) -> None:
    section = a_section(owes=(an_item(), an_item("social")), others=(PREFET_VISA,))
    with transaction(database_url) as session:
        gathered(session, To(email="mairie@douai.test", section=section))
    with transaction(database_url) as session:
        (outgoing,) = claim_one(session).outgoing
        notice = session.exec(select(Notice.id)).one()
    assert outgoing.letter.sections[0].owes == section.owes
    assert outgoing.letter.sections[0].others == section.others
    assert outgoing.notices == (notice,)
    assert (outgoing.attempts, outgoing.letter.campaign, outgoing.letter.decided_at) == (1, "Extension 2021", NINE)


def test_two_workers_at_once_share_the_letters_and_none_is_claimed_twice(database_url: str) -> None:
    with transaction(database_url) as session:
        gathered(session, *(To(email=f"c{number}@x.test") for number in range(60)))

    def work(worker: str) -> list[int]:
        mine: list[int] = []
        while True:
            with transaction(database_url) as session:
                claimed = claim_one(session, worker=worker, limit=7)
            if not claimed.outgoing:
                return mine
            mine += [each.id for each in claimed.outgoing]

    with ThreadPoolExecutor(4) as workers:
        taken = [each for mine in workers.map(work, "abcd") for each in mine]
    assert len(taken) == 60
    assert len(set(taken)) == 60


def test_a_leased_letter_is_nobody_elses_until_the_lease_expires(database_url: str) -> None:
    with transaction(database_url) as session:
        gathered(session, To(email="a@x.test"))
        assert len(claim_one(session, worker="a").outgoing) == 1
    with transaction(database_url) as session:
        assert claim_one(session, at=NINE + LEASE - timedelta(seconds=1), worker="b").outgoing == ()
        (again,) = claim_one(session, at=NINE + LEASE, worker="b").outgoing
        assert (again.worker, again.attempts, again.message_id) == ("b", 2, the_message(session).message_id)


def test_a_worker_that_lost_its_lease_still_says_that_the_letter_left(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        gathered(session, To(email="a@x.test"))
        slow = claim_one(session, worker="slow")
        claim_one(session, at=NINE + LEASE, worker="quick")
        settle_all(session, slow, Sent(where="remis"), at=NINE + LEASE)
        assert outbox(session) == {"a@x.test": SENT}
        assert notices(session) == [NoticeStatus.SENT]


def test_a_worker_that_lost_its_lease_cannot_put_the_letter_back(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        gathered(session, To(email="a@x.test"))
        slow = claim_one(session, worker="slow")
        quick = claim_one(session, at=NINE + LEASE, worker="quick")
        settle_all(session, slow, Weather(reason="451"), at=NINE + LEASE)
        assert outbox(session) == {"a@x.test": SENDING}
        settle_all(session, quick, Sent(where="remis"), at=NINE + LEASE)
        settle_all(session, slow, RefusedForGood(reason="550"), at=NINE + LEASE)
        assert outbox(session) == {"a@x.test": SENT}


def test_a_notice_undone_since_is_left_out_and_an_empty_letter_is_cancelled(database_url: str) -> None:
    with transaction(database_url) as session:
        gathered(
            session,
            To(email="a@x.test", territory="douai"),
            To(email="A@x.test", territory="lens", section=a_section(territory="lens")),
            To(email="b@x.test", territory="arras"),
        )
        first, _, third = session.exec(select(Notice.id).order_by(Notice.id)).all()  # type: ignore[arg-type]
        session.execute(update(Notice).where(Notice.id.in_([first, third])).values(status=NoticeStatus.CANCELLED))  # type: ignore[union-attr]
        claimed = claim_one(session)
        assert [each.letter.address for each in claimed.outgoing] == ["a@x.test"]
        assert [section.territory for section in claimed.outgoing[0].letter.sections] == ["lens"]
        assert claimed.cancelled == 1
        assert outbox(session) == {"a@x.test": SENDING, "b@x.test": MessageStatus.CANCELLED}


@pytest.mark.parametrize(
    ("departement", "at", "opens"),
    [
        ("59", datetime(2021, 2, 19, 7, 59, tzinfo=UTC), datetime(2021, 2, 19, 8, tzinfo=UTC)),  # before nine
        ("59", datetime(2021, 2, 19, 22, tzinfo=UTC), None),  # the evening of the same day
        ("59", datetime(2021, 2, 19, 23, 30, tzinfo=UTC), datetime(2021, 2, 22, 8, tzinfo=UTC)),  # Saturday in Paris
        ("59", datetime(2021, 2, 21, 12, tzinfo=UTC), datetime(2021, 2, 22, 8, tzinfo=UTC)),  # Sunday
        ("59", datetime(2021, 4, 5, 12, tzinfo=UTC), datetime(2021, 4, 6, 7, tzinfo=UTC)),  # Easter Monday, in summer
        ("59", datetime(2021, 4, 2, 12, tzinfo=UTC), None),  # Good Friday
        ("67", datetime(2021, 4, 2, 12, tzinfo=UTC), datetime(2021, 4, 6, 7, tzinfo=UTC)),  # Good Friday in Alsace
        ("974", datetime(2021, 2, 22, 4, tzinfo=UTC), datetime(2021, 2, 22, 5, tzinfo=UTC)),  # eight in La Réunion
        ("974", datetime(2021, 2, 22, 5, tzinfo=UTC), None),  # nine in La Réunion
    ],
)
def test_a_late_letter_waits_for_nine_and_for_a_working_day(
    sqlite_url: str, departement: str, at: datetime, opens: datetime | None
) -> None:
    with transaction(sqlite_url) as session:
        gathered(session, To(email="a@x.test", departement=departement), at=NINE - timedelta(days=1))
        claimed = claim_one(session, at=at)
        message = the_message(session)
        if opens is None:
            assert (len(claimed.outgoing), message.status) == (1, SENDING)
            return
        assert (claimed.outgoing, message.status, message.not_before, message.attempts) == ((), WAITING, opens, 0)
        assert claim_one(session, at=opens - timedelta(seconds=1)).outgoing == ()
        assert len(claim_one(session, at=opens).outgoing) == 1


def test_letters_put_off_do_not_hide_those_that_may_leave(sqlite_url: str) -> None:
    night_in_paris = datetime(2021, 2, 22, 5, tzinfo=UTC)
    with transaction(sqlite_url) as session:
        gathered(session, *(To(email=f"c{number}@x.test") for number in range(5)))
        gathered(session, To(email="z@x.test", territory="saint-denis", departement="974"))
        claimed = claim_one(session, at=night_in_paris, limit=2)
    assert [each.letter.address for each in claimed.outgoing] == ["z@x.test"]


def test_a_letter_of_a_later_instant_does_not_leave_before_it(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        gathered(session, To(email="a@x.test"), at=NINE + timedelta(days=3))
        assert claim_one(session, at=NINE).outgoing == ()


def test_what_left_is_written_down_with_its_notices(database_url: str) -> None:
    with transaction(database_url) as session:
        gathered(session, To(email="a@x.test"))
    with transaction(database_url) as session:
        assert settle_all(session, claim_one(session), Sent(where="remis")) == {"sent": 1, "dead": 0, "waiting": 0}
    with reading(database_url) as session:
        message = the_message(session)
        assert (message.status, message.sent_at, message.subject, message.outcome, message.lease_until) == (
            SENT, NINE, "objet", "remis", None,
        )  # fmt: skip
        assert notices(session) == [NoticeStatus.SENT]


def test_what_is_refused_for_good_is_dead_with_its_reason(database_url: str) -> None:
    long = "550 " + "x" * 2_000
    with transaction(database_url) as session:
        gathered(session, To(email="a@x.test"))
    with transaction(database_url) as session:
        settled = settle_all(session, claim_one(session), RefusedForGood(reason=long))
    assert settled == {"sent": 0, "dead": 1, "waiting": 0}
    with reading(database_url) as session:
        assert (the_message(session).status, the_message(session).outcome) == (MessageStatus.DEAD, long[:1_000])
        notice = session.exec(select(Notice)).one()
        assert (notice.status, notice.reason) == (NoticeStatus.DEAD, long[:300])
    with transaction(database_url) as session:
        assert claim_one(session, at=NINE + timedelta(days=3)).outgoing == ()


def test_the_weather_is_waited_out_longer_and_longer_then_enough(database_url: str) -> None:
    with transaction(database_url) as session:
        gathered(session, To(email="a@x.test"))
    at = NINE
    for pause in (1, 5):
        with transaction(database_url) as session:
            settle_all(session, claim_one(session, at=at), Weather(reason="451 plus tard"), at=at)
        with transaction(database_url) as session:
            message = the_message(session)
            assert (message.status, message.not_before) == (WAITING, at + timedelta(minutes=pause))
            assert notices(session) == [NoticeStatus.DECIDED]
            assert claim_one(session, at=at + timedelta(seconds=59)).outgoing == ()
        at += timedelta(minutes=pause)
    with transaction(database_url) as session:
        settled = settle_all(session, claim_one(session, at=at), Weather(reason="451 plus tard"), at=at)
        assert settled == {"sent": 0, "dead": 1, "waiting": 0}
        assert the_message(session).outcome == "abandonnée après 3 essais : 451 plus tard"
        assert notices(session) == [NoticeStatus.DEAD]


def test_a_letter_that_was_not_tried_loses_no_attempt_and_may_leave_at_once(database_url: str) -> None:
    with transaction(database_url) as session:
        gathered(session, To(email="a@x.test"))
        assert settle_all(session, claim_one(session), None) == {"sent": 0, "dead": 0, "waiting": 1}
        assert (the_message(session).attempts, the_message(session).not_before) == (0, None)
        assert len(claim_one(session).outgoing) == 1


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Sent(where="remis"), NoticeStatus.SENT), (RefusedForGood(reason="550"), NoticeStatus.CANCELLED)],
)
def test_a_notice_undone_while_its_letter_was_leaving_tells_what_happened(
    sqlite_url: str, outcome: Outcome, status: NoticeStatus
) -> None:
    with transaction(sqlite_url) as session:
        gathered(session, To(email="a@x.test"))
        claimed = claim_one(session)
        session.execute(update(Notice).values(status=NoticeStatus.CANCELLED))
        settle_all(session, claimed, outcome)
        assert notices(session) == [status]


# Letters posted whole


def posted(session: Session, *times: str, held: str = "") -> list[bool]:
    """Post a weekly summary under each of these keys: which of them were new."""
    run = session.get_one(Run, gathered(session))
    campaign = session.get_one(Campaign, run.campaign_id)
    assert run.id is not None
    return [
        post(
            session, key=key, run_id=run.id, campaign=campaign, letter="weekly", facts={"late": 3},
            address="coordination@cites.test", name="Coordination", roles=["coordination"], zone="Europe/Paris",
            departements=["59"], at=NINE, mail_from=SENDER, held=held,
        )
        for key in times
    ]  # fmt: skip


def test_a_letter_posted_whole_leaves_once_whatever_posts_it_again(database_url: str) -> None:
    with transaction(database_url) as session:
        assert posted(session, "weekly:2021-02-22", "weekly:2021-02-22") == [True, False]
        [outgoing] = claim_one(session).outgoing
        assert outgoing.notices == ()
        assert outgoing.letter == Posted(
            address="coordination@cites.test", name="Coordination", roles=("coordination",), zone="Europe/Paris",
            campaign="Extension 2021", decided_at=NINE, letter="weekly", facts={"late": 3},
        )  # fmt: skip


def test_a_letter_posted_whole_waits_for_a_day_that_is_worked(sqlite_url: str) -> None:
    with transaction(sqlite_url) as session:
        posted(session, "weekly:2021-02-22")
        assert claim_one(session, at=NINE + timedelta(days=1)).outgoing == ()  # a Saturday
        assert len(claim_one(session, at=NINE + timedelta(days=3)).outgoing) == 1


def test_a_held_letter_waits_for_its_release(database_url: str) -> None:
    with transaction(database_url) as session:
        posted(session, "weekly:2021-02-22", held="à relire")
        assert claim_one(session).outgoing == ()
        message = the_message(session)
        message.released_at, message.released_by = NINE, "coordination"
        session.flush()
        assert len(claim_one(session).outgoing) == 1
