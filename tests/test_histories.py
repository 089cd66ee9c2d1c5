"""Does everything that must hold still hold after any history: facts, passes, outages, restarts, pauses, bad clocks?

Hypothesis writes the histories; after each step the tables are read back and held against the rules of the text.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import and_
from sqlmodel import col, select

from models.outbox_queries import may_be_claimed
from models.rules.calendar import instant, local
from models.rules.delivery_policy import load_delivery_policy
from models.rules.notices import Round
from models.rules.pauses import Pauses
from models.tables import Contact, Message, Notice, Obligation, Territory
from models.words import UNSETTLED, MessageStatus, NoticeStatus
from notifications.claiming import claim
from tasks import database
from tasks.acts import Act, ActRefused, perform
from tasks.acts import decide as decision_of
from tasks.acts import extend as extension_of
from tasks.acts import withdraw as withdrawal_of
from tasks.campaigns import open_campaign
from tasks.database import reading, transaction
from tasks.delivery import deliver
from tasks.events import verify
from tasks.export import export
from tasks.holding import answer_held
from tasks.intake import IntakeRefused, take_in
from tasks.pauses import pause, resume
from tasks.planning import looks, plan_rows
from tasks.reminders import begin_run, decide, finish_run
from tests.builders import a_campaign_file
from tests.fault_builders import Place
from tests.history_promises import Promises
from tests.prefect_builders import CONTACTS, a_small_campaign

HISTORIES = settings(
    max_examples=16, stateful_step_count=15, derandomize=True, print_blob=True, database=None, deadline=None,
    phases=[Phase.generate],  # a history is short enough to be read whole, and to shorten one takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
DEADLINES = ("candidature", "action_plan")  # the others have no step in those weeks; the end of a history runs them all
TERRITORIES = ("douai", "lens", "saint-denis-974")
OWED = {
    "candidature": (
        "diagnostic", "etat-des-lieux", "strategie", "gouvernance", "indicateurs", "protocole-evaluation",
        "engagements", "partenaires", "referents", "demande-labellisation", "cellule-evitement",
    ),
    "action_plan": ("programme-action", "engagements-partenaires", "plan-financement"),
}  # fmt: skip
NOBODY_LISTENS = "mailto://127.0.0.1:9"  # the discard port
BEGINNING = datetime(2021, 2, 12, 7, 50, tzinfo=UTC)  # ten minutes before the -15 in Paris; the -7, -2, +1, +7 are near
CODE = "2021"
PLACES = st.sampled_from(TERRITORIES)
NEXT_MORNING = timedelta(days=-1)  # not a length: ten past nine in Paris, on the next day
WAITS = st.sampled_from(
    (timedelta(minutes=15), NEXT_MORNING, timedelta(0), timedelta(minutes=40), NEXT_MORNING, timedelta(days=3))
)
HELD = ("decision",)
CHANGES: dict[str, Any] = {"reminders": {"held": list(HELD), "assumption": "essai : relues avant de partir"}}


ActOf = Callable[["History", str], None]  # what people enter about one territory
Event = tuple[timedelta, str, str]  # how long after, what, and where


class Killed(BaseException):
    """A worker ends here, whatever it was about to do."""


@lru_cache(maxsize=1)
def a_kept_place() -> Place:
    """One database for all histories, put back as it was at the beginning of each."""
    folder = Path(tempfile.mkdtemp(prefix="histories"))
    place = Place(url=f"sqlite:///{folder / 'cites.db'}", home=folder / "var")
    with place.entered():
        database.prepare()
        a_small_campaign(folder, **CHANGES)
    place.keep()
    return place


def killed(*_: object, **__: object) -> None:
    raise Killed


def does_everything(history: "History", territory: str) -> None:
    for owed in OWED.values():
        elsewhere = territory == "saint-denis-974"
        history.enters_pieces(territory, [each for each in owed if each != "cellule-evitement" or not elsewhere])


def gives_up(history: "History", territory: str) -> None:
    history.performs(withdrawal_of([territory], day=history.today, grounds="essai"))


def is_decided(verdict: str) -> ActOf:
    def act(history: "History", territory: str) -> None:
        day = history.today
        history.performs(decision_of([territory], verdict=verdict, day=day, authority="Ministres", grounds="essai"))

    return act


def is_given_time(deadline: str, days: int) -> ActOf:
    def act(history: "History", territory: str) -> None:
        day = history.today
        due = max(day, date(2021, 2, 28)) + timedelta(days=days)
        history.performs(
            extension_of(
                [territory], deadline=deadline, new_due=due, day=day, authority="Préfet", grounds="essai", reference=""
            )
        )

    return act


def has_another_town_hall(number: int) -> ActOf:
    def act(history: "History", territory: str) -> None:
        head, *rows = CONTACTS.replace("mairie@", f"mairie{number}@").splitlines()
        history.enters("contacts", head, *rows)

    return act


def signs_a_convention(history: "History", territory: str) -> None:
    row = f"{territory};2021-01-01;2023-12-31;{history.today}"
    history.enters("conventions", "territoire;debut;fin;signee_le", row)


def sends_a_piece(status: str) -> ActOf:
    def act(history: "History", territory: str) -> None:
        history.enters_pieces(territory, ["diagnostic", "programme-action"], status)

    return act


def does_nothing(history: "History", territory: str) -> None:
    pass


def stops_or_goes_on(history: "History", territory: str) -> None:
    if territory in history.paused:
        history.resumes(territory)
    else:
        pause(campaign=CODE, territory=territory, at=history.now, until=None, author="essai", grounds="essai")
        history.paused.add(territory)


ACTS: dict[str, ActOf] = {
    "nothing": does_nothing,
    "a piece received": sends_a_piece("recue"),
    "a piece refused": sends_a_piece("refusee"),
    "a piece withdrawn": sends_a_piece("retiree"),
    "all pieces": does_everything,
    "a withdrawal": gives_up,
    "a label": is_decided("labellisee"),
    "a refusal": is_decided("refusee"),
    "a deferral": is_decided("ajournee"),
    "six days more": is_given_time("candidature", 6),
    "twenty days more": is_given_time("candidature", 20),
    "a longer plan": is_given_time("action_plan", 90),
    "a contact": has_another_town_hall(0),
    "another contact": has_another_town_hall(1),
    "a convention": signs_a_convention,
    "a pause, or its end": stops_or_goes_on,
    "a pause of all, or its end": lambda history, _: stops_or_goes_on(history, ""),
}
OFTEN = ("a piece received", "a piece refused", "six days more", "twenty days more")  # what leaves something to tell
UNDOING = (
    "all pieces", "a withdrawal", "a label", "a deferral", "six days more", "a contact", "another contact",
    "a pause, or its end", "a pause of all, or its end",
)  # fmt: skip
EVENTS = st.tuples(WAITS, st.sampled_from([*sorted(ACTS), *3 * OFTEN]), PLACES)


class History(RuleBasedStateMachine):
    """One engine, what people enter, and the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.place = a_kept_place()
        self.place.again()
        self.folder = Path(tempfile.mkdtemp(prefix="history"))
        self.entered = self.place.entered()
        self.entered.__enter__()
        self.now, self.moved, self.listening = BEGINNING, False, True
        self.at = self.now  # of the last pass
        self.paused: set[str] = set()
        self.promises = Promises(campaign=CODE, mail=self.place.home / "mail", read_again=HELD)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # nothing failed on the way
                self.ends_well()
        finally:
            database.engine().dispose()
            self.entered.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    # What the engine does

    @rule(first=EVENTS, wait=WAITS, meanwhile=st.sampled_from(("nothing", *UNDOING)))
    def a_pass(self, first: Event, wait: timedelta, meanwhile: str) -> None:
        """A decision, what people enter about its letters, and their delivery."""
        self.happens(first)
        self.decides(self.now)
        for territory in waited_for()[:1]:
            self.happens((wait, meanwhile, territory))
        self.now += timedelta(minutes=5)  # what is entered while a pass is under way counts for the next
        self.delivers()

    @rule(first=EVENTS)
    def a_decision_and_a_restart(self, first: Event) -> None:
        self.happens(first)
        self.decides(self.now)
        database.engine().dispose()

    @rule(days=st.integers(1, 4))
    def a_delivery_at_night(self, days: int) -> None:
        self.decides(self.now)
        self.now = instant(self.today + timedelta(days=days), 2, "Europe/Paris")
        self.delivers()
        self.waits(NEXT_MORNING)

    @rule(first=EVENTS)
    def two_passes_at_once(self, first: Event) -> None:
        self.happens(first)
        self.decides(self.now)
        before = everything_decided()
        self.decides(self.now)
        assert everything_decided() == before
        self.delivers()

    @rule(minutes=st.sampled_from((-2000, -20, 20)))
    def a_pass_by_a_clock_that_is_wrong(self, minutes: int) -> None:
        self.decides(self.now + timedelta(minutes=minutes))

    @rule(first=EVENTS, regions=st.integers(1, 3))
    def a_pass_that_dies_half_way(self, first: Event, regions: int) -> None:
        self.happens(first)
        for deadline in DEADLINES:
            run, found = begin_run.fn(CODE, deadline, self.now)
            for region in found[:regions]:
                decide.fn(run, region)

    @rule(first=EVENTS)
    def a_worker_that_dies_before_it_sends(self, first: Event) -> None:
        self.happens(first)
        self.decides(self.now)
        with transaction() as session:
            claim(session, at=self.now, worker="mort", limit=2, lease=load_delivery_policy().lease)

    @rule(first=EVENTS)
    def a_worker_that_dies_before_it_says_so(self, first: Event) -> None:
        self.happens(first)
        self.decides(self.now)
        before = self.promises.files()
        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            patch.setattr("tasks.delivery.settle", killed)
            self.delivers()
        for thread in enumerate_threads():  # the letter in its hands may still leave
            if thread.name.startswith("lettres"):
                thread.join()
        self.promises.in_doubt |= self.promises.files() - before

    # What happens around it

    @rule()
    def the_mail_server_falls_or_comes_back(self) -> None:
        self.listening = not self.listening
        self.entered.__exit__(None, None, None)
        self.entered = Place(
            url=self.place.url, home=self.place.home, gateway="" if self.listening else NOBODY_LISTENS
        ).entered()
        self.entered.__enter__()

    @rule(refused=st.booleans())
    def what_is_held_is_answered(self, refused: bool) -> None:
        answer_held(None, campaign=CODE, at=self.now, author="essai", grounds="relu", refused=refused)

    @rule()
    def the_date_moves_for_everybody(self) -> None:
        if self.moved:
            return
        self.moved = True
        dates = [
            {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
            {"date": date(2021, 3, 14), "since": self.today, "cite": "note, page 1"},
        ]
        document = a_campaign_file(deadlines={"candidature": dates}, **CHANGES)
        open_campaign(document, name="campaign.yaml", at=self.now, author="essai")

    # What must hold

    @invariant()
    def every_promise_is_kept(self) -> None:
        self.promises.each_new_reminder_is_true_when_it_is_decided()
        self.promises.what_has_just_left_was_still_true(self.paused)
        self.promises.no_letter_leaves_twice_nor_at_a_bad_hour()
        self.promises.every_notice_is_told_waits_or_says_why_not()
        self.promises.states_move_along_the_table()
        self.promises.the_record_is_whole()

    def ends_well(self) -> None:
        """Everything is up again, and time passes: what waits leaves, and then only what was planned."""
        if not self.listening:
            self.the_mail_server_falls_or_comes_back()
        for territory in sorted(self.paused):
            self.resumes(territory)
        for _ in range(2):
            self.now = next_morning(max(self.now, self.at))
            self.decides(self.now)
            answer_held(None, campaign=CODE, at=self.now, author="essai", grounds="relu")
            self.delivers()
        self.every_promise_is_kept()
        assert self.waiting() == ([], [])
        self.goes_on()

    def goes_on(self) -> None:
        self.what_was_planned_leaves()
        self.importing_the_export_changes_nothing()

    def what_was_planned_leaves(self) -> None:
        start = local(self.now, "Europe/Paris").date() + timedelta(days=1)
        end = start + timedelta(days=9)
        planned = [
            (row["territory"], row["deadline"], str(row["step"]), row["to"])
            for row in plan_rows(CODE, start=start, end=end, all_letters=True)
        ]
        before = len(self.told())
        for look in looks(CODE, start, end):
            for deadline in look.deadlines:
                run, regions = begin_run.fn(CODE, deadline, look.at, [look.zone])
                finish_run.fn(run, [decide.fn(run, region, [look.zone]) for region in regions])
            answer_held(None, campaign=CODE, at=look.at, author="essai", grounds="relu")
            self.now = look.at
            self.delivers()
        assert sorted(self.told()[before:]) == sorted(planned)

    def importing_the_export_changes_nothing(self) -> None:
        workbook = self.folder / "export.xlsx"
        export(CODE, workbook)
        before = verify().events
        report = take_in([workbook], campaign=CODE, at=self.now, author="essai")
        assert report.faults == ()
        assert verify().events == before

    # How it is done

    @property
    def today(self) -> date:
        return local(self.now, "Europe/Paris").date()

    def happens(self, event: Event) -> None:
        """Time passes, then somebody enters something."""
        span, act, territory = event
        self.waits(span)
        ACTS[act](self, territory)

    def waits(self, span: timedelta) -> None:
        if span == NEXT_MORNING:
            self.now = instant(self.today + timedelta(days=1), 9, "Europe/Paris") + timedelta(minutes=10)
        else:
            self.now += span

    def decides(self, at: datetime) -> None:
        self.at = max(self.at, at)
        for deadline in DEADLINES:
            run, regions = begin_run.fn(CODE, deadline, at)
            finish_run.fn(run, [decide.fn(run, region) for region in regions])
        self.promises.what_a_dead_pass_left_is_taken_over(at)
        self.promises.whoever_owes_something_was_written_to(at)

    def delivers(self) -> None:
        deliver.fn(self.now, "essai", self.now)

    def resumes(self, territory: str) -> None:
        resume(campaign=CODE, territory=territory, at=self.now, author="essai", grounds="essai")
        self.paused.remove(territory)

    def enters_pieces(self, territory: str, pieces: Iterable[str], status: str = "recue") -> None:
        when = f"{local(self.now, zone_of(territory)):%Y-%m-%dT%H:%M}"
        why = "illisible" if status == "refusee" else ""
        rows = (f"{territory};{piece};;{status};{when};{why}" for piece in pieces)
        self.enters("pieces", "territoire;piece;parties;statut;date;motif", *rows)

    def enters(self, table: str, *lines: str) -> None:
        path = self.folder / f"{table}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        take_in([path], campaign=CODE, at=self.now, author="essai")  # refused whole, or written whole

    def performs(self, act: Act) -> None:
        try:
            perform(act, campaign=CODE, at=self.now, author="essai")
        except (ActRefused, IntakeRefused):
            pass  # a forbidden move is refused, whatever the history

    def told(self) -> list[tuple[str, str, str, str]]:
        """(territory, obligation, step, address) of each notice that was told, in the order they were decided."""
        with reading() as session:
            asked = (
                select(Territory.code, Obligation.deadline, Notice.step, Contact.email)
                .join(Obligation, col(Obligation.territory_id) == Territory.id)
                .join(Notice, col(Notice.obligation_id) == Obligation.id)
                .join(Contact, col(Contact.id) == Notice.contact_id)
                .where(Notice.status == NoticeStatus.SENT)
                .order_by(col(Notice.message_id), col(Notice.id))
            )
            return [tuple(row) for row in session.execute(asked)]

    def waiting(self) -> tuple[list[str], list[str]]:
        """The letters and the notices of which nobody knows yet what they become."""
        with reading() as session:
            letters = session.exec(select(Message.address).where(col(Message.status).in_(UNSETTLED))).all()
            notices = session.exec(select(Notice.step).where(Notice.status == NoticeStatus.DECIDED)).all()
        return list(letters), list(notices)


def zone_of(territory: str) -> str:
    return "Indian/Reunion" if territory.endswith("974") else "Europe/Paris"


def next_morning(at: datetime) -> datetime:
    """Ten o'clock in Paris on a Wednesday to come: worked everywhere, and nine o'clock is past in every zone."""
    day = local(at, "Europe/Paris").date() + timedelta(days=1)
    while day.weekday() != 2:
        day += timedelta(days=1)
    return instant(day, 10, "Europe/Paris")


def waited_for() -> list[str]:
    """The territories that letters speak of which have not left."""
    with reading() as session:
        asked = (
            select(Territory.code)
            .join(Obligation, col(Obligation.territory_id) == Territory.id)
            .join(Notice, col(Notice.obligation_id) == Obligation.id)
            .where(Notice.status == NoticeStatus.DECIDED)
            .order_by(col(Notice.id).desc())
        )
        return list(session.exec(asked).all())


def everything_decided() -> list[tuple[Any, ...]]:
    """Each notice, what became of it and in which letter."""
    with reading() as session:
        asked = select(Notice.id, Notice.status, Notice.message_id, Notice.run_id).order_by(col(Notice.id))
        return [tuple(row) for row in session.execute(asked)]


def test_whatever_happens_nothing_is_lost_doubled_or_untrue() -> None:
    run_state_machine_as_test(History, settings=HISTORIES)


def never(*_: object, **__: object) -> int:
    return 0


BROKEN = {
    "what a dead pass left is not taken over": ("tasks.reminders._adopt_orphans", never),
    "what waits is not looked at again": ("tasks.delivery.recheck.fn", never),
    "what a dead worker held is never tried again": (
        "notifications.claiming.may_be_claimed",
        lambda at, now: and_(may_be_claimed(at, now), col(Message.status) == MessageStatus.WAITING),
    ),
    "pauses are not read": ("notifications.claiming.standing_pauses", lambda session, at: Pauses()),
    "nothing is held": ("models.rules.programme.Programme.holds", lambda *_: False),
    "letters leave at any hour": ("notifications.claiming._opens", lambda programme, at, *_: at),
    "a dead worker keeps its letters": (
        "tasks.reminders.letters_on_their_way",
        lambda now: select(Message.id).where(Message.status == MessageStatus.SENDING),
    ),
    "nothing is due": ("tasks.reminders.due", lambda *_, **__: Round()),
    "what is sent is not written down": ("notifications.settling._mark_sent", never),
}  # fmt: skip


class ShortHistory(History):
    """One that ends as soon as nothing waits."""

    def goes_on(self) -> None:
        pass


@pytest.mark.parametrize("broken", BROKEN)
def test_a_history_finds_what_is_broken(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BROKEN[broken])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(ShortHistory, settings=settings(HISTORIES, max_examples=160))  # until it is found
