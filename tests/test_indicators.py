"""Is what a territory measures read exactly, set beside its target, and is what is missing told?"""

import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.indicators import (
    CODES,
    IndicatorFact,
    MeasureFact,
    exactly,
    indicator_findings,
    indicator_grammar,
    progress,
    read_grammar,
)
from models.rules.typed_values import Unreadable
from models.rules.yaml_files import PROGRAMME, Place, ProgrammeRefused, parse
from models.words import IndicatorKind
from tasks.export import export
from tasks.indicators import indicators
from tasks.intake import take_in
from tests.builders import QUICK_PROPERTY
from tests.prefect_builders import OPENED, a_small_campaign
from tests.test_cli import cites

GRAMMAR = indicator_grammar("vade-mecum-2020")
TOPICS = ("quartier", "enfants", "relations-professionnelles")
VALUES = st.integers(-(10**9), 10**9)


def an_indicator(code: str = "lecture", **changes: object) -> IndicatorFact:
    given: dict[str, object] = {
        "kind": IndicatorKind.RESULTS, "title": "Lecture au CP", "topic": "enfants", "unit": "%", "source": "DEPP",
        "baseline": 60_0000, "target": 70_0000,
    }  # fmt: skip
    return IndicatorFact(code=code, **(given | changes))  # type: ignore[arg-type]


def measures(code: str = "lecture", **values: int) -> list[MeasureFact]:
    return [
        MeasureFact(indicator=code, year=int(year.removeprefix("y")), value=value) for year, value in values.items()
    ]


EVERY_TOPIC = (
    an_indicator("quartier", topic="quartier", kind=IndicatorKind.MEANS),
    an_indicator("relations", topic="relations-professionnelles"),
    an_indicator(),
)
MEASURED = [MeasureFact(indicator=each.code, year=2021, value=61_0000) for each in EVERY_TOPIC]


def told(*declared: IndicatorFact, of: list[MeasureFact] = MEASURED) -> list[tuple[str, str]]:
    return [(each.code, each.indicator) for each in indicator_findings(GRAMMAR, declared, of, [2021])]


# Progress


def test_progress_is_the_way_covered_from_the_baseline_to_the_target() -> None:
    seen = progress(an_indicator(), measures(y2021=59_0000, y2022=62_5000))
    assert (seen.covered, seen.share, seen.reached) == (Fraction(1, 4), 0.25, False)
    assert progress(an_indicator(), measures(y2021=59_0000, y2022=62_5000), 2021).share == -0.1


def test_a_target_below_the_baseline_is_a_value_to_bring_down() -> None:
    less = an_indicator(baseline=12_0000, target=8_0000)
    assert progress(less, measures(y2021=9_0000)).share == 0.75
    assert progress(less, measures(y2021=8_0000)).reached is True
    assert progress(less, measures(y2021=13_0000)).reached is False


def test_a_target_missed_by_a_hair_is_not_shown_as_reached() -> None:
    seen = progress(an_indicator(baseline=0, target=70_0000), measures(y2023=69_9999))
    assert (seen.share, seen.reached) == (0.999, False)


@pytest.mark.parametrize(
    "without", [{"baseline": None}, {"target": None}, {"target": 60_0000}], ids=["no baseline", "no target", "no way"]
)
def test_progress_that_cannot_be_told_is_null(without: dict[str, object]) -> None:
    seen = progress(an_indicator(**without), measures(y2021=65_0000))
    assert (seen.covered, seen.share, seen.reached) == (None, None, None)
    assert progress(an_indicator(), []).share is None
    assert progress(an_indicator(), measures("autre", y2021=65_0000)).share is None


@QUICK_PROPERTY
@given(baseline=VALUES, target=VALUES, value=VALUES, by=VALUES, times=st.integers(1, 1000))
def test_progress_knows_no_unit_and_no_zero(baseline: int, target: int, value: int, by: int, times: int) -> None:
    here = progress(an_indicator(baseline=baseline, target=target), measures(y2021=value))
    there = progress(
        an_indicator(baseline=(baseline + by) * times, target=(target + by) * times),
        measures(y2021=(value + by) * times),
    )
    assert here.covered == there.covered
    assert (here.reached is True) == (
        target != baseline and (value >= target if target > baseline else value <= target)
    )


# What is missing


def test_indicators_that_lack_nothing_are_told_of_nothing() -> None:
    assert told(*EVERY_TOPIC) == []


@pytest.mark.parametrize(
    ("lacking", "code"),
    [
        ({"baseline": None}, "no_baseline"),
        ({"target": None}, "no_target"),
        ({"target": 60_0000}, "target_is_baseline"),
        ({"source": ""}, "no_source"),
        ({"unit": ""}, "no_unit"),
    ],
)
def test_what_an_indicator_lacks_is_told(lacking: dict[str, object], code: str) -> None:
    assert told(*EVERY_TOPIC[:2], an_indicator(**lacking)) == [(code, "lecture")]


def test_a_past_year_without_a_measure_is_told_with_its_years() -> None:
    [finding] = indicator_findings(GRAMMAR, EVERY_TOPIC[2:], measures(y2022=1), [2021, 2022, 2023])[-1:]
    assert (finding.code, finding.years) == ("no_measure", (2021, 2023))
    assert finding.text == "« Lecture au CP » : aucune mesure pour 2021, 2023."


def test_means_alone_results_alone_and_topics_left_out_are_told() -> None:
    assert told(*EVERY_TOPIC[1:]) == [("only_results", ""), ("topic_without_indicator", ""), ("undeclared", "quartier")]
    means = [an_indicator(each, topic=each, kind=IndicatorKind.MEANS) for each in TOPICS]
    of = [MeasureFact(indicator=each, year=2021, value=1) for each in TOPICS]
    assert told(*means, of=of) == [("only_means", "")]
    assert told(of=[]) == [("no_indicator", "")]


def test_a_jump_is_not_judged() -> None:
    jump = [MeasureFact(indicator=each.code, year=2021, value=10**12) for each in EVERY_TOPIC]
    assert told(*EVERY_TOPIC, of=jump) == []


def test_every_code_has_its_words() -> None:
    assert all(CODES.values())
    assert len(set(CODES.values())) == len(CODES)


def test_a_value_is_a_whole_number_in_json_when_it_is_whole() -> None:
    assert json.dumps([exactly(12_0000), exactly(12_5000), exactly(None)]) == "[12, 12.5, null]"


# The file of the edition


@pytest.mark.parametrize("typed", ["enfants", "Bien-être et réussite des enfants"])
def test_a_topic_is_read_by_its_code_or_its_title(typed: str) -> None:
    assert GRAMMAR.topic(typed) == "enfants"


def test_an_unknown_topic_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(
        Unreadable, match=r"domaine inconnu ; écrire quartier .*, enfants .* ou relations-professionnelles"
    ):
        GRAMMAR.topic("météo")


def test_a_topic_without_a_source_is_refused() -> None:
    document = (PROGRAMME / "vade-mecum-2020" / "indicators.yaml").read_text(encoding="utf-8")
    broken = document.replace('title: "Quartier"\n    cite:', 'title: "Quartier"\n    note:')
    with pytest.raises(
        ProgrammeRefused, match=r"i\.yaml, line \d+, at topics › quartier › note: «note» is not a known key"
    ):
        read_grammar(Place(parse(broken, "i.yaml"), "i.yaml", broken), {"vade-mecum-2020": "x"})


# The tables, and the command


HEAD = "territoire;indicateur;intitule;nature;domaine;unite;source;reference;annee_reference;cible;annee_cible\n"


def some_indicators(folder: Path, url: str) -> str:
    code = a_small_campaign(folder, url)
    (folder / "indicateurs.csv").write_text(
        HEAD + "douai;lecture;Lecture au CP;resultats;Bien-être et réussite des enfants;%;DEPP;60,5;2020;70;2023\n",
        encoding="utf-8",
    )
    (folder / "mesures.csv").write_text(
        "territoire;indicateur;annee;valeur\ndouai;lecture;2022;64,3 %\ndouai;lecture;2021;58\n", encoding="utf-8"
    )
    files = [folder / "indicateurs.csv", folder / "mesures.csv"]
    report = take_in(files, campaign=code, at=OPENED, author="essai", url=url)
    assert report.faults == ()
    return code


def test_what_is_measured_comes_in_and_is_told(database_url: str, tmp_path: Path) -> None:
    code = some_indicators(tmp_path, database_url)
    at = datetime(2023, 6, 1, tzinfo=UTC)
    [douai] = indicators(code, at, url=database_url)["territories"]
    assert douai["indicators"] == [
        {"indicator": "lecture", "title": "Lecture au CP", "kind": "resultats", "topic": "enfants", "unit": "%",
         "source": "DEPP", "baseline": 60.5, "baseline_year": 2020, "target": 70, "target_year": 2023,
         "measures": {"2021": 58, "2022": 64.3}, "progress": 0.4, "reached": False}
    ]  # fmt: skip
    assert [each["code"] for each in douai["findings"]] == ["only_results", *["topic_without_indicator"] * 2]
    [of_2021] = indicators(code, at, year=2021, url=database_url)["territories"]
    assert (of_2021["indicators"][0]["measures"], of_2021["indicators"][0]["progress"]) == ({"2021": 58}, -0.264)
    [later] = indicators(code, datetime(2024, 1, 2, tzinfo=UTC), url=database_url)["territories"]
    assert [each["years"] for each in later["findings"] if each["code"] == "no_measure"] == [[2023]]


def test_a_workbook_of_indicators_taken_in_again_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    code = some_indicators(tmp_path, sqlite_url)
    export(code, tmp_path / "suivi.xlsx", url=sqlite_url)
    report = take_in([tmp_path / "suivi.xlsx"], campaign=code, at=OPENED, author="essai", url=sqlite_url)
    assert report.faults == ()
    assert (report.unchanged["indicateurs"], report.unchanged["mesures"]) == (1, 2)
    assert sum(report.added.values()) + sum(report.corrected.values()) == 0


def test_a_measure_of_an_indicator_that_nobody_declares_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    code = some_indicators(tmp_path, sqlite_url)
    (tmp_path / "mesures.csv").write_text(
        "territoire;indicateur;annee;valeur\ndouai;lectures;2023;66\nlens;lecture;2023;66\ndouai;lecture;2023;66\n",
        encoding="utf-8",
    )
    (tmp_path / "indicateurs.csv").write_text(HEAD + "douai;autre;;moyens;météo;;;;;;\n", encoding="utf-8")
    files = [tmp_path / "mesures.csv", tmp_path / "indicateurs.csv"]
    report = take_in(files, campaign=code, at=OPENED, author="essai", url=sqlite_url)
    assert [(each.file, each.row, each.column, each.cure) for each in report.faults] == [
        ("indicateurs.csv", 2, "domaine",
         "écrire quartier (Quartier), enfants (Bien-être et réussite des enfants) ou relations-professionnelles "
         "(Fluidité des relations professionnelles), ou laisser vide"),
        ("mesures.csv", 2, "indicateur", "écrire peut-être « lecture », ou l’ajouter au tableau indicateurs"),
        ("mesures.csv", 3, "indicateur", "l’ajouter au tableau indicateurs"),
    ]  # fmt: skip


def test_the_command_tells_indicators_as_a_table_and_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'cites.db'}"
    monkeypatch.setenv("CITES_DATABASE_URL", url)
    code = some_indicators(tmp_path, url)
    asked = ("indicators", "--campaign", code, "--at", "2023-06-01T09:00:00+02:00")
    assert json.loads(cites(*asked, "--format", "json").stdout) == indicators(
        code, datetime.fromisoformat("2023-06-01T09:00:00+02:00"), url=url
    )
    table = cites(*asked, "--territory", "douai").stdout
    assert (
        "douai        lecture      resultats  enfants  %             60.5        70    64.3        2022       0.400"
        in table
    )
    assert "topic_without_indicator" in table
