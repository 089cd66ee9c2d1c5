"""Do all the channels of one address fit beside one letter?

Several contacts may share an address, each with a channel of its own; a letter to that address carries them all, as far
as its row has room. What would not fit is refused at the import, never left out when the letter leaves.
"""

from collections import defaultdict

from notifications.outbox import LONGEST_CHANNELS
from tasks.faults import Fault
from tasks.upsert import Changes, Fact


def crowded_channels(changes: Changes) -> list[Fault]:
    """A fault for each address to which the files give more channels than a letter has room for; it tells no secret."""
    retired = {
        changes.shape.key(each.stored.territory, each.stored.values)
        for each in changes.corrections
        if each.action == "replaced"
    }
    shared: dict[str, list[Fact]] = defaultdict(list)
    for fact in changes.standing:
        if fact.values["channel"] and changes.shape.key(fact.territory, fact.values) not in retired:
            shared[fact.values["email"].casefold()].append(fact)
    return [fault for facts in shared.values() for fault in _fault(facts)]


def _fault(facts: list[Fact]) -> list[Fault]:
    length = len("\n".join(dict.fromkeys(fact.values["channel"] for fact in facts)))
    lines = [fact.wanted for fact in facts if fact.wanted is not None]
    if length <= LONGEST_CHANNELS or not lines:
        return []
    return [
        Fault(
            file=lines[-1].file, row=lines[-1].row, column="canal",
            problem=f"les canaux donnés à cette adresse font ensemble {length} signes, une lettre en porte "
            f"{LONGEST_CHANNELS} au plus",
            cure="garder un seul canal pour cette adresse, et vider les autres cellules",
        )
    ]  # fmt: skip
