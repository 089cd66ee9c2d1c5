"""How is each number that a dashboard counts called?

The names tie three places together: what is counted by département, the numbers written into the page, and the script
that adds them up again when a reader chooses a région.
"""

from datetime import date

TERRITORIES = "territories"
PAUSED = "paused"  # territories whose letters are held back
LATE = "late"  # territories with at least one obligation that is late
FATES = ("recue", "refusee", "retiree", "absente")
TOLD = ("sent", "waiting", "planned")
SIDES = ("state", "local", "other")


def in_state(state: str) -> str:
    """Territories in this state."""
    return f"state.{state}"


def obligation(name: str, how: str) -> str:
    """Territories whose obligation is satisfied, awaited, late or closed."""
    return f"obligation.{name}.{how}"


def piece(name: str, requirement: str, fate: str) -> str:
    """Parts of a requirement that stand so, in obligations that count."""
    return f"piece.{name}.{requirement}.{fate}"


def owed_by(role: str, when: str) -> str:
    """Territories for which this role owes a required part, `late` or `ahead`."""
    return f"owed.{role}.{when}"


def on_day(day: date | str, what: str) -> str:
    """Notices of one day: sent, waiting or planned."""
    return f"day.{day}.{what}"


def money(stage: str, side: str) -> str:
    """Cents of one side at one stage."""
    return f"money.{stage}.{side}"


def envelope(what: str) -> str:
    """Cents delegated, used or left."""
    return f"envelope.{what}"
