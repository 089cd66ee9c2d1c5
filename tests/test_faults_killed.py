"""Does anything get lost or doubled when a process is killed, at whatever point, or works beside others?"""

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from tests.fault_builders import (
    ENDED,
    KILLED,
    LATER,
    Outcome,
    Place,
    a_nursery,
    at_once,
    decision,
    delivery,
    delivery_to_be_killed,
    killed_at_every_point,
    morning,
    opened,
    outcome,
    undisturbed,
)
from tests.prefect_builders import J_7


@pytest.fixture(scope="module")
def nursery() -> Iterator[ProcessPoolExecutor]:
    with a_nursery() as process:
        yield process


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    """The small campaign, opened and nothing decided, on each kind of database."""
    return opened(database_url, tmp_path)


@pytest.fixture
def place_on_sqlite(sqlite_url: str, tmp_path: Path) -> Place:
    return opened(sqlite_url, tmp_path)


def test_a_decision_killed_at_any_point_is_taken_up_by_the_next_pass(
    nursery: ProcessPoolExecutor, place_on_sqlite: Place
) -> None:
    calm = undisturbed(place_on_sqlite)
    found = nursery.submit(killed_at_every_point, place_on_sqlite, None, decision).result()
    assert len(calm.told) == 6
    assert calm.unsettled == ()
    assert len(found) > 40  # statements and commits
    all_but_the_last_were_killed(found)
    assert [left for _, left in found] == [calm] * len(found)


def test_a_delivery_killed_at_any_point_loses_no_letter_and_leaves_no_lease(
    nursery: ProcessPoolExecutor, place_on_sqlite: Place
) -> None:
    calm = undisturbed(place_on_sqlite)
    found = nursery.submit(killed_at_every_point, place_on_sqlite, decision, delivery).result()
    assert len(found) > 20  # statements, commits, files opened and renamed
    all_but_the_last_were_killed(found)
    assert [left for _, left in found] == [calm] * len(found)  # a repeat overwrites its own file


def test_a_pass_killed_around_any_commit_is_taken_up_by_the_next_one(
    nursery: ProcessPoolExecutor, place: Place
) -> None:
    calm = undisturbed(place)
    found = nursery.submit(killed_at_every_point, place, None, morning, only_commits=True).result()
    assert len(found) > 10
    all_but_the_last_were_killed(found)
    assert [left for _, left in found] == [calm] * len(found)


@pytest.mark.parametrize("workers", [2, 4])
def test_several_workers_at_once_decide_and_send_what_one_would(
    nursery: ProcessPoolExecutor, place: Place, workers: int
) -> None:
    calm = undisturbed(place)
    assert nursery.submit(at_once, place, decision, [delivery] * workers).result() == calm
    together = nursery.submit(at_once, place, None, [morning] * workers).result()
    assert together.told == calm.told


def test_a_worker_killed_at_any_step_of_its_talk_with_the_mail_server_repeats_at_most_what_was_in_flight(
    nursery: ProcessPoolExecutor, place_on_sqlite: Place
) -> None:
    calm = undisturbed(place_on_sqlite)
    with a_witness(place_on_sqlite.home.parent / "pid") as witness:
        place = replace(place_on_sqlite, gateway=f"mailto://127.0.0.1:{witness.port}")
        for step in range(1, 4 * len(calm.told) + 1):
            witness.begin(step)
            with place.entered():
                place.again()
                decision()
            ended = nursery.submit(delivery_to_be_killed, place, witness.pid_file).result()
            assert ended == KILLED
            with place.entered():
                delivery(J_7 + LATER)
                assert outcome() == replace(calm, files=0)
            times = Counter(witness.received)
            assert len(times) == len(calm.told)
            assert max(times.values()) <= 2  # once more, under the same Message-ID


def all_but_the_last_were_killed(found: list[tuple[int, Outcome]]) -> None:
    assert [ended for ended, _ in found] == [KILLED] * (len(found) - 1) + [ENDED]


@dataclass
class Witness:
    """A mail server that kills its client at one step of their talk, and remembers each Message-ID it took."""

    pid_file: Path
    port: int = 0
    deadly: int = 0
    passed: int = 0
    received: list[str] = field(default_factory=list)

    def begin(self, deadly: int) -> None:
        self.pid_file.unlink(missing_ok=True)
        self.deadly, self.passed, self.received = deadly, 0, []

    def step(self) -> None:
        self.passed += 1
        if self.passed == self.deadly:
            with suppress(ProcessLookupError):
                os.kill(int(self.pid_file.read_text()), signal.SIGKILL)

    async def handle_MAIL(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.step()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.step()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:
        self.step()
        assert isinstance(envelope.content, bytes)
        self.received.append(message_from_bytes(envelope.content)["Message-ID"])
        self.step()
        return "250 OK"


@contextmanager
def a_witness(pid_file: Path) -> Iterator[Witness]:
    witness = Witness(pid_file)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        witness.port = taken.getsockname()[1]
    controller = Controller(witness, hostname="127.0.0.1", port=witness.port, ready_timeout=10)
    controller.start()
    try:
        yield witness
    finally:
        controller.stop()
