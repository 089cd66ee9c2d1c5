"""What do we remember of every change: who made it, when, on what grounds, in an order that nobody can alter?"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column
from sqlmodel import Field, SQLModel

from models.columns import Instant


class Event(SQLModel, table=True):
    """Who changed what, when, on what grounds. Appended only: the database refuses any change to it.

    Events are tied to one another by their fingerprints (models/rules/chain.py): `tasks.events.record` writes them.
    """

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    author: str = Field(max_length=200)
    action: str = Field(max_length=64)  # added, corrected, replaced, opened, decided …
    campaign: str = Field(default="", max_length=64, index=True)
    territory: str = Field(default="", max_length=64)
    subject: str = Field(max_length=64)  # the exchanged table or the engine's own: pieces, decisions, campaign …
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    grounds: str = Field(default="", max_length=2000)
    previous: str = Field(default="", max_length=64)  # the fingerprint of the event before it
    hash: str = Field(default="", max_length=64)  # its own, over that one and its content


class EventHead(SQLModel, table=True):
    """How many events there are and what the last one's fingerprint is: one row, locked by whoever records events."""

    __table_args__ = (CheckConstraint("id = 1", name="there_is_one"),)

    id: int | None = Field(default=None, primary_key=True)
    events: int
    hash: str = Field(max_length=64)
