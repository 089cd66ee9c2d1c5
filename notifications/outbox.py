"""How does a letter wait, leave once, and say what became of it?

A message is written when its notices are decided, and rendered when it is sent. Whoever sends it first leases it in a
short transaction, sends with no transaction open, then settles. A lease that expires lets another worker try: at worst
one repeat of the letter in flight, under the same Message-ID. A notice that is no longer true when its letter is
claimed is left out of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlmodel import Session, col

from models.outbox_queries import (
    Leased,
    Told,
    campaign_of_run,
    claimed_letters,
    letter_of_notice,
    may_be_claimed,
    next_to_claim,
    not_paused,
    notices_to_gather,
    standing_notices,
    standing_pauses,
)
from models.queries import programme_of
from models.rules.calendar import Calendar, instant, local
from models.rules.delivery_policy import DeliveryPolicy
from models.rules.pauses import Pauses
from models.rules.programme import Programme
from models.tables import Campaign, Message, Notice
from models.thread_queries import letters_before, letters_with_channels
from models.words import MessageStatus, NoticeStatus
from notifications.facts import Letter, Posted, Section
from notifications.holding import link_to_letters, set_aside
from notifications.mail import Outcome, RefusedForGood, Sent

ROWS_OF_A_STATEMENT = 1_000
LONGEST_OUTCOME, LONGEST_REASON, LONGEST_SUBJECT, LONGEST_CHANNELS = 1_000, 300, 500, 500
PAUSED = ":paused"
HELD, MARKED = ":held", "le programme demande que cette lettre soit relue avant de partir"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """A letter leased to a worker: what it says now, under the Message-ID of every attempt."""

    id: int
    message_id: str
    worker: str
    attempts: int  # this one included
    letter: Letter | Posted
    channels: tuple[str, ...] = ()  # what it is told beside the mail
    references: tuple[str, ...] = ()  # the letters before it about the same things, the oldest first

    @property
    def notices(self) -> tuple[int, ...]:
        """The ids of the notices that it tells; a letter posted whole tells none."""
        sections = self.letter.sections if isinstance(self.letter, Letter) else ()
        return tuple(notice for section in sections for notice in section.notices)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one leased letter; `None`: it was not tried, since the server was failing for every letter."""

    outgoing: Outgoing
    outcome: Outcome | None
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What one claim took: the letters to send, and how many had nothing left to say."""

    outgoing: tuple[Outgoing, ...]
    cancelled: int


def gather(session: Session, *, run_id: int, at: datetime, mail_from: str, held: str = "") -> int:
    """Write one waiting message for each address that the run's notices speak to, and link them; gives their number.

    Addresses are the same whatever their case. Gathering again adds nothing. `mail_from` gives the Message-ID's domain.

    `held`: why all of them wait for somebody's release. Without it, only the notices whose letter the programme file
    marks are held, in a letter of their own: what nobody has to read again leaves on time.
    """
    campaign = campaign_of_run(session, run_id)
    programme = programme_of(campaign)
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    gathered = 0
    rows: list[dict[str, Any]] = []
    marked: list[tuple[str, int]] = []
    for address, notices in groupby(notices_to_gather(session, run_id), key=lambda each: each.address):
        told: dict[str, list[Told]] = {}
        for each in notices:
            mark = HELD if not held and programme.holds(each.deadline, each.step) else ""
            told.setdefault(mark, []).append(each)
        for mark, said in told.items():
            key = f"{run_id}:{address}{mark}"
            rows.append(
                {
                    "key": key,
                    "message_id": _message_id(campaign.code, run_id, f"{address}{mark}", at, domain),
                    "campaign_id": campaign.id,
                    "run_id": run_id,
                    "address": said[0].email,
                    "channel": _channels(said),
                    "zone": _zone(programme.calendar, said[0]),
                    "facts": _heads(said, campaign.title),
                    "decided_at": at,
                    "status": MessageStatus.WAITING,
                    "attempts": 0,
                    "leased_by": "",
                    "subject": "",
                    "outcome": "",
                    "held": held or (MARKED if mark else ""),
                }
            )
            if mark:
                marked.extend((key, each.id) for each in said)
        if len(rows) >= ROWS_OF_A_STATEMENT:
            gathered += _write(session, rows)
            rows = []
    gathered += _write(session, rows)
    if not gathered:
        return 0
    link_to_letters(session, marked)
    letter, meant = letter_of_notice(run_id)
    session.execute(update(Notice).where(*meant).values(message_id=letter).execution_options(synchronize_session=False))
    return gathered


def _write(session: Session, rows: list[dict[str, Any]]) -> int:
    """Write letters that wait, in bulk; one whose key is there stays as it is. Gives how many were given."""
    if rows:
        dialect = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
        into: Any = Message.__table__  # type: ignore[attr-defined]
        session.connection().execute(dialect(into).on_conflict_do_nothing(index_elements=["key"]), rows)
    return len(rows)


def post(
    session: Session, *, key: str, run_id: int, campaign: Campaign, letter: str, facts: Mapping[str, Any],
    address: str, name: str, roles: Sequence[str], zone: str, departements: Sequence[str], at: datetime,
    mail_from: str, held: str = "",
) -> bool:  # fmt: skip
    """Write one letter that says `facts` (plain JSON) in the words of the folder `letter`; says whether it is new.

    `key` is made of ids and ISO dates: the same key again adds nothing. It leaves on a day that is worked in all of
    `departements`, at the campaign's hour on the clock of `zone`. `held`: why it waits for somebody's release.
    """
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    print_of_key = sha256("\n".join((campaign.code, key)).encode()).hexdigest()
    row = {
        "key": key,
        "message_id": f"<{print_of_key[:40]}@{domain}>",
        "campaign_id": campaign.id,
        "run_id": run_id,
        "letter": letter,
        "address": address,
        "channel": "",
        "zone": zone,
        "facts": {"campaign": campaign.title, "name": name, "roles": list(roles), "departements": list(departements),
                  "posted": dict(facts)},
        "decided_at": at,
        "status": MessageStatus.WAITING,
        "attempts": 0,
        "leased_by": "",
        "subject": "",
        "outcome": "",
        "held": held,
    }  # fmt: skip
    dialect = insert_sqlite if session.get_bind().dialect.name == "sqlite" else insert_postgresql
    new = dialect(Message).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(col(Message.id))
    return session.execute(new).first() is not None


def claim(
    session: Session, *, at: datetime, worker: str, limit: int, lease: timedelta, now: datetime | None = None
) -> Claimed:
    """Lease up to `limit` letters that may leave at `at` to `worker`, for as long as `lease`.

    A lease is about living processes: it runs on the clock of the machines (`now`, by default `at`), whatever instant
    the delivery speaks of.

    A letter that may not leave yet (before the hour on the recipient's clock, or on a day that is not worked in one of
    its territories' départements) goes back to wait for that hour; one whose notices are all undone is cancelled. What
    is paused waits: a letter whole, or only its sections about a paused territory, in a letter of their own.
    """
    now = now or at
    pauses = standing_pauses(session, at)
    found: list[Outgoing] = []
    cancelled = 0
    while len(found) < limit:
        ids = _lease(session, at=at, now=now, worker=worker, limit=limit - len(found), until=now + lease, pauses=pauses)
        if not ids:
            break
        sections: dict[int, list[Section]] = {}
        for message_id, notice_id, facts in standing_notices(session, ids):
            sections.setdefault(message_id, []).append(Section.from_json(facts, notices=(notice_id,)))
        threads = letters_before(session, ids)
        empty, early = [], []
        for letter, campaign in claimed_letters(session, ids):
            said = sections.get(letter.id, [])
            if not said and not letter.letter:
                empty.append(letter.id)
                continue
            paused = [each for each in said if (letter.campaign_id, each.territory) in pauses.territories]
            said = [each for each in said if each not in paused] if paused else said
            places = set(letter.facts["departements"]) if letter.letter else {each.departement for each in said}
            opening = _opens(programme_of(campaign), at, letter.zone, places)
            if opening > at:
                early.append({"of": letter.id, "opening": opening})
                continue
            if paused:
                kept = set_aside(session, letter.id, paused, why=PAUSED)
                letter = letter._replace(facts=kept)
            found.append(_outgoing(letter, campaign.title, said, worker, threads.get(letter.id, ())))
        _cancel(session, empty)
        _put_off(session, early)
        cancelled += len(empty)
    return Claimed(outgoing=tuple(found), cancelled=cancelled)


def settle(session: Session, results: Sequence[Result], *, at: datetime, policy: DeliveryPolicy) -> dict[str, int]:
    """Write down what became of leased letters and of their notices; gives the figures {"sent", "dead", "waiting"}.

    What was sent is sent, whoever holds the lease by now; any other outcome counts only while the lease is still held.
    """
    sent, dead, later, untried = [], [], [], []
    for result in results:
        outgoing, outcome = result.outgoing, result.outcome
        row: dict[str, Any] = {"of": outgoing.id, "by": outgoing.worker, "as_sent": result.subject[:LONGEST_SUBJECT]}
        if isinstance(outcome, Sent):
            sent.append((row | {"said": outcome.where[:LONGEST_OUTCOME], "print": outcome.body_hash}, outgoing))
        elif isinstance(outcome, RefusedForGood):
            dead.append((row | {"said": outcome.reason[:LONGEST_OUTCOME]}, outgoing))
        elif outcome is None:
            untried.append({"of": outgoing.id, "by": outgoing.worker})
        elif outgoing.attempts >= policy.attempts:
            reason = f"abandonnée après {outgoing.attempts} essais : {outcome.reason}"
            dead.append((row | {"said": reason[:LONGEST_OUTCOME]}, outgoing))
        else:
            not_before = at + policy.pause(outgoing.attempts)
            later.append(row | {"said": outcome.reason[:LONGEST_OUTCOME], "opening": not_before})
    _mark_sent(session, sent, at)
    _mark_dead(session, dead)
    _mark_later(session, later)
    _mark_untried(session, untried)
    return {"sent": len(sent), "dead": len(dead), "waiting": len(later) + len(untried)}


def record_channels(session: Session, outcomes: Mapping[int, Sequence[Mapping[str, str]]]) -> None:
    """Write down what became of the short forms, by letter: {"channel", "outcome", "words"} for each channel."""
    rows = [
        {"of": id, "said": {**facts, "channel_outcome": [dict(each) for each in outcomes[id]]}}
        for id, facts in letters_with_channels(session, outcomes)
    ]
    statement = update(Message.__table__).where(col(Message.id) == bindparam("of"))  # type: ignore[attr-defined]
    _each(session, statement.values(facts=bindparam("said")), rows)


def _zone(calendar: Calendar, notice: Told) -> str:
    own = notice.departement if notice.perimeter == notice.territory else None
    return calendar.zone_of_perimeter(notice.perimeter, own)


def _channels(notices: Sequence[Told]) -> str:
    """The reader's own channels, one a line; as many as there is room for."""
    found = ""
    for each in dict.fromkeys(notice.channel for notice in notices if notice.channel):
        more = f"{found}\n{each}" if found else each
        found = more if len(more) <= LONGEST_CHANNELS else found
    return found


def _message_id(campaign: str, run_id: int, address: str, at: datetime, domain: str) -> str:
    print_of_key = sha256(f"{campaign}\n{run_id}\n{address}\n{at.astimezone(UTC).isoformat()}".encode()).hexdigest()
    return f"<{run_id}.{print_of_key[:32]}@{domain}>"


def _heads(notices: Sequence[Told], campaign: str) -> dict[str, Any]:
    """What a message says of itself: whom it speaks to and of what. Its sections are its notices' own facts."""
    return {
        "campaign": campaign,
        "name": next((each.name for each in notices if each.name), ""),
        "roles": list(dict.fromkeys(each.role for each in notices)),
        "sections": [
            {
                "territory": each.territory,
                "territory_name": each.territory_name,
                "deadline": each.deadline,
                "due": each.due,
                "step": each.step,
                "role": each.role,
            }
            for each in notices
        ],
    }


def _lease(
    session: Session, *, at: datetime, now: datetime, worker: str, limit: int, until: datetime, pauses: Pauses
) -> list[int]:
    statement = (
        update(Message)
        .where(
            col(Message.id).in_(next_to_claim(at, now, limit, pauses)), may_be_claimed(at, now), not_paused(pauses)
        )
        .values(
            status=MessageStatus.SENDING, leased_by=worker, lease_until=until, attempts=Message.attempts + 1,
        )
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return list(session.execute(statement).scalars())


def _opens(programme: Programme, at: datetime, zone: str, departements: set[str]) -> datetime:
    """The first instant, `at` or later, at which a letter to a reader of this zone about these places may leave."""
    now = local(at, zone)
    day = now.date()
    while not all(programme.calendar.is_working_day(day, each) for each in departements):
        day += timedelta(days=1)
    if day == now.date() and now.hour >= programme.hour:
        return at
    return instant(day, programme.hour, zone)


def letter_of(letter: Leased | Message, campaign: str, sections: Sequence[Section]) -> Letter | Posted:
    """What a letter of the outbox says: its own facts if it was posted whole, or these sections."""
    head: dict[str, Any] = {
        "address": letter.address,
        "name": letter.facts.get("name", ""),
        "roles": tuple(letter.facts["roles"]),
        "zone": letter.zone,
        "campaign": campaign,
        "decided_at": letter.decided_at,
    }
    if letter.letter:
        return Posted(**head, letter=letter.letter, facts=letter.facts["posted"])
    return Letter(**head, sections=tuple(sections))


def _outgoing(
    letter: Leased, campaign: str, sections: Sequence[Section], worker: str, references: Sequence[str]
) -> Outgoing:
    return Outgoing(
        id=letter.id,
        message_id=letter.message_id,
        worker=worker,
        attempts=letter.attempts,
        letter=letter_of(letter, campaign, sections),
        channels=tuple(letter.channel.split("\n")) if letter.channel else (),
        references=tuple(references),
    )


def _cancel(session: Session, ids: Sequence[int]) -> None:
    released = {"leased_by": "", "lease_until": None, "outcome": "plus rien à dire : ses avis ont été annulés"}
    for part in _parts(ids):
        session.execute(
            update(Message)
            .where(col(Message.id).in_(part))
            .values(status=MessageStatus.CANCELLED, **released)
            .execution_options(synchronize_session=False)
        )


def _put_off(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    _each(
        session,
        update(Message.__table__)  # type: ignore[attr-defined]
        .where(col(Message.id) == bindparam("of"))
        .values(
            status=MessageStatus.WAITING, leased_by="", lease_until=None, attempts=Message.attempts - 1,
            not_before=bindparam("opening"),
        ),
        rows,
    )  # fmt: skip


def _mark_sent(session: Session, sent: Sequence[tuple[dict[str, Any], Outgoing]], at: datetime) -> None:
    _each(
        session,
        update(Message.__table__)  # type: ignore[attr-defined]
        .where(col(Message.id) == bindparam("of"))
        .values(
            status=MessageStatus.SENT, sent_at=at, subject=bindparam("as_sent"), outcome=bindparam("said"),
            body_hash=bindparam("print"), leased_by=bindparam("by"), lease_until=None, not_before=None,
        ),
        [row for row, _ in sent],
    )  # fmt: skip
    for part in _parts([notice for _, outgoing in sent for notice in outgoing.notices]):
        session.execute(
            update(Notice)
            .where(col(Notice.id).in_(part))
            .values(status=NoticeStatus.SENT, reason="")
            .execution_options(synchronize_session=False)
        )


def _mark_dead(session: Session, dead: Sequence[tuple[dict[str, Any], Outgoing]]) -> None:
    _each(
        session,
        _still_leased().values(
            status=MessageStatus.DEAD, subject=bindparam("as_sent"), outcome=bindparam("said"), leased_by="",
            lease_until=None, not_before=None,
        ),
        [row for row, _ in dead],
    )  # fmt: skip
    _each(
        session,
        update(Notice.__table__)  # type: ignore[attr-defined]
        .where(col(Notice.message_id) == bindparam("of"), col(Notice.status) == NoticeStatus.DECIDED)
        .values(status=NoticeStatus.DEAD, reason=bindparam("why")),
        [{"of": row["of"], "why": row["said"][:LONGEST_REASON]} for row, _ in dead],
    )


def _mark_later(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    _each(
        session,
        _still_leased().values(
            status=MessageStatus.WAITING, subject=bindparam("as_sent"), outcome=bindparam("said"), leased_by="",
            lease_until=None, not_before=bindparam("opening"),
        ),
        rows,
    )  # fmt: skip


def _mark_untried(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    released = _still_leased().values(
        status=MessageStatus.WAITING, leased_by="", lease_until=None, attempts=Message.attempts - 1
    )
    _each(session, released, rows)


def _still_leased() -> Any:
    return update(Message.__table__).where(  # type: ignore[attr-defined]
        col(Message.id) == bindparam("of"),
        col(Message.leased_by) == bindparam("by"),
        col(Message.status) == MessageStatus.SENDING,
    )


def _each(session: Session, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.connection().execute(statement, list(rows))


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + ROWS_OF_A_STATEMENT] for start in range(0, len(ids), ROWS_OF_A_STATEMENT)]
