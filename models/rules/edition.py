"""What does an edition of the text say, before a campaign gives it dates?

An edition is a folder of cited values. What a campaign's file may override is kept as the place where it stands, so
that a refusal can still name it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.rules.cited_texts import assumptions, citation_texts
from models.rules.deadlines import Deadline, read_deadline
from models.rules.yaml_files import PROGRAMME, Place, read_yaml, role_named
from models.words import Role

PARTS_OF_AN_EDITION = (
    "deadlines", "requirements", "reminders", "funding", "roles", "axes", "review", "governance",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Objective:
    code: str
    title: str
    axes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Edition:
    """An edition's values: read where a campaign takes them as they are, places where it may say otherwise."""

    texts: Mapping[str, str]
    deadlines: Mapping[str, Deadline]
    requirements: Place
    reminders: Place
    funding: Place
    roles: Mapping[Role, str]
    objectives: tuple[Objective, ...]
    review: Place
    governance: Place
    assumptions: tuple[str, ...]


@lru_cache(maxsize=8)
def load_edition(name: str) -> Edition:
    """The edition of that name, a folder of `models/programme/`. Raises `ProgrammeRefused`."""
    folder = PROGRAMME / name
    texts = dict(citation_texts())
    files = {part: read_yaml(folder / f"{part}.yaml") for part in PARTS_OF_AN_EDITION}
    objectives = []
    for code, place in files["axes"].items():
        place.citation(texts)
        axes = {key: axis.text() for key, axis in place.need("axes").items()}
        objectives.append(Objective(code=code, title=place.need("title").text(), axes=axes))
    roles = {}
    for key, place in files["roles"].items():
        place.citation(texts)
        roles[role_named(place, key)] = place.need("title").text()
    return Edition(
        texts=texts,
        deadlines={key: read_deadline(key, place, texts) for key, place in files["deadlines"].items()},
        requirements=files["requirements"],
        reminders=files["reminders"],
        funding=files["funding"],
        roles=roles,
        objectives=tuple(objectives),
        review=files["review"],
        governance=files["governance"],
        assumptions=tuple(reason for place in files.values() for reason in assumptions(place.value)),
    )
