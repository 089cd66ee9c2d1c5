"""What do the territories of a campaign measure, and how far have they come, at an instant?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models.plan_queries import indicators_of, measures_of
from models.queries import campaign_by_code
from models.rules.calendar import local
from models.rules.dossier import Dossier
from models.rules.indicators import (
    IndicatorFact,
    IndicatorFinding,
    IndicatorGrammar,
    MeasureFact,
    Progress,
    exactly,
    indicator_findings,
    indicator_grammar,
    progress,
)
from models.rules.programme import Programme
from models.territory_queries import dossiers_asked
from tasks.action_plan import convention_years, is_cite
from tasks.database import reading


def indicators(
    campaign: str, at: datetime, territory: str | None = None, year: int | None = None, url: str | None = None
) -> dict[str, Any]:
    """The JSON of `cites indicators`, as docs/interface.md describes it. Writes nothing.

    With `year`, measures and missing measures up to it. The territories that are labelled at `at` and have not
    withdrawn, those that declare indicators, or the one that is asked for. Raises `NoSuchCampaign`, `NoSuchTerritory`.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        dossiers = dossiers_asked(session, row.id, campaign, territory)
        declared, measured = indicators_of(session, row.id), measures_of(session, row.id)
    grammar = indicator_grammar(programme.edition)
    listed = [
        _territory(
            programme, grammar, dossier, at, declared.get(dossier.code, []), measured.get(dossier.code, []), year
        )
        for dossier in dossiers
        if territory or dossier.code in declared or is_cite(programme, dossier, at)
    ]
    counts = Counter(finding["code"] for each in listed for finding in each["findings"])
    return {
        "campaign": campaign,
        "title": programme.title,
        "at": at.isoformat(),
        "year": year,
        "topics": dict(grammar.topics),
        "territories": listed,
        "counts": dict(sorted(counts.items())),
        "assumptions": list(grammar.assumptions),
    }


def _territory(
    programme: Programme, grammar: IndicatorGrammar, dossier: Dossier, at: datetime,
    declared: Sequence[IndicatorFact], measured: Sequence[MeasureFact], year: int | None,
) -> dict[str, Any]:  # fmt: skip
    present = local(at, programme.calendar.zone(dossier.departement)).year
    last = present - 1 if year is None else min(year, present - 1)
    past = [each for each in convention_years(programme, dossier) if each <= last]
    known = [each for each in measured if year is None or each.year <= year]
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "departement": dossier.departement,
        "region": dossier.region,
        "indicators": [_indicator(progress(each, known, year)) for each in declared],
        "findings": [_finding(each) for each in indicator_findings(grammar, declared, known, past)],
    }


def _indicator(seen: Progress) -> Mapping[str, Any]:
    fact = seen.indicator
    return {
        "indicator": fact.code,
        "title": fact.title,
        "kind": fact.kind.value,
        "topic": fact.topic,
        "unit": fact.unit,
        "source": fact.source,
        "baseline": exactly(fact.baseline),
        "baseline_year": fact.baseline_year or None,
        "target": exactly(fact.target),
        "target_year": fact.target_year or None,
        "measures": {str(year): exactly(value) for year, value in seen.measures.items()},
        "progress": seen.share,
        "reached": seen.reached,
    }


def _finding(finding: IndicatorFinding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "indicator": finding.indicator,
        "years": list(finding.years),
        "text": finding.text,
    }
