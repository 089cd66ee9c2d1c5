"""Who stops sending, and who lets it go on?

An order is appended, never changed; the last one of a scope stands (`models.rules.pauses`). Decisions go on while
letters wait, and what waits is rechecked before it leaves: nothing is lost, nothing doubled, nothing untrue.
"""

from datetime import datetime

from sqlmodel import Session

from models.intake_queries import territory_ids
from models.letter_queries import PauseOrder, last_orders
from models.queries import campaign_by_code
from models.tables import Pause
from models.territory_queries import NoSuchTerritory
from tasks.database import reading, transaction
from tasks.events import an_event, record


class NotPaused(Exception):
    """There is nothing to resume, or a wider pause still holds; says which."""


def pause(
    *, campaign: str = "", territory: str = "", at: datetime, until: datetime | None, author: str, grounds: str,
    url: str | None = None,
) -> PauseOrder:  # fmt: skip
    """Stop all sending, a campaign's or a territory's; `until`: the pause ends by itself.

    Raises NoSuchCampaign, NoSuchTerritory.
    """
    with transaction(url) as session:
        return _order(session, campaign, territory, holds=True, at=at, until=until, author=author, grounds=grounds)


def resume(
    *, campaign: str = "", territory: str = "", at: datetime, author: str, grounds: str, url: str | None = None
) -> tuple[PauseOrder, list[PauseOrder]]:
    """Let letters leave again; gives the order, and the pauses that still stand over the same letters.

    Raises NotPaused when this very scope is not paused, NoSuchCampaign, NoSuchTerritory.
    """
    with transaction(url) as session:
        before = standing_orders(session, at)
        if not any(_scope(each) == (campaign, territory) for each in before):
            raise NotPaused(
                f"{scope_words(campaign, territory)} is not paused: nothing to resume"
                + (f" (paused: {', '.join(scope_words(*_scope(each)) for each in before)})" if before else "")
            )
        order = _order(session, campaign, territory, holds=False, at=at, until=None, author=author, grounds=grounds)
        return order, [
            each
            for each in before
            if _scope(each) != (campaign, territory) and each.campaign in ("", campaign) and not each.territory
        ]


def pauses(at: datetime, url: str | None = None) -> list[PauseOrder]:
    """What is paused at `at`, everything first."""
    with reading(url) as session:
        return standing_orders(session, at)


def standing_orders(session: Session, at: datetime) -> list[PauseOrder]:
    """The pauses that stand at `at`."""
    return [each for each in last_orders(session) if each.holds and (each.until is None or each.until > at)]


def scope_words(campaign: str, territory: str) -> str:
    """What an order is about, for a terminal."""
    if territory:
        return f"territory {territory} of campaign {campaign}"
    return f"campaign {campaign}" if campaign else "all sending"


def _scope(order: PauseOrder) -> tuple[str, str]:
    return order.campaign, order.territory


def _order(
    session: Session, campaign: str, territory: str, *, holds: bool, at: datetime, until: datetime | None,
    author: str, grounds: str,
) -> PauseOrder:  # fmt: skip
    campaign_id = territory_id = None
    if campaign:
        campaign_id = campaign_by_code(session, campaign)[0].id
    if territory:
        assert campaign_id is not None  # whoever asks has checked it: a territory is of a campaign
        known_codes = territory_ids(session, campaign_id)
        if territory not in known_codes:
            raise NoSuchTerritory(campaign, territory)
        territory_id = known_codes[territory]
    session.add(
        Pause(
            campaign_id=campaign_id, territory_id=territory_id, holds=holds, at=at, until=until, author=author,
            grounds=grounds,
        )
    )  # fmt: skip
    known = {"until": until.isoformat()} if until else None
    record(
        session,
        [
            an_event(
                at, author, "paused" if holds else "resumed", "sending", campaign=campaign, territory=territory,
                grounds=grounds, after=known,
            )
        ],
    )  # fmt: skip
    return PauseOrder(
        campaign=campaign, territory=territory, holds=holds, at=at, until=until, author=author, grounds=grounds
    )
