"""What do we read of a campaign, in a handful of queries whatever its size?

Rows become the frozen facts of the rules; nothing here decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_
from sqlmodel import Session, col, select

from models.rules.calendar import NATIONAL, Calendar, plain
from models.rules.campaign_file import load_campaign
from models.rules.dossier import ConventionFact, DecisionFact, Dossier, ExtensionFact, PieceFact
from models.rules.notices import Recipient
from models.rules.perimeters import region_of_recteurs
from models.rules.programme import Programme
from models.rules.references import OWN_REGION
from models.tables import (
    Campaign,
    Contact,
    Convention,
    Decision,
    Extension,
    Message,
    Obligation,
    Piece,
    Run,
    StateSeen,
    Territory,
    Withdrawal,
)
from models.words import MessageStatus, Role


class NoSuchCampaign(Exception):
    """No campaign has this code; says which codes exist."""


@dataclass(frozen=True, kw_only=True)
class KnownDossier:
    """A dossier with the ids of its rows."""

    id: int
    dossier: Dossier
    obligations: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A contact as letters need it."""

    id: int
    name: str
    email: str
    perimeter: str


def find_campaign(session: Session, code: str) -> Campaign | None:
    """The campaign with this code, if one is open."""
    return session.exec(select(Campaign).where(Campaign.code == code)).first()


def count_territories(session: Session, campaign_id: int) -> int:
    """How many territories the campaign has."""
    return session.exec(select(func.count()).select_from(Territory).where(Territory.campaign_id == campaign_id)).one()


def count_obligations(session: Session, campaign_id: int) -> int:
    """How many obligations the campaign's territories have."""
    query = (
        select(func.count())
        .select_from(Obligation)
        .join(Territory, col(Territory.id) == Obligation.territory_id)
        .where(Territory.campaign_id == campaign_id)
    )
    return session.exec(query).one()


def runs_beside(campaign_id: int, run_id: int | None) -> Any:
    """For a statement's condition: the ids of the campaign's other runs."""
    return select(Run.id).where(Run.campaign_id == campaign_id, Run.id != run_id)


def passes_before(session: Session, run: Run, since: datetime) -> list[datetime]:
    """The instants of the finished passes of the same campaign and deadline before this run's, from `since` on."""
    asked = (
        select(Run.at)
        .where(Run.campaign_id == run.campaign_id, Run.deadline == run.deadline)
        .where(col(Run.at) >= since, col(Run.at) < run.at, col(Run.finished_at).is_not(None))
        .distinct()
        .order_by(col(Run.at))
    )
    return list(session.exec(asked))


def letters_on_their_way(now: datetime) -> Any:
    """For a statement's condition: the ids of the letters that somebody is sending, and is not taken for dead."""
    return select(Message.id).where(Message.status == MessageStatus.SENDING, col(Message.lease_until) > now)


def campaign_by_code(session: Session, code: str) -> tuple[Campaign, Programme]:
    """The campaign and its rules."""
    campaign = find_campaign(session, code)
    if campaign is None:
        known = ", ".join(campaign_codes(session)) or "none is open yet"
        raise NoSuchCampaign(f"no campaign is called «{code}» (open: {known}): open it with `cites campaign open FILE`")
    return campaign, programme_of(campaign)


def programme_of(campaign: Campaign) -> Programme:
    return _loaded(campaign.document, campaign.code)


@lru_cache(maxsize=32)
def _loaded(document: str, code: str) -> Programme:
    return load_campaign(document, name=f"campaign {code}")


def campaign_codes(session: Session) -> list[str]:
    return list(session.exec(select(Campaign.code).order_by(Campaign.code)).all())


def regions_of(
    session: Session, campaign_id: int, programme: Programme, zones: Collection[str] | None = None
) -> list[str]:
    """The partitions of a campaign, in order; with `zones`, those with a territory or a reader that lives by one."""
    query = (
        select(Territory.code, Territory.departement, Territory.region)
        .where(Territory.campaign_id == campaign_id)
        .order_by(Territory.region, Territory.code)
    )
    directory = Directory(session, campaign_id, programme) if zones is not None else None
    found: dict[str, None] = {}
    for code, departement, region in session.execute(query):
        if region in found:
            continue
        if directory is not None and zones is not None:
            place = Dossier(code=code, name=code, departement=departement, region=region)
            read_in = {recipient.zone for recipient in directory.recipients(place)}
            if not (read_in | {programme.calendar.zone(departement)}) & set(zones):
                continue
        found[region] = None
    return list(found)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Territories of one région whose codes stand from `first` to `last`: what is read and decided at once."""

    region: str
    first: str
    last: str

    def holds(self) -> tuple[ColumnElement[bool], ...]:
        """For a statement's condition: the territory is one of them."""
        return (
            col(Territory.region) == self.region,
            col(Territory.code) >= self.first,
            col(Territory.code) <= self.last,
        )


def spans_of(session: Session, campaign_id: int, region: str, size: int) -> list[Span]:
    """The territories of a région, `size` at most at once, in the order of their codes."""
    query = (
        select(Territory.code)
        .where(Territory.campaign_id == campaign_id, Territory.region == region)
        .order_by(Territory.code)
    )
    codes = list(session.exec(query))
    return [
        Span(region=region, first=codes[start], last=codes[min(start + size, len(codes)) - 1])
        for start in range(0, len(codes), size)
    ]


def known_dossiers(
    session: Session, campaign_id: int, span: "Span | None" = None, territories: Iterable[int] | None = None
) -> list[KnownDossier]:
    """The dossiers of a campaign (of one span, or of some territories), by code, with all their facts."""
    scope = select(Territory.id).where(Territory.campaign_id == campaign_id)
    if span is not None:
        scope = scope.where(*span.holds())
    if territories is not None:
        scope = scope.where(Territory.id.in_(list(territories)))  # type: ignore[union-attr]
    connection = session.connection()  # rows as they are: no object of the session is made of them
    columns = (Territory.id, Territory.code, Territory.name, Territory.departement, Territory.region,
               Territory.asks_extra_means)  # fmt: skip
    rows = connection.execute(
        select(*columns).where(Territory.id.in_(scope)).order_by(Territory.code)  # type: ignore[call-overload,union-attr]
    ).all()

    def facts(table: Any, *wanted: Any, order: tuple[Any, ...]) -> dict[int, list[Any]]:
        query: Select[Any] = select(table.territory_id, *wanted).where(table.territory_id.in_(scope)).order_by(*order)
        grouped: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(query).all():
            grouped[row[0]].append(row)
        return grouped

    pieces = facts(Piece, Piece.requirement, Piece.occurrence, Piece.part, Piece.status, Piece.at, Piece.reason,
                   order=(Piece.at, Piece.id))  # fmt: skip
    decisions = facts(Decision, Decision.verdict, Decision.day, Decision.authority, Decision.grounds,
                      order=(Decision.id,))  # fmt: skip
    extensions = facts(
        Extension, Extension.deadline, Extension.new_due, Extension.granted_on, Extension.authority,
        Extension.grounds, Extension.reference, order=(Extension.id,),
    )  # fmt: skip
    withdrawals = facts(Withdrawal, Withdrawal.day, order=(Withdrawal.day,))
    conventions = facts(Convention, Convention.first_day, Convention.last_day, Convention.signed_on,
                        Convention.city_contract_end, order=(Convention.first_day,))  # fmt: skip
    obligations = facts(Obligation, Obligation.deadline, Obligation.id, order=(Obligation.id,))
    return [
        KnownDossier(
            id=row.id,
            obligations={each.deadline: each.id for each in obligations[row.id]},
            dossier=Dossier(
                code=row.code,
                name=row.name,
                departement=row.departement,
                region=row.region,
                asks_extra_means=row.asks_extra_means,
                pieces=tuple(PieceFact(*each[1:]) for each in pieces[row.id]),
                decisions=tuple(
                    DecisionFact(verdict=each[1], day=each[2], authority=each[3], grounds=each[4])
                    for each in decisions[row.id]
                ),
                extensions=tuple(
                    ExtensionFact(deadline=each[1], new_due=each[2], granted_on=each[3], authority=each[4],
                                  grounds=each[5], reference=each[6])
                    for each in extensions[row.id]
                ),
                withdrawals=tuple(each[1] for each in withdrawals[row.id]),
                conventions=tuple(
                    ConventionFact(first_day=each[1], last_day=each[2], signed_on=each[3], city_contract_end=each[4])
                    for each in conventions[row.id]
                ),
            ),
        )
        for row in rows
    ]  # fmt: skip


class Directory:
    """Who covers a territory: every active contact whose perimeter holds it (semantics §1).

    With `span`, only the contacts that can cover one of its territories are read.
    """

    def __init__(self, session: Session, campaign_id: int, programme: Programme, span: Span | None = None) -> None:
        self._calendar = programme.calendar
        self._by_perimeter: dict[str, list[tuple[int, Role]]] = defaultdict(list)
        self._known: dict[str, list[Recipient]] = {}  # of perimeters wider than one territory
        self.readers: dict[int, Reader] = {}
        query = (
            select(Contact.id, Contact.role, Contact.perimeter, Contact.name, Contact.email)  # type: ignore[call-overload]
            .where(Contact.campaign_id == campaign_id, Contact.active)
            .order_by(Contact.id)
        )
        if span is not None:
            regions = {span.region}
            if span.region in OWN_REGION:
                regions.add(region_of_recteurs(self._calendar, span.region))
            here = select(Territory.code).where(Territory.campaign_id == campaign_id, *span.holds())
            query = query.where(
                or_(
                    col(Contact.perimeter).in_(here),
                    col(Contact.perimeter) == NATIONAL,
                    col(Contact.perimeter).in_([f"region:{each}" for each in sorted(regions)]),
                    col(Contact.perimeter).like("departement:%"),
                    col(Contact.perimeter).like("academie:%"),
                )
            )
        for contact, role, perimeter, name, email in session.connection().execute(query).all():
            self._by_perimeter[perimeter_key(perimeter)].append((contact, role))
            self.readers[contact] = Reader(id=contact, name=name, email=email, perimeter=perimeter)

    def recipients(self, dossier: Dossier) -> list[Recipient]:
        """The contacts that cover the dossier's territory, each with its clock."""
        own, *wider = covering(self._calendar, dossier)
        zone = self._calendar.zone_of_perimeter(own, dossier.departement)
        found = [Recipient(contact=contact, role=role, zone=zone) for contact, role in self._by_perimeter.get(own, ())]
        for key in wider:
            found.extend(self._covering(key))
        if dossier.departement in OWN_REGION:
            recteurs = f"region:{region_of_recteurs(self._calendar, dossier.departement)}"
            if recteurs not in wider:
                found.extend(each for each in self._covering(recteurs) if each.role is Role.RECTEUR)
        return found

    def _covering(self, key: str) -> list[Recipient]:
        known = self._known.get(key)
        if known is None:
            zone = self._calendar.zone_of_perimeter(key)
            known = self._known[key] = [
                Recipient(contact=contact, role=role, zone=zone) for contact, role in self._by_perimeter.get(key, ())
            ]
        return known


def covering(calendar: Calendar, dossier: Dossier) -> tuple[str, ...]:
    """The perimeters, as `perimeter_key` spells them, that hold the dossier's territory, its own first."""
    return (
        perimeter_key(dossier.code),
        f"departement:{dossier.departement}",
        perimeter_key(f"academie:{calendar.academie(dossier.departement)}"),
        f"region:{dossier.region}",
        NATIONAL,
    )


@lru_cache(maxsize=4096)
def perimeter_key(perimeter: str) -> str:
    """One spelling for one perimeter: `academie:ORLEANS-TOURS` and `academie:Orléans-Tours` are the same."""
    kind, colon, name = perimeter.strip().partition(":")
    if colon and kind.casefold() == "academie":
        return f"academie:{plain(name)}"
    return perimeter.strip()


def last_states(session: Session, campaign_id: int, span: Span) -> dict[int, tuple[str, datetime]]:
    """The state last seen of each territory of a span, and when."""
    query = (
        select(StateSeen.territory_id, StateSeen.state, StateSeen.at)
        .join(Territory, Territory.id == StateSeen.territory_id)  # type: ignore[arg-type]
        .where(Territory.campaign_id == campaign_id, *span.holds())
        .order_by(StateSeen.at, StateSeen.id)  # type: ignore[arg-type]
    )
    return {territory: (state, at) for territory, state, at in session.connection().execute(query).all()}
