"""How does a campaign's co-financing go over the years of its conventions?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from models.balance_queries import envelopes_of, lines_of, places_of
from models.fund_queries import funding_years
from models.queries import campaign_by_code
from models.rules import balance as rules
from models.rules.amounts import euros
from models.rules.balance import STAGES
from models.rules.programme import Programme
from models.territory_queries import names_of
from tasks.database import reading

LEVELS = {"territories": "territory", "departements": "departement", "regions": "region"}
SIDE = (
    "state", "local", "other", "gap", "local_share", "leverage", "fund_city", "fund_education", "in_kind", "common_law",
)  # fmt: skip
ENVELOPE = ("envelope", "envelope_left")
ALL_YEARS = "all"
IN_WORDS = {"planned": "prévu", "notified": "notifié", "paid": "versé"}


def cofinancing(campaign: str, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites cofinancing`: years × stages side by side at each level. Writes nothing.

    `{"campaign","title","years":[2021,…],"territories":[{"territory","name","years":{"2021":{"planned":SIDE,…},…,
    "all":{…}}}…],"departements":[…],"regions":[…],"nation":{"name","years":{…}}}`; a SIDE has the amounts (cents),
    shares and findings of `cites balance`, with `words` that say the gap; a département's also `envelope` and
    `envelope_left`. "all" adds the years up, and has no findings: they are a year's.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        years = _years(programme, funding_years(session, row.id))
        places, names = places_of(session, row.id), names_of(session, row.id)
        lines = {str(year): lines_of(session, row.id, year) for year in years}
        envelopes = {str(year): envelopes_of(session, row.id, year) for year in years}
    lines[ALL_YEARS] = [line for year in lines.values() for line in year]
    envelopes[ALL_YEARS] = _added_up(envelopes.values())
    calendar = programme.calendar
    balances = {
        year: {stage: rules.balance(programme.funding, places, lines[year], envelopes[year], stage) for stage in STAGES}
        for year in lines
    }
    titles = {
        "territories": names,
        "departements": {
            code: calendar.departement_name(code)
            for code in (*(place.departement for place in places), *envelopes[ALL_YEARS])
        },
        "regions": {place.region: calendar.region_name(place.region) for place in places},
    }
    return {
        "campaign": campaign,
        "title": programme.title,
        "years": years,
        **{level: _side_by_side(balances, level, key, titles[level]) for level, key in LEVELS.items()},
        "nation": {
            "name": "Ensemble",
            "years": {
                year: {stage: _side(found["nation"], year) for stage, found in stages.items()}
                for year, stages in balances.items()
            },
        },
    }


def gap_in_words(side: Mapping[str, Any]) -> str:
    """« l’État apporte 105 000 € de plus que les collectivités »: who brings more, and how much more."""
    if not side["state"] and not side["local"]:
        return "ni l’État ni les collectivités n’apportent rien"
    if not side["gap"]:
        return "l’État et les collectivités apportent autant"
    if side["gap"] > 0:
        return f"l’État apporte {euros(side['gap'])} de plus que les collectivités"
    return f"les collectivités apportent {euros(-side['gap'])} de plus que l’État"


def _years(programme: Programme, with_lines: list[int]) -> list[int]:
    """The convention's years, and any other for which there is money."""
    own = range(programme.convention[0].year, programme.convention[1].year + 1) if programme.convention else ()
    return sorted({*own, *with_lines})


def _side_by_side(
    balances: Mapping[str, Mapping[str, Mapping[str, Any]]], level: str, key: str, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for year, stages in balances.items():
        for stage, balance in stages.items():
            for row in balance[level]:
                each = found.setdefault(row[key], {key: row[key], "name": names.get(row[key], row[key]), "years": {}})
                each["years"].setdefault(year, {})[stage] = _side(row, year)
    return list(found.values())


def _added_up(years: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for envelopes in years:
        total.update(envelopes)
    return dict(total)


def _side(row: Mapping[str, Any], year: str) -> dict[str, Any]:
    return {
        **{name: row[name] for name in (*SIDE, *(name for name in ENVELOPE if name in row))},
        "words": gap_in_words(row),
        "findings": [] if year == ALL_YEARS else row["findings"],
    }
