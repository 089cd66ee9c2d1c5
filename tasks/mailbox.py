"""What left, what waits, what is held, what died: letter by letter, with what each one says?

Each letter is written again from its facts at its own instant. One whose words were forgotten says so, and still shows
what proves that it left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from models.desk_queries import NoticeOfLetter, letters_of_campaign
from models.intake_queries import territory_ids
from models.letter_queries import unreached
from models.outbox_queries import standing_pauses
from models.queries import campaign_by_code
from models.rules.pauses import Pauses
from models.rules.programme import Programme
from models.tables import Message
from models.territory_queries import NoSuchTerritory
from models.words import UNSETTLED, MessageStatus, NoticeStatus, Role
from notifications.claiming import letter_of
from notifications.facts import Section
from notifications.mailbox_page import Entry, Mailbox
from notifications.render import LetterRefused, Rendered, render
from tasks.database import reading
from tasks.pauses import standing_orders
from tasks.settings import settings

HELD, PAUSED = "held", "paused"
STATUSES = (HELD, PAUSED, *(status.value for status in MessageStatus))
TOLD = {MessageStatus.SENT: NoticeStatus.SENT, MessageStatus.DEAD: NoticeStatus.DEAD}


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """What is needed of a campaign to show its letters."""

    programme: Programme
    title: str
    pauses: Pauses
    at: datetime


def mailbox(
    campaign: str,
    *,
    at: datetime,
    territory: str = "",
    contact: str = "",
    status: str = "",
    words: bool = False,
    url: str | None = None,
) -> Mailbox:
    """The letters of a campaign, the latest first: about one territory, to one address, of one status, or all.

    `words`: with what each letter says. Writes nothing. Raises NoSuchCampaign, NoSuchTerritory.
    """
    with reading(url) as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        if territory and territory not in territory_ids(session, row.id):
            raise NoSuchTerritory(campaign, territory)
        pauses = standing_pauses(session, at)
        desk = _Desk(programme=programme, title=row.title, pauses=pauses, at=at)
        entries = [
            _entry(desk, message, notices, words)
            for message, notices in letters_of_campaign(session, row.id, territory=territory, address=contact)
        ]
        return Mailbox(
            campaign=campaign,
            title=row.title,
            at=at,
            entries=tuple(each for each in entries if status in ("", each.status)),
            paused=tuple(
                (each.territory, each.grounds)
                for each in standing_orders(session, at)
                if each.campaign in ("", campaign)
            ),
            failing=tuple(
                (programme.roles[Role(each.role)], each.perimeter, each.address, each.reason)
                for each in unreached(session)
                if each.campaign == campaign
            ),
        )


def rows(found: Mailbox) -> list[dict[str, Any]]:
    """The letters as plain JSON, in the order of the mailbox."""
    return [
        {
            "id": each.id, "status": each.status, "decided_at": each.decided_at.isoformat(),
            "sent_at": each.sent_at.isoformat() if each.sent_at else None, "to": each.to,
            "roles": list(each.roles), "territories": list(each.territories), "subject": each.subject,
            "reason": each.reason, "message_id": each.message_id, "body_hash": each.body_hash,
            "forgotten_at": each.forgotten_at.isoformat() if each.forgotten_at else None,
        }
        for each in found.entries
    ]  # fmt: skip


def figures(found: Mailbox) -> dict[str, int]:
    """How many letters stand at each status, those that some stand at, in the order of `STATUSES`."""
    counts = Counter(each.status for each in found.entries)
    return {status: counts[status] for status in STATUSES if counts[status]}


def _entry(desk: _Desk, message: Message, notices: Sequence[NoticeOfLetter], words: bool) -> Entry:
    said = _written(desk, message, notices) if words else None
    heads: Sequence[Mapping[str, Any]] = message.facts.get("sections", ())
    return Entry(
        id=message.id or 0,
        status=_status(desk, message, notices),
        to=message.address,
        name=message.facts.get("name", ""),
        roles=tuple(desk.programme.roles[Role(role)] for role in message.facts.get("roles", ())),
        territories=tuple(dict.fromkeys(each["territory_name"] for each in heads)),
        decided_at=message.decided_at,
        sent_at=message.sent_at,
        zone=message.zone,
        subject=message.subject or (said.subject if isinstance(said, Rendered) else ""),
        reason=_reason(message),
        message_id=message.message_id,
        body_hash=message.body_hash,
        forgotten_at=message.purged_at,
        html=said.html if isinstance(said, Rendered) else "",
        silent=said if isinstance(said, str) else "",
    )


def _status(desk: _Desk, message: Message, notices: Sequence[NoticeOfLetter]) -> str:
    if message.status is not MessageStatus.WAITING:
        return message.status.value
    if message.held and message.released_at is None:
        return HELD
    if desk.pauses.everything or message.campaign_id in desk.pauses.campaigns:
        return PAUSED
    standing = [each.territory for each in notices if each.status is NoticeStatus.DECIDED]
    if standing and all((message.campaign_id, each) in desk.pauses.territories for each in standing):
        return PAUSED
    return message.status.value


def _reason(message: Message) -> str:
    if message.status is MessageStatus.WAITING and message.held and message.released_at is None:
        return message.held
    return message.outcome


def _written(desk: _Desk, message: Message, notices: Sequence[NoticeOfLetter]) -> Rendered | str:
    """What the letter says (or said), or why it cannot be shown, in French."""
    if message.purged_at is not None:
        return f"Les mots de cette lettre ont été oubliés le {message.purged_at:%d/%m/%Y} ; la preuve d’envoi demeure."
    wanted = TOLD.get(message.status, NoticeStatus.DECIDED)
    sections = [
        Section.from_json(each.facts, notices=(each.id,))
        for each in notices
        if each.facts and (each.status is wanted or message.status is MessageStatus.CANCELLED)
    ]
    if not sections and not message.letter:
        return "Cette lettre n’a plus rien à dire : ses avis ont été annulés ou repris dans une autre lettre."
    waits = message.status in UNSETTLED
    when = message.sent_at or (max(desk.at, message.decided_at) if waits else message.decided_at)
    configured = settings()
    answer_to = parseaddr(configured.mail_reply_to or configured.mail_from)[1]
    try:
        return render(letter_of(message, desk.title, sections), at=when, answer_to=answer_to)
    except LetterRefused as refusal:
        return str(refusal)
