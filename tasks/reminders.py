"""Which reminders does this pass decide, and how are they written down once?

One pass of one deadline is cut by région; each partition reads its facts in a few queries, applies the rules in memory
and writes what they say in one transaction under unique keys. Then the run's notices are gathered into letters.
"""

import gc
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import update
from sqlmodel import Session

from models.notice_queries import Recorded, campaigns_with_waiting_notices, recorded_notices
from models.outbox_queries import passes_of_another_day
from models.queries import (
    Directory,
    KnownDossier,
    Span,
    campaign_by_code,
    known_dossiers,
    last_states,
    letters_on_their_way,
    passes_before,
    programme_of,
    regions_of,
    runs_beside,
    spans_of,
)
from models.rules.calendar import local
from models.rules.completeness import findings, is_satisfied
from models.rules.dossier import candidature_is_decided, has_withdrawn, terms
from models.rules.due_days import due_days
from models.rules.lifecycle import ForbiddenTransition, State, advance, state
from models.rules.mailroom import load_mailroom_policy
from models.rules.notices import Notice as DueNotice
from models.rules.notices import Round
from models.rules.overtaken import no_longer_due
from models.rules.programme import Programme
from models.rules.reminders import due
from models.tables import Campaign, Notice, Run, StateSeen, Unreachable
from models.words import NoticeStatus
from notifications.holding import let_go
from notifications.outbox import gather
from tasks.database import add_new, transaction
from tasks.sections import sections
from tasks.settings import settings

AT_ONCE = 1_000  # territories read, decided and written together: what bounds the memory of a pass
ABANDONED_AFTER = timedelta(minutes=30)  # a run that has not gathered its letters by then will not


@task(task_run_name="ouvrir le passage · {deadline} · {campaign}", cache_policy=NO_CACHE)
def begin_run(
    campaign: str, deadline: str, at: datetime, zones: Collection[str] | None = None, now: datetime | None = None
) -> tuple[int, list[str]]:
    """Open the record of one pass: its id, and the régions to look at (of `zones` only, those somebody there reads).

    `now` is the clock of the machine; a pass as of another day is known by it.
    """
    with transaction() as session:
        row, programme = campaign_by_code(session, campaign)
        watched = programme.watched_by(deadline)
        assert row.id is not None
        run = Run(campaign_id=row.id, deadline=watched[0].name, at=at, started_at=now or at)
        session.add(run)
        session.flush()
        assert run.id is not None
        return run.id, regions_of(session, row.id, programme, zones)


@task(task_run_name="décider · région {region}", cache_policy=NO_CACHE)
def decide(run_id: int, region: str, zones: list[str] | None = None) -> dict[str, int]:
    """Decide one région's part of a run: notices, what overtook or outran them, and who has no contact.

    `zones` narrows the look to recipients who live by these clocks. Returns figures by name.
    """
    figures: Counter[str] = Counter()
    with _collector_at_rest(), transaction() as session:
        run = session.get_one(Run, run_id)
        campaign = session.get_one(Campaign, run.campaign_id)
        assert campaign.id is not None
        for span in spans_of(session, campaign.id, region, AT_ONCE):
            figures.update(Partition(session, run, campaign, span, zones).decide())
    return dict(figures)


@task(task_run_name="rassembler les lettres", cache_policy=NO_CACHE)
def finish_run(run_id: int, figures: list[dict[str, int]]) -> dict[str, int]:
    """Gather the run's notices into letters, one an address, and close its record; returns the run's figures."""
    total: Counter[str] = Counter()
    for each in figures:
        total.update(each)
    with _collector_at_rest(), transaction() as session:
        run = session.get_one(Run, run_id)
        total["adopted"] = _adopt_orphans(session, run)
        held = load_mailroom_policy().catch.why_held(total)
        total["letters"] = gather(session, run_id=run_id, at=run.at, mail_from=settings().mail_from, held=held)
        run.figures = dict(total)
        run.finished_at = run.at
        session.add(run)
        return dict(total)


@task(task_run_name="revoir ce qui attend", cache_policy=NO_CACHE)
def recheck(at: datetime, now: datetime | None = None) -> int:
    """Cancel the notices decided before `at` that still wait and are no longer true; gives their number.

    `now` is the clock of the machine: a pass as of another day that is still under way keeps what it decided. A letter
    that waits for a release is cancelled with the last of its notices.
    """
    with transaction() as session:
        cancelled = 0
        for campaign_id, territories in campaigns_with_waiting_notices(session, at).items():
            campaign = session.get_one(Campaign, campaign_id)
            programme = programme_of(campaign)
            directory = Directory(session, campaign_id, programme)
            recorded = recorded_notices(session, campaign_id, territories=territories)
            for known in known_dossiers(session, campaign_id, territories=territories):
                for obligation, obligation_id in known.obligations.items():
                    if recorded.waiting.get(obligation_id) and _exists(programme, obligation):
                        cancelled += _cancel(
                            session, programme, known, obligation, directory, recorded, at, now or at,
                        )  # fmt: skip
        let_go(session)
        return cancelled


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Python's cycle collector, which a third of a pass went to and which finds nothing in it, waits for its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _adopt_orphans(session: Session, run: Run) -> int:
    """Take over the notices of runs that were killed before they gathered them: nothing decided is ever lost."""
    adopted = session.execute(
        update(Notice)
        .where(
            Notice.status == NoticeStatus.DECIDED,  # type: ignore[arg-type]
            Notice.message_id.is_(None),  # type: ignore[union-attr]
            Notice.run_id.in_(runs_beside(run.campaign_id, run.id)),  # type: ignore[attr-defined]
            Notice.decided_at <= run.at - ABANDONED_AFTER,  # type: ignore[arg-type]
            Notice.run_id.not_in(passes_of_another_day(run.at, run.started_at)),  # type: ignore[attr-defined]
        )
        .values(run_id=run.id)
    )
    return adopted.rowcount  # type: ignore[attr-defined,no-any-return]


class _Looked:
    """What earlier passes of the same deadline could see: by it a notice is to be expected, or a surprise."""

    def __init__(self, session: Session, run: Run, campaign: Campaign, programme: Programme) -> None:
        assert run.id is not None
        self.programme, self.at, self.opened_at = programme, run.at, campaign.opened_at
        self.late_days = load_mailroom_policy().catch.late_days
        since = run.at - timedelta(days=programme.grace_days + 1)
        self.passes = passes_before(session, run, since)
        self._days: dict[tuple[str, str], date] = {}

    def surprises(self, notice: DueNotice, departement: str) -> list[str]:
        """The figures that count this notice, if any; the letters of events follow what people enter, when they do."""
        if notice.key.occasion:
            return []
        found = []
        zone = notice.recipient.zone
        if notice.effective <= self._last_day(zone, departement):
            found.append("unplanned")
        opened = local(self.opened_at, zone).date()
        if self.opened_at <= self.at and notice.effective + timedelta(days=self.late_days) < opened:
            found.append("late_at_opening")
        return found

    def _last_day(self, zone: str, departement: str) -> date:
        """The last day on which a pass saw what was due to readers of `zone` about this département."""
        if (zone, departement) not in self._days:
            clocks = (local(each, zone) for each in self.passes)
            days = [
                clock.date()
                for clock in clocks
                if clock.hour >= self.programme.hour
                and self.programme.calendar.is_working_day(clock.date(), departement)
            ]
            self._days[zone, departement] = max(days, default=date.min)
        return self._days[zone, departement]


class Partition:
    """Some territories of one région in one run."""

    def __init__(
        self, session: Session, run: Run, campaign: Campaign, span: Span, zones: Collection[str] | None
    ) -> None:
        assert campaign.id is not None
        self.session, self.run, self.span, self.zones = session, run, span, zones
        self.campaign_id = campaign.id
        self.programme = programme_of(campaign)
        self.directory = Directory(session, campaign.id, self.programme, span)
        self.figures: Counter[str] = Counter()
        self.looked = _Looked(session, run, campaign, self.programme)
        self.notices: list[dict[str, Any]] = []
        self.gaps: list[dict[str, Any]] = []

    def decide(self) -> dict[str, int]:
        dossiers = known_dossiers(self.session, self.campaign_id, self.span)
        recorded = recorded_notices(self.session, self.campaign_id, self.span)
        obligations = [name for each in self.programme.watched_by(self.run.deadline) for name in each.obligations()]
        for known in dossiers:
            self.figures["territories"] += 1
            for obligation in obligations:
                self._look(known, obligation, recorded)
        self._write()
        self._see_states(dossiers)
        return dict(self.figures)

    def _look(self, known: KnownDossier, obligation: str, recorded: Recorded) -> None:
        obligation_id = known.obligations.get(obligation)
        if obligation_id is None:
            return
        at, keys = self.run.at, recorded.keys.get(obligation_id, set())
        if recorded.waiting.get(obligation_id):
            self.figures["cancelled"] += _cancel(
                self.session, self.programme, known, obligation, self.directory, recorded, at, self.run.started_at
            )
        recipients = self.directory.recipients(known.dossier)
        found = due(self.programme, known.dossier, obligation, recipients, keys, at, zones=self.zones)
        self.figures[self._why_quiet(known, obligation, found)] += 1
        for notice in found.due:
            self.figures.update(self.looked.surprises(notice, known.dossier.departement))
        days = due_days(self.programme, known.dossier, obligation, at) if found.due else ()
        told = sections(self.programme, known.dossier, found.due, days)
        rows = (
            *((notice, NoticeStatus.DECIDED, facts) for notice, facts in zip(found.due, told, strict=True)),
            *((notice, NoticeStatus.SUPERSEDED, {}) for notice in found.superseded),
            *((notice, NoticeStatus.MISSED, {}) for notice in found.missed),
        )
        self.notices.extend(self._row(obligation_id, *row) for row in rows)
        self.gaps.extend(
            {
                "obligation_id": obligation_id, "due": gap.due, "step": gap.step, "occasion": gap.occasion,
                "role": gap.role, "owes": gap.owes, "run_id": self.run.id, "decided_at": at,
            }
            for gap in found.unreachable
        )  # fmt: skip

    def _why_quiet(self, known: KnownDossier, obligation: str, found: Round) -> str:
        """The figure under which this obligation is counted: what was done, or why nothing was."""
        if found.due:
            return "obligations_told"
        at, dossier = self.run.at, known.dossier
        day = local(at, self.programme.calendar.zone(dossier.departement)).date()
        if has_withdrawn(dossier, day):
            return "withdrawn"
        if obligation == "candidature" and candidature_is_decided(dossier, day):
            return "closed"
        present = list(terms(self.programme, dossier, obligation, day))
        if not any(each.armed_on is not None and each.armed_on <= day for each in present):
            return "not_armed"
        asks = self.programme.deadline_of(obligation).armed_by != "signature"
        if asks and is_satisfied(findings(self.programme, dossier, obligation, at)):
            return "satisfied"
        return "missed_obligations" if found.missed else "quiet"

    def _row(
        self, obligation_id: int, notice: DueNotice, status: NoticeStatus, facts: dict[str, Any]
    ) -> dict[str, Any]:
        late = (notice.day - notice.effective).days
        reasons = {
            NoticeStatus.SUPERSEDED: "une étape plus récente la remplace",
            NoticeStatus.MISSED: f"{late} jours après son jour d’effet, le délai de grâce est passé",
        }
        return {
            "obligation_id": obligation_id,
            "contact_id": notice.key.contact,
            "due": notice.key.due,
            "step": notice.key.step,
            "occasion": notice.key.occasion,
            "status": status,
            "reason": reasons.get(status, ""),
            "run_id": self.run.id,
            "message_id": None,
            "decided_at": self.run.at,
            "facts": facts,
        }

    def _write(self) -> None:
        rows: dict[NoticeStatus, list[dict[str, Any]]] = {
            status: [row for row in self.notices if row["status"] is status]
            for status in (NoticeStatus.DECIDED, NoticeStatus.SUPERSEDED, NoticeStatus.MISSED)
        }
        for status, each in rows.items():
            self.figures[status.value] += add_new(self.session, Notice, each, unless=NoticeStatus.CANCELLED)
        self.figures["unreachable"] += add_new(self.session, Unreachable, self.gaps)

    def _see_states(self, dossiers: list[KnownDossier]) -> None:
        before = last_states(self.session, self.campaign_id, self.span)
        changes = []
        for known in dossiers:
            seen = before.get(known.id)
            if seen is not None and seen[1] > self.run.at:
                continue  # this pass is about an instant before the last one seen
            now = state(self.programme, known.dossier, self.run.at)
            try:
                advance(State(seen[0]) if seen else None, now)
            except ForbiddenTransition:
                self.figures["forbidden_transitions"] += 1
                continue
            if seen is None or seen[0] != now.value:
                changes.append({"territory_id": known.id, "state": now.value, "at": self.run.at})
        self.figures["state_changes"] += add_new(self.session, StateSeen, changes)


def _cancel(
    session: Session, programme: Programme, known: KnownDossier, obligation: str, directory: Directory,
    recorded: Recorded, at: datetime, now: datetime,
) -> int:  # fmt: skip
    """Cancel what waits for this obligation and is not true at `at`, but for what others are about to send.

    A letter on its way is its sender's, until its lease is over: one left by a worker that died days ago is read again
    before it is tried again. What a pass as of another day has just decided is that pass's.
    """
    obligation_id = known.obligations[obligation]
    waiting = recorded.waiting[obligation_id]
    gone = no_longer_due(
        programme, known.dossier, obligation, directory.recipients(known.dossier),
        recorded.keys[obligation_id], waiting, at,
    )  # fmt: skip
    cancelled = 0
    for key, reason in gone.items():
        done = session.execute(
            update(Notice)
            .where(
                Notice.id == waiting[key],  # type: ignore[arg-type]
                Notice.status == NoticeStatus.DECIDED,  # type: ignore[arg-type]
                Notice.message_id.is_(None) | Notice.message_id.not_in(letters_on_their_way(now)),  # type: ignore[union-attr]
                Notice.run_id.not_in(passes_of_another_day(at, now)),  # type: ignore[attr-defined]
            )
            .values(status=NoticeStatus.CANCELLED, reason=reason)
        )
        if done.rowcount:  # type: ignore[attr-defined]
            cancelled += 1
            recorded.keys[obligation_id].discard(key)
    return cancelled


def _exists(programme: Programme, obligation: str) -> bool:
    return obligation in programme.obligation_names()
