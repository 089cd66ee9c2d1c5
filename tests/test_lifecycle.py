"""In which state is a dossier at an instant, and where may it go from there?"""

from itertools import product

import pytest

from deployments.lifecycle_page import MEANING, PAGE, lifecycle_page
from models.rules.dossier import Dossier
from models.rules.lifecycle import FRENCH, NEXT, ForbiddenTransition, State, advance, state
from tests.builders import a_dossier, a_piece, a_programme, an_instant

PROGRAMME = a_programme()
LABELLED = ("2021-03-15", "labellise")
COMPLETE = ["candidature", "action_plan", "convention"]


def state_of(dossier: Dossier, at: str) -> State:
    return state(PROGRAMME, dossier, an_instant(at, PROGRAMME.calendar.zone(dossier.departement)))


def test_a_candidature_goes_from_preselected_to_under_review() -> None:  # E033
    dossier = a_dossier(
        received=["diagnostic"],
        pieces=[
            piece
            for piece in a_dossier(received=["candidature"], received_at="2021-02-20 16:00").pieces
            if piece.requirement != "diagnostic"
        ],
    )
    assert [
        state_of(dossier, at)
        for at in (
            "2020-10-14 23:59", "2020-10-15 00:00", "2020-11-02 09:59", "2020-11-02 10:00", "2021-02-20 15:59",
            "2021-02-20 16:00", "2021-02-28 23:59", "2021-03-01 00:00",
        )
    ] == [
        State.PRESELECTED, State.INVITED, State.INVITED, State.IN_PREPARATION, State.IN_PREPARATION,
        State.TRANSMITTED, State.TRANSMITTED, State.UNDER_REVIEW,
    ]  # fmt: skip


def test_the_due_day_is_over_when_it_is_over_in_the_territory_s_own_zone() -> None:
    in_guadeloupe = a_dossier(departement="971", received=["candidature"])
    assert state(PROGRAMME, in_guadeloupe, an_instant("2021-03-01 04:59")) is State.TRANSMITTED
    assert state(PROGRAMME, in_guadeloupe, an_instant("2021-03-01 05:00")) is State.UNDER_REVIEW


@pytest.mark.parametrize("visa", ["visa-prefet", "visa-dasen"])
def test_without_either_visa_a_dossier_is_not_transmitted(visa: str) -> None:  # E039, E040
    taken_back = a_piece(f"demande-labellisation/{visa}", "2020-12-01 10:00", "retiree")
    dossier = a_dossier(received=["candidature"], pieces=[taken_back])
    assert state_of(dossier, "2020-12-02 10:00") is State.IN_PREPARATION


@pytest.mark.parametrize(("verdict", "expected"), [("refuse", State.REFUSED), ("ajourne", State.DEFERRED)])
def test_a_negative_decision_counts_from_the_beginning_of_its_day(verdict: str, expected: State) -> None:
    dossier = a_dossier(received=["candidature"], decisions=[("2021-03-15", verdict)])
    assert state_of(dossier, "2021-03-14 23:59") is State.UNDER_REVIEW
    assert state_of(dossier, "2021-03-15 00:00") is expected


def test_a_later_decision_replaces_the_one_before_and_of_one_day_the_later_row() -> None:  # E105
    dossier = a_dossier(decisions=[("2021-03-15", "refuse"), ("2021-03-22", "ajourne"), ("2021-03-22", "labellise")])
    assert state_of(dossier, "2021-03-21 12:00") is State.REFUSED
    assert state_of(dossier, "2021-03-22 12:00") is State.LABELLED


def test_an_extension_after_a_deferral_puts_the_dossier_back_to_work() -> None:
    dossier = a_dossier(
        received=["diagnostic"],
        decisions=[("2021-03-15", "ajourne")],
        extensions=[("candidature", "2021-05-31", "2021-04-01")],
    )
    assert state_of(dossier, "2021-03-31 12:00") is State.DEFERRED
    assert state_of(dossier, "2021-04-01 00:00") is State.IN_PREPARATION


def test_an_extension_of_the_very_day_of_a_deferral_puts_the_dossier_back_to_work() -> None:
    dossier = a_dossier(decisions=[("2021-03-15", "ajourne")], extensions=[("candidature", "2021-05-31", "2021-03-15")])
    assert state_of(dossier, "2021-03-15 12:00") is State.INVITED


def test_an_extension_granted_before_a_refusal_does_not_reopen_it() -> None:
    dossier = a_dossier(decisions=[("2021-04-02", "refuse")], extensions=[("candidature", "2021-05-31", "2021-04-01")])
    assert state_of(dossier, "2021-04-03 12:00") is State.REFUSED


def test_an_extension_of_something_else_does_not_reopen_a_refusal() -> None:
    dossier = a_dossier(decisions=[("2021-03-15", "refuse")], extensions=[("action_plan", "2021-05-31", "2021-04-01")])
    assert state_of(dossier, "2021-04-02 12:00") is State.REFUSED


def test_an_extended_candidature_is_under_review_after_its_own_date() -> None:
    dossier = a_dossier(received=["candidature"], extensions=[("candidature", "2021-03-31", "2021-02-15")])
    assert state_of(dossier, "2021-03-31 23:59") is State.TRANSMITTED
    assert state_of(dossier, "2021-04-01 00:00") is State.UNDER_REVIEW


def test_a_withdrawal_before_the_label_ends_the_dossier_and_after_it_does_not() -> None:
    before = a_dossier(withdrawals=["2021-03-10"], decisions=[LABELLED])
    after = a_dossier(withdrawals=["2021-04-10"], decisions=[LABELLED])
    assert [state_of(before, at) for at in ("2021-03-09 23:59", "2021-03-10 00:00", "2021-04-01 12:00")] == [
        State.INVITED, State.WITHDRAWN, State.WITHDRAWN,
    ]  # fmt: skip
    assert state_of(after, "2021-04-11 12:00") is State.LABELLED


def test_a_labelled_dossier_follows_its_plan_its_convention_and_its_term() -> None:
    dossier = a_dossier(
        received=COMPLETE,
        pieces=[
            a_piece("plan-financement/document", "2021-03-16 10:00", "refusee", "à corriger"),
            a_piece("convention/signature-prefet", "2021-03-16 10:00", "refusee", "page manquante"),
            a_piece("plan-financement/document", "2021-05-10 10:00"),
            a_piece("convention/signature-prefet", "2021-06-10 10:00"),
        ],
        decisions=[LABELLED],
        conventions=[("2021-09-01", "2024-08-31", "2021-07-01"), ("2024-09-01", "2027-08-31", "2024-10-01")],
    )
    assert {
        at: state_of(dossier, f"{at} 12:00")
        for at in (
            "2021-03-17", "2021-05-10", "2021-06-10", "2021-07-01", "2021-08-31", "2021-09-01", "2023-08-31",
            "2023-09-01", "2024-08-31", "2024-09-01", "2024-10-01",
        )
    } == {
        "2021-03-17": State.LABELLED,
        "2021-05-10": State.ACTION_PLAN_RECEIVED,
        "2021-06-10": State.CONVENTION_SIGNED,
        "2021-07-01": State.CONVENTION_SIGNED,  # signed, its first day has not come
        "2021-08-31": State.CONVENTION_SIGNED,
        "2021-09-01": State.RUNNING,
        "2023-08-31": State.RUNNING,  # 366 days before its end: 2024 is a leap year
        "2023-09-01": State.CLOSING,  # 365 days
        "2024-08-31": State.CLOSING,
        "2024-09-01": State.ENDED,
        "2024-10-01": State.RENEWED,
    }  # fmt: skip


def test_an_unsigned_convention_changes_nothing() -> None:
    dossier = a_dossier(decisions=[LABELLED], conventions=[("2021-01-01", "2023-12-31", None)])
    assert state_of(dossier, "2021-06-01 12:00") is State.LABELLED


def test_a_convention_signed_for_a_territory_without_label_changes_nothing() -> None:
    dossier = a_dossier(decisions=[("2021-03-15", "refuse")], conventions=[("2021-01-01", "2023-12-31", "2021-04-01")])
    assert state_of(dossier, "2021-06-01 12:00") is State.REFUSED


# The one table of moves, read as a truth table: rows are where a dossier is, columns where it would go.
ORDER = [
    State.PRESELECTED, State.INVITED, State.IN_PREPARATION, State.TRANSMITTED, State.UNDER_REVIEW, State.REFUSED,
    State.DEFERRED, State.LABELLED, State.ACTION_PLAN_RECEIVED, State.CONVENTION_SIGNED, State.RUNNING, State.CLOSING,
    State.ENDED, State.RENEWED, State.WITHDRAWN,
]  # fmt: skip
ALLOWED = """
preselected          .xxxxxxxxxxxxxx
invited              x.xxxxxxxxxxxxx
in_preparation       xx.xxxxxxxxxxxx
transmitted          xxx.xxxxxxxxxxx
under_review         xxxx.xxxxxxxxxx
refused              xxxxx.xxxxxxxxx
deferred             xxxxxx.xxxxxxxx
labelled             xxxxxxx.xxxxxx.
action_plan_received xxxxxxxx.xxxxx.
convention_signed    xxxxxxxxx.xxxx.
running              ...........xxx.
closing              ..........x.xx.
ended                .............x.
renewed              ...............
withdrawn            ...............
"""


def test_the_table_of_moves_is_this_one() -> None:
    assert [
        f"{before.value:<20} {''.join('x' if after in NEXT[before] else '.' for after in ORDER)}" for before in ORDER
    ] == ALLOWED.strip().splitlines()


@pytest.mark.parametrize(("before", "after"), list(product(ORDER, ORDER)))
def test_a_dossier_goes_where_the_table_says_and_nowhere_else(before: State, after: State) -> None:
    row = next(line for line in ALLOWED.splitlines() if line.startswith(f"{before.value} "))
    if before is after or row.split()[1][ORDER.index(after)] == "x":
        assert advance(before, after) is after
        return
    with pytest.raises(ForbiddenTransition) as refusal:
        advance(before, after)
    assert str(refusal.value) == (
        f"un dossier «{FRENCH[before]}» ne peut pas devenir «{FRENCH[after]}» : corriger le fait qui le demande"
    )


def test_the_page_of_the_states_is_the_one_that_the_table_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == lifecycle_page(), "run python -m deployments.lifecycle_page"
    assert set(MEANING) == set(State)


@pytest.mark.parametrize("after", list(State))
def test_a_dossier_never_looked_at_may_be_found_in_any_state(after: State) -> None:
    assert advance(None, after) is after


@pytest.mark.parametrize("present", list(State))
def test_staying_is_always_allowed(present: State) -> None:
    assert advance(present, present) is present


def test_a_forbidden_move_is_refused_in_french_with_the_cure() -> None:
    with pytest.raises(ForbiddenTransition) as refusal:
        advance(State.WITHDRAWN, State.LABELLED)
    assert str(refusal.value) == (
        "un dossier «désistée» ne peut pas devenir «labellisée» : corriger le fait qui le demande"
    )


def test_every_state_has_a_french_name() -> None:
    assert set(FRENCH) == set(State)
    assert len(set(FRENCH.values())) == len(State)
