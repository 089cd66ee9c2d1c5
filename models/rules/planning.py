"""Which letters would leave over some days to come, were nothing to change?

By the same looks as the real pass, only at the days when something can be new: no day in between is looked at.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from models.rules.calendar import instant
from models.rules.dossier import Dossier
from models.rules.notices import Key, Notice, Recipient, Round
from models.rules.programme import Programme
from models.rules.reminders import due
from models.rules.schedule import interesting_days, look_days


def plan(
    programme: Programme,
    dossier: Dossier,
    recipients: Sequence[Recipient],
    recorded: Mapping[str, set[Key]],
    *,
    start: date,
    end: date,
    without: Collection[date] = (),
) -> Iterator[tuple[datetime, Notice]]:
    """Every letter that would leave from `start` to `end` with one look a day, at the hour of each recipient.

    `recorded` holds the keys already there, by obligation; days of `without` see no look.
    """
    for at, _, _, found in rounds(programme, dossier, recipients, recorded, start=start, end=end, without=without):
        for notice in found.due:
            yield at, notice


def rounds(
    programme: Programme,
    dossier: Dossier,
    recipients: Sequence[Recipient],
    recorded: Mapping[str, set[Key]],
    *,
    start: date,
    end: date,
    without: Collection[date] = (),
) -> Iterator[tuple[datetime, str, str, Round]]:
    """The looks behind `plan`: (instant, zone, obligation, what it decides), each knowing what those before decided."""
    calendar = programme.calendar
    zones = {recipient.zone for recipient in recipients} | {calendar.zone(dossier.departement)}
    for obligation in programme.obligation_names():
        known = set(recorded.get(obligation, ()))
        for zone in sorted(zones):
            readers = [recipient for recipient in recipients if recipient.zone == zone]
            held = {recipient.role for recipient in recipients}
            days = interesting_days(programme, dossier, obligation, zone)
            for day in look_days(calendar, dossier.departement, days, start=start, end=end, without=without):
                at = instant(day, programme.hour, zone)
                found = due(programme, dossier, obligation, readers, known, at, zones={zone}, held=held)
                known.update(notice.key for notice in (*found.due, *found.superseded, *found.missed))
                yield at, zone, obligation, found
