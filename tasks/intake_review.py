"""What do the tables of a candidature's review and of a cité's steering say: examinations, opinions, mandates?"""

from collections.abc import Iterator

from models.life_tables import Examination, Mandate, Opinion
from tasks.intake_lines import Line, Lines, Reader, day_of
from tasks.upsert import Shape, Wanted

SHAPES = (
    Shape(
        subject="examens", model=Examination, identity=("criterion", "day", "author"),
        correctable=("appreciation", "remarks"), ranked=True, same_time=("criterion", "day"),
    ),
    Shape(
        subject="avis", model=Opinion, identity=("instance", "day"),
        correctable=("opinion", "author", "grounds"), ranked=True, same_time=("instance", "day"),
    ),
    Shape(
        subject="mandats", model=Mandate, identity=("mandate", "holder", "first_day"),
        correctable=("email", "last_day", "given_by", "reference"),
    ),
)  # fmt: skip


def examination(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One criterion of one candidature, as one reader sees it."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"criterion": line["critere"], "day": line["date"].day(zone), "author": line["autorite"],
         "appreciation": line["appreciation"], "remarks": line["observations"]},
        {"appreciation": "appreciation", "remarks": "observations"},
    )  # fmt: skip


def opinion(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The opinion of one regional instance."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"instance": line["instance"], "day": line["date"].day(zone), "opinion": line["avis"],
         "author": line["autorite"], "grounds": line["motif"]},
        {"opinion": "avis", "author": "autorite", "grounds": "motif"},
    )  # fmt: skip


def mandate(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The mandate of one person."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"mandate": line["mandat"], "holder": line["titulaire"], "first_day": line["debut"].day(zone),
         "email": line["courriel"], "last_day": day_of(line["fin"], zone), "given_by": line["mandants"],
         "reference": line["reference"]},
        {"email": "courriel", "last_day": "fin", "given_by": "mandants", "reference": "reference"},
    )  # fmt: skip


READERS: dict[str, Reader] = {"examens": examination, "avis": opinion, "mandats": mandate}
