"""Which notices are recorded already, and which of them still wait?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from models.queries import KnownDossier, Span
from models.rules.notices import Key
from models.tables import Notice, Obligation, Territory
from models.words import NoticeStatus


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """The notices already written of some obligations: their keys, and those whose letter still waits."""

    keys: dict[int, set[Key]]
    told: dict[int, set[Key]]  # those of them that left or are to leave
    waiting: dict[int, dict[Key, int]]  # notice ids of decided notices, by obligation and key

    def letters_of(self, known: KnownDossier) -> tuple[dict[str, set[Key]], dict[str, set[Key]]]:
        """Of one dossier, by obligation's name: the keys told, and those of them that still wait."""
        return (
            {name: self.told.get(number, set()) for name, number in known.obligations.items()},
            {name: set(self.waiting.get(number, ())) for name, number in known.obligations.items()},
        )


def recorded_notices(
    session: Session, campaign_id: int, span: Span | None = None, territories: Iterable[int] | None = None
) -> Recorded:
    """The keys recorded for a campaign (of one span, or of some territories), by obligation.

    A notice that was cancelled before it left is not one: should it become true again, it is decided anew.
    """
    query = (
        select(
            Notice.obligation_id, Notice.due, Notice.step, Notice.occasion, Notice.contact_id, Notice.status, Notice.id
        )  # type: ignore[call-overload]
        .join(Obligation, Obligation.id == Notice.obligation_id)
        .join(Territory, Territory.id == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id, Notice.status != NoticeStatus.CANCELLED)
        .order_by(Notice.id)
    )
    if span is not None:
        query = query.where(*span.holds())
    if territories is not None:
        query = query.where(Territory.id.in_(list(territories)))  # type: ignore[union-attr]
    keys: dict[int, set[Key]] = defaultdict(set)
    told: dict[int, set[Key]] = defaultdict(set)
    waiting: dict[int, dict[Key, int]] = defaultdict(dict)
    for obligation, due, step, occasion, contact, status, notice in session.connection().execute(query).all():
        key = Key(due, step, occasion, contact)
        keys[obligation].add(key)
        if status in (NoticeStatus.DECIDED, NoticeStatus.SENT):
            told[obligation].add(key)
        if status is NoticeStatus.DECIDED:
            waiting[obligation][key] = notice
    return Recorded(keys=keys, told=told, waiting=waiting)


def campaigns_with_waiting_notices(session: Session, before: datetime) -> dict[int, list[int]]:
    """The territories, by campaign, of notices decided before `before` whose letter still waits."""
    query = (
        select(Territory.campaign_id, Territory.id)
        .join(Obligation, Obligation.territory_id == Territory.id)  # type: ignore[arg-type]
        .join(Notice, Notice.obligation_id == Obligation.id)  # type: ignore[arg-type]
        .where(Notice.status == NoticeStatus.DECIDED, Notice.decided_at < before)
        .distinct()
        .order_by(Territory.campaign_id, Territory.id)  # type: ignore[arg-type]
    )
    found: dict[int, list[int]] = defaultdict(list)
    for campaign, territory in session.execute(query):
        found[campaign].append(territory)
    return found
