"""How does a campaign of any size come to stand in a database, a week before its deadline?

The same rows for the same size, whatever the database: mainland territories spread over their départements, each with
its own contacts, seventeen pieces in twenty received and one in twenty refused, four funding lines. The reminders
before the last one have been told.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select, union_all
from sqlmodel import Session, col

from models.rules.calendar import Calendar
from models.rules.campaign_file import load_campaign
from models.rules.programme import Programme
from models.tables import Campaign, Contact, FundingLine, Notice, Obligation, Piece, Run, StateSeen, Territory
from models.words import Funder, Kind, LeadAuthority, NoticeStatus, PieceStatus, Purpose, Role
from tasks.campaigns import open_campaign
from tasks.database import prepare, transaction

CODE = "banc"
FILE = """
campaign: "banc"
title: Banc d’essai
edition: vade-mecum-2020
opens: 2020-10-15
assumption: "les dates de la campagne 2021"
deadlines:
  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}
  action_plan: {date: 2021-05-15, cite: "vade-mecum-2020, partie 1"}
  convention: {date: 2021-06-30, assumption: "le texte ne donne pas de date"}
convention: {start: 2021-01-01, end: 2023-12-31, cite: "vade-mecum-2020, partie 1"}
"""
DUE = date(2021, 2, 28)
TOLD = (-60, -30, -15)  # the steps told before
OPENED = datetime(2020, 10, 15, 8, tzinfo=UTC)
LAST_TOLD = datetime(2021, 2, 12, 8, tzinfo=UTC)
MILESTONE = datetime(2021, 2, 19, 8, tzinfo=UTC)  # nine in Paris, seven days before
QUIET = datetime(2021, 2, 17, 8, tzinfo=UTC)  # between two steps
OWN_ROLES = (Role.CHEF_DE_FILE, Role.PRINCIPAL, Role.CHEF_PROJET)
WIDE_ROLES = (Role.PREFET, Role.DASEN)
FUNDERS = (Funder.VILLE, Funder.EDUCATION, Funder.COMMUNE, Funder.DEPARTEMENT)
YEAR = 2021
RECEIVED, REFUSED = 0.85, 0.05
ROWS = 20_000  # written at once


def programme() -> Programme:
    """The rules of the campaign."""
    return load_campaign(FILE, name="benchmarks/campaigns.py")


def build(url: str, territories: int, *, seed: int = 2021) -> None:
    """Prepare the database `url` and write the campaign into it."""
    prepare(url)
    open_campaign(FILE, name="benchmarks/campaigns.py", at=OPENED, author="banc d’essai", tables=[], url=url)
    rules = programme()
    with transaction(url) as session:
        campaign = session.execute(select(col(Campaign.id))).scalar_one()
        places = list(_mainland(rules.calendar))
        _write(session, Territory, _territories(campaign, places, territories))
        _write(session, Obligation, _obligations(rules, territories))
        _write(session, Contact, _contacts(campaign, places, territories))
        _write(session, Piece, _pieces(rules, territories, Random(seed)))  # noqa: S311 - the same rows each time
        _write(session, FundingLine, _funding(territories))
        _tell(session, campaign, rules, territories)


def _mainland(calendar: Calendar) -> Iterator[tuple[str, str]]:
    """(département, région) of each département that lives by the clock of Paris."""
    for code, place in sorted(calendar.departements.items()):
        if place.zone == calendar.national_zone and place.region in calendar.regions and len(code) == 2:
            yield code, place.region


def _territories(campaign: int, places: list[tuple[str, str]], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        departement, region = places[number % len(places)]
        yield {
            "id": number + 1, "campaign_id": campaign, "code": _code(number), "name": f"Territoire {number}",
            "communes": "", "departement": departement, "region": region, "lead_authority": LeadAuthority.COMMUNE,
            "asks_extra_means": number % 5 == 0, "qpv": "", "qpv_population": None, "lead_college": "",
        }  # fmt: skip


def _obligations(rules: Programme, count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        for name in rules.obligation_names():
            yield {"territory_id": number + 1, "deadline": name}


def _contacts(campaign: int, places: list[tuple[str, str]], count: int) -> Iterator[dict[str, Any]]:
    def contact(role: Role, perimeter: str, mailbox: str) -> dict[str, Any]:
        return {
            "campaign_id": campaign, "role": role, "perimeter": perimeter, "name": f"{role.value} {perimeter}",
            "email": f"{mailbox}@banc.test", "channel": "", "active": True,
        }  # fmt: skip

    for departement, _ in places:
        for role in WIDE_ROLES:
            yield contact(role, f"departement:{departement}", f"{role.value}-{departement.lower()}")
    for number in range(count):
        for role in OWN_ROLES:
            yield contact(role, _code(number), f"{role.value}-{number}")


def _pieces(rules: Programme, count: int, chance: Random) -> Iterator[dict[str, Any]]:
    parts = [(asked.code, part.code) for asked in rules.requirements_of("candidature") for part in asked.parts]
    for number in range(count):
        for requirement, part in parts:
            lot = chance.random()
            if lot > RECEIVED + REFUSED:
                continue
            refused = lot > RECEIVED
            yield {
                "territory_id": number + 1, "requirement": requirement, "occurrence": "", "part": part,
                "status": PieceStatus.REFUSED if refused else PieceStatus.RECEIVED,
                "at": datetime(2020, 12, 1, 9, tzinfo=UTC) + timedelta(hours=chance.randrange(1_000)),
                "reason": "document illisible" if refused else "", "file": "", "rank": 0,
            }  # fmt: skip


def _funding(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        for place, funder in enumerate(FUNDERS):
            yield {
                "territory_id": number + 1, "year": YEAR, "funder": funder, "purpose": Purpose.PROGRAMME,
                "kind": Kind.CASH, "mainstream": False, "planned": (number * 7919 + place * 104729) % 40_000_000,
                "notified": 0, "paid": 0, "rank": 0,
            }  # fmt: skip


def _tell(session: Session, campaign: int, rules: Programme, count: int) -> None:
    """The steps before, as told to those who own a part, and every dossier's state as it was last seen."""
    run = Run(campaign_id=campaign, deadline="candidature", at=LAST_TOLD, started_at=LAST_TOLD, finished_at=LAST_TOLD)
    session.add(run)
    session.flush()
    owners = {part.owner for asked in rules.requirements_of("candidature") if asked.required for part in asked.parts}
    reached = (
        select(col(Obligation.id), col(Contact.id))
        .join(Territory, col(Territory.id) == col(Obligation.territory_id))
        .where(col(Obligation.deadline) == "candidature", col(Contact.role).in_(owners))
    )
    own = reached.join(Contact, col(Contact.perimeter) == col(Territory.code))
    wide = reached.join(Contact, col(Contact.perimeter) == "departement:" + col(Territory.departement))
    pairs = [tuple(row) for row in session.execute(union_all(own, wide))]
    _write(
        session,
        Notice,
        (
            {
                "obligation_id": obligation, "contact_id": contact, "due": DUE, "step": str(step), "occasion": "",
                "status": NoticeStatus.SENT, "reason": "", "run_id": run.id, "message_id": None,
                "decided_at": LAST_TOLD, "facts": {},
            }
            for obligation, contact in pairs
            for step in TOLD
        ),
    )  # fmt: skip
    states = ({"territory_id": number + 1, "state": "in_preparation", "at": LAST_TOLD} for number in range(count))
    _write(session, StateSeen, states)


def _write(session: Session, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS:
            session.connection().execute(insert(table.__table__), batch)
            batch = []
    if batch:
        session.connection().execute(insert(table.__table__), batch)


def _code(number: int) -> str:
    return f"t{number:06d}"


if __name__ == "__main__":
    build(sys.argv[1], int(sys.argv[2]))
