"""Which letters are due, to whom, at one instant?

A step counts from its effective day on, and only the current one is ever sent: a missed morning is caught up by one
letter, never by the backlog (semantics §3). Everything is read on the recipient's clock; nothing is sent twice because
a key that is recorded is never decided again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from models.rules.calendar import Calendar, instant, local
from models.rules.completeness import Finding, findings, is_satisfied, owners, satisfied_since
from models.rules.deadlines import Deadline, Step
from models.rules.dossier import (
    ConventionFact,
    DecisionFact,
    Dossier,
    Terms,
    candidature_is_decided,
    following_convention,
    has_withdrawn,
    signed_conventions,
    standing_decision,
    terms,
)
from models.rules.event_letters import EventLetter
from models.rules.programme import Programme
from models.words import Role, Verdict

OPENING, RECEIPT, DECISION, EXTENSION = "opening", "receipt", "decision", "extension"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """One contact that covers the territory; `contact` is its identity, `zone` its clock."""

    contact: int
    role: Role
    zone: str


class Key(NamedTuple):
    """What makes a notice unique within its obligation.

    `due` is the due date of a step, so that a moved date re-arms it; of another letter it is the day of its event,
    which is told once wherever the due date goes.
    """

    due: date
    step: str
    occasion: str
    contact: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One step of one obligation for one recipient, with what the reader must know."""

    key: Key
    recipient: Recipient
    obligation: str
    due: date
    letter: str
    copy: bool
    day: date  # on the recipient's calendar
    effective: date
    missing: tuple[Finding, ...]  # required ones, in the order of the programme
    recommended: tuple[Finding, ...]
    event: "Occasion | None" = None

    def owes(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.missing if each.owner is self.recipient.role)


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A role that should have been written to and that no contact holds."""

    due: date
    step: str
    occasion: str
    role: Role
    owes: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """The event a letter other than a reminder speaks of."""

    day: date
    name: str  # an ISO date or instant: which opening, receipt, decision or extension
    verdict: str = ""
    authority: str = ""
    grounds: str = ""
    previous_due: date | None = None
    reference: str = ""


@dataclass(kw_only=True, slots=True)
class Round:
    """What one look at one obligation decides."""

    due: list[Notice] = field(default_factory=list)
    superseded: list[Notice] = field(default_factory=list)
    missed: list[Notice] = field(default_factory=list)
    unreachable: list[Gap] = field(default_factory=list)


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
    `recipients` are not all. `at_any_hour` leaves out the hour and the
    working day: what would be true, were letters to leave at this very instant.
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
        look = _Look(
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
        look.into(found)
    return found


def _letters_leave(programme: Programme, dossier: Dossier, now: datetime) -> bool:
    return now.hour >= programme.hour and programme.calendar.is_working_day(now.date(), dossier.departement)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """One look at one obligation, for the recipients of one zone."""

    programme: Programme
    dossier: Dossier
    obligation: str
    deadline: Deadline
    zone: str
    readers: list[Recipient]
    recorded: Collection[Key]
    at: datetime
    day: date
    lacking: Callable[[], list[Finding]]
    held: set[Role] | None  # the roles somebody holds; None where gaps are not this zone's to notice

    def into(self, found: Round) -> None:
        decided = self.obligation == "candidature" and candidature_is_decided(self.dossier, self.day)
        if self.obligation == "candidature":
            self._announce_decision(found)
        if decided:
            return
        for present in terms(self.programme, self.dossier, self.obligation, self.day):
            if present.armed_on is None or present.armed_on > self.day:
                continue
            if self.obligation == "candidature":
                self._announce_opening(found, present)
            if self._is_satisfied(present):
                self._acknowledge(found, present)
                continue
            self._announce_extension(found, present)
            self._remind(found, present)

    def _is_satisfied(self, present: Terms) -> bool:
        if self.deadline.armed_by == "signature":
            return self._follower(present) is not None
        return is_satisfied(self.lacking())

    def _follower(self, present: Terms) -> ConventionFact | None:
        for convention in signed_conventions(self.dossier, self.day):
            if convention.last_day == present.due:
                return following_convention(self.dossier, convention, self.day)
        return None

    # Reminders

    def _remind(self, found: Round, present: Terms) -> None:
        counting = [
            (effective, step)
            for effective, step in schedule(self.programme, self.deadline, present.due, self.dossier.departement)
            if present.armed_on is not None and effective >= present.armed_on
        ]
        come = [(effective, step) for effective, step in counting if effective <= self.day]
        if not come:
            return
        effective, step = come[-1]
        too_late = self.day > effective + timedelta(days=self.programme.grace_days)
        owing = self._owing()
        owing_at = cache(self._owing_on)
        for recipient in self.readers:
            if recipient.role not in owing and recipient.role not in step.copies:
                continue
            key = Key(present.due, str(step.offset), "", recipient.contact)
            if key in self.recorded:
                continue
            copy = recipient.role not in owing
            notice = self._notice(key, recipient, present.due, step.letter, effective, copy=copy)
            (found.missed if too_late else found.due).append(notice)
            found.superseded.extend(self._unsent(present, recipient, come[:-1], owing_at))
        if not too_late:
            self._notice_gaps(found, present.due, str(step.offset), "", owing, step.copies)

    def _unsent(
        self,
        present: Terms,
        recipient: Recipient,
        earlier: list[tuple[date, Step]],
        owing_at: Callable[[date], set[Role]],
    ) -> Iterator[Notice]:
        """The overtaken steps that should have reached this recipient and did not."""
        for effective, step in earlier:
            key = Key(present.due, str(step.offset), "", recipient.contact)
            if key in self.recorded:
                continue
            owing = owing_at(effective)
            owed = recipient.role in owing
            something_owed = bool(owing) or self.deadline.armed_by == "signature"
            if something_owed and (owed or recipient.role in step.copies):
                yield self._notice(key, recipient, present.due, step.letter, effective, copy=not owed)

    def _owing_on(self, effective: date) -> set[Role]:
        """The roles that owed something when a step took effect."""
        if self.deadline.armed_by == "signature":
            return set()
        then = instant(effective, self.programme.hour, self.zone).astimezone(UTC)
        return {each.owner for each in findings(self.programme, self.dossier, self.obligation, then) if each.required}

    # The letters that an event brings (semantics §3.10)

    def _announce_opening(self, found: Round, present: Terms) -> None:
        opens = self.programme.opens
        occasion = Occasion(day=opens, name=opens.isoformat())
        letter = self.programme.letters[OPENING]
        self._tell(found, present.due, OPENING, letter, occasion)

    def _acknowledge(self, found: Round, present: Terms) -> None:
        if self.deadline.armed_by == "signature":
            follower = self._follower(present)
            if follower is None or follower.signed_on is None:
                return
            day = max(follower.signed_on, present.armed_on or follower.signed_on)
            name = f"{follower.signed_on.isoformat()}/{present.due.isoformat()}"
        else:
            since = satisfied_since(self.programme, self.dossier, self.obligation, self.at)
            if since is None or present.born_on is None:
                return
            day, name = max(local(since, self.zone).date(), present.born_on), since.isoformat()
        letter = self.programme.letters[RECEIPT]
        self._tell(found, present.due, RECEIPT, letter, Occasion(day=day, name=name))

    def _announce_decision(self, found: Round) -> None:
        last = standing_decision(self.dossier, self.day)
        if last is None:
            return
        [present] = terms(self.programme, self.dossier, self.obligation, self.day)
        letter = self.programme.letters[DECISION]
        copies = letter.copies + (letter.if_labelled if last.verdict is Verdict.LABELLED else ())
        occasion = Occasion(
            day=last.day,
            name=_name(last),
            verdict=last.verdict.value,
            authority=last.authority,
            grounds=last.grounds,
        )
        self._tell(found, present.due, DECISION, letter, occasion, copies)

    def _announce_extension(self, found: Round, present: Terms) -> None:
        extension = present.extension
        if extension is None or present.born_on is None:
            return
        letter = self.programme.letters[EXTENSION]
        occasion = Occasion(
            day=extension.granted_on,
            name=f"{extension.granted_on.isoformat()}/{present.due.isoformat()}",
            authority=extension.authority,
            grounds=extension.grounds,
            previous_due=present.previous_due,
            reference=extension.reference,
        )
        self._tell(found, present.due, EXTENSION, letter, occasion, since=present.born_on)

    def _tell(
        self, found: Round, due_on: date, step: str, letter: EventLetter, occasion: Occasion,
        copies: Iterable[Role] | None = None, since: date | None = None,
    ) -> None:  # fmt: skip
        known_on = max(occasion.day, since) if since else occasion.day
        effective = self.programme.calendar.next_working_day(known_on, self.dossier.departement)
        if not effective <= self.day <= effective + timedelta(days=self.programme.grace_days):
            return
        main, reading = self._main_readers(letter), set(letter.copies if copies is None else copies)
        for recipient in self.readers:
            if recipient.role not in main | reading:
                continue
            key = Key(occasion.day, step, occasion.name, recipient.contact)
            if key not in self.recorded:
                copy = recipient.role not in main
                notice = self._notice(key, recipient, due_on, letter.letter, effective, copy=copy, event=occasion)
                found.due.append(notice)
        self._notice_gaps(found, occasion.day, step, occasion.name, main, reading)

    def _main_readers(self, letter: EventLetter) -> set[Role]:
        match letter.group:
            case "owners":
                return set(owners(self.programme, self.dossier, self.obligation))
            case "owners_of_missing":
                return self._owing()
            case _:
                return set(letter.to)

    # What both need

    def _owing(self) -> set[Role]:
        return {each.owner for each in self.lacking() if each.required}

    def _notice(
        self, key: Key, recipient: Recipient, due_on: date, letter: str, effective: date, *, copy: bool,
        event: Occasion | None = None,
    ) -> Notice:  # fmt: skip
        return Notice(
            key=key,
            recipient=recipient,
            obligation=self.obligation,
            due=due_on,
            letter=letter,
            copy=copy,
            day=self.day,
            effective=effective,
            missing=tuple(each for each in self.lacking() if each.required),
            recommended=tuple(each for each in self.lacking() if not each.required),
            event=event,
        )

    def _notice_gaps(
        self, found: Round, day: date, step: str, occasion: str, owing: Iterable[Role],
        copies: Iterable[Role],
    ) -> None:  # fmt: skip
        if self.held is None:
            return
        owing = set(owing)
        for role in sorted((owing | set(copies)) - self.held):
            found.unreachable.append(Gap(due=day, step=step, occasion=occasion, role=role, owes=role in owing))


def _name(decision: DecisionFact) -> str:
    return f"{decision.day.isoformat()}/{decision.verdict.value}"


def no_longer_due(
    programme: Programme,
    dossier: Dossier,
    obligation: str,
    recipients: Sequence[Recipient],
    recorded: Collection[Key],
    waiting: Collection[Key],
    at: datetime,
) -> dict[Key, str]:
    """Of the notices whose letter still waits, those that are not true any more at `at`, and why (in French)."""
    others = set(recorded) - set(waiting)
    now = due(programme, dossier, obligation, recipients, others, at, at_any_hour=True)
    true = {notice.key for notice in now.due}
    return {key: _why_not(programme, dossier, obligation, key, now, at) for key in waiting if key not in true}


def _why_not(programme: Programme, dossier: Dossier, obligation: str, key: Key, now: Round, at: datetime) -> str:
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    if has_withdrawn(dossier, day):
        return "le territoire s’est désisté"
    if key.step == DECISION:
        last = standing_decision(dossier, day)
        if last is None or _name(last) != key.occasion:
            return "une autre décision la remplace"
    elif obligation == "candidature" and candidature_is_decided(dossier, day):
        return "la candidature est décidée"
    present = [each for each in terms(programme, dossier, obligation, day) if each.armed_on is not None]
    if not present and key.step != DECISION:
        return "la décision qui faisait naître l’obligation ne tient plus"
    if present and not key.occasion and all(each.due != key.due for each in present):
        return "l’échéance a été déplacée"
    if key.step == EXTENSION and not any(key.occasion.endswith(each.due.isoformat()) for each in present):
        return "une autre date la remplace"
    if any(notice.key == key for notice in now.missed):
        return "le délai de grâce est passé"
    if any(notice.key == key for notice in now.superseded):
        return "une étape plus récente la remplace"
    satisfied = is_satisfied(findings(programme, dossier, obligation, at))
    if key.step == RECEIPT and not satisfied:
        return "l’obligation n’est plus satisfaite"
    if key.step not in (RECEIPT, DECISION) and satisfied:
        return "l’obligation est satisfaite"
    return "le délai de grâce est passé, ou le destinataire n’est plus concerné"


def schedule(programme: Programme, deadline: Deadline, due_on: date, departement: str) -> list[tuple[date, Step]]:
    """Each step that can count for a due date, with its effective day in this département (semantics §2, §3.2).

    Of steps that share a day only the last is kept.
    """
    offsets = tuple(step.offset for step in deadline.steps)
    days = programme.calendar.effective_days(due_on, offsets, departement)
    last_of = dict(zip(days, deadline.steps, strict=True))
    return sorted(last_of.items(), key=lambda pair: pair[0])


def interesting_days(programme: Programme, dossier: Dossier, obligation: str, zone: str) -> set[date]:
    """The days, on the calendar of `zone`, from which something about the obligation can be new.

    Between two of them a look decides nothing that an earlier look would not have decided.
    """
    deadline = programme.deadline_of(obligation)
    occurrence = obligation.partition(":")[2]
    born = _first_born(programme, dossier, deadline)
    if born is None:
        return set()
    days: set[date] = {born}
    dues: set[date] = set()
    for dated in deadline.occurrences.get(occurrence, ()):
        dues.add(dated.date)
        if dated.since:
            days.add(dated.since)
    for extension in dossier.extensions:
        if extension.deadline in (obligation, "candidature"):
            days.add(extension.granted_on)
        if extension.deadline == obligation:
            dues.add(extension.new_due)
    days.update(decision.day for decision in dossier.decisions)
    days.update(dossier.withdrawals)
    if deadline.armed_by == "signature":
        for convention in dossier.conventions:
            dues.add(convention.last_day)
            if convention.signed_on:
                days.add(convention.signed_on)
    asked = {requirement.code for requirement in programme.requirements_of(deadline.name)}
    for piece in dossier.pieces:
        if piece.occurrence == occurrence and piece.requirement in asked:
            then = local(piece.at, zone)
            seen_that_day = (then.hour, then.minute, then.second, then.microsecond) <= (programme.hour, 0, 0, 0)
            days.add(then.date() if seen_that_day else then.date() + timedelta(days=1))
    for due_on in dues:
        days.update(effective for effective, _ in schedule(programme, deadline, due_on, dossier.departement))
    return {max(day, born) for day in days}


def _first_born(programme: Programme, dossier: Dossier, deadline: Deadline) -> date | None:
    """The first day on which the deadline can exist for this territory."""
    match deadline.armed_by:
        case "opening":
            decided = [decision.day for decision in dossier.decisions]  # told even before the opening
            return min([programme.opens, *decided])
        case "label":
            return min((each.day for each in dossier.decisions if each.verdict is Verdict.LABELLED), default=None)
        case _:
            return min((each.signed_on for each in dossier.conventions if each.signed_on), default=None)


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


def look_days(
    calendar: Calendar,
    departement: str,
    days: Iterable[date],
    *,
    start: date,
    end: date,
    without: Collection[date] = (),
) -> list[date]:
    """For each interesting day, the first day from it on which letters leave, within the window."""
    looks = set()
    for day in {max(day, start) for day in days if day <= end}:
        while day <= end and (day in without or not calendar.is_working_day(day, departement)):
            day += timedelta(days=1)
        if day <= end:
            looks.add(day)
    return sorted(looks)
