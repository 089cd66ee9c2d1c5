"""What does one dossier of the portal mean for the campaign?

Which territory it is of, what it delivers, what an instructor refuses, what is wrong in it. Nothing is guessed: an
answer that names no territory, or two, is a finding. Findings are French and never repeat what an applicant typed.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5

from models.rules.portal import Field, Form, Part, PieceField, PortalPolicy
from models.rules.portal_submission import Answer, PortalFile, Submission, one_line
from models.rules.typed_values import Unreadable, fold, yes_or_no
from models.words import PieceStatus

YES = "oui"  # the checksum of a box that is ticked
ABSENT = {"infected": "antivirus", "integrity_error": "antivirus", "pending": "analyse"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that the coordination should know: of one dossier, or of the form; text and cure are French."""

    code: str
    text: str
    cure: str = ""
    dossier: int | None = None

    def __str__(self) -> str:
        where = f"dossier {self.dossier} : " if self.dossier else ""
        return f"{where}{self.text}{f' ; {self.cure}' if self.cure else ''}."


@dataclass(frozen=True, kw_only=True)
class Place:
    """A territory of the campaign, as a dossier may name it."""

    id: int
    code: str
    name: str
    communes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One file (or answer without a file) of one part, since an instant."""

    part: Part
    champ: str
    checksum: str
    at: datetime
    file: PortalFile | None = None


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Parts that an instructor refuses, since when, in which words, and by which gesture (French)."""

    parts: frozenset[Part]
    at: datetime
    reason: str
    gesture: str = ""


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A dossier that no longer delivers anything: since when, and why, in French."""

    at: datetime
    reason: str


@dataclass(kw_only=True)
class Reading:
    """What one dossier says, once it is read."""

    number: int
    state: str
    modified_at: datetime
    territory: Place | None = None
    delivered: list[Delivered] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gone: Gone | None = None
    asks_extra_means: bool | None = None
    changed_at: Mapping[str, datetime] = field(default_factory=dict)  # when each field was last changed
    resolved_at: datetime | None = None  # the last correction that the applicant answered
    waiting: bool = False  # something in it must be read again
    deleted_at: datetime | None = None  # on the portal; its pieces stay unless it is `gone`
    findings: list[Finding] = field(default_factory=list)

    def gesture(self, part: Part, at: datetime) -> str:
        """By which gesture an instructor refused a part at that instant, in French."""
        return next((each.gesture for each in self.refusals if part in each.parts and each.at == at), "")

    def note(self, code: str, text: str, cure: str = "") -> None:
        self.findings.append(Finding(code=code, text=text, cure=cure, dossier=self.number))


def read_submission(submission: Submission, form: Form, places: Iterable[Place], policy: PortalPolicy) -> Reading:
    """What a dossier says of its territory's pieces; no territory: nothing of it is taken, and it is a finding."""
    reading = Reading(number=submission.number, state=submission.state, modified_at=submission.modified_at)
    reading.territory = _territory(submission, form, list(places), reading)
    reading.changed_at = {
        each.id: each.updated_at for side in (submission.answers, submission.annotations) for each in side
    }
    for piece in form.pieces:
        _deliver(submission, piece, reading)
    reading.resolved_at = max((each.resolved_at for each in submission.corrections if each.resolved_at), default=None)
    _refuse(submission, form, reading, policy)
    if form.asks_extra_means:
        reading.asks_extra_means = _asks(submission.found(form.asks_extra_means), reading)
    return reading


# Of which territory


def _territory(submission: Submission, form: Form, places: list[Place], reading: Reading) -> Place | None:
    given = form.dossiers.get(submission.number)
    if given:
        found = [place for place in places if place.code.casefold() == given.casefold()]
        if not found:
            reading.note("territoire", "le fichier de correspondance le donne à un territoire inconnu de la campagne",
                         "écrire sous dossiers: le code d’un territoire de la campagne")  # fmt: skip
        return found[0] if found else None
    answers = [each for each in submission.found(form.territory) if _says(each)]
    cure = f"corriger la réponse sur le portail, ou écrire sous dossiers: « {submission.number}: code-du-territoire »"
    if not answers:
        reading.note("territoire", "rien n’y nomme un territoire", cure)
        return None
    named = {place.code: place for answer in answers for place in _named(answer, form.by, places)}
    if len(named) == 1:
        return next(iter(named.values()))
    reading.note(
        "territoire",
        "ce qu’il nomme est dans plusieurs territoires de la campagne" if named
        else "ce qu’il nomme n’est pas un territoire de la campagne",
        cure,
    )  # fmt: skip
    return None


def _named(answer: Answer, by: str, places: list[Place]) -> list[Place]:
    if by == "commune":
        codes = {answer.commune} if answer.commune else set(re.findall(r"\b(?:[0-9]{5}|2[AB][0-9]{3})\b", answer.text))
        return [place for place in places if codes & set(place.communes)]
    if by == "code":
        return [place for place in places if place.code.casefold() == one_line(answer.text).casefold()]
    return [place for place in places if fold(place.name) == fold(answer.text) != ""]


def _says(answer: Answer) -> bool:
    return bool(answer.text.strip() or answer.commune)


# What it delivers


def _deliver(submission: Submission, piece: PieceField, reading: Reading) -> None:
    answers = submission.found(piece.field)
    if len({each.id for each in answers}) > 1:
        reading.note("ambigu", f"plusieurs champs s’appellent « {piece.field.name} »",
                     "les désigner par leur identifiant, que donne `cites portal check`")  # fmt: skip
        return
    seen: set[tuple[str, str]] = set()
    for answer in answers:
        for checksum, at, file in _contents(answer, reading):
            if (answer.id, checksum) in seen:
                continue
            seen.add((answer.id, checksum))
            since = max(at, submission.deposited_at)  # a file added to a draft is delivered with the dossier
            reading.delivered += [
                Delivered(part=part, champ=answer.id, checksum=checksum, at=since, file=file) for part in piece.parts
            ]


def _contents(answer: Answer, reading: Reading) -> list[tuple[str, datetime, PortalFile | None]]:
    if answer.kind == "PieceJustificativeChamp":
        return [(each.checksum, each.created_at, each) for each in answer.files if _is_clean(each, answer, reading)]
    if answer.kind in ("CheckboxChamp", "YesNoChamp"):
        return [(YES, answer.updated_at, None)] if answer.yes else []
    if not answer.text.strip():
        return []
    digest = b64encode(md5(answer.text.encode("utf-8", "replace"), usedforsecurity=False).digest()).decode()
    return [(digest, answer.updated_at, None)]


def _is_clean(file: PortalFile, answer: Answer, reading: Reading) -> bool:
    fault = ABSENT.get(file.scan)
    if fault == "analyse":
        reading.waiting = True
        reading.note("analyse", f"un fichier du champ « {answer.label} » est encore analysé par le portail",
                     "rien à faire : il sera repris au prochain passage")  # fmt: skip
    elif fault:
        reading.note("antivirus", f"un fichier du champ « {answer.label} » est écarté par l’antivirus du portail",
                     "demander un autre fichier à l’usager")  # fmt: skip
    return fault is None


# What is refused


def _refuse(submission: Submission, form: Form, reading: Reading, policy: PortalPolicy) -> None:
    parts = frozenset(each.part for each in reading.delivered)
    status = policy.states.get(submission.state)
    closed_at = submission.processed_at or submission.modified_at
    if status is None:
        reading.note("etat", "son état sur le portail est inconnu du moteur", "le dire à qui exploite le moteur")
    elif status is PieceStatus.REFUSED:
        reason = submission.motivation or "Dossier refusé sur le portail, sans motif écrit."
        reading.refusals.append(Refusal(parts=parts, at=closed_at, reason=reason, gesture="dossier refusé"))
    elif status is PieceStatus.TAKEN_BACK:
        reason = submission.motivation or "Dossier classé sans suite sur le portail, sans motif écrit."
        reading.gone = Gone(at=closed_at, reason=reason)
    for piece in form.pieces:
        if piece.refused:
            _refuse_by_annotation(submission, piece, reading)
    _refuse_for_correction(submission, form, parts, reading)


def _refuse_by_annotation(submission: Submission, piece: PieceField, reading: Reading) -> None:
    assert piece.refused is not None
    marks = [each for each in submission.found(piece.refused) if _ticked(each)]
    if not marks:
        return
    reasons = [each.text for each in submission.found(piece.reason)] if piece.reason else []
    reason = one_line(" ".join(reasons)) or "Pièce à reprendre, d’après le service instructeur."
    at = max(each.updated_at for each in marks)
    reading.refusals.append(
        Refusal(parts=frozenset(piece.parts), at=at, reason=reason, gesture="annotation de l’instructeur")
    )


def _ticked(answer: Answer) -> bool:
    if answer.yes is not None:
        return answer.yes
    try:
        return bool(answer.text.strip()) and yes_or_no(answer.text)
    except Unreadable:
        return False


def _refuse_for_correction(submission: Submission, form: Form, parts: frozenset[Part], reading: Reading) -> None:
    if submission.pending_correction_at is None:
        return
    pending = [each for each in submission.corrections if each.resolved_at is None]
    last = max(pending, key=lambda each: each.at, default=None)
    at = last.at if last else submission.pending_correction_at
    reason = (last.reason if last else "") or "Correction demandée sur le portail, sans motif écrit."
    if form.corrections is not None:
        parts = _named_parts(submission.found(form.corrections), form, reading)
        if not parts:
            reading.note("correction", "une correction y est demandée sans dire quelles pièces : aucune n’est refusée",
                         f"remplir l’annotation « {form.corrections.name} » sur le portail")  # fmt: skip
    if parts:
        reading.refusals.append(Refusal(parts=parts, at=at, reason=reason, gesture="correction demandée"))


def _named_parts(annotations: list[Answer], form: Form, reading: Reading) -> frozenset[Part]:
    found: set[Part] = set()
    for annotation in annotations:
        for name in annotation.choices or tuple(filter(str.strip, re.split(r"[,;\n]", annotation.text))):
            pieces = [each for each in form.pieces if fold(name) in (fold(each.field.name), fold(each.piece))]
            if not pieces:
                reading.note("correction", "l’annotation des corrections nomme une pièce inconnue du fichier",
                             "y écrire le libellé d’un champ ou le code d’une pièce")  # fmt: skip
            found.update(part for piece in pieces for part in piece.parts)
    return frozenset(found)


# What it asks for


def _asks(answers: list[Answer], reading: Reading) -> bool | None:
    answers = [each for each in answers if each.yes is not None or each.text.strip()]
    if not answers:
        return None
    answer = answers[0]
    if answer.yes is not None:
        return answer.yes
    if answer.kind in ("IntegerNumberChamp", "DecimalNumberChamp"):
        return bool(re.search(r"[1-9]", answer.text))
    try:
        return yes_or_no(answer.text)
    except Unreadable:
        reading.note("moyens", f"la réponse au champ « {answer.label} » n’est ni oui ni non",
                     "la corriger sur le portail, ou désigner un champ oui/non")  # fmt: skip
        return None


def unnamed_fields(fields: Iterable[tuple[str, str, bool]], form: Form) -> list[tuple[str, str]]:
    """(id, label) of the form's fields that the file neither names nor leaves aside, in order.

    `fields`: (id, label, is it an annotation). A block is named when one of its own fields is.
    """
    found: dict[tuple[str, str], None] = {}
    blocks = [Field(name=each.block, annotation=each.annotation) for each in form.fields() if each.block]
    for id, label, annotation in fields:
        named = [each for each in (*form.fields(), *blocks) if each.annotation is annotation]
        if not any(each.names(id, label) for each in (*named, *form.ignored)):
            found[id, label] = None
    return list(found)
