"""What does each field of a démarche give the campaign, and where do the form and the correspondence differ?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.rules.portal import Field, Form
from models.rules.portal_reading import Finding, unnamed_fields
from notifications.french import count
from tasks.portal_client import Portal, PortalRefused
from tasks.portal_questions import FORM

SAYS_NOTHING = ("HeaderSectionChampDescriptor", "ExplicationChampDescriptor")


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of the form as it is published; `gives` says in French what the engine takes from it."""

    id: str
    label: str
    kind: str
    annotation: bool
    block: str  # the label of the repeated block that it stands in
    required: bool
    gives: str


@dataclass(frozen=True, kw_only=True)
class Described:
    """A démarche beside its correspondence."""

    demarche: int
    title: str
    state: str
    fields: tuple[FormField, ...]
    findings: tuple[Finding, ...]


def describe(form: Form, portal: Portal) -> Described:
    """The démarche's present form, field by field. Raises `PortalRefused`."""
    found = portal.ask(FORM, demarche=form.demarche)["demarche"]
    try:
        revision = found["activeRevision"]
        fields = (
            *_fields(form, revision["champDescriptors"], annotation=False),
            *_fields(form, revision["annotationDescriptors"], annotation=True),
        )
        title, state = str(found["title"]), str(found["state"])
    except (KeyError, TypeError):
        raise PortalRefused("the portal describes the form in an unexpected way: its API may have changed") from None
    return Described(
        demarche=form.demarche, title=title, state=state, fields=fields, findings=tuple(_findings(form, fields))
    )


def missing_fields(described: Described, absent: Mapping[str, int]) -> list[Finding]:
    """What to say of the form's fields that some dossiers, of an older form or by a condition, do not have."""
    there = [name for name in absent if any(Field(name=name).names(each.id, each.label) for each in described.fields)]
    return [
        Finding(
            code="absent",
            text=f"le champ « {name} » est absent de {count(absent[name], 'dossier lu', plural='dossiers lus')}",
            cure="normal si le formulaire ne le montre que sous condition ; sinon le désigner par son identifiant",
        )
        for name in sorted(there)
    ]


def of_older_forms(form: Form, described: Described, met: Iterable[tuple[str, str, bool]]) -> list[Finding]:
    """What to say of the fields (id, label, annotation?) of dossiers that the published form no longer has."""
    present = {each.id for each in described.fields}
    older = unnamed_fields([each for each in met if each[0] not in present], form)
    return [_unnamed(id, label, "d’une version antérieure du formulaire ") for id, label in older]


def _unnamed(id: str, label: str, which: str = "") -> Finding:
    return Finding(
        code="non-repris",
        text=f"le champ « {label} » {which}n’est repris nulle part",
        cure=f"lui donner une pièce, ou écrire sous ignore: son libellé ou {id}",
    )


def _fields(form: Form, nodes: Sequence[Mapping[str, Any]], *, annotation: bool) -> Iterator[FormField]:
    for node in nodes:
        if node["__typename"] in SAYS_NOTHING:
            continue
        yield _field(form, node, annotation)
        for inside in node.get("champDescriptors") or ():
            if inside["__typename"] not in SAYS_NOTHING:
                yield _field(form, inside, annotation, block=node)


def _field(
    form: Form, node: Mapping[str, Any], annotation: bool, block: Mapping[str, Any] | None = None
) -> FormField:  # fmt: skip
    id, label = str(node["id"]), str(node["label"])
    gives = [
        what
        for field, what in _meanings(form)
        if field.annotation is annotation and field.names(id, label) and _inside(field, block)
    ]
    if any(each.names(id, label) for each in form.ignored):
        gives.append("laissé de côté")
    return FormField(
        id=id, label=label, kind=str(node["__typename"]).removesuffix("ChampDescriptor"), annotation=annotation,
        block=str(block["label"]) if block else "", required=bool(node["required"]), gives=", ".join(gives),
    )  # fmt: skip


def _inside(field: Field, block: Mapping[str, Any] | None) -> bool:
    if block is None:
        return not field.block
    return bool(field.block) and Field(name=field.block).names(str(block["id"]), str(block["label"]))


def _meanings(form: Form) -> Iterator[tuple[Field, str]]:
    ways = {"code": "par son code", "name": "par son nom", "commune": "par une commune"}
    yield form.territory, f"le territoire, {ways[form.by]}"
    for piece in form.pieces:
        yield piece.field, "pièce " + " ".join(str(part) for part in piece.parts)
        if piece.refused:
            yield piece.refused, f"refus de la pièce {piece.piece}"
        if piece.reason:
            yield piece.reason, f"motif du refus de la pièce {piece.piece}"
    if form.asks_extra_means:
        yield form.asks_extra_means, "demande de moyens complémentaires"
    if form.corrections:
        yield form.corrections, "pièces à corriger"


def _findings(form: Form, fields: Sequence[FormField]) -> Iterator[Finding]:
    for wanted in form.fields():
        blocks = Field(name=wanted.block)
        found = [
            each
            for each in fields
            if each.annotation is wanted.annotation
            and wanted.names(each.id, each.label)
            and (blocks.names("", each.block) if wanted.block else not each.block)
        ]
        if wanted.block and not found:
            holders = {each.id for each in fields if blocks.names(each.id, each.label)}
            found = [each for each in fields if holders and each.block and wanted.names(each.id, each.label)]
        kind = "L’annotation" if wanted.annotation else "Le champ"
        if not found:
            yield Finding(
                code="inconnu",
                text=f"{kind.lower()} « {wanted.name} » n’est pas dans le formulaire publié",
                cure="corriger son libellé dans le fichier de correspondance, ou y écrire son identifiant",
            )
        elif len({each.id for each in found}) > 1:
            yield Finding(
                code="ambigu",
                text=f"plusieurs champs du formulaire s’appellent « {wanted.name} »",
                cure=f"écrire l’identifiant de l’un d’eux : {', '.join(each.id for each in found)}",
            )
    named = [Field(name=each.block) for each in form.fields() if each.block]
    listed = [
        (each.id, each.label, each.annotation)
        for each in fields
        if not each.block or any(block.names("", each.block) for block in named)  # an unnamed block is told once
    ]
    yield from (_unnamed(id, label) for id, label in unnamed_fields(listed, form))
