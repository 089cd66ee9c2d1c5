"""Is each of the 262 entries of the text traced, to the engine and a test or to people with a reason?"""

from pathlib import Path

import pytest

from deployments.citations import Cited, citations, entries_in
from deployments.landmarks_page import PAGE, landmarks_page
from deployments.requirements_page import FILE, present_page, requirements_page, untraced
from models.rules.requirements_traced import Entry, load_entries
from models.rules.yaml_files import ProgrammeRefused

ENTRIES = load_entries("vade-mecum-2020")


def test_the_entries_are_those_of_the_text_each_with_a_few_words_of_ours() -> None:
    assert [each.code for each in ENTRIES] == [f"E{number:03d}" for number in range(1, 263)]
    assert [each.code for each in ENTRIES if not 3 <= len(each.words) <= 120] == []
    assert [each.code for each in ENTRIES if each.people and len(each.people) < 30] == []


def test_each_entry_lives_in_the_engine_and_a_test_or_is_left_to_people_and_never_both() -> None:
    assert untraced(ENTRIES, citations()) == {}


def test_the_pages_are_those_that_the_files_make() -> None:
    assert FILE.read_text(encoding="utf-8") == present_page()
    assert PAGE.read_text(encoding="utf-8") == landmarks_page()


def an_entry(number: int, people: str = "") -> Entry:
    return Entry(number=number, section="Essai", kind="règle", words="Un mot", people=people)


def test_a_trace_that_is_not_whole_is_told() -> None:
    rule, test = Cited("règle", "models/rules/x.py", "f"), Cited("essai", "tests/test_x.py", "test_f")
    page = Cited("page", "docs/x.md", "")
    entries = [an_entry(1), an_entry(2), an_entry(3), an_entry(4, "affaire de chacun"), an_entry(5, "de chacun")]
    assert untraced(entries, {1: [rule, test], 2: [test, page], 3: [rule, page], 4: [rule], 5: [page]}) == {
        "E002": "cited nowhere in the engine",
        "E003": "cited by no test",
        "E004": "left to people, and cited in models/rules/x.py",
    }


def test_the_page_links_each_place_by_name() -> None:
    test = Cited("essai", "tests/test_x.py", "test_f")
    places = {
        1: [Cited("règle", "models/rules/x.py", "f"), Cited("page", "docs/x.md", ""), test],
        3: [Cited("repère", "models/programme/x/landmarks.yaml", "Un titre"), test],
    }
    page = requirements_page([an_entry(1), an_entry(2, "affaire de chacun"), an_entry(3)], places)
    assert page.split("\n| E")[1:] == [
        "001 | règle | Un mot | règle : [x.py](../models/rules/x.py) (`f`) | "
        "[test_x.py](../tests/test_x.py) (`test_f`) |",
        "002 | règle | Un mot | *affaire de personnes : affaire de chacun* | — |",
        "003 | règle | Un mot | repère : [landmarks.yaml](../models/programme/x/landmarks.yaml) (`Un titre`) | "
        "[test_x.py](../tests/test_x.py) (`test_f`) |\n",
    ]
    assert [line[:3] for line in page.splitlines() if line.startswith("* ")] == ["* 1", "* 1", "* 1"]


@pytest.mark.parametrize(
    ("line", "entries"),
    [
        ("# E016, E026", [16, 26]),
        ("(E153 to E155)", [153, 154, 155]),
        ("E189–E191 et E200", [189, 190, 191, 200]),
        ("E01, E1234, THE100, noqa", []),
    ],
)
def test_a_citation_is_a_number_or_a_range(line: str, entries: list[int]) -> None:
    assert list(entries_in(line)) == entries


def test_a_citation_is_found_under_the_name_of_what_it_stands_in(tmp_path: Path) -> None:
    files = {
        "models/programme/x/a.yaml": "# All of it (E001)\none:  # E002\n  two:\n    # below (E003)\n    three: 3\n"
        "guide:\n  - title: \"A page\"\n    lines:\n      - \"x\"  # E004\n",
        "models/rules/a.py": '"""E005?"""\n\n# above (E006)\nA = 1\n\n\ndef f():\n    """E007"""\n\n\n'
        'class B:\n    c = 1  # E008\n'
        'T = (\n    Table(  # E009\n        name="un",\n    ),\n)\n',
        "tests/test_a.py": "# E010\n@mark\ndef test_a():\n    pass\n",
        "notifications/templates/a/body.txt.j2": "{# E011 #}\n",
        "docs/a.md": "# Titre\n\nE012\n",
    }  # fmt: skip
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = {number: [(each.kind, each.name) for each in places] for number, places in citations(tmp_path).items()}
    assert found == {
        1: [("donnée", "")],
        2: [("donnée", "one")],
        3: [("donnée", "one › two › three")],
        4: [("repère", "guide › A page")],
        5: [("règle", "")],
        6: [("règle", "A")],
        7: [("règle", "f")],
        8: [("règle", "B")],
        9: [("règle", "un")],
        10: [("essai", "test_a")],
        11: [("lettre", "")],
        12: [("page", "Titre")],
    }


def test_an_entry_left_out_is_refused_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.rules import requirements_traced, yaml_files

    folder = tmp_path / "models" / "programme"
    (folder / "short").mkdir(parents=True)
    (folder / "short" / "requirements_traced.yaml").write_text(
        'A:\n  title: "A"\n  entries:\n    E002: {kind: date, words: "x"}\n', encoding="utf-8"
    )
    for module in (requirements_traced, yaml_files):
        monkeypatch.setattr(module, "PROGRAMME", folder)
    with pytest.raises(ProgrammeRefused, match="line 4, at A › entries › E002: «E002» comes here instead of E001"):
        load_entries("short")
