"""What does a deadline ask for, who owes each part of it, and to which territories does it apply?

The grammar of an edition's `requirements.yaml`, and what a campaign's `requirements:` adds to it or says otherwise.
`when:` is one word of a short closed list, never an expression.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.rules.yaml_files import CITATION_KEYS, Citation, Place
from models.words import Role

WHEN_WORDS = ("always", "asks_extra_means")
WHEN_LISTS = ("regions", "departements", "territories")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a requirement, owed by one role."""

    code: str
    title: str
    owner: Role


@dataclass(frozen=True, kw_only=True)
class Applies:
    """To whom a requirement applies: one word of a short closed list, and its values."""

    word: str
    values: frozenset[str] = frozenset()

    def to(self, *, territory: str, departement: str, region: str, asks_extra_means: bool) -> bool:
        match self.word:
            case "asks_extra_means":
                return asks_extra_means
            case "regions":
                return region in self.values
            case "departements":
                return departement in self.values
            case "territories":
                return territory in self.values
            case _:
                return True


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What a deadline asks for."""

    code: str
    title: str
    deadline: str
    parts: tuple[Part, ...]
    required: bool
    applies: Applies
    citation: Citation


def read_requirements(
    edition: Place, campaign: Place, texts: Mapping[str, str], deadlines: Iterable[str]
) -> tuple[Requirement, ...]:
    """What an edition asks for, with what a campaign says over it; `deadlines` are the names that the edition knows."""
    found: dict[str, Requirement] = {}
    for deadline, place in edition.items():
        if deadline in CITATION_KEYS:
            continue
        for code, each in place.items():
            found[code] = _requirement(code, deadline, each, texts, known_only=True)
    if campaign.has("requirements"):
        known = {*deadlines, *(name for name, _ in campaign.need("deadlines").items())}
        for deadline, place in campaign.need("requirements").items():
            if deadline not in known:
                place.refuse(f"no deadline is called «{deadline}»", f"use one of {', '.join(sorted(known))}")
            for code, each in place.items():
                before = found.get(code)
                if before is not None and before.deadline != deadline:
                    each.refuse(f"«{code}» already belongs to «{before.deadline}»", "give the new piece another code")
                found[code] = _requirement(code, deadline, each, texts, known_only=False, before=before)
    return tuple(found.values())


def _requirement(
    code: str, deadline: str, place: Place, texts: Mapping[str, str], *, known_only: bool,
    before: Requirement | None = None,
) -> Requirement:  # fmt: skip
    place.only("title", "when", "recommended", "parts", *CITATION_KEYS)
    parts = before.parts if before else ()
    if place.has("parts") or not before:
        parts = tuple(
            Part(code=key, title=part.need("title").text(), owner=part.need("owner").role())
            for key, part in place.need("parts").items()
        )
        if not parts:
            place.refuse(f"«{code}» has no part", "name at least one part with its title and owner")
    required = not place.need("recommended").yes() if place.has("recommended") else before.required if before else True
    return Requirement(
        code=code,
        title=place.need("title").text() if place.has("title") or not before else before.title,
        deadline=deadline,
        parts=parts,
        required=required,
        applies=_applies(place) if place.has("when") or not before else before.applies,
        citation=place.citation(texts, known_only=known_only),
    )


def _applies(place: Place) -> Applies:
    if not place.has("when"):
        return Applies(word="always")
    when = place.need("when")
    if isinstance(when.value, str):
        return Applies(word=when.word(WHEN_WORDS))
    when.only(*WHEN_LISTS)
    [(word, values)] = (
        list(when.items()) if len(when.value) == 1 else when.refuse("names several conditions", "one only")
    )
    return Applies(word=word, values=frozenset(each.text() for each in values.each()))
