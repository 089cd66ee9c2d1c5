"""Where does each dossier stand at an instant, worked out the slow way?

From semantics §5 alone: one dossier after another, the table of states is read from the top and the first line that
applies is the answer. Nothing is shared with the engine; the tables are read by `plan_by_hand`.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .plan_by_hand import (
    Campaign,
    Territory,
    following_signature,
    has_withdrawn,
    is_decided,
    last_decision,
    missing_parts,
    present_due,
    read_campaign,
    read_territories,
    watched_conventions,
    zone_of_departement,
)

A_YEAR = timedelta(days=365)


class Dossiers:
    """A campaign's file and tables, read once."""

    def __init__(self, campaign_yaml: Path, tables: Path) -> None:
        self.campaign = read_campaign(campaign_yaml)
        self.territories = {territory.code: territory for territory in read_territories(tables)}

    def state_of(self, code: str, at: datetime) -> str:
        return state(self.campaign, self.territories[code], at)

    def all_at(self, at: datetime) -> dict[str, dict[str, Any]]:
        """By territory: `{"state", "obligations": {(name, due): (satisfied, [missing requirement/part …])}}`."""
        return {
            code: {"state": self.state_of(code, at), "obligations": obligations(self.campaign, territory, at)}
            for code, territory in self.territories.items()
        }


def state(campaign: Campaign, territory: Territory, at: datetime) -> str:
    today = at.astimezone(ZoneInfo(zone_of_departement(territory.departement))).date()
    if has_withdrawn(territory, today):
        eve = min(day for day in territory.withdrawals if day <= today) - timedelta(days=1)
        before = last_decision(territory, eve)
        if before is None or before.word != "labellise":
            return "withdrawn"
    decision = last_decision(territory, today)
    if decision is not None and decision.word == "labellise":
        return state_of_a_labelled(territory, today, at)
    if decision is not None and is_decided(territory, today):
        return {"refuse": "refused", "ajourne": "deferred"}[decision.word]
    if not missing_parts(territory, "candidature", at):
        due, _, _ = present_due(campaign, territory, "candidature", campaign.opens, today)
        return "under_review" if today > due else "transmitted"
    if any(piece.instant <= at for piece in territory.pieces):
        return "in_preparation"
    return "invited" if campaign.opens <= today else "preselected"


def state_of_a_labelled(territory: Territory, today: date, at: datetime) -> str:
    signed = [convention for convention in territory.conventions if convention.signed <= today]
    for one in signed:
        for other in signed:
            if one.first_day > other.last_day:
                return "renewed"
    if signed:
        end = max(convention.last_day for convention in signed)
        if end < today:
            return "ended"
        if end - today <= A_YEAR:
            return "closing"
        if any(convention.first_day <= today for convention in signed):
            return "running"
    if not missing_parts(territory, "convention", at):
        return "convention_signed"
    return "labelled" if missing_parts(territory, "action_plan", at) else "action_plan_received"


def obligations(campaign: Campaign, territory: Territory, at: datetime) -> dict[tuple[str, str], Any]:
    """Every dated obligation, armed or not, then one `convention_end` for each last day of a signed convention."""
    today = at.astimezone(ZoneInfo(zone_of_departement(territory.departement))).date()
    found: dict[tuple[str, str], Any] = {}
    for name in campaign.deadlines:
        due, _, _ = present_due(campaign, territory, name, campaign.opens, today)
        missing = [f"{requirement}/{part}" for requirement, part, _ in missing_parts(territory, name, at)]
        found[name, due.isoformat()] = (not missing, missing)
    for convention in watched_conventions(territory, today):
        followed = following_signature(territory, convention, today) is not None
        found["convention_end", convention.last_day.isoformat()] = (followed, [])
    return found
