"""What do the action plans of a campaign say, and what is there to look at in them, at an instant?"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.balance_queries import lines_of, places_of
from models.plan_queries import actions_of, commitments_of
from models.queries import campaign_by_code
from models.rules import balance as rules
from models.rules.action_plan import (
    ActionFact,
    CommitmentFact,
    FunderOfPlan,
    PlanGrammar,
    PlannedMoney,
    YearOfPlan,
    cost_by_year,
    funders_of_plan,
    plan_grammar,
    years_of_plan,
)
from models.rules.balance import Line
from models.rules.calendar import local
from models.rules.deadlines import Deadline
from models.rules.dossier import Dossier, has_withdrawn, labelled_on, standing_pieces
from models.rules.plan_findings import PlanFinding, PlanOfTerritory, plan_findings
from models.rules.programme import Programme
from models.territory_queries import dossiers_asked
from models.words import Funder, Kind, PieceStatus, Purpose
from tasks.database import reading

STAGE = "planned"
SUMMARY = ("Territoire", "Engagements", "Actions", "Axes avec une action", "À regarder")
Planned = dict[tuple[Funder, Kind], dict[int, int]]


def action_plans(campaign: str, at: datetime, territory: str | None = None, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites action-plan`, as docs/interface.md describes it: amounts in cents. Writes nothing.

    The territories that are labelled at `at` and have not withdrawn, those that have rows, or the one that is asked
    for. Raises `NoSuchCampaign`, `NoSuchTerritory`.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        dossiers = dossiers_asked(session, row.id, campaign, territory)
        commitments, actions = commitments_of(session, row.id), actions_of(session, row.id)
        years = _years(programme, dossiers)
        money, lines = _money(session, programme, row.id, years)
    grammar = plan_grammar(programme.edition)
    listed = [
        _territory(
            programme, grammar, dossier, at, commitments.get(dossier.code, []), actions.get(dossier.code, []),
            money[dossier.code], lines.get(dossier.code, {}),
        )
        for dossier in dossiers
        if territory or dossier.code in commitments or dossier.code in actions or is_cite(programme, dossier, at)
    ]  # fmt: skip
    counts = Counter(finding["code"] for each in listed for finding in each["findings"])
    return {
        "campaign": campaign,
        "title": programme.title,
        "at": at.isoformat(),
        "years": list(years),
        "territories": listed,
        "counts": dict(sorted(counts.items())),
        "assumptions": list(grammar.assumptions),
    }


def summary_rows(found: Mapping[str, Any]) -> list[Sequence[str]]:
    """What `action_plans` gives, a row a territory: name, commitments, actions, axes with one, things to look at."""
    return [
        (
            each["name"],
            str(sum(nature["count"] for nature in each["commitments"])),
            str(sum(len(axis["actions"]) for axis in axes_of(each))),
            str(sum(bool(axis["actions"]) for axis in axes_of(each))),
            str(len(each["findings"])),
        )
        for each in found["territories"]
    ]


def asks_for_plans(programme: Programme, deadlines: Iterable[Deadline]) -> bool:
    """Does one of these deadlines ask for the piece whose arrival says that actions are to be found?"""
    plan = programme.requirement(plan_grammar(programme.edition).plan)
    return plan is not None and plan.deadline in {each.name for each in deadlines}


def axes_of(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The axes of a territory's plan, of all objectives, in order."""
    return [axis for objective in plan["objectives"] for axis in objective["axes"]]


def is_cite(programme: Programme, dossier: Dossier, at: datetime) -> bool:
    """Is it labelled at `at`, without having withdrawn?"""
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    return labelled_on(dossier, day) is not None and not has_withdrawn(dossier, day)


def _years(programme: Programme, dossiers: Sequence[Dossier]) -> list[int]:
    """Every year of a convention, the campaign's or a territory's."""
    return sorted({year for dossier in dossiers for year in convention_years(programme, dossier)})


def convention_years(programme: Programme, dossier: Dossier) -> list[int]:
    """The years that the campaign's convention and the territory's own cover."""
    spans = [(each.first_day.year, each.last_day.year) for each in dossier.conventions]
    if programme.convention:
        spans.append((programme.convention[0].year, programme.convention[1].year))
    return sorted({year for first, last in spans for year in range(first, last + 1)})


def _money(
    session: Session, programme: Programme, campaign_id: int, years: Sequence[int]
) -> tuple[Mapping[str, Mapping[int, PlannedMoney]], Mapping[str, Planned]]:
    """Of each territory: the planned money of each year as the balance counts it, and its lines by funder and kind."""
    places = places_of(session, campaign_id)
    money: dict[str, dict[int, PlannedMoney]] = defaultdict(dict)
    lines: dict[str, Planned] = defaultdict(dict)
    for year in years:
        own = lines_of(session, campaign_id, year)
        for row in rules.balance(programme.funding, places, own, {}, STAGE)["territories"]:
            planned = PlannedMoney(
                cash=row["state"] + row["local"] + row["other"], in_kind=row["in_kind"], common_law=row["common_law"]
            )
            if planned.total:
                money[row["territory"]][year] = planned
        for line in own:
            if _compares(programme, line):
                by_year = lines[line.territory].setdefault((line.funder, line.kind), {})
                by_year[year] = by_year.get(year, 0) + line.planned
    return money, lines


def _compares(programme: Programme, line: Line) -> bool:
    """Is it a line that a commitment may be about: neither mainstream cash, nor counted in the grant already?"""
    within_grant = line.purpose is Purpose.FUND and line.funder in programme.funding.taken_from_grant
    return line.kind is Kind.IN_KIND or (not line.mainstream and not within_grant)


def _territory(
    programme: Programme, grammar: PlanGrammar, dossier: Dossier, at: datetime, commitments: Sequence[CommitmentFact],
    actions: Sequence[ActionFact], money: Mapping[int, PlannedMoney], planned: Planned,
) -> dict[str, Any]:  # fmt: skip
    standing = standing_pieces(dossier, "", at)
    received = {key for key, piece in standing.items() if piece.status is PieceStatus.RECEIVED}
    by_year, by_funder = years_of_plan(actions, money), funders_of_plan(grammar, commitments, planned)
    plan = PlanOfTerritory(
        commitments=commitments, actions=actions, received=received, years=convention_years(programme, dossier),
        by_year=by_year, by_funder=by_funder,
    )  # fmt: skip
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "commitments": _commitments(grammar, commitments, received),
        "objectives": [
            {
                "objective": objective.code,
                "title": objective.title,
                "axes": [_axis(code, title, actions) for code, title in objective.axes.items()],
            }
            for objective in programme.objectives
        ],
        "financing": [_year(each) for each in by_year],
        "undated_cost": cost_by_year(actions).get(0, 0),
        "funders": [_funder(grammar, each) for each in by_funder],
        "findings": [_finding(each) for each in plan_findings(grammar, programme.objectives, plan)],
    }


def _commitments(
    grammar: PlanGrammar, commitments: Sequence[CommitmentFact], received: set[tuple[str, str]]
) -> list[dict[str, Any]]:
    found = []
    for nature in grammar.natures.values():
        own = [each for each in commitments if each.nature == nature.code]
        found.append(
            {
                "nature": nature.code,
                "title": nature.title,
                "piece": f"{nature.requirement}/{nature.part}",
                "received": (nature.requirement, nature.part) in received,
                "count": len(own),
                "amount": sum(each.amount for each in own),
                "rows": [_commitment(grammar, each) for each in own],
            }
        )
    return found


def _commitment(grammar: PlanGrammar, fact: CommitmentFact) -> dict[str, Any]:
    known = grammar.partner(fact.partner)
    return {
        "partner": fact.partner,
        "kind": known.code if known else None,
        "funder": known.funder.value if known and known.funder else None,
        "year": fact.year or None,
        "label": fact.label,
        "quantity": fact.quantity,
        "amount": fact.amount,
    }


def _axis(code: str, title: str, actions: Sequence[ActionFact]) -> dict[str, Any]:
    own = [each for each in actions if each.axis == code]
    return {
        "axis": code,
        "title": title,
        "cost": sum(each.cost for each in own),
        "actions": [
            {
                "title": each.title,
                "carrier": each.carrier,
                "first_year": each.first_year or None,
                "last_year": (each.last_year or each.first_year) or None,
                "cost": each.cost,
                "new": each.is_new,
                "several_schools": each.several_schools,
                "outside_partner": each.outside_partner,
            }
            for each in own
        ],
    }


def _year(each: YearOfPlan) -> dict[str, int]:
    return {
        "year": each.year,
        "cost": each.cost,
        "cash": each.money.cash,
        "in_kind": each.money.in_kind,
        "common_law": each.money.common_law,
        "difference": each.difference,
    }


def _funder(grammar: PlanGrammar, each: FunderOfPlan) -> dict[str, Any]:
    titles = {kind.funder: kind.title for kind in grammar.partners if kind.funder}
    return {
        "funder": each.funder.value,
        "title": titles.get(each.funder, each.funder.value),
        "kind": each.kind.value,
        "committed": {str(year) if year else "all": cents for year, cents in each.committed.items()},
        "planned": {str(year): cents for year, cents in each.planned.items()},
        "difference": each.difference,
    }


def _finding(finding: PlanFinding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "subject": finding.subject,
        "amount": finding.amount,
        "text": finding.text,
    }
