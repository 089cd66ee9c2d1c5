"""How do letters travel: how many at once, with how much patience, beside which channels?

Read from `models/programme/delivery.yaml`; the same for every campaign.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from models.rules.yaml_files import PROGRAMME, Place, read_yaml

COPIES, DIGESTS = "copies", "digests"


@dataclass(frozen=True, kw_only=True)
class SendingPolicy:
    """How letters are given to a mail server."""

    batch: int  # letters leased at once
    connections: int
    letters_a_connection: int  # one more connection for each so many that wait
    patience: timedelta
    patience_after_letter: timedelta  # once it is given: who gives up earlier sends it twice
    cuts_in_a_row: int  # letters given without an answer before the server is taken for failing
    record: timedelta  # what has left is written down at least that often
    references: int  # letters before it that a letter names at most

    def wanted(self, waiting: int) -> int:
        """How many connections so many waiting letters deserve."""
        return max(1, min(self.connections, waiting // self.letters_a_connection))


@dataclass(frozen=True, kw_only=True)
class ChannelPolicy:
    """How the short form of a letter goes beside it."""

    at_once: int
    patience: timedelta  # after the last letter
    refused: frozenset[str]  # schemes of Apprise that are no channel to a reader


@dataclass(frozen=True, kw_only=True)
class UnsubscribePolicy:
    """Who is offered to be written to no more, and under which subject they ask for it."""

    offered_to: frozenset[str]
    subject: str


@lru_cache(maxsize=1)
def load_sending_policy() -> SendingPolicy:
    """How letters are given to a mail server."""
    place = _sourced("sending")
    return SendingPolicy(
        batch=_some(place, "batch"),
        connections=_some(place, "connections"),
        letters_a_connection=_some(place, "letters_a_connection"),
        patience=timedelta(seconds=_some(place, "patience_seconds")),
        patience_after_letter=timedelta(seconds=_some(place, "patience_after_letter_seconds")),
        cuts_in_a_row=_some(place, "cuts_in_a_row"),
        record=timedelta(milliseconds=_some(place, "record_milliseconds")),
        references=_some(place, "references"),
    )


@lru_cache(maxsize=1)
def load_channel_policy() -> ChannelPolicy:
    """How the short form of a letter goes beside it."""
    place = _sourced("channels")
    return ChannelPolicy(
        at_once=_some(place, "at_once"),
        patience=timedelta(seconds=_some(place, "patience_seconds")),
        refused=frozenset(each.text().casefold() for each in place.need("refused").each()),
    )


@lru_cache(maxsize=1)
def load_unsubscribe_policy() -> UnsubscribePolicy:
    """Who is offered to be written to no more."""
    place = _sourced("unsubscribe")
    return UnsubscribePolicy(
        offered_to=frozenset(each.word((COPIES, DIGESTS)) for each in place.need("offered_to").each()),
        subject=place.need("subject").text(),
    )


def _sourced(name: str) -> Place:
    place = read_yaml(PROGRAMME / "delivery.yaml").need(name)
    place.citation({})
    return place


def _some(place: Place, key: str) -> int:
    number = place.need(key).whole()
    if number < 1:
        place.need(key).refuse(f"{number} is not enough", "write a whole number from 1 on")
    return number
