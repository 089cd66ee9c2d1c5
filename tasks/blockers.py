"""Who blocks in a campaign at an instant: which persons have not signed or delivered, since when were they asked?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models.queries import Directory, KnownDossier, campaign_by_code, known_dossiers
from models.review_queries import Asked, letters_that_asked, mandates_of
from models.rules.blockers import Blocker, blockers
from models.rules.calendar import local
from models.rules.completeness import Finding
from models.rules.mandates import MandateFact, holders_for
from models.rules.programme import Programme
from tasks.database import reading
from tasks.review import chosen

REASONS = {"absente": "", "refusee": "refusé", "retiree": "retiré"}


def who_blocks(
    campaign: str, at: datetime, territory: str | None = None, *, to_come: bool = False, url: str | None = None
) -> dict[str, Any]:
    """The JSON of `cites blockers`, the most urgent first; `to_come` adds what no step has asked for yet.

    Holds addresses: it is for a terminal, not for a report. Raises NoSuchCampaign, NoSuchTerritory. Writes nothing.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        mandates = mandates_of(session, row.id)
        directory = Directory(session, row.id, programme)
        asked = letters_that_asked(session, row.id, at)
        found = [
            _blocker(programme, directory, each, mandates.get(each.dossier.code, ()), asked, blocker, at)
            for each in chosen(known_dossiers(session, row.id), campaign, territory)
            for blocker in blockers(programme, each.dossier, at)
            if to_come or not blocker.to_come
        ]
    return {
        "campaign": campaign,
        "at": at.isoformat(),
        "blockers": sorted(found, key=lambda each: (each["due"], each["territory"], each["deadline"], each["role"])),
    }


def without_persons(found: Mapping[str, Any]) -> dict[str, Any]:
    """What `who_blocks` gives, for a report: whether somebody can be written to, the mandates' titles, no name."""
    kept = [
        {name: value for name, value in each.items() if name not in ("persons", "holders")}
        | {"reachable": bool(each["persons"]), "mandates": [holder["title"] for holder in each["holders"]]}
        for each in found["blockers"]
    ]
    return {**found, "blockers": kept}


def _blocker(
    programme: Programme, directory: Directory, known: KnownDossier, mandates: Sequence[MandateFact],
    asked: Mapping[tuple[int, int], Asked], blocker: Blocker, at: datetime,
) -> dict[str, Any]:  # fmt: skip
    dossier = known.dossier
    zone = programme.calendar.zone(dossier.departement)
    day = local(at, zone).date()
    contacts = [each.contact for each in directory.recipients(dossier) if each.role is blocker.role]
    obligation = known.obligations.get(blocker.obligation, 0)
    letters = [asked[obligation, contact] for contact in contacts if (obligation, contact) in asked]
    last = max(letters, key=lambda each: each.last, default=None)
    first = min((each.first for each in letters), default=None)
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "deadline": blocker.obligation,
        "title": programme.title_of(blocker.obligation),
        "due": blocker.due.isoformat(),
        "days_left": blocker.days_left,
        "role": blocker.role.value,
        "role_title": programme.roles[blocker.role],
        "persons": [
            {"name": directory.readers[contact].name, "address": directory.readers[contact].email}
            for contact in contacts
        ],
        "holders": [
            {"mandate": each.mandate, "title": programme.governance.kinds[each.mandate].title, "name": each.holder}
            for each in holders_for(programme.governance, mandates, blocker.role, day)
        ],
        "owes": [each.name for each in blocker.missing],
        "owes_titles": _titles(programme, blocker.missing),
        "known_since": blocker.known_since.isoformat(),
        "asked_since": local(first, zone).date().isoformat() if first else None,
        "last_reminder": {"day": local(last.last, zone).date().isoformat(), "step": last.step} if last else None,
        "to_come": blocker.to_come,
    }


def _titles(programme: Programme, missing: Sequence[Finding]) -> list[str]:
    """A text for each requirement: « Indicateurs : indicateurs de moyens, indicateurs de résultats »."""
    found: dict[str, list[str]] = {}
    for each in missing:
        requirement = programme.requirement(each.requirement)
        assert requirement is not None
        part = next(part for part in requirement.parts if part.code == each.part)
        became = f" ({REASONS[each.reason]})" if REASONS[each.reason] else ""
        words = f"{part.title}{became}" if len(requirement.parts) > 1 else became.strip()
        found.setdefault(requirement.title, []).append(words)
    return [f"{title} : {', '.join(parts)}" if any(parts) else title for title, parts in found.items()]
