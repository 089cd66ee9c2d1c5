"""How balanced is a campaign's co-financing, one year, at one stage?"""

from typing import Any

from models.balance_queries import envelopes_of, lines_read, places_of
from models.queries import campaign_by_code
from models.rules import balance as rules
from models.territory_queries import names_of
from tasks.database import reading


def balance(campaign: str, year: int, stage: str = "planned", url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites balance`: amounts in cents, shares rounded to three decimals or null. Writes nothing."""
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        return {
            "campaign": campaign,
            "year": year,
            "stage": stage,
            **rules.balance(
                programme.funding,
                places_of(session, row.id),
                lines_read(session, row.id, year),
                envelopes_of(session, row.id, year),
                stage,
            ),
        }


def place_names(campaign: str, url: str | None = None) -> dict[str, dict[str, str]]:
    """How the places of a campaign are called, by code: {"territories", "departements", "regions"}."""
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        places, calendar = places_of(session, row.id), programme.calendar
        return {
            "territories": names_of(session, row.id),
            "departements": {each.departement: calendar.departement_name(each.departement) for each in places},
            "regions": {each.region: calendar.region_name(each.region) for each in places},
        }
