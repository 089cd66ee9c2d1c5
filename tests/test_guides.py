"""Is what the guides show true: does every command exist, can a first campaign be followed, is every picture there?"""

import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import click
import openpyxl
import pytest
from click.testing import CliRunner

from deployments.cli import main
from deployments.description import DEPLOYMENTS
from tasks.settings import settings

ROOT = Path(__file__).parent.parent
COORDINATION = ROOT / "docs" / "coordination.md"
GUIDES = (ROOT / "README.md", COORDINATION, *(ROOT / "docs" / f"{name}.md" for name in ("exploitation", "prefecture")))
PLACEHOLDERS = {"N": "12", "ADRESSE": "prefecture@nord.test", "…": "un motif"}
ENDS = ("#", ">", "|", "||", "&&")  # what a shell does with the command's output, or next
HEAVIEST = 200_000  # bytes of a picture

shown = re.compile(r"^ {4}(?:.*?[\s/])?cites ([a-z].*)$", re.MULTILINE)
quoted = re.compile(r"`cites ([a-z][^`]*)`")
linked = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
pictured = re.compile(r"!\[([^\]]*)\]\((images/[^)]+)\)")


def words(command: str) -> list[str]:
    """The arguments of a command as a shell would cut them, placeholders filled in."""
    command = re.sub(r"\$\([^)]*\)", "2027-02-19", command)  # what a shell puts in, such as the day
    cut = shlex.split(command.replace("[", "").replace("]", ""), comments=True)
    ends = [place for place, word in enumerate(cut) if word in ENDS]
    return [PLACEHOLDERS.get(word, word) for word in cut[: ends[0] if ends else None]]


def blocks(guide: Path) -> list[str]:
    """The `cites` commands of a guide's indented blocks, in order."""
    return shown.findall(guide.read_text(encoding="utf-8"))


def first_steps() -> str:
    """The part of the coordination's guide that a new user follows."""
    text = COORDINATION.read_text(encoding="utf-8")
    return text[text.index("## Premiers pas") : text.index("\n## ", text.index("## Premiers pas") + 1)]


def resolved(args: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words name, and what is left for it."""
    command: click.Command = main
    while isinstance(command, click.Group) and args and args[0] in command.commands:
        command, args = command.commands[args[0]], args[1:]
    return command, args


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_command_that_a_guide_shows_is_understood(
    guide: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = {}
    for command in blocks(guide):
        found, rest = resolved(words(command))
        for file in (Path(word) for word in rest if Path(word).suffix and not Path(word).is_absolute()):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()  # some options want a file that is there
        try:
            found.make_context("cites", rest).close()  # refuses an unknown option, and a missing one
        except click.UsageError as fault:
            refused[command] = fault.format_message()
        if isinstance(found, click.Group):
            refused[command] = "no such command"
    assert refused == {}


def test_a_command_that_no_longer_exists_would_be_seen() -> None:
    with pytest.raises(click.UsageError):
        resolved(["status", "--campagne", "2022"])[0].make_context("cites", ["--campagne", "2022"])
    assert resolved(["statut"])[0] is main


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_command_that_a_sentence_names_exists_with_its_options(guide: Path) -> None:
    for command in quoted.findall(guide.read_text(encoding="utf-8")):
        found, _ = resolved(re.findall(r"[a-z][a-z-]*", command.split(" --")[0]))
        known = {option for parameter in found.params for option in parameter.opts}
        named = set(re.findall(r"--[a-z][a-z-]*", command))
        assert found is not main, f"{guide.name}: no such command as `cites {command}`"
        assert named <= known | {"--help"}, f"{guide.name}: `cites {command}`"


def test_a_first_campaign_is_followed_with_the_guide_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str
) -> None:
    home = tmp_path / "clone"
    (home / "deployments").mkdir(parents=True)
    (home / "deployments" / "example").symlink_to(ROOT / "deployments" / "example")
    monkeypatch.chdir(home)
    monkeypatch.setenv("CITES_HOME", "var/essai")
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PREFECT_API_URL", "")  # no engine runs: the guide does not need one
    settings.cache_clear()
    said: dict[str, list[str]] = {}
    steps = shown.findall(first_steps())
    for step in steps:
        args = words(step)
        if args[:2] == ["import", "nord.xlsx"] and "--check" in args:
            complete(home / "nord.xlsx", first_steps())
        done = CliRunner().invoke(main, args)
        assert done.exit_code == 0, f"cites {step}: {done.output}"
        said.setdefault(args[0], []).append(done.stdout)
    assert said["campaign"][1].startswith("2022 (Vague 2022), opens 2021-10-15: 83 territories")
    assert said["import"] == [
        "territoires: 83 added\ncontacts: 235 added\nChecked only: nothing was written.\n",
        "territoires: 83 added\ncontacts: 235 added\n",
        "territoires: 3 unchanged\ncontacts: 5 unchanged\npieces: 1 added\nChecked only: nothing was written.\n",
        "territoires: 3 unchanged\ncontacts: 5 unchanged\npieces: 1 added\n",
    ]
    before, after = (candidature_of("douai-waziers", each) for each in said["status"])
    assert (before[:4], after[:4]) == (
        ["douai-waziers", "invited", "candidature", "2022-02-28"],
        ["douai-waziers", "in_preparation", "candidature", "2022-03-15"],
    )
    assert candidature_of("dunkerque-grande-synthe", said["status"][1])[3] == "2022-02-28"
    assert (
        len(said["plan"][0].splitlines()) == 2 * 3 * 83 + 2
    )  # chef de file, prefect and DASEN, on two mornings; two lines of heads
    assert "Crue de la Scarpe" in said["history"][0]
    assert (home / "tableau-2022.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def complete(workbook: Path, guide: str) -> None:
    """Add to the sheet « Pièces » the row that the guide gives, as a person would."""
    heads, _, row = re.findall(r"^\| (.+) \|$|^\|(-.+)\|$|^\| (.+) \|$", guide, re.MULTILINE)[:3]
    names, values = ([cell.strip() for cell in each[0].split("|")] for each in (heads, row))
    book = openpyxl.load_workbook(workbook)
    sheet = book["Pièces"]
    columns = {str(cell.value).rstrip(" *"): cell.column for cell in sheet[1]}
    for name, value in zip(names, values, strict=True):
        sheet.cell(2, columns[name], value)
    book.save(workbook)


def candidature_of(territory: str, table: str) -> list[str]:
    """The words of one territory's candidature in what `cites status` prints."""
    return next(
        cells for cells in map(str.split, table.splitlines()) if cells[:1] == [territory] and "candidature" in cells
    )


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_link_of_a_guide_leads_somewhere(guide: Path) -> None:
    for target in linked.findall(guide.read_text(encoding="utf-8")):
        path, _, part = target.partition("#")
        if "://" in path:
            continue
        there = (guide.parent / path).resolve() if path else guide
        assert there.exists(), f"{guide.name}: {target}"
        assert not part or unquote(part) in anchors(there), f"{guide.name}: {target}"


def anchors(page: Path) -> set[str]:
    """What a page's headings may be linked by."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("guide", GUIDES[1:3], ids=lambda guide: guide.name)
def test_a_table_of_contents_names_every_part_in_its_order(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    contents, _, _ = text.partition("\n## ")
    assert [unquote(each[1:]) for each in linked.findall(contents) if each.startswith("#")] == [
        re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^## (.+)$", text, re.MULTILINE)
    ]


def test_every_picture_is_shown_with_words_for_those_who_do_not_see_it_and_is_light() -> None:
    named = [each for guide in GUIDES for each in pictured.findall(guide.read_text(encoding="utf-8"))]
    assert all(len(words_for_it) > 20 for words_for_it, _ in named)
    kept = {f"images/{each.name}" for each in (ROOT / "docs" / "images").glob("*.png")}
    assert {path for _, path in named} == kept
    assert {path for path in kept if (ROOT / "docs" / path).stat().st_size > HEAVIEST} == set()


def test_the_guide_lists_every_deployment_under_its_tag() -> None:
    text = COORDINATION.read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, re.MULTILINE))
    assert {
        (each.name, tag) for each in DEPLOYMENTS for tag in each.tags if ":" not in tag and each.name not in listed[tag]
    } == set()
