"""What do we remember?

One campaign holds territories; everything else hangs on a territory. What people send is appended, never overwritten
in silence: every change leaves an `Event`. `rank` tells apart rows of an exchanged table that are alike in every other
respect, so that importing the same file twice changes nothing. Amounts are whole cents; instants are UTC and aware.
`table=True` validates nothing: rows come from the intake's checked models, and constraints below hold whatever happens.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import Instant, words
from models.words import (
    Direction,
    Funder,
    Kind,
    LeadAuthority,
    MessageStatus,
    NoticeStatus,
    PieceStatus,
    Purpose,
    Role,
    Verdict,
)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


class Campaign(SQLModel, table=True):
    """One call: its code, and the programme file it follows, kept word for word."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    title: str = Field(max_length=200)
    edition: str = Field(max_length=64)
    opens: date
    document: str = Field(sa_column=Column(Text, nullable=False))  # the campaign file's text
    opened_at: datetime = Field(sa_type=Instant)


class Territory(SQLModel, table=True):
    """One candidate in one campaign."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        Index("ix_territory_partition", "campaign_id", "region"),
        CheckConstraint("qpv_population IS NULL OR qpv_population >= 0", name="population_is_counted"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    code: str = Field(max_length=64)
    name: str = Field(max_length=200)
    communes: str = Field(default="", max_length=400)  # INSEE codes, spaces between
    departement: str = Field(max_length=3)
    region: str = Field(max_length=3)
    lead_authority: LeadAuthority = Field(sa_type=words(LeadAuthority))
    asks_extra_means: bool = False
    qpv: str = Field(default="", max_length=400)  # QPV codes, spaces between (E028)
    qpv_population: int | None = None  # E029
    lead_college: str = Field(default="", max_length=8)  # UAI


class Obligation(SQLModel, table=True):
    """One deadline for one territory; a yearly deadline has one per year (`fund_report:2021`)."""

    __table_args__ = (UniqueConstraint("territory_id", "deadline"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    deadline: str = Field(max_length=64)


class Contact(SQLModel, table=True):
    """Who is written to: a role over a perimeter. A contact that a later table replaces is kept, not active."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "role", "perimeter", "email"),
        CheckConstraint("email LIKE '%_@_%'", name="email_is_an_address"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    role: Role = Field(sa_type=words(Role))
    perimeter: str = Field(max_length=80)  # a territory's code, departement:59, academie:Reims, region:32, national
    name: str = Field(default="", max_length=200)
    email: str = Field(max_length=254)
    channel: str = Field(default="", max_length=500)  # another channel, an Apprise URL
    active: bool = True


class Piece(SQLModel, table=True):
    """One delivery of one part of a requirement, or its refusal, or its taking back."""

    __table_args__ = (
        UniqueConstraint(
            "territory_id", "requirement", "occurrence", "part", "status", "at", "rank", name="uq_piece_delivery"
        ),
        Index("ix_piece_obligation", "territory_id", "requirement", "occurrence", "part"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    requirement: str = Field(max_length=64)
    occurrence: str = Field(default="", max_length=16)  # the year of a yearly piece: bilan-fonds@2021
    part: str = Field(max_length=64)
    status: PieceStatus = Field(sa_type=words(PieceStatus))
    at: datetime = Field(sa_type=Instant)
    reason: str = Field(default="", max_length=2000)
    file: str = Field(default="", max_length=500)
    rank: int = 0


class FundingLine(SQLModel, table=True):
    """Money one funder brings to one territory for one year: planned, notified, paid, in cents (E144)."""

    __table_args__ = (
        UniqueConstraint(
            "territory_id", "year", "funder", "purpose", "kind", "mainstream", "rank", name="uq_fundingline_line"
        ),
        CheckConstraint("planned >= 0 AND notified >= 0 AND paid >= 0", name="amounts_are_positive"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    year: int
    funder: Funder = Field(sa_type=words(Funder))
    purpose: Purpose = Field(sa_type=words(Purpose))
    kind: Kind = Field(sa_type=words(Kind))
    mainstream: bool = False
    planned: int = Field(default=0, sa_type=BigInteger)
    notified: int = Field(default=0, sa_type=BigInteger)
    paid: int = Field(default=0, sa_type=BigInteger)
    rank: int = 0


class Envelope(SQLModel, table=True):
    """What is delegated to a département for one year, in cents (E119, E120)."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "departement", "year"),
        CheckConstraint("amount >= 0", name="amount_is_positive"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    departement: str = Field(max_length=3)
    year: int
    amount: int = Field(sa_type=BigInteger)


class Decision(SQLModel, table=True):
    """What the ministers decided of a territory's candidature; a correction is one more row (E042, E105, E106)."""

    __table_args__ = (UniqueConstraint("territory_id", "verdict", "day", "rank"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    verdict: Verdict = Field(sa_type=words(Verdict))
    day: date
    authority: str = Field(default="", max_length=200)
    grounds: str = Field(default="", max_length=2000)
    rank: int = 0


class Extension(SQLModel, table=True):
    """More time granted to one territory for one deadline."""

    __table_args__ = (UniqueConstraint("territory_id", "deadline", "new_due", "granted_on", "rank"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    deadline: str = Field(max_length=64)
    new_due: date
    granted_on: date
    authority: str = Field(default="", max_length=200)
    grounds: str = Field(default="", max_length=2000)
    reference: str = Field(default="", max_length=200)
    rank: int = 0


class Withdrawal(SQLModel, table=True):
    """A territory gives up."""

    __table_args__ = (UniqueConstraint("territory_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    day: date
    grounds: str = Field(default="", max_length=2000)


class Convention(SQLModel, table=True):
    """A convention of means, from its first to its last day; signed or not yet (E020, E021)."""

    __table_args__ = (
        UniqueConstraint("territory_id", "first_day"),
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    first_day: date
    last_day: date
    signed_on: date | None = None
    city_contract_end: date | None = None


class FundOperation(SQLModel, table=True):
    """One receipt or expense of a cité's fund, in cents (E130, E132, E260)."""

    __table_args__ = (
        UniqueConstraint(
            "territory_id", "year", "day", "direction", "funder", "axis", "label", "amount", "rank",
            name="uq_fundoperation_operation",
        ),
        CheckConstraint("amount >= 0", name="amount_is_positive"),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    year: int
    day: date
    direction: Direction = Field(sa_type=words(Direction))
    funder: str = Field(default="", max_length=32)  # a receipt names its funder
    axis: str = Field(default="", max_length=8)  # an expense names its axis: 1.1 … 3.7
    label: str = Field(default="", max_length=300)
    amount: int = Field(sa_type=BigInteger)
    several_schools: bool = False
    outside_partner: bool = False
    rank: int = 0


class Run(SQLModel, table=True):
    """One pass of one deadline's flow at one instant, and what it did in figures."""

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    deadline: str = Field(max_length=64)
    at: datetime = Field(sa_type=Instant)
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Message(SQLModel, table=True):
    """One letter: the notices of one address in one run. Written when decided, rendered when sent."""

    __table_args__ = (Index("ix_message_queue", "status", "lease_until"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=400)  # run and address: what makes a repeat impossible
    message_id: str = Field(unique=True, max_length=200)  # the header, the same at every attempt
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    run_id: int = Field(foreign_key="run.id", index=True)
    letter: str = Field(default="", max_length=64)  # the folder of a letter posted whole; empty: made of its notices
    address: str = Field(max_length=254)
    channel: str = Field(default="", max_length=500)
    zone: str = Field(max_length=64)  # the recipient's clock
    facts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # notifications.facts.Letter as JSON
    decided_at: datetime = Field(sa_type=Instant)
    status: MessageStatus = Field(default=MessageStatus.WAITING, sa_type=words(MessageStatus))
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=Instant)  # after a temporary failure
    leased_by: str = Field(default="", max_length=100)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    subject: str = Field(default="", max_length=500)  # as sent
    outcome: str = Field(default="", max_length=1000)  # where the letter went, or why it did not
    held: str = Field(default="", max_length=300)  # why it waits for somebody's release; empty: it does not
    released_at: datetime | None = Field(default=None, sa_type=Instant)
    released_by: str = Field(default="", max_length=200)
    body_hash: str = Field(default="", max_length=64)  # SHA-256 of the mail as it left: what stays when the body goes
    purged_at: datetime | None = Field(default=None, sa_type=Instant)  # when its words were forgotten


class Notice(SQLModel, table=True):
    """One step of one obligation for one contact: the key that makes a second reminder impossible."""

    __table_args__ = (
        UniqueConstraint("obligation_id", "due", "step", "occasion", "contact_id", name="uq_notice_once"),
        Index("ix_notice_run", "run_id", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id", index=True)
    contact_id: int = Field(foreign_key="contact.id", index=True)
    due: date  # of a step: its due date; of another letter: the day of its event
    step: str = Field(max_length=16)  # "-7", "1", or opening, receipt, decision, extension
    occasion: str = Field(default="", max_length=40)  # which opening, receipt, decision or extension
    status: NoticeStatus = Field(sa_type=words(NoticeStatus))
    reason: str = Field(default="", max_length=300)
    run_id: int = Field(foreign_key="run.id")
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    decided_at: datetime = Field(sa_type=Instant)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # facts.Section


class Unreachable(SQLModel, table=True):
    """A role that should have been written to and has no contact (semantics §3.7)."""

    __table_args__ = (UniqueConstraint("obligation_id", "due", "step", "occasion", "role", name="uq_unreachable_once"),)

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id", index=True)
    due: date
    step: str = Field(max_length=16)
    occasion: str = Field(default="", max_length=40)
    role: Role = Field(sa_type=words(Role))
    owes: bool
    run_id: int = Field(foreign_key="run.id", index=True)
    decided_at: datetime = Field(sa_type=Instant)


class StateSeen(SQLModel, table=True):
    """A change of state of a dossier, recorded when it is seen (semantics §5)."""

    __table_args__ = (UniqueConstraint("territory_id", "state", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    state: str = Field(max_length=32)
    at: datetime = Field(sa_type=Instant)


class Pause(SQLModel, table=True):
    """An order to hold letters back, or to let them leave again; the last order of a scope stands.

    Without a campaign: all letters; without a territory: the campaign's. Rows are appended, never changed.
    """

    __table_args__ = (
        CheckConstraint("territory_id IS NULL OR campaign_id IS NOT NULL", name="territory_is_of_a_campaign"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", index=True)
    territory_id: int | None = Field(default=None, foreign_key="territory.id", index=True)
    holds: bool  # false: letters leave again
    at: datetime = Field(sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)  # a hold that ends by itself
    author: str = Field(max_length=200)
    grounds: str = Field(default="", max_length=2000)
