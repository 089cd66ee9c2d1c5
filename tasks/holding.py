"""Who lets held letters leave, or refuses them, and what is written down of it?"""

from collections.abc import Collection
from datetime import datetime

from models.letter_queries import HeldLetter, held_letters
from models.queries import campaign_by_code
from notifications.holding import Release, refuse, release
from tasks.database import reading, transaction
from tasks.events import an_event, record


class NotHeld(Exception):
    """Some of the letters named do not wait for a release; says which, and where those that do are listed."""


def held(*, campaign: str = "", url: str | None = None) -> list[HeldLetter]:
    """The letters that wait for somebody, of a campaign or of all. Raises NoSuchCampaign."""
    with reading(url) as session:
        if campaign:
            campaign_by_code(session, campaign)
        return held_letters(session, campaign=campaign)


def answer_held(
    ids: Collection[int] | None,
    *,
    campaign: str = "",
    at: datetime,
    author: str,
    grounds: str = "",
    refused: bool = False,
    url: str | None = None,
) -> list[HeldLetter]:
    """Release (or refuse) these letters, or with `None` all those of a campaign; gives the letters concerned.

    All or nothing: one letter that does not wait, and none is touched. Raises NotHeld, NoSuchCampaign.
    """
    with transaction(url) as session:
        if campaign:
            campaign_by_code(session, campaign)
        found = held_letters(session, campaign=campaign, ids=ids)
        missing = sorted(set(ids or ()) - {each.id for each in found})
        if missing:
            named = ", ".join(str(each) for each in missing)
            raise NotHeld(f"no held letter has the number {named}: `cites held` lists those that wait for a release")
        how = Release(at=at, author=author, grounds=grounds)
        done = (refuse if refused else release)(session, [each.id for each in found], how)
        assert done == len(found)  # read and changed in one transaction
        record(
            session,
            [
                an_event(
                    at, author, "refused" if refused else "released", "letters", campaign=each.campaign,
                    grounds=grounds, after={"letter": each.id, "deadline": each.deadline, "why": each.why},
                )
                for each in found
            ],
        )  # fmt: skip
        return found
