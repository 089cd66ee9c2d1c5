"""What does the record of changes hold, how does its chain end, and which states did each dossier go through?"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from models.event_tables import Event, EventHead
from models.letter_tables import IncomingMail
from models.rules.chain import CONTENT, FIRST, Head, Link
from models.tables import Campaign, Contact, Message, Notice, Obligation, StateSeen, Territory
from models.words import Role

ROWS_AT_ONCE = 1_000


def chain_head(session: Session, *, locked: bool = False) -> Head | None:
    """How the chain ends, if an event was ever recorded; `locked`: nobody adds to it until this transaction is over."""
    query = select(EventHead.events, EventHead.hash)
    found = session.execute(query.with_for_update() if locked else query).first()
    return Head(events=found[0], hash=found[1]) if found else None


def chain_links(session: Session) -> Iterator[Link]:
    """Every event, in the order in which they were recorded."""
    columns = [getattr(Event, name) for name in CONTENT]
    query = select(Event.id, Event.previous, Event.hash, *columns).order_by(col(Event.id))
    for row in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        yield Link(id=row[0], previous=row[1], hash=row[2], content=dict(zip(CONTENT, row[3:], strict=True)))


def head_or_first(session: Session) -> Head:
    """How the chain ends; an empty one ends where it begins."""
    return chain_head(session) or Head(events=0, hash=FIRST)


def states_by_territory(session: Session, campaign: str) -> dict[str, list[tuple[str, datetime]]]:
    """The states that each territory of a campaign was seen in and since when, in order of time; by its code."""
    query = (
        select(Territory.code, StateSeen.state, StateSeen.at)
        .join(StateSeen, col(StateSeen.territory_id) == Territory.id)
        .join(Campaign, col(Campaign.id) == Territory.campaign_id)
        .where(Campaign.code == campaign)
        .order_by(Territory.code, col(StateSeen.at), col(StateSeen.id))
    )
    found: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for code, state, at in session.execute(query):
        found[code].append((state, at))
    return dict(found)


def events_about(session: Session, campaign: str, territory: str) -> list[Event]:
    """What was changed of a territory, and of the campaign as a whole, in the order in which it was recorded."""
    query = (
        select(Event)
        .where(Event.campaign == campaign, col(Event.territory).in_((territory, "")))
        .order_by(col(Event.at), col(Event.id))
    )
    return list(session.exec(query))


def digests_about(session: Session, campaign_id: int, letter: str, departement: str) -> list[Message]:
    """The letters of this folder, posted whole, that speak of the territories of a département, in order of time."""
    query = (
        select(Message)
        .where(Message.campaign_id == campaign_id, Message.letter == letter)
        .order_by(col(Message.decided_at), col(Message.id))
    )
    return [each for each in session.exec(query) if departement in each.facts.get("departements", ())]


def answers_of(session: Session, territory_id: int) -> list[tuple[IncomingMail, str, Role]]:
    """The mails that came back about a territory's letters: for which obligation, and who had been written to."""
    query = (
        select(IncomingMail, Obligation.deadline, Contact.role)
        .join(Notice, col(Notice.message_id) == IncomingMail.message_id)
        .join(Obligation, col(Obligation.id) == Notice.obligation_id)
        .join(Contact, col(Contact.id) == Notice.contact_id)
        .where(Obligation.territory_id == territory_id)
        .order_by(col(IncomingMail.read_at), col(IncomingMail.id), col(Notice.id))
    )
    return [(mail, deadline, role) for mail, deadline, role in session.execute(query)]
