"""How does a campaign's co-financing go over the years of its conventions?"""

from collections.abc import Mapping
from typing import Any

from models.balance_queries import lines_of, places_of
from models.fund_queries import funding_years, names_of
from models.queries import campaign_by_code
from models.rules import balance as rules
from models.rules.balance import STAGES, euros
from models.rules.programme import Programme
from tasks.database import reading

LEVELS = {"territories": "territory", "departements": "departement", "regions": "region"}
SIDE = (
    "state", "local", "other", "gap", "local_share", "leverage", "fund_city", "fund_education", "in_kind", "common_law",
)  # fmt: skip
ALL_YEARS = "all"
IN_WORDS = {"planned": "prévu", "notified": "notifié", "paid": "versé"}


def cofinancing(campaign: str, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites cofinancing`: years × stages side by side at each level. Writes nothing.

    `{"campaign","title","years":[2021,…],"territories":[{"territory","name","years":{"2021":{"planned":SIDE,…},…,
    "all":{…}}}…],"departements":[…],"regions":[…],"nation":{"name","years":{…}}}`; a SIDE has the amounts (cents) and
    shares of `cites balance`, with `words` that say the gap. "all" adds the years up.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        years = _years(programme, funding_years(session, row.id))
        places, names = places_of(session, row.id), names_of(session, row.id)
        lines = {str(year): lines_of(session, row.id, year) for year in years}
    lines[ALL_YEARS] = [line for year in lines.values() for line in year]
    calendar = programme.calendar
    balances = {
        year: {stage: rules.balance(programme.funding, places, lines[year], {}, stage) for stage in STAGES}
        for year in lines
    }
    titles = {
        "territories": names,
        "departements": {place.departement: calendar.departement_name(place.departement) for place in places},
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
                year: {stage: _side(stages[stage]["nation"]) for stage in STAGES} for year, stages in balances.items()
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
                each["years"].setdefault(year, {})[stage] = _side(row)
    return list(found.values())


def _side(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in SIDE}, "words": gap_in_words(row)}
