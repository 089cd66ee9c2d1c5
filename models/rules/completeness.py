"""Is an obligation satisfied, and if not, what is missing and why?

Satisfied when every part of every required requirement that applies stands at `recue` (semantics §4, E096). A
recommended requirement is listed and never blocks.
"""

from dataclasses import dataclass
from datetime import datetime

from models.rules.dossier import Dossier, PieceFact, standing_pieces
from models.rules.programme import Programme
from models.words import PieceStatus, Role

REASONS = {PieceStatus.REFUSED: "refusee", PieceStatus.TAKEN_BACK: "retiree"}
ABSENT = "absente"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One part that does not stand at `recue`."""

    requirement: str
    part: str
    owner: Role
    reason: str  # absente, refusee, retiree
    motive: str
    required: bool

    @property
    def name(self) -> str:
        return f"{self.requirement}/{self.part}"


@dataclass(frozen=True, slots=True)
class Asked:
    """One part that applies to a territory, in the order of the programme."""

    requirement: str
    part: str
    owner: Role
    required: bool


def findings(programme: Programme, dossier: Dossier, obligation: str, at: datetime) -> list[Finding]:
    """What the obligation still lacks at `at`, in the order of the programme; recommended parts last."""
    deadline, _, occurrence = obligation.partition(":")
    asked = parts_asked(programme, dossier, deadline)
    standing = standing_pieces(dossier, occurrence, at) if dossier.pieces else {}
    return [
        _finding(each, standing.get((each.requirement, each.part)))
        for each in asked
        if (found := standing.get((each.requirement, each.part))) is None or found.status is not PieceStatus.RECEIVED
    ]


def is_satisfied(found: list[Finding]) -> bool:
    return not any(each.required for each in found)


def satisfied_since(programme: Programme, dossier: Dossier, obligation: str, at: datetime) -> datetime | None:
    """The instant since which the obligation has been satisfied without a break; None if it is not at `at`.

    An obligation that asks nothing of this territory has no such instant.
    """
    deadline, _, occurrence = obligation.partition(":")
    wanted = {(each.requirement, each.part) for each in parts_asked(programme, dossier, deadline) if each.required}
    received: set[tuple[str, str]] = set()
    since: datetime | None = None
    pieces = [
        piece
        for piece in dossier.pieces
        if piece.at <= at and piece.occurrence == occurrence and (piece.requirement, piece.part) in wanted
    ]
    for number, piece in enumerate(pieces):
        key = (piece.requirement, piece.part)
        if piece.status is PieceStatus.RECEIVED:
            received.add(key)
        else:
            received.discard(key)
        if number + 1 < len(pieces) and pieces[number + 1].at == piece.at:
            continue  # rows of one instant are one moment
        if len(received) < len(wanted):
            since = None
        elif since is None:
            since = piece.at
    return since


def owners(programme: Programme, dossier: Dossier, obligation: str) -> tuple[Role, ...]:
    """The roles that own a required part of the obligation, in the order of the programme."""
    asked = parts_asked(programme, dossier, obligation.partition(":")[0])
    return tuple(dict.fromkeys(each.owner for each in asked if each.required))


def parts_asked(programme: Programme, dossier: Dossier, deadline: str) -> tuple[Asked, ...]:
    """The parts asked of this territory: required ones first, then recommended ones."""
    code = dossier.code if programme.names_territories else ""
    profile = (deadline, code, dossier.departement, dossier.region, dossier.asks_extra_means)
    known = programme.asked.get(profile)
    if known is None:
        parts = [
            Asked(requirement.code, part.code, part.owner, requirement.required)
            for requirement in programme.requirements_of(deadline)
            if requirement.applies.to(
                territory=dossier.code,
                departement=dossier.departement,
                region=dossier.region,
                asks_extra_means=dossier.asks_extra_means,
            )
            for part in requirement.parts
        ]
        known = programme.asked[profile] = tuple(sorted(parts, key=lambda each: not each.required))
    return known


def _finding(asked: Asked, piece: PieceFact | None) -> Finding:
    return Finding(
        requirement=asked.requirement,
        part=asked.part,
        owner=asked.owner,
        reason=REASONS[piece.status] if piece else ABSENT,
        motive=piece.reason if piece else "",
        required=asked.required,
    )
