"""Does a pause keep letters back without losing, doubling or ageing any of them?"""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from deployments.cli import main
from models.event_tables import Event
from models.rules.pauses import Order, Pauses, standing
from models.tables import Message, Notice
from models.territory_queries import NoSuchTerritory
from models.words import MessageStatus, NoticeStatus
from tasks.database import reading
from tasks.pauses import NotPaused, pause, pauses, resume
from tests.mailroom_builders import (
    EVERYBODY,
    a_campaign_of_the_north,
    a_pass,
    delivered,
    imported,
    mails,
    point_at,
    read,
    stands,
    words_to,
)
from tests.prefect_builders import J_7, at

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY, FRIDAY = at("2021-02-22", "09:00"), at("2021-02-26", "09:00")
ROUBAIX = (1, "roubaix")


@pytest.fixture
def north(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cités of one département."""
    point_at(sqlite_url, monkeypatch)
    a_campaign_of_the_north(tmp_path)
    return tmp_path


@pytest.fixture
def north_on_both(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, on each kind of database."""
    point_at(database_url, monkeypatch)
    a_campaign_of_the_north(tmp_path)
    return tmp_path


def paused(territory: str = "", campaign: str = "2021", until: object = None) -> None:
    pause(campaign=campaign, territory=territory, at=J_7, until=until, author="Mme Roy", grounds="à revoir")  # type: ignore[arg-type]


def resumed(territory: str = "", campaign: str = "2021") -> None:
    resume(campaign=campaign, territory=territory, at=J_7, author="Mme Roy", grounds="")


# Which order stands


def order(holds: bool, *, campaign: int | None = 1, territory: tuple[int, str] | None = None, until: int = 0) -> Order:
    return Order(campaign=campaign, territory=territory, holds=holds, until=J_7 + until * HOUR if until else None)


@pytest.mark.parametrize(
    ("orders", "stands_at_j_7"),
    [
        ([], Pauses()),
        ([order(True)], Pauses(campaigns=frozenset({1}))),
        ([order(True), order(False)], Pauses()),
        ([order(True), order(False), order(True)], Pauses(campaigns=frozenset({1}))),
        ([order(True, campaign=None), order(False)], Pauses(everything=True)),
        ([order(True), order(False, territory=ROUBAIX)], Pauses(campaigns=frozenset({1}))),
        ([order(True, territory=ROUBAIX)], Pauses(territories=frozenset({ROUBAIX}))),
        ([order(True, until=1)], Pauses(campaigns=frozenset({1}))),
        ([order(True), order(True, until=-1)], Pauses()),
    ],
)
def test_the_last_order_of_a_scope_stands_and_scopes_add_up(orders: list[Order], stands_at_j_7: Pauses) -> None:
    assert standing(orders, J_7) == stands_at_j_7


def test_a_pause_is_over_at_its_very_end() -> None:
    assert standing([order(True, until=1)], J_7 + HOUR) == Pauses()


# Everything, a campaign


@pytest.mark.parametrize("campaign", ["", "2021"])
def test_decisions_go_on_while_letters_wait(north: Path, campaign: str) -> None:
    paused(campaign=campaign)
    assert a_pass(J_7)["decided"] == 9
    assert delivered(J_7) == []
    resumed(campaign=campaign)
    assert delivered(J_7 + HOUR) == EVERYBODY
    assert delivered(J_7 + 2 * HOUR) == []


def test_what_waited_through_a_step_leaves_once_with_the_present_one(north: Path) -> None:
    a_pass(J_7)
    paused()
    assert delivered(J_7) == []
    a_pass(FRIDAY)
    assert delivered(FRIDAY) == []
    resumed()
    assert delivered(FRIDAY + HOUR) == EVERYBODY
    assert "il reste 2 jours" in words_to("mairie@douai.test")[0].replace("\N{NO-BREAK SPACE}", " ").lower()
    assert sorted(stands()) == sorted(
        [(address, status) for address in EVERYBODY for status in (MessageStatus.CANCELLED, MessageStatus.SENT)]
    )


def test_what_waited_beyond_the_days_of_grace_does_not_leave(north: Path) -> None:
    a_pass(at("2021-03-08", "09:00"))
    paused()
    delivered(at("2021-03-08", "09:00"))
    resumed()
    assert delivered(at("2021-03-19", "09:00")) == []
    with reading() as session:
        assert set(session.exec(select(Notice.reason).where(Notice.status == NoticeStatus.CANCELLED))) == {
            "le délai de grâce est passé"
        }


def test_a_pause_ends_by_itself(north: Path) -> None:
    a_pass(J_7)
    paused(until=MONDAY)
    assert delivered(J_7) == []
    assert delivered(MONDAY) == EVERYBODY
    assert pauses(MONDAY) == []


def test_another_campaign_is_not_held_back(north: Path) -> None:
    a_pass(J_7)
    a_campaign_of_the_north(north, campaign="2021-bis")
    paused(campaign="2021-bis")
    assert delivered(J_7) == EVERYBODY


# A territory


def test_a_paused_territory_waits_and_the_others_of_the_same_letter_leave(north_on_both: Path) -> None:
    a_pass(J_7)
    paused("roubaix")
    assert delivered(J_7) == ["dasen@nord.test", "mairie@douai.test", "mairie@maubeuge.test", "prefet@nord.test"]
    [told] = words_to("prefet@nord.test")
    assert ("Douai" in told, "Maubeuge" in told, "Roubaix" in told) == (True, True, False)
    resumed("roubaix")
    assert delivered(J_7 + HOUR) == ["dasen@nord.test", "mairie@roubaix.test", "prefet@nord.test"]
    assert delivered(J_7 + 2 * HOUR) == []
    assert sorted("Roubaix" in letter for letter in words_to("prefet@nord.test")) == [False, True]
    assert len({read(file)["Message-ID"] for file in mails()}) == len(mails()) == 7
    with reading() as session:
        assert set(session.exec(select(Notice.status).where(Notice.step == "-7"))) == {NoticeStatus.SENT}


def test_a_pause_lifted_before_the_letter_leaves_changes_nothing(north: Path) -> None:
    a_pass(J_7)
    paused("roubaix")
    resumed("roubaix")
    assert delivered(J_7) == EVERYBODY
    assert "Roubaix" in words_to("prefet@nord.test")[0]


def test_what_was_set_aside_and_is_no_longer_true_does_not_leave(north: Path) -> None:
    a_pass(J_7)
    paused("roubaix")
    delivered(J_7)
    imported(north, "desistements", "territoire;date;motif", "roubaix;2021-02-19;essai")
    resumed("roubaix")
    assert delivered(J_7 + HOUR) == []


def test_two_territories_set_aside_leave_one_after_the_other(north: Path) -> None:
    a_pass(J_7)
    paused("roubaix")
    paused("douai")
    assert delivered(J_7) == ["dasen@nord.test", "mairie@maubeuge.test", "prefet@nord.test"]
    resumed("douai")
    assert delivered(J_7 + HOUR) == ["dasen@nord.test", "mairie@douai.test", "prefet@nord.test"]
    resumed("roubaix")
    assert delivered(J_7 + 2 * HOUR) == ["dasen@nord.test", "mairie@roubaix.test", "prefet@nord.test"]
    with reading() as session:
        heads = session.exec(select(Message.facts).where(Message.address == "prefet@nord.test").order_by(Message.id))  # type: ignore[arg-type]
        assert [[each["territory"] for each in facts["sections"]] for facts in heads] == [
            ["maubeuge"], ["douai"], ["roubaix"],
        ]  # fmt: skip


# Orders


def test_an_order_is_recorded_with_its_author_and_grounds(north: Path) -> None:
    paused("roubaix", until=MONDAY)
    resumed("roubaix")
    with reading() as session:
        events = session.exec(select(Event).where(Event.subject == "sending").order_by(Event.id)).all()  # type: ignore[arg-type]
        assert [(each.author, each.action, each.campaign, each.territory, each.grounds, each.after)
                for each in events] == [
            ("Mme Roy", "paused", "2021", "roubaix", "à revoir", {"until": MONDAY.isoformat()}),
            ("Mme Roy", "resumed", "2021", "roubaix", "", None),
        ]  # fmt: skip


def test_nothing_is_resumed_that_is_not_paused(north: Path) -> None:
    paused()
    with pytest.raises(NotPaused, match="territory roubaix of campaign 2021 is not paused: nothing to resume"):
        resumed("roubaix")
    with pytest.raises(NoSuchTerritory, match="has no territory «lille»"):
        paused("lille")
    assert [(each.campaign, each.territory) for each in pauses(J_7)] == [("2021", "")]


def test_from_the_terminal(north: Path) -> None:
    run = CliRunner().invoke
    assert run(main, ["pause", "--territory", "roubaix"]).exit_code == 2
    assert run(main, ["pause", "--grounds", "panne"]).output == (
        "Paused: all sending. Letters wait; `cites resume` lets them leave.\n"
    )
    run(main, ["pause", "--campaign", "2021", "--territory", "roubaix"])
    said = run(main, ["resume", "--campaign", "2021", "--territory", "roubaix"])
    assert said.stdout == (
        "Resumed: territory roubaix of campaign 2021. What waited is rechecked and leaves with the next delivery.\n"
    )
    assert said.stderr == "Still paused: all sending\n"
    gone = run(main, ["resume", "--campaign", "2021"])
    assert (gone.exit_code, gone.stderr) == (
        1, "Error: campaign 2021 is not paused: nothing to resume (paused: all sending)\n",
    )  # fmt: skip
