"""How does a letter come to wait?

A message is written when its notices are decided, or a letter is posted whole, and rendered when it is sent. Its key
makes a repeat impossible, and its Message-ID is the same at every attempt.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from models.inserts import insert_into
from models.outbox_queries import Told, campaign_of_run, letter_of_notice, notices_to_gather
from models.queries import programme_of
from models.rules.calendar import Calendar
from models.tables import Campaign, Message, Notice
from models.words import MessageStatus
from notifications.holding import link_to_letters

ROWS_OF_A_STATEMENT, LONGEST_CHANNELS = 1_000, 500
HELD, MARKED = ":held", "le programme demande que cette lettre soit relue avant de partir"


def gather(session: Session, *, run_id: int, at: datetime, mail_from: str, held: str = "") -> int:
    """Write one waiting message for each address that the run's notices speak to, and link them; gives their number.

    Addresses are the same whatever their case. Gathering again adds nothing. `mail_from` gives the Message-ID's domain.

    `held`: why all of them wait for somebody's release. Without it, only the notices whose letter the programme file
    marks are held, in a letter of their own: what nobody has to read again leaves on time.
    """
    campaign = campaign_of_run(session, run_id)
    programme = programme_of(campaign)
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    gathered = 0
    rows: list[dict[str, Any]] = []
    marked: list[tuple[str, int]] = []
    for address, notices in groupby(notices_to_gather(session, run_id), key=lambda each: each.address):
        told: dict[str, list[Told]] = {}
        for each in notices:
            mark = HELD if not held and programme.holds(each.deadline, each.step) else ""
            told.setdefault(mark, []).append(each)
        for mark, said in told.items():
            key = f"{run_id}:{address}{mark}"
            rows.append(
                {
                    "key": key,
                    "message_id": _message_id(campaign.code, run_id, f"{address}{mark}", at, domain),
                    "campaign_id": campaign.id,
                    "run_id": run_id,
                    "address": said[0].email,
                    "channel": _channels(said),
                    "zone": _zone(programme.calendar, said[0]),
                    "facts": _heads(said, campaign.title),
                    "decided_at": at,
                    "status": MessageStatus.WAITING,
                    "attempts": 0,
                    "leased_by": "",
                    "subject": "",
                    "outcome": "",
                    "held": held or (MARKED if mark else ""),
                }
            )
            if mark:
                marked.extend((key, each.id) for each in said)
        if len(rows) >= ROWS_OF_A_STATEMENT:
            gathered += _write(session, rows)
            rows = []
    gathered += _write(session, rows)
    if not gathered:
        return 0
    link_to_letters(session, marked)
    letter, meant = letter_of_notice(run_id)
    session.execute(update(Notice).where(*meant).values(message_id=letter).execution_options(synchronize_session=False))
    return gathered


def _write(session: Session, rows: list[dict[str, Any]]) -> int:
    """Write letters that wait, in bulk; one whose key is there stays as it is. Gives how many were given."""
    if rows:
        session.connection().execute(_unless_it_is_there(session), rows)
    return len(rows)


def post(
    session: Session, *, key: str, run_id: int, campaign: Campaign, letter: str, facts: Mapping[str, Any],
    address: str, name: str, roles: Sequence[str], zone: str, departements: Sequence[str], at: datetime,
    mail_from: str, held: str = "",
) -> bool:  # fmt: skip
    """Write one letter that says `facts` (plain JSON) in the words of the folder `letter`; says whether it is new.

    `key` is made of ids and ISO dates: the same key again adds nothing. It leaves on a day that is worked in all of
    `departements`, at the campaign's hour on the clock of `zone`. `held`: why it waits for somebody's release.
    """
    domain = parseaddr(mail_from)[1].rpartition("@")[2]
    print_of_key = sha256("\n".join((campaign.code, key)).encode()).hexdigest()
    row = {
        "key": key,
        "message_id": f"<{print_of_key[:40]}@{domain}>",
        "campaign_id": campaign.id,
        "run_id": run_id,
        "letter": letter,
        "address": address,
        "channel": "",
        "zone": zone,
        "facts": {"campaign": campaign.title, "name": name, "roles": list(roles), "departements": list(departements),
                  "posted": dict(facts)},
        "decided_at": at,
        "status": MessageStatus.WAITING,
        "attempts": 0,
        "leased_by": "",
        "subject": "",
        "outcome": "",
        "held": held,
    }  # fmt: skip
    new = _unless_it_is_there(session).values(row).returning(col(Message.id))
    return session.execute(new).first() is not None


def _unless_it_is_there(session: Session) -> Any:
    return insert_into(session, Message).on_conflict_do_nothing(index_elements=["key"])


def _zone(calendar: Calendar, notice: Told) -> str:
    own = notice.departement if notice.perimeter == notice.territory else None
    return calendar.zone_of_perimeter(notice.perimeter, own)


def _channels(notices: Sequence[Told]) -> str:
    """The reader's own channels, one a line; as many as there is room for."""
    found = ""
    for each in dict.fromkeys(notice.channel for notice in notices if notice.channel):
        more = f"{found}\n{each}" if found else each
        found = more if len(more) <= LONGEST_CHANNELS else found
    return found


def _message_id(campaign: str, run_id: int, address: str, at: datetime, domain: str) -> str:
    print_of_key = sha256(f"{campaign}\n{run_id}\n{address}\n{at.astimezone(UTC).isoformat()}".encode()).hexdigest()
    return f"<{run_id}.{print_of_key[:32]}@{domain}>"


def _heads(notices: Sequence[Told], campaign: str) -> dict[str, Any]:
    """What a message says of itself: whom it speaks to and of what. Its sections are its notices' own facts."""
    return {
        "campaign": campaign,
        "name": next((each.name for each in notices if each.name), ""),
        "roles": list(dict.fromkeys(each.role for each in notices)),
        "sections": [
            {
                "territory": each.territory,
                "territory_name": each.territory_name,
                "deadline": each.deadline,
                "due": each.due,
                "step": each.step,
                "role": each.role,
            }
            for each in notices
        ],
    }
