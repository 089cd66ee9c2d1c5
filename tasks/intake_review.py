"""What do the tables of a candidature's review and of a cité's steering say: examinations, opinions, mandates?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from models.life_tables import Examination, Mandate, Opinion
from models.rules.calendar import instant
from models.rules.dossier import Dossier, PieceFact
from models.rules.references import code_named
from models.rules.sitting import OpinionFact, decided_without
from models.rules.typed_values import fold
from notifications.french import listing
from tasks.faults import Fault
from tasks.intake_lines import Line, Lines, Reader, day_of
from tasks.upsert import Changes, Fact, Shape, Wanted

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
    grid = lines.programme.grid
    criterion = lines.named(line, "critere", code_named, grid.criterion_titles(), "critère inconnu de la grille")
    word = lines.named(line, "appreciation", code_named, grid.appreciations, "mot d’appréciation inconnu")
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"criterion": criterion, "day": line["date"].day(zone), "author": line["autorite"],
         "appreciation": word, "remarks": line["observations"]},
        {"appreciation": "appreciation", "remarks": "observations"},
    )  # fmt: skip


def opinion(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The opinion of one regional instance."""
    territory, zone = lines.territory_of(line)
    instances = lines.programme.grid.instance_titles()
    instance = lines.named(line, "instance", code_named, instances, "instance inconnue")
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"instance": instance, "day": line["date"].day(zone), "opinion": line["avis"],
         "author": line["autorite"], "grounds": line["motif"]},
        {"opinion": "avis", "author": "autorite", "grounds": "motif"},
    )  # fmt: skip


def mandate(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The mandate of one person."""
    territory, zone = lines.territory_of(line)
    governance = lines.programme.governance
    kind = lines.named(line, "mandat", code_named, governance.kind_titles(), "mandat inconnu")
    givers = lines.named(line, "mandants", _givers, governance.institution_titles())
    if line.spoilt:
        return
    first_day, last_day = line["debut"].day(zone), day_of(line["fin"], zone)
    if last_day is not None and last_day < first_day:
        problem = f"le mandat finirait avant son début ({first_day:%d/%m/%Y})"
        lines.refuse(line, "fin", problem, "remettre les deux dates dans l’ordre")
    yield lines.wanted(
        line, territory,
        {"mandate": kind, "holder": line["titulaire"], "first_day": first_day, "email": line["courriel"],
         "last_day": last_day, "given_by": givers, "reference": line["reference"]},
        {"email": "courriel", "last_day": "fin", "given_by": "mandants", "reference": "reference"},
    )  # fmt: skip


def _givers(text: str, titles: Mapping[str, str]) -> str:
    """The codes of the institutions that a cell names, spaces between; French titles need commas between them."""
    chunks = [each.strip() for each in re.split(r"[,;|]| et ", text) if each.strip()]
    known = {fold(title) for title in titles.values()}
    words = [word for each in chunks for word in ([each] if fold(each) in known else each.split())]
    return " ".join(dict.fromkeys(code_named(word, titles, "mandant inconnu") for word in words))


def decided_too_soon(lines: Lines, changed: Mapping[str, Changes]) -> Iterator[Fault]:
    """The warnings of decisions that the files bring, and that were taken without a visa or an opinion (E106, E109)."""
    decisions = [each for each in changed["decisions"].standing if each.wanted] if "decisions" in changed else []
    if not decisions:
        return
    touched = {each.territory for each in decisions}
    pieces, opinions = (lines.standing(changed, name, touched) for name in ("pieces", "avis"))
    for decision in decisions:
        assert decision.wanted is not None
        code, day = decision.territory, decision.values["day"]
        departement = lines.places.get(code)
        if departement is None:
            continue
        dossier = Dossier(
            code=code, name=code, departement=departement, region=lines.calendar.region(departement),
            pieces=_pieces(lines, pieces[code]),
        )  # fmt: skip
        heard = [
            OpinionFact(instance=each.values["instance"], day=each.values["day"], opinion=each.values["opinion"])
            for each in opinions[code]
        ]
        without = decided_without(lines.programme, dossier, heard, _end_of(day, lines.calendar.zone(departement)))
        if without:
            yield Fault(
                file=decision.wanted.file, row=decision.wanted.row, column="decision",
                value=f"{code}, {decision.values['verdict'].value}",
                problem=f"décision du {day:%d/%m/%Y} prise sans {listing(without)} (E106, E109)",
                cure="la décision reste possible ; inscrire aux tableaux pieces et avis ce qui est arrivé depuis",
            )  # fmt: skip


def _pieces(lines: Lines, facts: Sequence[Fact]) -> tuple[PieceFact, ...]:
    found = [
        PieceFact(requirement=each["requirement"], occurrence=each["occurrence"], part=each["part"],
                  status=each["status"], at=each["at"])
        for each in (fact.values for fact in facts)
        if each["requirement"] == lines.programme.grid.visas
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.at))


def _end_of(day: date, zone: str) -> datetime:
    return instant(day + timedelta(days=1), 0, zone) - timedelta(microseconds=1)


READERS: dict[str, Reader] = {"examens": examination, "avis": opinion, "mandats": mandate}
