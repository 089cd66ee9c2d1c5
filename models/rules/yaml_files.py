"""What does a programme file say at a place, and how is a mistake refused in words: file, place, cure?

The only YAML door. A value knows the file, the line and the path it stands at, so that whoever reads it can refuse it
where it stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

import yaml

from models.words import Role

PROGRAMME = Path(__file__).parent.parent / "programme"
CITATION_KEYS = ("cite", "assumption")
DEEPEST = 50  # levels of lists and mappings within one another


class ProgrammeRefused(Exception):
    """A programme file cannot be followed: says the file, the place in it, and the cure."""


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Where a value comes from: a text and a place in it, or an assumption and its reason."""

    cite: str = ""
    assumption: str = ""
    text: str = ""  # how a letter names the text

    def words(self) -> str:
        """French, for letters and reports."""
        if not self.cite:
            return f"hypothèse : {self.assumption}"
        _, _, place = self.cite.partition(", ")
        return f"{self.text}, {place}" if place else self.text

    def place(self) -> str:
        """The place alone: « partie 1, … »."""
        return self.cite.partition(", ")[2] or self.text or f"hypothèse : {self.assumption}"


@dataclass(frozen=True)
class Place:
    value: Any
    file: str
    document: str
    path: tuple[str | int, ...] = ()

    def refuse(self, problem: str, cure: str) -> NoReturn:
        line = _line_of(self.document, self.path)
        trail = " › ".join(f"entry {key + 1}" if isinstance(key, int) else key for key in self.path)
        where = f"{self.file}, line {line}" if line else self.file
        raise ProgrammeRefused(f"{where}{f', at {trail}' if trail else ''}: {problem}: {cure}")

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def need(self, key: str, *, none: bool = False) -> "Place":
        if not isinstance(self.value, dict):
            self.refuse("is not a set of named values", f"write {key}: … under it")
        if key not in self.value or (self.value[key] is None and not none):
            self.refuse(f"«{key}» is missing", f"add {key}: …")
        return Place(self.value[key], self.file, self.document, (*self.path, key))

    def only(self, *keys: str) -> None:
        if not isinstance(self.value, dict):
            self.refuse("is not a set of named values", f"use {', '.join(keys)}")
        for key in self.value:
            if key not in keys:
                Place(self.value[key], self.file, self.document, (*self.path, key)).refuse(
                    f"«{key}» is not a known key here", f"use {', '.join(keys)}"
                )

    def items(self) -> Iterator[tuple[str, "Place"]]:
        if not isinstance(self.value, dict):
            self.refuse("is not a set of named values", "write one «name: value» a line")
        for key, value in self.value.items():
            yield key, Place(value, self.file, self.document, (*self.path, key))

    def each(self) -> "list[Place]":
        if not isinstance(self.value, list):
            self.refuse("is not a list", "write [one, two] or one «- entry» a line")
        return [Place(each, self.file, self.document, (*self.path, number)) for number, each in enumerate(self.value)]

    def entries(self) -> "list[Place]":
        """One value, or a list of them, as a list that is not empty."""
        if isinstance(self.value, list):
            return self.each() or self.refuse("is an empty list", "give at least one entry")
        return [self]

    def text(self) -> str:
        if isinstance(self.value, bool) or not isinstance(self.value, str | int) or str(self.value).strip() == "":
            self.refuse(f"{self.value!r} is not a text", "write a text, between quotes if in doubt")
        return str(self.value).strip()

    def word(self, words: "tuple[str, ...] | list[str]") -> str:
        if self.value not in words:
            self.refuse(f"«{self.value}» is not a known word here", f"use one of {', '.join(words)}")
        return str(self.value)

    def whole(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            self.refuse(f"{self.value!r} is not a whole number", "write a whole number")
        return self.value

    def yes(self) -> bool:
        if not isinstance(self.value, bool):
            self.refuse(f"{self.value!r} is neither true nor false", "write true or false")
        return self.value

    def day(self) -> date:
        if isinstance(self.value, datetime) or not isinstance(self.value, date):
            try:
                return date.fromisoformat(str(self.value))
            except ValueError:
                self.refuse(f"{self.value!r} is not a date", "write a day as 2021-02-28")
        return self.value

    def cents(self) -> int:
        try:
            amount = Decimal(str(self.value).replace(" ", "").replace("\u00a0", "").replace(",", ".")) * 100
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0 or amount != int(amount):
            self.refuse(f"{self.value!r} is not an amount", "write euros, such as 15 000")
        return int(amount)

    def role(self) -> Role:
        return role_named(self, self.text())

    def roles(self) -> tuple[Role, ...]:
        return tuple(each.role() for each in self.each())

    def has_citation(self) -> bool:
        return any(self.has(key) for key in CITATION_KEYS)

    def citation(self, texts: Mapping[str, str], *, known_only: bool = True) -> Citation:
        """The citation or assumption of this place; an edition may only cite a registered text."""
        if not self.has_citation():
            self.refuse("has no source", 'add cite: "text, place" or assumption: "why"')
        cite = self.need("cite").text() if self.has("cite") else ""
        assumption = self.need("assumption").text() if self.has("assumption") else ""
        key = cite.partition(",")[0].strip()
        if cite and known_only and key not in texts:
            self.refuse(f"«{key}» is not a registered text", f"add it to texts.yaml, or cite one of {', '.join(texts)}")
        return Citation(cite=cite, assumption=assumption, text=texts.get(key, key))


class _Loader(yaml.CSafeLoader):
    """YAML as people mean it: a key given twice is a mistake, and every key is a text. In C: ten times as fast."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, "a key is not a text", key_node.start_mark)
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f"«{key}» is given twice", key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _day_or_text(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:  # such as 2021-15-05: kept as it is typed, and refused where a day is wanted, with its place
        return node.value


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day_or_text)


def parse(document: str, name: str) -> Any:
    """The values of a YAML text; `name` is how a refusal calls it. Raises `ProgrammeRefused`."""
    try:
        _refuse_too_deep(document)
        value = yaml.load(document, Loader=_Loader)  # noqa: S506 - a SafeLoader of ours
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProgrammeRefused(f"{name}, line {line}: {error.problem}: mend the YAML there") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProgrammeRefused(f"{name}: is not YAML ({str(error).splitlines()[0]}): mend the file") from None
    if not isinstance(value, dict):
        raise ProgrammeRefused(f'{name}: holds no named value: begin with campaign: "…"')
    return value


def _refuse_too_deep(document: str) -> None:
    # Parsing goes event by event; loading calls itself once a level, in C, where too deep is the end of the process.
    level = 0
    for event in yaml.parse(document, Loader=_Loader):
        level += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if level > DEEPEST:
            raise RecursionError(f"it is nested more than {DEEPEST} levels deep")


def written_as_yaml(value: Any) -> str:
    """The YAML text of plain values, their order kept."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)


def read_yaml(path: Path) -> Place:
    """A file of models/programme/, as the place where everything in it begins."""
    document = path.read_text(encoding="utf-8")
    name = str(path.relative_to(PROGRAMME.parent.parent))
    return Place(parse(document, name), name, document)


def _line_of(document: str, path: tuple[str | int, ...]) -> int | None:
    node = yaml.compose(document, Loader=_Loader)
    line: int | None = None
    for key in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(name, value) for name, value in node.value if name.value == str(key)]
            if not pairs:
                return line
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = node.start_mark.line + 1
    return line


def role_named(place: "Place", key: str) -> Role:
    """The role that a key names."""
    if key not in {role.value for role in Role}:
        place.refuse(f"no role is called «{key}»", f"use one of {', '.join(role.value for role in Role)}")
    return Role(key)
