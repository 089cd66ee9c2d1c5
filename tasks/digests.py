"""Is it time to tell the régions and the coordination where things stand, and was it told already?

A digest is posted once an occasion: whoever asks again finds it posted. Nothing of it has an effect on reminders.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.queries import Directory, campaign_by_code, known_dossiers
from models.rules.calendar import local
from models.rules.digests import is_spoken_of, load_digests
from models.rules.dossier import Dossier
from models.tables import Campaign, Run
from models.watch_queries import Person, people_of, posted_already
from models.words import Role
from notifications.outbox import post
from tasks.database import reading, transaction
from tasks.digest_facts import Country
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


@task(task_run_name="synthèses · {campaign}", cache_policy=NO_CACHE)
def post_digests(campaign: str, at: datetime) -> dict[str, int]:
    """Post the digests whose occasion has come at `at` and that were not posted yet; gives {"digests": how many}.

    There are none of a campaign that has not begun or is over, nor for an occasion before it was opened here.
    """
    with reading() as session:
        letters = list(_due(session, campaign, at))
    if not letters:
        return {"digests": 0}
    with transaction() as session:
        row, _ = campaign_by_code(session, campaign)
        return {"digests": post_all(session, row, letters, deadline="digest", at=at)}


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


def _due(session: Session, code: str, at: datetime) -> Iterator[ToPost]:
    campaign, programme = campaign_by_code(session, code)
    assert campaign.id is not None
    said = load_digests(programme.edition)
    zone = programme.calendar.national_zone
    periods = {digest.letter: digest.period(local(at, zone).date()) for digest in (said.regional, said.weekly)}
    asked = {
        letter
        for letter, period in periods.items()
        if local(campaign.opened_at, zone).date() <= period.occasion
        and not posted_already(session, f"{letter}:{code}:{period.occasion}:")
    }
    dossiers = known_dossiers(session, campaign.id) if asked else []
    if not dossiers or not is_spoken_of(programme, [each.dossier for each in dossiers], local(at, zone).date()):
        return
    country, people = Country(session, campaign, programme, dossiers, at), people_of(session, campaign.id)
    if said.weekly.letter in asked:
        period = periods[said.weekly.letter]
        facts = country.national(said.weekly, period)
        for person, clock in readers_of(country.directory, people, country.dossiers, said.weekly.to):
            yield ToPost(
                key=f"{said.weekly.letter}:{code}:{period.occasion}:{person.key}",
                letter=said.weekly.letter,
                facts=facts,
                person=person,
                zone=clock,
                departements=(said.seat,),
            )
    if said.regional.letter in asked:
        period = periods[said.regional.letter]
        for region in sorted({dossier.region for dossier in country.dossiers}):
            theirs = [dossier for dossier in country.dossiers if dossier.region == region]
            facts = country.regional(region, said.regional, period)
            for person, clock in readers_of(country.directory, people, theirs, said.regional.to) if facts else ():
                yield ToPost(
                    key=f"{said.regional.letter}:{code}:{period.occasion}:{region}:{person.key}",
                    letter=said.regional.letter,
                    facts=facts,
                    person=person,
                    zone=clock,
                    departements=tuple(sorted({dossier.departement for dossier in theirs})),
                )
