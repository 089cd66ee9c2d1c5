"""How is the engine hurt for real: a process killed at a chosen point, several at once, a server that dies?

A nursery, a process with one thread and everything imported, forks the children: a child costs a few milliseconds, and
what kills it is SIGKILL. Nothing in the engine knows of it: points are counted on the doors that Python and SQLAlchemy
give to anybody (statements, commits, files opened and renamed).
"""

import itertools
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from sys import addaudithook
from typing import Any

import psycopg
from sqlalchemy import event
from sqlmodel import Session, select

from deployments.engine_room import engine_settings
from models.tables import Message, Notice, Obligation, Territory
from models.words import MessageStatus, NoticeStatus
from tasks import database
from tasks.database import reading
from tasks.delivery import deliver
from tasks.events import verify
from tasks.reminders import begin_run, decide, finish_run
from tasks.settings import settings
from tests.prefect_builders import J_7, a_small_campaign

CAMPAIGN, DEADLINE = "2021", "candidature"
LATER = timedelta(minutes=30)  # leases are over, and whoever has not gathered its letters is taken for dead
KILLED, ENDED, FAILED = -signal.SIGKILL, 0, 1

Said = tuple[str, str, str, str]  # territory, obligation, due date, step


@dataclass(frozen=True, kw_only=True)
class Place:
    """An engine of one test: its database, and a copy of it from before anything was decided."""

    url: str
    home: Path
    gateway: str = ""

    @contextmanager
    def entered(self) -> Iterator[None]:
        """While the block lasts, the settings are this place's."""
        named = {"database_url": self.url, "home": str(self.home), "gateway_url": self.gateway}
        with engine_settings(**{name: value for name, value in named.items() if value}):
            yield

    def keep(self) -> None:
        """Remember the database as it stands, before any pass."""
        database.engine(self.url).dispose()
        if self._file:
            shutil.copy(self._file, self._file.with_suffix(".kept"))

    def again(self) -> None:
        """Forget every pass, and empty the folder of letters."""
        database.engine(self.url).dispose()
        shutil.rmtree(self.home, ignore_errors=True)
        if self._file:
            for tail in ("-wal", "-shm"):
                self._file.with_name(self._file.name + tail).unlink(missing_ok=True)
            shutil.copy(self._file.with_suffix(".kept"), self._file)
        else:
            with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("TRUNCATE run, stateseen RESTART IDENTITY CASCADE")

    @property
    def _file(self) -> Path | None:
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite") else None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is left when all is over: what readers know, and whatever should not be there."""

    told: tuple[tuple[str, Said], ...]  # each address and what one of its letters said, sorted; once each
    unsettled: tuple[str, ...] = ()  # letters and notices that have not ended, and breaks of the record
    files: int = 0  # letters in the folder


def decision(at: datetime = J_7) -> None:
    """One pass of the candidature, up to its gathered letters."""
    run, regions = begin_run.fn(CAMPAIGN, DEADLINE, at)
    finish_run.fn(run, [decide.fn(run, region) for region in regions])


def delivery(at: datetime = J_7, now: datetime | None = None) -> None:
    """One pass of delivery by a worker of this process's own name."""
    deliver.fn(at, f"essai-{os.getpid()}", now or at)


def morning(at: datetime = J_7) -> None:
    """A whole pass, as its flow goes."""
    decision(at)
    delivery(at)


def outcome() -> Outcome:
    """What became of everything in this place."""
    with reading() as session:
        said = session.execute(
            select(Message.address, Territory.code, Obligation.deadline, Notice.due, Notice.step)  # type: ignore[call-overload]
            .join(Notice, Notice.message_id == Message.id)
            .join(Obligation, Obligation.id == Notice.obligation_id)
            .join(Territory, Territory.id == Obligation.territory_id)
            .where(Notice.status == NoticeStatus.SENT, Message.status == MessageStatus.SENT)
        )
        told = sorted((row[0], (row[1], row[2], row[3].isoformat(), row[4])) for row in said)
        unsettled = [
            *session.exec(select(Message.address).where(Message.status != MessageStatus.SENT)),
            *session.exec(select(Notice.step).where(Notice.status == NoticeStatus.DECIDED)),
            *(str(each) for each in verify().breaks),
        ]
    return Outcome(told=tuple(told), unsettled=tuple(unsettled), files=len(list(settings().home.glob("mail/*.eml"))))


@contextmanager
def a_nursery() -> Iterator[ProcessPoolExecutor]:
    """A process of one thread, from which children can be forked whatever threads the tests have."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as nursery:
        yield nursery


def opened(url: str, folder: Path, **changes: Any) -> Place:
    """The small campaign, opened in this empty database, nothing decided yet."""
    place = Place(url=url, home=folder / "var")
    with place.entered():
        a_small_campaign(folder, **changes)
    place.keep()
    return place


def undisturbed(place: Place, work: Callable[[], None] = morning) -> Outcome:
    """What is left when nothing goes wrong."""
    with place.entered():
        place.again()
        work()
        return outcome()


def killed_at_every_point(
    place: Place, before: Callable[[], None] | None, work: Callable[[], None], *, only_commits: bool = False
) -> list[tuple[int, Outcome]]:
    """Kill `work` at its first, second … last point, each time in a fresh place, and let the next pass put it right.

    Gives, for each point, how the child ended and what is left after the pass that follows. To be run in a nursery.
    """
    found: list[tuple[int, Outcome]] = []
    with place.entered():
        for point in itertools.count(1):
            place.again()
            if before is not None:
                before()
            ended = in_children([_dying_at(point, work, only_commits)])[0]
            morning(J_7 + LATER)
            found.append((ended, outcome()))
            if ended != KILLED:
                return found
    return found


def at_once(place: Place, before: Callable[[], None] | None, works: list[Callable[[], None]]) -> Outcome:
    """Let the workers loose together; gives what is left, without any pass after them. To be run in a nursery."""
    with place.entered():
        place.again()
        if before is not None:
            before()
        ended = in_children(works)
        assert ended == [ENDED] * len(works), ended
        return outcome()


def delivery_to_be_killed(place: Place, pid_file: Path) -> int:
    """A delivery in a child that first writes down who it is; gives how it ended. To be run in a nursery."""

    def announced() -> None:
        pid_file.write_text(str(os.getpid()))
        delivery()

    with place.entered():
        return in_children([announced])[0]


def in_children(works: list[Callable[[], None]]) -> list[int]:
    """Each work in a child of its own, all at once; how each ended: `KILLED`, `ENDED` or `FAILED`."""
    database.engine().dispose()
    gate, opening = os.pipe()
    children = [_child(work, gate, opening) for work in works]
    os.close(opening)  # they all read the end of the pipe, and start
    os.close(gate)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _child(work: Callable[[], None], gate: int, opening: int) -> int:
    child = os.fork()
    if child:
        return child
    ended = FAILED
    try:
        os.close(opening)
        os.read(gate, 1)
        work()
        ended = ENDED
    finally:
        os._exit(ended)


def _dying_at(point: int, work: Callable[[], None], only_commits: bool) -> Callable[[], None]:
    """The same work, in a process that kills itself at its `point`th point."""
    mail = str(settings().home / "mail")

    def dying() -> None:
        passed = itertools.count(1)

        def a_point(*_: object) -> None:
            if next(passed) == point:
                os.kill(os.getpid(), signal.SIGKILL)

        def a_file(name: str, arguments: tuple[object, ...]) -> None:
            if name in ("open", "os.rename") and str(arguments[0]).startswith(mail):
                a_point()

        engine = database.engine()
        if not only_commits:
            event.listen(engine, "before_cursor_execute", a_point)
        event.listen(engine, "commit", a_point)  # about to be
        event.listen(Session, "after_commit", a_point)
        addaudithook(a_file)
        work()

    return dying


@contextmanager
def at_statement(number: int, do: Callable[[], None]) -> Iterator[None]:
    """While the block lasts, do this just before its `number`th statement."""
    passed = 0

    def count(*_: object) -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            do()

    with listening(database.engine(), "before_cursor_execute", count):
        yield
    assert passed >= number


@contextmanager
def listening(target: Any, name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)
