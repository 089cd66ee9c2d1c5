"""Does a pass decide once, whatever happens to the one before or beside it?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from deployments.example_campaigns import EXAMPLE
from models.rules.calendar import instant
from models.rules.delivery_policy import load_delivery_policy
from models.tables import Message, Notice, Run, StateSeen, Unreachable
from models.words import MessageStatus, NoticeStatus
from notifications.claiming import claim
from tasks.campaigns import open_campaign_file
from tasks.database import transaction
from tasks.delivery import deliver
from tasks.intake import take_in
from tasks.reminders import begin_run, decide, finish_run, recheck
from tasks.settings import settings
from tests.prefect_builders import J_7, J_7_REUNION, a_small_campaign


@pytest.fixture
def campaign(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Three territories (one overseas, one with nobody as its chef de file), on each kind of database."""
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    return a_small_campaign(tmp_path)


def a_pass(campaign: str, at: datetime) -> dict[str, int]:
    run, regions = begin_run.fn(campaign, "candidature", at)
    return finish_run.fn(run, [decide.fn(run, region) for region in regions])


def kept(status: NoticeStatus) -> list[tuple[str, date]]:
    with transaction() as session:
        query = select(Notice.step, Notice.due).where(Notice.status == status).order_by(Notice.step, Notice.id)  # type: ignore[arg-type]
        return [(step, due) for step, due in session.execute(query)]


def received(folder: Path, campaign: str, *rows: str) -> None:
    path = folder / "pieces.csv"
    path.write_text("\n".join(["territoire;piece;parties;statut;date;motif", *rows]) + "\n", encoding="utf-8")
    report = take_in([path], campaign=campaign, at=J_7, author="essai")
    assert report.faults == ()


def test_a_morning_run_twice_reminds_once(campaign: str) -> None:
    first = a_pass(campaign, J_7)
    before = kept(NoticeStatus.DECIDED)
    second = a_pass(campaign, J_7 + timedelta(hours=1))
    assert (first["decided"], first["letters"]) == (6, 6)
    assert (second["decided"], second["letters"]) == (0, 0)
    assert kept(NoticeStatus.DECIDED) == before


def test_overseas_is_not_written_to_before_its_own_nine_o_clock(campaign: str) -> None:
    at_dawn_in_paris = a_pass(campaign, J_7_REUNION)
    assert (at_dawn_in_paris["decided"], at_dawn_in_paris["letters"]) == (1, 1)
    with transaction() as session:
        assert session.exec(select(Message.address)).all() == ["mairie@saint-denis.test"]


def test_a_role_that_nobody_holds_is_listed_once(campaign: str) -> None:
    assert a_pass(campaign, J_7)["unreachable"] == 3
    assert a_pass(campaign, J_7 + timedelta(hours=1))["unreachable"] == 0
    with transaction() as session:
        gaps = session.execute(select(Unreachable.role, Unreachable.owes).order_by(Unreachable.id))  # type: ignore[arg-type]
        assert sorted((role.value, owes) for role, owes in gaps) == [
            ("chef_de_file", True), ("dasen", True), ("prefet", True),
        ]  # fmt: skip


def test_steps_missed_by_an_outage_are_kept_as_overtaken(campaign: str) -> None:
    a_pass(campaign, J_7)
    # each of those who owe (the chefs de file there are, two prefects, two DASEN) missed J-60, J-30 and J-15
    assert sorted({step for step, _ in kept(NoticeStatus.SUPERSEDED)}) == ["-15", "-30", "-60"]
    assert len(kept(NoticeStatus.SUPERSEDED)) == 18


def test_two_passes_at_once_remind_once(campaign: str) -> None:
    with ThreadPoolExecutor(2) as both:
        figures = list(both.map(lambda _: a_pass(campaign, J_7), range(2)))
    assert sum(each["decided"] for each in figures) == 6
    assert len(kept(NoticeStatus.DECIDED)) == 6
    with transaction() as session:
        addresses = session.exec(select(Message.address)).all()
    assert len(addresses) == len(set(addresses)) == 6


def test_a_pass_killed_before_its_letters_loses_none(campaign: str) -> None:
    killed, regions = begin_run.fn(campaign, "candidature", J_7)
    for region in regions:
        decide.fn(killed, region)
    with transaction() as session:
        assert session.exec(select(Message)).all() == []
    after = a_pass(campaign, J_7 + timedelta(hours=1))
    assert (after["decided"], after["adopted"], after["letters"]) == (0, 6, 6)


EVERYTHING = (
    "diagnostic", "etat-des-lieux", "strategie", "gouvernance", "indicateurs", "protocole-evaluation",
    "engagements", "partenaires", "referents", "demande-labellisation",
)  # fmt: skip


def test_what_waits_and_is_no_longer_true_is_cancelled(campaign: str, tmp_path: Path) -> None:
    a_pass(campaign, J_7)
    received(tmp_path, campaign, *(f"saint-denis-974;{piece};;recue;2021-02-19T10:00;" for piece in EVERYTHING))
    assert recheck.fn(J_7 + timedelta(hours=3)) == 1
    with transaction() as session:
        reasons = session.exec(select(Notice.reason).where(Notice.status == NoticeStatus.CANCELLED)).all()
    assert reasons == ["l’obligation est satisfaite"]
    sent = deliver.fn(J_7 + timedelta(hours=3), "essai", datetime(2021, 2, 19, 11, 0, tzinfo=UTC))
    assert (sent["sent"], sent["cancelled"]) == (5, 1)
    with transaction() as session:
        cancelled_letters = session.exec(select(Message.address).where(Message.status == MessageStatus.CANCELLED)).all()
    assert cancelled_letters == ["mairie@saint-denis.test"]


def test_a_letter_whose_worker_died_is_read_again_before_it_is_tried_again(campaign: str, tmp_path: Path) -> None:
    a_pass(campaign, J_7)
    with transaction() as session:
        lease = load_delivery_policy().lease
        assert len(claim(session, at=J_7, worker="mort", limit=10, lease=lease).outgoing) == 6
    received(tmp_path, campaign, *(f"saint-denis-974;{piece};;recue;2021-02-19T10:00;" for piece in EVERYTHING))
    assert recheck.fn(J_7 + lease - timedelta(minutes=1)) == 0  # he may still be sending it
    on_monday = J_7 + timedelta(days=3)  # the 19th is a Friday
    sent = deliver.fn(on_monday, "essai", on_monday)
    assert (sent["sent"], sent["cancelled"], sent["waiting"]) == (5, 1, 0)


TODAY = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def a_pass_of_the_past(campaign: str, *, gathered: bool = True) -> int:
    """A pass as of seven days before the due date of 2021, begun today and not delivered yet; its run."""
    run, regions = begin_run.fn(campaign, "candidature", J_7, None, TODAY)
    figures = [decide.fn(run, region) for region in regions]
    if gathered:
        finish_run.fn(run, figures)
    return run


def test_the_ticks_of_today_leave_a_pass_as_of_another_day_its_letters(campaign: str) -> None:
    a_pass_of_the_past(campaign)
    tick = TODAY + timedelta(minutes=2)
    assert deliver.fn(tick, "tick", tick) == {"sent": 0, "dead": 0, "cancelled": 0, "waiting": 6}
    assert deliver.fn(J_7, "its own", tick)["sent"] == 6


def test_a_pass_of_today_neither_cancels_nor_adopts_what_one_as_of_another_day_decides(campaign: str) -> None:
    run = a_pass_of_the_past(campaign, gathered=False)
    begun, regions = begin_run.fn(campaign, "candidature", TODAY, None, TODAY)
    today = finish_run.fn(begun, [decide.fn(begun, region) for region in regions])
    assert (today.get("cancelled", 0), today["adopted"], today["letters"]) == (0, 0, 0)
    assert finish_run.fn(run, [])["letters"] == 6


def test_what_a_pass_as_of_another_day_left_behind_is_cancelled_by_a_later_tick(campaign: str) -> None:
    a_pass_of_the_past(campaign)
    later = TODAY + timedelta(hours=2)
    figures = deliver.fn(later, "tick", later)
    assert (figures["sent"], figures["cancelled"], figures["waiting"]) == (0, 6, 0)


def test_a_cancelled_notice_that_becomes_true_again_is_decided_again(campaign: str, tmp_path: Path) -> None:
    a_pass(campaign, J_7)
    with transaction() as session:
        for notice in session.exec(select(Notice).where(Notice.status == NoticeStatus.DECIDED)).all():
            notice.status = NoticeStatus.CANCELLED
            session.add(notice)
    again = a_pass(campaign, J_7 + timedelta(hours=1))
    assert again["decided"] == 6
    assert len(kept(NoticeStatus.DECIDED)) == 6


def test_a_step_too_late_is_recorded_as_missed_and_nothing_is_sent(campaign: str) -> None:
    # J+7 took effect on Monday 08/03/2021: on Monday 29/03 its ten days of grace are long over
    late = a_pass(campaign, instant(date(2021, 3, 29), 9, "Europe/Paris"))
    assert (late["decided"], late["letters"]) == (0, 0)
    assert {step for step, _ in kept(NoticeStatus.MISSED)} == {"7"}


def test_a_change_of_state_is_recorded_when_it_is_seen(campaign: str, tmp_path: Path) -> None:
    a_pass(campaign, J_7)
    received(tmp_path, campaign, "douai;diagnostic;scolaire;recue;2021-02-19T08:00;")
    a_pass(campaign, J_7 + timedelta(hours=1))
    a_pass(campaign, J_7 + timedelta(hours=2))
    with transaction() as session:
        seen = session.exec(select(StateSeen.state).order_by(StateSeen.id)).all()  # type: ignore[arg-type]
        assert sorted(seen) == ["in_preparation", "invited", "invited", "invited"]
        assert all(run.finished_at is not None for run in session.exec(select(Run)).all())


def test_opening_a_campaign_of_the_past_sends_nothing_by_itself(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    open_campaign_file(EXAMPLE / "campaign-2021.yaml", at=now, author="essai")
    for deadline in ("candidature", "action-plan", "fund-report", "convention"):
        run, regions = begin_run.fn("2021", deadline, now)
        figures = finish_run.fn(run, [decide.fn(run, region) for region in regions])
        assert (figures["decided"], figures["letters"]) == (0, 0)
