"""Which clock, which working day, which effective day?"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.calendar import instant, load_calendar, local, same_name
from tests.builders import QUICK_PROPERTY, a_programme

CALENDAR = load_calendar()
DEPARTEMENTS = sorted(CALENDAR.departements)
DAYS = st.dates(date(2019, 1, 1), date(2032, 12, 31))


def effective_days(deadline: str, due: str, departement: str = "59") -> list[tuple[int, str]]:
    steps = a_programme().deadlines[deadline].steps
    return [
        (step.offset, f"{CALENDAR.effective_day(date.fromisoformat(due), step.offset, departement):%a %d/%m/%Y}")
        for step in steps
    ]


def test_the_candidature_of_2021_is_reminded_on_these_days_in_the_mainland() -> None:  # E016, E026
    assert effective_days("candidature", "2021-02-28") == [
        (-60, "Wed 30/12/2020"),
        (-30, "Fri 29/01/2021"),
        (-15, "Fri 12/02/2021"),
        (-7, "Fri 19/02/2021"),
        (-2, "Fri 26/02/2021"),
        (1, "Mon 01/03/2021"),
        (7, "Mon 08/03/2021"),
    ]


def test_the_action_plan_of_2021_walks_around_ascension_and_whit_monday() -> None:  # E017, E026
    assert effective_days("action_plan", "2021-05-15") == [
        (-45, "Wed 31/03/2021"),
        (-30, "Thu 15/04/2021"),
        (-15, "Fri 30/04/2021"),
        (-7, "Fri 07/05/2021"),
        (-2, "Wed 12/05/2021"),
        (1, "Mon 17/05/2021"),
        (7, "Tue 25/05/2021"),
    ]


def test_a_step_on_good_friday_moves_in_alsace_moselle_only() -> None:
    due = date(2021, 4, 9)  # seven days before: Good Friday, 2 April 2021
    assert {departement: CALENDAR.effective_day(due, -7, departement) for departement in ("57", "67", "68", "59")} == {
        "57": date(2021, 4, 1),
        "67": date(2021, 4, 1),
        "68": date(2021, 4, 1),
        "59": date(2021, 4, 2),
    }


@pytest.mark.parametrize(
    ("departement", "day"),
    [
        ("971", "2021-05-27"), ("972", "2020-05-22"), ("973", "2021-06-10"), ("974", "2021-12-20"),
        ("976", "2021-04-27"), ("67", "2022-12-26"), ("978", "2021-05-13"), ("59", "2021-05-24"),
        ("59", "2021-11-01"), ("2A", "2021-04-05"),
    ],
)  # fmt: skip
def test_a_public_holiday_is_not_worked_where_it_is_kept(departement: str, day: str) -> None:
    assert not CALENDAR.is_working_day(date.fromisoformat(day), departement)


@pytest.mark.parametrize(
    ("departement", "day"),
    [
        ("59", "2021-05-27"), ("971", "2020-05-22"), ("978", "2021-05-27"), ("978", "2021-04-02"), ("59", "2022-12-26"),
        ("974", "2021-04-27"),
    ],
)  # fmt: skip
def test_the_holiday_of_another_place_is_worked(departement: str, day: str) -> None:
    assert CALENDAR.is_working_day(date.fromisoformat(day), departement)


@pytest.mark.parametrize(
    ("perimeter", "zone"),
    [
        ("national", "Europe/Paris"), ("region:32", "Europe/Paris"), ("region:01", "America/Guadeloupe"),
        ("region:04", "Indian/Reunion"), ("region:978", "America/Marigot"), ("departement:973", "America/Cayenne"),
        ("departement:59", "Europe/Paris"), ("academie:Mayotte", "Indian/Mayotte"), ("academie:Reims", "Europe/Paris"),
        ("academie:la reunion", "Indian/Reunion"), ("academie:Guadeloupe", "America/Guadeloupe"),
    ],
)  # fmt: skip
def test_a_recipient_lives_by_the_clock_of_its_perimeter(perimeter: str, zone: str) -> None:
    assert CALENDAR.zone_of_perimeter(perimeter) == zone


def test_a_contact_of_one_territory_lives_by_the_clock_of_its_departement() -> None:
    assert CALENDAR.zone_of_perimeter("fort-de-france", "972") == "America/Martinique"


def test_saint_martin_has_no_holiday_of_its_own_and_its_own_clock() -> None:
    assert CALENDAR.departements["978"].holidays == "metropole"
    assert CALENDAR.zone("978") == "America/Marigot"


def test_nine_o_clock_is_another_instant_overseas_and_after_the_change_of_hour() -> None:
    assert instant(date(2021, 2, 19), 9, "Indian/Reunion") == datetime(2021, 2, 19, 5, 0, tzinfo=UTC)
    assert instant(date(2021, 2, 19), 9, "America/Cayenne") == datetime(2021, 2, 19, 12, 0, tzinfo=UTC)
    assert instant(date(2021, 3, 26), 9, "Europe/Paris") == datetime(2021, 3, 26, 8, 0, tzinfo=UTC)
    assert instant(date(2021, 3, 29), 9, "Europe/Paris") == datetime(2021, 3, 29, 7, 0, tzinfo=UTC)


def test_one_instant_is_two_days() -> None:
    at = datetime(2021, 2, 28, 22, 30, tzinfo=UTC)
    days = {
        zone: local(at, zone).date().isoformat() for zone in ("America/Guadeloupe", "Europe/Paris", "Indian/Reunion")
    }
    assert days == {"America/Guadeloupe": "2021-02-28", "Europe/Paris": "2021-02-28", "Indian/Reunion": "2021-03-01"}


def test_names_of_academies_are_one_whatever_their_accents() -> None:
    assert same_name("ORLEANS-TOURS", "Orléans-Tours")
    assert same_name("La  Réunion", "la reunion")
    assert not same_name("Nice", "Nantes")


@QUICK_PROPERTY
@given(due=DAYS, offset=st.integers(-400, 400), departement=st.sampled_from(DEPARTEMENTS))
def test_an_effective_day_is_the_nearest_working_day_on_the_right_side(
    due: date, offset: int, departement: str
) -> None:
    nominal, effective = due + timedelta(days=offset), CALENDAR.effective_day(due, offset, departement)
    assert CALENDAR.is_working_day(effective, departement)
    assert effective >= nominal if offset > 0 else effective <= nominal
    first, last = min(nominal, effective), max(nominal, effective)
    between = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert [day for day in between if CALENDAR.is_working_day(day, departement)] == [effective]


@QUICK_PROPERTY
@given(
    due=DAYS, offset=st.integers(-400, 400), later=st.integers(0, 30), departement=st.sampled_from(DEPARTEMENTS)
)  # fmt: skip
def test_a_later_step_never_takes_effect_before_an_earlier_one(
    due: date, offset: int, later: int, departement: str
) -> None:
    assert CALENDAR.effective_day(due, offset, departement) <= CALENDAR.effective_day(due, offset + later, departement)


@QUICK_PROPERTY
@given(day=DAYS, hour=st.integers(6, 20), departement=st.sampled_from(DEPARTEMENTS))
def test_an_instant_reads_back_on_its_own_clock(day: date, hour: int, departement: str) -> None:
    zone = CALENDAR.zone(departement)
    read = local(instant(day, hour, zone), zone)
    assert (read.date(), read.hour, read.minute) == (day, hour, 0)


@QUICK_PROPERTY
@given(
    due=DAYS, offsets=st.lists(st.integers(-400, 400), unique=True, max_size=6).map(tuple),
    departement=st.sampled_from(DEPARTEMENTS),
)  # fmt: skip
def test_the_days_of_several_steps_are_those_of_each(due: date, offsets: tuple[int, ...], departement: str) -> None:
    each = tuple(CALENDAR.effective_day(due, offset, departement) for offset in offsets)
    assert CALENDAR.effective_days(due, offsets, departement) == each
