"""How do a server and workers run apart, each on a machine of its own?

The same children as `cites up`, one of them in each process: `cites server` and `cites worker`. Their logs go to
standard error, where whoever keeps the containers reads them.
"""

import os
import time
from pathlib import Path

from deployments import children
from deployments.engine_room import speaking_to
from deployments.environment import NoServer, api_address, require_a_login, server_environment
from deployments.serve import ended_by_signals
from tasks.settings import settings

PATIENCE = 60.0  # seconds that a worker's runs are given to end: a region takes a few


def server(*, host: str, port: int) -> None:
    """An API replica with its UI until it is asked to end, with every deployment described.

    Of several on one database, start the first alone: it makes Prefect's tables.
    Raises OpenDoor, NoRedisLibrary, ChildDied.
    """
    require_a_login(host)
    home = settings().home
    with (
        ended_by_signals(),
        children.server(
            "server", host=host, port=port, environment=server_environment(home, port, host), log=None
        ) as one,
    ):
        with speaking_to(api_address(port, host), home, quiet=True):
            _describe()
        print(f"UI: {api_address(port, host).removesuffix('/api')}", flush=True)
        while True:
            one.must_live()
            time.sleep(1)


def _describe() -> None:
    from prefect import get_client  # here: the environment must stand before the import

    from deployments.registration import register, start_ticks

    with get_client(sync_client=True) as client:
        register(client, folder=Path.cwd())
        start_ticks(client)


def worker(*, name: str, at_once: int) -> None:
    """A process worker until it is asked to end, for the server of PREFECT_API_URL. Raises NoServer, ChildDied."""
    api = os.environ.get("PREFECT_API_URL", "")
    if not api:
        raise NoServer()
    with (
        ended_by_signals(),
        children.worker(name, api=api, home=settings().home, at_once=at_once, log=None, patience=PATIENCE) as one,
    ):
        while True:
            one.must_live()
            time.sleep(1)
