"""Which texts may a rule cite, and which rules rest on an assumption of ours instead?"""

from collections.abc import Iterator, Mapping
from typing import Any

from models.rules.yaml_files import PROGRAMME, read_yaml


def citation_texts() -> Mapping[str, str]:
    """The register of cited texts: key, and how a letter names it."""
    return {key: place.need("words").text() for key, place in read_yaml(PROGRAMME / "texts.yaml").items()}


def assumptions(value: Any) -> Iterator[str]:
    """The reason of every assumption in a file's values, in their order."""
    if isinstance(value, dict):
        if isinstance(value.get("assumption"), str):
            yield value["assumption"]
        for each in value.values():
            yield from assumptions(each)
    elif isinstance(value, list):
        for each in value:
            yield from assumptions(each)
