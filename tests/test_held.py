"""Does a held letter wait for somebody, and nothing else wait with it?"""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from deployments.cli import main
from models.event_tables import Event
from models.queries import NoSuchCampaign
from models.rules.mailroom import Catch, load_mailroom_policy
from models.rules.programme import Programme
from models.rules.yaml_files import ProgrammeRefused
from models.tables import Message
from models.words import MessageStatus, NoticeStatus
from notifications.outbox import MARKED
from tasks.database import reading
from tasks.holding import NotHeld, answer_held, held
from tests.builders import a_programme
from tests.mailroom_builders import (
    EVERYBODY,
    HELD,
    a_campaign_of_the_north,
    a_pass,
    delivered,
    imported,
    notices_to,
    point_at,
    stands,
    words_to,
)
from tests.prefect_builders import J_7, at

WAITING, CANCELLED = MessageStatus.WAITING, MessageStatus.CANCELLED
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAYS = {"at": J_7, "author": "Mme Roy"}
CATCH = Catch(surplus_ratio=2, least_notices=10, late_days=7)


@pytest.fixture
def north_on_both(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cités of one département whose reminders are all held, on each kind of database."""
    point_at(database_url, monkeypatch)
    a_campaign_of_the_north(tmp_path, reminders=HELD)
    return tmp_path


@pytest.fixture
def north(north_on_sqlite: Path) -> Path:
    """The same on SQLite alone."""
    a_campaign_of_the_north(north_on_sqlite, reminders=HELD)
    return north_on_sqlite


@pytest.fixture
def north_on_sqlite(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    point_at(sqlite_url, monkeypatch)
    return tmp_path


def ids_to(*addresses: str) -> list[int]:
    return [each.id for each in held() if each.address in addresses]


# What a programme file marks


def marked(*names: str) -> Programme:
    return a_programme(reminders={"assumption": "essai", "held": list(names)})


@pytest.mark.parametrize(
    ("name", "obligation", "step", "holds"),
    [
        ("overdue", "candidature", "1", True),
        ("overdue", "candidature", "7", False),
        ("overdue", "candidature", "-7", False),
        ("overdue", "fund_report:2021", "1", True),
        ("decision", "candidature", "decision", True),
        ("decision", "candidature", "receipt", False),
        ("decision", "candidature", "99", False),
    ],
)
def test_a_letter_or_an_event_is_marked_by_its_name(name: str, obligation: str, step: str, holds: bool) -> None:
    assert marked(name).holds(obligation, step) is holds


def test_an_edition_holds_nothing_by_itself() -> None:
    assert a_programme().held == frozenset()


def test_a_name_that_is_no_letter_is_refused_with_those_that_are() -> None:
    with pytest.raises(
        ProgrammeRefused, match="«rappel» is not a known word here: use one of convention_end, decision"
    ):
        marked("rappel")


# Waiting


def test_held_letters_wait_and_say_why(north: Path) -> None:
    assert a_pass(J_7)["letters"] == 5
    assert delivered(J_7) == []
    assert [(each.address, each.why, each.steps) for each in held(campaign="2021")] == [
        (address, MARKED, ("-7",))
        for address in ("mairie@douai.test", "prefet@nord.test", "dasen@nord.test", "mairie@maubeuge.test",
                        "mairie@roubaix.test")
    ]  # fmt: skip


def test_released_letters_leave_at_their_hour_and_the_others_still_wait(north_on_both: Path) -> None:
    a_pass(J_7)
    answer_held(ids_to("prefet@nord.test", "mairie@douai.test"), **SAYS)
    assert delivered(J_7 + HOUR) == ["mairie@douai.test", "prefet@nord.test"]
    assert delivered(J_7 + 2 * HOUR) == []
    with reading() as session:
        asked = select(Message.released_by, Message.released_at).where(Message.address == "prefet@nord.test")
        assert session.execute(asked).all() == [("Mme Roy", J_7)]


def test_a_letter_released_on_a_saturday_leaves_on_monday_at_nine(north: Path) -> None:
    a_pass(J_7)
    answer_held(None, campaign="2021", at=J_7 + DAY, author="Mme Roy")
    assert delivered(J_7 + DAY) == []
    assert delivered(at("2021-02-22", "08:59")) == []
    assert delivered(at("2021-02-22", "09:00")) == EVERYBODY


def test_a_refused_letter_never_leaves_and_is_never_decided_again(north_on_both: Path) -> None:
    a_pass(J_7)
    answer_held(ids_to("prefet@nord.test"), grounds="déjà dit au téléphone", refused=True, **SAYS)
    again = a_pass(J_7 + HOUR)
    assert (again["decided"], again["letters"]) == (0, 0)
    assert ("prefet@nord.test", CANCELLED) in stands()
    assert notices_to("prefet@nord.test") == [NoticeStatus.DEAD] * 3
    answer_held(None, campaign="2021", **SAYS)
    assert "prefet@nord.test" not in delivered(J_7 + 2 * HOUR)


def test_who_released_or_refused_is_recorded_with_the_grounds(north: Path) -> None:
    a_pass(J_7)
    [letter] = ids_to("prefet@nord.test")
    answer_held([letter], grounds="déjà dit", refused=True, **SAYS)
    with reading() as session:
        event = session.exec(select(Event).where(Event.subject == "letters")).one()
        assert (event.author, event.action, event.campaign, event.grounds, event.after) == (
            "Mme Roy", "refused", "2021", "déjà dit",
            {"letter": letter, "deadline": "candidature", "why": MARKED},
        )  # fmt: skip


def test_a_held_letter_of_which_nothing_is_true_any_more_is_cancelled(north_on_both: Path) -> None:
    a_pass(J_7)
    imported(north_on_both, "desistements", "territoire;date;motif", "douai;2021-02-19;essai")
    assert delivered(J_7 + HOUR) == []
    assert ("mairie@douai.test", CANCELLED) in stands()
    assert ids_to("mairie@douai.test") == []
    answer_held(None, campaign="2021", **SAYS)
    assert delivered(J_7 + 2 * HOUR) == [each for each in EVERYBODY if each != "mairie@douai.test"]
    assert "Douai" not in words_to("prefet@nord.test")[0]


def test_a_held_letter_is_overtaken_by_the_next_step(north: Path) -> None:
    a_pass(J_7)
    a_pass(at("2021-02-26", "09:00"))
    answer_held(None, campaign="2021", at=at("2021-02-26", "10:00"), author="Mme Roy")
    assert delivered(at("2021-02-26", "10:00")) == EVERYBODY  # one each: J-7 is no longer true


def test_only_what_is_marked_waits_and_the_rest_of_the_letter_leaves_on_time(
    north_on_sqlite: Path,
) -> None:
    a_campaign_of_the_north(north_on_sqlite, reminders={"assumption": "essai", "held": ["decision"]})
    imported(north_on_sqlite, "decisions", "territoire;decision;date;autorite;motif",
             "douai;refuse;2021-02-19;Les ministres;essai")  # fmt: skip
    a_pass(J_7)
    assert delivered(J_7) == ["dasen@nord.test", "mairie@maubeuge.test", "mairie@roubaix.test", "prefet@nord.test"]
    assert "Douai" not in words_to("prefet@nord.test")[0]
    assert [(each.address, each.steps, each.territories) for each in held()] == [
        ("mairie@douai.test", ("decision",), ("Douai",)),
        ("prefet@nord.test", ("decision",), ("Douai",)),
        ("dasen@nord.test", ("decision",), ("Douai",)),
    ]
    answer_held(None, campaign="2021", **SAYS)
    assert delivered(J_7 + HOUR) == ["dasen@nord.test", "mairie@douai.test", "prefet@nord.test"]


def test_a_letter_that_is_not_held_leaves_all_of_them_as_they_were(north: Path) -> None:
    a_pass(J_7)
    first = held()[0].id
    with pytest.raises(NotHeld, match="no held letter has the number 9999: `cites held` lists"):
        answer_held([first, 9999], **SAYS)
    assert len(held()) == 5
    with pytest.raises(NoSuchCampaign):
        answer_held(None, campaign="1999", **SAYS)


def test_from_the_terminal(north: Path) -> None:
    a_pass(J_7)
    run = CliRunner().invoke
    listed = run(main, ["held", "--campaign", "2021"])
    assert (listed.exit_code, listed.output.count(MARKED)) == (0, 5)
    [number] = ids_to("prefet@nord.test")
    refused = run(main, ["release", str(number), "--refuse", "--by", "Mme Roy"])
    assert (refused.exit_code, "a refusal needs its reason" in refused.output) == (2, True)
    done = run(main, ["release", "--all", "--campaign", "2021", "--by", "Mme Roy", "--at", J_7.isoformat()])
    assert done.output == "5 letters released: they leave at their next hour on a working day.\n"
    gone = run(main, ["release", str(number), "--by", "Mme Roy"])
    assert (gone.exit_code, gone.output.startswith("Error: no held letter has the number")) == (1, True)


# The safety catches


@pytest.mark.parametrize(
    ("figures", "held_because"),
    [
        ({"decided": 9, "unplanned": 9}, ""),
        ({"decided": 20, "unplanned": 10}, ""),
        ({"decided": 21, "unplanned": 11},
         "ce passage décide 21 avis là où 10 étaient attendus : à relire avant l’envoi"),
        ({"decided": 40, "late_at_opening": 9}, ""),
        ({"decided": 40, "late_at_opening": 10},
         "campagne ouverte tard : 10 avis d’étapes passées depuis plus de 7 jours, à relire avant l’envoi"),
    ],
)  # fmt: skip
def test_a_pass_is_held_when_it_surprises(figures: dict[str, int], held_because: str) -> None:
    assert CATCH.why_held(figures) == held_because


def careful(monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    """The same rules, on numbers that three cités can reach."""
    policy = load_mailroom_policy()
    catch = Catch(surplus_ratio=2, least_notices=least, late_days=7)
    changed = type(policy)(catch=catch, answers=policy.answers, retention=policy.retention)
    monkeypatch.setattr("tasks.reminders.load_mailroom_policy", lambda: changed)


def test_a_mass_replacement_of_contacts_the_day_after_is_read_before_it_leaves(
    north_on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful(monkeypatch, least=3)
    a_campaign_of_the_north(north_on_sqlite)
    a_pass(J_7)
    assert delivered(J_7) == EVERYBODY
    imported(north_on_sqlite, "contacts", "role;perimetre;courriel", *(
        f"chef_de_file;{code};nouveau@{code}.test" for code in ("douai", "maubeuge", "roubaix")
    ))  # fmt: skip
    assert a_pass(at("2021-02-22", "09:00"))["unplanned"] == 3
    assert delivered(at("2021-02-22", "09:00")) == []
    assert {each.why for each in held()} == {
        "ce passage décide 3 avis là où 0 étaient attendus : à relire avant l’envoi"
    }


def test_three_mornings_without_the_engine_are_no_surprise(
    north_on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful(monkeypatch, least=3)
    a_campaign_of_the_north(north_on_sqlite)
    a_pass(at("2021-02-18", "09:00"))
    delivered(at("2021-02-18", "09:00"))
    assert a_pass(at("2021-02-24", "09:00")).get("unplanned") is None
    assert delivered(at("2021-02-24", "09:00")) == EVERYBODY


def test_the_first_pass_and_the_next_hour_are_no_surprise(
    north_on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful(monkeypatch, least=1)
    a_campaign_of_the_north(north_on_sqlite)
    a_pass(at("2021-02-19", "08:00"))
    assert a_pass(J_7).get("unplanned") is None
    assert delivered(J_7) == EVERYBODY


def test_a_campaign_opened_late_is_read_before_its_old_steps_leave(
    north_on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful(monkeypatch, least=9)
    a_campaign_of_the_north(north_on_sqlite, opened=at("2021-03-17", "08:00"))
    figures = a_pass(at("2021-03-18", "09:00"))  # J+7 left on Monday the 8th: nine days before the opening
    assert figures["late_at_opening"] == 9
    assert delivered(at("2021-03-18", "09:00")) == []
    assert {each.why for each in held()} == {
        "campagne ouverte tard : 9 avis d’étapes passées depuis plus de 7 jours, à relire avant l’envoi"
    }
