"""What must an action plan state, what does it say, and what is there to look at in it?

Three natures of commitment, each carried by a part of a piece (E111); actions under the twenty-three axes (E110, E153
to E178); and beside them the money that is planned (E121 to E124, E134). Amounts are whole cents; differences are
exact. What there is to look at is in `plan_findings`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.rules.cited_texts import citation_texts
from models.rules.typed_values import Unreadable, fold
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Place, read_yaml
from models.words import Funder, Kind

WHOLE_CONVENTION = 0  # a commitment or an action without a year
SPREADING = ("equal_shares",)


@dataclass(frozen=True, kw_only=True)
class Nature:
    """One nature of commitment, the part of a piece that carries it, the kind of funding line it is put beside."""

    code: str
    title: str
    requirement: str
    part: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class PartnerKind:
    """Whom the name of a partner stands for; `funder` is None for a partner without financing lines."""

    code: str
    title: str
    funder: Funder | None
    names: frozenset[str]  # folded, whole
    openings: tuple[str, ...]  # folded, alone or followed by more words


@dataclass(frozen=True, kw_only=True)
class PlanGrammar:
    """What an edition says of action plans."""

    natures: Mapping[str, Nature]
    plan: str  # the requirement whose arrival says that actions are to be found
    partners: tuple[PartnerKind, ...]
    assumptions: tuple[str, ...]

    def nature(self, text: str) -> str:
        """The nature that a code or a French title names; anything else is refused with the cure."""
        known = {fold(name): each.code for each in self.natures.values() for name in (each.title, each.code)}
        code = known.get(fold(text)) or known.get(fold(text).removesuffix("s"))
        if code is None:
            listed = [f"{each.code} ({each.title})" for each in self.natures.values()]
            raise Unreadable("nature d’engagement inconnue", f"écrire {', '.join(listed[:-1])} ou {listed[-1]}")
        return code

    def partner(self, name: str) -> PartnerKind | None:
        """Whom a partner's name stands for, or None when nobody knows."""
        words = fold(name)
        return next(
            (
                kind
                for kind in self.partners
                if words in kind.names or any(f"{words}_".startswith(f"{opening}_") for opening in kind.openings)
            ),
            None,
        )


@lru_cache(maxsize=8)
def plan_grammar(edition: str) -> PlanGrammar:
    """The grammar of an edition's action plans. Raises `ProgrammeRefused`."""
    return read_grammar(read_yaml(PROGRAMME / edition / "action_plan.yaml"), citation_texts())


def read_grammar(place: Place, texts: Mapping[str, str]) -> PlanGrammar:
    """The grammar at a place of a file; what is wrong or uncited is refused with its line and cure."""
    place.only("natures", "plan", "compared", "cost_by_year", "partners")
    compared, spread, partners = place.need("compared"), place.need("cost_by_year"), place.need("partners")
    spread.need("rule").word(SPREADING)
    natures = {}
    for code, each in place.need("natures").items():
        each.only("title", "requirement", "part", *CITATION_KEYS)
        each.citation(texts)
        natures[code] = Nature(
            code=code,
            title=each.need("title").text(),
            requirement=each.need("requirement").text(),
            part=each.need("part").text(),
            kind=Kind(compared.need(code).word([kind.value for kind in Kind])),
        )
    compared.only(*natures, *CITATION_KEYS)
    place.need("plan").citation(texts)
    sources = [each.citation(texts) for each in (compared, spread, partners)]
    return PlanGrammar(
        natures=natures,
        plan=place.need("plan").need("requirement").text(),
        partners=tuple(_partner(code, each) for code, each in partners.need("kinds").items()),
        assumptions=tuple(each.assumption for each in sources if each.assumption),
    )


def _partner(code: str, place: Place) -> PartnerKind:
    place.only("title", "funder", "names", "opens_with")
    funder = place.need("funder").word([each.value for each in Funder]) if place.has("funder") else None
    return PartnerKind(
        code=code,
        title=place.need("title").text(),
        funder=Funder(funder) if funder else None,
        names=frozenset(fold(each.text()) for each in place.need("names").each()),
        openings=tuple(fold(each.text()) for each in place.need("opens_with").each()),
    )


# What a territory's plan says


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitmentFact:
    """What a partner commits to bring; amount in cents, year 0 for the whole convention."""

    partner: str
    nature: str
    year: int = WHOLE_CONVENTION
    label: str = ""
    quantity: str = ""
    amount: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionFact:
    """One action under its axis; its cost in cents is that of all its years."""

    axis: str
    title: str
    carrier: str = ""
    first_year: int = 0
    last_year: int = 0
    cost: int = 0
    is_new: bool = False
    several_schools: bool = False
    outside_partner: bool = False

    def years(self) -> tuple[int, ...]:
        """The years it runs, none when the first is not known."""
        return tuple(range(self.first_year, (self.last_year or self.first_year) + 1)) if self.first_year else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedMoney:
    """What is planned for one year, in cents, counted as in the balance: cash, valued, mainstream apart."""

    cash: int = 0
    in_kind: int = 0
    common_law: int = 0

    @property
    def total(self) -> int:
        return self.cash + self.in_kind + self.common_law


@dataclass(frozen=True, kw_only=True, slots=True)
class YearOfPlan:
    """The actions of one year beside the money planned for it; the difference is cash less cost."""

    year: int
    cost: int
    money: PlannedMoney

    @property
    def difference(self) -> int:
        return self.money.cash - self.cost


@dataclass(frozen=True, kw_only=True, slots=True)
class FunderOfPlan:
    """What the partners of one funder commit to bring in one kind, beside its planned lines, by year."""

    funder: Funder
    kind: Kind
    committed: Mapping[int, int]  # year 0: for the whole convention
    planned: Mapping[int, int]

    @property
    def difference(self) -> int:
        """Committed less planned, all years together."""
        return sum(self.committed.values()) - sum(self.planned.values())

    @property
    def differing_years(self) -> Mapping[int, int]:
        """The years in which both differ; none can be told while a commitment is for the whole convention."""
        if self.committed.get(WHOLE_CONVENTION):
            return {}
        years = sorted({*self.committed, *self.planned})
        gaps = {year: self.committed.get(year, 0) - self.planned.get(year, 0) for year in years}
        return {year: gap for year, gap in gaps.items() if gap}


def cost_by_year(actions: Iterable[ActionFact]) -> dict[int, int]:
    """What the actions cost each year, in cents: equal shares, the cents that are left on the first years.

    Year 0 holds the cost of actions that name no year.
    """
    found: dict[int, int] = defaultdict(int)
    for action in actions:
        years = action.years() or (WHOLE_CONVENTION,)
        share, left = divmod(action.cost, len(years))
        for number, year in enumerate(years):
            found[year] += share + (number < left)
    return {year: found[year] for year in sorted(found) if found[year] or year}


def years_of_plan(actions: Sequence[ActionFact], money: Mapping[int, PlannedMoney]) -> tuple[YearOfPlan, ...]:
    """Each year that has actions or money, its costs beside its money."""
    costs = cost_by_year(actions)
    return tuple(
        YearOfPlan(year=year, cost=costs.get(year, 0), money=money.get(year, PlannedMoney()))
        for year in sorted({*costs, *money} - {WHOLE_CONVENTION})
    )


def funders_of_plan(
    grammar: PlanGrammar,
    commitments: Iterable[CommitmentFact],
    planned: Mapping[tuple[Funder, Kind], Mapping[int, int]],
) -> tuple[FunderOfPlan, ...]:
    """Commitments beside the lines of the same funder and kind, wherever either side has an amount.

    `planned` is by funder, kind and year, in cents. A partner whose funder is not known is left to the findings.
    """
    committed: dict[tuple[Funder, Kind], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for each in commitments:
        known, nature = grammar.partner(each.partner), grammar.natures.get(each.nature)
        if known is not None and known.funder is not None and nature is not None and each.amount:
            committed[known.funder, nature.kind][each.year] += each.amount
    with_amount = {key for key, years in planned.items() if any(years.values())}
    order = [(funder, kind) for funder in Funder for kind in Kind]
    return tuple(
        FunderOfPlan(
            funder=funder,
            kind=kind,
            committed=dict(sorted(committed[funder, kind].items())) if (funder, kind) in committed else {},
            planned={year: cents for year, cents in sorted(planned.get((funder, kind), {}).items()) if cents},
        )
        for funder, kind in order
        if (funder, kind) in committed or (funder, kind) in with_amount
    )
