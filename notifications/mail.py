"""What leaves by the gateway, and what became of it?"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a letter; `kind` is its media type and parameters: `text/calendar; method=REQUEST`."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One letter in words, ready to leave; `message_id` keeps its angle brackets, `at` becomes the Date header.

    `references` are the Message-IDs of the letters before it in its thread, the oldest first. `short` is the same
    letter in a few lines, for channels beside the mail. `unsubscribe` is what the List-Unsubscribe header says, if
    anything.
    """

    to: str
    name: str
    subject: str
    text: str
    html: str
    message_id: str
    at: datetime
    short: str = ""
    references: tuple[str, ...] = ()
    unsubscribe: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """It left; `where` is French, for the outbox; `body_hash` is the SHA-256 of the bytes that left."""

    where: str
    body_hash: str = field(default="", compare=False)


@dataclass(frozen=True, kw_only=True)
class RefusedForGood:
    """Trying again would change nothing; `reason` is French, for the coordination."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Weather:
    """It may leave later.

    `everywhere`: the server itself fails, so the letters after this one would fail as well. `cut`: the letter was
    given, and no answer came; it may have arrived, and a repeat says so by its Message-ID.
    """

    reason: str
    everywhere: bool = False
    cut: bool = False


Outcome = Sent | RefusedForGood | Weather
