"""What do we remember of Démarche numérique: how far each démarche was read, its dossiers and what they delivered?

Nothing of an applicant is kept: numbers, instants, fingerprints, and where our copy of a file is.
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Instant


class PortalForm(SQLModel, table=True):
    """One démarche that feeds a campaign, and how far it was read."""

    __table_args__ = (UniqueConstraint("campaign_id", "demarche"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    demarche: int
    fingerprint: str = Field(default="", max_length=64)  # of the correspondence; another one reads all again
    since: datetime | None = Field(default=None, sa_type=Instant)  # dossiers modified before were all read
    deleted_since: datetime | None = Field(default=None, sa_type=Instant)
    cursor: str = Field(default="", max_length=500)  # of a pass that was cut short: where it goes on
    cursor_since: datetime | None = Field(default=None, sa_type=Instant)  # and since when that pass reads
    reached: datetime | None = Field(default=None, sa_type=Instant)  # the latest change that pass has seen
    read_at: datetime | None = Field(default=None, sa_type=Instant)


class PortalDossier(SQLModel, table=True):
    """One dossier of a démarche, and the territory that it is of."""

    __table_args__ = (UniqueConstraint("form_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    form_id: int = Field(foreign_key="portalform.id", index=True)
    number: int
    territory_id: int | None = Field(default=None, foreign_key="territory.id", index=True)
    state: str = Field(default="", max_length=32)
    modified_at: datetime = Field(sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)  # deleted there
    waiting: bool = False  # something in it could not be taken: it is read again at the next pass


class PortalDelivery(SQLModel, table=True):
    """One file, or answer, of a dossier for one part of a requirement."""

    __table_args__ = (UniqueConstraint("dossier_id", "requirement", "occurrence", "part", "champ", "checksum"),)

    id: int | None = Field(default=None, primary_key=True)
    dossier_id: int = Field(foreign_key="portaldossier.id", index=True)
    requirement: str = Field(max_length=64)
    occurrence: str = Field(default="", max_length=16)
    part: str = Field(max_length=64)
    champ: str = Field(max_length=200)
    checksum: str = Field(max_length=64)
    at: datetime = Field(sa_type=Instant)
    file: str = Field(default="", max_length=500)
    refused_at: datetime | None = Field(default=None, sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)
