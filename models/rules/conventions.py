"""What is there to see to in a territory's conventions?

A convention runs as long as the campaign says (three years, E020) and is annexed to a contrat de ville, which may end
sooner (E021, E242). Money of the ville ministry comes after the label and the convention (E241). Days are the
territory's own. Nothing here blocks: it is what a prefecture looks at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from models.rules.amounts import euros
from models.rules.calendar import local
from models.rules.dossier import ConventionFact, Dossier, following_convention, has_withdrawn, labelled_on
from models.rules.programme import Programme
from models.words import PieceStatus, Role

DEADLINE = "convention"
CODES: Mapping[str, str] = {
    "no_convention": "label sans convention",
    "unsigned": "convention non signée",
    "parts_missing": "signature ou annexe absente",
    "outlives_city_contract": "dépasse le contrat de ville",
    "city_contract_unknown": "fin du contrat de ville inconnue",
    "length_differs": "durée différente",
    "ends_within_a_year": "fin proche",
    "ended": "terminée sans suite",
    "paid_before_convention": "versé avant la convention",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ConventionFinding:
    """One thing to see to. `first_day` names the convention; `days` and `amount` (cents) are None where none counts."""

    code: str
    text: str
    first_day: date | None = None
    days: int | None = None
    amount: int | None = None

    @property
    def title(self) -> str:
        """The finding in two or three words."""
        return CODES[self.code]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One convention as it stands on a day."""

    fact: ConventionFact
    signed: bool
    follows: ConventionFact | None  # the last one that ended before it began
    followed_by: ConventionFact | None
    days_past_city_contract: int | None  # None: the end of the contrat de ville is not known


@dataclass(frozen=True, kw_only=True, slots=True)
class PartSeen:
    """One part that the convention asks for, a signature or the annex, as it stands on a day."""

    requirement: str
    part: str
    title: str  # « signature du préfet », « Annexion au contrat de ville »
    owner: Role
    status: PieceStatus | None  # None: nothing came
    day: date | None  # when it came, was refused or taken back
    reason: str

    @property
    def is_there(self) -> bool:
        return self.status is PieceStatus.RECEIVED


def parts_seen(programme: Programme, dossier: Dossier, day: date) -> tuple[PartSeen, ...]:
    """Who has signed by the end of `day` and when, who has not, and the annex; in the order of the programme."""
    zone = programme.calendar.zone(dossier.departement)
    standing = {
        (piece.requirement, piece.part): piece for piece in dossier.pieces if local(piece.at, zone).date() <= day
    }  # the last row wins
    seen = []
    for requirement in programme.requirements_of(DEADLINE):
        for part in requirement.parts:
            piece = standing.get((requirement.code, part.code))
            seen.append(
                PartSeen(
                    requirement=requirement.code,
                    part=part.code,
                    title=part.title if len(requirement.parts) > 1 else requirement.title,
                    owner=part.owner,
                    status=piece.status if piece else None,
                    day=local(piece.at, zone).date() if piece else None,
                    reason=piece.reason if piece else "",
                )
            )
    return tuple(seen)


def conventions_seen(dossier: Dossier, day: date) -> tuple[Seen, ...]:
    """The territory's conventions on `day`, by their first day."""
    return tuple(
        Seen(
            fact=fact,
            signed=fact.signed_on is not None and fact.signed_on <= day,
            follows=max(
                (each for each in dossier.conventions if each.last_day < fact.first_day),
                key=lambda each: each.last_day,
                default=None,
            ),
            followed_by=following_convention(dossier, fact, day),
            days_past_city_contract=None
            if fact.city_contract_end is None
            else max(0, (fact.last_day - fact.city_contract_end).days),
        )
        for fact in sorted(dossier.conventions, key=lambda each: each.first_day)
    )


def convention_findings(
    programme: Programme, dossier: Dossier, day: date, paid: Mapping[int, int]
) -> tuple[ConventionFinding, ...]:
    """What there is to see to on `day`; `paid` is what the ville ministry has paid by year, in cents."""
    parts = parts_seen(programme, dossier, day)
    lacking = [each.title for each in parts if not each.is_there]
    found = [each for seen in conventions_seen(dossier, day) for each in _of_one(programme, seen, lacking, day)]
    labelled = labelled_on(dossier, day)
    if labelled is not None and not dossier.conventions and not has_withdrawn(dossier, day):
        found.append(
            ConventionFinding(
                code="no_convention",
                days=(day - labelled).days,
                text=f"Labellisé le {_french(labelled)}, le territoire n’a pas de convention inscrite.",
            )
        )
    return (*found, *paid_before_convention(dossier, day, paid))


def paid_before_convention(dossier: Dossier, day: date, paid: Mapping[int, int]) -> Iterator[ConventionFinding]:
    """Each year of payments by the end of which no convention is signed (E241); `day` tells which are known."""
    signatures = [each.signed_on for each in dossier.conventions if each.signed_on and each.signed_on <= day]
    for year, amount in sorted(paid.items()):
        if amount and not any(signed_on.year <= year for signed_on in signatures):
            yield ConventionFinding(
                code="paid_before_convention",
                amount=amount,
                text=f"{euros(amount)} versés par le ministère chargé de la ville en {year}, sans convention signée "
                "à la fin de cette année-là.",
            )


def _of_one(programme: Programme, seen: Seen, lacking: list[str], day: date) -> Iterator[ConventionFinding]:
    """`lacking` are the parts that have not come: they are those of the first convention, not of one that follows."""
    fact = seen.fact
    missing = f" Pièces manquantes : {', '.join(lacking)}." if lacking and seen.follows is None else ""
    if not seen.signed:
        yield ConventionFinding(
            code="unsigned",
            first_day=fact.first_day,
            days=max(0, (day - fact.first_day).days),
            text=f"La convention du {_french(fact.first_day)} au {_french(fact.last_day)} n’est pas signée.{missing}",
        )
    elif missing:
        yield ConventionFinding(
            code="parts_missing",
            first_day=fact.first_day,
            text=f"La convention est inscrite comme signée le {fact.signed_on:%d/%m/%Y}.{missing}",
        )
    if seen.days_past_city_contract is None:
        yield ConventionFinding(
            code="city_contract_unknown",
            first_day=fact.first_day,
            text="La date de fin du contrat de ville auquel la convention est annexée n’est pas indiquée.",
        )
    elif seen.days_past_city_contract:
        assert fact.city_contract_end is not None
        yield ConventionFinding(
            code="outlives_city_contract",
            first_day=fact.first_day,
            days=seen.days_past_city_contract,
            text=f"La convention court jusqu’au {_french(fact.last_day)}, le contrat de ville auquel elle est annexée "
            f"s’arrête le {_french(fact.city_contract_end)} : {_days(seen.days_past_city_contract)} sans contrat.",
        )
    if seen.follows is None:  # a follow-up runs as long as its parties want
        yield from _length(programme, fact)
    if seen.signed and seen.followed_by is None:
        left = (fact.last_day - day).days
        if left < 0:
            yield ConventionFinding(
                code="ended",
                first_day=fact.first_day,
                days=-left,
                text=f"La convention s’est terminée le {_french(fact.last_day)} et aucune suite n’est signée.",
            )
        elif left <= programme.closing_days:
            yield ConventionFinding(
                code="ends_within_a_year",
                first_day=fact.first_day,
                days=left,
                text=f"La convention se termine le {_french(fact.last_day)}, {_in(left)}, et aucune suite n’est "
                "signée.",
            )


def _length(programme: Programme, fact: ConventionFact) -> Iterator[ConventionFinding]:
    if programme.convention is None:
        return
    first, last = programme.convention
    length = relativedelta(last + timedelta(days=1), first)
    expected = fact.first_day + length - timedelta(days=1)
    if expected != fact.last_day:
        gap = (fact.last_day - expected).days
        yield ConventionFinding(
            code="length_differs",
            first_day=fact.first_day,
            days=gap,
            text=f"La convention dure {_days(abs(gap))} de {'plus' if gap > 0 else 'moins'} que la durée prévue par la "
            f"campagne, avec laquelle elle finirait le {_french(expected)}.",
        )


def _french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _days(count: int) -> str:
    return f"{count} jour{'s' if count > 1 else ''}"


def _in(left: int) -> str:
    return "aujourd’hui" if left == 0 else f"dans {_days(left)}"
