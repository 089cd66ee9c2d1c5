"""Does the dashboard tell what the other commands tell, harmlessly, and where things are?"""

import os
import re
from base64 import b64encode
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from math import dist
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select, update

from models.rules.calendar import load_calendar
from models.rules.lifecycle import State
from models.rules.places import MAINLAND, load_places
from models.rules.view import load_view, read_view
from models.rules.yaml_files import Place, ProgrammeRefused, parse
from models.tables import Pause, Territory
from notifications import dashboard_counts as counted
from notifications.dashboard_figures import Segment, Sums, bar, longest_of
from notifications.dashboard_map import FRANCE, Frame, spread
from notifications.dashboard_page import page, policy, script, style
from notifications.dashboard_timeline import LANES, Flag, _flags, day_words
from tasks.balance import balance
from tasks.dashboard import dashboard, write_dashboard
from tasks.database import transaction
from tasks.planning import plan_rows
from tasks.status import status
from tests.builders import PROPERTY
from tests.dashboard_builders import HOSTILE, IN_JULY, PageRead
from tests.prefect_builders import OPENED, a_small_campaign


@pytest.fixture(scope="module")
def july(example_url: str) -> dict[str, Any]:
    return dashboard("2021", IN_JULY, example_url)


@pytest.fixture(scope="module")
def read(july: dict[str, Any]) -> PageRead:
    return PageRead(page(july))


def total(facts: dict[str, Any], name: str) -> int:
    return sum(here.get(name, 0) for here in facts["counts"].values())


# What it counts


def test_states_and_delays_are_those_of_the_status(july: dict[str, Any], example_url: str) -> None:
    told = status("2021", IN_JULY, example_url)["territories"]
    states = Counter(each["state"] for each in told)
    assert {state.value: total(july, counted.in_state(state)) for state in State} == {
        state.value: states[state.value] for state in State
    }
    late = {(each["territory"], one["deadline"]) for each in told for one in each["obligations"] if one["late"]}
    assert {(each["territory"], each["obligation"]) for each in july["late"]} == late
    assert total(july, counted.LATE) == len({territory for territory, _ in late}) == 14


def test_a_region_counts_what_its_departements_count(july: dict[str, Any], example_url: str) -> None:
    told = status("2021", IN_JULY, example_url)["territories"]
    by_departement = Counter(each["departement"] for each in told)
    assert {code: here[counted.TERRITORIES] for code, here in july["counts"].items()} == by_departement


def test_pieces_are_received_or_lacking_as_the_status_says(july: dict[str, Any], example_url: str) -> None:
    lacking = Counter(
        (finding["requirement"], finding["reason"])
        for each in status("2021", IN_JULY, example_url)["territories"]
        for one in each["obligations"]
        if one["deadline"] == "candidature" and (one["satisfied"] or one["awaited"])
        for finding in one["findings"]
    )
    asked = [each["requirement"] for each in july["pieces"] if each["obligation"] == "candidature"]
    for requirement in asked:
        fates = {fate: total(july, counted.piece("candidature", requirement, fate)) for fate in counted.FATES}
        assert {fate: fates[fate] for fate in counted.FATES[1:]} == {
            fate: lacking[requirement, fate] for fate in counted.FATES[1:]
        }
    # four parts, of the 42 territories that have not withdrawn nor been refused or deferred, and one that was decided
    assert sum(total(july, counted.piece("candidature", "diagnostic", fate)) for fate in counted.FATES) % 4 == 0


def test_the_letters_to_come_are_those_of_the_plan(example_url: str) -> None:
    at = datetime(2021, 2, 19, 7, tzinfo=UTC)
    facts = dashboard("2021", at, example_url)
    rows = plan_rows(
        "2021", start=date(2021, 2, 19), end=date(2021, 2, 19) + timedelta(weeks=load_view().weeks_ahead),
        all_letters=True, url=example_url,
    )  # fmt: skip
    planned = Counter[str]()
    for here in facts["counts"].values():
        planned.update({name.split(".")[1]: number for name, number in here.items() if name.endswith(".planned")})
    assert planned == Counter(row["date"] for row in rows)


def test_money_is_that_of_the_balance(july: dict[str, Any], example_url: str) -> None:
    for stage in ("planned", "notified", "paid"):
        nation = balance("2021", 2021, stage, example_url)["nation"]
        assert {side: total(july, counted.money(stage, side)) for side in counted.SIDES} == {
            side: nation[side] for side in counted.SIDES
        }
    left = [each["envelope_left"] for each in balance("2021", 2021, "planned", example_url)["departements"]]
    assert total(july, counted.envelope("left")) == sum(each for each in left if each is not None)


def test_who_blocks_is_a_role_and_says_when_nobody_holds_it(tmp_path: Path, database_url: str) -> None:
    a_small_campaign(tmp_path, database_url)
    facts = dashboard("2021", datetime(2021, 3, 5, 9, tzinfo=UTC), database_url)
    [lens] = [each for each in facts["late"] if each["territory"] == "lens"]
    assert (lens["due"], lens["days"]) == ("2021-02-28", 5)
    assert {each["role"]: each["reachable"] for each in lens["owners"]} == {
        "chef_de_file": False, "dasen": True, "prefet": True,
    }  # fmt: skip
    html = page(facts)
    assert "chef de file (commune ou intercommunalité)\u00a0: 17 (aucun contact)" in html
    assert not re.search(r"[\w.]+@[\w-]+\.test", html)


# The page


def test_each_number_of_the_page_is_the_sum_that_it_says(july: dict[str, Any], read: PageRead) -> None:
    shown = {
        element.attributes["data-k"]: element.text
        for element in read.all("span", data_f="n")
    }  # fmt: skip
    assert len(shown) > 100
    for keys, text in shown.items():
        assert text.replace("\u202f", "") == str(sum(total(july, key) for key in keys.split()))


def test_each_figure_leads_to_a_table_with_a_caption_and_named_columns_and_rows(read: PageRead) -> None:
    anchors = {element.attributes["href"][1:] for element in read.all("a")}
    assert anchors <= {element.attributes.get("id") for element in read.elements}
    tables = len(list(read.all("table")))
    assert tables == 10
    assert len([each for each in read.all("caption") if each.text]) == tables
    assert all(each.attributes.get("scope") in ("col", "row") for each in read.all("th"))
    figures = list(read.all("section", class_="figure")) + list(read.all("section", class_="figure wide"))
    assert len(figures) >= 7
    assert all("Voir le tableau" in each.text for each in figures)


def test_the_page_lets_itself_load_nothing_and_run_only_its_own_script(read: PageRead) -> None:
    [said] = read.all("meta", http_equiv="Content-Security-Policy")
    assert said.attributes["content"] == policy()
    assert policy().startswith("default-src 'none'; style-src 'sha256-")
    [own] = [each for each in read.all("script") if "id" not in each.attributes]
    assert f"script-src 'sha256-{b64encode(sha256(own.text.encode()).digest()).decode()}'" in policy()
    assert (own.text, next(read.all("style")).text) == (script(), style())
    addresses = {each.attributes[name] for each in read.elements for name in ("src", "href") if name in each.attributes}
    assert all(each.startswith("#") for each in addresses)
    assert not any(name in ("style", "onload", "onclick") for each in read.elements for name in each.attributes)


def test_what_people_typed_stays_text_wherever_it_stands(tmp_path: Path, sqlite_url: str) -> None:
    a_small_campaign(tmp_path, sqlite_url)
    harmless = PageRead(page(dashboard("2021", datetime(2021, 3, 5, 9, tzinfo=UTC), sqlite_url)))
    names = [(each.name, sorted(each.attributes)) for each in harmless.elements]
    for words in HOSTILE:
        with transaction(sqlite_url) as session:
            session.execute(update(Territory).values(name=words))
        facts = dashboard("2021", datetime(2021, 3, 5, 9, tzinfo=UTC), sqlite_url)
        facts["title"] = words
        facts["campaign"] = words
        for place in facts["places"]:
            place["name"], place["region_name"] = words, words
        facts["roles"] = dict.fromkeys(facts["roles"], words)
        for each in (*facts["deadlines"], *facts["pieces"], *facts["states"]):
            each["title"] = words
        facts["phases"] = dict.fromkeys(facts["phases"], words)
        found = PageRead(page(facts))
        kept = [(each.name, sorted(each.attributes)) for each in found.elements]
        assert Counter(name for name, _ in kept) == Counter(name for name, _ in names), words
        assert found.data()["places"]["59"] == ["32", words, words]
        assert page(facts).count("</script>") == 2
        assert "\u2028" not in next(found.all("script", id="data")).text


def test_a_long_table_shows_its_first_rows_and_says_how_many_there_are(july: dict[str, Any]) -> None:
    cut = PageRead(page({**july, "rows": 5}))
    said = [each.text for each in cut.all("span", data_shown="")]
    assert said[0] == "Lignes\u00a0: 5 premières sur 46"
    assert len(list(cut.all("template"))) == len(said) == 2
    assert len(list(PageRead(page(july)).all("template"))) == 0


def test_a_campaign_without_territory_nor_money_has_a_page_that_says_so(july: dict[str, Any]) -> None:
    empty = {**july, "counts": {}, "places": [], "territories": [], "late": [], "pieces": [], "year": None}
    html = page(empty)
    assert "Aucun territoire n’est encore inscrit : importez les tableaux" in html.replace("\u00a0", " ")
    assert "Cette campagne n’a pas encore de territoire." in html
    assert "Aucun financement n’est encore saisi." in html
    assert "Rien n’est attendu de personne à cette date." in html


def test_an_envelope_that_is_exceeded_fills_its_bar_and_its_debt_has_no_length() -> None:
    sums = Sums(counts={"59": {"used": 120, "left": -20}, "62": {"used": 30, "left": 30}}, region_of={})
    segments = [Segment(keys=["used"], look="full"), Segment(keys=["left"], look="empty")]
    longest = longest_of(sums, [(segments, ["59"]), (segments, ["62"])])
    drawn = {code: bar(sums, segments, longest=longest, inside=[code]) for code in ("59", "62")}
    widths = {code: [each.attributes["width"] for each in PageRead(svg).all("rect")] for code, svg in drawn.items()}
    assert (longest, widths) == (120, {"59": ["100.0%", "0.0%"], "62": ["25.0%", "25.0%"]})


# The map and the time line


def test_every_territory_is_on_the_map_once_and_none_covers_another(july: dict[str, Any], read: PageRead) -> None:
    [drawing] = read.all("svg", class_="map")
    start = read.elements.index(drawing)
    symbols = []
    for element in read.elements[start + 1 :]:
        if element.name == "svg":
            break
        if placed := re.fullmatch(
            r"translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+)\)", element.attributes.get("transform", "")
        ):
            symbols.append(tuple(map(float, placed.groups())))
    assert len(symbols) == len(july["territories"]) == 46
    nearest = min(
        dist(one[:2], other[:2]) / (one[2] + other[2])
        for number, one in enumerate(symbols)
        for other in symbols[:number]
    )
    assert nearest > 1


def test_a_territory_stands_at_its_commune_or_at_the_centre_of_its_departement() -> None:
    places = load_places()
    assert places.of("59512 59178", "59") == ((places.communes["59512"]), True)
    assert places.of("01001", "01") == (places.departements["01"], False)


def test_every_departement_has_a_centre_and_the_mainland_s_stand_within_its_coasts() -> None:
    places = load_places()
    assert set(places.departements) == set(load_calendar().departements)
    west, east = (side(x for ring in places.outlines[MAINLAND] for x, _ in ring) for side in (min, max))
    south, north = (side(y for ring in places.outlines[MAINLAND] for _, y in ring) for side in (min, max))
    assert (FRANCE.west, FRANCE.east) == (pytest.approx(west, abs=0.5), pytest.approx(east, abs=0.5))
    for code, (longitude, latitude) in places.departements.items():
        if len(code) == 2:
            assert west < longitude < east
            assert south < latitude < north


ROOM = Frame(x=0, y=0, width=400, height=400, west=0, east=1, south=0, north=1)
POINTS = st.tuples(st.floats(0, 400), st.floats(0, 400))


@PROPERTY
@given(st.lists(POINTS, max_size=40), st.integers(2, 12))
def test_discs_with_room_never_cover_one_another_and_the_first_stays_where_it_is(
    wanted: list[tuple[float, float]], radius: int
) -> None:
    placed = spread(wanted, [radius] * len(wanted), ROOM)
    assert placed[:1] == wanted[:1]
    assert all(dist(one, other) >= 2 * radius - 1e-6 for number, one in enumerate(placed) for other in placed[:number])
    assert all(0 <= x <= 400 and 0 <= y <= 400 for x, y in placed)


def test_a_campaign_too_large_for_symbols_has_a_ring_a_departement(july: dict[str, Any]) -> None:
    html = page({**july, "one_by_one": 45})
    assert "Un anneau par département" in html
    inside = [int(each.text) for each in PageRead(html).all("text", class_="inside")]
    assert (len(inside), sum(inside)) == (len({each["departement"] for each in july["territories"]}), 46)


def test_no_flag_of_the_time_line_crosses_the_words_of_another() -> None:
    day = date(2021, 3, 1)
    dues = [
        {"title": f"Échéance {each}", "dues": [{"due": (day + timedelta(days=each)).isoformat()}]} for each in range(4)
    ]
    middle_of = {day + timedelta(days=each): 100.0 + 9 * each for each in range(60)}
    flags = _flags({"day": day.isoformat(), "deadlines": dues}, middle_of)
    assert [flag.lane for flag in flags] == [0, 1, 2, 3, 4]
    assert all(isinstance(flag, Flag) and flag.lane < LANES for flag in flags)


# The files that it follows


def view_of(text: str) -> Any:
    return read_view(Place(parse(text, "dashboard.yaml"), "dashboard.yaml", text))


def test_a_state_without_a_phase_or_with_two_is_refused() -> None:
    source = (Path(__file__).parent.parent / "models" / "programme" / "dashboard.yaml").read_text(encoding="utf-8")
    with pytest.raises(ProgrammeRefused, match="«invited» has no phase"):
        view_of(source.replace("[preselected, invited, in_preparation]", "[preselected, in_preparation]"))
    with pytest.raises(ProgrammeRefused, match="«running» is already in the phase «labelled»"):
        view_of(source.replace("[labelled, action_plan", "[running, labelled, action_plan"))


# The file


def test_a_page_begins_with_the_next_due_date_that_something_is_awaited_for(example_url: str) -> None:
    def first_lines(at: datetime) -> str:
        return page(dashboard("2021", at, example_url)).partition("<form")[0].replace("\u00a0", " ")

    assert "Prochaine échéance : Candidature, dans 9 jours, dimanche 28 février 2021." in first_lines(
        datetime(2021, 2, 19, 8, tzinfo=UTC)
    )
    assert "Prochaine échéance : Programme d’action, dans 21 jours, mardi 15 juin 2021." in first_lines(
        datetime(2021, 5, 25, 7, tzinfo=UTC)
    )
    assert "Aucune échéance à venir n’attend de pièce." in first_lines(datetime(2030, 1, 1, 8, tzinfo=UTC))


def test_days_of_the_time_line_are_abbreviated_as_french_does() -> None:
    assert [day_words(date(2021, month, 1)).split("\u00a0")[1] for month in (1, 4, 7, 10)] == [
        "janv.", "avr.", "juill.", "oct.",
    ]  # fmt: skip


def test_a_page_is_written_whole_with_the_date_that_it_speaks_of(tmp_path: Path, example_url: str) -> None:
    to = tmp_path / "tableaux" / "2021.html"
    write_dashboard("2021", IN_JULY, to, example_url)
    assert to.stat().st_mtime == IN_JULY.timestamp()
    assert [each.name for each in to.parent.iterdir()] == ["2021.html"]
    assert to.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "Campagne 2021, au 10 juillet 2021 à 10 h 00 (heure de Paris)" in to.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, example_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "2021.html"
    to.write_text("avant", encoding="utf-8")

    def full(*given: Any, **said: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "utime", full)
    with pytest.raises(OSError, match="No space left"):
        write_dashboard("2021", IN_JULY, to, example_url)
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir() if each.is_file()] == [
        ("2021.html", "avant")
    ]


def test_letters_held_back_are_said_beside_the_letters_to_come(tmp_path: Path, sqlite_url: str) -> None:
    campaign, at = a_small_campaign(tmp_path, sqlite_url), datetime(2021, 3, 5, 9, tzinfo=UTC)
    assert "suspendus" not in page(dashboard(campaign, at, sqlite_url))
    with transaction(sqlite_url) as session:
        row = session.exec(select(Territory).where(Territory.code == "lens")).one()
        campaign_id = row.campaign_id
        session.add(Pause(campaign_id=campaign_id, territory_id=row.id, holds=True, at=OPENED, author="essai"))
    assert total(dashboard(campaign, at, sqlite_url), counted.PAUSED) == 1
    with transaction(sqlite_url) as session:
        session.add(Pause(campaign_id=campaign_id, holds=True, at=OPENED, author="essai"))
    facts = dashboard(campaign, at, sqlite_url)
    assert total(facts, counted.PAUSED) == 3
    assert "Territoires dont les envois sont suspendus" in page(facts)
