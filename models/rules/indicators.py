"""What does a territory measure, how far has it come towards its targets, and what is missing to tell?

Indicators of means and of results (E145) on the topics that the evaluation measures (E146 to E148). Values are whole
ten-thousandths and progress is exact: nothing is rounded before it is shown, and a jump is not judged.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from functools import lru_cache

from models.rules.cited_texts import citation_texts
from models.rules.typed_values import Unreadable, fold
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Place, read_yaml
from models.words import IndicatorKind

UNIT = 10_000  # ten-thousandths in one
RHYTHMS = ("each_past_year",)
CODES: Mapping[str, str] = {
    "no_indicator": "aucun indicateur",
    "only_means": "moyens seulement",
    "only_results": "résultats seulement",
    "topic_without_indicator": "domaine sans indicateur",
    "no_baseline": "sans valeur de référence",
    "no_target": "sans cible",
    "target_is_baseline": "cible égale à la référence",
    "no_source": "sans source",
    "no_unit": "sans unité",
    "no_measure": "année sans mesure",
    "undeclared": "mesure d’un indicateur non déclaré",
}


@dataclass(frozen=True, kw_only=True)
class IndicatorGrammar:
    """What an edition says of indicators: the closed list of topics, and the titles of the two kinds."""

    topics: Mapping[str, str]
    kinds: Mapping[IndicatorKind, str]
    assumptions: tuple[str, ...]

    def topic(self, text: str) -> str:
        """The topic that a code or a French title names; anything else is refused with the cure."""
        known = {fold(name): code for code, title in self.topics.items() for name in (title, code)}
        if fold(text) not in known:
            listed = [f"{code} ({title})" for code, title in self.topics.items()]
            raise Unreadable("domaine inconnu", f"écrire {', '.join(listed[:-1])} ou {listed[-1]}, ou laisser vide")
        return known[fold(text)]


@lru_cache(maxsize=8)
def indicator_grammar(edition: str) -> IndicatorGrammar:
    """The grammar of an edition's indicators. Raises `ProgrammeRefused`."""
    return read_grammar(read_yaml(PROGRAMME / edition / "indicators.yaml"), citation_texts())


def read_grammar(place: Place, texts: Mapping[str, str]) -> IndicatorGrammar:
    """The grammar at a place of a file; what is wrong or uncited is refused with its line and cure."""
    place.only("kinds", "topics", "yearly")
    kinds = place.need("kinds")
    kinds.only(*(kind.value for kind in IndicatorKind))
    place.need("yearly").need("rule").word(RHYTHMS)
    yearly = place.need("yearly").citation(texts)
    return IndicatorGrammar(
        topics={code: _title(each, texts) for code, each in place.need("topics").items()},
        kinds={kind: _title(kinds.need(kind.value), texts) for kind in IndicatorKind},
        assumptions=(yearly.assumption,) if yearly.assumption else (),
    )


def _title(place: Place, texts: Mapping[str, str]) -> str:
    place.only("title", *CITATION_KEYS)
    place.citation(texts)
    return place.need("title").text()


@dataclass(frozen=True, kw_only=True, slots=True)
class IndicatorFact:
    """What one territory measures; values in ten-thousandths, None when they are not known, years 0 likewise."""

    code: str
    kind: IndicatorKind
    title: str = ""
    topic: str = ""
    unit: str = ""
    source: str = ""
    baseline: int | None = None
    baseline_year: int = 0
    target: int | None = None
    target_year: int = 0

    @property
    def name(self) -> str:
        """How a sentence calls it."""
        return self.title or self.code


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasureFact:
    """One year's value of an indicator, in ten-thousandths."""

    indicator: str
    year: int
    value: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IndicatorFinding:
    """What is missing; `indicator` is empty for what concerns the territory as a whole."""

    code: str
    text: str
    indicator: str = ""
    years: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """The finding in two or three words."""
        return CODES[self.code]


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where an indicator stands: its measures by year, and the way covered from its baseline to its target.

    `covered` is exact: 0 at the baseline, 1 at the target, below 0 or above 1 beyond; None when it cannot be told.
    """

    indicator: IndicatorFact
    measures: Mapping[int, int]
    covered: Fraction | None

    @property
    def share(self) -> float | None:
        """`covered` cut to three decimals, downwards: 1.0 is never shown before the target is reached."""
        if self.covered is None:
            return None
        exact = Decimal(self.covered.numerator) / Decimal(self.covered.denominator)
        return float(exact.quantize(Decimal("0.001"), rounding=ROUND_FLOOR))

    @property
    def reached(self) -> bool | None:
        return None if self.covered is None else self.covered >= 1


def progress(indicator: IndicatorFact, measures: Iterable[MeasureFact], year: int | None = None) -> Progress:
    """Where the indicator stands by its latest measure (up to `year`, if one is given).

    A target below the baseline is a value to bring down: the direction is theirs, nobody has to say it.
    """
    own = {
        each.year: each.value
        for each in sorted(measures, key=lambda each: each.year)
        if each.indicator == indicator.code and (year is None or each.year <= year)
    }
    covered = None
    if own and indicator.baseline is not None and indicator.target not in (None, indicator.baseline):
        assert indicator.target is not None
        latest = own[max(own)]
        covered = Fraction(latest - indicator.baseline, indicator.target - indicator.baseline)
    return Progress(indicator=indicator, measures=own, covered=covered)


def indicator_findings(
    grammar: IndicatorGrammar,
    indicators: Sequence[IndicatorFact],
    measures: Sequence[MeasureFact],
    past_years: Sequence[int],
) -> tuple[IndicatorFinding, ...]:
    """What is missing to tell how the territory goes; `past_years` are those of its convention that are over."""
    declared = {each.code for each in indicators}
    return (
        *_whole(grammar, indicators),
        *(finding for each in indicators for finding in _of_one(each, measures, past_years)),
        *(
            IndicatorFinding(
                code="undeclared",
                indicator=code,
                text=f"« {code} » est mesuré sans être déclaré parmi les indicateurs.",
            )
            for code in sorted({each.indicator for each in measures} - declared)
        ),
    )


def _whole(grammar: IndicatorGrammar, indicators: Sequence[IndicatorFact]) -> Iterator[IndicatorFinding]:
    if not indicators:
        yield IndicatorFinding(code="no_indicator", text="Aucun indicateur n’est déclaré.")
        return
    kinds = {each.kind for each in indicators}
    if len(kinds) == 1:
        means = IndicatorKind.MEANS in kinds
        here, absent = (
            (IndicatorKind.MEANS, IndicatorKind.RESULTS) if means else (IndicatorKind.RESULTS, IndicatorKind.MEANS)
        )
        yield IndicatorFinding(
            code="only_means" if means else "only_results",
            text=f"Il n’y a que des {grammar.kinds[here]} : le suivi demande aussi des {grammar.kinds[absent]}.",
        )
    topics = {each.topic for each in indicators}
    for code, title in grammar.topics.items():
        if code not in topics:
            yield IndicatorFinding(
                code="topic_without_indicator",
                text=f"Aucun indicateur ne porte sur le domaine « {title} », que l’évaluation doit mesurer.",
            )


def _of_one(
    indicator: IndicatorFact, measures: Sequence[MeasureFact], past_years: Sequence[int]
) -> Iterator[IndicatorFinding]:
    lacking = {
        "no_baseline": (indicator.baseline is None, "la valeur de référence n’est pas indiquée"),
        "no_target": (indicator.target is None, "la cible n’est pas indiquée"),
        "target_is_baseline": (
            indicator.target is not None and indicator.target == indicator.baseline,
            "la cible est égale à la valeur de référence, le chemin parcouru ne se calcule pas",
        ),
        "no_source": (not indicator.source, "la source n’est pas indiquée"),
        "no_unit": (not indicator.unit, "l’unité n’est pas indiquée"),
    }
    for code, (lacks, words) in lacking.items():
        if lacks:
            yield IndicatorFinding(code=code, indicator=indicator.code, text=f"« {indicator.name} » : {words}.")
    measured = {each.year for each in measures if each.indicator == indicator.code}
    if missing := tuple(year for year in past_years if year not in measured):
        listed = ", ".join(str(year) for year in missing)
        yield IndicatorFinding(
            code="no_measure",
            indicator=indicator.code,
            years=missing,
            text=f"« {indicator.name} » : aucune mesure pour {listed}.",
        )


def exactly(ten_thousandths: int | None) -> int | float | None:
    """The value as a JSON number: whole when it is."""
    if ten_thousandths is None:
        return None
    return ten_thousandths // UNIT if ten_thousandths % UNIT == 0 else float(Decimal(ten_thousandths) / UNIT)
