"""Do the benchmarks measure what they say, and refuse to print when they do not?"""

import pytest

from benchmarks import delivery, servers
from benchmarks.decision import ENGINE, FLOOR, MILESTONE, databases, measured
from benchmarks.delivery import Dishonest, Measure, main, table


def test_the_benchmark_of_delivery_compares_the_same_letters_and_counts_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(delivery, "ALIKE", 2)
    main(["--n", "4", "--rounds", "1", "--latency", "2", "--no-mixed"])
    printed = capsys.readouterr().out
    assert "4 letters, 1 rounds, sqlite, the server 2 ms away" in printed
    assert [line.split("  ")[0] for line in printed.splitlines() if line.startswith(("plain", "this"))] == [
        "plain Apprise",
        "this engine",
    ]


def test_letters_that_the_server_puts_off_or_refuses_are_counted_on_both_sides() -> None:
    assert delivery.mixed(50, backend="sqlite").endswith(
        "47 sent, 2 put off (451), 1 refused (550), as the sink and the database both say"
    )


def test_a_variant_that_says_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "ALIKE", 1)
    monkeypatch.setattr(delivery, "plain_apprise", lambda port: None)
    with pytest.raises(Dishonest, match="do not say the same"):
        delivery.checksum("sqlite")


def test_a_sink_that_took_too_few_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "postfix", lambda program: None)  # ours, wherever the tests run
    monkeypatch.setattr(delivery, "PATIENCE_WITH_THE_SINK", 0.01)
    with pytest.raises(Dishonest, match="the sink took 0 letters of 3"), delivery._server(3, 0):
        pass


def test_without_postfix_the_limit_is_left_out_with_a_word() -> None:
    rounds = [{"plain Apprise": Measure(rate=10), "this engine": Measure(rate=500)} for _ in range(3)]
    assert table(rounds).splitlines()[2:] == [
        "plain Apprise  10           10..10      1.0        no smtp-source here",
        "this engine    500          500..500    50.0       no smtp-source here",
    ]


def test_a_pass_writes_what_bare_sql_writes_to_the_last_fact() -> None:
    with databases("sqlite") as fresh:
        rows = measured(40, 1, MILESTONE, fresh, [FLOOR, ENGINE])
    assert [row["variant"] for row in rows] == [FLOOR, ENGINE]
    assert rows[0]["notices added"] == rows[1]["notices added"] != "0"
