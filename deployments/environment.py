"""Which environment do Prefect's processes run in?

A quiet server that listens on this machine only, keeps every file under the engine's home and speaks to nobody
outside. This module does not import Prefect: its settings must stand before the import.
"""

import os
import socket
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

LOOPBACK = "127.0.0.1"
POOL = "cites"
WORKER_POLL_SECONDS = 2  # how long a run that is due may wait for the worker to see it
_SERVICES_A_PRIVATE_SERVER_DOES_WITHOUT = (
    "TASK_RUN_RECORDER",
    "EVENT_PERSISTER",
    "EVENT_LOGGER",
    "TRIGGERS",
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
    "CLEANUP_RECONCILER",
)


class PortTaken(Exception):
    """Another program listens where the server should."""

    def __init__(self, port: int, option: str = "--port") -> None:
        super().__init__(
            f"port {port} of this machine is already taken: stop the program that listens there, "
            f"or choose another one, such as `cites up {option} {port + 1}`"
        )


class NoServer(Exception):
    """A command needs the running engine, and none answers."""

    def __init__(self) -> None:
        super().__init__(
            "no running engine answers: start one with `cites up` and try again (or point PREFECT_API_URL at yours)"
        )


def api_address(port: int) -> str:
    """The address of the API of a server of this machine."""
    return f"http://{LOOPBACK}:{port}/api"


def prefect_home(home: Path) -> Path:
    """Where Prefect keeps its own files: never in the user's home."""
    return home.absolute() / "prefect"


def client_environment(home: Path, api: str) -> dict[str, str]:
    """What any process that speaks to the server at `api` needs."""
    return {
        "PREFECT_HOME": str(prefect_home(home)),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",  # never a second, hidden server
        "PREFECT_WORKER_QUERY_SECONDS": str(WORKER_POLL_SECONDS),
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_LOGGING_COLORS": "false",
        "DO_NOT_TRACK": "1",
    }


def server_environment(home: Path, port: int) -> dict[str, str]:
    """What the server of `cites up` needs: its UI, its files, and no word to anybody outside."""
    return client_environment(home, api_address(port)) | {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the newer UI calls outside from the browser
        "PREFECT_UI_API_URL": "/api",
        "PREFECT_UI_STATIC_DIRECTORY": str(prefect_home(home) / "ui"),
    }


def private_server_environment(home: Path, port: int) -> dict[str, str]:
    """What the short-lived server of one command needs: nothing but its API."""
    switched_off = {
        f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _SERVICES_A_PRIVATE_SERVER_DOES_WITHOUT
    }
    return server_environment(home, port) | switched_off | {"PREFECT_SERVER_UI_ENABLED": "false"}


def is_healthy(api: str, *, patience: float = 1.0) -> bool:
    """Whether a Prefect server answers at `api` within `patience` seconds."""
    try:
        with closing(urllib.request.urlopen(f"{api}/health", timeout=patience)) as answer:  # noqa: S310 - http, ours
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def reachable_api(home: Path) -> str | None:
    """The address of the running server, or None: the environment's (`PREFECT_API_URL`), else what `cites up` noted."""
    note = api_note(home)
    candidates = [
        os.environ.get("PREFECT_API_URL", ""),
        note.read_text(encoding="utf-8").strip() if note.exists() else "",
    ]
    return next((api for api in candidates if api and is_healthy(api)), None)


def api_note(home: Path) -> Path:
    """The file in which `cites up` says where its server is, for the other commands."""
    return prefect_home(home) / "api-url"


def is_free(port: int) -> bool:
    """Whether nothing of this machine listens on `port`."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether some program of this machine listens on `port`."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def a_free_port() -> int:
    """A port of this machine on which nothing listens."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
