"""What lies before the ministers of a campaign's candidatures, at an instant?"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from models.queries import KnownDossier, campaign_by_code, known_dossiers
from models.review_queries import opinions_of, readings_of
from models.rules.dossier import DecisionFact
from models.rules.programme import Programme
from models.rules.sitting import OPINION_WORDS, OpinionFact, Reading, Sitting, Visa, sitting
from models.territory_queries import NoSuchTerritory
from models.words import Verdict
from tasks.database import reading

VERDICTS = {Verdict.LABELLED: "labellisé", Verdict.REFUSED: "refusé", Verdict.DEFERRED: "ajourné"}
VISA_WORDS = {"recue": "reçu", "absente": "manquant", "refusee": "refusé", "retiree": "retiré"}


def review(campaign: str, at: datetime, territory: str | None = None, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites review`, as docs/interface.md describes it: words beside words, no total. Writes nothing.

    Raises NoSuchCampaign, NoSuchTerritory.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        known = known_dossiers(session, row.id)
        readings, opinions = readings_of(session, row.id), opinions_of(session, row.id)
    concerned = chosen(known, campaign, territory)
    return {
        "campaign": campaign,
        "title": programme.title,
        "at": at.isoformat(),
        "territories": [
            _territory(programme, each, readings, opinions, at) for each in _by_region(programme, concerned)
        ],
    }


def chosen(known: Sequence[KnownDossier], campaign: str, territory: str | None) -> list[KnownDossier]:
    """The dossier of the territory that is asked for, or all of them. Raises NoSuchTerritory."""
    found = [each for each in known if territory is None or each.dossier.code.casefold() == territory.casefold()]
    if territory is not None and not found:
        raise NoSuchTerritory(campaign, territory)
    return found


def _by_region(programme: Programme, known: Iterable[KnownDossier]) -> list[KnownDossier]:
    return sorted(known, key=lambda each: (programme.calendar.region_name(each.dossier.region), each.dossier.code))


def _territory(
    programme: Programme, known: KnownDossier, readings: dict[str, list[Reading]],
    opinions: dict[str, list[OpinionFact]], at: datetime,
) -> dict[str, Any]:  # fmt: skip
    dossier = known.dossier
    seen = sitting(programme, dossier, readings.get(dossier.code, ()), opinions.get(dossier.code, ()), at)
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "departement": dossier.departement,
        "departement_name": programme.calendar.departement_name(dossier.departement),
        "region": dossier.region,
        "region_name": programme.calendar.region_name(dossier.region),
        "state": seen.state,
        "state_title": seen.state_title,
        "visas": [_visa(programme, each) for each in seen.visas],
        "opinions": [_opinion(programme, instance, fact) for instance, fact in seen.opinions],
        "criteria": [_criterion(programme, code, words) for code, words in seen.grid],
        "missing": [{"kind": each.kind, "code": each.code, "text": each.text} for each in seen.missing],
        "decision": _decision(seen),
    }


def _visa(programme: Programme, visa: Visa) -> dict[str, Any]:
    return {
        "visa": visa.part, "title": visa.title, "owner": visa.owner.value, "owner_title": programme.roles[visa.owner],
        "status": visa.status, "words": VISA_WORDS[visa.status], "on": visa.on.isoformat() if visa.on else None,
        "motive": visa.motive,
    }  # fmt: skip


def _opinion(programme: Programme, instance: str, fact: OpinionFact | None) -> dict[str, Any]:
    return {
        "instance": instance,
        "title": programme.grid.instances[instance].title,
        "opinion": fact.opinion.value if fact else None,
        "words": OPINION_WORDS[fact.opinion] if fact else "manquant",
        "day": fact.day.isoformat() if fact else None,
        "author": fact.author if fact else "",
        "grounds": fact.grounds if fact else "",
    }


def _criterion(programme: Programme, code: str, readings: Iterable[Reading]) -> dict[str, Any]:
    criterion = programme.grid.criteria[code]
    return {
        "criterion": code,
        "title": criterion.title,
        "cite": criterion.citation.words(),
        "readings": [
            {
                "author": each.author, "day": each.day.isoformat(), "appreciation": each.appreciation,
                "words": programme.grid.appreciations.get(each.appreciation, each.appreciation),
                "remarks": each.remarks,
            }
            for each in readings
        ],
    }  # fmt: skip


def _decision(seen: Sitting) -> dict[str, Any] | None:
    taken: DecisionFact | None = seen.decision
    if taken is None:
        return None
    return {
        "verdict": taken.verdict.value, "words": VERDICTS[taken.verdict], "day": taken.day.isoformat(),
        "authority": taken.authority, "grounds": taken.grounds,
    }  # fmt: skip
