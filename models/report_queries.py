"""What does a report show of a run or of the outbox?

Counts and short lists, each with a name and an order; never an address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Table, case, func
from sqlmodel import Session, col, select

from models.queries import programme_of
from models.rules.programme import Programme
from models.tables import Campaign, Contact, Message, Notice, Obligation, Run, StateSeen, Territory, Unreachable
from models.words import MessageStatus, NoticeStatus, Role

NOT_SENT = (NoticeStatus.MISSED, NoticeStatus.CANCELLED, NoticeStatus.DEAD)  # superseded ones: counted, not listed


@dataclass(frozen=True, kw_only=True)
class RunSeen:
    """One run, and the rules of the campaign it looked at."""

    campaign: str
    programme: Programme
    deadline: str
    at: datetime
    figures: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class StepCount:
    """How many notices of one step came to one status, for how many territories; an event's letter has no due date."""

    obligation: str
    due: date | None
    step: str
    status: NoticeStatus
    territories: int
    notices: int


@dataclass(frozen=True, kw_only=True)
class Held:
    """One step of one territory that did not leave, for one reason, and the roles it was for."""

    territory: str
    obligation: str
    step: str
    roles: tuple[Role, ...]
    status: NoticeStatus
    reason: str


@dataclass(frozen=True, kw_only=True)
class Nobody:
    """A role of one territory that nobody holds."""

    territory: str
    obligation: str
    step: str
    role: Role
    owes: bool


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A letter that no server will take."""

    campaign: str
    deadline: str
    subject: str
    roles: tuple[str, ...]
    territories: tuple[str, ...]
    outcome: str
    at: datetime


def run_seen(session: Session, run_id: int) -> RunSeen:
    """The run of this id."""
    run, campaign = session.exec(
        select(Run, Campaign).join(Campaign, col(Campaign.id) == Run.campaign_id).where(Run.id == run_id)
    ).one()
    return RunSeen(
        campaign=campaign.code,
        programme=programme_of(campaign),
        deadline=run.deadline,
        at=run.at,
        figures=dict(run.figures),
    )


def steps_of_run(session: Session, run_id: int) -> list[StepCount]:
    """The run's notices counted by obligation, due date, step and status."""
    due = case((col(Notice.occasion) == "", col(Notice.due)), else_=None)
    by = (col(Obligation.deadline), due, col(Notice.step), col(Notice.status))
    asked = (
        select(*by, func.count(func.distinct(Obligation.territory_id)), func.count(col(Notice.id)))  # type: ignore[call-overload]
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .where(Notice.run_id == run_id)
        .group_by(*by)
        .order_by(*by)
    )
    return [
        StepCount(obligation=row[0], due=row[1], step=row[2], status=row[3], territories=row[4], notices=row[5])
        for row in session.execute(asked)
    ]


def held_back(session: Session, run_id: int, limit: int) -> list[Held]:
    """What the run wrote down and will not be sent, by territory; at most `limit` rows."""
    by = (Territory.name, Obligation.deadline, Notice.step, Notice.status, Notice.reason)
    asked = (
        select(*by, Contact.role)  # type: ignore[call-overload]
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .join(Contact, col(Contact.id) == Notice.contact_id)
        .where(Notice.run_id == run_id, col(Notice.status).in_(NOT_SENT))
        .distinct()
        .order_by(*by, Contact.role)
        .limit(limit * len(Role))
    )
    found = [
        Held(
            territory=key[0],
            obligation=key[1],
            step=key[2],
            status=key[3],
            reason=key[4],
            roles=tuple(row[5] for row in rows),
        )
        for key, rows in groupby(session.execute(asked), key=lambda row: tuple(row[:5]))
    ]
    return found[:limit]


def nobody_to_write_to(session: Session, run_id: int, limit: int) -> list[Nobody]:
    """The roles the run found without a contact, by territory; at most `limit` rows."""
    asked = (
        select(Territory.name, Obligation.deadline, Unreachable.step, Unreachable.role, Unreachable.owes)  # type: ignore[call-overload]
        .join(Obligation, col(Obligation.id) == Unreachable.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Unreachable.run_id == run_id)
        .order_by(Territory.name, Obligation.deadline, Unreachable.step, col(Unreachable.role))
        .limit(limit)
    )
    return [
        Nobody(territory=row[0], obligation=row[1], step=row[2], role=row[3], owes=row[4])
        for row in session.execute(asked)
    ]


def letters_by_status(session: Session) -> dict[MessageStatus, int]:
    """How many letters stand at each status, all campaigns together."""
    asked = (
        select(Message.status, func.count(col(Message.id))).group_by(col(Message.status)).order_by(col(Message.status))
    )
    return {MessageStatus(row[0]): row[1] for row in session.exec(asked)}


def dead_letters(session: Session, limit: int) -> list[DeadLetter]:
    """The letters refused for good, the latest first; at most `limit`."""
    asked = (
        select(Message, Run, Campaign.code)
        .join(Run, col(Run.id) == Message.run_id)
        .join(Campaign, col(Campaign.id) == Message.campaign_id)
        .where(Message.status == MessageStatus.DEAD)
        .order_by(col(Message.decided_at).desc(), col(Message.id).desc())
        .limit(limit)
    )
    return [
        DeadLetter(
            campaign=code,
            deadline=run.deadline,
            subject=message.subject,
            roles=_told(message.facts, "roles"),
            territories=tuple(dict.fromkeys(each["territory_name"] for each in message.facts.get("sections", ()))),
            outcome=message.outcome,
            at=message.decided_at,
        )
        for message, run, code in session.exec(asked)
    ]


def last_run_id(session: Session) -> int:
    """The id of the latest run, or 0."""
    return session.exec(select(func.max(Run.id))).one() or 0


def letters_sent(session: Session, *, after: int) -> list[tuple[Message, list[tuple[Notice, str, str, Role]]]]:
    """The letters that have left of the runs after that one, in the order they did, with their notices.

    Each notice comes with its territory's code, its obligation's name and its contact's role; a letter posted whole has
    none.
    """
    asked = (
        select(Message, Notice, Territory.code, Obligation.deadline, Contact.role)  # type: ignore[call-overload]
        .outerjoin(Notice, (col(Notice.message_id) == Message.id) & (col(Notice.status) == NoticeStatus.SENT))
        .outerjoin(Obligation, col(Obligation.id) == Notice.obligation_id)
        .outerjoin(Territory, col(Territory.id) == Obligation.territory_id)
        .outerjoin(Contact, col(Contact.id) == Notice.contact_id)
        .where(Message.run_id > after, Message.status == MessageStatus.SENT)
        .where((col(Message.letter) != "") | col(Notice.id).is_not(None))
        .order_by(
            col(Message.sent_at), Message.address, col(Message.id), Territory.code, Obligation.deadline, col(Notice.id)
        )
    )
    letters: dict[int | None, tuple[Message, list[tuple[Notice, str, str, Role]]]] = {}
    for message, notice, territory, deadline, role in session.execute(asked):
        notices = letters.setdefault(message.id, (message, []))[1]
        if notice is not None:
            notices.append((notice, territory, deadline, role))
    return list(letters.values())


def states_of(session: Session, territory_id: int) -> list[StateSeen]:
    """The states a territory was seen in, in order of time."""
    query = (
        select(StateSeen).where(StateSeen.territory_id == territory_id).order_by(col(StateSeen.at), col(StateSeen.id))
    )
    return list(session.exec(query))


def notices_of(session: Session, territory_id: int) -> list[tuple[Notice, str, Contact, Message | None]]:
    """Every notice of a territory, its obligation, its reader and its letter if there is one, in order of decision."""
    query = (
        select(Notice, Obligation.deadline, Contact, Message)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Contact, col(Contact.id) == Notice.contact_id)
        .outerjoin(Message, col(Message.id) == Notice.message_id)
        .where(Obligation.territory_id == territory_id)
        .order_by(col(Notice.decided_at), col(Notice.id))
    )
    return [(notice, deadline, contact, message) for notice, deadline, contact, message in session.execute(query)]


def gaps_of(session: Session, territory_id: int) -> list[tuple[Unreachable, str]]:
    """The roles of a territory that could not be written to, and for which obligation, in order of decision."""
    query = (
        select(Unreachable, Obligation.deadline)
        .join(Obligation, col(Obligation.id) == Unreachable.obligation_id)
        .where(Obligation.territory_id == territory_id)
        .order_by(col(Unreachable.decided_at), col(Unreachable.id))
    )
    return [(gap, deadline) for gap, deadline in session.execute(query)]


def every_row(session: Session, table: Table, size: int) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table, by identity, `size` at a time."""
    rows = session.execute(table.select().order_by(*table.primary_key).execution_options(yield_per=size))
    for part in rows.mappings().partitions(size):
        yield [dict(row) for row in part]


def _told(facts: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(each) for each in facts.get(key, ()))


def notices_between(
    session: Session, campaign_id: int, begins: datetime, ends: datetime
) -> dict[NoticeStatus, dict[str, int]]:
    """How many notices decided from `begins` to before `ends` came to each status, by the reason of a cancelled one.

    Other statuses have no reason here: a mail server's own words may name an address.
    """
    reason = case((col(Notice.status) == NoticeStatus.CANCELLED, col(Notice.reason)), else_="")
    asked = (
        select(Notice.status, reason, func.count(col(Notice.id)))
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Notice.decided_at >= begins, Notice.decided_at < ends)
        .group_by(col(Notice.status), reason)
        .order_by(col(Notice.status), reason)
    )
    found: dict[NoticeStatus, dict[str, int]] = {}
    for status, why, number in session.exec(asked):
        found.setdefault(NoticeStatus(status), {})[why] = number
    return found


def letters_between(session: Session, campaign_id: int, begins: datetime, ends: datetime) -> dict[str, int]:
    """How many letters decided from `begins` to before `ends` stand at each status."""
    asked = (
        select(Message.status, func.count(col(Message.id)))
        .where(Message.campaign_id == campaign_id, Message.decided_at >= begins, Message.decided_at < ends)
        .group_by(col(Message.status))
        .order_by(col(Message.status))
    )
    return {MessageStatus(status).value: number for status, number in session.exec(asked)}


def gaps_between(session: Session, campaign_id: int, begins: datetime, ends: datetime) -> int:
    """How many times, from `begins` to before `ends`, a role of a territory was to be written to and nobody held it."""
    asked = (
        select(func.count(col(Unreachable.id)))
        .join(Obligation, col(Obligation.id) == Unreachable.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Unreachable.decided_at >= begins, Unreachable.decided_at < ends)
    )
    return session.exec(asked).one()


def everything_decided(session: Session, at_once: int) -> Iterator[tuple[Any, ...]]:
    """Every notice that a letter tells or is to tell, with its letter's address and its facts, in a fixed order.

    (territory, obligation, contact's address, due date, step, occasion, status, letter's key without its run, facts)
    """
    asked = (
        select(
            Territory.code, Obligation.deadline, Contact.email, Notice.due, Notice.step, Notice.occasion, Notice.status,
            Message.address, Notice.facts,
        )  # type: ignore[call-overload]
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .join(Contact, col(Contact.id) == Notice.contact_id)
        .outerjoin(Message, col(Message.id) == Notice.message_id)
        .where(Notice.status == NoticeStatus.DECIDED)
        .order_by(Territory.code, Obligation.deadline, Contact.email, Notice.step, Notice.occasion, col(Contact.id))
        .execution_options(yield_per=at_once)
    )  # fmt: skip
    yield from (tuple(row) for row in session.execute(asked))
