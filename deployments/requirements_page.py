"""Where does each of the 262 entries of the text live in the engine, or why is it a matter for people?

`python -m deployments.requirements_page` writes docs/requirements.md: the entries come from requirements_traced.yaml,
their places from the citations found in the files.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from deployments.citations import LANDMARK, PAGE, ROOT, TEST, Cited, citations
from models.rules.chapters import editions_with
from models.rules.requirements_traced import Entry, load_entries

FILE = ROOT / "docs" / "requirements.md"
Places = Mapping[int, Sequence[Cited]]


def requirements_page(entries: Sequence[Entry], places: Places) -> str:
    """The page: how many entries live where, then each of them, section by section."""
    people = [each for each in entries if each.people]
    shown = [each for each in entries if {cited.kind for cited in _lives(each, places)} == {LANDMARK}]
    sections = "\n\n".join(_section(title, list(found), places) for title, found in groupby(entries, _title))
    return f"""<!-- Fait par `python -m deployments.requirements_page` : ne pas modifier à la main. -->
# Les {len(entries)} exigences, une par une

Chaque exigence du vade-mecum porte un numéro. Cette page dit où elle vit dans le moteur : **donnée** (un fichier de
`models/programme/` ou d’une campagne), **règle**, **table**, **lettre**, **traitement** ou **commande**, et quels
essais la tiennent. Un **repère** est montré aux personnes, qui seules peuvent y répondre (`cites guide`, `cites cell
guide`, [reperes.md](reperes.md)) ; une **affaire de personnes** n’est pas dans le moteur, et la raison en est donnée.
La page est faite à partir du code : un numéro cité dans un fichier y mène.

* {len(entries) - len(people) - len(shown)} exigences sont tenues par le moteur ;
* {len(shown)} sont des repères seulement ;
* {len(people)} sont affaire de personnes.

{sections}
"""


def untraced(entries: Sequence[Entry], places: Places) -> dict[str, str]:
    """What is wrong with an entry's trace, by code: nowhere, without a test, or both cited and left to people."""
    found = {}
    for entry in entries:
        lives = _lives(entry, places)
        tests = [each for each in places.get(entry.number, ()) if each.kind == TEST]
        if entry.people and (lives or tests):
            found[entry.code] = f"left to people, and cited in {(*lives, *tests)[0].file}"
        elif not entry.people and not lives:
            found[entry.code] = "cited nowhere in the engine"
        elif not entry.people and not tests:
            found[entry.code] = "cited by no test"
    return found


def present_page() -> str:
    """The page of the repository as it stands."""
    return requirements_page(load_entries(editions_with("requirements_traced.yaml")[-1]), citations())


def _lives(entry: Entry, places: Places) -> list[Cited]:
    return [each for each in places.get(entry.number, ()) if each.kind not in (TEST, PAGE)]


def _title(entry: Entry) -> str:
    return entry.section


def _section(title: str, entries: Sequence[Entry], places: Places) -> str:
    rows = "\n".join(
        f"| {each.code} | {each.kind} | {each.words} | {_where(each, places)} | {_tests(each, places)} |"
        for each in entries
    )
    return f"## {title}\n\n| n° | nature | exigence | où | essais |\n|---|---|---|---|---|\n{rows}"


def _where(entry: Entry, places: Places) -> str:
    if entry.people:
        return f"*affaire de personnes : {entry.people}*"
    by_kind: dict[str, list[Cited]] = defaultdict(list)
    for each in _lives(entry, places):
        by_kind[each.kind].append(each)
    return "<br>".join(f"{kind} : {_links(found)}" for kind, found in by_kind.items()) or "—"


def _tests(entry: Entry, places: Places) -> str:
    return _links([each for each in places.get(entry.number, ()) if each.kind == TEST]) or "—"


def _links(places: Sequence[Cited]) -> str:
    names: dict[str, list[str]] = defaultdict(list)
    for each in places:
        names[each.file] += [each.name] if each.name else []
    return " ; ".join(
        f"[{Path(file).name}](../{file})" + (f" ({', '.join(f'`{name}`' for name in within)})" if within else "")
        for file, within in names.items()
    )


if __name__ == "__main__":
    FILE.write_text(present_page(), encoding="utf-8")
