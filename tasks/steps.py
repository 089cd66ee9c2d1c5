"""How do coordinators call a step and an obligation?"""

from models.rules.programme import Programme
from tasks.planning import offset_words

EVENTS = {"opening": "ouverture", "receipt": "accusé de réception", "decision": "décision", "extension": "prorogation"}


def step_words(step: str) -> str:
    """« J-7 », « J+1 », « ouverture »."""
    return EVENTS.get(step) or offset_words(int(step))


def obligation_words(programme: Programme, obligation: str) -> str:
    """« Bilan annuel du fonds 2021 »."""
    return programme.title_of(obligation)
