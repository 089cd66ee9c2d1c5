"""What do agendas, digests and the watch read beside the dossiers themselves?

Set-based, each with an order; nothing here decides.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from models.event_tables import Event
from models.letter_tables import FailingAddress
from models.tables import Campaign, Contact, Message, Notice, Obligation, Pause, Piece, Territory, Unreachable
from models.words import UNSETTLED, MessageStatus, NoticeStatus, Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An active contact: whom a feed or a posted letter is for."""

    id: int
    role: Role
    perimeter: str
    name: str
    address: str  # as it was given; `key` is the same without regard to case

    @property
    def key(self) -> str:
        return self.address.casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """How many notices of one step of one obligation came to one status for one reason, in one région."""

    region: str
    obligation: str
    step: str
    status: NoticeStatus
    reason: str
    notices: int
    territories: int


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownGap:
    """A role of a territory that a pass found nobody for, and when that was first seen."""

    territory: str
    territory_name: str
    role: Role
    owes: bool
    first_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldLetter:
    """Letters that wait for somebody's release, for one reason, since the first of them was written."""

    reason: str
    letters: int
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingLetter:
    """A letter that waits and that nobody holds back: its reader's clock, the places it speaks of, what it met."""

    id: int
    zone: str
    decided_at: datetime
    attempts: int
    outcome: str
    departements: tuple[str, ...]
    territories: tuple[int, ...]


def people_of(session: Session, campaign_id: int) -> dict[int, Person]:
    """The active contacts of a campaign by their ids, in the order in which they came."""
    query = (
        select(Contact.id, Contact.role, Contact.perimeter, Contact.name, Contact.email)  # type: ignore[call-overload]
        .where(Contact.campaign_id == campaign_id, col(Contact.active))
        .order_by(col(Contact.id))
    )
    return {
        row[0]: Person(id=row[0], role=row[1], perimeter=row[2], name=row[3], address=row[4])
        for row in session.execute(query)
    }


def last_change(session: Session, campaign: Campaign, at: datetime) -> tuple[int, datetime | None]:
    """The last event recorded of a campaign, and the instant of the last piece that counts at `at`."""
    event = session.exec(select(func.max(Event.id)).where(Event.campaign == campaign.code)).one()
    piece = session.exec(
        select(func.max(Piece.at))
        .join(Territory, col(Territory.id) == Piece.territory_id)
        .where(Territory.campaign_id == campaign.id, col(Piece.at) <= at)
    ).one()
    return event or 0, piece


def fates_of_notices(session: Session, campaign_id: int, since: datetime, until: datetime) -> list[Fate]:
    """What became of the notices decided from `since` to before `until`, by région, obligation, step and reason."""
    by = (Territory.region, Obligation.deadline, Notice.step, Notice.status, Notice.reason)
    query = (
        select(*by, func.count(col(Notice.id)), func.count(func.distinct(Territory.id)))  # type: ignore[call-overload]
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Notice.decided_at >= since, Notice.decided_at < until)
        .group_by(*by)
        .order_by(*by)
    )
    return [
        Fate(region=row[0], obligation=row[1], step=row[2], status=row[3], reason=row[4], notices=row[5],
             territories=row[6])
        for row in session.execute(query)
    ]  # fmt: skip


def letters_by_region(session: Session, campaign_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many letters that left hold notices of each région, decided from `since` to before `until`."""
    query = (
        select(Territory.region, func.count(func.distinct(Notice.message_id)))
        .select_from(Notice)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Notice.status == NoticeStatus.SENT)
        .where(col(Notice.decided_at) >= since, col(Notice.decided_at) < until)
        .group_by(Territory.region)
        .order_by(Territory.region)
    )
    return {region: letters for region, letters in session.execute(query)}  # noqa: C416 - rows, not pairs


def posted_already(session: Session, prefix: str) -> bool:
    """Whether a letter whose key begins like this has been posted."""
    return (
        session.exec(select(Message.id).where(col(Message.key).startswith(prefix, autoescape=True)).limit(1)).first()
        is not None
    )


def letters_sent_between(session: Session, campaign_id: int, since: datetime, until: datetime) -> int:
    """How many letters of a campaign left from `since` to before `until`, of any kind."""
    query = select(func.count(col(Message.id))).where(
        Message.campaign_id == campaign_id,
        Message.status == MessageStatus.SENT,
        col(Message.sent_at) >= since,
        col(Message.sent_at) < until,
    )
    return session.exec(query).one()


def known_gaps(session: Session, campaign_id: int, until: datetime) -> list[KnownGap]:
    """Each (territory, role) that a pass before `until` found nobody for, by territory's name."""
    query = (
        select(
            Territory.code, Territory.name, Unreachable.role, func.max(case((col(Unreachable.owes), 1), else_=0)),
            func.min(Unreachable.decided_at),
        )  # type: ignore[call-overload]
        .join(Obligation, col(Obligation.id) == Unreachable.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Unreachable.decided_at < until)
        .group_by(Territory.code, Territory.name, col(Unreachable.role))
        .order_by(Territory.name, Territory.code, col(Unreachable.role))
    )  # fmt: skip
    return [
        KnownGap(territory=row[0], territory_name=row[1], role=row[2], owes=bool(row[3]), first_at=row[4])
        for row in session.execute(query)
    ]


def failing_addresses(session: Session) -> list[FailingAddress]:
    """The addresses that fail, those that fail for good first."""
    query = (
        select(FailingAddress)
        .where(col(FailingAddress.failing), col(FailingAddress.cleared_at).is_(None))
        .order_by(col(FailingAddress.permanent).desc(), FailingAddress.address)
    )
    return list(session.exec(query))


def held_letters(session: Session, campaign_id: int) -> list[HeldLetter]:
    """The letters of a campaign that wait for a release, by reason."""
    query = (
        select(Message.held, func.count(col(Message.id)), func.min(Message.decided_at))
        .where(Message.campaign_id == campaign_id, Message.status == MessageStatus.WAITING)
        .where(Message.held != "", col(Message.released_at).is_(None))
        .group_by(Message.held)
        .order_by(Message.held)
    )
    return [HeldLetter(reason=row[0], letters=row[1], since=row[2]) for row in session.execute(query)]


def letters_not_left(session: Session, campaign_id: int, before: datetime) -> list[WaitingLetter]:
    """The letters decided before `before` that have not left and that nobody holds, the oldest first."""
    query = (
        select(Message)
        .where(Message.campaign_id == campaign_id, col(Message.decided_at) <= before)
        .where(col(Message.status).in_(UNSETTLED))
        .where((col(Message.held) == "") | col(Message.released_at).is_not(None))
        .order_by(col(Message.id))
    )
    letters = list(session.exec(query))
    places = _places_of_letters(session, [each.id for each in letters if each.id is not None])
    return [
        WaitingLetter(
            id=each.id or 0,
            zone=each.zone,
            decided_at=each.decided_at,
            attempts=each.attempts,
            outcome=each.outcome,
            departements=tuple(each.facts.get("departements", ())) or tuple(d for _, d in places[each.id]),
            territories=tuple(t for t, _ in places[each.id]),
        )
        for each in letters
    ]


def _places_of_letters(session: Session, ids: Collection[int]) -> dict[int | None, list[tuple[int, str]]]:
    """The territories (id, département) that the notices of these letters speak of."""
    query = (
        select(Notice.message_id, Territory.id, Territory.departement)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(col(Notice.message_id).in_(ids), Notice.status == NoticeStatus.DECIDED)
        .distinct()
        .order_by(col(Notice.message_id), col(Territory.id))
    )
    found: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for message, territory, departement in session.execute(query):
        found[message].append((territory, departement))
    return found


def pauses_at(session: Session, campaign_id: int, at: datetime) -> dict[tuple[int | None, int | None], bool]:
    """Whether letters are held back at `at`, by scope: (None, None) all, (campaign, None), (campaign, territory)."""
    query = (
        select(Pause)
        .where(col(Pause.campaign_id).is_(None) | (col(Pause.campaign_id) == campaign_id), col(Pause.at) <= at)
        .order_by(col(Pause.at), col(Pause.id))
    )
    return {
        (each.campaign_id, each.territory_id): each.holds and (each.until is None or each.until > at)
        for each in session.exec(query)
    }
