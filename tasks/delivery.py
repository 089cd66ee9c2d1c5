"""What leaves now, and what becomes of it?

Letters are leased by batches in a short transaction, rendered and sent with no transaction open, then settled. The
weather is retried by a later pass, after a pause; a fault of one letter never stops the others.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.outbox_queries import waiting_letters
from models.rules.programme import DeliveryPolicy, load_delivery_policy
from notifications.gateway import Gateway
from notifications.mail import Mail, RefusedForGood, Weather
from notifications.outbox import Outgoing, Result, claim, settle
from notifications.render import LetterRefused, render
from tasks.database import reading, transaction
from tasks.gateway import open_gateway
from tasks.reminders import recheck

BATCH = 200


class DeliveryFailed(Exception):
    """Letters of this pass will never leave: says how many and where to read why (never to whom)."""


@task(task_run_name="envoyer les lettres", cache_policy=NO_CACHE)
def deliver(at: datetime, worker: str, now: datetime) -> dict[str, int]:
    """Send what may leave at `at`: figures {"sent", "dead", "waiting", "cancelled"}. Raises `DeliveryFailed`.

    `now` is the clock of the machine, on which leases run.

    `waiting` counts every letter of the outbox that has not left and still may.
    """
    recheck.fn(at)
    with open_gateway() as gateway:
        return send_waiting(gateway, at=at, worker=worker, now=now)


def send_waiting(
    gateway: Gateway,
    *,
    at: datetime,
    worker: str,
    now: datetime | None = None,
    policy: DeliveryPolicy | None = None,
    batch: int = BATCH,
) -> dict[str, int]:
    """Lease, send and settle by batches until nothing may leave, or the server fails for every letter."""
    policy = policy or load_delivery_policy()
    begun = monotonic()
    figures = Counter({"sent": 0, "dead": 0, "cancelled": 0})
    failing = False
    while not failing:
        with transaction() as session:
            clock = (now or at) + timedelta(seconds=monotonic() - begun)
            claimed = claim(session, at=at, worker=worker, limit=batch, lease=policy.lease, now=clock)
        figures["cancelled"] += claimed.cancelled
        if not claimed.outgoing:
            break
        results, failing = _send(gateway, claimed.outgoing, at)
        with transaction() as session:
            settled = settle(session, results, at=at, policy=policy)
        figures.update({name: settled[name] for name in ("sent", "dead")})
    with reading() as session:
        figures["waiting"] = waiting_letters(session)
    if figures["dead"]:
        raise DeliveryFailed(
            f"{figures['dead']} letters will never leave ({figures['sent']} were sent, {figures['waiting']} wait): "
            "read why in the outbox report, then correct their contacts or their templates"
        )
    return dict(figures)


def _send(gateway: Gateway, letters: Sequence[Outgoing], at: datetime) -> tuple[list[Result], bool]:
    """What became of each letter; whether the server fails for all, and so the last of them were not tried."""
    results: list[Result] = []
    failing = False
    for outgoing in letters:
        result = Result(outgoing=outgoing, outcome=None) if failing else _send_one(gateway, outgoing, at)
        failing = failing or (isinstance(result.outcome, Weather) and result.outcome.everywhere)
        results.append(result)
    return results, failing


def _send_one(gateway: Gateway, outgoing: Outgoing, at: datetime) -> Result:
    letter = outgoing.letter
    try:
        words = render(letter, at=at, answer_to=gateway.answer_to())
    except LetterRefused as refusal:
        return Result(outgoing=outgoing, outcome=RefusedForGood(reason=str(refusal)))
    mail = Mail(
        to=letter.address,
        name=letter.name,
        subject=words.subject,
        text=words.text,
        html=words.html,
        message_id=outgoing.message_id,
        at=at,
    )
    return Result(outgoing=outgoing, outcome=gateway.send(mail), subject=words.subject)
