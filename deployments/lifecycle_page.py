"""Which states can a dossier be in, and where may it go from each: how does the coordination read it?

`python -m deployments.lifecycle_page` writes docs/lifecycle.md from the one table of moves (`models.rules.lifecycle`).
"""

from collections.abc import Mapping
from pathlib import Path

from models.rules.lifecycle import FRENCH, NEXT, State

PAGE = Path(__file__).parent.parent / "docs" / "lifecycle.md"

MEANING: Mapping[State, str] = {
    State.PRESELECTED: "la campagne n’est pas encore ouverte",
    State.INVITED: "la campagne est ouverte ; rien n’a été reçu",
    State.IN_PREPARATION: "une pièce au moins a été reçue ; le dossier n’est pas complet",
    State.TRANSMITTED: "le dossier est complet, les deux visas compris ; la date limite n’est pas passée",
    State.UNDER_REVIEW: "le dossier est complet et la date limite est passée",
    State.REFUSED: "la dernière décision est un refus",
    State.DEFERRED: "la dernière décision est un ajournement",
    State.LABELLED: "la dernière décision est le label",
    State.ACTION_PLAN_RECEIVED: "labellisée ; le programme d’action est complet",
    State.CONVENTION_SIGNED: "labellisée ; la convention porte toutes ses signatures",
    State.RUNNING: "le premier jour d’une convention signée est venu",
    State.CLOSING: "la dernière convention signée prend bientôt fin (délai : `closing_days` de reminders.yaml)",
    State.ENDED: "la dernière convention signée a pris fin",
    State.RENEWED: "une convention qui fait suite à la première est signée",
    State.WITHDRAWN: "le territoire s’est désisté avant tout label",
}


def lifecycle_page() -> str:
    """The page: a drawing that GitHub and most editors show, then the same moves as a table."""
    return f"""<!-- Fait par `python -m deployments.lifecycle_page` : ne pas modifier à la main. -->
# La vie d’un dossier

L’état d’un dossier se déduit à chaque instant des faits connus (pièces, décisions, conventions) : personne ne le
saisit. La table ci-dessous dit quels passages d’un état à l’autre sont admis ; un fait qui en demanderait un autre est
refusé, avec son motif. Un état peut être sauté si personne n’a regardé le dossier entre-temps. Un dossier que l’on
regarde pour la première fois peut se trouver dans n’importe quel état.

## Le dessin

À l’intérieur d’un cadre, tous les passages sont admis, dans les deux sens. Une flèche qui part d’un cadre part de
chacun de ses états ; une flèche qui mène à un cadre mène à chacun d’eux.

```mermaid
{drawing()}
```

## La table

| état | mot du moteur | quand | peut devenir |
|---|---|---|---|
{table()}
"""


def drawing() -> str:
    """The moves as a Mermaid state diagram; states with the same moves stand in one frame."""
    frames = _frames()
    lines = ["stateDiagram-v2", "    direction LR"]
    for number, frame in enumerate(frames, start=1):
        if len(frame) == 1:
            lines.append(f'    state "{FRENCH[frame[0]]}" as {frame[0].value}')
            continue
        lines.append(f'    state "{_title(frame)}" as {_name(number, frame)} {{')
        lines += [f'        state "{FRENCH[state]}" as {state.value}' for state in frame]
        lines.append("    }")
    lines.append(f"    [*] --> {_name(1, frames[0])}")
    for number, frame in enumerate(frames, start=1):
        ahead = NEXT[frame[0]] - set(frame)
        for other, target in enumerate(frames, start=1):
            reached = [state for state in target if state in ahead]
            names = [_name(other, target)] if reached == target else [state.value for state in reached]
            lines += [f"    {_name(number, frame)} --> {name}" for name in names]
        if not NEXT[frame[0]]:
            lines.append(f"    {_name(number, frame)} --> [*]")
    return "\n".join(lines)


def table() -> str:
    """One row a state, in the order of a dossier's life."""
    return "\n".join(f"| {FRENCH[state]} | `{state.value}` | {MEANING[state]} | {_names(state)} |" for state in State)


def _names(state: State) -> str:
    return ", ".join(FRENCH[after] for after in State if after in NEXT[state]) or "rien : c’est un terme"


def _frames() -> list[list[State]]:
    """The states, those that reach the same states (themselves included) together."""
    frames: dict[frozenset[State], list[State]] = {}
    for state in State:
        frames.setdefault(NEXT[state] | {state}, []).append(state)
    return list(frames.values())


def _name(number: int, frame: list[State]) -> str:
    return frame[0].value if len(frame) == 1 else f"cadre_{number}"


def _title(frame: list[State]) -> str:
    return f"de « {FRENCH[frame[0]]} » à « {FRENCH[frame[-1]]} »"


if __name__ == "__main__":
    PAGE.write_text(lifecycle_page(), encoding="utf-8")
