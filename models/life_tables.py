"""What do we remember of a cité's life after its candidature: how it is examined, steered, and what it does?

As in `tables`: appended or corrected by the intake alone, with an event each; `rank` tells apart rows that are alike.
A year of 0 means the whole convention: a unique key needs a value there. Codes named by the programme's files
(criteria, mandates, natures of commitment, series) are checked by the intake.
"""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import words
from models.words import IndicatorKind, OpinionWord


class Examination(SQLModel, table=True):
    """What a reader thinks of one criterion of a candidature, in words (E098 to E104)."""

    __table_args__ = (UniqueConstraint("territory_id", "criterion", "day", "author", "rank"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    criterion: str = Field(max_length=64)
    appreciation: str = Field(max_length=64)
    remarks: str = Field(default="", max_length=4000)
    day: date
    author: str = Field(default="", max_length=200)
    rank: int = 0


class Opinion(SQLModel, table=True):
    """The opinion of a regional instance before the national decision (E047, E109)."""

    __table_args__ = (UniqueConstraint("territory_id", "instance", "day", "rank"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    instance: str = Field(max_length=64)
    opinion: OpinionWord = Field(sa_type=words(OpinionWord))
    day: date
    author: str = Field(default="", max_length=200)
    grounds: str = Field(default="", max_length=2000)
    rank: int = 0


class Mandate(SQLModel, table=True):
    """One person's mandate, from its day on; whoever follows has a row of their own (E059, E060)."""

    __table_args__ = (
        UniqueConstraint("territory_id", "mandate", "holder", "first_day"),
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="ends_after_it_begins"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    mandate: str = Field(max_length=64)
    holder: str = Field(max_length=200)
    email: str = Field(default="", max_length=254)
    first_day: date
    last_day: date | None = None
    given_by: str = Field(default="", max_length=200)  # codes of institutions, spaces between (E055)
    reference: str = Field(default="", max_length=200)


class Commitment(SQLModel, table=True):
    """What a partner commits to bring: people, things or money (E111)."""

    __table_args__ = (
        UniqueConstraint("territory_id", "partner", "nature", "year", "label", "rank"),
        CheckConstraint("amount >= 0", name="amount_is_positive"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    partner: str = Field(max_length=200)
    nature: str = Field(max_length=64)
    year: int = 0
    label: str = Field(default="", max_length=300)
    quantity: str = Field(default="", max_length=100)  # « 1,5 poste », « une salle »
    amount: int = Field(default=0, sa_type=BigInteger)  # cents
    rank: int = 0


class PlannedAction(SQLModel, table=True):
    """One action of an action plan, under its axis (E110, E153 to E178)."""

    __table_args__ = (
        UniqueConstraint("territory_id", "axis", "title", "first_year", "rank"),
        CheckConstraint("cost >= 0", name="cost_is_positive"),
        CheckConstraint("last_year = 0 OR last_year >= first_year", name="ends_after_it_begins"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    axis: str = Field(max_length=8)
    title: str = Field(max_length=300)
    carrier: str = Field(default="", max_length=200)
    first_year: int = 0
    last_year: int = 0
    cost: int = Field(default=0, sa_type=BigInteger)  # cents
    is_new: bool = False  # or an existing measure made stronger (E135)
    several_schools: bool = False
    outside_partner: bool = False
    rank: int = 0


class Indicator(SQLModel, table=True):
    """What a territory measures: from which baseline, by which source, towards which target (E145 to E148).

    Values are whole ten-thousandths.
    """

    __table_args__ = (UniqueConstraint("territory_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    code: str = Field(max_length=64)
    title: str = Field(default="", max_length=300)
    kind: IndicatorKind = Field(sa_type=words(IndicatorKind))
    topic: str = Field(default="", max_length=64)
    unit: str = Field(default="", max_length=64)
    source: str = Field(default="", max_length=200)
    baseline: int | None = Field(default=None, sa_type=BigInteger)
    baseline_year: int = 0
    target: int | None = Field(default=None, sa_type=BigInteger)
    target_year: int = 0


class Measure(SQLModel, table=True):
    """One year's value of an indicator, in ten-thousandths."""

    __table_args__ = (UniqueConstraint("territory_id", "indicator", "year"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    indicator: str = Field(max_length=64)
    year: int
    value: int = Field(sa_type=BigInteger)


class CellSignature(SQLModel, table=True):
    """Who signed the protocol or the charter of a cell against school avoidance (E186 to E188)."""

    __table_args__ = (UniqueConstraint("territory_id", "document", "signatory"),)

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    document: str = Field(max_length=64)
    signatory: str = Field(max_length=64)
    name: str = Field(default="", max_length=200)
    day: date


class CellCount(SQLModel, table=True):
    """One year of one of the nine series of a cell: a number, never a child (E203 to E209, E222)."""

    __table_args__ = (
        UniqueConstraint("territory_id", "year", "series"),
        CheckConstraint("value >= 0", name="value_is_counted"),
    )

    id: int | None = Field(default=None, primary_key=True)
    territory_id: int = Field(foreign_key="territory.id", index=True)
    year: int
    series: str = Field(max_length=64)
    value: int
