"""How is a child process started, watched and ended?

Each child leads a process group of its own, so that Ctrl-C in a terminal reaches the parent alone and the parent ends
the children in the order it wants. What a child prints goes to a log file.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from deployments.environment import LOOPBACK, POOL, api_address, client_environment, is_healthy


class ChildDied(Exception):
    """A server or a worker ended by itself."""

    def __init__(self, child: "Child") -> None:
        where = f"in {child.log}" if child.log else "above"
        super().__init__(f"the {child.name} ended unexpectedly: its last words are {where}; then start again")


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process that we started, by name, with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None

    def must_live(self) -> None:
        """Raise `ChildDied` if the process has ended."""
        if self.process.poll() is not None:
            raise ChildDied(self)


@contextmanager
def child(
    name: str, command: list[str], *, environment: Mapping[str, str], log: Path | None, patience: float
) -> Iterator[Child]:
    """Run `command` while the block lasts; then ask it to end, and after `patience` seconds end its whole group.

    Without a `log`, it prints where its parent does.
    """
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
    with nullcontext() if log is None else log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=None if log is None else subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_the_parent if sys.platform == "linux" else None,
        )
    try:
        yield Child(name=name, process=process, log=log)
    finally:
        _end(process, patience)


@contextmanager
def server(
    name: str, *, port: int, environment: Mapping[str, str], log: Path | None, host: str = LOOPBACK
) -> Iterator[Child]:
    """A Prefect server on `port` of this machine's address `host`, healthy when the block begins."""
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
    with child(name, command, environment=environment, log=log, patience=5) as started:
        while not is_healthy(api_address(port, host)):
            started.must_live()
            time.sleep(0.05)
        yield started


def worker(
    name: str, *, api: str, home: Path, at_once: int, log: Path | None, patience: float
) -> AbstractContextManager[Child]:
    """A process worker of our pool that takes at most `at_once` runs from the server at `api`."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
    environment = client_environment(home, api) | {
        "CITES_HOME": str(home.absolute()),  # whatever folder a run works in
    }
    return child(
        "worker",
        [*command, "--name", name, "--limit", str(at_once), "--install-policy", "never"],
        environment=environment,
        log=log,
        patience=patience,
    )


def _end_with_the_parent() -> None:
    # A parent that is killed outright cannot end its children: the kernel then does (prctl, PR_SET_PDEATHSIG).
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes], patience: float) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)  # what the child itself started and left behind
    except ProcessLookupError:
        pass
    process.wait()
