"""Who holds the mandates of a campaign's cités at an instant, and what is there to see to?"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from models.queries import Directory, KnownDossier, campaign_by_code, known_dossiers
from models.review_queries import mandates_of
from models.rules.calendar import local
from models.rules.mandates import MandateFact, Person, are_asked, mandate_findings
from models.rules.programme import Programme
from models.words import Role
from tasks.database import reading


def governance(campaign: str, at: datetime, url: str | None = None) -> dict[str, Any]:
    """The JSON of `cites governance`: each territory that has a mandate or must have one. Writes nothing.

    `{"campaign","at","territories":[{"territory","name","asked","mandates":[…],"findings":[…]}],"counts":{code:
    number}}`, days as ISO dates. Raises NoSuchCampaign.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        mandates = mandates_of(session, row.id)
        directory = Directory(session, row.id, programme)
        every = [
            _territory(programme, directory, each, mandates.get(each.dossier.code, ()), at)
            for each in known_dossiers(session, row.id)
        ]
    listed = [each for each in every if each["asked"] or each["mandates"]]
    counts = Counter(finding["code"] for each in listed for finding in each["findings"])
    return {"campaign": campaign, "at": at.isoformat(), "territories": listed, "counts": dict(sorted(counts.items()))}


def _territory(
    programme: Programme, directory: Directory, known: KnownDossier, mandates: Sequence[MandateFact], at: datetime
) -> dict[str, Any]:
    dossier = known.dossier
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    found = mandate_findings(programme, dossier, mandates, _people(directory, known), day)
    return {
        "territory": dossier.code,
        "name": dossier.name,
        "asked": are_asked(programme, dossier, day),
        "mandates": [_mandate(programme, each, day) for each in _in_order(programme, mandates)],
        "findings": [
            {"code": each.code, "title": each.title, "mandate": each.mandate,
             "mandate_title": programme.governance.kinds[each.mandate].title, "holders": list(each.holders),
             "text": each.text}
            for each in found
        ],
    }  # fmt: skip


def _people(directory: Directory, known: KnownDossier) -> Mapping[Role, Sequence[Person]]:
    people: dict[Role, list[Person]] = defaultdict(list)
    for recipient in directory.recipients(known.dossier):
        reader = directory.readers[recipient.contact]
        people[recipient.role].append(Person(name=reader.name, email=reader.email))
    return people


def _in_order(programme: Programme, mandates: Sequence[MandateFact]) -> list[MandateFact]:
    kinds = list(programme.governance.kinds)
    known = [each for each in mandates if each.mandate in kinds]
    return sorted(known, key=lambda each: (kinds.index(each.mandate), each.first_day, each.holder))


def _mandate(programme: Programme, mandate: MandateFact, day: date) -> dict[str, Any]:
    titles = programme.governance.institution_titles()
    return {
        "mandate": mandate.mandate,
        "title": programme.governance.kinds[mandate.mandate].title,
        "holder": mandate.holder,
        "first_day": mandate.first_day.isoformat(),
        "last_day": mandate.last_day.isoformat() if mandate.last_day else None,
        "stands": mandate.stands_on(day),
        "given_by": list(mandate.given_by),
        "given_by_titles": [titles.get(each, each) for each in mandate.given_by],
        "reference": mandate.reference,
    }
