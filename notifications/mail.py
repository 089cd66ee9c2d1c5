"""What leaves by the gateway, and what became of it?"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One letter in words, ready to leave; `message_id` keeps its angle brackets, `at` becomes the Date header."""

    to: str
    name: str
    subject: str
    text: str
    html: str
    message_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Sent:
    """It left; `where` is French, for the outbox."""

    where: str


@dataclass(frozen=True, kw_only=True)
class RefusedForGood:
    """Trying again would change nothing; `reason` is French, for the coordination."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Weather:
    """It may leave later. `everywhere`: the server itself fails, so the letters after this one would fail as well."""

    reason: str
    everywhere: bool = False


Outcome = Sent | RefusedForGood | Weather
