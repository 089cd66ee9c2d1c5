"""Does an agenda know each obligation's day, count its changes, and see it fall?"""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.due_days import DueDay, Standing, due_days
from tests.builders import QUICK_PROPERTY, a_dossier, a_piece, a_programme, an_instant

PROGRAMME = a_programme()
MOVED = a_programme(
    deadlines={
        "candidature": [
            {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
            {"date": date(2021, 3, 15), "since": date(2021, 2, 10), "cite": "note-2021-02-10, page 1"},
        ]
    }
)
AWAITED, SATISFIED, DECIDED, WITHDRAWN, VOID = Standing


def told(days: tuple[DueDay, ...]) -> list[tuple[str, Standing, int]]:
    return [(day.due.isoformat(), day.standing, day.sequence) for day in days]


def test_an_obligation_appears_when_it_is_first_awaited() -> None:
    dossier = a_dossier(decisions=[("2021-03-26", "labellise")])
    assert told(due_days(PROGRAMME, dossier, "candidature", an_instant("2020-10-14 23:59"))) == []
    assert told(due_days(PROGRAMME, dossier, "candidature", an_instant("2020-10-15 00:00"))) == [
        ("2021-02-28", AWAITED, 0)
    ]
    assert told(due_days(PROGRAMME, dossier, "action_plan", an_instant("2021-03-25 23:59"))) == []
    assert told(due_days(PROGRAMME, dossier, "action_plan", an_instant("2021-03-26 00:00"))) == [
        ("2021-05-15", AWAITED, 0)
    ]


def test_a_date_that_moves_for_everybody_is_the_next_in_the_sequence() -> None:
    before, after = an_instant("2021-02-09 23:59"), an_instant("2021-02-10 00:00")
    assert told(due_days(MOVED, a_dossier(), "candidature", before)) == [("2021-02-28", AWAITED, 0)]
    assert told(due_days(MOVED, a_dossier(), "candidature", after)) == [("2021-03-15", AWAITED, 1)]


def test_each_extension_is_one_more() -> None:
    dossier = a_dossier(
        extensions=[("candidature", "2021-03-10", "2021-02-10"), ("candidature", "2021-03-20", "2021-03-08")]
    )
    at = ["2021-02-09", "2021-02-10", "2021-03-08"]
    assert [told(due_days(PROGRAMME, dossier, "candidature", an_instant(f"{day} 09:00"))) for day in at] == [
        [("2021-02-28", AWAITED, 0)],
        [("2021-03-10", AWAITED, 1)],
        [("2021-03-20", AWAITED, 2)],
    ]


def test_an_extension_of_another_deadline_changes_nothing() -> None:
    dossier = a_dossier(extensions=[("action_plan", "2021-06-15", "2021-02-10")])
    assert told(due_days(PROGRAMME, dossier, "candidature", an_instant("2021-02-20 09:00"))) == [
        ("2021-02-28", AWAITED, 0)
    ]


def test_what_is_satisfied_falls_and_comes_back_with_a_refused_piece() -> None:
    dossier = a_dossier(
        received=["candidature"],
        received_at="2021-02-20 10:00",
        pieces=[a_piece("diagnostic/social", "2021-02-24 15:00", "refusee")],
    )
    at = ["2021-02-20 09:59", "2021-02-20 10:00", "2021-02-24 15:00"]
    assert [told(due_days(PROGRAMME, dossier, "candidature", an_instant(each))) for each in at] == [
        [("2021-02-28", AWAITED, 0)],
        [("2021-02-28", SATISFIED, 1)],
        [("2021-02-28", AWAITED, 2)],
    ]


def test_the_last_change_is_the_last_fact_that_concerns_the_obligation() -> None:
    dossier = a_dossier(
        pieces=[
            a_piece("diagnostic/social", "2021-02-18 11:30"),
            a_piece("programme-action/document", "2021-02-19 08:00"),
        ]
    )
    [day] = due_days(PROGRAMME, dossier, "candidature", an_instant("2021-02-19 09:00"))
    assert (day.sequence, day.modified) == (0, an_instant("2021-02-18 11:30"))


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"withdrawals": ["2021-02-12"]}, WITHDRAWN),
        ({"decisions": [("2021-02-12", "refuse")]}, DECIDED),
        ({"decisions": [("2021-02-12", "labellise")]}, DECIDED),
    ],
)
def test_a_withdrawal_or_a_decision_ends_the_candidature(facts: dict[str, list[object]], standing: Standing) -> None:
    dossier = a_dossier(**facts)  # type: ignore[arg-type]
    assert told(due_days(PROGRAMME, dossier, "candidature", an_instant("2021-02-12 00:00"))) == [
        ("2021-02-28", standing, 1)
    ]


def test_a_label_that_is_corrected_leaves_what_it_opened_without_object() -> None:
    dossier = a_dossier(decisions=[("2021-03-26", "labellise"), ("2021-03-30", "ajourne")])
    assert told(due_days(PROGRAMME, dossier, "action_plan", an_instant("2021-03-30 09:00"))) == [
        ("2021-05-15", VOID, 1)
    ]


def test_each_convention_that_is_watched_has_its_own_day() -> None:
    dossier = a_dossier(
        decisions=[("2021-03-26", "labellise")],
        conventions=[("2021-01-01", "2023-12-31", "2021-06-30"), ("2024-01-01", "2026-12-31", "2023-11-10")],
    )
    days = due_days(PROGRAMME, dossier, "convention_end", an_instant("2023-11-10 09:00"))
    assert [(each.watched, *told((each,))[0]) for each in days] == [
        (date(2023, 12, 31), "2023-12-31", SATISFIED, 1),
        (date(2026, 12, 31), "2026-12-31", AWAITED, 0),
    ]


def test_the_day_begins_where_the_territory_is() -> None:
    dossier = a_dossier(code="saint-benoit", departement="974", withdrawals=["2021-02-12"])
    at = an_instant("2021-02-11 20:30", "UTC")  # half past midnight in La Réunion
    assert told(due_days(PROGRAMME, dossier, "candidature", at)) == [("2021-02-28", WITHDRAWN, 1)]


DAYS = st.integers(0, 200).map(lambda number: (date(2020, 10, 1) + timedelta(days=number)).isoformat())
FACTS = st.fixed_dictionaries(
    {
        "extensions": st.lists(st.tuples(st.just("candidature"), DAYS, DAYS), max_size=4),
        "withdrawals": st.lists(DAYS, max_size=1),
        "decisions": st.lists(st.tuples(DAYS, st.sampled_from(["labellise", "refuse", "ajourne"])), max_size=3),
        "received": st.sampled_from([[], ["candidature"]]),
        "received_at": DAYS.map(lambda day: f"{day} 10:00"),
        "pieces": st.lists(
            st.tuples(DAYS, st.sampled_from(["recue", "refusee", "retiree"])).map(
                lambda fact: a_piece("diagnostic/social", f"{fact[0]} 12:00", fact[1])
            ),
            max_size=3,
        ),
    }
)


@QUICK_PROPERTY
@given(facts=FACTS, days=st.lists(DAYS, min_size=2, max_size=6).map(sorted))
def test_the_sequence_never_decreases_and_grows_whenever_something_changes(
    facts: dict[str, list[object]], days: list[str]
) -> None:
    dossier = a_dossier(**facts)  # type: ignore[arg-type]
    seen = [
        told(found)[0] for day in days if (found := due_days(MOVED, dossier, "candidature", an_instant(f"{day} 18:00")))
    ]
    for (due, standing, sequence), (later_due, later_standing, later_sequence) in pairwise(seen):
        assert later_sequence >= sequence
        if (due, standing) != (later_due, later_standing):
            assert later_sequence > sequence
