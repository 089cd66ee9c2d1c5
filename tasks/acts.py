"""How are a decision, an extension, a withdrawal recorded, and what would they change?

An act is rows of an exchanged table, taken in by the same intake as any other: same checks, same events, nothing
erased. Its preview records it for real in a transaction that is then undone: what is shown is what would be.
"""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from models.notice_queries import Recorded, recorded_notices
from models.queries import Directory, KnownDossier, campaign_by_code, known_dossiers
from models.rules.calendar import instant
from models.rules.effects import Effect, effect
from models.rules.lifecycle import ForbiddenTransition, advance
from models.rules.programme import Programme
from tasks.database import transaction
from tasks.faults import Fault
from tasks.intake import IntakeRefused, IntakeReport, take_into

MIDDAY = 12


class ActRefused(Exception):
    """The act would make a forbidden move, or none at all; says which and the cure, in French."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """Rows of one exchanged table, by column, all of one day."""

    table: str  # decisions, prorogations or desistements
    rows: tuple[dict[str, str], ...]
    day: date


@dataclass(frozen=True, kw_only=True)
class ActReport:
    """What was recorded (or would be), and its effect on each territory."""

    intake: IntakeReport
    effects: tuple[Effect, ...]


class _Undone(Exception):
    """Carries a preview's report out of its transaction, which is rolled back by it."""

    def __init__(self, report: ActReport) -> None:
        self.report = report


def decide(territories: Sequence[str], *, verdict: str, day: date, authority: str, grounds: str) -> Act:
    """The ministers' decision on some candidatures (E042, E106)."""
    return Act(table="decisions", day=day, rows=tuple(
        {"territoire": code, "decision": verdict, "date": day.isoformat(), "autorite": authority, "motif": grounds}
        for code in dict.fromkeys(territories)
    ))  # fmt: skip


def extend(
    territories: Sequence[str], *, deadline: str, new_due: date, day: date, authority: str, grounds: str, reference: str
) -> Act:
    """More time for some territories."""
    return Act(table="prorogations", day=day, rows=tuple(
        {"territoire": code, "echeance": deadline, "nouvelle_date": new_due.isoformat(),
         "accordee_le": day.isoformat(), "autorite": authority, "motif": grounds, "reference": reference}
        for code in dict.fromkeys(territories)
    ))  # fmt: skip


def withdraw(territories: Sequence[str], *, day: date, grounds: str) -> Act:
    """Some territories give up."""
    return Act(table="desistements", day=day, rows=tuple(
        {"territoire": code, "date": day.isoformat(), "motif": grounds} for code in territories
    ))  # fmt: skip


def perform(
    act: Act, *, campaign: str, at: datetime, author: str, preview: bool = False, url: str | None = None
) -> ActReport:
    """Record the act, whole or not at all, or only show what it would do.

    Raises NoSuchCampaign, IntakeRefused (every fault), ActRefused.
    """
    try:
        with transaction(url) as session:
            report = _record(session, act, campaign, at, author)
            if preview:
                raise _Undone(report)
            return report
    except _Undone as undone:
        return undone.report


def fault_words(fault: Fault) -> str:
    """What is wrong with an act, for who typed no table: the value, the problem and the cure, in French."""
    return f"« {fault.value} » : {fault.problem} ; {fault.cure}."


def _record(session: Session, act: Act, campaign: str, at: datetime, author: str) -> ActReport:
    row, programme = campaign_by_code(session, campaign)
    assert row.id is not None
    concerned = {each["territoire"].casefold() for each in act.rows}
    before = _dossiers(session, row.id, concerned)
    with tempfile.TemporaryDirectory() as folder:
        intake = take_into(session, [_table(Path(folder), act)], campaign=campaign, at=at, author=author)
    if intake.faults:
        raise IntakeRefused(intake)
    session.flush()
    after = _dossiers(session, row.id, concerned)
    directory = Directory(session, row.id, programme)
    recorded = recorded_notices(session, row.id, territories=[known.id for known in before.values()])
    effects = tuple(
        _effect(programme, before[code], after[code], directory, recorded, act, at) for code in sorted(before)
    )
    _refuse_the_impossible(act, effects)
    return ActReport(intake=intake, effects=effects)


def _effect(
    programme: Programme, before: KnownDossier, after: KnownDossier, directory: Directory, recorded: Recorded, act: Act,
    at: datetime,
) -> Effect:  # fmt: skip
    zone = programme.calendar.zone(before.dossier.departement)
    when = max(at, instant(act.day, MIDDAY, zone))  # an act of a day to come counts from that day
    told, waiting = recorded.letters_of(before)
    recipients = directory.recipients(before.dossier)
    return effect(programme, before.dossier, after.dossier, recipients, told, waiting, when)


def _refuse_the_impossible(act: Act, effects: Sequence[Effect]) -> None:
    for each in effects:
        try:
            advance(each.state_before, each.state_after)
        except ForbiddenTransition as forbidden:
            raise ActRefused(f"{each.territory} : {forbidden}") from None
        for moved in each.due_dates:
            if act.table == "prorogations" and moved.before and moved.after and moved.after < moved.before:
                raise ActRefused(
                    f"{each.territory} : la nouvelle date ({moved.after:%d/%m/%Y}) précède l’échéance actuelle "
                    f"({moved.before:%d/%m/%Y}) : une prorogation donne une date plus tardive"
                )


def _dossiers(session: Session, campaign_id: int, codes: set[str]) -> dict[str, KnownDossier]:
    return {
        known.dossier.code: known
        for known in known_dossiers(session, campaign_id)
        if known.dossier.code.casefold() in codes
    }


def _table(folder: Path, act: Act) -> Path:
    path = folder / f"{act.table}.csv"
    with path.open("w", encoding="utf-8", newline="") as written:
        rows = csv.DictWriter(written, fieldnames=list(act.rows[0]), delimiter=";")
        rows.writeheader()
        rows.writerows(act.rows)
    return path
