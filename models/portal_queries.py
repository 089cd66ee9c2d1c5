"""What is already known of a démarche of the portal, its dossiers and the territories that they are of?"""

from collections import defaultdict
from collections.abc import Collection

from sqlmodel import Session, col, select

from models.portal_tables import PortalDelivery, PortalDossier, PortalForm
from models.rules.portal import Part
from models.rules.portal_changes import Known, PieceRow
from models.rules.portal_reading import Place
from models.tables import Piece, Territory


def form_of(session: Session, campaign_id: int, demarche: int) -> PortalForm | None:
    """How far a démarche was read for a campaign, if it ever was."""
    query = select(PortalForm).where(PortalForm.campaign_id == campaign_id, PortalForm.demarche == demarche)
    return session.exec(query).first()


def places_of(session: Session, campaign_id: int) -> list[Place]:
    """The territories of a campaign as a dossier may name them, by code."""
    query = (
        select(Territory.id, Territory.code, Territory.name, Territory.communes)
        .where(Territory.campaign_id == campaign_id)
        .order_by(Territory.code)
    )
    return [
        Place(id=id, code=code, name=name, communes=tuple(communes.split()))
        for id, code, name, communes in session.execute(query)
        if id is not None
    ]


def dossiers_of(session: Session, form_id: int, numbers: Collection[int]) -> dict[int, PortalDossier]:
    """The dossiers of a démarche with these numbers, by number."""
    query = (
        select(PortalDossier)
        .where(PortalDossier.form_id == form_id, col(PortalDossier.number).in_(numbers))
        .order_by(col(PortalDossier.number))
    )
    return {each.number: each for each in session.exec(query)}


def waiting_dossiers(session: Session, form_id: int) -> list[int]:
    """The numbers of the dossiers that something kept from being taken, in order."""
    query = (
        select(PortalDossier.number)
        .where(PortalDossier.form_id == form_id, col(PortalDossier.waiting), col(PortalDossier.gone_at).is_(None))
        .order_by(col(PortalDossier.number))
    )
    return list(session.exec(query))


def deliveries_of(session: Session, dossiers: Collection[int]) -> dict[int, list[Known]]:
    """What these dossiers (by id) delivered, by dossier, in the order in which it was recorded."""
    query = (
        select(PortalDelivery).where(col(PortalDelivery.dossier_id).in_(dossiers)).order_by(col(PortalDelivery.id))
    )  # fmt: skip
    found: dict[int, list[Known]] = defaultdict(list)
    for each in session.exec(query):
        found[each.dossier_id].append(
            Known(
                part=Part(each.requirement, each.occurrence, each.part), champ=each.champ, checksum=each.checksum,
                at=each.at, file=each.file, refused_at=each.refused_at, gone_at=each.gone_at, id=each.id,
            )
        )  # fmt: skip
    return found


def parts_delivered(session: Session, territories: Collection[int]) -> dict[int, dict[Part, set[int]]]:
    """By territory and part, the ids of the dossiers that deliver it at present."""
    query = (
        select(
            PortalDossier.territory_id, PortalDossier.id, PortalDelivery.requirement, PortalDelivery.occurrence,
            PortalDelivery.part,
        )  # type: ignore[call-overload]
        .join(PortalDossier, PortalDossier.id == PortalDelivery.dossier_id)
        .where(PortalDossier.territory_id.in_(territories), PortalDelivery.gone_at.is_(None))  # type: ignore[union-attr]
        .order_by(PortalDelivery.id)
    )  # fmt: skip
    found: dict[int, dict[Part, set[int]]] = defaultdict(lambda: defaultdict(set))
    for territory, dossier, requirement, occurrence, part in session.execute(query):
        found[territory][Part(requirement, occurrence, part)].add(dossier)
    return found


def pieces_of(session: Session, territories: Collection[int]) -> dict[int, list[PieceRow]]:
    """Every row of the pieces of these territories, the one that wins last."""
    query = (
        select(
            Piece.territory_id, Piece.requirement, Piece.occurrence, Piece.part, Piece.status, Piece.at, Piece.reason,
            Piece.file,
        )  # type: ignore[call-overload]
        .where(Piece.territory_id.in_(territories))  # type: ignore[attr-defined]
        .order_by(Piece.at, Piece.id)
    )  # fmt: skip
    found: dict[int, list[PieceRow]] = defaultdict(list)
    for territory, requirement, occurrence, part, status, at, reason, file in session.execute(query):
        found[territory].append(
            PieceRow(part=Part(requirement, occurrence, part), status=status, at=at, reason=reason, file=file)
        )
    return found


def live_dossiers(session: Session, form_id: int, territories: Collection[int]) -> dict[int, list[int]]:
    """By territory, the numbers of its dossiers that are still on the portal, in order."""
    query = (
        select(PortalDossier.territory_id, PortalDossier.number)
        .where(
            PortalDossier.form_id == form_id,
            col(PortalDossier.territory_id).in_(territories),
            col(PortalDossier.gone_at).is_(None),
        )
        .order_by(col(PortalDossier.number))
    )
    found: dict[int, list[int]] = defaultdict(list)
    for territory, number in session.execute(query):
        found[territory].append(number)
    return found
