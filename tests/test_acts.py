"""Is an act recorded as such, shown before it is made, and refused when it cannot be?"""

import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.event_tables import Event
from models.rules.effects import Effect, MovedDue
from models.rules.lifecycle import State
from models.tables import Campaign, Decision, Extension, Notice, Withdrawal
from models.words import NoticeStatus, Verdict
from tasks.acts import ActRefused, decide, extend, perform, withdraw
from tasks.campaigns import open_campaign_file
from tasks.database import reading, transaction
from tasks.delivery import deliver
from tasks.intake import IntakeRefused
from tasks.opening_preview import DeadlinePreview, Move, OpeningPreview, preview_opening
from tasks.reminders import recheck
from tasks.settings import settings
from tests.builders import a_campaign_file
from tests.prefect_builders import J_7, a_small_campaign
from tests.test_cli import cites, everything, refused
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


MOVED = {"candidature": [
    {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
    {"date": date(2021, 3, 15), "since": date(2021, 2, 19), "cite": "note-2021-02-19, page 1"},
]}  # fmt: skip


def a_file(folder: Path, **changes: Any) -> Path:
    path = folder / "campaign.yaml"
    path.write_text(a_campaign_file(**changes), encoding="utf-8")
    return path


def candidature_of(preview: OpeningPreview) -> DeadlinePreview:
    return next(each for each in preview.deadlines if each.obligation == "candidature")


def test_a_date_moved_for_everybody_is_shown_before_it_is_moved_and_nothing_is_written(
    campaign: str, database_url: str, tmp_path: Path
) -> None:
    a_pass(campaign, J_7)
    perform(ten_days_more("saint-denis-974"), campaign=campaign, at=AT, author="moi")
    perform(withdraw(["lens"], day=date(2021, 2, 19), grounds="Choix"), campaign=campaign, at=AT, author="moi")
    before = everything()
    found = preview_opening(a_file(tmp_path, deadlines=MOVED), at=AT, author="moi")
    assert everything() == before
    assert (found.opening.change, found.opening.territories) == ("corrected", 3)
    seen = candidature_of(found)  # one has given up, and one keeps the date that it was granted that very day
    assert seen.moves == (Move(before=date(2021, 2, 28), after=date(2021, 3, 15), territories=1),)
    assert (seen.cancelled, seen.already_sent) == (3, 0)  # the letters of J-7 for Douai, decided this morning
    open_campaign_file(a_file(tmp_path, deadlines=MOVED), at=AT, author="moi")
    recheck.fn(datetime(2021, 2, 19, 11, 0, tzinfo=UTC))
    with transaction() as session:
        reasons = Counter(session.exec(select(Notice.reason).where(Notice.status == NoticeStatus.CANCELLED)))
    assert reasons == {"l’échéance a été déplacée": 3 + 1, "le territoire s’est désisté": 2}


def test_letters_already_sent_for_the_old_date_are_counted_and_the_new_date_is_armed_anew(
    campaign: str, tmp_path: Path
) -> None:
    a_pass(campaign, J_7)
    deliver.fn(J_7, "essai", J_7)
    seen = candidature_of(preview_opening(a_file(tmp_path, deadlines=MOVED), at=AT, author="moi"))
    assert (seen.cancelled, seen.already_sent) == (0, 6)
    # Six readers: J-2, J+1 and J+7 of the old date; J-15 (26 February), J-7, J-2, J+1 and J+7 of the new one.
    assert (seen.to_come_before, seen.to_come_after) == (6 * 3, 6 * 5)


def test_a_date_to_come_is_looked_at_from_its_day_on(campaign: str, tmp_path: Path) -> None:
    later = {"candidature": [MOVED["candidature"][0], MOVED["candidature"][1] | {"since": date(2021, 2, 24)}]}
    seen = candidature_of(preview_opening(a_file(tmp_path, deadlines=later), at=AT, author="moi"))
    assert [(each.before, each.after, each.territories) for each in seen.moves] == [
        (date(2021, 2, 28), date(2021, 3, 15), 3)
    ]


def test_the_first_opening_of_a_campaign_can_be_previewed(database_url: str, tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "territoires.csv").write_text("code;nom;departement\ndouai;Douai;59\n", encoding="utf-8")
    found = preview_opening(a_file(tmp_path), at=AT, author="moi", tables=tables, url=database_url)
    assert (found.opening.change, found.opening.territories) == ("opened", 1)
    assert candidature_of(found).moves == (Move(before=None, after=date(2021, 2, 28), territories=1),)
    with reading(database_url) as session:
        assert session.exec(select(Campaign)).all() == []


def test_the_same_file_moves_nothing(campaign: str, tmp_path: Path) -> None:
    found = preview_opening(a_file(tmp_path), at=AT, author="moi")
    assert found.opening.change == "unchanged"
    assert [each for each in found.deadlines if each.moves or each.to_come_before != each.to_come_after] == []


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
    shown = cites("campaign", "open", str(a_file(tmp_path, deadlines=MOVED)), "--preview", "--at", AT.isoformat())
    assert "2021-02-28 → 2021-03-15" in shown.stdout
    assert shown.stdout.endswith("Preview: nothing was written.\n")
    unknown = cites("decide", "lille", "--verdict", "refuse", "--on", "2021-03-26", *common)
    assert unknown.stdout == ""  # results only: what is refused is told apart, in one sentence
    assert refused(unknown) == (
        "« lille » : territoire inconnu de la campagne 2021 ; "
        "écrire le code d’un territoire de la campagne, ou l’ajouter au tableau territoires."
    )
    nobody = cites("decide", "douai", "--verdict", "refuse", "--on", "2021-03-26", *common, "--by", " ")
    assert "it is empty: say who acts" in refused(nobody)
