"""What does a line of an exchanged table say, once its cells are read against what the campaign knows?

Each faulty cell is told once, with its cure; a spoilt line gives no fact. The tables themselves are read by
`intake` and its neighbours, each by a function of one line.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from sqlmodel import Session

from models.intake_queries import stored_in_campaign, stored_of_territories
from models.rules.exchange import Column
from models.rules.exchanged_tables import TABLES
from models.rules.perimeters import Perimeter, perimeter_named
from models.rules.programme import Programme
from models.rules.references import References
from models.rules.typed_values import Moment, Unreadable, text_of
from tasks.faults import Fault
from tasks.grids import UNREADABLE
from tasks.sheets import Row, Sheet, Sheets
from tasks.upsert import Changes, Fact, Shape, Stored, Wanted, compare
from tasks.workbook_mark import Mark


@dataclass(kw_only=True)
class Line:
    """One row of a table once its cells are read; `spoilt` says that some of them could not be."""

    sheet: Sheet
    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    spoilt: bool = False

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


class Lines:
    """The lines of one intake, and what the campaign knows beside them."""

    def __init__(
        self, session: Session, campaign_id: int, programme: Programme, sheets: Sheets, shapes: Mapping[str, Shape]
    ) -> None:
        self.shapes = shapes
        self.session, self.campaign_id, self.programme = session, campaign_id, programme
        self.references = References(programme)
        self.calendar = programme.calendar
        self.sheets = sheets.sheets
        self.faults: list[Fault] = list(sheets.faults)
        self.warnings: list[Fault] = []
        self.lines: dict[str, list[Line]] = {name: [] for name in TABLES}
        self.perimeters: dict[str, Perimeter] = {}  # that workbooks were made for, by name
        foreign: set[str] = set()
        for sheet in sheets.sheets:
            if sheet.mark is not None and sheet.mark.campaign != programme.code:
                self._refuse_workbook(sheet, sheet.mark, foreign)
                continue
            self.lines[sheet.table.name] += [self._read(sheet, row) for row in sheet.rows]
        self.territories = {each.values["code"]: each for each in self.stored("territoires", None)}
        self.codes = {code.casefold(): code for code in self.territories}
        self.places = {code: each.values["departement"] for code, each in self.territories.items()}
        self._guesses: dict[str, str] = {}

    def _refuse_workbook(self, sheet: Sheet, mark: Mark, told: set[str]) -> None:
        """A workbook of another campaign is refused once, whatever its sheets."""
        book = sheet.file.partition(", feuille « ")[0]
        if book not in told:
            told.add(book)
            self.faults.append(
                Fault(
                    file=book,
                    problem=f"ce classeur a été préparé pour la campagne « {mark.campaign or 'inconnue'} »",
                    cure=f"l’importer dans celle-là, ou demander un classeur de la campagne {self.programme.code}",
                )
            )

    def _read(self, sheet: Sheet, row: Row) -> Line:
        line = Line(sheet=sheet, row=row)
        for column in sheet.table.columns:
            if column.name not in sheet.headers:
                line.values[column.name] = column.empty
                line.spoilt = line.spoilt or column.needed  # told once, at the header
            else:
                line.values[column.name] = self._cell(line, column)
        return line

    def _cell(self, line: Line, column: Column) -> Any:
        cell = line.row.cells[column.name]
        if cell is UNREADABLE:
            line.spoilt = True
            return column.empty
        try:
            if cell is None or (isinstance(cell, str) and not text_of(cell)):
                if column.needed:
                    raise Unreadable("valeur manquante", "remplir cette cellule")
                return column.empty
            return column.read(cell)  # type: ignore[arg-type]
        except Unreadable as refusal:
            line.spoilt = True
            self.faults.append(self.told(line, column.name, refusal))
            return column.empty

    def told(self, line: Line, column: str, refusal: Unreadable) -> Fault:
        cell = line.row.cells.get(column)
        return Fault(
            file=line.sheet.file, row=line.row.number, column=line.sheet.headers.get(column, column),
            value="" if cell is None or cell is UNREADABLE else str(cell),
            problem=refusal.problem, cure=refusal.cure,
        )  # fmt: skip

    def refuse(self, line: Line, column: str, problem: str, cure: str) -> None:
        line.spoilt = True
        self.faults.append(self.told(line, column, Unreadable(problem, cure)))

    def warn(self, line: Line, column: str, problem: str, cure: str) -> None:
        self.warnings.append(self.told(line, column, Unreadable(problem, cure)))

    def named(self, line: Line, column: str, name: Callable[..., Any], *more: Any) -> Any:
        """What a cell names in the campaign, or None with a fault."""
        text = line[column]
        if not text and line.spoilt:
            return None
        try:
            return name(text, *more)
        except Unreadable as refusal:
            line.spoilt = True
            self.faults.append(self.told(line, column, refusal))
            return None

    def facts_of(self, read: "Reader", line: Line) -> list[Wanted]:
        """The facts of a line: none if anything in it is wrong (all of it is told)."""
        wanted = list(read(self, line))
        if not line.spoilt and line.sheet.mark is not None:
            self._keep_inside(line, self._perimeter(line.sheet.mark), wanted)
        return [] if line.spoilt else wanted

    def _perimeter(self, mark: Mark) -> Perimeter:
        if mark.perimeter not in self.perimeters:
            self.perimeters[mark.perimeter] = perimeter_named(self.calendar, mark.perimeter)
        return self.perimeters[mark.perimeter]

    def _keep_inside(self, line: Line, perimeter: Perimeter, wanted: list[Wanted]) -> None:
        """A workbook made for a perimeter says nothing of what lies outside it."""
        table = line.sheet.table.name
        if all(self._is_inside(perimeter, table, each) for each in wanted):
            return
        column = {"territoires": "code", "contacts": "perimetre", "enveloppes": "departement"}.get(table, "territoire")
        self.refuse(
            line, column, f"cette ligne est hors du périmètre de ce classeur ({perimeter.name})",
            "la retirer de ce classeur ; elle se corrige dans celui de son propre périmètre",
        )  # fmt: skip

    def _is_inside(self, perimeter: Perimeter, table: str, wanted: Wanted) -> bool:
        values = wanted.values
        match table:
            case "territoires":
                places = {values["departement"], self._place(values["code"])} - {None}
                return all(perimeter.holds_territory(values["code"], place) for place in places)
            case "contacts":
                return perimeter.holds_perimeter(self.calendar, values["perimeter"], self._place(values["perimeter"]))
            case "enveloppes":
                return perimeter.holds_departement(values["departement"])
            case _:
                return perimeter.holds_territory(wanted.territory, self._place(wanted.territory) or "")

    def _place(self, code: str) -> str | None:
        """The département of a territory, as it is known before what the files say of it."""
        known = self.territories.get(code)
        return known.values["departement"] if known else self.places.get(code)

    def wanted(self, line: Line, territory: str, values: dict[str, Any], stated: dict[str, str]) -> Wanted:
        """`stated` gives, for each correctable column of ours, the column of the table that says it."""
        given = frozenset(name for name, column in stated.items() if not column or column in line.sheet.headers)
        return Wanted(territory=territory, values=values, stated=given, file=line.sheet.file, row=line.row.number)

    # Territories

    def learn_codes(self, lines: list[Line]) -> None:
        """Every code of the file is known, even of a row that is wrong elsewhere: one fault is enough."""
        for line in lines:
            if line["code"]:
                code = self.codes.setdefault(line["code"].casefold(), line["code"])
                try:
                    self.places[code] = self.references.departement(line["departement"])
                except Unreadable:
                    continue  # told when the row is read

    def territory_of(self, line: Line) -> tuple[str, str]:
        """The code of the line's territory, and its zone; a code unknown to the campaign is a fault."""
        typed = line["territoire"]
        code = self.codes.get(typed.casefold())
        if code is None and typed:
            self.refuse(
                line, "territoire", f"territoire inconnu de la campagne {self.programme.code}", self._guess(typed)
            )
        place = self.places.get(code or "")
        return code or "", self.calendar.zone(place) if place else self.calendar.national_zone

    def _guess(self, typed: str) -> str:
        if typed not in self._guesses:
            near = get_close_matches(typed.casefold(), self.codes, n=1) if len(self._guesses) < 20 else []
            self._guesses[typed] = (
                f"écrire peut-être « {self.codes[near[0]]} », ou ajouter ce territoire au tableau territoires"
                if near else "écrire le code d’un territoire de la campagne, ou l’ajouter au tableau territoires"
            )  # fmt: skip
        return self._guesses[typed]

    # Indicators

    @cached_property
    def indicators(self) -> set[tuple[str, str]]:
        """(territory, code) of every indicator that the files declare or that the campaign knows."""
        typed = {
            (self.codes.get(line["territoire"].casefold(), ""), line["indicateur"])
            for line in self.lines["indicateurs"]
        }
        return typed | {(each.territory, each.values["code"]) for each in self.stored("indicateurs", None)}

    # What is stored

    def stored(self, name: str, codes: set[str] | None) -> list[Stored]:
        shape = self.shapes[name]
        columns = (*shape.identity, *shape.correctable, *(("rank",) if shape.ranked else ()))
        if not shape.of_territory:
            rows = stored_in_campaign(self.session, shape.model, columns, self.campaign_id)
            return [Stored(id=row[0], territory="", values=dict(zip(columns, row[1:], strict=True))) for row in rows]
        if codes is not None and not codes:
            return []
        rows = stored_of_territories(self.session, shape.model, columns, self.campaign_id, codes)
        return [Stored(id=row[0], territory=row[1], values=dict(zip(columns, row[2:], strict=True))) for row in rows]

    def standing(self, changed: Mapping[str, Changes], name: str, codes: set[str]) -> Mapping[str, list[Fact]]:
        """The rows of a table as they will stand, by territory; those of `codes` are there even if no file has any."""
        known = changed[name].standing if name in changed else []
        missing = codes - {each.territory for each in known}
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in (*known, *compare(self.shapes[name], [], self.stored(name, missing)).standing):
            found[fact.territory].append(fact)
        return found


Reader = Callable[[Lines, Line], Iterator[Wanted]]  # how the lines of one table become facts


def day_of(moment: Moment | None, zone: str) -> date | None:
    """The day of a moment, if one was typed."""
    return moment.day(zone) if moment is not None else None
