"""What does a review look at, in which words, and whose opinions come before the ministers decide?

The grammar of an edition's `review.yaml`, and what a campaign changes of it. The grid helps people to read a dossier:
its words have no order and no weight, and nothing is added up (E014).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.rules.yaml_files import CITATION_KEYS, Citation, Place

LONGEST_CODE = 64  # what a column of the tables takes


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One thing a review weighs: its French title, and where the text names it."""

    title: str
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Who gives an opinion, and how that opinion is called: « avis de la préfecture de région »."""

    title: str
    opinion: str
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What a review weighs, by code: the criteria, the words for them, who gives an opinion, where the visas are."""

    criteria: Mapping[str, Criterion]
    appreciations: Mapping[str, str]
    instances: Mapping[str, Instance]
    visas: str  # the requirement whose parts are the visas

    def criterion_titles(self) -> dict[str, str]:
        return {code: each.title for code, each in self.criteria.items()}

    def instance_titles(self) -> dict[str, str]:
        return {code: each.title for code, each in self.instances.items()}


def read_grid(edition: Place, campaign: Place, texts: Mapping[str, str]) -> Grid:
    """The grid of an edition, with what a campaign's `review:` says over it; refused with file, place and cure."""
    places = dict(_sections(edition))
    own = dict(_sections(campaign.need("review"))) if campaign.has("review") else {}
    visas = own.get("visas", places["visas"])
    visas.only("requirement", *CITATION_KEYS)
    visas.citation(texts, known_only="visas" not in own)
    return Grid(
        criteria={
            code: Criterion(title=place.need("title").text(), citation=citation)
            for code, place, citation in _entries(places["criteria"], own.get("criteria"), texts, "title")
        },
        appreciations=_words(own.get("appreciations", places["appreciations"])),
        instances={
            code: Instance(title=place.need("title").text(), opinion=place.need("opinion").text(), citation=citation)
            for code, place, citation in _entries(places["opinions"], own.get("opinions"), texts, "title", "opinion")
        },
        visas=visas.need("requirement").text(),
    )


def _sections(place: Place) -> list[tuple[str, Place]]:
    place.only("visas", "opinions", "criteria", "appreciations", *CITATION_KEYS)
    return [(name, each) for name, each in place.items() if name not in CITATION_KEYS]


def _entries(
    edition: Place, own: Place | None, texts: Mapping[str, str], *keys: str
) -> Iterator[tuple[str, Place, Citation]]:
    """What an edition lists by code, and what a campaign adds to it or says otherwise."""
    found = {code: (place, True) for code, place in edition.items()}
    found |= {code: (place, False) for code, place in own.items()} if own is not None else {}
    for code, (place, known_only) in found.items():
        place.only(*keys, *CITATION_KEYS)
        check_code(code, place)
        yield code, place, place.citation(texts, known_only=known_only)


def _words(place: Place) -> dict[str, str]:
    place.only("words", *CITATION_KEYS)
    place.citation({}, known_only=False)
    words = {}
    for code, each in place.need("words").items():
        check_code(code, each)
        words[code] = each.text()
    if not words:
        place.need("words").refuse("holds no word", "give at least one, as «code: title»")
    return words


def check_code(code: str, place: Place) -> None:
    """Refuse a code that a column of the tables could not hold."""
    if len(code) > LONGEST_CODE:
        place.refuse(f"«{code}» is too long for a code", f"use at most {LONGEST_CODE} characters")
