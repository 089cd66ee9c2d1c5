"""What receives the letters of a benchmark, and how far away is it?

Postfix's `smtp-sink` when it is installed, else a small sink of ours; both count the letters that arrived, whatever
the sender believes. A proxy on the loopback adds latency in both directions.
"""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

SECONDS_TO_START = 10
SENDERS, SERVERS = 0, 1  # the processors that they have, in the order of those there are
BUSY, UNKNOWN = "busy", "unknown"  # how addresses begin that our sink puts off or refuses


@dataclass(frozen=True, kw_only=True)
class Sink:
    """A mail server that delivers nothing: its port, how many letters it has taken so far, and (ours) which."""

    port: int
    taken: Callable[[], int]
    letters: list[bytes] = field(default_factory=list)


@contextmanager
def on(whose: int) -> Iterator[None]:
    """What is started inside has one processor: unpinned, a sender is four times as fast as it was a moment ago.

    Nothing is done where there are not two processors, or where they cannot be chosen.
    """
    if not pinned():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[whose]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pinned() -> bool:
    """Whether senders and servers have a processor each."""
    return hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1


def postfix(program: str) -> str | None:
    """Where one of Postfix's test programs is, or None."""
    return shutil.which(program, path="/usr/sbin:/usr/libexec/postfix:/usr/local/sbin:/usr/bin")


@contextmanager
def a_sink(*, ours: bool = False) -> Iterator[Sink]:
    """A sink on a free loopback port: Postfix's own if it is there, unless ours is wanted.

    Ours keeps the letters, and refuses those to certain addresses.
    """
    program = None if ours else postfix("smtp-sink")
    with ExitStack() as stack:
        with on(SERVERS):
            sink = stack.enter_context(_our_sink() if program is None else _postfix_sink(program))
        yield sink


@contextmanager
def _postfix_sink(program: str) -> Iterator[Sink]:
    """`smtp-sink` counts on its standard output, rewriting one line: the last number is what it has taken."""
    port = _free_port()
    with tempfile.TemporaryFile() as counted:
        process = subprocess.Popen(
            [program, *(["-u", "nobody"] if os.geteuid() == 0 else []), "-c", f"127.0.0.1:{port}", "1000"],
            stdout=counted, stderr=subprocess.DEVNULL,
        )  # fmt: skip

        def taken() -> int:
            counted.seek(0)
            numbers = re.findall(rb"mesg=(\d+)", counted.read())
            return int(numbers[-1]) if numbers else 0

        try:
            _wait_for(port)
            yield Sink(port=port, taken=taken)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _our_sink() -> Iterator[Sink]:
    letters: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(b"220 sink\r\n")
            refusal = b""
            while line := await reader.readline():
                word = line[:4].upper()
                if word in (b"EHLO", b"HELO"):
                    writer.write(b"250-sink\r\n250 PIPELINING\r\n")
                elif word == b"RCPT":
                    refusal = _refusal(line)
                    writer.write(refusal or b"250 ok\r\n")
                elif word == b"DATA" and refusal:
                    writer.write(b"503 no recipient\r\n")
                elif word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await writer.drain()
                    letters.append((await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n."))
                    writer.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 ok\r\n")
        writer.close()

    with _served(serve) as port:
        yield Sink(port=port, taken=lambda: len(letters), letters=letters)


def _refusal(line: bytes) -> bytes:
    if f"<{BUSY}".encode() in line:
        return b"451 try later\r\n"
    return b"550 unknown\r\n" if f"<{UNKNOWN}".encode() in line else b""


@contextmanager
def far_away(port: int, milliseconds: int) -> Iterator[int]:
    """The port of a proxy through which an answer of `port` comes so many milliseconds after its question.

    It is a process of its own: what is measured must not lend it any time.
    """
    if not milliseconds:
        yield port
        return
    command = [sys.executable, "-m", "benchmarks.proxy", str(port), str(milliseconds)]
    with on(SERVERS):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()  # it goes home


@contextmanager
def _served(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]) -> Iterator[int]:
    """A server in a thread of its own, on a free loopback port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result(SECONDS_TO_START)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    server.close()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def smtp_source(port: int, letters: int, *, sessions: int, bytes_a_letter: int) -> float:
    """The seconds that Postfix's own `smtp-source` takes for as many letters of as many bytes."""
    program = postfix("smtp-source")
    assert program is not None
    begun = time.perf_counter()
    subprocess.run(
        [program, "-d", "-s", str(sessions), "-m", str(letters), "-l", str(bytes_a_letter), "-f", "a@x.test",
         "-t", "b@x.test", f"127.0.0.1:{port}"],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - begun


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(port: int) -> None:
    limit = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.02)
        else:
            return
