"""Which mandates does a cité rest on, who gives them, and for whom does their holder answer?

The grammar of an edition's `governance.yaml`, and what a campaign changes of it. A mandate is personal and dated
(E059, E060); the findings about those that are held are in `mandates`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.rules.review import check_code
from models.rules.yaml_files import CITATION_KEYS, Citation, Place
from models.words import Role

ASKED_FROM = ("opening", "label")
LISTS = ("forms_of_address", "offices")


@dataclass(frozen=True, kw_only=True)
class MandateKind:
    """One mandate that a cité asks for. `sides` must each have given it; `alone`: a cité has one such person (E058)."""

    title: str
    answers_for: tuple[Role, ...]
    sides: tuple[str, ...]
    alone: bool
    citation: Citation


@dataclass(frozen=True, kw_only=True)
class Institution:
    """Who may give a mandate, and for which side."""

    title: str
    side: str


@dataclass(frozen=True, kw_only=True)
class Governance:
    """The mandates of a cité by code, the institutions that give them, and from when they are asked for."""

    kinds: Mapping[str, MandateKind]
    institutions: Mapping[str, Institution]
    asked_from: str  # a word of ASKED_FROM
    forms_of_address: tuple[str, ...]
    offices: tuple[str, ...]

    def kind_titles(self) -> dict[str, str]:
        return {code: each.title for code, each in self.kinds.items()}

    def institution_titles(self) -> dict[str, str]:
        return {code: each.title for code, each in self.institutions.items()}

    def side_title(self, side: str) -> str:
        """« État »: the institution whose code is the side's own, or the side itself."""
        return self.institutions[side].title if side in self.institutions else side


def read_governance(edition: Place, campaign: Place, texts: Mapping[str, str]) -> Governance:
    """The mandates of an edition, with what a campaign's `governance:` says over them; refused in words."""
    sections = ("asked_from", "mandates", "institutions", *LISTS)
    edition.only(*sections)
    places = {name: edition.need(name) for name in sections}
    kinds = {code: (place, True) for code, place in places["mandates"].items()}
    if campaign.has("governance"):
        own = campaign.need("governance")
        own.only(*sections)
        kinds |= {code: (place, False) for code, place in own.need("mandates").items()} if own.has("mandates") else {}
        places |= {name: place for name, place in own.items() if name != "mandates"}
    places["asked_from"].only("word", *CITATION_KEYS)
    for name in LISTS:
        places[name].only("words", *CITATION_KEYS)
    for name in ("asked_from", "institutions", *LISTS):
        places[name].citation(texts, known_only=False)
    institutions = _institutions(places["institutions"])
    sides = sorted({each.side for each in institutions.values()})
    return Governance(
        kinds={code: _kind(code, place, sides, texts, known_only=own) for code, (place, own) in kinds.items()},
        institutions=institutions,
        asked_from=places["asked_from"].need("word").word(ASKED_FROM),
        forms_of_address=_list(places["forms_of_address"]),
        offices=_list(places["offices"]),
    )


def _list(place: Place) -> tuple[str, ...]:
    return tuple(each.text() for each in place.need("words").each())


def _institutions(place: Place) -> dict[str, Institution]:
    place.only("words", *CITATION_KEYS)
    found = {}
    for code, each in place.need("words").items():
        each.only("title", "side")
        check_code(code, each)
        if " " in code:
            each.refuse(f"«{code}» holds a space", "use one word: a cell of the tables separates codes by spaces")
        found[code] = Institution(title=each.need("title").text(), side=each.need("side").text())
    return found


def _kind(code: str, place: Place, sides: list[str], texts: Mapping[str, str], *, known_only: bool) -> MandateKind:
    place.only("title", "answers_for", "sides", "alone", *CITATION_KEYS)
    check_code(code, place)
    return MandateKind(
        title=place.need("title").text(),
        answers_for=place.need("answers_for").roles(),
        sides=tuple(each.word(sides) for each in place.need("sides").each()),
        alone=place.need("alone").yes() if place.has("alone") else False,
        citation=place.citation(texts, known_only=known_only),
    )
