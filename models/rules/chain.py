"""Which fingerprint ties an event to the one before it, and where is a chain of events broken?

Each event carries the fingerprint of the event before it, and its own: SHA-256 over the two, that one's and its own
content as canonical JSON. The head of the chain, kept beside it, says how many events there are and which is the last:
without it nobody would notice that the last ones are gone. This form never changes: every stored fingerprint is made
by it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

FIRST = ""  # what stands before the first event
CONTENT = ("at", "author", "action", "campaign", "territory", "subject", "before", "after", "grounds")


class Broken(StrEnum):
    """What became of an event that does not fit."""

    ALTERED = "altered"  # its content is not the one that its fingerprint was made of
    INSERTED = "inserted"  # the events around it know nothing of it
    MISSING = "missing"  # an event before it, or after the last one, is gone
    HEAD = "head"  # the head of the chain is gone, or counts other events


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """One event as it is stored."""

    id: int
    previous: str
    hash: str
    content: Mapping[str, Any]  # by the names of `CONTENT`


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What the chain is known to end with."""

    events: int
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """One place where the chain does not hold; `event` is the id of the event there, None for the end of the chain."""

    event: int | None
    broken: Broken
    after: int | None = None  # the last sound event before it


def fingerprint(previous: str, content: Mapping[str, Any]) -> str:
    """The fingerprint of an event whose predecessor has the fingerprint `previous`: 64 hexadecimal digits."""
    at: datetime = content["at"]
    if at.tzinfo is None:
        raise ValueError(f"an event's instant needs a zone, and {at!r} has none: give it an offset")
    said = {name: content[name] for name in CONTENT} | {"at": at.astimezone(UTC).isoformat(timespec="microseconds")}
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(f"{previous}\n{written}".encode()).hexdigest()


def breaks(links: Iterable[Link], head: Head | None) -> list[Break]:
    """Every place where the chain of events (in the order of their ids) does not hold; none when all is sound.

    `head`: None when there is none, which is sound for an empty record only.
    """
    found: dict[int, Break] = {}
    expected, last = FIRST, None  # the fingerprint that the next event should name, and whose it is
    before: tuple[str, int | None] | None = None  # the same, one event earlier
    ended = head is not None and head.hash == FIRST
    count = 0
    for count, link in enumerate(links, start=1):  # noqa: B007 - read after the loop
        if ended or not link.hash:
            found[link.id] = Break(event=link.id, broken=Broken.INSERTED, after=last)
            continue
        if link.previous != expected and before is not None and link.previous == before[0]:
            assert last is not None
            found[last] = Break(event=last, broken=Broken.INSERTED, after=before[1])
            expected, last = before
        if fingerprint(link.previous, link.content) != link.hash:
            found[link.id] = Break(event=link.id, broken=Broken.ALTERED, after=last)
        elif link.previous != expected:
            found[link.id] = Break(event=link.id, broken=Broken.MISSING, after=last)
        before = (expected, last)
        expected, last = link.hash, link.id
        ended = head is not None and link.hash == head.hash
    at_the_end = []
    if head is None:
        at_the_end = [Break(event=None, broken=Broken.HEAD, after=last)] if count else []
    elif not ended:
        at_the_end = [Break(event=None, broken=Broken.MISSING, after=last)]
    elif not found and head.events != count:
        at_the_end = [Break(event=None, broken=Broken.HEAD, after=last)]
    return [found[event] for event in sorted(found)] + at_the_end
