"""What is to be mended in people's files: where, what is wrong, and the cure?"""

from dataclasses import dataclass
from unicodedata import category


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing to mend, or to know: where it is, what is wrong, and the cure; `str()` is one French sentence."""

    file: str
    problem: str
    cure: str
    row: int | None = None
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"ligne {self.row}")
        if self.column:
            place.append(f"colonne « {shown(self.column)} »")
        if self.value:
            place.append(f"valeur « {shown(self.value)} »")
        return f"{', '.join(place)} : {self.problem} ; {self.cure}."


def shown(text: str) -> str:
    """A value fit to be shown on one line: no control character, at most 80 letters."""
    safe = "".join(f"\\x{ord(each):02x}" if category(each) in ("Cc", "Cs") else each for each in text)
    return safe if len(safe) <= 80 else f"{safe[:79]}…"
