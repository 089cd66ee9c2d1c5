"""Do the files keep the promises they make to one another?"""

import ast
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Group
from click.testing import CliRunner

from deployments.cli import main
from deployments.cli_help import HEADINGS
from models.rules.calendar import Calendar, load_calendar
from models.rules.digests import load_digests
from models.rules.lifecycle import NEXT, State
from models.rules.yaml_files import PROGRAMME
from models.words import Role, Verdict
from notifications.render import TEMPLATES, letters
from tests.builders import a_programme

ROOT = Path(__file__).parent.parent
LAYERS = ("flows", "tasks", "notifications", "models", "deployments")
MODULES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
EDITIONS = sorted(path.parent for path in PROGRAMME.glob("*/deadlines.yaml"))
LETTER_FILES = {"subject.txt.j2", "body.txt.j2", "body.html.j2"}
THE_CLOCK = ROOT / "flows" / "clock.py"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every set of named values within `value`, itself included."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from mappings(each)
    elif isinstance(value, list):
        for each in value:
            yield from mappings(each)


def citations() -> set[str]:
    files = [*PROGRAMME.glob("*.yaml"), *(path for edition in EDITIONS for path in edition.glob("*.yaml"))]
    return {each["cite"].partition(",")[0] for path in files for each in mappings(read(path)) if "cite" in each}


# Letters


def letters_named() -> set[str]:
    programme = a_programme()
    steps = {step.letter for deadline in programme.deadlines.values() for step in deadline.steps}
    posted = {letter for edition in EDITIONS for letter in load_digests(edition.name).letters()}
    return steps | {letter.letter for letter in programme.letters.values()} | posted


def letters_there_are() -> set[str]:
    """Those that the programme names, those of each verdict, and those that suit any cadence a campaign gives."""
    return letters_named() | {f"decision_{verdict.value}" for verdict in Verdict} | {"reminder", "overdue"}


def test_every_letter_that_the_programme_names_has_its_folder_and_every_folder_is_named() -> None:
    assert set(letters()) == letters_there_are()


@pytest.mark.parametrize("letter", sorted(letters_there_are()))
def test_a_letter_is_three_files(letter: str) -> None:
    assert {path.name for path in (TEMPLATES / letter).iterdir()} == LETTER_FILES


# Texts and values


def test_every_text_is_cited_and_every_citation_is_of_a_text() -> None:
    assert citations() == set(read(PROGRAMME / "texts.yaml"))


def sourced(value: dict[str, Any]) -> bool:
    return "cite" in value or "assumption" in value


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda path: path.name)
def test_every_value_of_an_edition_has_its_source(edition: Path) -> None:
    without = []
    for name in ("deadlines", "axes", "roles", "funding"):
        without += [f"{name}: {key}" for key, value in read(edition / f"{name}.yaml").items() if not sourced(value)]
    requirements = read(edition / "requirements.yaml")
    without += [] if sourced(requirements) else ["requirements"]
    without += [
        f"requirements: {code}"
        for deadline, asked in requirements.items()
        if isinstance(asked, dict)
        for code, value in asked.items()
        if not sourced(value)
    ]
    without += [name for name in ("reminders", "digests") if not sourced(read(edition / f"{name}.yaml"))]
    assert without == []


def test_every_holiday_has_its_source() -> None:
    assert [
        day["name"] for days in read(PROGRAMME / "holidays.yaml").values() for day in days if not sourced(day)
    ] == []


def test_three_objectives_hold_twenty_three_axes() -> None:  # E153 to E158, E161 to E170, E172 to E178
    objectives = a_programme().objectives
    assert [(objective.code, len(objective.axes)) for objective in objectives] == [("1", 6), ("2", 10), ("3", 7)]
    assert [axis for objective in objectives for axis in objective.axes] == [
        f"{objective}.{number}" for objective, count in ((1, 6), (2, 10), (3, 7)) for number in range(1, count + 1)
    ]


def test_every_role_has_a_title() -> None:
    roles = a_programme().roles
    assert set(roles) == set(Role)
    assert len(set(roles.values())) == len(Role)


def test_every_requirement_belongs_to_a_deadline_and_every_deadline_asks_for_something_or_watches() -> None:
    cell = {"occurrences": {"2021": date(2022, 3, 31)}, "assumption": "le texte ne donne pas de date"}
    programme = a_programme(deadlines={"cell_report": cell})
    asking = {requirement.deadline for requirement in programme.requirements}
    watching = {name for name, deadline in programme.deadlines.items() if deadline.armed_by == "signature"}
    assert asking | watching == set(programme.deadlines)
    assert asking & watching == set()


# Places


def test_every_departement_has_a_region_and_holidays_that_exist() -> None:
    calendar: Calendar = load_calendar()
    assert {place.region for place in calendar.departements.values()} == set(calendar.regions)
    assert {place.holidays for place in calendar.departements.values()} == set(calendar.holidays)
    assert len(calendar.departements) == 107  # 101 départements, and six collectivities overseas


# States


def test_every_state_can_be_reached_and_only_ends_are_final() -> None:
    reached, ahead = {State.PRESELECTED}, [State.PRESELECTED]
    while ahead:
        following = NEXT[ahead.pop()] - reached
        reached |= following
        ahead += following
    assert reached == set(State)
    assert {state for state, following in NEXT.items() if not following} == {State.WITHDRAWN, State.RENEWED}
    assert set(NEXT) == set(State)


# Code


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "call", ["datetime.now(", "datetime.today(", "utcnow(", "date.today(", "pendulum.now(", "time.time("]
)
def test_only_the_clock_asks_what_time_it_is(call: str) -> None:
    asking = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if path != THE_CLOCK and any(f"{name}(".endswith(call) for name in called(path))
    ]
    assert asking == []


@cache
def called(path: Path) -> frozenset[str]:
    """What a module calls, as it is written there."""
    return frozenset(ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def test_no_exception_is_caught_whatever_it_is() -> None:
    caught = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert caught == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name != "__init__.py"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_module_opens_with_the_question_it_answers(path: Path) -> None:
    if "migrations" in path.parts:
        return
    opening = ast.get_docstring(tree(path)) or ""
    assert "?" in opening.split("\n\n")[0]


def test_packages_hold_no_code_of_their_own() -> None:
    assert [str(path.relative_to(ROOT)) for path in MODULES if path.name == "__init__.py" and path.stat().st_size] == []


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "helpers", "common", "services", "managers", "misc"}
    assert [str(path.relative_to(ROOT)) for path in MODULES if path.stem in drawers] == []


def says_what_it_does(function: ast.FunctionDef) -> bool:
    """By a docstring, by the description that people read of a flow, or by its name if its body is one statement."""
    described = any(
        keyword.arg == "description"
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
    )
    return described or ast.get_docstring(function) is not None or len(function.body) == 1


def test_public_functions_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in MODULES
        if "migrations" not in path.parts
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not says_what_it_does(node)
    ]
    assert silent == []


def test_yaml_jinja_and_apprise_have_one_door_each() -> None:
    doors = {
        "yaml": "models/rules/yaml_files.py",
        "jinja2": "notifications/render.py",
        "apprise": "notifications/gateway.py",
    }
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in MODULES
        for node in ast.walk(tree(path))
        for name in imported(node)
        if name in doors and not str(path.relative_to(ROOT)).startswith("deployments/")
    }
    assert found <= {(door, name) for name, door in doors.items()}
    assert ("models/rules/yaml_files.py", "yaml") in found


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module.partition(".")[0]]
    return []


def calls_of(name: str) -> set[str]:
    """The modules that call a function or method of this name."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if any(each.rpartition(".")[2] == name for each in called(path))
    }


def test_the_database_is_committed_in_one_place() -> None:
    assert calls_of("commit") == {"tasks/database.py"}


def test_every_select_stands_among_the_queries() -> None:
    selecting = {path for path in calls_of("select") if "/migrations/" not in path}  # these read what they make anew
    elsewhere = {path for path in selecting if not path.startswith("models/") or "queries" not in path}
    assert elsewhere == set()


# Commands


def test_every_command_stands_under_one_heading_of_the_help_and_is_said_whole() -> None:
    names = [name for under in HEADINGS.values() for name in under]
    assert sorted(names) == sorted(main.commands)
    for group in ([], *([name] for name, each in main.commands.items() if isinstance(each, Group))):
        said = " ".join(CliRunner().invoke(main, [*group, "--help"]).output.split())
        assert "..." not in said.replace("[ARGS]...", "")
    said = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert "deliver Send what waits in the outbox. letters Every letter on invented dossiers" in said
