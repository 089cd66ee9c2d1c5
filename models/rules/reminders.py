"""Which letters are due, to whom, at one instant?

A step counts from its effective day on, and only the current one is ever sent: a missed morning is caught up by one
letter, never by the backlog (semantics §3). Everything is read on the recipient's clock; nothing is sent twice because
a key that is recorded is never decided again.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial

from models.rules.announcements import acknowledge, announce_decision, announce_extension, announce_opening
from models.rules.calendar import instant, local
from models.rules.completeness import findings
from models.rules.deadlines import Step
from models.rules.dossier import Dossier, Terms, candidature_is_decided, has_withdrawn, terms
from models.rules.looks import Look
from models.rules.notices import Key, Notice, Recipient, Round
from models.rules.programme import Programme
from models.rules.schedule import schedule
from models.words import Role


def due(
    programme: Programme,
    dossier: Dossier,
    obligation: str,
    recipients: Sequence[Recipient],
    recorded: Collection[Key],
    at: datetime,
    *,
    zones: Collection[str] | None = None,
    at_any_hour: bool = False,
    held: set[Role] | None = None,
) -> Round:
    """What is due for the obligation at `at`, less what `recorded` holds.

    `zones` narrows the look to the recipients who live by these clocks. `held` are the roles that somebody holds, when
    `recipients` are not all. `at_any_hour` leaves out the hour and the working day: what would be true, were letters to
    leave at this very instant.
    """
    found = Round()
    at = at.astimezone(UTC)  # as the pieces' instants are: instants of one zone compare fast
    by_zone: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        by_zone.setdefault(recipient.zone, []).append(recipient)
    own_zone = programme.calendar.zone(dossier.departement)
    by_zone.setdefault(own_zone, [])  # where a role that nobody holds is noticed
    held = {recipient.role for recipient in recipients} if held is None else held
    lacking = cache(lambda: findings(programme, dossier, obligation, at))  # only read when something can be due
    for zone, readers in by_zone.items():
        if zones is not None and zone not in zones:
            continue
        now = local(at, zone)
        day = now.date()
        if not at_any_hour and not _letters_leave(programme, dossier, now):
            continue
        if has_withdrawn(dossier, day):
            continue
        look = Look(
            programme=programme,
            dossier=dossier,
            obligation=obligation,
            deadline=programme.deadline_of(obligation),
            zone=zone,
            readers=readers,
            recorded=recorded,
            at=at,
            day=day,
            lacking=lacking,
            held=held if zone == own_zone else None,
        )
        _decide(look, found)
    return found


def _letters_leave(programme: Programme, dossier: Dossier, now: datetime) -> bool:
    return now.hour >= programme.hour and programme.calendar.is_working_day(now.date(), dossier.departement)


def _decide(look: Look, found: Round) -> None:
    decided = look.obligation == "candidature" and candidature_is_decided(look.dossier, look.day)
    if look.obligation == "candidature":
        announce_decision(look, found)
    if decided:
        return
    for present in terms(look.programme, look.dossier, look.obligation, look.day):
        if present.armed_on is None or present.armed_on > look.day:
            continue
        if look.obligation == "candidature":
            announce_opening(look, found, present)
        if look.is_satisfied(present):
            acknowledge(look, found, present)
            continue
        announce_extension(look, found, present)
        _remind(look, found, present)


def _remind(look: Look, found: Round, present: Terms) -> None:
    counting = [
        (effective, step)
        for effective, step in schedule(look.programme, look.deadline, present.due, look.dossier.departement)
        if present.armed_on is not None and effective >= present.armed_on
    ]
    come = [(effective, step) for effective, step in counting if effective <= look.day]
    if not come:
        return
    effective, step = come[-1]
    too_late = look.day > effective + timedelta(days=look.programme.grace_days)
    owing = look.owing()
    owing_at = cache(partial(_owing_on, look))
    for recipient in look.readers:
        if recipient.role not in owing and recipient.role not in step.copies:
            continue
        key = Key(present.due, str(step.offset), "", recipient.contact)
        if key in look.recorded:
            continue
        copy = recipient.role not in owing
        notice = look.notice(key, recipient, present.due, step.letter, effective, copy=copy)
        (found.missed if too_late else found.due).append(notice)
        found.superseded.extend(_unsent(look, present, recipient, come[:-1], owing_at))
    if not too_late:
        look.notice_gaps(found, present.due, str(step.offset), "", owing, step.copies)


def _unsent(
    look: Look,
    present: Terms,
    recipient: Recipient,
    earlier: list[tuple[date, Step]],
    owing_at: Callable[[date], set[Role]],
) -> Iterator[Notice]:
    """The overtaken steps that should have reached this recipient and did not."""
    for effective, step in earlier:
        key = Key(present.due, str(step.offset), "", recipient.contact)
        if key in look.recorded:
            continue
        owing = owing_at(effective)
        owed = recipient.role in owing
        something_owed = bool(owing) or look.deadline.armed_by == "signature"
        if something_owed and (owed or recipient.role in step.copies):
            yield look.notice(key, recipient, present.due, step.letter, effective, copy=not owed)


def _owing_on(look: Look, effective: date) -> set[Role]:
    """The roles that owed something when a step took effect."""
    if look.deadline.armed_by == "signature":
        return set()
    then = instant(effective, look.programme.hour, look.zone).astimezone(UTC)
    return {each.owner for each in findings(look.programme, look.dossier, look.obligation, then) if each.required}
