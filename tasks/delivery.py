"""What leaves now, and what becomes of it?

Letters are leased by batches in a short transaction, rendered and sent with no transaction open, and written down as
they leave: what a crash repeats is what left since the last record, under the same Message-IDs. The weather is retried
by a later pass, after a pause; a fault of one letter never stops the others.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from types import MappingProxyType

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.outbox_queries import waiting_letters
from models.rules.delivery_policy import DeliveryPolicy, load_delivery_policy
from models.rules.sending import COPIES, DIGESTS, SendingPolicy, load_sending_policy, load_unsubscribe_policy
from notifications.channels import Beside
from notifications.claiming import Outgoing, claim
from notifications.crew import Carried, Crew
from notifications.facts import Letter, Posted
from notifications.gateway import Gateway
from notifications.mail import Mail, Outcome, RefusedForGood, Sent
from notifications.mime import unsubscribe_by_mail
from notifications.render import LetterRefused, render
from notifications.settling import Result, record_channels, settle
from tasks.database import reading, transaction
from tasks.gateway import open_gateway
from tasks.reminders import recheck


class DeliveryFailed(Exception):
    """Letters of this pass will never leave: says how many and where to read why (never to whom)."""

    figures: Mapping[str, int] = MappingProxyType({})  # what the delivery did all the same


@task(task_run_name="envoyer les lettres", cache_policy=NO_CACHE)
def deliver(at: datetime, worker: str, now: datetime) -> dict[str, int]:
    """Send what may leave at `at`: figures {"sent", "dead", "waiting", "cancelled"}. Raises `DeliveryFailed`.

    `now` is the clock of the machine, on which leases run.

    `waiting` counts every letter of the outbox that has not left and still may.
    """
    recheck.fn(at, now)
    return send_waiting(open_gateway(), at=at, worker=worker, now=now)


def send_waiting(
    gateway: Gateway,
    *,
    at: datetime,
    worker: str,
    now: datetime | None = None,
    policy: DeliveryPolicy | None = None,
    sending: SendingPolicy | None = None,
) -> dict[str, int]:
    """Lease, send and settle until nothing may leave, or the server fails for every letter."""
    delivery = _Delivery(
        gateway, at, worker, now or at, policy or load_delivery_policy(), sending or load_sending_policy()
    )
    figures = delivery.send()
    if figures["dead"]:
        failed = DeliveryFailed(
            f"{figures['dead']} letters will never leave ({figures['sent']} were sent, {figures['waiting']} wait): "
            "read why in the outbox report, then correct their contacts or their templates"
        )
        failed.figures = figures
        raise failed
    return figures


@dataclass(frozen=True, kw_only=True)
class _Leased:
    outgoing: Outgoing
    until: float  # on the monotonic clock: begun later, it could still be on its way when another worker takes it


class _Delivery:
    """One pass over the outbox."""

    def __init__(
        self, gateway: Gateway, at: datetime, worker: str, now: datetime, policy: DeliveryPolicy, sending: SendingPolicy
    ) -> None:
        self._gateway, self._at, self._worker, self._now = gateway, at, worker, now
        self._policy, self._sending = policy, sending
        self._begun = monotonic()
        self._figures = Counter({"sent": 0, "dead": 0, "cancelled": 0})

    def send(self) -> dict[str, int]:
        crew: Crew[_Leased] = self._gateway.crew(self._mail, policy=self._sending)
        with _little_garbage(), Beside(self._gateway) as beside:
            for results in crew.carry(self._leased(crew)):
                self._settle(results)
                for each in results:
                    if each.mail is not None and isinstance(each.outcome, Sent | RefusedForGood):
                        beside.tell(each.letter.outgoing.id, each.letter.outgoing.channels, each.mail)
            outcomes = beside.outcomes()
        if outcomes:
            with transaction() as session:
                record_channels(session, outcomes)
        with reading() as session:
            self._figures["waiting"] = waiting_letters(session)
        return dict(self._figures)

    def _leased(self, crew: Crew[_Leased]) -> Iterator[_Leased]:
        """The letters that may leave, leased a batch at a time, as long as the server takes them."""
        while not crew.failing:
            with transaction() as session:
                claimed = claim(
                    session, at=self._at, worker=self._worker, limit=self._sending.batch, lease=self._policy.lease,
                    now=self._now + timedelta(seconds=monotonic() - self._begun),
                )  # fmt: skip
            self._figures["cancelled"] += claimed.cancelled
            if not claimed.outgoing:
                return
            until = monotonic() + self._policy.lease.total_seconds() / 2
            for outgoing in claimed.outgoing:
                yield _Leased(outgoing=outgoing, until=until)

    def _mail(self, leased: _Leased) -> Mail | Outcome | None:
        """The letter in words, as of the pass; None when its lease has grown too old to begin."""
        if monotonic() > leased.until:
            return None
        outgoing, letter = leased.outgoing, leased.outgoing.letter
        try:
            words = render(letter, at=self._at, answer_to=self._gateway.answer_to())
        except LetterRefused as refusal:
            return RefusedForGood(reason=str(refusal))
        return Mail(
            to=letter.address,
            name=letter.name,
            subject=words.subject,
            text=words.text,
            html=words.html,
            short=words.short,
            attachments=words.attachments,
            message_id=outgoing.message_id,
            at=self._at,
            references=_thread(outgoing.references, self._sending.references),
            unsubscribe=_unsubscribe(letter, self._gateway.answer_to()),
        )

    def _settle(self, results: list[Carried[_Leased]]) -> None:
        with transaction() as session:
            settled = settle(
                session,
                [
                    Result(
                        outgoing=each.letter.outgoing, outcome=each.outcome,
                        subject=each.mail.subject if each.mail else "",
                    )
                    for each in results
                ],
                at=self._at,
                policy=self._policy,
            )  # fmt: skip
        self._figures.update({name: settled[name] for name in ("sent", "dead")})


@contextmanager
def _little_garbage() -> Iterator[None]:
    """While letters leave, what the process already holds is not searched for garbage: a seventh of a pass was."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _thread(references: tuple[str, ...], most: int) -> tuple[str, ...]:
    """The letter that began the thread, and the latest: as many as a header should hold."""
    return references if len(references) <= most else (references[0], *references[1 - most :])


def _unsubscribe(letter: Letter | Posted, answer_to: str) -> str:
    """How this reader may ask to be written to no more; empty for whoever owes something."""
    policy = load_unsubscribe_policy()
    if isinstance(letter, Posted):
        offered = DIGESTS in policy.offered_to
    else:
        offered = COPIES in policy.offered_to and all(section.copy for section in letter.sections)
    return unsubscribe_by_mail(answer_to, f"{policy.subject} {letter.campaign}") if offered else ""
