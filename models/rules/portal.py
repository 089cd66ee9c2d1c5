"""Which field of a form on Démarche numérique gives which piece, and how is the portal read?

The correspondence of one démarche is a YAML file that a coordinator writes; the policy is `programme/portal.yaml`. A
wrong file is refused with its place and the cure. A field is named by its label or by its id on the portal; the id
survives a change of label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from models.rules.programme import Programme
from models.rules.references import References
from models.rules.typed_values import Unreadable, fold
from models.rules.yaml_files import PROGRAMME, Citation, Place, parse, read_yaml
from models.words import PieceStatus

WAYS = ("code", "name", "commune")  # how a field's answer names a territory
KEPT = "gardees"


class Part(NamedTuple):
    """One part of one requirement, as pieces are kept."""

    requirement: str
    occurrence: str
    part: str

    def __str__(self) -> str:
        return f"{self.requirement}{f'@{self.occurrence}' if self.occurrence else ''}/{self.part}"


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of the form by its label or id: among the applicant's answers or the instructors' annotations."""

    name: str
    annotation: bool = False
    block: str = ""  # the repeated block that it stands in

    def names(self, id: str, label: str) -> bool:
        """Whether this is the field of that id and label."""
        return self.name in (id, label) or fold(self.name) == fold(label) != ""


@dataclass(frozen=True, kw_only=True)
class PieceField:
    """What one field gives: parts of a requirement; and the annotations that refuse them and say why."""

    field: Field
    piece: str
    parts: tuple[Part, ...] = ()
    refused: Field | None = None
    reason: Field | None = None


@dataclass(frozen=True, kw_only=True)
class Form:
    """The correspondence of one démarche with one campaign."""

    demarche: int
    campaign: str
    territory: Field
    by: str
    pieces: tuple[PieceField, ...]
    asks_extra_means: Field | None = None
    corrections: Field | None = None
    ignored: tuple[Field, ...] = ()
    dossiers: Mapping[int, str] = field(default_factory=dict)  # territories given by hand, by dossier number
    fingerprint: str = ""

    def fields(self) -> tuple[Field, ...]:
        """Every field that the file names and that the form must have."""
        named = [self.territory]
        for each in self.pieces:
            named += [found for found in (each.field, each.refused, each.reason) if found]
        named += [found for found in (self.asks_extra_means, self.corrections) if found]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, kw_only=True)
class PortalPolicy:
    """How patiently the portal is read, and what its words mean."""

    citation: Citation
    page: int
    attempts: int
    pauses: tuple[int, ...]  # seconds
    longest_pause: int
    patience: int
    longest_download: int
    most_bytes: int
    most_answer: int
    overlap_minutes: int
    states: Mapping[str, PieceStatus]
    deletions: Mapping[str, str]

    def pause(self, attempt: int) -> int:
        """The seconds to wait after this many failed attempts."""
        return self.pauses[min(attempt, len(self.pauses)) - 1]

    def withdraws(self, reason: str, state: str) -> bool:
        """Whether a deletion for this reason, in this state, takes pieces back: an undecided dossier, given up."""
        undecided = state in ("en_construction", "en_instruction")
        return undecided and self.deletions.get(reason, KEPT) != KEPT


def campaign_of_form(document: str, name: str) -> str:
    """The code of the campaign that a correspondence feeds. Raises `ProgrammeRefused`."""
    return Place(parse(document, name), name, document).need("campaign").text()


def load_form(document: str, *, name: str, programme: Programme) -> Form:
    """The correspondence in the text of a file; `name` is how refusals call it. Raises `ProgrammeRefused`."""
    place = Place(parse(document, name), name, document)
    place.only(
        "demarche", "campaign", "territory", "pieces", "asks_extra_means", "corrections", "ignore", "dossiers"
    )  # fmt: skip
    if place.need("campaign").text() != programme.code:
        place.need("campaign").refuse("this is another campaign", f"write {programme.code}")
    number = place.need("demarche")
    if number.whole() <= 0:
        number.refuse("no démarche has this number", "write the number in the address of the démarche, such as 108223")
    territory = place.need("territory")
    territory.only("field", "annotation", "by")
    corrections = place.need("corrections") if place.has("corrections") else None
    if corrections:
        corrections.only("named_by")
    references = References(programme)
    pieces = place.need("pieces")
    return Form(
        demarche=number.whole(),
        campaign=programme.code,
        territory=_field(territory),
        by=territory.need("by").word(WAYS),
        pieces=tuple(_piece(each, references) for each in pieces.each())
        or pieces.refuse("is an empty list", "name at least one field and its piece"),
        asks_extra_means=_either_side(place.need("asks_extra_means")) if place.has("asks_extra_means") else None,
        corrections=Field(name=corrections.need("named_by").text(), annotation=True) if corrections else None,
        ignored=tuple(Field(name=each.text()) for each in place.need("ignore").each()) if place.has("ignore") else (),
        dossiers=_dossiers(place.need("dossiers")) if place.has("dossiers") else {},
        fingerprint=sha256(document.encode()).hexdigest(),
    )


def _piece(place: Place, references: References) -> PieceField:
    place.only("field", "annotation", "block", "piece", "parts", "refused", "reason")
    code, parts = place.need("piece"), place.need("parts") if place.has("parts") else None
    try:
        requirement, occurrence = references.requirement(code.text())
    except Unreadable as refusal:
        code.refuse(refusal.problem, refusal.cure)
    named = ", ".join(each.text() for each in parts.entries()) if parts else ""
    try:
        found = references.parts(requirement, named)
    except Unreadable as refusal:
        (parts or code).refuse(refusal.problem, refusal.cure)
    if place.has("reason") and not place.has("refused"):
        place.need("reason").refuse(
            "gives the reason of a refusal that nothing marks", "add refused: with the annotation that marks it"
        )
    return PieceField(
        field=_field(place),
        piece=requirement.code,
        parts=tuple(Part(requirement.code, occurrence, part) for part in found),
        refused=_annotation(place, "refused"),
        reason=_annotation(place, "reason"),
    )


def _field(place: Place) -> Field:
    if place.has("field") == place.has("annotation"):
        place.refuse(
            "names no field, or two", "write field: for an answer of the applicant, or annotation: for the instructors'"
        )
    annotation = place.has("annotation")
    block = place.need("block").text() if place.has("block") else ""
    return Field(name=place.need("annotation" if annotation else "field").text(), annotation=annotation, block=block)


def _either_side(place: Place) -> Field:
    if not isinstance(place.value, dict):
        return Field(name=place.text())
    place.only("field", "annotation")
    return _field(place)


def _annotation(place: Place, key: str) -> Field | None:
    return Field(name=place.need(key).text(), annotation=True) if place.has(key) else None


def _dossiers(place: Place) -> dict[int, str]:
    found = {}
    for number, territory in place.items():
        if not number.isdecimal():
            territory.refuse(f"«{number}» is not the number of a dossier", "write 1234567: code-of-the-territory")
        found[int(number)] = territory.text()
    return found


@lru_cache(maxsize=1)
def load_portal_policy() -> PortalPolicy:
    """The engine's way of reading the portal. Raises `ProgrammeRefused`."""
    place = read_yaml(PROGRAMME / "portal.yaml")
    words = [each.value for each in PieceStatus]

    def whole(key: str) -> int:
        found = place.need(key)
        return found.whole() if found.whole() > 0 else found.refuse("must be more than zero", "write a whole number")

    return PortalPolicy(
        citation=place.citation({}),
        page=whole("page"),
        attempts=whole("attempts"),
        pauses=tuple(each.whole() for each in place.need("pauses_seconds").entries()),
        longest_pause=whole("longest_pause_seconds"),
        patience=whole("patience_seconds"),
        longest_download=whole("longest_download_seconds"),
        most_bytes=whole("most_megabytes") * 10**6,
        most_answer=whole("most_answer_megabytes") * 10**6,
        overlap_minutes=whole("overlap_minutes"),
        states={name: PieceStatus(each.word(words)) for name, each in place.need("states").items()},
        deletions={
            name: each.word([PieceStatus.TAKEN_BACK.value, KEPT]) for name, each in place.need("deletions").items()
        },
    )
