"""What does the portal's answer about one dossier say?

The JSON of the GraphQL API becomes frozen facts; an answer of another shape is refused. Neither the applicant nor who
wrote a message is asked for, and of the messages only requests for correction are kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unicodedata import category

from models.rules.portal import Field

MOST_REASON = 2000  # what a piece's reason holds
NOT_FIELDS = ("HeaderSectionChamp", "ExplicationChamp")  # titles and explanations hold no answer


class AnswerRefused(Exception):
    """The portal answered something of another shape: its schema is no longer the one we know."""


@dataclass(frozen=True, kw_only=True)
class PortalFile:
    """One attachment: its link lasts one hour."""

    name: str
    checksum: str  # MD5, base64
    size: int
    url: str
    created_at: datetime
    scan: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What stands in one field of one dossier."""

    id: str
    label: str
    kind: str  # the type on the portal: TextChamp, PieceJustificativeChamp …
    text: str
    updated_at: datetime
    yes: bool | None = None
    commune: str = ""
    choices: tuple[str, ...] = ()
    files: tuple[PortalFile, ...] = ()
    rows: tuple[tuple["Answer", ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class CorrectionAsked:
    """An instructor's request for a correction; `resolved_at` when the applicant has answered it."""

    at: datetime
    reason: str
    resolved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One dossier of the portal."""

    number: int
    state: str
    deposited_at: datetime
    modified_at: datetime
    processed_at: datetime | None
    motivation: str
    pending_correction_at: datetime | None
    corrections: tuple[CorrectionAsked, ...]
    answers: tuple[Answer, ...]
    annotations: tuple[Answer, ...]

    def found(self, field: Field) -> list[Answer]:
        """The answers in this field: one, several in a repeated block, none when the dossier has no such field."""
        side = self.annotations if field.annotation else self.answers
        if not field.block:
            return [each for each in side if field.names(each.id, each.label)]
        block = Field(name=field.block)
        return [
            each
            for holder in side
            if block.names(holder.id, holder.label)
            for row in holder.rows
            for each in row
            if field.names(each.id, each.label)
        ]


def submission_of(node: Mapping[str, Any]) -> Submission:
    """The facts of a dossier of the API. Raises `AnswerRefused`."""
    try:
        return Submission(
            number=int(node["number"]),
            state=str(node["state"]),
            deposited_at=_instant(node["dateDepot"]),
            modified_at=_instant(node["dateDerniereModification"]),
            processed_at=_instant_or_none(node["dateTraitement"]),
            motivation=one_line(node["motivation"]),
            pending_correction_at=_instant_or_none(node["dateDerniereCorrectionEnAttente"]),
            corrections=tuple(_corrections(node["messages"])),
            answers=tuple(_answers(node["champs"])),
            annotations=tuple(_answers(node["annotations"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerRefused(
            f"the portal describes a dossier in an unexpected way ({type(error).__name__}): its API may have changed"
        ) from None


def one_line(text: object, most: int = MOST_REASON) -> str:
    """A text typed by people on one line, without what would hide or turn its letters, cut at `most` characters."""
    seen = "".join(" " if category(letter) in ("Cc", "Cs") else letter for letter in str(text or ""))
    bare = "".join(letter for letter in seen if category(letter) != "Cf")
    short = re.sub(r"\s+", " ", bare).strip()
    return short if len(short) <= most else f"{short[: most - 1]}…"


def _answers(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Answer]:
    for node in nodes:
        if node["__typename"] in NOT_FIELDS:
            continue
        yield Answer(
            id=str(node["champDescriptorId"]),
            label=str(node["label"]),
            kind=str(node["__typename"]),
            text=str(node["stringValue"] or ""),
            updated_at=_instant(node["updatedAt"]),
            yes=node.get("ticked", node.get("yes")),
            commune=str((node.get("commune") or {}).get("code") or ""),
            choices=tuple(str(each) for each in node.get("choices") or ()),
            files=tuple(_files(node.get("files") or ())),
            rows=tuple(tuple(_answers(row["champs"])) for row in node.get("rows") or ()),
        )


def _files(nodes: Iterable[Mapping[str, Any]]) -> Iterator[PortalFile]:
    for node in nodes:
        yield PortalFile(
            name=str(node["filename"]),
            checksum=str(node["checksum"]),
            size=int(node["byteSizeBigInt"]),
            url=str(node["url"]),
            created_at=_instant(node["createdAt"]),
            scan=str(node["virusScanResult"]),
        )


def _corrections(nodes: Iterable[Mapping[str, Any]]) -> Iterator[CorrectionAsked]:
    for node in nodes:
        if node["correction"] and not node["discardedAt"]:
            yield CorrectionAsked(
                at=_instant(node["createdAt"]),
                reason=one_line(re.sub(r"<[^<>]{1,200}>", " ", node["body"])),
                resolved_at=_instant_or_none(node["correction"]["dateResolution"]),
            )


def _instant(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("an instant without an offset")
    return read.astimezone(UTC)


def _instant_or_none(text: str | None) -> datetime | None:
    return _instant(text) if text else None
