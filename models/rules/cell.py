"""What is asked of a cell against school avoidance: signatures, nine yearly series, how long its files may be kept?

Everything here is about documents and numbers. No function takes a child's name, birth date or case: a file's last day
comes from the cohort of whom it speaks (E222).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from models.rules.chapters import Chapter, chapters
from models.rules.cited_texts import citation_texts
from models.rules.typed_values import Unreadable, fold
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Citation, Place, read_yaml

BOUNDARIES = ("end", "start")
KINDS = ("at_most", "follows")


@dataclass(frozen=True, kw_only=True)
class CellDocument:
    """A document that a cell signs, and the part of the candidature that carries it."""

    code: str
    title: str
    requirement: str
    part: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """One yearly number; an indicator has one series or two."""

    code: str
    title: str
    unit: str
    indicator: str


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """What two series of one year must respect: `at_most`, or `follows` (none without one of the other)."""

    kind: str
    series: Series
    of: Series


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Until when a file may be kept: the school year of this birthday, to its end or to its start."""

    age: int
    year_starts: tuple[int, int]  # month, day
    boundary: str
    citation: Citation
    assumptions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one edition says of the cell."""

    deadline: str
    requirement: str
    series_part: str
    documents: tuple[CellDocument, ...]
    signatories: Mapping[str, str]
    series: tuple[Series, ...]
    consistency: tuple[Consistency, ...]
    retention: Retention
    exchange: tuple[str, ...]
    guide: tuple[Chapter, ...]

    @property
    def requirements(self) -> frozenset[str]:
        """The requirements that speak of the cell: its documents, and its yearly numbers."""
        return frozenset({self.requirement, *(each.requirement for each in self.documents)})

    def document(self, text: str) -> str:
        """The code of the document that a cell of a table names, by code or by title."""
        return _named(text, {each.code: each.title for each in self.documents}, "document inconnu", "l’un")

    def signatory(self, text: str) -> str:
        """The code of a signatory, by code or by title."""
        return _named(text, self.signatories, "signataire inconnu", "l’un")

    def series_named(self, text: str) -> str:
        """The code of a series, by code, by title, or by an indicator that has no other series."""
        indicators = [each.indicator for each in self.series]
        alone = {fold(each.indicator): each.code for each in self.series if indicators.count(each.indicator) == 1}
        titles = {each.code: each.title for each in self.series}
        return alone.get(fold(text)) or _named(text, titles, "série inconnue", "l’une")


@dataclass(frozen=True, kw_only=True)
class Odd:
    """Two numbers of one year that do not go together: a remark, never a refusal (E210)."""

    series: str
    text: str
    cure: str


@dataclass(frozen=True, kw_only=True)
class KeptUntil:
    """The last day on which what concerns the eldest, then the youngest, of a cohort may be kept."""

    eldest: date
    youngest: date


@lru_cache(maxsize=8)
def load_cell(edition: str) -> Cell:
    """The cell of an edition. Raises `ProgrammeRefused`."""
    place = read_yaml(PROGRAMME / edition / "cell.yaml")
    place.only("obligation", "documents", "signatories", "series", "consistency", "retention", "exchange", "guide")
    texts = citation_texts()
    obligation = place.need("obligation")
    obligation.citation(texts)
    series = tuple(
        Series(code=code, title=each.need("title").text(), unit=each.need("unit").text(),
               indicator=each.need("indicator").text())
        for code, each in _entries(place.need("series"), texts)
    )  # fmt: skip
    return Cell(
        deadline=obligation.need("deadline").text(),
        requirement=obligation.need("requirement").text(),
        series_part=obligation.need("series").text(),
        documents=tuple(
            CellDocument(code=code, title=each.need("title").text(), requirement=each.need("requirement").text(),
                         part=each.need("part").text())
            for code, each in _entries(place.need("documents"), texts)
        ),
        signatories={code: each.text() for code, each in _entries(place.need("signatories"), texts)},
        series=series,
        consistency=_consistency(place.need("consistency"), {each.code: each for each in series}, texts),
        retention=_retention(place.need("retention"), texts),
        exchange=_steps(place.need("exchange"), texts),
        guide=chapters(place.need("guide"), texts),
    )  # fmt: skip


def odd_counts(cell: Cell, counts: Mapping[str, int]) -> list[Odd]:
    """What is odd in one year's series; a series that nobody has counted is compared with nothing."""
    found = []
    for rule in cell.consistency:
        value, other = counts.get(rule.series.code), counts.get(rule.of.code)
        if value is None or other is None:
            continue
        if value <= other if rule.kind == "at_most" else other or not value:
            continue
        text = f"« {rule.series.title} » : {value}, alors que « {rule.of.title} » : {other}"
        cure = "vérifier les deux nombres ; les laisser si l’une des suites vient d’une année précédente"
        found.append(Odd(series=rule.series.code, text=text, cure=cure))
    return found


def uncounted(cell: Cell, counts: Mapping[str, int]) -> tuple[str, ...]:
    """The series of a year that are still to be collected."""
    return tuple(each.code for each in cell.series if each.code not in counts)


def kept_until(retention: Retention, born_from: date, born_to: date) -> KeptUntil:
    """The last days of conservation of children born from one day to another, both included."""
    return KeptUntil(eldest=_last_day(retention, born_from), youngest=_last_day(retention, born_to))


def school_year(retention: Retention, first_year: int) -> tuple[date, date]:
    """The first and last day of the school year that begins in that year."""
    start = date(first_year, *retention.year_starts)
    return start, date(first_year + 1, *retention.year_starts) - timedelta(days=1)


def _last_day(retention: Retention, born: date) -> date:
    leap_day = (born.month, born.day) == (2, 29)
    birthday = date(born.year + retention.age, 3, 1) if leap_day else born.replace(year=born.year + retention.age)
    begun = (birthday.month, birthday.day) >= retention.year_starts
    start, end = school_year(retention, birthday.year if begun else birthday.year - 1)
    return end if retention.boundary == "end" else start - timedelta(days=1)


def _named(text: str, titles: Mapping[str, str], problem: str, one: str) -> str:
    known = {fold(name): code for code, title in titles.items() for name in (title, code)}
    if fold(text) not in known:
        raise Unreadable(problem, f"écrire {one} de : {', '.join(titles)}")
    return known[fold(text)]


def _entries(section: Place, texts: Mapping[str, str]) -> Iterable[tuple[str, Place]]:
    section.citation(texts)
    return [(code, each) for code, each in section.items() if code not in CITATION_KEYS]


def _consistency(section: Place, series: Mapping[str, Series], texts: Mapping[str, str]) -> tuple[Consistency, ...]:
    section.citation(texts)
    found = []
    for rule in section.need("rules").each():
        rule.only(*KINDS)
        for kind, each in rule.items():
            each.only("series", "of")
            names = [each.need(key).word(list(series)) for key in ("series", "of")]
            found.append(Consistency(kind=kind, series=series[names[0]], of=series[names[1]]))
    return tuple(found)


def _retention(section: Place, texts: Mapping[str, str]) -> Retention:
    section.only("age", "school_year", "until", *CITATION_KEYS)
    year, until = section.need("school_year"), section.need("until")
    starts = year.need("starts")
    month, _, day = starts.text().partition("-")
    try:
        first = date(2001, int(month), int(day))  # a plain year: a school year does not begin on 29 February
    except ValueError:
        starts.refuse(f"«{starts.value}» is not a day of the year", "write it as 09-01")
    return Retention(
        age=section.need("age").whole(),
        year_starts=(first.month, first.day),
        boundary=until.need("boundary").word(BOUNDARIES),
        citation=section.citation(texts),
        assumptions=tuple(each.assumption for each in (year.citation(texts), until.citation(texts)) if each.assumption),
    )


def _steps(place: Place, texts: Mapping[str, str]) -> tuple[str, ...]:
    place.only("steps", *CITATION_KEYS)
    place.citation(texts)
    return tuple(each.text() for each in place.need("steps").each())
