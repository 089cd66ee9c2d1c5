"""When is a letter that could not leave tried again, and when is it given up?"""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from models.rules.yaml_files import PROGRAMME, read_yaml


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """How the outbox bears the weather: pauses after the first, second … failure (the last repeats), then enough."""

    pauses: tuple[timedelta, ...]
    attempts: int
    lease: timedelta  # a worker silent for that long is taken for dead

    def pause(self, attempts: int) -> timedelta:
        """The pause after that many attempts."""
        return self.pauses[min(attempts, len(self.pauses)) - 1]


@lru_cache(maxsize=1)
def load_delivery_policy() -> DeliveryPolicy:
    """How failing deliveries are tried again: the same for every campaign."""
    place = read_yaml(PROGRAMME / "delivery.yaml")
    place.citation({})
    return DeliveryPolicy(
        pauses=tuple(timedelta(minutes=each.whole()) for each in place.need("pauses_minutes").each()),
        attempts=place.need("attempts").whole(),
        lease=timedelta(minutes=place.need("lease_minutes").whole()),
    )
