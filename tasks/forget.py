"""What is old enough to be forgotten, and what stays as proof?

Words and names go: the body of a letter, the name and address of a contact that was replaced long ago, what came by
mail. The proof stays: the letter's key, its Message-ID, the print of the bytes that left, its instants, what became of
it; and the chained events, which tell a person only by a fingerprint (ADR 0015). The delays are the programme's.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import bindparam, delete, update
from sqlmodel import Session, col

from models.letter_queries import (
    active_addresses,
    last_contact_events,
    letters_over,
    letters_to_forget,
    old_letters,
    old_mails,
    opening_of_campaigns,
    replaced_contacts,
)
from models.letter_tables import FailingAddress
from models.rules.mailroom import Retention, load_mailroom_policy
from models.rules.prints import fingerprint_of
from models.tables import Contact, Message, Notice
from models.words import IncomingKind
from tasks.attached_files import forget_files
from tasks.database import transaction
from tasks.events import an_event, record

NOBODY = "@oublie.invalid"
AUTHOR = "moteur"
HEADS = ("campaign", "roles", "departements", "sections")  # what a letter was about, without its words nor its reader
_address = re.compile(r"\S+@\S+")


@task(task_run_name="oublier ce qui est ancien", cache_policy=NO_CACHE)
def forget_old(at: datetime) -> dict[str, int]:
    """One pass of forgetting, for every campaign: figures {"letters", "contacts", "answers"}."""
    return forget(at=at)


def forget(
    *, at: datetime, retention: Retention | None = None, author: str = AUTHOR, url: str | None = None
) -> dict[str, int]:
    """Forget what is older than the delays, and record that it was; a second pass at the same instant finds nothing."""
    delays = retention or load_mailroom_policy().retention
    with transaction(url) as session:
        figures = {
            "letters": _forget_words(session, at, delays.letters),
            "contacts": _forget_contacts(session, at, delays.contacts),
        }
        keys = _forget_answers(session, at, delays.answers)
        figures["answers"] = len(keys)
        told = {name: count for name, count in figures.items() if count}
        if told:
            record(session, [an_event(at, author, "forgotten", "personal_data", after=told)])
    forget_files(keys)
    return figures


def _forget_words(session: Session, at: datetime, delay: timedelta) -> int:
    before = at - delay
    session.execute(
        update(Notice)
        .where(col(Notice.message_id).in_(old_letters(before)))
        .values(facts={}, reason="")
        .execution_options(synchronize_session=False)
    )
    old = letters_to_forget(session, before)
    _change(
        session,
        [{"of": number, "kept": {name: facts[name] for name in HEADS if name in facts}} for number, facts in old],
        facts=bindparam("kept"), purged_at=at,
    )  # fmt: skip
    return len(old)


def _forget_contacts(session: Session, at: datetime, delay: timedelta) -> int:
    """Contacts replaced long ago lose their name and address, and so do the letters that nobody active received."""
    gone = _replaced_before(session, at - delay)
    addresses = {contact.email.lower() for contact in gone}
    for contact in gone:
        contact.email, contact.name, contact.channel = f"contact-{contact.id}{NOBODY}", "", ""
    session.flush()
    unused = addresses - active_addresses(session, addresses)
    letters = letters_over(session, unused)
    _change(
        session,
        [
            {
                "of": each.id,
                "nobody": f"{fingerprint_of(each.address)}{NOBODY}",
                "printed": _without(each.key, each.address),
                "said": _address.sub("(adresse)", each.outcome),
                "kept": {name: value for name, value in each.facts.items() if name != "name"} | {"name": ""},
            }
            for each in letters
        ],
        address=bindparam("nobody"), key=bindparam("printed"), outcome=bindparam("said"), facts=bindparam("kept"),
        channel="",
    )  # fmt: skip
    session.execute(delete(FailingAddress).where(col(FailingAddress.address).in_(unused)))
    return len(gone)


def _replaced_before(session: Session, before: datetime) -> list[Contact]:
    replaced = {}
    for event in last_contact_events(session):
        said: Mapping[str, Any] = event.before or {}
        replaced[event.campaign, said.get("role"), said.get("perimeter"), said.get("email")] = event.at
    opened = opening_of_campaigns(session)
    found = []
    for contact in replaced_contacts(session):
        code, opening = opened[contact.campaign_id]
        key = (code, contact.role.value, contact.perimeter, fingerprint_of(contact.email))
        if replaced.get(key, opening) < before:
            found.append(contact)
    return found


def _without(key: str, address: str) -> str:
    return re.sub(re.escape(address), fingerprint_of(address), key, flags=re.IGNORECASE)


def _forget_answers(session: Session, at: datetime, delay: timedelta) -> list[str]:
    """Empty what old mails said but for figures; tables that nobody took are left. Gives the mails' keys."""
    old = old_mails(session, at - delay)
    for mail in old:
        if mail.kind is IncomingKind.PROPOSAL and mail.handled_at is None:
            mail.handled_at, mail.handled_by = at, "délai de conservation"
        counted: Counter[str] = Counter({name: len(value) for name, value in mail.found.items() if value})
        mail.sender, mail.subject, mail.found = "", "", dict(counted)
        session.add(mail)
    session.flush()
    return [mail.key for mail in old]


def _change(session: Session, rows: Sequence[Mapping[str, Any]], **values: Any) -> None:
    if rows:
        session.connection().execute(
            update(Message.__table__).where(col(Message.id) == bindparam("of")).values(**values),  # type: ignore[attr-defined]
            list(rows),
        )
