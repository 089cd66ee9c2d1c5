"""What do the tables of a territory's dossier say: pieces, decisions, extensions, withdrawals, conventions?"""

from collections.abc import Iterator
from datetime import date

from models.rules.programme import Programme
from models.tables import Convention, Decision, Extension, Piece, Withdrawal
from models.words import PieceStatus
from tasks.intake_lines import Line, Lines, Reader, day_of
from tasks.upsert import Shape, Wanted

SHAPES = (
    Shape(
        subject="pieces", model=Piece, identity=("requirement", "occurrence", "part", "status", "at"),
        correctable=("reason", "file"), ranked=True, same_time=("requirement", "occurrence", "part", "at"),
    ),
    Shape(
        subject="decisions", model=Decision, identity=("verdict", "day"), correctable=("authority", "grounds"),
        ranked=True, same_time=("day",),
    ),
    Shape(
        subject="prorogations", model=Extension, identity=("deadline", "new_due", "granted_on"),
        correctable=("authority", "grounds", "reference"), ranked=True, same_time=("deadline", "granted_on"),
    ),
    Shape(subject="desistements", model=Withdrawal, identity=("day",), correctable=("grounds",)),
    Shape(
        subject="conventions", model=Convention, identity=("first_day",),
        correctable=("last_day", "signed_on", "city_contract_end"),
    ),
)  # fmt: skip


def piece(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The parts of a requirement that came, were refused or were taken back."""
    territory, zone = lines.territory_of(line)
    found = lines.named(line, "piece", lines.references.requirement)
    if found is None:
        return
    requirement, occurrence = found
    parts = lines.named(line, "parties", lambda text: lines.references.parts(requirement, text))
    if line["statut"] == PieceStatus.REFUSED and not line["motif"]:
        lines.warn(line, "motif", "pièce refusée sans motif", "écrire le motif : le courriel de relance le cite")
    if line.spoilt:
        return
    instant = line["date"].instant(zone)
    for part in parts:
        yield lines.wanted(
            line, territory,
            {"requirement": requirement.code, "occurrence": occurrence, "part": part, "status": line["statut"],
             "at": instant, "reason": line["motif"], "file": line["fichier"]},
            {"reason": "motif", "file": "fichier"},
        )  # fmt: skip


def decision(lines: Lines, line: Line) -> Iterator[Wanted]:
    """What was decided of a candidature."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    yield lines.wanted(
        line, territory,
        {"verdict": line["decision"], "day": line["date"].day(zone), "authority": line["autorite"],
         "grounds": line["motif"]},
        {"authority": "autorite", "grounds": "motif"},
    )  # fmt: skip


def extension(lines: Lines, line: Line) -> Iterator[Wanted]:
    """A later date that one territory was granted."""
    territory, zone = lines.territory_of(line)
    deadline = lines.named(line, "echeance", lines.references.obligation)
    if line.spoilt:
        return
    new_due, granted_on = line["nouvelle_date"].day(zone), line["accordee_le"].day(zone)
    due = _general_due(lines.programme, deadline, granted_on)
    if new_due <= due:
        lines.warn(
            line,
            "nouvelle_date",
            f"cette date n’est pas postérieure à l’échéance de la campagne ({due:%d/%m/%Y})",
            "vérifier la nouvelle date",
        )
    yield lines.wanted(
        line, territory,
        {"deadline": deadline, "new_due": new_due, "granted_on": granted_on, "authority": line["autorite"],
         "grounds": line["motif"], "reference": line["reference"]},
        {"authority": "autorite", "grounds": "motif", "reference": "reference"},
    )  # fmt: skip


def _general_due(programme: Programme, obligation: str, day: date) -> date:
    dates = programme.deadline_of(obligation).occurrences[obligation.partition(":")[2]]
    return [each.date for each in dates if each.since is None or each.since <= day][-1]


def withdrawal(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The day on which a territory gave up."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    yield lines.wanted(line, territory, {"day": line["date"].day(zone), "grounds": line["motif"]}, {"grounds": "motif"})


def convention(lines: Lines, line: Line) -> Iterator[Wanted]:
    """The days of one convention."""
    territory, zone = lines.territory_of(line)
    if line.spoilt:
        return
    first_day, last_day = line["debut"].day(zone), line["fin"].day(zone)
    if last_day < first_day:
        lines.refuse(
            line,
            "fin",
            f"la convention finirait avant son début ({first_day:%d/%m/%Y})",
            "remettre les deux dates dans l’ordre",
        )
    yield lines.wanted(
        line, territory,
        {"first_day": first_day, "last_day": last_day, "signed_on": day_of(line["signee_le"], zone),
         "city_contract_end": day_of(line["fin_contrat_de_ville"], zone)},
        {"last_day": "fin", "signed_on": "signee_le", "city_contract_end": "fin_contrat_de_ville"},
    )  # fmt: skip


READERS: dict[str, Reader] = {
    "pieces": piece, "decisions": decision, "prorogations": extension, "desistements": withdrawal,
    "conventions": convention,
}  # fmt: skip
