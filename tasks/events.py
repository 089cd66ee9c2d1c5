"""How is a change written down for good, and was anything in the record touched since?

`record` is the only writer of events: it ties each one to the one before it, in the transaction of the change itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session

from models.event_tables import Event, EventHead
from models.history_queries import chain_head, chain_links
from models.rules.chain import FIRST, Break, Broken, breaks, fingerprint
from tasks.database import add_new, reading

LONGEST_GROUNDS = 2000


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What the record holds: how many events, the fingerprint of the last, and every place where it was touched."""

    events: int
    hash: str
    breaks: tuple[Break, ...]


def record(session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Append events, in this order: `at`, `author`, `action`, `subject`, and what else is known of each.

    Two transactions that record wait for each other from here to their end: PostgreSQL on the head of the chain,
    SQLite at its BEGIN.
    """
    if not changes:
        return
    add_new(session, EventHead, [{"id": 1, "events": 0, "hash": FIRST}])
    head = chain_head(session, locked=True)
    assert head is not None
    last, rows = head.hash, []
    for change in changes:
        content = {"campaign": "", "territory": "", "before": None, "after": None, "grounds": "", **change}
        content["grounds"] = content["grounds"][:LONGEST_GROUNDS]
        own = fingerprint(last, content)
        rows.append(content | {"previous": last, "hash": own})
        last = own
    session.execute(insert(Event.__table__), rows)  # type: ignore[attr-defined]
    session.execute(update(EventHead).values(events=head.events + len(rows), hash=last))


def verify(*, holds: str = "", url: str | None = None) -> Verification:
    """Read the whole record and say whether any event was altered, taken out or slipped in.

    `holds`: a fingerprint noted earlier that the record must still hold. Whoever rewrites the whole chain, its head
    included, is found out by this alone.
    """
    seen: set[str] = set()
    with reading(url) as session:
        head = chain_head(session)

        def links() -> Any:
            for link in chain_links(session):
                seen.add(link.hash)
                yield link

        found = breaks(links(), head)
    if holds and holds not in seen:
        found.append(Break(event=None, broken=Broken.MISSING))
    return Verification(events=head.events if head else 0, hash=head.hash if head else FIRST, breaks=tuple(found))


def an_event(at: datetime, author: str, action: str, subject: str, **known: Any) -> dict[str, Any]:
    """One change, ready to be recorded."""
    return {"at": at, "author": author, "action": action, "subject": subject, **known}
