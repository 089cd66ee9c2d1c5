"""What do people's tables add to a campaign, and what is wrong with them?

All or nothing: every fault of every file is listed, and one fault leaves the database untouched. The same tables twice
change nothing. What is only odd is a warning. No Prefect here: a plain function, in one transaction. How the lines of
each table become facts is in the neighbours of this module.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from models.intake_queries import lock_campaign, territory_ids
from models.queries import campaign_by_code
from models.rules.exchanged_tables import TABLES
from models.rules.programme import Programme
from models.tables import Obligation
from tasks import intake_cell, intake_dossier, intake_money, intake_plan, intake_review, intake_territories
from tasks.database import reading, transaction
from tasks.faults import Fault
from tasks.intake_channels import crowded_channels
from tasks.intake_fund import chain_warnings
from tasks.intake_lines import Lines, Reader
from tasks.intake_sequence import broken_sequences, payments_before_convention
from tasks.intake_stale import stale_workbooks
from tasks.sheets import read_tables
from tasks.upsert import Changes, Shape, Wanted, compare, write

NEIGHBOURS = (intake_territories, intake_dossier, intake_money, intake_review, intake_plan, intake_cell)
SHAPES: dict[str, Shape] = {shape.subject: shape for each in NEIGHBOURS for shape in each.SHAPES}
READERS: dict[str, Reader] = {name: read for each in NEIGHBOURS for name, read in each.READERS.items()}


@dataclass(frozen=True, kw_only=True)
class IntakeReport:
    """What an intake found, and what it changed (or would change): figures by table."""

    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    added: dict[str, int]
    corrected: dict[str, int]
    unchanged: dict[str, int]
    replaced: dict[str, int]


class IntakeRefused(Exception):
    """Tables with faults: nothing of them was written. `report` holds every fault."""

    def __init__(self, report: IntakeReport) -> None:
        count = len(report.faults)
        super().__init__(f"{count} fault{'s' if count > 1 else ''} in the tables, listed above: nothing was written")
        self.report = report


def take_in(
    paths: Sequence[Path], *, campaign: str, at: datetime, author: str, check: bool = False, url: str | None = None
) -> IntakeReport:
    """Read the tables of `paths` into a campaign, whole or not at all; `check` writes nothing whatever happens.

    `at` and `author` go to the record of changes. Raises `NoSuchCampaign`; what is wrong in files is in the report.
    """
    with reading(url) if check else transaction(url) as session:
        return take_into(session, paths, campaign=campaign, at=at, author=author, check=check)


def take_into(
    session: Session, paths: Sequence[Path], *, campaign: str, at: datetime, author: str, check: bool = False
) -> IntakeReport:
    """`take_in` within a transaction that does more than that."""
    sheets = read_tables(paths)
    row, programme = campaign_by_code(session, campaign)
    assert row.id is not None
    if not check:
        lock_campaign(session, row.id)
    lines = Lines(session, row.id, programme, sheets, SHAPES)
    changes = _changes(lines)
    if not lines.faults and not check:
        _write_all(session, changes, row.id, programme, at=at, author=author)
    return IntakeReport(
        faults=_sorted(lines.faults),
        warnings=_sorted(lines.warnings),
        added={each.shape.subject: each.added for each in changes},
        corrected={each.shape.subject: each.corrected for each in changes},
        unchanged={each.shape.subject: each.unchanged for each in changes},
        replaced={each.shape.subject: each.replaced for each in changes},
    )


def _write_all(
    session: Session, changes: list[Changes], campaign_id: int, programme: Programme, *, at: datetime, author: str
) -> None:
    ids = territory_ids(session, campaign_id)
    for each in changes:
        write(session, each, at=at, author=author, campaign=programme.code, campaign_id=campaign_id, territories=ids)
        if each.shape.subject == "territoires" and each.inserts:
            ids = territory_ids(session, campaign_id)
            session.execute(
                insert(Obligation.__table__),  # type: ignore[attr-defined]
                [
                    {"territory_id": ids[fact.values["code"]], "deadline": name}
                    for fact in each.inserts
                    for name in programme.obligation_names()
                ],
            )


def _sorted(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: (fault.file, fault.row or 0)))


def _changes(lines: Lines) -> list[Changes]:
    """What each table that the files hold would change, in the order in which tables lean on one another."""
    lines.learn_codes(lines.lines["territoires"])
    changed: dict[str, Changes] = {}
    for name in TABLES:
        shape = SHAPES[name]
        wanted = [each for line in lines.lines[name] for each in lines.facts_of(READERS[name], line)]
        if not shape.ranked:
            wanted = _once(lines, shape, wanted)
        if wanted:
            touched = {each.territory for each in wanted}
            changed[name] = compare(shape, wanted, lines.stored(name, touched if shape.of_territory else None))
    if "operations_fonds" in changed:
        lines.warnings += chain_warnings(lines.programme.funding, changed["operations_fonds"])
    if "contacts" in changed:
        intake_territories.retire_contacts(lines, changed["contacts"])
        lines.faults += crowded_channels(changed["contacts"])
    lines.faults += broken_sequences(lines, changed)
    lines.warnings += payments_before_convention(lines, changed)
    if intake_cell.COUNTS in changed:
        lines.warnings += intake_cell.odd_lines(lines.programme.edition, changed[intake_cell.COUNTS])
    lines.warnings += intake_review.decided_too_soon(lines, changed)
    lines.warnings += stale_workbooks(
        lines.session, lines.programme.code, lines.calendar.national_zone, lines.sheets, changed.values()
    )
    return list(changed.values())


def _once(lines: Lines, shape: Shape, wanted: list[Wanted]) -> list[Wanted]:
    """Rows that say twice the same are one; rows that contradict each other are a fault of the later one."""
    first: dict[tuple[Any, ...], Wanted] = {}
    for each in wanted:
        before = first.setdefault(shape.key(each.territory, each.values), each)
        differs = any(each.values[name] != before.values[name] for name in each.stated & before.stated)
        if differs:
            lines.faults.append(
                Fault(
                    file=each.file, row=each.row,
                    value=_shown_key(shape, each),
                    problem=f"ce que dit la ligne {before.row} est redit autrement"
                    + (f" ({before.file})" if before.file != each.file else ""),
                    cure="ne garder que la bonne ligne",
                )
            )  # fmt: skip
    return list(first.values())


def _shown_key(shape: Shape, wanted: Wanted) -> str:
    parts = [wanted.territory, *(str(wanted.values[name]) for name in shape.identity)]
    return ", ".join(part for part in parts if part)
