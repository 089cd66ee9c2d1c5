"""Which calendar file does each reader subscribe to, and when is it written anew?

One file an address, with every obligation it can be written to about. Files carry no address; their names cannot be
worked out from one, since whoever knows a feed's name can read it: a name is the reader's role and perimeter, and a
few letters that only this installation's key gives.
"""

import hmac
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex
from unicodedata import combining, normalize

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.queries import Directory, KnownDossier, campaign_by_code, known_dossiers
from models.rules.calendar import local
from models.rules.completeness import findings, owners
from models.rules.dossier import Dossier
from models.rules.due_days import DueDay, Standing, due_days
from models.rules.programme import Programme
from models.tables import Campaign
from models.watch_queries import Person, last_change, people_of
from models.words import Role
from notifications.calendar_file import feed
from notifications.facts import Section
from notifications.reading import merged
from tasks.database import reading
from tasks.sections import agenda, items
from tasks.settings import settings

FOLDER, KEY, STAMP = "calendars", "calendars.key", ".stamp"


class NoSuchReader(Exception):
    """Nobody is written to at this address, or for this territory; says how to see who is."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One calendar file: whose it is, its name, its bytes."""

    address: str
    person: Person
    name: str
    content: bytes


@task(task_run_name="tenir les agendas", cache_policy=NO_CACHE)
def keep_calendars(campaign: str, at: datetime) -> int:
    """Write the feeds that have changed into the engine's home, and take away those of nobody; gives how many changed.

    When nothing that they show can have changed since the last time, nothing is worked out.
    """
    folder = settings().home / FOLDER / campaign
    with reading() as session:
        row, programme = campaign_by_code(session, campaign)
        stamp = _stamp(session, row, at)
        if (folder / STAMP).is_file() and (folder / STAMP).read_text(encoding="ascii") == stamp:
            return 0
        made = _feeds(session, row, programme, at)
    changed = write_feeds(made, folder)
    wanted = {each.name for each in made}
    for path in folder.glob("*.ics"):
        if path.name not in wanted:
            path.unlink()
    (folder / STAMP).write_text(stamp, encoding="ascii")
    return changed


def feeds(campaign: str, at: datetime, *, contact: str = "", territory: str = "", url: str | None = None) -> list[Feed]:
    """The feeds of a campaign, by name: everybody's, one address's, or those of the readers of one territory.

    Raises NoSuchCampaign, NoSuchReader.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        made = _feeds(session, row, programme, at, territory=territory)
    if contact:
        made = [each for each in made if each.person.key == contact.strip().casefold()]
    if not made and contact:
        raise NoSuchReader(
            f"campaign {campaign} has nothing to write to «{contact}» about: "
            f"`cites export --campaign {campaign}` lists its contacts"
        )
    if not made and territory:
        raise NoSuchReader(
            f"campaign {campaign} writes to nobody about «{territory}»: "
            f"`cites status --campaign {campaign}` lists its territories"
        )
    return made


def write_feeds(made: Iterable[Feed], folder: Path) -> int:
    """Write these feeds into a folder, each whole or not at all; gives how many were not there with these bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = 0
    for each in made:
        path = folder / each.name
        if path.is_file() and path.read_bytes() == each.content:
            continue
        part = path.with_suffix(".part")
        part.write_bytes(each.content)
        part.replace(path)  # a calendar that fetches it meanwhile reads the old one whole
        changed += 1
    return changed


def _feeds(
    session: Session, campaign: Campaign, programme: Programme, at: datetime, *, territory: str = ""
) -> list[Feed]:
    assert campaign.id is not None
    directory = Directory(session, campaign.id, programme)
    people = people_of(session, campaign.id)
    sections: dict[str, list[Section]] = {}
    whose: dict[str, Person] = {}
    wanted: set[str] = set()
    for known in known_dossiers(session, campaign.id):
        readers = [people[each.contact] for each in directory.recipients(known.dossier)]
        told = _told(programme, known, at, {each.role for each in readers})
        for person in readers:
            whose.setdefault(person.key, person)
            sections.setdefault(person.key, []).extend(told[person.role])
            if territory in ("", known.dossier.code):
                wanted.add(person.key)
    key, organizer = _key(settings().home), settings().mail_reply_to or settings().mail_from
    # A reader whom nothing concerns yet has no file: a calendar holds at least one event (RFC 5545, 3.6).
    made = [
        Feed(
            address=person.address,
            person=person,
            name=_name(key, programme.code, person),
            content=feed(
                merged(sections[address]), at=at, organizer=organizer, title=f"Cités éducatives · {programme.title}"
            ),
        )
        for address, person in whose.items()
        if address in wanted and sections[address]
    ]
    return sorted(made, key=lambda each: each.name)


def _told(
    programme: Programme, known: KnownDossier, at: datetime, roles: Iterable[Role]
) -> Mapping[Role, list[Section]]:
    """What each of these roles reads of a territory's obligations."""
    dossier = known.dossier
    told: dict[Role, list[Section]] = {role: [] for role in roles}
    for obligation in known.obligations:
        if obligation not in programme.obligation_names():
            continue
        deadline = programme.deadline_of(obligation)
        concerned = {
            *owners(programme, dossier, obligation),
            *(role for step in deadline.steps for role in step.copies),
        }
        for day in due_days(programme, dossier, obligation, at):
            seen = _seen(programme, dossier, day, at)
            for role in told.keys() & concerned:
                told[role].append(_by(role, seen))
    return told


def _seen(programme: Programme, dossier: Dossier, day: DueDay, at: datetime) -> Section:
    """One obligation as an agenda shows it, before it is known to whom: all that is missing stands among `others`."""
    deadline = programme.deadline_of(day.obligation)
    awaited = day.standing is Standing.AWAITED
    lacking = [each for each in findings(programme, dossier, day.obligation, at) if each.required] if awaited else []
    return Section(
        letter="",
        deadline=day.obligation,
        deadline_title=f"{deadline.title} {day.obligation.partition(':')[2]}".strip(),
        territory=dossier.code,
        territory_name=dossier.name,
        departement=dossier.departement,
        due=day.due,
        step="",
        roles=(),
        copy=True,
        cite=deadline.citation.words(),
        others=items(programme, lacking),
        occasion={},
        agenda=agenda(programme, dossier, day),
    )


def _by(role: Role, seen: Section) -> Section:
    owes = tuple(each for each in seen.others if each.owner == role)
    others = tuple(each for each in seen.others if each.owner != role)
    return replace(seen, roles=(role.value,), owes=owes, others=others, copy=not owes)


def _stamp(session: Session, campaign: Campaign, at: datetime) -> str:
    """What feeds depend on, in one print: the facts recorded, the day everywhere, whom to answer."""
    days = sorted({local(at, zone).date().isoformat() for zone in ("Pacific/Tahiti", "Europe/Paris", "Pacific/Noumea")})
    said = [
        *days,
        settings().mail_reply_to,
        settings().mail_from,
        campaign.document,
        *map(str, last_change(session, campaign, at)),
    ]
    return sha256("\n".join(said).encode()).hexdigest()


def _name(key: bytes, campaign: str, person: Person) -> str:
    mark = hmac.new(key, f"{campaign}\n{person.key}".encode(), sha256).hexdigest()[:16]
    return f"{_slug(f'{person.role.value} {person.perimeter}')}-{mark}.ics"


def _slug(words: str) -> str:
    ascii_only = "".join(each for each in normalize("NFKD", words.casefold()) if not combining(each))
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def _key(home: Path) -> bytes:
    """This installation's key: made once, readable by its owner alone."""
    path = home / KEY
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        made = home / f"{KEY}.{token_hex(4)}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(token_bytes(32))
        with suppress(FileExistsError):  # another process has just made one: there is only one key
            os.link(made, path)
        made.unlink()
    return path.read_bytes()
