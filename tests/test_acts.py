"""Is an act recorded as such, shown before it is made, and refused when it cannot be?"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.rules.effects import Effect, MovedDue
from models.rules.lifecycle import State
from models.tables import Decision, Event, Extension, Notice, Withdrawal
from models.words import NoticeStatus, Verdict
from tasks.acts import ActRefused, decide, extend, perform, withdraw
from tasks.database import transaction
from tasks.intake import IntakeRefused
from tasks.reminders import recheck
from tasks.settings import settings
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites, refused
from tests.test_passes import a_pass

AT = datetime(2021, 2, 19, 10, 0, tzinfo=UTC)


@pytest.fixture
def campaign(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CITES_DATABASE_URL", database_url)
    settings.cache_clear()
    return a_small_campaign(tmp_path)


def ten_days_more(*territories: str) -> Any:
    return extend(
        territories, deadline="candidature", new_due=date(2021, 3, 10), day=date(2021, 2, 19), authority="Coordination",
        grounds="Conseil municipal reporté", reference="n° 12",
    )  # fmt: skip


def the_label(*territories: str) -> Any:
    return decide(territories, verdict="labellise", day=date(2021, 3, 26), authority="Les ministres", grounds="Complet")


def test_a_preview_shows_the_effect_and_writes_nothing(campaign: str) -> None:
    a_pass(campaign, J_7)
    report = perform(ten_days_more("saint-denis-974"), campaign=campaign, at=AT, author="moi", preview=True)
    [effect] = report.effects
    assert effect == Effect(
        territory="saint-denis-974",
        state_before=State.INVITED,
        state_after=State.INVITED,
        due_dates=(MovedDue(obligation="candidature", before=date(2021, 2, 28), after=date(2021, 3, 10)),),
        cancelled=1,  # the letter of J-7, decided this morning and still waiting
        already_sent=0,
        to_come_before=3,  # J-2, J+1, J+7 to the only one who is known there
        to_come_after=6,  # the letter of the extension, then J-15 (23/02), J-7, J-2, J+1, J+7
    )
    with transaction() as session:
        assert session.exec(select(Extension)).all() == []


def test_an_extension_is_recorded_with_its_author_and_cancels_what_waits(campaign: str) -> None:
    a_pass(campaign, J_7)
    perform(ten_days_more("saint-denis-974"), campaign=campaign, at=AT, author="Mme Roussel")
    with transaction() as session:
        [extension] = session.exec(select(Extension)).all()
        [event] = session.exec(select(Event).where(Event.subject == "prorogations")).all()
        assert (extension.new_due, extension.grounds, extension.reference) == (
            date(2021, 3, 10), "Conseil municipal reporté", "n° 12",
        )  # fmt: skip
        assert (event.author, event.action, event.at) == ("Mme Roussel", "added", AT)
        assert event.territory == "saint-denis-974"
    assert recheck.fn(datetime(2021, 2, 19, 11, 0, tzinfo=UTC)) == 1
    with transaction() as session:
        reasons = session.exec(select(Notice.reason).where(Notice.status == NoticeStatus.CANCELLED)).all()
    assert reasons == ["l’échéance a été déplacée"]


def test_the_same_act_twice_changes_nothing(campaign: str) -> None:
    for _ in range(2):
        report = perform(the_label("douai", "lens"), campaign=campaign, at=AT, author="moi")
    assert report.intake.unchanged["decisions"] == 2
    with transaction() as session:
        verdicts = session.exec(select(Decision.verdict)).all()
    assert verdicts == [Verdict.LABELLED, Verdict.LABELLED]


def test_a_label_arms_what_follows_it(campaign: str) -> None:
    [effect] = perform(the_label("douai"), campaign=campaign, at=AT, author="moi").effects
    assert (effect.state_before, effect.state_after) == (State.INVITED, State.LABELLED)
    assert [each.obligation for each in effect.due_dates] == [
        "action_plan", "fund_report:2021", "fund_report:2022", "fund_report:2023", "convention",
    ]  # fmt: skip
    assert all(each.before is None and each.after for each in effect.due_dates)


def test_an_earlier_date_is_no_extension(campaign: str) -> None:
    act = extend(
        ["douai"], deadline="candidature", new_due=date(2021, 2, 20), day=date(2021, 2, 19), authority="", grounds="",
        reference="",
    )  # fmt: skip
    with pytest.raises(ActRefused, match="une prorogation donne une date plus tardive"):
        perform(act, campaign=campaign, at=AT, author="moi")
    with transaction() as session:
        assert session.exec(select(Extension)).all() == []


def test_a_territory_that_gave_up_is_not_labelled(campaign: str) -> None:
    perform(withdraw(["douai"], day=date(2021, 2, 19), grounds="Choix"), campaign=campaign, at=AT, author="moi")
    with pytest.raises((ActRefused, IntakeRefused)):
        perform(the_label("douai", "lens"), campaign=campaign, at=AT, author="moi")
    with transaction() as session:
        assert session.exec(select(Decision)).all() == []
        assert [each.day for each in session.exec(select(Withdrawal)).all()] == [date(2021, 2, 19)]


def test_acts_are_made_from_the_command_line(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()
    campaign = a_small_campaign(tmp_path)
    common = ("--campaign", campaign, "--by", "Mme Roussel", "--at", "2021-02-19T11:00:00+01:00", "--format", "json")
    shown = cites("withdraw", "douai", "lens", "--on", "2021-02-19", "--grounds", "Choix local", "--preview", *common)
    assert json.loads(shown.stdout) == {
        "preview": True,
        "recorded": 0,
        "effects": [
            {
                "territory": code, "state_before": "invited", "state_after": "withdrawn", "due_dates": [],
                "cancelled": 0, "already_sent": 0, "to_come_before": before, "to_come_after": 0,
            }
            for code, before in (("douai", 12), ("lens", 8))
        ],
    }  # fmt: skip
    made = cites("decide", "douai", "--verdict", "refuse", "--on", "2021-03-26", "--grounds", "Incomplet", *common)
    assert json.loads(made.stdout)["effects"][0]["state_after"] == "refused"
    unknown = cites("decide", "lille", "--verdict", "refuse", "--on", "2021-03-26", *common)
    assert "1 fault" in refused(unknown)
    assert "lille" in unknown.stdout
    assert "decisions.csv" in unknown.stdout
