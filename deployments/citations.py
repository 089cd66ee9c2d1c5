"""Where does the repository cite each entry of the programme's text (E016), and under which name?

A citation is a number in a comment, a docstring, a template or a page; « E098 to E104 » cites every entry between. Its
place is the file and the name of what it stands in (a function, a test, a key), for line numbers do not last.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENTRY = re.compile(r"\bE(\d{3})\b(?:\s*(?:to|à|–|-)\s*E(\d{3})\b)?")
SCANNED = (".py", ".yaml", ".j2", ".md")
# The first path that holds a file says what kind of place it is. A landmark is there to be read.
KINDS = (
    ("models/programme/vade-mecum-2020/landmarks.yaml", "repère"),
    ("models/programme", "donnée"),
    ("deployments/example", "donnée"),
    ("models/rules", "règle"),
    ("models", "table"),
    ("notifications", "lettre"),
    ("tasks", "traitement"),
    ("flows", "traitement"),
    ("deployments", "commande"),
    ("tests", "essai"),
    ("docs", "page"),
)
LANDMARK, TEST, PAGE = "repère", "essai", "page"
GUIDE = "guide › "  # the chapters of cell.yaml that are landmarks too
UNNAMED = {"cite", "assumption", "lines", "steps", "chapters", "axes"}  # keys that say nothing of what they hold
LISTS = {  # they name every entry, and live by none
    "models/programme/vade-mecum-2020/requirements_traced.yaml",
    "tests/test_requirements_traced.py",
    "docs/requirements.md",
    "docs/semantics.md",
    "models/rules/requirements_traced.py",
    "deployments/citations.py",
}


@dataclass(frozen=True, order=True)
class Cited:
    """One place that cites an entry; `name` is empty for a whole file."""

    kind: str
    file: str
    name: str


def citations(root: Path = ROOT) -> dict[int, list[Cited]]:
    """The places of each entry, by its number, in the order of kinds and files."""
    found: dict[int, set[Cited]] = {}
    for kind, file in _files(root):
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        if not any(ENTRY.search(line) for line in lines):
            continue
        path = file.relative_to(root).as_posix()
        names = _names(path, text, lines)
        for number, line in enumerate(lines):
            for entry in entries_in(line):
                name = names[number]
                own = LANDMARK if name.startswith(GUIDE) else kind
                found.setdefault(entry, set()).add(Cited(own, path, name))
    order = list(dict.fromkeys(kind for _, kind in (*KINDS[1:], KINDS[0])))
    return {
        entry: sorted(places, key=lambda each: (order.index(each.kind), each.file, each.name))
        for entry, places in sorted(found.items())
    }


def entries_in(line: str) -> Iterator[int]:
    """The entries that a line cites, those of a range included."""
    for first, last in ENTRY.findall(line):
        yield from range(int(first), int(last or first) + 1)


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    seen: set[Path] = set()
    for place, kind in KINDS:
        for file in sorted((root / place).rglob("*")) or [root / place]:
            path = file.relative_to(root).as_posix()
            if (
                file.is_file()
                and file.suffix in SCANNED
                and file not in seen
                and path not in LISTS
                and "__pycache__" not in path
            ):
                seen.add(file)
                yield kind, file


def _names(path: str, text: str, lines: list[str]) -> list[str]:
    """What each line of a file stands in."""
    if path.endswith(".py"):
        return _python_names(text, lines)
    if path.endswith(".yaml"):
        return _yaml_names(lines)
    return [""] * len(lines) if path.endswith(".j2") else _headings(lines)


def _python_names(text: str, lines: list[str]) -> list[str]:
    names = [""] * len(lines)
    starts: dict[int, str] = {}

    def name(node: ast.AST, around: str) -> None:
        own = around
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own = f"{around}.{node.name}" if around else node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not around:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            own = ast.unparse(target)
        elif isinstance(node, ast.Call):
            said = [each.value for each in node.keywords if each.arg == "name" and isinstance(each.value, ast.Constant)]
            own = str(said[0].value) if said else around
        if own != around:
            decorated = [each.lineno for each in getattr(node, "decorator_list", ())]
            first = min([node.lineno, *decorated])  # type: ignore[attr-defined]
            starts.setdefault(first, own)
            last: int = node.end_lineno  # type: ignore[attr-defined]
            names[first - 1 : last] = [own] * (last - first + 1)
        for child in ast.iter_child_nodes(node):
            name(child, own)

    name(ast.parse(text), "")
    following = ""
    for number in range(len(lines), 0, -1):  # a comment belongs to what it stands above
        following = starts.get(number, following if lines[number - 1].lstrip().startswith("#") else "")
        if following and not names[number - 1]:
            names[number - 1] = following
    return names


def _yaml_names(lines: list[str]) -> list[str]:
    names: list[str] = []
    path: list[tuple[int, str]] = []
    for line in lines:
        key = re.match(r"(\s*)((?:- )?)(?:\"([^\"]+)\"|([\w-]+)):(?:\s+\"?([^\"#]*))?", line)
        if key:
            depth = len(key[1]) + len(key[2])
            path = [each for each in path if each[0] < depth - len(key[2])]
            own = (key[5] or "").strip() if key[2] and key[4] == "title" else key[3] or key[4]
            path.append((depth - len(key[2]), own))
        names.append(" › ".join(own for _, own in path if own not in UNNAMED))
    # a comment of its own speaks of the key below, and the one that opens a file of the file
    for number in range(len(lines) - 2, -1, -1):
        if lines[number].lstrip().startswith("#"):
            names[number] = names[number + 1]
    for number, line in enumerate(lines):
        if not line.startswith("#"):
            break
        names[number] = ""
    return names


def _headings(lines: list[str]) -> list[str]:
    names, present = [], ""
    for line in lines:
        present = line.lstrip("# ").strip() if line.startswith("#") else present
        names.append(present)
    return names
