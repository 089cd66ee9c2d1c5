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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deployments.environment import LOOPBACK, api_address, is_healthy


class ChildDied(Exception):
    """A server or a worker ended by itself."""

    def __init__(self, child: "Child") -> None:
        super().__init__(f"the {child.name} ended unexpectedly: its last words are in {child.log}; then start again")


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process that we started, by name, with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def must_live(self) -> None:
        """Raise `ChildDied` if the process has ended."""
        if self.process.poll() is not None:
            raise ChildDied(self)


@contextmanager
def child(
    name: str, command: list[str], *, environment: Mapping[str, str], log: Path, patience: float
) -> Iterator[Child]:
    """Run `command` while the block lasts; then ask it to end, and after `patience` seconds end its whole group."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as written:
        process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_the_parent if sys.platform == "linux" else None,
        )
    try:
        yield Child(name=name, process=process, log=log)
    finally:
        _end(process, patience)


@contextmanager
def server(name: str, *, port: int, environment: Mapping[str, str], log: Path) -> Iterator[Child]:
    """A Prefect server on `port` of this machine, healthy when the block begins."""
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)]
    with child(name, command, environment=environment, log=log, patience=5) as started:
        while not is_healthy(api_address(port)):
            started.must_live()
            time.sleep(0.05)
        yield started


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
