"""Which figures tell from afar that the engine does its work?

Counts and ages only: no name, no address, nothing that a person typed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.operation_queries import (
    count_campaigns,
    dossiers_by_state,
    last_runs,
    notices_by_status,
    oldest_waiting,
    pauses_in_force,
)
from models.report_queries import letters_by_status
from models.watch_queries import failing_addresses
from models.words import MessageStatus, NoticeStatus
from tasks.database import reading


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measure: its name, what it means, and a value for each set of labels."""

    name: str
    meaning: str
    values: tuple[tuple[Mapping[str, str], float], ...]


def figures(at: datetime, *, url: str | None = None) -> list[Figure]:
    """The engine's figures at `at`, in one view of the database; ages are seconds."""
    with reading(url) as session:
        waiting_since = oldest_waiting(session)
        by_letter, by_notice = letters_by_status(session), notices_by_status(session)
        runs, states = last_runs(session), dossiers_by_state(session)
        campaigns, pauses = count_campaigns(session), pauses_in_force(session, at)
        failing = [each.permanent for each in failing_addresses(session)]
    age = max((at - waiting_since).total_seconds(), 0.0) if waiting_since else 0.0
    dossiers = tuple(
        ({"campaign": code, "state": state or "not_seen"}, float(count)) for (code, state), count in states.items()
    )
    letters = tuple(({"status": each.value}, float(by_letter.get(each, 0))) for each in MessageStatus)
    notices = tuple(
        ({"campaign": code, "status": status.value}, float(by_notice.get((code, status), 0)))
        for code in sorted({code for code, _ in by_notice})
        for status in NoticeStatus
    )
    ages = tuple(
        ({"campaign": each.campaign, "deadline": each.deadline}, (at - each.at).total_seconds()) for each in runs
    )
    permanent = sum(failing)
    addresses = (({"kind": "permanent"}, float(permanent)), ({"kind": "temporary"}, float(len(failing) - permanent)))
    return [
        Figure(name="cites_campaigns", meaning="Open campaigns", values=tuple(_one(campaigns))),
        Figure(name="cites_dossiers", meaning="Dossiers by the state last seen", values=dossiers),
        Figure(name="cites_letters", meaning="Letters by status", values=letters),
        Figure(
            name="cites_oldest_waiting_letter_seconds",
            meaning="Age of the oldest letter that has not left and that nobody holds, 0 for none",
            values=tuple(_one(age)),
        ),
        Figure(name="cites_notices", meaning="Notices by status: missed ones came too late to be sent", values=notices),
        Figure(
            name="cites_last_run_age_seconds",
            meaning="Since when a deadline was last looked at by a pass that came to its end",
            values=ages,
        ),
        Figure(name="cites_pauses", meaning="Scopes whose letters are held back", values=tuple(_one(pauses))),
        Figure(name="cites_failing_addresses", meaning="Addresses that mail comes back from", values=addresses),
    ]


def _one(value: float) -> Iterator[tuple[Mapping[str, str], float]]:
    yield {}, float(value)
