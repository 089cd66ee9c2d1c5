"""How long does a decision pass take, beside the same decision in bare SQL, as the country grows?

`python -m benchmarks.decision --n 250 2500 25000 --rounds 3 --backend sqlite` prints a table. Every measurement runs in
a process of its own on a fresh copy of the same database, the variants in turn in each round; times are of the pass
alone. Before anything is printed, the rows of every variant are compared by checksum: another row, another fact in a
letter, and the benchmark fails.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from tabulate import tabulate

from benchmarks.postgresql import a_postgresql, for_the_engine

BATCH = 2_000  # rows compared at once
FLOOR, ENGINE, PREFECT, ONE_BY_ONE = "floor", "engine", "prefect", "prefect, one task a territory"
VARIANTS = (FLOOR, ENGINE, PREFECT)
MILESTONE, QUIET, AGAIN, KILLED = "milestone", "quiet", "again", "killed"
SCENARIOS = {
    MILESTONE: "seven days before: a reminder to whoever owes a part, and its copies",
    QUIET: "a day between two steps: everything is read, nothing is written",
    AGAIN: "the milestone once more: everything is read, nothing is added",
    KILLED: "the milestone, killed after half of its régions, then run again",
}
MOST_RUNS = 2_500  # territories as one Prefect run each: beyond, the server loses their records


class Differs(Exception):
    """Two variants did not write the same rows: says which, and in what they differ."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One variant, once: seconds, processor seconds, megabytes at most, rows added, checksum of what was written."""

    wall: float
    cpu: float
    peak: int
    added: int
    checksum: str


def main() -> None:
    """Measure, compare, print."""
    asked = _arguments()
    if asked.child:
        print(json.dumps(_child(asked.child, asked.url, asked.scenario[0])))
        return
    for scenario in asked.scenario:
        print(f"\n{scenario}: {SCENARIOS[scenario]} ({asked.backend}, {asked.rounds} rounds)")
        rows = []
        with databases(asked.backend) as fresh:
            for size in asked.n:
                rows += measured(size, asked.rounds, scenario, fresh, asked.variant)
        print(tabulate(rows, headers="keys", disable_numparse=True, colalign=("right", "left", *["right"] * 8)))


def measured(
    size: int, rounds: int, scenario: str, fresh: Callable[[int], Iterator[str]], variants: Sequence[str]
) -> list[dict[str, str]]:
    """The table's rows for one size. Raises `Differs` when two variants did not write the same."""
    variants = [each for each in variants if each != ONE_BY_ONE or size <= MOST_RUNS]
    found: dict[str, list[Measure]] = {variant: [] for variant in variants}
    for _ in range(rounds):
        for variant in variants:
            for url in fresh(size):
                found[variant].append(_in_a_process(variant, url, scenario))
    first = found[variants[0]][0]
    for variant, measures in found.items():
        for each in measures:
            if (each.checksum, each.added) != (first.checksum, first.added):
                raise Differs(
                    f"{size} territories, {scenario}: «{variant}» wrote {each.added} notices ({each.checksum[:12]}), "
                    f"«{variants[0]}» {first.added} ({first.checksum[:12]})"
                )
    ratios = {
        variant: median(one.wall / floor.wall for one, floor in zip(measures, found[variants[0]], strict=True))
        for variant, measures in found.items()
    }
    return [
        {
            "territories": f"{size:,}".replace(",", " "),
            "variant": variant,
            "median": f"{median(each.wall for each in measures):.2f} s",
            "min..max": f"{min(each.wall for each in measures):.2f}..{max(each.wall for each in measures):.2f}",
            "ratio": f"{ratios[variant]:.2f}",
            "µs each": f"{median(each.wall for each in measures) / size * 1e6:.0f}",
            "cpu": f"{median(each.cpu for each in measures):.2f} s",
            "peak": f"{max(each.peak for each in measures)} MB",
            "notices added": str(measures[0].added),
            "checksum": measures[0].checksum[:12],
        }
        for variant, measures in found.items()
    ]


def _in_a_process(variant: str, url: str, scenario: str) -> Measure:
    command = [sys.executable, "-m", "benchmarks.decision", "--child", variant, "--url", url, "--scenario", scenario]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"«{variant}» failed: {done.stderr.strip()[-2000:]}")
    return Measure(**json.loads(done.stdout.strip().splitlines()[-1]))


# In a process of its own


def _child(variant: str, url: str, scenario: str) -> dict[str, Any]:
    import os

    os.environ["CITES_DATABASE_URL"] = url
    from benchmarks.campaigns import MILESTONE as DAY
    from benchmarks.campaigns import QUIET as BETWEEN
    from models.schema import metadata  # noqa: F401 - every table is known before the clock starts

    at = BETWEEN if scenario == QUIET else DAY
    go = {FLOOR: _floor, ENGINE: _engine, PREFECT: _prefect, ONE_BY_ONE: _one_by_one}[variant]
    if scenario == AGAIN:
        _engine(url, DAY)()
    if scenario == KILLED:
        _half(DAY)
    pass_ = go(url, at)
    begun, spent = time.perf_counter(), time.process_time()
    added = pass_()
    wall, cpu = time.perf_counter() - begun, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"wall": wall, "cpu": cpu, "peak": peak, "added": added, "checksum": checksum(url)}


def _floor(url: str, at: datetime) -> Callable[[], int]:
    from benchmarks import floor
    from benchmarks.campaigns import QUIET as QUIET_DAY
    from tasks.database import engine

    offset = floor.QUIET_STEP if at == QUIET_DAY else floor.MILESTONE_STEP

    def go() -> int:
        with engine(url).begin() as connection:
            written = floor.decide(connection, at, offset)
        with engine(url).connect() as connection:
            floor.balance(connection)
        return written

    return go


def _engine(url: str, at: datetime) -> Callable[[], int]:
    from benchmarks.campaigns import CODE, YEAR
    from tasks.balance import balance
    from tasks.reminders import begin_run, decide, finish_run

    def go() -> int:
        run_id, regions = begin_run.fn(CODE, "candidature", at)
        figures = finish_run.fn(run_id, [decide.fn(run_id, region) for region in regions])
        balance(CODE, YEAR)
        return figures["decided"]

    return go


def _half(at: datetime) -> None:
    """A pass that dies after half of its régions, its letters not gathered."""
    from benchmarks.campaigns import CODE
    from tasks.reminders import begin_run, decide

    run_id, regions = begin_run.fn(CODE, "candidature", at)
    for region in regions[: len(regions) // 2]:
        decide.fn(run_id, region)


def _prefect(url: str, at: datetime) -> Callable[[], int]:
    from benchmarks.campaigns import CODE, YEAR
    from benchmarks.prefect_server import a_server
    from flows.deadlines import run_deadline
    from tasks.balance import balance

    a_server()

    def go() -> int:
        figures = run_deadline("candidature", CODE, at, deliver=False)
        balance(CODE, YEAR)
        return figures["decided"]

    return go


def _one_by_one(url: str, at: datetime) -> Callable[[], int]:
    from benchmarks.prefect_server import a_server, one_run_a_territory

    a_server()
    return lambda: one_run_a_territory(at)


def checksum(url: str) -> str:
    """The fingerprint of all decided notices and letters: whose, of what, when, with every fact of every letter."""
    from benchmarks.floor import comparable
    from models.report_queries import everything_decided
    from tasks.database import reading

    print_of = sha256()
    with reading(url) as session:
        for row in everything_decided(session, BATCH):
            *plain, facts = row
            print_of.update(json.dumps([*plain, comparable(facts)], sort_keys=True, default=str).encode())
    return print_of.hexdigest()


# Databases


@contextmanager
def databases(backend: str) -> Iterator[Callable[[int], Iterator[str]]]:
    """Gives the URL of a fresh database of any size; each size is built once and copied."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        if backend == "sqlite":
            yield lambda size: _sqlite(Path(folder), size)
            return
        with a_postgresql(Path(folder)) as server:
            yield lambda size: _postgresql(server, size)


def _sqlite(folder: Path, size: int) -> Iterator[str]:
    import shutil
    import sqlite3

    built, copy = folder / f"{size}.db", folder / "copy.db"
    if not built.exists():
        _in_another_process(f"sqlite:///{built}", size)
        with sqlite3.connect(built) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(built, copy)
    yield f"sqlite:///{copy}"
    for file in folder.glob("copy.db*"):
        file.unlink()


def _postgresql(server: Any, size: int) -> Iterator[str]:
    import psycopg

    name = f"built{size}"
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if known is None:
            connection.execute(f'CREATE DATABASE "{name}"')
            _in_another_process(_url(server, name), size)
            with psycopg.connect(server.get_uri(name), autocommit=True) as inside:
                inside.execute("VACUUM ANALYZE")
        connection.execute(f'CREATE DATABASE "copy" TEMPLATE "{name}"')
    yield _url(server, "copy")
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute('DROP DATABASE "copy" WITH (FORCE)')


def _url(server: Any, name: str) -> str:
    return for_the_engine(server.get_uri(name))


def _in_another_process(url: str, size: int) -> None:
    subprocess.run([sys.executable, "-m", "benchmarks.campaigns", url, str(size)], check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decision", description=__doc__)
    parser.add_argument("--n", type=int, nargs="+", default=[250, 2_500], help="numbers of territories")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backend", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--scenario", nargs="+", choices=tuple(SCENARIOS), default=[MILESTONE])
    parser.add_argument("--variant", nargs="+", choices=(*VARIANTS, ONE_BY_ONE), default=[FLOOR, ENGINE])
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
