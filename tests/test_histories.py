"""Does everything that must hold still hold after any history: facts, passes, outages, restarts, pauses, bad clocks?

Hypothesis writes the histories; after each step the tables are read back and held against the rules of the text.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from models.history_queries import states_by_territory
from models.queries import KnownDossier, campaign_by_code, known_dossiers
from models.rules.calendar import instant, local
from models.rules.completeness import findings, is_satisfied
from models.rules.dossier import Dossier, candidature_is_decided, has_withdrawn, terms
from models.rules.lifecycle import NEXT, State
from models.rules.programme import Programme
from models.rules.reminders import schedule
from models.tables import Contact, Message, Notice, Obligation, Run, Territory
from models.words import MessageStatus, NoticeStatus
from tasks import database
from tasks.acts import Act, ActRefused, perform
from tasks.acts import decide as decision_of
from tasks.acts import extend as extension_of
from tasks.acts import withdraw as withdrawal_of
from tasks.campaigns import open_campaign
from tasks.database import reading
from tasks.delivery import deliver
from tasks.events import verify
from tasks.export import export
from tasks.holding import answer_held
from tasks.intake import IntakeRefused, take_in
from tasks.pauses import NotPaused, pause, resume
from tasks.planning import looks, plan_rows
from tasks.reminders import begin_run, decide, finish_run
from tests.builders import a_campaign_file
from tests.fault_builders import Place
from tests.prefect_builders import CONTACTS, a_small_campaign

HISTORIES = settings(
    max_examples=20, stateful_step_count=15, derandomize=True, print_blob=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
DEADLINES = ("candidature", "action_plan", "convention", "fund_report")
TERRITORIES = ("douai", "lens", "saint-denis-974")
OWED = {
    "candidature": (
        "diagnostic", "etat-des-lieux", "strategie", "gouvernance", "indicateurs", "protocole-evaluation",
        "engagements", "partenaires", "referents", "demande-labellisation", "cellule-evitement",
    ),
    "action_plan": ("programme-action", "engagements-partenaires", "plan-financement"),
}  # fmt: skip
NOBODY_LISTENS = "mailto://127.0.0.1:9"  # the discard port
BEGINNING = datetime(2021, 2, 11, 9, 30, tzinfo=UTC)  # two days before the +1, -2, -7, -15 … of the candidature begin
PLACES = st.sampled_from(TERRITORIES)
CODE = "2021"


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


CHANGES: dict[str, Any] = {"reminders": {"held": ["decision"], "assumption": "essai : relues avant de partir"}}


class History(RuleBasedStateMachine):
    """One engine, what people enter, and the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.place = a_kept_place()
        self.place.again()
        self.folder = Path(tempfile.mkdtemp(prefix="history"))
        self.entered = self.place.entered()
        self.entered.__enter__()
        self.now, self.seen, self.moved, self.listening = BEGINNING, 0, False, True
        self.at = self.now  # of the last pass
        self.left: set[int] = set()  # the notices that were told

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # nothing failed on the way
                self.ends_well()
        finally:
            database.engine().dispose()
            self.entered.__exit__(None, None, None)
            shutil.rmtree(self.folder)

    # Time

    @rule(hours=st.sampled_from((1, 3, 14, 24, 48, 120)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    # What the engine does

    @rule()
    def a_pass(self) -> None:
        self.decides(self.now)
        self.delivers(self.now)

    @rule()
    def two_passes(self) -> None:
        self.decides(self.now)
        self.decides(self.now)
        self.delivers(self.now)

    @rule(minutes=st.sampled_from((-2000, -20, 20)))
    def a_pass_by_a_clock_that_is_wrong(self, minutes: int) -> None:
        self.decides(self.now + timedelta(minutes=minutes))

    @rule()
    def a_pass_that_dies_half_way(self) -> None:
        for deadline in DEADLINES[:2]:
            run, regions = begin_run.fn(CODE, deadline, self.now)
            decide.fn(run, regions[0])

    @rule()
    def a_delivery(self) -> None:
        self.delivers(self.now)

    @rule()
    def a_restart(self) -> None:
        database.engine().dispose()

    # What happens around it

    @rule()
    def the_mail_server_falls_or_comes_back(self) -> None:
        self.listening = not self.listening
        self.entered.__exit__(None, None, None)
        self.entered = Place(
            url=self.place.url, home=self.place.home, gateway="" if self.listening else NOBODY_LISTENS
        ).entered()
        self.entered.__enter__()

    @rule(territory=st.sampled_from(("", "douai")))
    def sending_is_paused(self, territory: str) -> None:
        pause(campaign=CODE, territory=territory, at=self.now, until=None, author="essai", grounds="essai")

    @rule(territory=st.sampled_from(("", "douai")))
    def sending_is_resumed(self, territory: str) -> None:
        self.resumes(territory)

    @rule(refused=st.booleans())
    def what_is_held_is_answered(self, refused: bool) -> None:
        answer_held(None, campaign=CODE, at=self.now, author="essai", grounds="relu", refused=refused)

    # What people enter

    @rule(territory=PLACES, obligation=st.sampled_from(sorted(OWED)))
    def everything_is_received(self, territory: str, obligation: str) -> None:
        when = f"{local(self.now, zone_of(territory)):%Y-%m-%dT%H:%M}"
        self.enters(
            "pieces", "territoire;piece;parties;statut;date;motif",
            *(f"{territory};{piece};;recue;{when};" for piece in OWED[obligation]
              if piece != "cellule-evitement" or territory != "saint-denis-974"),
        )  # fmt: skip

    @rule(
        territory=PLACES, piece=st.sampled_from(("diagnostic", "strategie", "programme-action")),
        status=st.sampled_from(("recue", "refusee", "retiree")),
    )  # fmt: skip
    def a_piece_changes(self, territory: str, piece: str, status: str) -> None:
        when = f"{local(self.now, zone_of(territory)):%Y-%m-%dT%H:%M}"
        why = "illisible" if status == "refusee" else ""
        self.enters(
            "pieces", "territoire;piece;parties;statut;date;motif", f"{territory};{piece};;{status};{when};{why}"
        )

    @rule(number=st.integers(0, 2))
    def a_contact_is_replaced(self, number: int) -> None:
        head, *rows = CONTACTS.replace("mairie@douai.test", f"mairie{number}@douai.test").splitlines()
        self.enters("contacts", head, *rows)

    @rule(territory=PLACES, verdict=st.sampled_from(("labellisee", "refusee", "ajournee")))
    def the_ministers_decide(self, territory: str, verdict: str) -> None:
        self.performs(decision_of([territory], verdict=verdict, day=self.today, authority="Ministres", grounds="essai"))

    @rule(territory=PLACES, deadline=st.sampled_from(("candidature", "action_plan")), days=st.integers(5, 30))
    def more_time_is_given(self, territory: str, deadline: str, days: int) -> None:
        due = max(self.today, date(2021, 2, 28)) + timedelta(days=days)
        self.performs(
            extension_of(
                [territory], deadline=deadline, new_due=due, day=self.today, authority="Préfet", grounds="essai",
                reference="",
            )
        )  # fmt: skip

    @rule(territory=PLACES)
    def a_territory_gives_up(self, territory: str) -> None:
        self.performs(withdrawal_of([territory], day=self.today, grounds="essai"))

    @rule(territory=PLACES)
    def a_convention_is_signed(self, territory: str) -> None:
        self.enters("conventions", "territoire;debut;fin;signee_le", f"{territory};2021-01-01;2023-12-31;{self.today}")

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
    def each_new_reminder_is_true_when_it_is_decided(self) -> None:
        """Nothing is asked of whoever is done, gone or decided; the step is the current one, the hour is a fair one."""
        with reading() as session:
            _, programme = campaign_by_code(session, CODE)
            known = {each.dossier.code: each for each in self.dossiers()}
            new = session.execute(
                select(Notice, Territory.code, Obligation.deadline, Contact.perimeter)
                .join(Obligation, col(Obligation.id) == Notice.obligation_id)
                .join(Territory, col(Territory.id) == Obligation.territory_id)
                .join(Contact, col(Contact.id) == Notice.contact_id)
                .where(col(Notice.id) > self.seen, Notice.status != NoticeStatus.CANCELLED)
                .order_by(col(Notice.id))
            ).all()
            for notice, code, obligation, perimeter in new:
                self.seen = max(self.seen, notice.id)
                if notice.status not in (NoticeStatus.DECIDED, NoticeStatus.SENT):
                    continue
                dossier = known[code].dossier
                own = dossier.departement if perimeter == code else None
                zone = programme.calendar.zone_of_perimeter(perimeter, own)
                day = local(notice.decided_at, zone).date()
                assert not has_withdrawn(dossier, day)
                fair_hour(programme, dossier, notice.decided_at, zone)
                if notice.occasion:
                    continue
                assert not (obligation == "candidature" and candidature_is_decided(dossier, day))
                if obligation != "convention_end":
                    assert not is_satisfied(findings(programme, dossier, obligation, notice.decided_at))
                assert (notice.due, notice.step) in current_steps(programme, dossier, obligation, day)

    @invariant()
    def what_has_just_left_was_still_true(self) -> None:
        with reading() as session:
            _, programme = campaign_by_code(session, CODE)
            known = {each.dossier.code: each.dossier for each in self.dossiers()}
            left = session.execute(
                select(Notice, Message, Territory.code, Obligation.deadline)
                .join(Message, col(Message.id) == Notice.message_id)
                .join(Obligation, col(Obligation.id) == Notice.obligation_id)
                .join(Territory, col(Territory.id) == Obligation.territory_id)
                .where(Notice.status == NoticeStatus.SENT, col(Notice.id).not_in(self.left))
            ).all()
            for notice, message, code, obligation in left:
                self.left.add(notice.id)
                assert not has_withdrawn(known[code], local(message.sent_at, message.zone).date())
                if not notice.occasion and obligation != "convention_end":
                    assert not is_satisfied(findings(programme, known[code], obligation, message.sent_at))

    @invariant()
    def no_letter_leaves_twice_nor_at_a_bad_hour(self) -> None:
        with reading() as session:
            _, programme = campaign_by_code(session, CODE)
            dossiers = {each.dossier.code: each.dossier for each in self.dossiers()}
            sent = session.exec(select(Message).where(Message.status == MessageStatus.SENT)).all()
            for message in sent:
                assert message.sent_at is not None
                for head in message.facts["sections"]:
                    fair_hour(programme, dossiers[head["territory"]], message.sent_at, message.zone)
            files = {path.stem for path in (self.place.home / "mail").glob("*.eml")}
            assert files == {message.message_id.strip("<>") for message in sent}

    @invariant()
    def every_notice_is_told_waits_or_says_why_not(self) -> None:
        with reading() as session:
            asked = select(Notice, Message, Run).outerjoin(Message, col(Message.id) == Notice.message_id).join(Run)
            for notice, message, run in session.execute(asked):
                match notice.status:
                    case NoticeStatus.SENT:
                        assert message.status == MessageStatus.SENT
                    case NoticeStatus.DECIDED if message is None:
                        assert run.finished_at is None  # its pass died: a later one adopts it
                    case NoticeStatus.DECIDED:
                        assert message.status == MessageStatus.WAITING
                    case _:
                        assert notice.reason

    @invariant()
    def states_move_along_the_table(self) -> None:
        with reading() as session:
            for seen in states_by_territory(session, CODE).values():
                for (before, _), (after, _) in pairwise(seen):
                    assert State(after) in NEXT[State(before)]

    @invariant()
    def the_record_is_whole(self) -> None:
        assert verify().breaks == ()

    def ends_well(self) -> None:
        """Everything is up again, and time passes: what waits leaves, and then only what was planned."""
        if not self.listening:
            self.the_mail_server_falls_or_comes_back()
        for territory in ("", "douai"):
            self.resumes(territory)
        for _ in range(2):
            self.now = next_morning(max(self.now, self.at))
            self.decides(self.now)
            answer_held(None, campaign=CODE, at=self.now, author="essai", grounds="relu")
            self.delivers(self.now)
        self.check()
        assert self.waiting() == ([], [])
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
            self.delivers(look.at)
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

    def decides(self, at: datetime) -> None:
        self.at = max(self.at, at)
        for deadline in DEADLINES:
            run, regions = begin_run.fn(CODE, deadline, at)
            finish_run.fn(run, [decide.fn(run, region) for region in regions])

    def delivers(self, at: datetime) -> None:
        deliver.fn(at, "essai", self.now)

    def resumes(self, territory: str) -> None:
        try:
            resume(campaign=CODE, territory=territory, at=self.now, author="essai", grounds="essai")
        except NotPaused:
            pass

    def enters(self, table: str, *lines: str) -> None:
        path = self.folder / f"{table}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        take_in([path], campaign=CODE, at=self.now, author="essai")  # refused whole, or written whole

    def performs(self, act: Act) -> None:
        try:
            perform(act, campaign=CODE, at=self.now, author="essai")
        except (ActRefused, IntakeRefused):
            pass  # a forbidden move is refused, whatever the history

    def check(self) -> None:
        self.each_new_reminder_is_true_when_it_is_decided()
        self.what_has_just_left_was_still_true()
        self.no_letter_leaves_twice_nor_at_a_bad_hour()
        self.every_notice_is_told_waits_or_says_why_not()
        self.states_move_along_the_table()
        self.the_record_is_whole()

    def dossiers(self) -> Iterator[KnownDossier]:
        with reading() as session:
            campaign, _ = campaign_by_code(session, CODE)
            assert campaign.id is not None
            yield from known_dossiers(session, campaign.id)

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
        pending = (MessageStatus.WAITING, MessageStatus.SENDING)
        with reading() as session:
            letters = session.exec(select(Message.address).where(col(Message.status).in_(pending))).all()
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


def fair_hour(programme: Programme, dossier: Dossier, at: datetime, zone: str) -> None:
    clock = local(at, zone)
    assert clock.hour >= programme.hour
    assert programme.calendar.is_working_day(clock.date(), dossier.departement)


def current_steps(programme: Programme, dossier: Dossier, obligation: str, day: date) -> set[tuple[date, str]]:
    """Each due date of the obligation on that day, with the largest step that counts and whose day has come."""
    found = set()
    for present in terms(programme, dossier, obligation, day):
        if present.armed_on is None:
            continue
        come = [
            step.offset
            for effective, step in schedule(
                programme, programme.deadline_of(obligation), present.due, dossier.departement
            )
            if present.armed_on <= effective <= day
        ]
        if come:
            found.add((present.due, str(max(come))))
    return found


def test_whatever_happens_nothing_is_lost_doubled_or_untrue() -> None:
    run_state_machine_as_test(History, settings=HISTORIES)
