"""What do we remember of the mail that comes back: addresses that fail, and answers?"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Instant, words
from models.words import IncomingKind


class IncomingMail(SQLModel, table=True):
    """One mail of the answers' mailbox, read once: its Message-ID (or the hash of its bytes) is its key."""

    __table_args__ = (UniqueConstraint("key"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=400)
    read_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    kind: IncomingKind = Field(sa_type=words(IncomingKind))
    sender: str = Field(default="", max_length=254)
    subject: str = Field(default="", max_length=500)
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)  # the letter that it answers
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", index=True)
    found: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # what it said
    handled_at: datetime | None = Field(default=None, sa_type=Instant)  # a proposal that somebody took or left
    handled_by: str = Field(default="", max_length=200)


class FailingAddress(SQLModel, table=True):
    """An address that delivery reports complain of; a letter that arrives later, or a person, clears it."""

    __table_args__ = (UniqueConstraint("address"),)

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(max_length=254)  # lower case
    reports: int = 0  # temporary failures in a row
    permanent: bool = False
    failing: bool = False
    reason: str = Field(default="", max_length=1000)
    first_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant)
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
