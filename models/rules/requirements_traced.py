"""What does the text ask for, entry by entry, and which entries are a matter for people?

The entries in a few words of ours. Where each one lives in the engine is found in the files themselves, by its number.
"""

from dataclasses import dataclass
from functools import lru_cache

from models.rules.yaml_files import PROGRAMME, read_yaml

KINDS = (
    "acteur", "champ", "critère", "date", "document", "données", "droit", "indicateur", "instance", "montant", "ratio",
    "règle", "volume",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that the text asks for; `people` is the reason why no software answers for it, or empty."""

    number: int
    section: str
    kind: str
    words: str
    people: str

    @property
    def code(self) -> str:
        """E016."""
        return f"E{self.number:03d}"


@lru_cache(maxsize=8)
def load_entries(edition: str) -> tuple[Entry, ...]:
    """The entries of an edition, in their order. Raises `ProgrammeRefused`."""
    found: list[Entry] = []
    for _, section in read_yaml(PROGRAMME / edition / "requirements_traced.yaml").items():
        section.only("title", "entries")
        for code, place in section.need("entries").items():
            place.only("kind", "words", "people")
            if code != f"E{len(found) + 1:03d}":
                place.refuse(f"«{code}» comes here instead of E{len(found) + 1:03d}", "keep every entry, in order")
            found.append(
                Entry(
                    number=len(found) + 1,
                    section=section.need("title").text(),
                    kind=place.need("kind").word(KINDS),
                    words=place.need("words").text(),
                    people=place.need("people").text() if place.has("people") else "",
                )
            )
    return tuple(found)
