"""What became of letters that were leased, and of their notices?

Settled only by the server's answer: what was sent is sent, whoever holds the lease by now; the weather waits for
another pass; what was refused never leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col

from models.rules.delivery_policy import DeliveryPolicy
from models.tables import Message, Notice
from models.thread_queries import letters_with_channels
from models.words import MessageStatus, NoticeStatus
from notifications.claiming import Outgoing
from notifications.mail import Outcome, RefusedForGood, Sent

ROWS_OF_A_STATEMENT = 1_000
LONGEST_OUTCOME, LONGEST_REASON, LONGEST_SUBJECT = 1_000, 300, 500


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one leased letter; `None`: it was not tried, since the server was failing for every letter."""

    outgoing: Outgoing
    outcome: Outcome | None
    subject: str = ""


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
