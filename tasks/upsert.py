"""What do the rows of a table change, and how are they written?

`compare` says what would change and touches nothing; `write` does it in bulk, with one event for each change. Rows
alike in their identity are told apart by their rank, so that two equal lines are two lines, and the same table twice
changes nothing. Where the later row of a table wins, rows are stored in the order of the table.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, SQLModel

from models.rules.prints import fingerprint_of
from tasks.events import record

BATCH = 500  # ids in one DELETE


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How one exchanged table is kept: what tells its rows apart, what may be corrected, where the order counts."""

    subject: str
    model: type[SQLModel]
    identity: tuple[str, ...]
    correctable: tuple[str, ...] = ()
    of_territory: bool = True
    ranked: bool = False
    same_time: tuple[str, ...] = ()  # rows equal in these are read in the order of the table
    personal: tuple[str, ...] = ()  # what the record of changes tells by its fingerprint alone

    def key(self, territory: str, values: dict[str, Any]) -> tuple[Any, ...]:
        """What tells a row apart, but for its rank; addresses differ by more than their case."""
        return (territory, *(values[name].casefold() if name == "email" else values[name] for name in self.identity))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One row as a file wants it; `stated` are the correctable columns of which the file says something."""

    territory: str  # its code; empty for what hangs on the campaign
    values: dict[str, Any]
    stated: frozenset[str]
    file: str
    row: int | None


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One row as the database has it."""

    id: int
    territory: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One row as it will stand: its territory, its values, and the row of the file that says so, if one does."""

    territory: str
    values: dict[str, Any]
    wanted: Wanted | None


@dataclass(frozen=True, kw_only=True)
class Correction:
    """Columns of a stored row that change."""

    stored: Stored
    after: dict[str, Any]
    action: str = "corrected"


@dataclass(kw_only=True)
class Changes:
    """What one table changes."""

    shape: Shape
    inserts: list[Fact] = field(default_factory=list)
    moved: list[Stored] = field(default_factory=list)  # taken out, to be written again in the order of the table
    corrections: list[Correction] = field(default_factory=list)
    standing: list[Fact] = field(default_factory=list)  # every row as it will stand, in its order
    matched: frozenset[int] = frozenset()  # ids of the stored rows that the files name again
    added: int = 0
    unchanged: int = 0

    @property
    def corrected(self) -> int:
        return sum(each.action == "corrected" for each in self.corrections)

    @property
    def replaced(self) -> int:
        return len(self.moved) + sum(each.action == "replaced" for each in self.corrections)


def compare(shape: Shape, wanted: Sequence[Wanted], stored: Sequence[Stored]) -> Changes:
    """What `wanted` changes of `stored` (in the order of ids); nothing is written."""
    changes = Changes(shape=shape)
    at = {(*shape.key(each.territory, each.values), each.values.get("rank", 0)): each for each in stored}
    keys = _ranked(shape, wanted)
    changes.matched = frozenset(at[key].id for key in keys if key in at)
    moved = _out_of_order(shape, wanted, keys, at)
    found: dict[int, tuple[dict[str, Any], Wanted]] = {}
    new: list[Fact] = []
    for each, key in zip(wanted, keys, strict=True):
        before = at.get(key)
        if before is None:
            changes.added += 1
            new.append(Fact(territory=each.territory, values=_with_rank(shape, each.values, key), wanted=each))
            continue
        after = {
            name: each.values[name]
            for name in (*shape.correctable, *(["email"] if "email" in shape.identity else []))
            if (name in each.stated or name == "email") and each.values[name] != before.values[name]
        }
        found[before.id] = ({**before.values, **after}, each)
        if before.id in moved:
            new.append(Fact(territory=each.territory, values={**before.values, **after}, wanted=each))
        elif after:
            changes.corrections.append(Correction(stored=before, after=after))
        else:
            changes.unchanged += 1
    changes.moved = [each for each in stored if each.id in moved]
    changes.inserts = new
    for row in stored:
        if row.id not in moved:
            values, line = found[row.id] if row.id in changes.matched else (row.values, None)
            changes.standing.append(Fact(territory=row.territory, values=values, wanted=line))
    changes.standing += new
    return changes


def write(
    session: Session, changes: Changes, *, at: datetime, author: str, campaign: str, campaign_id: int,
    territories: dict[str, int], grounds: str = "",
) -> None:  # fmt: skip
    """Write the changes of one table and one event for each, on these grounds; `territories` gives ids by code."""
    model = changes.shape.model
    gone = [each.id for each in changes.moved]
    for start in range(0, len(gone), BATCH):
        session.execute(delete(model).where(model.id.in_(gone[start : start + BATCH])))  # type: ignore[attr-defined]
    if changes.inserts:
        session.execute(
            insert(model.__table__),  # type: ignore[attr-defined]
            [
                fact.values
                | (
                    {"territory_id": territories[fact.territory]}
                    if changes.shape.of_territory
                    else {"campaign_id": campaign_id}
                )
                for fact in changes.inserts
            ],
        )
    _correct(session, model, changes.corrections)
    events = [
        {
            "at": at, "author": author, "campaign": campaign, "subject": changes.shape.subject, "grounds": grounds,
            "action": action, "territory": territory, "before": before, "after": after,
        }
        for action, territory, before, after in _told(changes)
    ]  # fmt: skip
    record(session, events)


def _correct(session: Session, model: type[SQLModel], corrections: Iterable[Correction]) -> None:
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for each in corrections:
        alike[tuple(each.after)].append({"id": each.stored.id, **each.after})
    for rows in alike.values():
        session.execute(update(model), rows)


def _ranked(shape: Shape, wanted: Iterable[Wanted]) -> list[tuple[Any, ...]]:
    """The key of each row; the last of it says how many rows alike came before."""
    seen: dict[tuple[Any, ...], int] = defaultdict(int)
    keys = []
    for each in wanted:
        key = shape.key(each.territory, each.values)
        keys.append((*key, seen[key]))
        seen[key] += 1
    return keys


def _with_rank(shape: Shape, values: dict[str, Any], key: tuple[Any, ...]) -> dict[str, Any]:
    return {**values, "rank": key[-1]} if shape.ranked else values


def _out_of_order(
    shape: Shape, wanted: Sequence[Wanted], keys: Sequence[tuple[Any, ...]], at: dict[tuple[Any, ...], Stored]
) -> set[int]:
    """The ids of stored rows that no longer stand in the order of the table, among rows of the same time."""
    if not shape.same_time:
        return set()
    groups: dict[tuple[Any, ...], list[int | None]] = defaultdict(list)
    for each, key in zip(wanted, keys, strict=True):
        before = at.get(key)
        time = (each.territory, *(each.values[name] for name in shape.same_time))
        groups[time].append(before.id if before else None)
    moved: set[int] = set()
    for ids in groups.values():
        known = [each for each in ids if each is not None]
        if ids != sorted(known) + [None] * (len(ids) - len(known)):
            moved.update(known)
    return moved


def _told(changes: Changes) -> Iterable[tuple[str, str, dict[str, Any] | None, dict[str, Any] | None]]:
    shape = changes.shape
    before = {(*shape.key(each.territory, each.values), each.values["rank"]): each for each in changes.moved}
    for fact in changes.inserts:
        key = (*shape.key(fact.territory, fact.values), fact.values.get("rank"))
        if key in before:
            yield "replaced", fact.territory, _plain(shape, before[key].values), _plain(shape, fact.values)
        else:
            yield "added", _subject_of(fact.territory, fact.values), None, _plain(shape, fact.values)
    for each in changes.corrections:
        who = {name: each.stored.values[name] for name in shape.identity}
        old = {name: each.stored.values[name] for name in each.after}
        yield (
            each.action, _subject_of(each.stored.territory, each.stored.values),
            _plain(shape, who | old), _plain(shape, who | each.after),
        )  # fmt: skip


def _subject_of(territory: str, values: dict[str, Any]) -> str:
    return territory or str(values.get("code", ""))


def _plain(shape: Shape, values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON holds them, and as the record may keep them for good."""
    return {
        name: fingerprint_of(value) if name in shape.personal
        else value.isoformat() if isinstance(value, date) else value
        for name, value in values.items()
    }  # fmt: skip
