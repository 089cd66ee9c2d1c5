"""How does the whole engine run on one machine (`cites up`)?

A Prefect server, one worker and the pages of the dashboards, as children of this command: the worker catches up on what
fell due while it was stopped, and the server keeps every file under the engine's home. Ctrl-C ends them all.
"""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from deployments import children
from deployments.children import Child
from deployments.engine_room import engine_settings, speaking_to
from deployments.environment import (
    LOOPBACK,
    PortTaken,
    a_free_port,
    answers,
    api_address,
    api_note,
    is_free,
    require_a_login,
    server_environment,
)
from tasks.database import prepare
from tasks.settings import settings

RUNS_AT_ONCE = 3  # a run is a process of its own: more would only wait for one another
LAST_PORT = 65535
PATIENCE = 3  # seconds a run in progress is given to end; whatever it leaves undone, the next pass does


class _Stopped(BaseException):
    """Somebody asked the engine to end: not an error, and nothing may take it for one."""


def up(
    *, port: int, example: bool, home: Path, dashboard_port: int | None = None, host: str = LOOPBACK,
    metrics_port: int | None = None,
) -> None:  # fmt: skip
    """Run the engine until Ctrl-C; with `example`, play the example campaign before anything runs by itself.

    With `metrics_port`, the engine's figures are served there, to this machine only.
    Raises PortTaken, ChildDied; OpenDoor for another `host` than this machine's own without a login.
    """
    require_a_login(host)
    if not is_free(port, host):
        raise PortTaken(port)
    pages_port = _port_of_pages(port, dashboard_port)
    pages_url = f"http://{LOOPBACK}:{pages_port}"
    prepare()
    with ended_by_signals(), ExitStack() as running:
        running.enter_context(engine_settings(dashboard_url=pages_url))  # reports link to them
        server = running.enter_context(
            children.server(
                "server",
                port=port,
                host=host,
                environment=server_environment(home, port, host),
                log=home / "log" / "server.log",
            )
        )
        api = api_address(port, host)
        running.enter_context(_noted(home, api))
        if metrics_port is not None:
            running.enter_context(_figures(metrics_port))
        with speaking_to(api, home, quiet=True):
            _furnish(example)
        worker = running.enter_context(
            children.worker(
                "cites", api=api, home=home, at_once=RUNS_AT_ONCE, log=home / "log" / "worker.log", patience=PATIENCE
            )
        )
        pages = running.enter_context(_pages(home, pages_port))
        print(f"UI: {api.removesuffix('/api')} (logs: {home / 'log'}; Ctrl-C ends the engine)", flush=True)
        print(f"Dashboards: {pages_url}", flush=True)
        while True:
            server.must_live()
            worker.must_live()
            pages.must_live()
            time.sleep(1)


def _furnish(example: bool) -> None:
    from prefect import get_client  # here: the environment must stand before the import

    from deployments.interruptions import close_interrupted_runs
    from deployments.registration import register, start_ticks

    with get_client(sync_client=True) as client:
        close_interrupted_runs(client)
        register(client, folder=Path.cwd())
        if example:
            _play_the_example()
        start_ticks(client)


def _play_the_example() -> None:
    """Open the example campaigns and run the J-7 of the first; what it shows goes to standard output."""
    from deployments.example_campaigns import AS_OF, open_examples
    from flows.clock import now
    from flows.deadlines import run_deadline
    from flows.follow_up import FollowUp, follow_up
    from tasks.schedules import schedule_campaign

    at = now()
    example, *others = open_examples(at)
    for opened in (example, *others):
        planned = schedule_campaign(opened.code, from_day=None, at=at)
        print(
            f"Campaign {opened.code} ({opened.title}): {opened.territories} territories; "
            f"runs planned: {planned['planned'] + planned['kept']}.",
            flush=True,
        )
    decided = run_deadline("candidature", example.code, AS_OF)
    print(f"Campaign {example.code} as of {AS_OF:%Y-%m-%d %H:%M}: ", end="")
    print(", ".join(f"{value} {name.replace('_', ' ')}" for name, value in decided.items()), flush=True)
    follow_up(FollowUp(campaign=example.code, at=AS_OF))
    print(f"Letters: {_where_letters_go()}", flush=True)


def _where_letters_go() -> str:
    if settings().gateway_url.get_secret_value():
        return "sent through the server of CITES_GATEWAY_URL"  # the address itself may hold a password
    return settings().gateway().partition("://")[2]


def _figures(port: int) -> AbstractContextManager[None]:
    from deployments.metrics import served

    return served(port)


def _port_of_pages(port: int, wanted: int | None) -> int:
    """The port that was asked for, else the one after the server's, else any that is free."""
    if wanted is not None:
        if wanted == port or not is_free(wanted):
            raise PortTaken(wanted, "--dashboard-port")
        return wanted
    return port + 1 if port < LAST_PORT and is_free(port + 1) else a_free_port()


@contextmanager
def _pages(home: Path, port: int) -> Iterator[Child]:
    """The server of the dashboards, answering when the block begins."""
    command = [sys.executable, "-m", "deployments.dashboard_server", "--port", str(port)]
    with children.child(
        "dashboards", [*command, "--folder", str((home / "tableaux").absolute())], environment={},
        log=home / "log" / "dashboards.log", patience=PATIENCE,
    ) as started:  # fmt: skip
        while not answers(port):
            started.must_live()
            time.sleep(0.05)
        yield started


@contextmanager
def _noted(home: Path, api: str) -> Iterator[None]:
    note = api_note(home)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(api + "\n", encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block quietly; while it ends, more of them change nothing."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        raise _Stopped()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped:
        print("The engine has stopped.", file=sys.stderr, flush=True)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
