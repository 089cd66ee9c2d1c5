"""Which pages of the programme are there to be read by people, chapter by chapter?

Landmarks of the text that the engine neither computes nor reminds of: shown, never counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.rules.cited_texts import citation_texts
from models.rules.yaml_files import CITATION_KEYS, PROGRAMME, Citation, Place, read_yaml


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A few French lines, and where the text says so."""

    title: str
    lines: tuple[str, ...]
    citation: Citation


@lru_cache(maxsize=8)
def load_landmarks(edition: str) -> tuple[Chapter, ...]:
    """The landmarks of an edition. Raises `ProgrammeRefused`."""
    place = read_yaml(PROGRAMME / edition / "landmarks.yaml")
    return chapters(place.need("chapters"), citation_texts())


def editions_with(file: str) -> list[str]:
    """The editions that have this file, oldest first: the last one holds when no campaign names one."""
    return sorted(path.parent.name for path in PROGRAMME.glob(f"*/{file}"))


def chapters(place: Place, texts: Mapping[str, str]) -> tuple[Chapter, ...]:
    """The chapters of a list, each with its source."""
    return tuple(_chapter(each, texts) for each in place.each())


def _chapter(place: Place, texts: Mapping[str, str]) -> Chapter:
    place.only("title", "lines", *CITATION_KEYS)
    return Chapter(
        title=place.need("title").text(),
        lines=tuple(each.text() for each in place.need("lines").each()),
        citation=place.citation(texts),
    )
