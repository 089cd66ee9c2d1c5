"""What is still to be completed in each territory: which part, who owes it, why it is missing, until when?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from models.queries import Directory, KnownDossier, known_dossiers
from models.rules.calendar import local
from models.rules.completeness import Finding, findings, is_satisfied
from models.rules.dossier import candidature_is_decided, has_withdrawn, terms
from models.rules.programme import Programme
from models.words import Role

AT_ONCE = 200  # territories whose facts are in memory together
ABSENT = "absente"
LATE, REFUSED, MISSING, NOBODY, RECOMMENDED = "retard", "refusee", ABSENT, "destinataire", "recommandee"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lacking:
    """One part that a territory has not delivered (or one role that nobody holds there), as people read it."""

    territory: str
    name: str
    deadline: str
    piece: str
    part: str
    owner: str
    reason: str  # absente, refusée, retirée, aucun contact
    motive: str
    due: date
    days: int  # left; negative once the due date is over
    mark: str  # a name of `marks:` in workbook.yaml


def lacking(
    session: Session, campaign_id: int, programme: Programme, territories: Collection[int], at: datetime
) -> Iterator[Lacking]:
    """What is missing at `at` of the obligations that run, by territory, then by due date."""
    directory = Directory(session, campaign_id, programme)
    ids = list(territories)
    for start in range(0, len(ids), AT_ONCE):
        for known in known_dossiers(session, campaign_id, territories=ids[start : start + AT_ONCE]):
            yield from sorted(_of(programme, directory, known, at), key=lambda each: each.due)


def _of(programme: Programme, directory: Directory, known: KnownDossier, at: datetime) -> Iterator[Lacking]:
    dossier = known.dossier
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    if has_withdrawn(dossier, day):
        return
    held = {recipient.role for recipient in directory.recipients(dossier)}
    for obligation in programme.obligation_names():
        deadline = programme.deadline_of(obligation)
        if deadline.armed_by == "signature" or (obligation == "candidature" and candidature_is_decided(dossier, day)):
            continue  # the end of a convention asks for nothing to deliver
        found = findings(programme, dossier, obligation, at)
        year = obligation.partition(":")[2]
        for present in terms(programme, dossier, obligation, day):
            if present.armed_on is None or not found:
                continue
            days = (present.due - day).days

            def told(
                piece: str, part: str, owner: Role, reason: str, motive: str, mark: str,
                *, due: date = present.due, left: int = days, title: str = f"{deadline.title} {year}".strip(),
            ) -> Lacking:  # fmt: skip
                return Lacking(
                    territory=dossier.code, name=dossier.name, deadline=title, piece=piece, part=part,
                    owner=programme.roles[owner], reason=reason, motive=motive, due=due, days=left, mark=mark,
                )  # fmt: skip

            for each in found:
                piece, part = _titles(programme, each)
                yield told(piece, part, each.owner, REASONS[each.reason], each.motive, _mark(each, days))
            if not is_satisfied(found):
                for role in dict.fromkeys(each.owner for each in found if each.required and each.owner not in held):
                    yield told("Contact", "", role, "aucun contact", "ce rôle n’a pas d’adresse", NOBODY)


REASONS = {"absente": "absente", "refusee": "refusée", "retiree": "retirée"}


def _mark(finding: Finding, days: int) -> str:
    if not finding.required:
        return RECOMMENDED
    if days < 0:
        return LATE
    return MISSING if finding.reason == ABSENT else REFUSED


def _titles(programme: Programme, finding: Finding) -> tuple[str, str]:
    requirement = programme.requirement(finding.requirement)
    assert requirement is not None
    return requirement.title, next(part.title for part in requirement.parts if part.code == finding.part)
