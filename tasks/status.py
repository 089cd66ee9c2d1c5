"""Where does each territory stand at an instant, and what comes next?"""

from datetime import datetime
from typing import Any

from models.notice_queries import recorded_notices
from models.queries import KnownDossier, campaign_by_code, known_dossiers
from models.rules.calendar import local
from models.rules.completeness import Finding, findings, is_satisfied
from models.rules.dossier import (
    Terms,
    candidature_is_decided,
    following_convention,
    has_withdrawn,
    signed_conventions,
    terms,
)
from models.rules.lifecycle import state
from models.rules.notices import Key
from models.rules.programme import Programme
from models.rules.schedule import schedule
from tasks.database import reading


def status(campaign: str, at: datetime, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites status`, as docs/interface.md describes it. Writes nothing."""
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        told = recorded_notices(session, row.id).told
        return {
            "campaign": campaign,
            "at": at.isoformat(),
            "territories": [standing(programme, known, told, at) for known in known_dossiers(session, row.id)],
        }


def standing(programme: Programme, known: KnownDossier, told: dict[int, set[Key]], at: datetime) -> dict[str, Any]:
    """Where one territory stands at `at`: its row of `cites status`; `told`: the keys of what left, by obligation."""
    dossier = known.dossier
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    obligations = [
        _obligation(programme, known, name, present, told.get(known.obligations.get(name, 0), set()), at)
        for name in programme.obligation_names()
        for present in terms(programme, dossier, name, day)
    ]
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "state": state(programme, dossier, at).value,
        "departement": dossier.departement,
        "region": dossier.region,
        "obligations": obligations,
    }


def _obligation(
    programme: Programme, known: KnownDossier, name: str, present: Terms, keys: set[Key], at: datetime
) -> dict[str, Any]:
    dossier = known.dossier
    zone = programme.calendar.zone(dossier.departement)
    day = local(at, zone).date()
    lacking = findings(programme, dossier, name, at)
    satisfied = _satisfied(programme, known, name, present, lacking, at)
    sent = [int(key.step) for key in keys if key.due == present.due and not key.occasion]
    upcoming = None
    closed = has_withdrawn(dossier, day) or (name == "candidature" and candidature_is_decided(dossier, day))
    awaited = present.armed_on is not None and not satisfied and not closed
    if present.armed_on is not None and awaited:
        steps = schedule(programme, programme.deadline_of(name), present.due, dossier.departement)
        to_come = [
            (effective, step.offset)
            for effective, step in steps
            if effective >= present.armed_on
            and (effective > day or (effective == day and local(at, zone).hour < programme.hour))
        ]
        upcoming = min(to_come, default=None)
    return {
        "deadline": name,
        "due": present.due.isoformat(),
        "armed": present.armed_on.isoformat() if present.armed_on else None,
        "awaited": awaited,
        "late": awaited and day > present.due,
        "satisfied": satisfied,
        "findings": [_finding(each) for each in lacking],
        "last_step": max(sent, default=None),
        "next_step": upcoming[1] if upcoming else None,
        "next_date": upcoming[0].isoformat() if upcoming else None,
    }


def _satisfied(
    programme: Programme, known: KnownDossier, name: str, present: Terms, lacking: list[Finding], at: datetime
) -> bool:
    if programme.deadline_of(name).armed_by != "signature":
        return is_satisfied(lacking)
    day = local(at, programme.calendar.zone(known.dossier.departement)).date()
    return any(
        following_convention(known.dossier, convention, day) is not None
        for convention in signed_conventions(known.dossier, day)
        if convention.last_day == present.due
    )


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "requirement": finding.requirement,
        "part": finding.part,
        "owner": finding.owner.value,
        "reason": finding.reason,
        "motive": finding.motive,
        "level": "required" if finding.required else "recommended",
    }
