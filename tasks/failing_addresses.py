"""Which addresses do letters no longer reach, who says so, and when is that over?

The address is the letter's own, whatever a report names: an alias may hide another, and a report may lie.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from models.letter_queries import Unreached, arrived_since, failing_rows, unreached
from models.letter_tables import FailingAddress
from models.rules.mailroom import AnswersPolicy
from models.rules.returned_mail import Failure
from tasks.database import reading, transaction
from tasks.events import an_event, record


def failing(url: str | None = None) -> list[Unreached]:
    """The active contacts that letters no longer reach."""
    with reading(url) as session:
        return unreached(session)


def clear(address: str, *, at: datetime, author: str, url: str | None = None) -> bool:
    """Somebody says that an address is good again; says whether it was failing."""
    with transaction(url) as session:
        row = failing_rows(session, [address.lower()]).get(address.lower())
        if row is None or not (row.failing or row.reports):
            return False
        _cleared(row, at)
        record(session, [an_event(at, author, "cleared", "addresses")])
        return True


def complain(session: Session, reports: Iterable[tuple[str, Failure]], at: datetime, policy: AnswersPolicy) -> None:
    """Write down what delivery reports say of addresses; one fails at once, or after several temporary failures."""
    told = [(address.lower(), failure) for address, failure in reports]
    rows = failing_rows(session, [address for address, _ in told])
    for address, failure in told:
        row = rows.setdefault(address, FailingAddress(address=address, first_at=at, last_at=at))
        if row.cleared_at is not None:
            row.first_at, row.cleared_at = at, None
        row.permanent = row.permanent or failure.permanent
        row.reports += 0 if failure.permanent else 1
        row.failing = row.permanent or row.reports >= policy.temporary_reports
        row.reason, row.last_at = failure.reason, at
        session.add(row)
    session.flush()


def clear_arrived(session: Session, at: datetime, policy: AnswersPolicy) -> int:
    """Clear the addresses to which a letter arrived after the last report; gives how many."""
    arrived = failing_rows(session, arrived_since(session, at, at - policy.quiet))
    for row in arrived.values():
        _cleared(row, at)
    session.flush()
    return len(arrived)


def _cleared(row: FailingAddress, at: datetime) -> None:
    row.failing, row.permanent, row.reports, row.cleared_at = False, False, 0, at
