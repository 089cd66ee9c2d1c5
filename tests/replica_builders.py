"""What stands around several API replicas: a Redis between them, and before them a door with TLS?

Both are Debian's packages, started on free ports of the loopback as the compose file starts its own.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deployments import children
from deployments.environment import LOOPBACK, a_free_port, answers
from tests.test_deployments import wait_for

WANTING = [each for each in ("redis-server", "caddy") if shutil.which(each) is None]
REDIS_PASSWORD = "un-autre"  # noqa: S105 - of a test


@contextmanager
def a_redis(folder: Path) -> Iterator[str]:
    """The URL of a Redis of the test's own, with a password as in the compose file."""
    port = a_free_port()
    command = ["redis-server", "--bind", LOOPBACK, "--port", str(port), "--requirepass", REDIS_PASSWORD, "--save", ""]
    with children.child("redis", command, environment={}, log=folder / "redis.log", patience=3):
        wait_for(lambda: answers(port))
        yield f"redis://:{REDIS_PASSWORD}@{LOOPBACK}:{port}/0"


@contextmanager
def a_door(ports: list[int], folder: Path) -> Iterator[tuple[str, Path]]:
    """The https address of a reverse proxy before these servers, and the certificate of its own authority."""
    port = a_free_port()
    form = folder / "Caddyfile"
    form.write_text(
        "{\n admin off\n auto_https disable_redirects\n skip_install_trust\n"
        f" storage file_system {folder / 'caddy'}\n}}\n"
        f"https://localhost:{port} {{\n bind {LOOPBACK}\n tls internal\n"
        f" reverse_proxy {' '.join(f'{LOOPBACK}:{each}' for each in ports)}\n}}\n",
        encoding="utf-8",
    )
    command = ["caddy", "run", "--config", str(form), "--adapter", "caddyfile"]
    with children.child("door", command, environment={"HOME": str(folder)}, log=folder / "door.log", patience=3):
        authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        wait_for(lambda: answers(port) and authority.exists())
        yield f"https://localhost:{port}/api", authority


@contextmanager
def servers(replicas: int, needed: Callable[[int], Mapping[str, str]], log: Path) -> Iterator[list[int]]:
    """The ports of that many API replicas, each started when the one before it answers; `needed`: its environment."""
    with ExitStack() as running:
        ports: list[int] = []
        while len(ports) < replicas:
            port = a_free_port()
            file = log / f"server-{port}.log"
            running.enter_context(children.server("server", port=port, environment=needed(port), log=file))
            ports.append(port)
        yield ports
