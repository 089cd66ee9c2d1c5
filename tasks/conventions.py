"""How do a campaign's conventions stand at an instant: who has signed, until when they run, what is there to see to?"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from models.fund_queries import paid_by_year
from models.queries import campaign_by_code
from models.rules.calendar import local
from models.rules.conventions import (
    ConventionFinding,
    PartSeen,
    Seen,
    convention_findings,
    conventions_seen,
    parts_seen,
)
from models.rules.dossier import Dossier, labelled_on
from models.rules.programme import Programme
from models.territory_queries import dossiers_asked
from tasks.database import reading


def conventions(campaign: str, at: datetime, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites conventions`: each territory that has a convention or something to see to. Writes nothing.

    `{"campaign","title","at","territories":[{"territory","name","labelled_on","conventions":[{"first_day","last_day",
    "signed_on","signed","city_contract_end","days_past_city_contract","follows","followed_by"}…],"parts":[{
    "requirement","part","title","owner","status","day","reason"}…],"findings":[{"code","title","convention","days",
    "amount","text"}…]}…],"counts":{code: number}}`: days as ISO dates, amounts in cents, `status` absente for a part
    that has not come.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        paid = paid_by_year(session, row.id, sorted(programme.funding.taken_from_grant))
        dossiers = dossiers_asked(session, row.id, campaign)
    every = [_territory(programme, dossier, at, paid.get(dossier.code, {})) for dossier in dossiers]
    listed = [each for each in every if each["conventions"] or each["findings"]]
    counts = Counter(finding["code"] for each in listed for finding in each["findings"])
    return {
        "campaign": campaign,
        "title": programme.title,
        "at": at.isoformat(),
        "territories": listed,
        "counts": dict(sorted(counts.items())),
    }


def _territory(programme: Programme, dossier: Dossier, at: datetime, paid: Mapping[int, int]) -> dict[str, Any]:
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "labelled_on": _iso(labelled_on(dossier, day)),
        "conventions": [_convention(each) for each in conventions_seen(dossier, day)],
        "parts": [_part(each) for each in parts_seen(programme, dossier, day)],
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
        "follows": _iso(seen.follows.first_day if seen.follows else None),
        "followed_by": _iso(seen.followed_by.first_day if seen.followed_by else None),
    }


def _part(part: PartSeen) -> dict[str, Any]:
    return {
        "requirement": part.requirement,
        "part": part.part,
        "title": part.title,
        "owner": part.owner.value,
        "status": part.status.value if part.status else "absente",
        "day": _iso(part.day),
        "reason": part.reason,
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
