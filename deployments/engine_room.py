"""How does a command run a flow when no server is running?

Through the running server if there is one, so that the run shows in its UI; otherwise through a private server that
lives as long as the command. Its database is kept from one command to the next, because making one takes ten seconds;
two commands at once take two of them.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deployments import children
from deployments.environment import (
    NoServer,
    a_free_port,
    api_address,
    client_environment,
    prefect_home,
    private_server_environment,
    reachable_api,
)
from tasks.settings import settings as own_settings


@contextmanager
def prefect_api(home: Path, *, private: bool = False, quiet: bool = False) -> Iterator[str]:
    """A Prefect API for flows called in this process: the running one, else (or if `private`) one of our own.

    Gives its address. In `quiet` mode runs keep no log on the server and print warnings only.
    """
    running = None if private else reachable_api(home)
    if running:
        with speaking_to(running, home, quiet=quiet):
            yield running
        return
    with a_private_server(home) as (api, folder), speaking_to(api, folder, quiet=quiet), without_events():
        yield api


@contextmanager
def a_private_server(home: Path) -> Iterator[tuple[str, Path]]:
    """A server for one caller while the block lasts: its address, and the folder where its Prefect is at home."""
    with _a_folder_of_ones_own(prefect_home(home) / "private") as folder:
        port = a_free_port()
        environment = private_server_environment(folder, port)
        with children.server("private server", port=port, environment=environment, log=folder / "server.log"):
            yield api_address(port), folder


@contextmanager
def running_api(home: Path) -> Iterator[str]:
    """The API of the running engine, for what only it can do (plan runs); raises `NoServer` when none answers."""
    running = reachable_api(home)
    if running is None:
        raise NoServer()
    with speaking_to(running, home):
        yield running


@contextmanager
def speaking_to(api: str, home: Path, *, quiet: bool = False) -> Iterator[None]:
    """While the block lasts, flows called in this process speak to `api`, and start a second sooner than by default."""
    spoken = client_environment(home, api)
    if quiet:
        spoken |= {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    with environment(spoken):
        from prefect import settings  # here: its import reads the environment, and takes a second
        from prefect.logging.configuration import setup_logging

        updates = {getattr(settings, name): value for name, value in spoken.items() if hasattr(settings, name)}
        with settings.temporary_settings(updates={**updates, settings.PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            setup_logging()  # once more, for when Prefect was imported before this
            try:
                yield
            finally:
                _say_the_last_words()


def _say_the_last_words() -> None:
    # Events and logs leave by threads: once the server is gone they could only complain.
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for speaker in (EventsWorker, APILogWorker):
        speaker.drain_all(timeout=5, at_exit=False)


@contextmanager
def without_events() -> Iterator[None]:
    """While the block lasts, no event leaves: a private server keeps none, and each costs more than the run itself."""
    from prefect.events.clients import NullEventsClient
    from prefect.events.worker import EventsWorker

    EventsWorker.set_client_override(NullEventsClient)
    try:
        yield
    finally:
        EventsWorker.set_client_override(None)


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """While the block lasts, this process and the children it starts have these variables."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def engine_settings(**changed: str) -> Iterator[None]:
    """While the block lasts, this process and the children it starts have these settings, such as `database_url`."""
    with environment({f"CITES_{name.upper()}": value for name, value in changed.items()}):
        own_settings.cache_clear()
        try:
            yield
        finally:
            own_settings.cache_clear()


@contextmanager
def _a_folder_of_ones_own(parent: Path) -> Iterator[Path]:
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 100):
        with (parent / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield parent / str(number)
            return
    raise NoServer()
