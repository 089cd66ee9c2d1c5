"""Which environment do Prefect's processes run in?

A quiet server that listens on this machine only, keeps every file under the engine's home and speaks to nobody
outside. This module does not import Prefect: its settings must stand before the import.
"""

import os
import socket
import urllib.error
import urllib.request
from contextlib import closing
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path

from deployments.logs import logging_environment
from tasks.settings import settings

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


class OpenDoor(Exception):
    """The server was asked to listen to other machines without a password."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"on {host} other machines could reach the engine, and nothing asks them for a password: set "
            "CITES_SERVER_LOGIN=user:password, and put TLS before it (docs/distributed.md), or listen on 127.0.0.1"
        )


class NoRedisLibrary(Exception):
    """Replicas should talk by Redis, and what they do it with is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "CITES_REDIS_URL is set and the library that speaks to Redis is not installed: "
            "`pip install -c constraints.txt 'cites-educatives[replicas]'`, or unset it where the server is alone"
        )


class NoServer(Exception):
    """A command needs the running engine, and none answers."""

    def __init__(self) -> None:
        super().__init__(
            "no running engine answers: start one with `cites up` and try again (or point PREFECT_API_URL at yours)"
        )


def api_address(port: int, host: str = LOOPBACK) -> str:
    """The address by which this machine speaks to the API of a server of its own that listens on `host`."""
    spoken_to = LOOPBACK if host in ("0.0.0.0", "localhost") else "[::1]" if host == "::" else host  # noqa: S104
    return f"http://{spoken_to}:{port}/api"


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
        **logging_environment(settings().log_format),
        **_login("PREFECT_API_AUTH_STRING"),
    }


def _login(name: str) -> dict[str, str]:
    login = settings().server_login.get_secret_value()
    return {name: login} if login else {}


def require_a_login(host: str) -> None:
    """Refuse to open the server to other machines when no login is set. Raises `OpenDoor`."""
    if not _is_loopback(host) and not settings().server_login.get_secret_value().partition(":")[2]:
        raise OpenDoor(host)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def server_environment(home: Path, port: int, host: str = LOOPBACK) -> dict[str, str]:
    """What the server of `cites up` needs: its UI, its files, and no word to anybody outside."""
    return client_environment(home, api_address(port, host)) | {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the newer UI calls outside from the browser
        "PREFECT_UI_API_URL": "/api",
        "PREFECT_UI_STATIC_DIRECTORY": str(prefect_home(home) / "ui"),
        **_login("PREFECT_SERVER_API_AUTH_STRING"),
        **_shared_by_replicas(),
    }


def _shared_by_replicas() -> dict[str, str]:
    """What several API replicas have in common: Prefect's own database, and Redis for what they tell one another.

    Raises `NoRedisLibrary`.
    """
    configured, shared = settings(), {}
    if database := configured.prefect_database_url.get_secret_value():
        shared["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
    if redis := configured.redis_url.get_secret_value():
        if find_spec("prefect_redis") is None:
            raise NoRedisLibrary
        shared |= {
            "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
            "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
            "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
            "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
            "PREFECT_REDIS_MESSAGING_URL": redis,
        }
    return shared


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


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether nothing of this machine listens on `port` of its address `host`."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
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
