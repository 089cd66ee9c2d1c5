"""What does a workbook say to whoever fills it: titles, notes, examples, colours?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.rules.exchanged_tables import TABLES
from models.rules.yaml_files import PROGRAMME, Place, read_yaml


@dataclass(frozen=True, kw_only=True)
class ColumnWords:
    """The title of a column, what its cells expect, and an example (which may be empty)."""

    title: str
    hint: str
    example: str


@dataclass(frozen=True, kw_only=True)
class SheetWords:
    """The title of a sheet, what it is about, the colour of its tab, and its columns by name."""

    title: str
    about: str
    colour: str
    columns: Mapping[str, ColumnWords]


@dataclass(frozen=True, kw_only=True)
class GuideLine:
    """One line of « À lire »: a heading, a sentence, or a sentence that explains a colour."""

    text: str
    heading: bool = False
    mark: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkbookWords:
    """Everything a workbook says that is not somebody's data."""

    sheets: Mapping[str, SheetWords]
    words: Mapping[str, str]
    guide: tuple[GuideLine, ...]
    marks: Mapping[str, str]

    def shown(self, word: str) -> str:
        """How a word of a closed list is written for people: `prefet_region` is « préfet de région »."""
        return self.words.get(word, word)


@lru_cache(maxsize=1)
def workbook_words() -> WorkbookWords:
    """The words of `models/programme/workbook.yaml`; a table or a column without its words is refused."""
    place = read_yaml(PROGRAMME / "workbook.yaml")
    place.citation({})
    colours = {name: each.text() for name, each in place.need("colours").items()}
    shared = dict(place.need("columns").items())
    tables = place.need("tables")
    sheets = {}
    for table in TABLES.values():
        own = tables.need(table.name)
        columns = shared | (dict(own.need("columns").items()) if own.has("columns") else {})
        missing = [column.name for column in table.columns if column.name not in columns]
        if missing:
            own.refuse(f"«{missing[0]}» has no words", f"add {missing[0]}: {{title: …, hint: …, example: …}}")
        sheets[table.name] = SheetWords(
            title=own.need("title").text(),
            about=own.need("about").text(),
            colour=colours[own.need("colour").word(list(colours))],
            columns={column.name: _column(columns[column.name]) for column in table.columns},
        )
    marks = {name: each.text() for name, each in place.need("marks").items()}
    return WorkbookWords(
        sheets=sheets,
        words={name: each.text() for name, each in place.need("words").items()},
        guide=tuple(_line(each, list(marks)) for each in place.need("guide").each()),
        marks=marks,
    )


def _column(place: Place) -> ColumnWords:
    example = place.need("example")
    return ColumnWords(
        title=place.need("title").text(),
        hint=place.need("hint").text(),
        example="" if example.value == "" else example.text(),
    )


def _line(place: Place, marks: list[str]) -> GuideLine:
    if place.has("heading"):
        return GuideLine(text=place.need("heading").text(), heading=True)
    if place.has("legend"):
        return GuideLine(text=place.need("text").text(), mark=place.need("legend").word(marks))
    return GuideLine(text=place.text())
