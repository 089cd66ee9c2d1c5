"""What does the record of changes hold, and how does its chain end?"""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from models.rules.chain import CONTENT, FIRST, Head, Link
from models.tables import Event, EventHead

ROWS_AT_ONCE = 1_000


def chain_head(session: Session, *, locked: bool = False) -> Head | None:
    """How the chain ends, if an event was ever recorded; `locked`: nobody adds to it until this transaction is over."""
    query = select(EventHead.events, EventHead.hash)
    found = session.execute(query.with_for_update() if locked else query).first()
    return Head(events=found[0], hash=found[1]) if found else None


def chain_links(session: Session) -> Iterator[Link]:
    """Every event, in the order in which they were recorded."""
    columns = [getattr(Event, name) for name in CONTENT]
    query = select(Event.id, Event.previous, Event.hash, *columns).order_by(col(Event.id))
    for row in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        yield Link(id=row[0], previous=row[1], hash=row[2], content=dict(zip(CONTENT, row[3:], strict=True)))


def head_or_first(session: Session) -> Head:
    """How the chain ends; an empty one ends where it begins."""
    return chain_head(session) or Head(events=0, hash=FIRST)
