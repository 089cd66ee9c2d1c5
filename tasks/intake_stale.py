"""Does a workbook that comes back late undo what was recorded since it was prepared?

Said as a warning, never refused: whoever sends it back may well be right.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlmodel import Session

from models.intake_queries import events_since
from models.rules.calendar import local
from notifications.french import count, short_date
from tasks.faults import Fault
from tasks.sheets import Sheet
from tasks.upsert import Changes, Stored

Place = tuple[str, str]  # a table, and the territory (or perimeter) that a row of it speaks of


def stale_workbooks(
    session: Session, campaign: str, zone: str, sheets: Iterable[Sheet], changed: Iterable[Changes]
) -> Iterator[Fault]:
    """A warning for each workbook whose corrections touch what was recorded after its preparation."""
    touched = {
        (each.shape.subject, _of(row))
        for each in changed
        for row in (*(correction.stored for correction in each.corrections), *each.moved)
    }
    books = {sheet.file.partition(", feuille « ")[0]: sheet.mark.prepared for sheet in sheets if sheet.mark}
    for file, prepared in books.items() if touched else ():
        try:
            at = datetime.fromisoformat(prepared)
        except ValueError:
            continue
        if at.tzinfo is None:
            continue
        events = events_since(session, campaign, {subject for subject, _ in touched}, at)
        since = sum((subject, values.get("perimeter") or territory) in touched for subject, territory, values in events)
        if since:
            yield Fault(
                file=file,
                problem=f"{count(since, 'changement')} enregistré{'s' if since > 1 else ''} au même endroit depuis la "
                f"préparation de ce classeur, le {short_date(local(at, zone).date())}",
                cure="vérifier que les corrections de ce classeur ne les défont pas",
            )


def _of(row: Stored) -> str:
    return str(row.values.get("perimeter") or row.territory or row.values.get("code", ""))
