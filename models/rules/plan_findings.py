"""What is there to look at in a territory's action plan?

What a reader would notice with the tables side by side, in French sentences with codes; nothing blocks, nothing is
scored. A territory that has sent nothing and written nothing has nothing here: what it owes, its obligations tell.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.rules.action_plan import (
    ActionFact,
    CommitmentFact,
    FunderOfPlan,
    PlanGrammar,
    YearOfPlan,
)
from models.rules.amounts import euros
from models.rules.edition import Objective
from models.words import Kind

CODES: Mapping[str, str] = {
    "nature_without_rows": "pièce reçue, engagements non inscrits",
    "rows_without_piece": "engagements inscrits, pièce non reçue",
    "unknown_partner": "partenaire inconnu",
    "no_action": "programme reçu, aucune action inscrite",
    "objective_without_action": "objectif sans action",
    "axes_without_action": "axes sans action",
    "no_carrier": "action sans porteur",
    "no_years": "action sans année",
    "years_outside_convention": "années hors convention",
    "cost_above_money": "coût au-delà des financements",
    "year_without_action": "financements sans action",
    "commitment_without_line": "engagement sans ligne de financement",
    "line_without_commitment": "ligne de financement sans engagement",
    "commitment_differs": "engagement et financement différents",
}
KINDS = {Kind.CASH: "en numéraire", Kind.IN_KIND: "en valorisation"}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanFinding:
    """One thing to look at: what it is about (an axis, a nature, a year, a funder …), an amount in cents or None."""

    code: str
    text: str
    subject: str = ""
    amount: int | None = None

    @property
    def title(self) -> str:
        """The finding in two or three words."""
        return CODES[self.code]


@dataclass(frozen=True, kw_only=True)
class PlanOfTerritory:
    """A territory's plan as its tables tell it; `received` holds (requirement, part) of what stands received."""

    commitments: Sequence[CommitmentFact]
    actions: Sequence[ActionFact]
    received: Collection[tuple[str, str]]
    years: Collection[int]  # of its convention
    by_year: Sequence[YearOfPlan]
    by_funder: Sequence[FunderOfPlan]


def plan_findings(
    grammar: PlanGrammar, objectives: Sequence[Objective], plan: PlanOfTerritory
) -> tuple[PlanFinding, ...]:
    """Everything there is to look at in the plan, from its commitments to its money."""
    return (
        *_natures(grammar, plan),
        *_partners(grammar, plan.commitments),
        *_axes(grammar, objectives, plan),
        *_actions(plan.actions, plan.years),
        *_commitment_years(plan.commitments, plan.years),
        *_money(plan),
        *_funders(grammar, plan),
    )


def _natures(grammar: PlanGrammar, plan: PlanOfTerritory) -> Iterator[PlanFinding]:
    written = {each.nature for each in plan.commitments}
    for nature in grammar.natures.values():
        received = (nature.requirement, nature.part) in plan.received
        if received and nature.code not in written:
            yield PlanFinding(
                code="nature_without_rows",
                subject=nature.code,
                text=f"La partie « {nature.title} » est reçue, mais aucun engagement de cette nature n’est inscrit.",
            )
        elif not received and nature.code in written:
            yield PlanFinding(
                code="rows_without_piece",
                subject=nature.code,
                text=f"Des engagements « {nature.title} » sont inscrits, mais la partie qui les porte n’est pas reçue.",
            )


def _partners(grammar: PlanGrammar, commitments: Iterable[CommitmentFact]) -> Iterator[PlanFinding]:
    unknown: dict[str, int] = {}
    for each in commitments:
        if grammar.partner(each.partner) is None:
            unknown[each.partner] = unknown.get(each.partner, 0) + each.amount
    for partner, amount in unknown.items():
        yield PlanFinding(
            code="unknown_partner",
            subject=partner,
            amount=amount,
            text=f"« {partner} » n’est rattaché à aucun financeur ni à aucun partenaire connu"
            + (f" : {euros(amount)} d’engagements ne sont comparés à rien." if amount else "."),
        )


def _axes(grammar: PlanGrammar, objectives: Sequence[Objective], plan: PlanOfTerritory) -> Iterator[PlanFinding]:
    if not plan.actions:
        if any(requirement == grammar.plan for requirement, _ in plan.received):
            yield PlanFinding(
                code="no_action", text="Le programme d’action est reçu, mais aucune de ses actions n’est inscrite."
            )
        return
    taken = {each.axis for each in plan.actions}
    for objective in objectives:
        empty = [axis for axis in objective.axes if axis not in taken]
        if len(empty) == len(objective.axes):
            yield PlanFinding(
                code="objective_without_action",
                subject=objective.code,
                text=f"L’objectif {objective.code} « {objective.title} » n’a aucune action.",
            )
        elif empty:
            yield PlanFinding(
                code="axes_without_action",
                subject=" ".join(empty),
                text=f"Objectif {objective.code} : {len(empty)} de ses {len(objective.axes)} axes "
                f"{'sont' if len(empty) > 1 else 'est'} sans action ({', '.join(empty)}).",
            )


def _actions(actions: Iterable[ActionFact], years: Collection[int]) -> Iterator[PlanFinding]:
    for action in actions:
        named = f"{action.axis} « {action.title} »"
        if not action.carrier:
            yield PlanFinding(code="no_carrier", subject=action.axis, text=f"{named} : le porteur n’est pas indiqué.")
        if not action.first_year:
            yield PlanFinding(
                code="no_years",
                subject=action.axis,
                amount=action.cost,
                text=f"{named} : la première année n’est pas indiquée"
                + (f", son coût de {euros(action.cost)} n’est compté dans aucune." if action.cost else "."),
            )
        if outside := [year for year in action.years() if years and year not in years]:
            yield PlanFinding(
                code="years_outside_convention",
                subject=action.axis,
                text=f"{named} : {_listed(outside)} hors de la convention ({_span(years)}).",
            )


def _commitment_years(commitments: Iterable[CommitmentFact], years: Collection[int]) -> Iterator[PlanFinding]:
    for each in commitments:
        if each.year and years and each.year not in years:
            yield PlanFinding(
                code="years_outside_convention",
                subject=each.nature,
                amount=each.amount or None,
                text=f"Engagement de « {each.partner} » pour {each.year} : année hors de la convention "
                f"({_span(years)}).",
            )


def _money(plan: PlanOfTerritory) -> Iterator[PlanFinding]:
    if not plan.actions:
        return
    for each in plan.by_year:
        if each.cost > each.money.total:
            yield PlanFinding(
                code="cost_above_money",
                subject=str(each.year),
                amount=each.cost - each.money.total,
                text=f"{each.year} : les actions coûtent {euros(each.cost)}, les financements prévus (numéraire, "
                f"valorisation et droit commun) font {euros(each.money.total)} : il manque "
                f"{euros(each.cost - each.money.total)}.",
            )
        elif each.money.cash and not each.cost:
            yield PlanFinding(
                code="year_without_action",
                subject=str(each.year),
                amount=each.money.cash,
                text=f"{each.year} : {euros(each.money.cash)} sont prévus en numéraire, et aucune action chiffrée ne "
                "porte sur cette année.",
            )


def _funders(grammar: PlanGrammar, plan: PlanOfTerritory) -> Iterator[PlanFinding]:
    """Only where commitments of that kind are written with amounts: an empty table is told once, by its nature."""
    titles = {kind.funder: kind.title for kind in grammar.partners if kind.funder}
    told = {each.kind for each in plan.by_funder if any(each.committed.values())}
    for each in plan.by_funder:
        if each.kind not in told:
            continue
        who = f"{titles.get(each.funder, each.funder.value)}, {KINDS[each.kind]}"
        committed, planned = sum(each.committed.values()), sum(each.planned.values())
        if not planned:
            code, said = "commitment_without_line", f"{euros(committed)} d’engagements, aucune ligne de financement."
        elif not committed:
            code, said = "line_without_commitment", f"{euros(planned)} prévus aux financements, aucun engagement."
        elif each.difference:
            more = "de plus que" if each.difference > 0 else "de moins que"
            code = "commitment_differs"
            said = (
                f"{euros(committed)} d’engagements, soit {euros(abs(each.difference))} {more} les {euros(planned)} "
                "prévus aux financements."
            )
        elif gaps := each.differing_years:
            code, said = "commitment_differs", f"mêmes totaux, mais {_listed(list(gaps))} n’ont pas les mêmes montants."
        else:
            continue
        yield PlanFinding(
            code=code, subject=f"{each.funder.value} {each.kind.value}", amount=each.difference, text=f"{who} : {said}"
        )


def _listed(years: Sequence[int]) -> str:
    return ", ".join(str(year) for year in years)


def _span(years: Collection[int]) -> str:
    return f"{min(years)} à {max(years)}" if len(years) > 1 else str(min(years))
