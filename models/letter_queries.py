"""Which letters are held, which mail came back, whom can nobody reach, and what is old enough to be forgotten?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from models.event_tables import Event
from models.letter_tables import FailingAddress, IncomingMail
from models.tables import Campaign, Contact, Message, Pause, Run, Territory
from models.words import IncomingKind, MessageStatus

OVER = (MessageStatus.SENT, MessageStatus.DEAD, MessageStatus.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class HeldLetter:
    """One letter that waits for somebody."""

    id: int
    campaign: str
    deadline: str
    letter: str  # the folder of a letter posted whole
    address: str
    roles: tuple[str, ...]
    steps: tuple[str, ...]
    territories: tuple[str, ...]
    why: str
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class Unreached:
    """A contact whose address fails: the campaign's code, the role and the perimeter, the reason."""

    campaign: str
    role: str
    perimeter: str
    address: str
    permanent: bool
    reports: int
    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class PauseOrder:
    """The last order of one scope, in words that people gave."""

    campaign: str
    territory: str
    holds: bool
    at: datetime
    until: datetime | None
    author: str
    grounds: str


def letter_with_key(key: Any) -> Any:
    """For a statement: the id of the letter that has this key."""
    return select(Message.id).where(Message.key == key).scalar_subquery()


# Held


def is_held() -> ColumnElement[bool]:
    """The letter waits for somebody's release."""
    return and_(
        col(Message.status) == MessageStatus.WAITING, col(Message.held) != "", col(Message.released_at).is_(None)
    )


def held_letters(
    session: Session, *, campaign: str = "", ids: Collection[int] | None = None, limit: int | None = None
) -> list[HeldLetter]:
    """The letters that wait for a release, the oldest first: of a campaign, or these."""
    asked = (
        select(Message, Campaign.code, Run.deadline)
        .join(Campaign, col(Campaign.id) == Message.campaign_id)
        .join(Run, col(Run.id) == Message.run_id)
        .where(is_held())
        .order_by(col(Message.id))
    )
    if campaign:
        asked = asked.where(Campaign.code == campaign)
    if ids is not None:
        asked = asked.where(col(Message.id).in_(ids))
    return [
        HeldLetter(
            id=message.id or 0,
            campaign=code,
            deadline=deadline,
            letter=message.letter,
            address=message.address,
            roles=tuple(message.facts.get("roles", ())),
            steps=tuple(dict.fromkeys(each["step"] for each in message.facts.get("sections", ()))),
            territories=tuple(dict.fromkeys(each["territory_name"] for each in message.facts.get("sections", ()))),
            why=message.held,
            decided_at=message.decided_at,
        )
        for message, code, deadline in session.execute(asked if limit is None else asked.limit(limit))
    ]


# Pauses


def last_orders(session: Session) -> list[PauseOrder]:
    """The last order of each scope: everything, then campaigns, then territories."""
    last = select(func.max(Pause.id)).group_by(col(Pause.campaign_id), col(Pause.territory_id))
    asked = (
        select(Pause, Campaign.code, Territory.code)
        .outerjoin(Campaign, col(Campaign.id) == Pause.campaign_id)
        .outerjoin(Territory, col(Territory.id) == Pause.territory_id)
        .where(col(Pause.id).in_(last))
        .order_by(func.coalesce(Campaign.code, ""), func.coalesce(Territory.code, ""))
    )
    return [
        PauseOrder(
            campaign=campaign or "", territory=territory or "", holds=pause.holds, at=pause.at, until=pause.until,
            author=pause.author, grounds=pause.grounds,
        )
        for pause, campaign, territory in session.execute(asked)
    ]  # fmt: skip


# Mail that comes back


def known_mails(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these keys were read already."""
    return set(session.exec(select(IncomingMail.key).where(col(IncomingMail.key).in_(keys))))


def letters_named(session: Session, message_ids: Collection[str]) -> dict[str, tuple[int, int, str, str]]:
    """Of our letters with these Message-IDs: id, campaign's id and code, address."""
    asked = (
        select(Message.message_id, Message.id, Campaign.id, Campaign.code, Message.address)  # type: ignore[call-overload]
        .join(Campaign, col(Campaign.id) == Message.campaign_id)
        .where(col(Message.message_id).in_(message_ids))
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in session.execute(asked)}


def campaigns_of_sender(session: Session, address: str) -> list[tuple[int, str]]:
    """The campaigns (id, code) in which somebody active has this address, the latest first."""
    asked = (
        select(Campaign.id, Campaign.code)
        .join(Contact, col(Contact.campaign_id) == Campaign.id)
        .where(func.lower(Contact.email) == address.lower(), Contact.active)
        .distinct()
        .order_by(col(Campaign.id).desc())
    )
    return [(row[0], row[1]) for row in session.execute(asked)]


def proposals(session: Session, *, ids: Collection[int] | None = None) -> list[tuple[IncomingMail, str]]:
    """The proposals that nobody handled, with their campaign's code (or nothing), the oldest first; or these mails."""
    asked = (
        select(IncomingMail, Campaign.code)
        .outerjoin(Campaign, col(Campaign.id) == IncomingMail.campaign_id)
        .order_by(col(IncomingMail.id))
    )
    if ids is None:
        asked = asked.where(IncomingMail.kind == IncomingKind.PROPOSAL, col(IncomingMail.handled_at).is_(None))
    else:
        asked = asked.where(col(IncomingMail.id).in_(ids))
    return [(mail, code or "") for mail, code in session.execute(asked)]


def failing_rows(session: Session, addresses: Collection[str]) -> dict[str, FailingAddress]:
    """What is known of these addresses (in lower case)."""
    asked = select(FailingAddress).where(col(FailingAddress.address).in_(addresses))
    return {row.address: row for row in session.exec(asked)}


def arrived_since(session: Session, at: datetime, sent_before: datetime) -> list[str]:
    """The addresses with complaints to which something has proved since that letters arrive, or that nobody has.

    A letter that left after the last report, before `sent_before`, without another report; an answer to a letter of
    ours from that address after it; or no active contact with that address any more.
    """
    address = col(FailingAddress.address)
    arrived = (
        select(Message.id)
        .where(func.lower(Message.address) == address, Message.status == MessageStatus.SENT)
        .where(col(Message.sent_at) > col(FailingAddress.last_at), col(Message.sent_at) <= sent_before)
        .correlate(FailingAddress)
        .exists()
    )
    answered = (
        select(IncomingMail.id)
        .where(func.lower(IncomingMail.sender) == address, col(IncomingMail.message_id).is_not(None))
        .where(col(IncomingMail.kind).in_((IncomingKind.ANSWER, IncomingKind.PROPOSAL)))
        .where(col(IncomingMail.sent_at) > col(FailingAddress.last_at), col(IncomingMail.sent_at) <= at)
        .correlate(FailingAddress)
        .exists()
    )
    held_by_somebody = (
        select(Contact.id)
        .where(func.lower(Contact.email) == address, Contact.active)
        .correlate(FailingAddress)
        .exists()
    )
    asked = (
        select(FailingAddress.address)
        .where(or_(col(FailingAddress.failing), col(FailingAddress.reports) > 0))
        .where(or_(arrived, answered, ~held_by_somebody))
        .order_by(address)
    )
    return list(session.exec(asked))


def unreached(session: Session) -> list[Unreached]:
    """The active contacts whose address fails, by campaign, role and perimeter."""
    asked = (
        select(FailingAddress, Contact, Campaign.code)
        .join(Contact, func.lower(Contact.email) == FailingAddress.address)
        .join(Campaign, col(Campaign.id) == Contact.campaign_id)
        .where(col(FailingAddress.failing), Contact.active)
        .order_by(Campaign.code, col(Contact.role), Contact.perimeter, FailingAddress.address)
    )
    return [
        Unreached(
            campaign=code, role=contact.role.value, perimeter=contact.perimeter, address=contact.email,
            permanent=failing.permanent, reports=failing.reports, reason=failing.reason, since=failing.last_at,
        )
        for failing, contact, code in session.execute(asked)
    ]  # fmt: skip


# What is old enough to be forgotten


def is_old_letter(before: datetime) -> ColumnElement[bool]:
    """The letter left, or was given up, before that instant, and its words are still there."""
    return and_(
        col(Message.status).in_(OVER),
        func.coalesce(col(Message.sent_at), col(Message.decided_at)) < before,
        col(Message.purged_at).is_(None),
    )


def old_letters(before: datetime) -> Any:
    """For a statement's condition: the ids of the letters whose words are to be forgotten."""
    return select(Message.id).where(is_old_letter(before))


def letters_to_forget(session: Session, before: datetime) -> list[tuple[int, dict[str, Any]]]:
    """The same letters, (id, facts), by id."""
    asked = select(Message.id, Message.facts).where(is_old_letter(before)).order_by(col(Message.id))
    return [(number, facts) for number, facts in session.execute(asked)]


def opening_of_campaigns(session: Session) -> dict[int, tuple[str, datetime]]:
    """The code of each campaign, and when it was opened, by id."""
    asked = select(Campaign.id, Campaign.code, Campaign.opened_at).order_by(col(Campaign.id))
    return {row[0]: (row[1], row[2]) for row in session.execute(asked)}


def replaced_contacts(session: Session) -> list[Contact]:
    """The contacts that are no longer written to and not forgotten yet, by id."""
    asked = (
        select(Contact)
        .where(~col(Contact.active), ~col(Contact.email).endswith("@oublie.invalid"))
        .order_by(col(Contact.id))
    )
    return list(session.exec(asked))


def last_contact_events(session: Session) -> list[Event]:
    """What the record says of contacts that were replaced, in order."""
    return list(
        session.exec(
            select(Event).where(Event.subject == "contacts", Event.action == "replaced").order_by(col(Event.id))
        )
    )


def active_addresses(session: Session, addresses: Collection[str]) -> set[str]:
    """Which of these addresses (in lower case) somebody active still has, in any campaign."""
    asked = select(func.lower(Contact.email)).where(Contact.active, func.lower(Contact.email).in_(addresses))
    return set(session.exec(asked))


def letters_over(session: Session, addresses: Collection[str]) -> list[Message]:
    """The letters to these addresses (in lower case) that left or never will, by id."""
    asked = (
        select(Message)
        .where(func.lower(Message.address).in_(addresses), col(Message.status).in_(OVER))
        .order_by(col(Message.id))
    )
    return list(session.exec(asked))


def old_mails(session: Session, before: datetime) -> Sequence[IncomingMail]:
    """The mails read before that instant of which something can still be forgotten, by id."""
    asked = (
        select(IncomingMail)
        .where(IncomingMail.read_at < before, or_(col(IncomingMail.sender) != "", col(IncomingMail.subject) != ""))
        .order_by(col(IncomingMail.id))
    )
    return session.exec(asked).all()
