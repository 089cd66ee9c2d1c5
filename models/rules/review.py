"""What does a review look at, in which words, and whose opinions come before the ministers decide?

The grammar of an edition's `review.yaml`, and what a campaign changes of it. The grid helps people to read a dossier:
its words have no order and no weight, and nothing is added up (E014).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.rules.yaml_files import CITATION_KEYS, Citation, Place

LONGEST_CODE = 64  # what a column of the tables takes


@dataclass(frozen=True, kw_only=True)
class Named:
    """One criterion, or one instance that gives its opinion: its French title, and where the text names it."""

    title: str
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What a review weighs, by code: the criteria, the words for them, who gives an opinion, where the visas are."""

    criteria: Mapping[str, Named]
    appreciations: Mapping[str, str]
    instances: Mapping[str, Named]
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
        criteria=_named(places["criteria"], own.get("criteria"), texts),
        appreciations=_words(own.get("appreciations", places["appreciations"])),
        instances=_named(places["opinions"], own.get("opinions"), texts),
        visas=visas.need("requirement").text(),
    )


def _sections(place: Place) -> list[tuple[str, Place]]:
    place.only("visas", "opinions", "criteria", "appreciations", *CITATION_KEYS)
    return [(name, each) for name, each in place.items() if name not in CITATION_KEYS]


def _named(edition: Place, own: Place | None, texts: Mapping[str, str]) -> dict[str, Named]:
    found = {code: _one(code, place, texts, known_only=True) for code, place in edition.items()}
    if own is not None:
        found |= {code: _one(code, place, texts, known_only=False) for code, place in own.items()}
    return found


def _one(code: str, place: Place, texts: Mapping[str, str], *, known_only: bool) -> Named:
    place.only("title", *CITATION_KEYS)
    check_code(code, place)
    return Named(title=place.need("title").text(), citation=place.citation(texts, known_only=known_only))


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
