"""What goes to readers' own channels beside the mail, and what became of it?

Some threads of their own tell the short forms, so that no channel delays a letter; each is tried once. What they say is
recorded apart from the letter's own outcome, under the service's name: a channel's address may hold a secret.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from models.rules.sending import ChannelPolicy, load_channel_policy
from notifications.gateway import Gateway
from notifications.mail import Mail, Outcome, RefusedForGood, Sent

TOLD, NOT_USED, FAILED = "told", "not_used", "failed"


class Beside:
    """The channels of one delivery. Use it as a context manager: whoever is still silent at its end is left."""

    def __init__(self, gateway: Gateway, policy: ChannelPolicy | None = None) -> None:
        self._gateway = gateway
        self._policy = policy or load_channel_policy()
        self._pool = ThreadPoolExecutor(self._policy.at_once, thread_name_prefix="canaux")
        self._told: list[tuple[int, str, Future[Outcome]]] = []

    def tell(self, letter: int, urls: Sequence[str], mail: Mail) -> None:
        """Begin to give the short form of a letter to these channels."""
        for url in urls:
            channel = self._gateway.channel(url)
            self._told.append((letter, channel.name, self._pool.submit(channel.tell, mail)))

    def outcomes(self) -> dict[int, list[dict[str, str]]]:
        """What became of each, by letter, as JSON: the service, one of told, not_used, failed, and French words."""
        wait([future for _, _, future in self._told], self._policy.patience.total_seconds())
        found: dict[int, list[dict[str, str]]] = {}
        for letter, name, future in self._told:
            outcome, words = _became(future)
            found.setdefault(letter, []).append({"channel": name, "outcome": outcome, "words": words})
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _became(future: Future[Outcome]) -> tuple[str, str]:
    if not future.done():
        return FAILED, "le service n’a pas répondu à temps"
    fault = future.exception()
    if fault is not None:  # a plugin that is not ours fell: its words may quote the address
        return FAILED, f"le service a échoué ({type(fault).__name__})"
    outcome = future.result()
    if isinstance(outcome, Sent):
        return TOLD, outcome.where
    return (NOT_USED if isinstance(outcome, RefusedForGood) else FAILED), outcome.reason
