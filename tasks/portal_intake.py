"""How do the dossiers of one page of the portal enter a campaign?

Through the same intake as tables, in one transaction, with what is remembered of them. A dossier is taken whole or not
at all, and one that is refused keeps none of the others out.
"""

import csv
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session

from models.portal_queries import deliveries_of, dossiers_of, parts_delivered, pieces_of
from models.portal_tables import PortalDelivery, PortalDossier
from models.rules.portal import Form, Part
from models.rules.portal_changes import Called, Known, PieceRow, Standing, called_for
from models.rules.portal_reading import Finding, Reading
from models.words import PieceStatus
from tasks.database import add_new
from tasks.intake import IntakeReport, take_into

Files = Mapping[tuple[int, str, str], str]  # where a file is kept, by dossier, field and fingerprint
Stored = dict[tuple[str, Part, PieceStatus, datetime], list[PieceRow]]  # rows of the same thing at the same instant


@dataclass(kw_only=True)
class Taken:
    """What a page changed, or would change."""

    new: int = 0  # dossiers never seen before
    changed: set[int] = field(default_factory=set)  # dossiers that add a row
    pieces: Counter[PieceStatus] = field(default_factory=Counter)  # rows that were added, by status
    refused: list[tuple[str, str, int, str]] = field(default_factory=list)  # territory, part, dossier, gesture
    extra_means: int = 0  # territories whose answer changed
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What one dossier calls for, and the territories that it is for."""

    reading: Reading
    rows: list[tuple[str, PieceRow]]  # a territory's code and a row
    known: list[Known]
    territory: int | None  # the one to remember


def take_page(
    session: Session, readings: Sequence[Reading], form: Form, *, form_id: int, codes: Mapping[int, str],
    files: Files, at: datetime, check: bool = False,
) -> Taken:  # fmt: skip
    """Take these dossiers in; `codes` gives the territories' codes by id. With `check`, only say what would change."""
    stored = dossiers_of(session, form_id, [each.number for each in readings])
    ids = {each.number: each.id for each in stored.values() if each.id is not None}
    known = deliveries_of(session, list(ids.values()))
    territories = {each.territory.id for each in readings if each.territory}
    territories |= {each.territory_id for each in stored.values() if each.territory_id is not None}
    pieces = pieces_of(session, territories)
    shared = _shared(readings, ids, parts_delivered(session, territories))
    standing = {territory: _standing(rows) for territory, rows in pieces.items()}
    wishes = [
        _wish(reading, stored.get(reading.number), form, known, shared, standing, codes, files, at)
        for reading in readings
    ]
    taken = Taken(new=sum(each.number not in stored for each in readings))
    there: Stored = defaultdict(list)
    for territory, rows in pieces.items():
        for row in rows:
            there[codes[territory], row.part, row.status, row.at].append(row)
    accepted, report = _take(session, wishes, there, form, at, check, taken)
    by_number = {each.number: each for each in readings}
    for line in _lines(accepted, there):
        if line.fresh:
            taken.pieces[line.row.status] += 1
            if line.row.status is PieceStatus.REFUSED:
                gesture = by_number[line.number].gesture(line.row.part, line.row.at)
                taken.refused.append((line.code, str(line.row.part), line.number, gesture))
            taken.changed.add(line.number)
    taken.extra_means = report.corrected.get("territoires", 0) if report else 0
    if not check:
        _remember(session, wishes, {id(each) for each in accepted}, stored, form_id)
    taken.findings += [finding for each in readings for finding in each.findings]
    return taken


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One line of the table `pieces`: whose dossier calls for it, and whether it is new."""

    number: int
    code: str
    row: PieceRow
    fresh: bool


# What each dossier calls for


def _wish(
    reading: Reading, dossier: PortalDossier | None, form: Form, known: Mapping[int, list[Known]],
    shared: Mapping[int, Mapping[Part, set[int]]], standing: Mapping[int, Mapping[Part, Standing]],
    codes: Mapping[int, str], files: Files, at: datetime,
) -> _Wish:  # fmt: skip
    before = known.get(dossier.id or 0, []) if dossier else []
    former = dossier.territory_id if dossier else None
    nothing = _Wish(reading=reading, rows=[], known=before, territory=former)
    if reading.deleted_at and reading.gone is None:
        return nothing
    if reading.territory is None:
        reading.waiting = True
        return nothing
    moved = former is not None and former != reading.territory.id
    if moved and reading.number not in form.dossiers:
        reading.waiting = True
        reading.note("territoire", "il nomme à présent un autre territoire : rien n’en est pris",
                     f"confirmer en écrivant sous dossiers: « {reading.number}: code-du-territoire »")  # fmt: skip
        return nothing
    kept = {(champ, checksum): place for (number, champ, checksum), place in files.items() if number == reading.number}

    def call(what: Reading, territory: int, before: list[Known], kept: Mapping[tuple[str, str], str]) -> Called:
        others = {part for part, numbers in shared.get(territory, {}).items() if numbers - {reading.number}}
        return called_for(what, kept, before, others, standing.get(territory, {}), at)

    rows: list[tuple[str, PieceRow]] = []
    if moved and former is not None:
        left = Reading(number=reading.number, state=reading.state, modified_at=reading.modified_at)
        given_back = call(left, former, before, {})
        rows += [(codes[former], row) for row in given_back.rows]
        called = call(reading, reading.territory.id, [], kept)
        again = {each.key for each in called.known}
        rank = {each.key: each.id for each in before}
        remembered = [replace(each, id=rank.get(each.key)) for each in called.known]
        remembered += [each for each in given_back.known if each.key not in again]
    else:
        called = call(reading, reading.territory.id, before, kept)
        remembered = called.known
    rows += [(reading.territory.code, row) for row in called.rows]
    return _Wish(reading=reading, rows=rows, known=remembered, territory=reading.territory.id)


def _shared(
    readings: Sequence[Reading], ids: Mapping[int, int], delivered: Mapping[int, Mapping[Part, set[int]]]
) -> dict[int, dict[Part, set[int]]]:
    """By territory and part, the dossiers that deliver it: by number for those of this page, else by an id below 0."""
    numbers = {id: number for number, id in ids.items()}
    found: dict[int, dict[Part, set[int]]] = defaultdict(lambda: defaultdict(set))
    for territory, parts in delivered.items():
        for part, dossiers in parts.items():
            found[territory][part] |= {-each for each in dossiers if each not in numbers}
    for reading in readings:
        if reading.territory and not reading.gone:
            for each in reading.delivered:
                found[reading.territory.id][each.part].add(reading.number)
    return found


def _standing(rows: Sequence[PieceRow]) -> dict[Part, Standing]:
    return {each.part: Standing(status=each.status, at=each.at, file=each.file) for each in rows}


# Through the intake


def _take(
    session: Session, wishes: list[_Wish], there: Stored, form: Form, at: datetime, check: bool, taken: Taken
) -> tuple[list[_Wish], IntakeReport | None]:
    """The wishes that the intake takes; those with a fault are told and left out, and the others tried again."""
    accepted = [each for each in wishes if each.rows or _asks(each)]
    with tempfile.TemporaryDirectory() as folder:
        while accepted:
            tables, numbers = _tables(Path(folder), accepted, _lines(accepted, there))
            report = take_into(
                session, tables, campaign=form.campaign, at=at, author=f"portail, démarche {form.demarche}", check=check
            )
            if not report.faults:
                return accepted, report
            faulty: set[int] = set()
            for fault in report.faults:
                concerned = numbers.get((fault.file, fault.row or 0))
                theirs = {concerned} if concerned else {each.reading.number for each in accepted}
                faulty |= theirs
                taken.findings += [
                    Finding(code="import", text=f"refusé à l’import : {fault.problem}", cure=fault.cure, dossier=number)
                    for number in sorted(theirs)
                ]
            for each in accepted:
                each.reading.waiting = each.reading.waiting or each.reading.number in faulty
            accepted = [each for each in accepted if each.reading.number not in faulty]
    return [], None


def _lines(wishes: Sequence[_Wish], there: Stored) -> list[_Line]:
    """The lines of these wishes; rows already there at the same instants come first, so that they stay who they are."""
    groups: dict[tuple[str, Part, PieceStatus, datetime], list[tuple[int, PieceRow]]] = defaultdict(list)
    for wish in wishes:
        for code, row in wish.rows:
            groups[code, row.part, row.status, row.at].append((wish.reading.number, row))
    lines = []
    for key, called in groups.items():
        stored = list(there.get(key, ()))
        lines += [_Line(number=called[0][0], code=key[0], row=row, fresh=False) for row in stored]
        for number, row in called:
            if row in stored:
                stored.remove(row)
            else:
                lines.append(_Line(number=number, code=key[0], row=row, fresh=True))
    return lines


def _tables(
    folder: Path, wishes: Sequence[_Wish], lines: Sequence[_Line]
) -> tuple[list[Path], dict[tuple[str, int], int]]:
    """The exchanged tables of these wishes, and whose dossier each of their lines is."""
    pieces = [(line.number, _cells(line.code, line.row)) for line in lines]
    means = {
        wish.reading.territory.code: (wish.reading.number, "oui" if wish.reading.asks_extra_means else "non")
        for wish in wishes
        if _asks(wish) and wish.reading.territory
    }
    headers = ("territoire", "piece", "parties", "statut", "date", "motif", "fichier")
    tables: dict[str, tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]]]] = {"pieces.csv": (headers, pieces)}
    if means:
        tables["territoires.csv"] = (
            ("code", "demande_moyens"), [(number, (code, says)) for code, (number, says) in means.items()]
        )  # fmt: skip
    numbers = {}
    for name, (header, rows) in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            written = csv.writer(file, delimiter=";")
            written.writerow(header)
            written.writerows(cells for _, cells in rows)
        numbers.update({(name, place): number for place, (number, _) in enumerate(rows, start=2)})
    return [folder / name for name, (_, rows) in tables.items() if rows], numbers


def _cells(code: str, row: PieceRow) -> tuple[str, ...]:
    requirement, occurrence, part = row.part
    piece = f"{requirement}@{occurrence}" if occurrence else requirement
    return code, piece, part, row.status.value, row.at.isoformat(), row.reason, row.file


def _asks(wish: _Wish) -> bool:
    return wish.reading.asks_extra_means is not None and not wish.reading.gone and wish.reading.territory is not None


# What is remembered


def _remember(
    session: Session, wishes: Sequence[_Wish], accepted: set[int], stored: Mapping[int, PortalDossier], form_id: int
) -> None:
    inserts, updates = [], []
    for wish in wishes:
        reading = wish.reading
        dossier = stored.get(reading.number) or PortalDossier(
            form_id=form_id, number=reading.number, modified_at=reading.modified_at
        )
        dossier.state, dossier.modified_at = reading.state, reading.modified_at
        dossier.gone_at, dossier.waiting = reading.deleted_at, reading.waiting
        taken = id(wish) in accepted or not wish.rows
        if taken:
            dossier.territory_id = wish.territory
        session.add(dossier)
        session.flush()
        if not taken:
            continue
        for each in wish.known:
            values = {"at": each.at, "file": each.file, "refused_at": each.refused_at, "gone_at": each.gone_at}
            if each.id is not None:
                updates.append({"id": each.id, **values})
            else:
                inserts.append({
                    "dossier_id": dossier.id, "requirement": each.part.requirement, "occurrence": each.part.occurrence,
                    "part": each.part.part, "champ": each.champ, "checksum": each.checksum, **values,
                })  # fmt: skip
    if updates:
        session.execute(update(PortalDelivery), updates)
    add_new(session, PortalDelivery, inserts)
