"""Which letters should have left by now, and have not?

A second look, by the same rules as the passes: what was due on the last worked morning whose noon is past on the
recipient's clock, that nothing records, and that is still true. A letter that is written and waits is overdue from the
first such noon after the hour at which it might have left.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from models.rules.calendar import Calendar, instant, local
from models.rules.dossier import Dossier
from models.rules.notices import Key, Notice, Recipient
from models.rules.programme import Programme
from models.rules.reminders import due


def overlooked(
    programme: Programme,
    dossier: Dossier,
    recipients: Sequence[Recipient],
    recorded: Mapping[str, set[Key]],
    *,
    at: datetime,
    noon: int,
    since: datetime,
) -> Iterator[tuple[datetime, Notice]]:
    """The notices due on the last morning (after `since`) of each recipient, still true, and not `recorded`."""
    for zone in sorted({recipient.zone for recipient in recipients}):
        morning = last_morning(programme, dossier.departement, zone, at=at, noon=noon)
        if morning < since:
            continue
        readers = [recipient for recipient in recipients if recipient.zone == zone]
        for obligation in programme.obligation_names():
            known = recorded.get(obligation, set())
            then = due(programme, dossier, obligation, readers, known, morning).due
            if then:
                now = due(programme, dossier, obligation, readers, known, at, at_any_hour=True).due
                true = {notice.key for notice in now}
                yield from ((morning, notice) for notice in then if notice.key in true)


def last_morning(programme: Programme, departement: str, zone: str, *, at: datetime, noon: int) -> datetime:
    """The hour of letters on the last day worked in the département whose noon is past on the clock of `zone`."""
    now = local(at, zone)
    day = now.date() if now.hour >= noon else now.date() - timedelta(days=1)
    while not programme.calendar.is_working_day(day, departement):
        day -= timedelta(days=1)
    return instant(day, programme.hour, zone)


def overdue_from(
    programme: Programme, *, decided_at: datetime, zone: str, departements: Collection[str], noon: int
) -> datetime:
    """The noon by which a letter written at `decided_at` should have left."""
    then = local(decided_at, zone)
    day = then.date() if then.hour < noon else then.date() + timedelta(days=1)
    return instant(_worked(programme.calendar, day, departements), noon, zone)


def _worked(calendar: Calendar, day: date, departements: Collection[str]) -> date:
    while not all(calendar.is_working_day(day, each) for each in departements):
        day += timedelta(days=1)
    return day
