"""What does the outbox read: whom a run speaks to, which letters may leave, what they still say?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, true
from sqlmodel import Session, col, select

from models.rules.pauses import Order, Pauses, standing
from models.tables import Campaign, Contact, Message, Notice, Obligation, Pause, Run, Territory
from models.words import UNSETTLED, MessageStatus, NoticeStatus

A_SHORT_WHILE = timedelta(hours=1)  # no pass takes longer; a run of the present speaks of an instant nearer than that
ROWS_AT_ONCE = 2_000
ADDRESS = func.lower(Contact.email)  # the database's own lower(): what groups addresses also links their notices


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One decided notice of a run that no letter holds yet."""

    id: int
    address: str
    email: str
    channel: str
    name: str
    role: str
    perimeter: str
    territory: str
    territory_name: str
    departement: str
    deadline: str
    due: str
    step: str


class Leased(NamedTuple):
    """What a letter that is about to leave says of itself: plain values, since a pass reads thousands."""

    id: int
    message_id: str
    campaign_id: int
    letter: str
    address: str
    channel: str
    zone: str
    facts: dict[str, Any]
    decided_at: datetime
    attempts: int


def campaign_of_run(session: Session, run_id: int) -> Campaign:
    """The campaign that a run looks after."""
    return session.exec(select(Campaign).join(Run).where(Run.id == run_id)).one()


def notices_to_gather(session: Session, run_id: int) -> Iterator[Told]:
    """The run's decided notices that no letter holds, address by address in the order of their first one."""
    asked = (
        select(
            ADDRESS, Contact.email, Contact.name, Contact.role, Contact.perimeter, Territory.code, Territory.name,
            Territory.departement, Obligation.deadline, Notice.due, Notice.step, Notice.id, Contact.channel,
        )  # type: ignore[call-overload]
        .select_from(Notice)
        .join(Contact, col(Contact.id) == Notice.contact_id)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(*_not_gathered(run_id))
        .order_by(func.min(Notice.id).over(partition_by=ADDRESS), col(Notice.id))
        .execution_options(yield_per=ROWS_AT_ONCE)
    )  # fmt: skip
    for row in session.connection().execute(asked):
        yield Told(
            address=row[0], email=row[1], name=row[2], role=row[3].value, perimeter=row[4], territory=row[5],
            territory_name=row[6], departement=row[7], deadline=row[8], due=row[9].isoformat(), step=row[10],
            id=row[11], channel=row[12],
        )  # fmt: skip


def letter_of_notice(run_id: int) -> tuple[Any, Sequence[ColumnElement[bool]]]:
    """For one UPDATE of notices: the id of the letter that each belongs to, and which notices are meant."""
    key = literal(f"{run_id}:") + ADDRESS
    letter = (
        select(Message.id)
        .join(Contact, col(Message.key) == key)
        .where(Contact.id == Notice.contact_id)
        .correlate(Notice)
        .scalar_subquery()
    )
    return letter, _not_gathered(run_id)


def may_be_claimed(at: datetime, now: datetime) -> ColumnElement[bool]:
    """Waits, is not held, and its time has come, or was leased to a worker that never came back."""
    waits = and_(
        col(Message.status) == MessageStatus.WAITING,
        or_(col(Message.held) == "", col(Message.released_at).is_not(None)),
        col(Message.run_id).not_in(passes_of_another_day(at, now)),
        or_(col(Message.not_before).is_(None), col(Message.not_before) <= at),
        col(Message.decided_at) <= at,
    )
    abandoned = and_(col(Message.status) == MessageStatus.SENDING, col(Message.lease_until) <= now)
    return or_(waits, abandoned)


def passes_of_another_day(at: datetime, now: datetime) -> Select[Any]:
    """The runs begun a short while ago, as of a day long gone, whose letters are not for a delivery of the present.

    Such a pass delivers what it decided as of its own day; to the ticks of today, all of it would be out of date. A
    delivery that is itself as of another day than `now` spares nothing.
    """
    of_the_present = abs(at - now) <= A_SHORT_WHILE
    begun = now - A_SHORT_WHILE
    return select(Run.id).where(col(Run.started_at) > begun, col(Run.at) < begun - A_SHORT_WHILE, of_the_present)


def standing_pauses(session: Session, at: datetime) -> Pauses:
    """What is paused at `at`, after every order given."""
    asked = (
        select(Pause, Territory.code)
        .outerjoin(Territory, col(Territory.id) == Pause.territory_id)
        .order_by(col(Pause.id))
    )
    orders = [
        Order(
            campaign=pause.campaign_id,
            territory=(pause.campaign_id, code) if pause.campaign_id is not None and code is not None else None,
            holds=pause.holds,
            until=pause.until,
        )
        for pause, code in session.execute(asked)
    ]
    return standing(orders, at)


def not_paused(pauses: Pauses) -> ColumnElement[bool]:
    """No pause holds the letter whole: of its notices that still stand, one at least is of no paused territory."""
    if pauses.everything:
        return col(Message.id).is_(None)
    if not pauses:
        return true()
    held = col(Message.campaign_id).in_(pauses.campaigns)
    if not pauses.territories:
        return ~held
    paused = or_(
        *(and_(col(Territory.campaign_id) == campaign, col(Territory.code) == code)
          for campaign, code in sorted(pauses.territories))
    )  # fmt: skip
    stands = (
        exists()
        .where(col(Notice.message_id) == Message.id, col(Notice.status) == NoticeStatus.DECIDED)
        .where(col(Obligation.id) == Notice.obligation_id, col(Territory.id) == Obligation.territory_id)
        .correlate(Message)
    )
    return and_(~held, or_(~stands.where(paused), stands.where(~paused)))


def next_to_claim(at: datetime, now: datetime, limit: int, pauses: Pauses) -> Select[Any]:
    """The ids of the oldest letters that may be claimed; two workers on PostgreSQL pass over each other's rows."""
    return (
        select(Message.id)
        .where(may_be_claimed(at, now), not_paused(pauses))
        .order_by(col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )


def claimed_letters(session: Session, ids: Collection[int]) -> list[tuple[Leased, Campaign]]:
    """These letters and their campaigns, oldest first."""
    asked = (
        select(
            Message.id, Message.message_id, Message.campaign_id, Message.letter, Message.address, Message.channel,
            Message.zone, Message.facts, Message.decided_at, Message.attempts,
        )  # type: ignore[call-overload]
        .where(col(Message.id).in_(ids))
        .order_by(col(Message.id))
    )  # fmt: skip
    letters = [Leased._make(row) for row in session.connection().execute(asked)]
    theirs = {each.campaign_id for each in letters}
    campaigns = {each.id: each for each in session.exec(select(Campaign).where(col(Campaign.id).in_(theirs)))}
    return [(each, campaigns[each.campaign_id]) for each in letters]


def standing_notices(session: Session, ids: Collection[int]) -> Sequence[tuple[int, int, dict[str, Any]]]:
    """Of these letters, (letter, notice, facts) of each notice that is still true, in the order they were decided."""
    asked = (
        select(Notice.message_id, Notice.id, Notice.facts)
        .where(col(Notice.message_id).in_(ids), Notice.status == NoticeStatus.DECIDED)
        .order_by(col(Notice.id))
    )
    return [(row[0], row[1], row[2]) for row in session.execute(asked)]


def nothing_left_to_say() -> tuple[ColumnElement[bool], ...]:
    """For one UPDATE of letters: those held, made of notices, and of which no notice stands any more."""
    stands = exists().where(col(Notice.message_id) == Message.id, col(Notice.status) == NoticeStatus.DECIDED)
    return (
        col(Message.status) == MessageStatus.WAITING,
        col(Message.held) != "",
        col(Message.letter) == "",
        ~stands.correlate(Message),
    )


def waiting_letters(session: Session) -> int:
    """How many letters have not left and still may."""
    return session.exec(select(func.count(col(Message.id))).where(col(Message.status).in_(UNSETTLED))).one()


def setbacks(session: Session) -> list[tuple[str, int]]:
    """Why letters that wait did not leave when they were last tried: each reason and how many, the most first."""
    number = func.count(col(Message.id))
    asked = (
        select(Message.outcome, number)
        .where(col(Message.status).in_(UNSETTLED), Message.outcome != "")
        .group_by(col(Message.outcome))
        .order_by(number.desc(), col(Message.outcome))
    )
    return [(reason, count) for reason, count in session.exec(asked)]


def _not_gathered(run_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Notice.run_id) == run_id,
        col(Notice.status) == NoticeStatus.DECIDED,
        col(Notice.message_id).is_(None),
    )
