"""Where does each cell against school avoidance stand: who signed, what was counted, what is still due?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.cell_queries import Signed, cell_counts, cell_signatures
from models.queries import campaign_by_code
from models.rules.calendar import local
from models.rules.cell import Cell, load_cell, odd_counts, uncounted
from models.rules.completeness import findings, parts_asked
from models.rules.dossier import Dossier, has_withdrawn, terms
from models.rules.programme import Programme
from models.territory_queries import dossiers_asked
from tasks.database import reading

Counts = Mapping[int, Mapping[str, int]]


def cells(
    campaign: str, at: datetime, *, territory: str = "", year: int | None = None, url: str | None = None
) -> dict[str, Any]:
    """The JSON of `cites cell status`: each territory that a cell is asked of, or that has one. Writes nothing.

    `{"campaign","at","territories":[{"territory","name","asked","documents":[{"document","title","signed":[{"signatory",
    "title","name","day"}…],"unsigned":[{"signatory","title"}…]}…],"years":[{"year","series":[{"series","indicator",
    "title","unit","value"}…],"uncounted":[…],"warnings":[…]}…],"due":[{"deadline","due","armed",
    "satisfied","missing":[…]}…]}…]}`: days as ISO dates, a number that nobody gave as null.
    Raises `NoSuchCampaign`, `NoSuchTerritory`.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        dossiers = dossiers_asked(session, row.id, campaign, territory)
        signatures, counts = cell_signatures(session, row.id), cell_counts(session, row.id)
    cell = load_cell(programme.edition)
    found = [
        _territory(programme, cell, dossier, at, signatures.get(dossier.code, []), counts.get(dossier.code, {}), year)
        for dossier in dossiers
        if territory or _asked(programme, cell, dossier) or dossier.code in signatures or dossier.code in counts
    ]
    return {"campaign": campaign, "at": at.isoformat(), "territories": found}


def cell_rows(found: Mapping[str, Any]) -> list[Sequence[str]]:
    """What `cells` gives as rows to read, numbers only: territory, signatures, years, remarks."""
    return [
        (
            each["name"],
            " ; ".join(
                f"{document['title']} : {len(document['signed'])} sur "
                f"{len(document['signed']) + len(document['unsigned'])}"
                for document in each["documents"]
            ),
            " ; ".join(
                f"{year['year']} : {len(year['series']) - len(year['uncounted'])} sur {len(year['series'])}"
                for year in each["years"]
            ),
            " ; ".join(f"{year['year']} : {text}" for year in each["years"] for text in year["warnings"]),
        )
        for each in found["territories"]
    ]


def _asked(programme: Programme, cell: Cell, dossier: Dossier) -> bool:
    """Does the programme ask a cell of this territory, at its candidature or every year?"""
    return any(_asked_by(programme, cell, dossier, deadline) for deadline in programme.deadlines)


def _asked_by(programme: Programme, cell: Cell, dossier: Dossier, deadline: str) -> bool:
    return any(each.requirement in cell.requirements for each in parts_asked(programme, dossier, deadline))


def _territory(
    programme: Programme, cell: Cell, dossier: Dossier, at: datetime, signatures: Sequence[Signed], counts: Counts,
    year: int | None,
) -> dict[str, Any]:  # fmt: skip
    asked = _asked(programme, cell, dossier)
    occurrences = _occurrences(programme, cell) if asked else ()
    years = sorted({*counts, *(int(each) for each in occurrences)}) if year is None else [year]
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "asked": asked,
        "documents": [_document(cell, code, title, signatures) for code, title in _documents(cell)],
        "years": [_year(cell, each, counts.get(each, {})) for each in years],
        "due": list(_due(programme, cell, dossier, at)) if asked else [],
    }


def _documents(cell: Cell) -> list[tuple[str, str]]:
    return [(each.code, each.title) for each in cell.documents]


def _document(cell: Cell, code: str, title: str, signatures: Sequence[Signed]) -> dict[str, Any]:
    signed = [each for each in signatures if each.document == code]
    names = {each.signatory for each in signed}
    return {
        "document": code,
        "title": title,
        "signed": [
            {"signatory": each.signatory, "title": cell.signatories.get(each.signatory, each.signatory),
             "name": each.name, "day": each.day.isoformat()}
            for each in signed
        ],
        "unsigned": [
            {"signatory": each, "title": words} for each, words in cell.signatories.items() if each not in names
        ],
    }  # fmt: skip


def _year(cell: Cell, year: int, counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "year": year,
        "series": [
            {"series": each.code, "indicator": each.indicator, "title": each.title, "unit": each.unit,
             "value": counts.get(each.code)}
            for each in cell.series
        ],
        "uncounted": list(uncounted(cell, counts)),
        "warnings": [each.text for each in odd_counts(cell, counts)],
    }  # fmt: skip


def _occurrences(programme: Programme, cell: Cell) -> tuple[str, ...]:
    deadline = programme.deadlines.get(cell.deadline)
    return tuple(deadline.occurrences) if deadline else ()


def _due(programme: Programme, cell: Cell, dossier: Dossier, at: datetime) -> Iterator[dict[str, Any]]:
    """What the programme asks of this cell, deadline by deadline, and what of it is still missing."""
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    if has_withdrawn(dossier, day):
        return
    for name, deadline in programme.deadlines.items():
        if not _asked_by(programme, cell, dossier, name):
            continue
        for obligation in deadline.obligations():
            lacking = findings(programme, dossier, obligation, at)
            missing = [each.name for each in lacking if each.requirement in cell.requirements]
            for present in terms(programme, dossier, obligation, day):
                yield {
                    "deadline": obligation,
                    "due": present.due.isoformat(),
                    "armed": present.armed_on.isoformat() if present.armed_on else None,
                    "satisfied": not missing,
                    "missing": missing,
                }
