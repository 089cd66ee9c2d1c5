"""Which letters are posted whole, to whom, and once each? Digests, alarms, incidents: what no obligation makes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.queries import Directory
from models.rules.dossier import Dossier
from models.tables import Campaign, Run
from models.watch_queries import Person
from models.words import Role
from notifications.outbox import post
from tasks.settings import settings


@dataclass(frozen=True, kw_only=True)
class ToPost:
    """A letter to be posted whole: to whom, on which clock, and the places whose holidays it waits for."""

    key: str
    letter: str
    facts: Mapping[str, Any]
    person: Person
    zone: str
    departements: tuple[str, ...]


def readers_of(
    directory: Directory, people: Mapping[int, Person], dossiers: Iterable[Dossier], roles: Sequence[Role]
) -> list[tuple[Person, str]]:
    """Who holds one of these roles for one of these territories, with their clocks; each address once."""
    found: dict[str, tuple[Person, str]] = {}
    for dossier in dossiers:
        for recipient in directory.recipients(dossier):
            if recipient.role in roles:
                person = people[recipient.contact]
                found.setdefault(person.key, (person, recipient.zone))
    return list(found.values())


def letters_to(
    readers: Iterable[tuple[Person, str]],
    letter: str,
    facts: Mapping[str, Any],
    *,
    occasion: str,
    departements: tuple[str, ...],
) -> list[ToPost]:
    """The same letter for each reader; `occasion` is what makes it another one than the last."""
    return [
        ToPost(
            key=f"{letter}:{occasion}:{person.key}",
            letter=letter,
            facts=facts,
            person=person,
            zone=zone,
            departements=departements,
        )
        for person, zone in readers
    ]


def post_all(session: Session, campaign: Campaign, letters: Sequence[ToPost], *, deadline: str, at: datetime) -> int:
    """Post these letters under one run that goes by the name `deadline`; gives how many were new."""
    assert campaign.id is not None
    run = Run(campaign_id=campaign.id, deadline=deadline, at=at, started_at=at, finished_at=at)
    session.add(run)
    session.flush()
    assert run.id is not None
    new = 0
    for each in letters:
        new += post(
            session, key=each.key, run_id=run.id, campaign=campaign, letter=each.letter, facts=each.facts,
            address=each.person.address, name=each.person.name, roles=[each.person.role.value], zone=each.zone,
            departements=each.departements, at=at, mail_from=settings().mail_from,
        )  # fmt: skip
    run.figures = {"letters": new}
    session.add(run)
    return new
