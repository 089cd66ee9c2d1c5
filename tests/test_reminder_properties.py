"""What is true of reminders whatever the facts?

Random dossiers in odd places, read by recipients on several clocks; every law of semantics §3 that can be said without
computing the answer a second time.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from models.rules.calendar import instant, local
from models.rules.completeness import findings, is_satisfied
from models.rules.dossier import Dossier, candidature_is_decided, has_withdrawn, terms
from models.rules.event_letters import EVENT_LETTERS
from models.rules.notices import Key, Notice, Recipient
from models.rules.overtaken import no_longer_due
from models.rules.planning import plan
from models.rules.programme import Programme
from models.rules.reminders import due
from models.words import Role
from tests.builders import PROPERTY, a_dossier, a_piece, a_programme

DEPARTEMENTS = ["59", "61", "67", "971", "973", "974", "976", "978"]
ZONES = {
    "59": "Europe/Paris", "61": "Europe/Paris", "67": "Europe/Paris", "971": "America/Guadeloupe",
    "973": "America/Cayenne", "974": "Indian/Reunion", "976": "Indian/Mayotte", "978": "America/Marigot",
}  # fmt: skip
FIXED = a_programme()
MOVED = a_programme(
    deadlines={
        "candidature": [
            {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
            {"date": date(2021, 3, 14), "since": date(2021, 2, 13), "cite": "note-2021-02-13, page 1"},
        ],
        "action_plan": [
            {"date": date(2021, 5, 15), "cite": "vade-mecum-2020, partie 1"},
            {"date": date(2021, 6, 5), "since": date(2021, 5, 6), "cite": "note-2021-05-06, page 1"},
        ],
    }
)
PARTS = ["programme-action/document", "plan-financement/document", "diagnostic/social", "referents/prefecture"]
FEW_PARTS = a_programme(
    requirements={
        "candidature": {
            code: {"recommended": True, "assumption": "pour un dossier court"}
            for code in (
                "etat-des-lieux", "strategie", "gouvernance", "indicateurs", "protocole-evaluation", "engagements",
                "partenaires", "demande-labellisation", "cellule-evitement", "moyens-complementaires",
            )
        }
    }
)  # fmt: skip
DAYS = st.dates(date(2021, 1, 25), date(2021, 6, 20))


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """A territory whose facts fall anywhere in the first half of 2021, at any hour, in any order."""
    departement = draw(st.sampled_from(DEPARTEMENTS))
    pieces = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PARTS), DAYS, st.sampled_from([0, 1, 8, 9, 10, 17, 23]),
                st.sampled_from(["recue", "recue", "refusee", "retiree"]),
            ),
            max_size=5,
        )
    )  # fmt: skip
    return a_dossier(
        departement=departement,
        received=draw(st.sampled_from([[], ["candidature"], ["action_plan"], ["candidature", "action_plan"]])),
        pieces=[
            a_piece(name, f"{day} {hour:02}:00", status, zone=ZONES[departement]) for name, day, hour, status in pieces
        ],
        decisions=[
            (day.isoformat(), word)
            for day, word in draw(
                st.lists(st.tuples(DAYS, st.sampled_from(["labellise", "labellise", "refuse", "ajourne"])), max_size=2)
            )
        ],
        extensions=[
            (name, (granted + timedelta(days=days)).isoformat(), granted.isoformat())
            for name, granted, days in draw(
                st.lists(
                    st.tuples(st.sampled_from(["candidature", "action_plan"]), DAYS, st.integers(0, 45)), max_size=2
                )
            )
        ],
        withdrawals=[day.isoformat() for day in draw(st.one_of(st.just([]), st.just([]), st.lists(DAYS, max_size=1)))],
        conventions=[
            (first, last, signed.isoformat())
            for first, last, signed in draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(["2020-07-01", "2021-07-15"]),
                        st.sampled_from(["2021-07-10", "2021-12-31"]),
                        DAYS,
                    ).filter(lambda convention: convention[0] < convention[1]),
                    max_size=2,
                )
            )
        ],
    )


@st.composite
def readers(draw: st.DrawFn) -> list[Recipient]:
    """Some roles, some of them held twice, each on the territory's clock or another."""
    roles = draw(
        st.lists(
            st.sampled_from(
                [Role.CHEF_DE_FILE] * 2 + [Role.PREFET, Role.DASEN, Role.CHEF_PROJET, Role.RECTEUR, Role.COORDINATION]
            ),
            min_size=1, max_size=5,
        )
    )  # fmt: skip
    zones = st.sampled_from(["Europe/Paris", "America/Cayenne", "Indian/Reunion"])
    return [Recipient(contact=number, role=role, zone=draw(zones)) for number, role in enumerate(roles, 1)]


PROGRAMMES = {"fixed": FIXED, "moved": MOVED, "few parts": FEW_PARTS}
NAMES = st.sampled_from(sorted(PROGRAMMES))
Sent = list[tuple[object, Notice]]


def every_day(
    programme: Programme, dossier: Dossier, recipients: list[Recipient], start: date, end: date, without: set[date]
) -> Iterator[tuple[object, Notice]]:
    """The plan by looking at everything on every day, at nine of every clock."""
    for obligation in programme.obligation_names():
        known: set[Key] = set()
        day = start
        while day <= end:
            for zone in sorted({recipient.zone for recipient in recipients}):
                if day in without:
                    continue
                at = instant(day, programme.hour, zone)
                found = due(programme, dossier, obligation, recipients, known, at, zones={zone})
                for notice in found.due:
                    known.add(notice.key)
                    yield at, notice
                known.update(notice.key for notice in (*found.superseded, *found.missed))
            day += timedelta(days=1)


def in_order(sent: Iterator[tuple[object, Notice]]) -> Sent:
    return sorted(sent, key=lambda pair: (str(pair[0]), pair[1].obligation, str(pair[1].key)))


def is_reminder(notice: Notice) -> bool:
    return notice.key.step not in EVENT_LETTERS


@PROPERTY
@given(
    name=NAMES, dossier=dossiers(), recipients=readers(), start=DAYS, length=st.integers(0, 60),
    outage=st.sets(st.integers(0, 60), max_size=12),
)  # fmt: skip
def test_the_plan_that_skips_quiet_days_is_the_plan_that_looks_every_day(
    name: str, dossier: Dossier, recipients: list[Recipient], start: date, length: int, outage: set[int]
) -> None:
    programme = PROGRAMMES[name]
    end, without = start + timedelta(days=length), {start + timedelta(days=day) for day in outage}
    planned = plan(programme, dossier, recipients, {}, start=start, end=end, without=without)
    assert in_order(planned) == in_order(every_day(programme, dossier, recipients, start, end, without))


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), outage=st.sets(DAYS, max_size=20))
def test_nothing_is_ever_said_twice(
    name: str, dossier: Dossier, recipients: list[Recipient], outage: set[date]
) -> None:
    programme = PROGRAMMES[name]
    sent = list(
        plan(programme, dossier, recipients, {}, start=date(2020, 10, 1), end=date(2021, 8, 31), without=outage)
    )
    said = Counter((notice.obligation, notice.key) for _, notice in sent)
    assert [key for key, times in said.items() if times > 1] == []
    told = Counter(
        (notice.obligation, notice.key.step, notice.key.occasion, notice.key.contact)
        for _, notice in sent
        if not is_reminder(notice) and notice.key.step != "receipt"  # a receipt follows a label that is dated again
    )
    assert [event for event, times in told.items() if times > 1] == []


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), outage=st.sets(DAYS, max_size=20))
def test_every_letter_leaves_on_a_working_day_at_the_recipient_s_hour_within_grace_and_with_cause(
    name: str, dossier: Dossier, recipients: list[Recipient], outage: set[date]
) -> None:
    programme = PROGRAMMES[name]
    sent = plan(programme, dossier, recipients, {}, start=date(2021, 1, 1), end=date(2021, 8, 31), without=outage)
    for at, notice in sent:
        now = local(at, notice.recipient.zone)
        assert now.date() == notice.day
        assert now.hour == programme.hour
        assert programme.calendar.is_working_day(notice.day, dossier.departement)
        assert notice.day not in outage
        assert notice.effective <= notice.day <= notice.effective + timedelta(days=programme.grace_days)
        assert not has_withdrawn(dossier, notice.day)
        if is_reminder(notice):
            if notice.obligation != "convention_end":
                assert not is_satisfied(findings(programme, dossier, notice.obligation, at))
            assert not (notice.obligation == "candidature" and candidature_is_decided(dossier, notice.day))
            [present] = [
                each for each in terms(programme, dossier, notice.obligation, notice.day) if each.due == notice.key.due
            ]
            assert present.armed_on is not None
            assert present.armed_on <= notice.effective
            assert bool(notice.owes()) is not notice.copy


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), day=DAYS, hour=st.integers(0, 23))
def test_one_look_says_at_most_one_reminder_to_a_contact_of_an_obligation_and_it_is_the_current_step(
    name: str, dossier: Dossier, recipients: list[Recipient], day: date, hour: int
) -> None:
    programme = PROGRAMMES[name]
    at = instant(day, hour, "Europe/Paris")
    for obligation in programme.obligation_names():
        found = due(programme, dossier, obligation, recipients, set(), at)
        reminders = [notice for notice in found.due if is_reminder(notice)]
        assert max(Counter((notice.key.contact, notice.due) for notice in reminders).values(), default=1) == 1
        assert max(Counter(notice.key for notice in found.due).values(), default=1) == 1
        for notice in reminders:
            assert local(at, notice.recipient.zone).hour >= programme.hour
            [armed_on] = [
                each.armed_on for each in terms(programme, dossier, obligation, notice.day) if each.due == notice.due
            ]
            assert armed_on is not None
            later = [
                step.offset
                for step in programme.deadline_of(obligation).steps
                if step.offset > int(notice.key.step)
                and armed_on
                <= programme.calendar.effective_day(notice.due, step.offset, dossier.departement)
                <= notice.day
            ]
            assert later == []


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), day=DAYS, length=st.integers(1, 40))
def test_the_first_look_after_any_outage_says_what_a_first_look_ever_would_less_what_was_said(
    name: str, dossier: Dossier, recipients: list[Recipient], day: date, length: int
) -> None:
    programme = PROGRAMMES[name]
    start, back = date(2021, 1, 4), day + timedelta(days=length)
    assume(programme.calendar.is_working_day(back, dossier.departement))
    down = {day + timedelta(days=number) for number in range(length)}
    sent = list(plan(programme, dossier, recipients, {}, start=start, end=back, without=down))
    before = {(notice.obligation, notice.key) for _, notice in sent if notice.day < back}
    on_return = {(notice.obligation, notice.key) for _, notice in sent if notice.day == back}
    fresh = {
        (notice.obligation, notice.key)
        for _, notice in plan(programme, dossier, recipients, {}, start=back, end=back)
    }  # fmt: skip
    assert on_return == fresh - before


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), day=DAYS, cut=st.integers(0, 30))
def test_stopping_and_starting_again_between_two_days_changes_nothing(
    name: str, dossier: Dossier, recipients: list[Recipient], day: date, cut: int
) -> None:
    programme = PROGRAMMES[name]
    end = day + timedelta(days=30)
    whole = in_order(plan(programme, dossier, recipients, {}, start=day, end=end))
    middle = day + timedelta(days=cut)
    first = list(plan(programme, dossier, recipients, {}, start=day, end=middle))
    recorded: dict[str, set[Key]] = {}
    for _, notice in first:
        recorded.setdefault(notice.obligation, set()).add(notice.key)
    second = list(plan(programme, dossier, recipients, recorded, start=middle + timedelta(days=1), end=end))
    assert in_order(iter(first + second)) == whole


@PROPERTY
@given(dossier=dossiers(), recipients=readers())
def test_a_date_that_moves_arms_every_step_again(dossier: Dossier, recipients: list[Recipient]) -> None:
    since = date(2021, 2, 13)
    sent = plan(MOVED, dossier, recipients, {}, start=date(2020, 12, 1), end=date(2021, 4, 30))
    for _, notice in sent:
        extended = any(each.deadline == "candidature" and each.granted_on <= notice.day for each in dossier.extensions)
        if notice.obligation == "candidature" and is_reminder(notice) and not extended:
            assert notice.key.due == (date(2021, 3, 14) if notice.day >= since else date(2021, 2, 28))


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), day=DAYS)
def test_what_has_just_been_decided_may_still_leave(
    name: str, dossier: Dossier, recipients: list[Recipient], day: date
) -> None:
    programme = PROGRAMMES[name]
    for obligation in programme.obligation_names():
        at = instant(day, 15, "Europe/Paris")
        decided = {notice.key for notice in due(programme, dossier, obligation, recipients, set(), at).due}
        assert no_longer_due(programme, dossier, obligation, recipients, decided, decided, at) == {}


@PROPERTY
@given(name=NAMES, dossier=dossiers(), recipients=readers(), day=DAYS, days=st.integers(0, 40))
def test_what_waits_leaves_only_if_a_first_look_would_say_it_too(
    name: str, dossier: Dossier, recipients: list[Recipient], day: date, days: int
) -> None:
    programme = PROGRAMMES[name]
    later = instant(day + timedelta(days=days), 10, "Europe/Paris")
    for obligation in programme.obligation_names():
        decided = {
            notice.key
            for notice in due(programme, dossier, obligation, recipients, set(), instant(day, 15, "Europe/Paris")).due
        }
        gone = no_longer_due(programme, dossier, obligation, recipients, decided, decided, later)
        true = {
            notice.key
            for notice in due(programme, dossier, obligation, recipients, set(), later, at_any_hour=True).due
        }  # fmt: skip
        assert set(gone) == decided - true
        assert all(gone.values())
