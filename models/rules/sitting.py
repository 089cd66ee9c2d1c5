"""What lies before the ministers of one candidature, and what is still missing?

The visas, the opinions of the regional instances, the grid as its readers filled it, the decision. Words beside words:
nothing is counted, added up or ranked (E014), and nothing here stands in the way of a decision. Days are the
territory's own; an opinion or a reading counts from its day on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from models.rules.calendar import local
from models.rules.completeness import ABSENT, REASONS, findings
from models.rules.dossier import DecisionFact, Dossier, standing_decision, standing_pieces
from models.rules.lifecycle import FRENCH, state
from models.rules.programme import Programme
from models.words import OpinionWord, PieceStatus, Role

OPINION_WORDS = {
    OpinionWord.FAVOURABLE: "favorable",
    OpinionWord.WITH_RESERVES: "favorable avec réserves",
    OpinionWord.UNFAVOURABLE: "défavorable",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What one reader wrote of one criterion; readings stand in the order of their table."""

    criterion: str
    day: date
    author: str
    appreciation: str
    remarks: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpinionFact:
    """What one instance thinks, on one day."""

    instance: str
    day: date
    opinion: OpinionWord
    author: str = ""
    grounds: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visa:
    """One visa: of whom, and where it stands (`recue`, `absente`, `refusee`, `retiree`); `on` is None when absent."""

    part: str
    title: str
    owner: Role
    status: str
    on: date | None
    motive: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """One thing that is not there yet. `kind`: visa, opinion, piece or criterion."""

    kind: str
    code: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitting:
    """One candidature as it lies before the ministers; every list is in the order of the programme."""

    state: str
    state_title: str
    visas: tuple[Visa, ...]
    opinions: tuple[tuple[str, OpinionFact | None], ...]  # (instance, its standing opinion)
    grid: tuple[tuple[str, tuple[Reading, ...]], ...]  # (criterion, the latest word of each of its readers)
    missing: tuple[Missing, ...]
    decision: DecisionFact | None


def sitting(
    programme: Programme, dossier: Dossier, readings: Sequence[Reading], opinions: Sequence[OpinionFact], at: datetime
) -> Sitting:
    """What is known of the candidature at `at`."""
    zone = programme.calendar.zone(dossier.departement)
    day = local(at, zone).date()
    seals = visas(programme, dossier, at)
    heard = tuple((instance, standing_opinion(opinions, instance, day)) for instance in programme.grid.instances)
    grid = tuple((criterion, _latest(readings, criterion, day)) for criterion in programme.grid.criteria)
    now = state(programme, dossier, at)
    return Sitting(
        state=now.value,
        state_title=FRENCH[now],
        visas=seals,
        opinions=heard,
        grid=grid,
        missing=(
            *_visas_and_opinions(programme, seals, heard),
            *_pieces(programme, dossier, at),
            *_unread(programme, grid),
        ),
        decision=standing_decision(dossier, day),
    )


def visas(programme: Programme, dossier: Dossier, at: datetime) -> tuple[Visa, ...]:
    """The visas of the request, as they stand at `at`; none where the campaign asks for none."""
    zone = programme.calendar.zone(dossier.departement)
    requirement = programme.requirement(programme.grid.visas)
    if requirement is None:
        return ()
    standing = standing_pieces(dossier, "", at)
    found = []
    for part in requirement.parts:
        piece = standing.get((requirement.code, part.code))
        received = piece is not None and piece.status is PieceStatus.RECEIVED
        found.append(
            Visa(
                part=part.code,
                title=part.title,
                owner=part.owner,
                status=PieceStatus.RECEIVED.value if received else REASONS[piece.status] if piece else ABSENT,
                on=local(piece.at, zone).date() if piece else None,
                motive=piece.reason if piece else "",
            )
        )
    return tuple(found)


def standing_opinion(opinions: Iterable[OpinionFact], instance: str, day: date) -> OpinionFact | None:
    """The last opinion of the instance on `day`; between equals the later row."""
    last = None
    for each in opinions:
        if each.instance == instance and each.day <= day and (last is None or each.day >= last.day):
            last = each
    return last


def decided_without(
    programme: Programme, dossier: Dossier, opinions: Sequence[OpinionFact], end_of_day: datetime
) -> tuple[str, ...]:
    """What a decision taken on a day was taken without, in French: « le visa du DASEN », « l’avis du rectorat… »."""
    day = local(end_of_day, programme.calendar.zone(dossier.departement)).date()
    return (
        *(f"le {each.title}" for each in visas(programme, dossier, end_of_day) if not _is_given(each)),
        *(
            f"l’{instance.opinion}"
            for code, instance in programme.grid.instances.items()
            if standing_opinion(opinions, code, day) is None
        ),
    )


def _is_given(visa: Visa) -> bool:
    return visa.status == PieceStatus.RECEIVED.value


def _latest(readings: Sequence[Reading], criterion: str, day: date) -> tuple[Reading, ...]:
    """The latest word of each reader, in the order in which the readers first spoke."""
    last: dict[str, Reading] = {}
    for each in readings:
        if each.criterion == criterion and each.day <= day:
            before = last.get(each.author)
            if before is None or each.day >= before.day:
                last[each.author] = each
    return tuple(last.values())


def _visas_and_opinions(
    programme: Programme, seals: Sequence[Visa], heard: Sequence[tuple[str, OpinionFact | None]]
) -> Iterable[Missing]:
    became = {ABSENT: "n’est pas arrivé", "refusee": "est refusé", "retiree": "est retiré"}
    for visa in seals:
        if not _is_given(visa):
            motive = f" ({visa.motive})" if visa.motive else ""
            yield Missing(kind="visa", code=visa.part, text=f"le {visa.title} {became[visa.status]}{motive}")
    for instance, opinion in heard:
        if opinion is None:
            words = programme.grid.instances[instance].opinion
            yield Missing(kind="opinion", code=instance, text=f"l’{words} n’est pas arrivé")


def _pieces(programme: Programme, dossier: Dossier, at: datetime) -> Iterable[Missing]:
    for each in findings(programme, dossier, "candidature", at) if "candidature" in programme.deadlines else ():
        requirement = programme.requirement(each.requirement)
        if not each.required or requirement is None or requirement.code == programme.grid.visas:
            continue
        part = next(part.title for part in requirement.parts if part.code == each.part)
        words = {ABSENT: "absent", "refusee": "refusé", "retiree": "retiré"}[each.reason]
        motive = f" ({each.motive})" if each.motive else ""
        yield Missing(kind="piece", code=each.name, text=f"{requirement.title}, {part} : {words}{motive}")


def _unread(programme: Programme, grid: Sequence[tuple[str, tuple[Reading, ...]]]) -> Iterable[Missing]:
    titles = programme.grid.criterion_titles()
    for criterion, readings in grid:
        if not readings:
            yield Missing(kind="criterion", code=criterion, text=f"personne n’a encore lu : {titles[criterion]}")
