"""Has each reader a calendar of its own to subscribe to, kept up to date, under a name that nobody can guess?"""

import re
from datetime import date
from pathlib import Path

import icalendar
import pytest
from click.testing import CliRunner

from deployments.cli import main
from tasks.acts import extend, perform
from tasks.calendars import FOLDER, KEY, NoSuchReader, feeds, keep_calendars, write_feeds
from tasks.settings import settings
from tests.builders import an_instant
from tests.prefect_builders import J_7, a_small_campaign


@pytest.fixture
def campaign(tmp_path: Path) -> str:
    return a_small_campaign(tmp_path)


def kept() -> dict[str, bytes]:
    """The feeds of the engine's home, by the part of their names that says whose they are."""
    folder = settings().home / FOLDER / "2021"
    return {path.name.rpartition("-")[0]: path.read_bytes() for path in sorted(folder.glob("*.ics"))}


def days(content: bytes) -> list[tuple[str, str, int]]:
    return [
        (str(event["SUMMARY"]).replace("\u00a0", " "), event["DTSTART"].dt.isoformat(), int(event["SEQUENCE"]))
        for event in icalendar.Calendar.from_ical(content).walk("VEVENT")
    ]


def test_each_reader_has_one_file_with_what_it_can_be_written_to_about(campaign: str) -> None:
    assert keep_calendars.fn(campaign, J_7) == 6
    found = kept()
    assert list(found) == [
        "chef-de-file-douai", "chef-de-file-saint-denis-974", "dasen-departement-59", "dasen-departement-62",
        "prefet-departement-59", "prefet-departement-62",
    ]  # fmt: skip
    assert days(found["chef-de-file-saint-denis-974"]) == [("Saint-Denis : échéance « Candidature »", "2021-02-28", 0)]
    assert days(found["prefet-departement-62"]) == [("Lens : échéance « Candidature »", "2021-02-28", 0)]


def test_a_feed_holds_no_address_of_a_reader_and_its_name_none_of_its_letters(campaign: str) -> None:
    keep_calendars.fn(campaign, J_7)
    for path in (settings().home / FOLDER / campaign).glob("*.ics"):
        unfolded = path.read_text(encoding="utf-8").replace("\n ", "")
        assert set(re.findall(r"[\w.-]+@[\w.-]+", unfolded)) == {"relances@cites-educatives.test"}
        assert re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{16}[.]ics", path.name)


def test_names_are_those_of_this_installation_alone_and_stay(
    campaign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = settings().database()
    here = {each.name for each in feeds(campaign, J_7, url=url)}
    assert {each.name for each in feeds(campaign, J_7, url=url)} == here
    assert (settings().home / KEY).stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("CITES_HOME", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    assert {each.name for each in feeds(campaign, J_7, url=url)} & here == set()


def test_nothing_is_written_again_until_something_changes(campaign: str) -> None:
    keep_calendars.fn(campaign, J_7)
    before = kept()
    assert keep_calendars.fn(campaign, J_7) == 0
    assert keep_calendars.fn(campaign, an_instant("2021-02-20 09:00")) == 0  # another day, the same words
    act = extend(
        ["douai"], deadline="candidature", new_due=date(2021, 3, 15), day=date(2021, 2, 20), authority="",
        grounds="inondation", reference="",
    )  # fmt: skip
    perform(act, campaign=campaign, at=an_instant("2021-02-20 10:00"), author="essai")
    assert keep_calendars.fn(campaign, an_instant("2021-02-20 11:00")) == 3
    after = kept()
    assert sorted(name for name in after if after[name] != before[name]) == [
        "chef-de-file-douai", "dasen-departement-59", "prefet-departement-59",
    ]  # fmt: skip
    assert days(after["chef-de-file-douai"]) == [("Douai | <img src=x> : échéance « Candidature »", "2021-03-15", 1)]


def test_the_file_of_somebody_who_is_written_to_no_more_is_taken_away(campaign: str) -> None:
    folder = settings().home / FOLDER / campaign
    folder.mkdir(parents=True)
    (folder / "prefet-departement-80-0123456789abcdef.ics").write_text("a feed of last year", encoding="utf-8")
    keep_calendars.fn(campaign, J_7)
    assert "prefet-departement-80" not in kept()


def test_a_folder_that_is_asked_for_keeps_what_it_holds(campaign: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.ics").write_text("mine", encoding="utf-8")
    assert write_feeds(feeds(campaign, J_7), tmp_path / "out") == 6
    assert (tmp_path / "out" / "mine.ics").exists()
    assert len(list((tmp_path / "out").iterdir())) == 7


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"contact": "Mairie@Douai.test"}, ["chef-de-file-douai"]),
        ({"territory": "lens"}, ["dasen-departement-62", "prefet-departement-62"]),
    ],
)
def test_feeds_of_one_address_or_one_territory(campaign: str, narrowed: dict[str, str], found: list[str]) -> None:
    whole = {each.name: each.content for each in feeds(campaign, J_7)}
    some = feeds(campaign, J_7, **narrowed)
    assert [each.name.rpartition("-")[0] for each in some] == found
    assert all(whole[each.name] == each.content for each in some)


def test_nobody_is_said_to_be_nobody(campaign: str) -> None:
    with pytest.raises(NoSuchReader, match=r"has nothing to write to «nobody@x\.test» about: `cites export"):
        feeds(campaign, J_7, contact="nobody@x.test")
    with pytest.raises(NoSuchReader, match="writes to nobody about «paris»: `cites status"):
        feeds(campaign, J_7, territory="paris")


def test_the_command_says_whose_each_file_is(campaign: str, tmp_path: Path) -> None:
    out = tmp_path / "agendas"
    asked = ["calendar", "--campaign", campaign, "--out", str(out), "--at", J_7.isoformat()]
    result = CliRunner().invoke(main, [*asked, "--contact", "mairie@douai.test"])
    [path] = out.iterdir()
    assert result.stdout == f"{path}\tchef_de_file\tdouai\tmairie@douai.test\n"
    assert result.stderr == "1 calendars, 1 of them new or changed\n"
    refused = CliRunner().invoke(main, [*asked, "--contact", "nobody@x.test"])
    assert refused.exit_code == 1
    assert "has nothing to write to" in refused.stderr
