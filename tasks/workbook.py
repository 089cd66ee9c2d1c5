"""How does the workbook of a prefecture, a région or the nation leave, for people to complete and send back?

The exchanged tables of one perimeter under their French titles, after « À lire » (what to do) and « À compléter » (what
is missing). It comes back through the ordinary intake, which writes only what was changed and refuses a row that lies
outside the perimeter. A blank one has the sheets and no row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from sqlmodel import Session

from models.intake_queries import stored_in_campaign, territory_ids
from models.queries import campaign_by_code
from models.rules.calendar import NATIONAL, local
from models.rules.exchanged_tables import TABLES
from models.rules.perimeters import Perimeter, perimeter_named, perimeter_words, region_of
from models.rules.programme import Programme
from models.rules.references import References
from models.rules.typed_values import Unreadable
from models.rules.workbook_words import workbook_words
from models.tables import Territory
from notifications.french import short_date
from tasks.database import reading
from tasks.export import ExportRefused, Row, exported_rows, save
from tasks.settings import settings
from tasks.to_complete import lacking
from tasks.workbook_lists import Lists, in_words
from tasks.workbook_mark import LISTS, MARK, READ_ME, TO_COMPLETE, Mark, mark_rows
from tasks.workbook_sheets import fill_guide, fill_lists, fill_table, fill_to_complete, hide

EACH = ("departement", "region")


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """One perimeter of one campaign, as a workbook needs it; `places` gives départements by territory."""

    campaign_id: int
    programme: Programme
    perimeter: Perimeter
    words: str
    places: dict[str, str]
    names: dict[str, str]


def export_perimeter(
    campaign: str, perimeter: str, to: Path, *, at: datetime, blank: bool = False, url: str | None = None
) -> dict[str, int]:
    """Write the workbook of a perimeter (`national`, `region:32`, `departement:59`, a territory) as it stands at `at`.

    How many rows each table has, and `a_completer`. Raises `NoSuchCampaign`, `ExportRefused`.
    """
    if to.suffix.casefold() != ".xlsx":
        raise ExportRefused(f"{to.name} is not a workbook's name: end it with .xlsx")
    with reading(url) as session:
        return _write(session, _scope(session, campaign, perimeter, blank=blank), to, at=at, blank=blank)


def export_each(
    campaign: str, each: str, folder: Path, *, at: datetime, within: str = NATIONAL, url: str | None = None
) -> dict[Path, dict[str, int]]:
    """Write one workbook for each département or région that has a territory, inside `within`; rows by file."""
    written = {}
    with reading(url) as session:
        whole = _scope(session, campaign, within, blank=False)
        calendar = whole.programme.calendar
        codes = {place if each == "departement" else region_of(calendar, place) for place in whole.places.values()}
        for code in sorted(codes):
            to = folder / f"{campaign}-{each}-{code}.xlsx"
            scope = _scope(session, campaign, f"{each}:{code}", blank=False)
            written[to] = _write(session, scope, to, at=at, blank=False)
    return written


def _scope(session: Session, campaign: str, name: str, *, blank: bool) -> _Scope:
    row, programme = campaign_by_code(session, campaign)
    assert row.id is not None
    calendar = programme.calendar
    stored = sorted(
        stored_in_campaign(session, Territory, ("code", "departement", "name"), row.id), key=lambda each: each[1]
    )
    kind, _, code = name.partition(":")
    if kind == "region" and code in {region_of(calendar, each) for each in calendar.departements}:
        known = name  # some overseas territories are a région of their own
    else:
        try:
            known = References(programme).perimeter(name, {each[1].casefold(): each[1] for each in stored})
        except Unreadable:
            raise ExportRefused(
                f"«{name}» is no perimeter of campaign {campaign}: give national, region:32, departement:59 or a "
                "territory's code"
            ) from None
    perimeter = perimeter_named(calendar, known)
    inside = [each for each in stored if perimeter.holds_territory(each[1], each[2])]
    if not inside and not blank:
        raise ExportRefused(f"campaign {campaign} has no territory in «{known}»: give a perimeter that has one")
    names = {each[1]: each[3] for each in inside}
    return _Scope(
        campaign_id=row.id,
        programme=programme,
        perimeter=perimeter,
        words=perimeter_words(calendar, perimeter, names.get(perimeter.territory, "")),
        places={each[1]: each[2] for each in inside},
        names=names,
    )


def _write(session: Session, scope: _Scope, to: Path, *, at: datetime, blank: bool) -> dict[str, int]:
    words, programme = workbook_words(), scope.programme
    lists = Lists(programme, scope.places, scope.perimeter)
    day = local(at, programme.calendar.national_zone).date()
    book = Workbook(write_only=True)
    properties = book.properties
    properties.title = f"Cités éducatives, campagne {programme.code} : {scope.words}"
    properties.creator, properties.language = "Cités éducatives", "fr-FR"
    properties.subject, properties.created = programme.title, at.replace(tzinfo=None)
    fill_guide(
        book.create_sheet(READ_ME),
        words,
        {
            "campaign": programme.code, "title": programme.title, "perimeter": scope.words,
            "day": short_date(day), "reply_to": settings().mail_reply_to or settings().mail_from,
        },
    )  # fmt: skip
    counts = {}
    if not blank:
        ids = territory_ids(session, scope.campaign_id)
        missing = lacking(session, scope.campaign_id, programme, [ids[code] for code in scope.places], at)
        counts["a_completer"] = fill_to_complete(book.create_sheet(TO_COMPLETE), words, missing, short_date(day))
    for name, table in TABLES.items():
        rows: Iterator[Row] = iter(()) if blank else _rows(session, scope, name)
        shown = (in_words(table, lists, row) for row in rows)
        counts[name] = fill_table(book.create_sheet(words.sheets[name].title), table, words.sheets[name], lists, shown)
    fill_lists(hide(book.create_sheet(LISTS)), lists)
    marked = hide(book.create_sheet(MARK))
    for line in mark_rows(Mark(campaign=programme.code, perimeter=scope.perimeter.name, prepared=at.isoformat())):
        marked.append(line)
    save(book, to)
    return counts


def _rows(session: Session, scope: _Scope, name: str) -> Iterator[Row]:
    """The rows of a table that lie inside the perimeter."""
    calendar = scope.programme.calendar
    columns = {column.name: place for place, column in enumerate(TABLES[name].columns)}
    for row in exported_rows(session, scope.campaign_id, calendar, name, scope.places):
        if _is_inside(scope, name, columns, row):
            yield row


def _is_inside(scope: _Scope, name: str, columns: dict[str, int], row: list[Any]) -> bool:
    match name:
        case "territoires":
            return row[columns["code"]] in scope.places
        case "contacts":
            perimeter = row[columns["perimetre"]]
            return scope.perimeter.holds_perimeter(
                scope.programme.calendar, perimeter, None if ":" in perimeter else scope.places.get(perimeter, "")
            )
        case "enveloppes":
            return scope.perimeter.holds_departement(row[columns["departement"]])
        case _:
            return True
