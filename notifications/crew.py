"""How do many letters leave at once, and what stops them?

A crew of threads, each with one carrier (a connection that stays open), takes letters from one queue: whoever is free
writes the next one and carries it. The crew begins with one carrier, so that a dead server costs one attempt, and grows
as letters wait. A server that takes no more connections makes the crew smaller; one that fails for every letter stops
it, and what was not tried is given back.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Event, Lock
from typing import Generic, Protocol, TypeVar

from models.rules.sending import SendingPolicy
from notifications.mail import Mail, Outcome, Weather

T = TypeVar("T")


class Lost(Exception):
    """The way was lost before a letter was given: says why, in French. Nothing in it is about that letter."""


class Carrier(Protocol):
    """What carries one letter after another."""

    @property
    def is_open(self) -> bool: ...

    def carry(self, mail: Mail) -> Outcome:
        """What became of it. Raises `Lost`."""

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Carried(Generic[T]):
    """What became of one letter; `mail` is None when it could not be written, `outcome` when it was not tried."""

    letter: T
    mail: Mail | None
    outcome: Outcome | None


class Crew(Generic[T]):
    """Carriers at work on one stream of letters. Use it once."""

    def __init__(
        self,
        carriers: Callable[[], Carrier],
        write: Callable[[T], Mail | Outcome | None],
        policy: SendingPolicy,
    ) -> None:
        """`write` makes a letter's mail, or says what became of it; `None`: it is not to be tried any more."""
        self._carriers, self._write, self._policy = carriers, write, policy
        self._waiting: SimpleQueue[T | None] = SimpleQueue()
        self._done: SimpleQueue[Carried[T] | Future[None]] = SimpleQueue()
        self._idle = Event()  # somebody waits for a letter
        self._failing = Event()
        self._lock = Lock()
        self._limit, self._working, self._cuts = policy.connections, 0, 0
        self._threads: list[Future[None]] = []

    @property
    def failing(self) -> bool:
        """Whether the server was seen to fail for every letter: what is left is not tried."""
        return self._failing.is_set()

    def carry(self, letters: Iterable[T]) -> Iterator[list[Carried[T]]]:
        """Carry every letter; gives what became of them as it is known, at least every `policy.record`.

        `letters` is read in the caller's own thread, a batch ahead at most.
        """
        stream, under_way = iter(letters), 0
        pool = ThreadPoolExecutor(self._policy.connections, thread_name_prefix="lettres")
        try:
            while True:
                for letter in islice(stream, self._policy.batch - under_way):
                    self._idle.clear()
                    self._waiting.put(letter)
                    under_way += 1
                if not under_way:
                    break
                results = self._results(pool, under_way)
                under_way -= len(results)
                yield results
        finally:
            if under_way:  # the caller gave up: what was not recorded stays leased, and another pass takes it over
                self._failing.set()
            for _ in self._threads:
                self._waiting.put(None)
            pool.shutdown(wait=not under_way)

    def _results(self, pool: ThreadPoolExecutor, under_way: int) -> list[Carried[T]]:
        """One result at least, and those that come while it is not yet time to write them down."""
        self._grow(pool, under_way)
        results = [self._result()]
        if not self.failing:
            self._grow(pool, under_way - 1)
            self._idle.wait(self._policy.record.total_seconds())
        while not self._done.empty():
            results.append(self._result())
        return results

    def _result(self) -> Carried[T]:
        while isinstance(result := self._done.get(), Future):
            result.result()  # a carrier that went home says nothing here, one that fell raises what it fell on
        return result

    def _grow(self, pool: ThreadPoolExecutor, under_way: int) -> None:
        """One carrier to begin with; as many as the letters deserve once the first has worked."""
        wanted = self._policy.wanted(under_way) if self._threads else 1
        while self._working < min(wanted, self._limit) and not self.failing:
            with self._lock:
                self._working += 1
            thread = pool.submit(self._work)
            thread.add_done_callback(self._done.put)
            self._threads.append(thread)

    def _work(self) -> None:
        carrier = self._carriers()
        try:
            while (letter := self._next()) is not None:
                if not self._take(carrier, letter):
                    break
        finally:
            carrier.close()

    def _next(self) -> T | None:
        try:
            return self._waiting.get_nowait()
        except Empty:
            self._idle.set()
            return self._waiting.get()

    def _take(self, carrier: Carrier, letter: T) -> bool:
        """Write and carry one letter; says whether this carrier goes on."""
        written = None if self.failing else self._write(letter)
        if not isinstance(written, Mail):
            self._done.put(Carried(letter=letter, mail=None, outcome=written))
            return True
        try:
            outcome = _persistently(carrier, written)
        except Lost as lost:
            if self._others_work():
                self._waiting.put(letter)
                return False
            self._failing.set()
            outcome = Weather(reason=str(lost), everywhere=True)
        self._judge(outcome)
        self._done.put(Carried(letter=letter, mail=written, outcome=outcome))
        return True

    def _others_work(self) -> bool:
        """Whether a carrier that lost its way may leave its letters to others: the server then takes no more of us."""
        with self._lock:
            if self._working == 1:
                return False
            self._working -= 1
            self._limit = self._working
            return True

    def _judge(self, outcome: Outcome) -> None:
        weather = outcome if isinstance(outcome, Weather) else None
        self._cuts = self._cuts + 1 if weather and weather.cut else 0
        if weather and (weather.everywhere or self._cuts >= self._policy.cuts_in_a_row):
            self._failing.set()


def _persistently(carrier: Carrier, mail: Mail) -> Outcome:
    """Carry it; once more when the connection was an old one: servers close those that waited, or carried enough."""
    if carrier.is_open:
        try:
            return carrier.carry(mail)
        except Lost:
            pass
    return carrier.carry(mail)
