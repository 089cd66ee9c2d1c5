"""Whose letters wait, after every order to pause and to resume?

Of the orders of one scope (everything, a campaign, a territory) the last one stands, whatever instant a pass places
itself at: a pause is an order to the mail room, not a fact of the calendar. Scopes add up: a letter leaves when none
that covers it is paused. A pause with an end is over from that instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order; without a campaign: all letters; without a territory: the campaign's."""

    campaign: int | None
    territory: tuple[int, str] | None  # its campaign's id and its code
    holds: bool
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Pauses:
    """What is paused at an instant."""

    everything: bool = False
    campaigns: frozenset[int] = frozenset()
    territories: frozenset[tuple[int, str]] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.campaigns) or bool(self.territories)


def standing(orders: Iterable[Order], at: datetime) -> Pauses:
    """What is paused at `at`; `orders` come in the order in which they were given."""
    last: dict[tuple[int | None, tuple[int, str] | None], Order] = {
        (order.campaign, order.territory): order for order in orders
    }
    held = [order for order in last.values() if order.holds and (order.until is None or order.until > at)]
    return Pauses(
        everything=any(order.campaign is None for order in held),
        campaigns=frozenset(order.campaign for order in held if order.campaign is not None and order.territory is None),
        territories=frozenset(order.territory for order in held if order.territory is not None),
    )
