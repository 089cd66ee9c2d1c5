"""What is there to see to in the conventions of a campaign, at an instant?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from models.fund_queries import paid_by_year
from models.queries import campaign_by_code, known_dossiers
from models.rules.calendar import local
from models.rules.conventions import ConventionFinding, Seen, convention_findings, conventions_seen
from models.rules.dossier import Dossier
from models.rules.programme import Programme
from tasks.database import reading


def conventions(campaign: str, at: datetime, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites conventions`: each territory that has a convention or something to see to. Writes nothing.

    `{"campaign","at","territories":[{"territory","name","conventions":[…],"findings":[…]}],"counts":{code: number}}`,
    days as ISO dates, amounts in cents.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        paid = paid_by_year(session, row.id, sorted(programme.funding.taken_from_grant))
        dossiers = [known.dossier for known in known_dossiers(session, row.id)]
    every = [_territory(programme, dossier, at, paid.get(dossier.code, {})) for dossier in dossiers]
    listed = [each for each in every if each["conventions"] or each["findings"]]
    counts = Counter(finding["code"] for each in listed for finding in each["findings"])
    return {"campaign": campaign, "at": at.isoformat(), "territories": listed, "counts": dict(sorted(counts.items()))}


def finding_rows(found: Mapping[str, Any]) -> list[Sequence[str]]:
    """What `conventions` gives as rows to read: territory, what is seen, in words."""
    return [
        (each["name"], finding["title"], finding["text"])
        for each in found["territories"]
        for finding in each["findings"]
    ]


def _territory(programme: Programme, dossier: Dossier, at: datetime, paid: Mapping[int, int]) -> dict[str, Any]:
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "conventions": [_convention(each) for each in conventions_seen(dossier, day)],
        "findings": [_finding(each) for each in convention_findings(programme, dossier, day, paid)],
    }


def _convention(seen: Seen) -> dict[str, Any]:
    return {
        "first_day": seen.fact.first_day.isoformat(),
        "last_day": seen.fact.last_day.isoformat(),
        "signed_on": _iso(seen.fact.signed_on),
        "signed": seen.signed,
        "city_contract_end": _iso(seen.fact.city_contract_end),
        "days_past_city_contract": seen.days_past_city_contract,
        "followed_by": _iso(seen.followed_by.first_day if seen.followed_by else None),
    }


def _finding(finding: ConventionFinding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "convention": _iso(finding.first_day),
        "days": finding.days,
        "amount": finding.amount,
        "text": finding.text,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
