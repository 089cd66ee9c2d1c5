"""What must hold at every moment, whatever has happened? Read back from the tables and the folder of letters."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlmodel import Session, col, select

from models.history_queries import states_by_territory
from models.queries import Directory, KnownDossier, campaign_by_code, known_dossiers
from models.rules.calendar import local
from models.rules.completeness import findings, is_satisfied
from models.rules.dossier import Dossier, candidature_is_decided, has_withdrawn, standing_decision, terms
from models.rules.lifecycle import NEXT, State
from models.rules.programme import Programme
from models.rules.schedule import schedule
from models.tables import Contact, Message, Notice, Obligation, Run, Territory
from models.words import UNSETTLED, MessageStatus, NoticeStatus
from tasks.database import reading
from tasks.events import verify
from tasks.reminders import ABANDONED_AFTER


@dataclass(kw_only=True)
class Promises:
    """The engine's promises about one campaign; what was looked at once is not looked at again."""

    campaign: str
    mail: Path
    read_again: Collection[str] = ()  # the steps whose letters somebody must release
    decided: set[int] = field(default_factory=set)  # notices whose decision was held against the rules
    left: set[int] = field(default_factory=set)  # and whose departure was
    in_doubt: set[str] = field(default_factory=set)  # Message-IDs of letters that left, and whose worker died then

    def each_new_reminder_is_true_when_it_is_decided(self) -> None:
        """Nothing is asked of whoever is done, gone or decided; the step is the current one, the hour is a fair one."""
        with reading() as session:
            known = _Known(session, self.campaign)
            asked = (
                select(Notice, Territory.code, Obligation.deadline, Contact.perimeter)
                .join(Obligation, col(Obligation.id) == Notice.obligation_id)
                .join(Territory, col(Territory.id) == Obligation.territory_id)
                .join(Contact, col(Contact.id) == Notice.contact_id)
                .where(col(Notice.status).in_((NoticeStatus.DECIDED, NoticeStatus.SENT)))
                .where(col(Notice.id).not_in(self.decided))
                .order_by(col(Notice.id))
            )
            for notice, code, obligation, perimeter in session.execute(asked).all():
                self.decided.add(notice.id)
                zone = known.zone(code, perimeter)
                fair_hour(known.programme, known.dossiers[code], notice.decided_at, zone)
                known.is_true(notice, code, obligation, notice.decided_at, zone)

    def what_has_just_left_was_still_true(self, paused: Collection[str] = ()) -> None:
        """What was true when it was decided, and is not any more, does not leave; nor what is paused or held."""
        with reading() as session:
            known = _Known(session, self.campaign)
            asked = (
                select(Notice, Message, Contact, Territory.code, Obligation.deadline)  # type: ignore[call-overload]
                .join(Message, col(Message.id) == Notice.message_id)
                .join(Contact, col(Contact.id) == Notice.contact_id)
                .join(Obligation, col(Obligation.id) == Notice.obligation_id)
                .join(Territory, col(Territory.id) == Obligation.territory_id)
                .where(Notice.status == NoticeStatus.SENT, col(Notice.id).not_in(self.left))
            )
            for notice, message, contact, code, obligation in session.execute(asked).all():
                self.left.add(notice.id)
                assert contact.active
                assert "" not in paused
                assert code not in paused
                held = message.held or notice.step in self.read_again
                assert not held or message.released_at is not None
                assert message.sent_at is not None
                known.is_true(notice, code, obligation, message.sent_at, message.zone)

    def no_letter_leaves_twice_nor_at_a_bad_hour(self) -> None:
        with reading() as session:
            known = _Known(session, self.campaign)
            sent = session.exec(select(Message).where(Message.status == MessageStatus.SENT)).all()
            for message in sent:
                assert message.sent_at is not None
                for head in message.facts["sections"]:
                    fair_hour(known.programme, known.dossiers[head["territory"]], message.sent_at, message.zone)
            recorded = {message.message_id.strip("<>") for message in sent}
            assert self.files() - self.in_doubt <= recorded <= self.files()

    def files(self) -> set[str]:
        """The Message-IDs of what has left."""
        return {path.stem for path in self.mail.glob("*.eml")}

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
                        assert message.status in UNSETTLED
                    case _:
                        assert notice.reason

    def states_move_along_the_table(self) -> None:
        with reading() as session:
            for seen in states_by_territory(session, self.campaign).values():
                for (before, _), (after, _) in pairwise(seen):
                    assert State(after) in NEXT[State(before)]

    def the_record_is_whole(self) -> None:
        assert verify().breaks == ()

    def what_a_dead_pass_left_is_taken_over(self, at: datetime) -> None:
        """After a whole pass as of `at`, nothing that was decided long before is without a letter."""
        with reading() as session:
            asked = select(Notice.step, Notice.decided_at).where(
                Notice.status == NoticeStatus.DECIDED,
                col(Notice.message_id).is_(None),
                col(Notice.decided_at) <= at - ABANDONED_AFTER,
            )
            assert session.execute(asked).all() == []

    def whoever_owes_something_was_written_to(self, at: datetime) -> None:
        """After a whole pass as of `at`, each reader who owes a part has a notice of the current step, within grace."""
        with reading() as session:
            known = _Known(session, self.campaign)
            noticed = set(
                session.execute(
                    select(Territory.code, Obligation.deadline, Notice.due, Notice.step, Notice.contact_id)  # type: ignore[call-overload]
                    .join(Obligation, col(Obligation.id) == Notice.obligation_id)
                    .join(Territory, col(Territory.id) == Obligation.territory_id)
                    .where(Notice.status != NoticeStatus.CANCELLED)
                )
            )
            assert set(known.owed_words(session, at)) <= noticed


class _Known:
    """What the tables know of the campaign, for one look."""

    def __init__(self, session: Session, campaign: str) -> None:
        row, self.programme = campaign_by_code(session, campaign)
        assert row.id is not None
        self.campaign_id = row.id
        self.known: list[KnownDossier] = list(known_dossiers(session, row.id))
        self.dossiers = {each.dossier.code: each.dossier for each in self.known}

    def zone(self, code: str, perimeter: str) -> str:
        own = self.dossiers[code].departement if perimeter == code else None
        return self.programme.calendar.zone_of_perimeter(perimeter, own)

    def is_true(self, notice: Notice, code: str, obligation: str, at: datetime, zone: str) -> None:
        """The notice may be told at `at` to a reader who lives by the clock of `zone`."""
        dossier, day = self.dossiers[code], local(at, zone).date()
        assert not has_withdrawn(dossier, day)
        if notice.step == "decision":
            standing = standing_decision(dossier, day)
            assert standing is not None
            assert notice.occasion == f"{standing.day}/{standing.verdict.value}"
            return
        assert not (obligation == "candidature" and candidature_is_decided(dossier, day))
        if obligation != "convention_end":
            satisfied = is_satisfied(findings(self.programme, dossier, obligation, at))
            assert satisfied == (notice.step == "receipt")
        if notice.step == "extension":
            assert notice.occasion.rpartition("/")[2] in {
                each.due.isoformat() for each in terms(self.programme, dossier, obligation, day)
            }
        elif not notice.occasion:
            current = current_steps(self.programme, dossier, obligation, day)
            assert (notice.due, notice.step) in {(due, step) for due, step, _ in current}

    def owed_words(self, session: Session, at: datetime) -> Iterator[tuple[str, str, date, str, int]]:
        """(territory, obligation, due date, step, contact) of each reminder that `at` asks for, of owners only."""
        directory = Directory(session, self.campaign_id, self.programme)
        for known in self.known:
            dossier = known.dossier
            for reader in directory.recipients(dossier):
                clock = local(at, reader.zone)
                if not is_fair(self.programme, dossier, at, reader.zone) or has_withdrawn(dossier, clock.date()):
                    continue
                for obligation in known.obligations:
                    if obligation == "candidature" and candidature_is_decided(dossier, clock.date()):
                        continue
                    lacking = findings(self.programme, dossier, obligation, at)
                    if reader.role not in {each.owner for each in lacking if each.required}:
                        continue
                    current = current_steps(self.programme, dossier, obligation, clock.date())
                    for due, step, effective in current:
                        if clock.date() <= effective + timedelta(days=self.programme.grace_days):
                            yield dossier.code, obligation, due, step, reader.contact


def is_fair(programme: Programme, dossier: Dossier, at: datetime, zone: str) -> bool:
    clock = local(at, zone)
    return clock.hour >= programme.hour and programme.calendar.is_working_day(clock.date(), dossier.departement)


def fair_hour(programme: Programme, dossier: Dossier, at: datetime, zone: str) -> None:
    assert is_fair(programme, dossier, at, zone), f"{at} is no hour to write to somebody of {zone}"


def current_steps(programme: Programme, dossier: Dossier, obligation: str, day: date) -> set[tuple[date, str, date]]:
    """Each due date of the obligation that day, the largest step that counts and has come, and its effective day."""
    found = set()
    for present in terms(programme, dossier, obligation, day):
        if present.armed_on is None:
            continue
        deadline = programme.deadline_of(obligation)
        come = [
            (step.offset, effective)
            for effective, step in schedule(programme, deadline, present.due, dossier.departement)
            if present.armed_on <= effective <= day
        ]
        if come:
            offset, effective = max(come)
            found.add((present.due, str(offset), effective))
    return found
