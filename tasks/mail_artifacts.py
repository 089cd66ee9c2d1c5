"""Where does the mail stand, in words that the coordination reads?

French Markdown kept beside the run, like every report: roles, perimeters and territories are named, never a person nor
an address.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.letter_queries import HeldLetter, PauseOrder, Unreached, held_letters, unreached
from models.report_queries import DeadLetter, dead_letters, letters_by_status
from models.thread_queries import ChannelOutcome, channel_outcomes
from models.words import MessageStatus
from notifications.french import count, listing
from notifications.outcomes import LETTERS
from tasks.answers import Proposal, waiting_proposals
from tasks.artifacts import ROWS, key, table, without_addresses
from tasks.database import reading
from tasks.pauses import standing_orders

CHANNELS = {"told": "remis", "not_used": "non employé", "failed": "échec : la lettre, elle, a suivi son cours"}
ANSWERS = {
    "report": "rapports de non-remise",
    "automatic": "réponses automatiques, laissées",
    "answer": "réponses, à lire dans la boîte aux lettres",
    "proposal": "réponses avec un tableau, proposées",
    "too_large": "courriels trop gros, laissés",
    "unreadable_reports": "rapports sans lettre connue, laissés",
}


@task(task_run_name="état du courrier", cache_policy=NO_CACHE)
def report_outbox(at: datetime) -> None:
    """Keep where the letters stand at `at`: those that wait for somebody or for the end of a pause, and the dead."""
    with reading() as session:
        letters = letters_by_status(session)
        dead = dead_letters(session, ROWS + 1)
        held = held_letters(session)
        paused = standing_orders(session, at)
        failing = unreached(session)
        beside = channel_outcomes(session, ROWS)
    if letters or paused:
        report = "\n\n".join(
            (outbox_report(letters, dead, beside), waiting_report(held, paused), failing_report(failing))
        )
        create_markdown_artifact(report, key="courrier", description="Courrier")


@task(task_run_name="compte rendu des réponses", cache_policy=NO_CACHE)
def report_answers(figures: Mapping[str, int]) -> None:
    """Keep what came back by mail; nothing new leaves the last report in place."""
    if not any(figures.get(name) for name in (*ANSWERS, "cleared")):
        return
    with reading() as session:
        failing = unreached(session)
    report = "\n\n".join((answers_report(figures, waiting_proposals()), failing_report(failing)))
    create_markdown_artifact(report, key="reponses", description="Réponses par courriel")


@task(task_run_name="compte rendu", cache_policy=NO_CACHE)
def report_words(subject: str, words: str) -> None:
    """Keep one sentence about what somebody asked of the mail room."""
    create_markdown_artifact(words, key=key("courrier", subject), description=f"Courrier · {subject}")


def outbox_report(
    letters: Mapping[MessageStatus, int], dead: Sequence[DeadLetter], beside: Sequence[ChannelOutcome] = ()
) -> str:
    """The Markdown of where the letters stand, and of what went to readers' own channels beside the last ones."""
    channels = Counter((each.channel, CHANNELS[each.outcome], each.words) for each in beside)
    return "\n\n".join(
        (
            "# Courrier",
            table(("Lettres", ""), [(LETTERS[status], each) for status, each in letters.items()], none="Aucune."),
            "## Lettres refusées définitivement",
            table(
                ("Campagne", "Décidée le", "Objet", "Rôles", "Territoires", "Motif"),
                [
                    (each.campaign, f"{each.at:%d/%m/%Y}", each.subject, _roles(each), listing(each.territories),
                     without_addresses(each.outcome))
                    for each in dead
                ],
                none="Aucune.",
            ),
            *(("## À côté du courriel : les canaux des dernières lettres", table(
                ("Canal", "Suite", "Détail", "Messages"),
                [(*what, number) for what, number in sorted(channels.items())],
                none="",
            )) if channels else ()),
        )
    )  # fmt: skip


def waiting_report(held: Sequence[HeldLetter], paused: Sequence[PauseOrder]) -> str:
    """The Markdown of the letters that wait for somebody, and of the pauses."""
    reasons = Counter((each.campaign, each.deadline, each.why) for each in held)
    return "\n\n".join(
        (
            "## Lettres à relire avant leur départ",
            table(
                ("Campagne", "Échéance", "Pourquoi", "Lettres"),
                [(*reason, number) for reason, number in reasons.items()],
                none="Aucune.",
            ),
            "## Envois en pause",
            table(
                ("Quoi", "Depuis le", "Jusqu’au", "Par", "Motif"),
                [
                    (pause_words(each), f"{each.at:%d/%m/%Y}", f"{each.until:%d/%m/%Y}" if each.until else "",
                     each.author, each.grounds)
                    for each in paused
                ],
                none="Aucun.",
            ),
        )
    )  # fmt: skip


def failing_report(failing: Sequence[Unreached]) -> str:
    """The Markdown of whom the coordination can no longer reach, role by role."""
    return "\n\n".join(
        (
            "## À qui les lettres n’arrivent plus",
            table(
                ("Campagne", "Rôle", "Périmètre", "Motif"),
                [
                    (each.campaign, each.role.replace("_", " "), each.perimeter, without_addresses(each.reason))
                    for each in failing
                ],
                none="Personne.",
            ),
        )
    )  # fmt: skip


def answers_report(figures: Mapping[str, int], waiting: Sequence[Proposal]) -> str:
    """The Markdown of one reading of the mailbox, and of the tables that wait for somebody."""
    return "\n\n".join(
        (
            "# Réponses par courriel",
            table(
                ("Courriels lus", "Nombre"),
                [(words, figures[name]) for name, words in ANSWERS.items() if figures.get(name)],
                none="Aucun courriel nouveau.",
            ),
            "## Tableaux proposés, à accepter ou à laisser",
            table(
                ("N°", "Campagne", "Fichiers", "Changements", "Fautes"),
                [
                    (each.id, each.campaign, listing(list(each.files)), changes_words(each), len(each.faults))
                    for each in waiting
                ],
                none="Aucun.",
            ),
        )
    )  # fmt: skip


def changes_words(proposal: Proposal) -> str:
    """« contacts : 1 ajout, 2 corrections »."""
    kinds = {"added": "ajout", "corrected": "correction", "replaced": "remplacement"}
    return " ; ".join(
        f"{name} : {listing([count(counts[kind], word) for kind, word in kinds.items() if counts.get(kind)])}"
        for name, counts in proposal.changes.items()
        if counts
    )


def pause_words(order: PauseOrder) -> str:
    """« campagne 2021, territoire douai »."""
    if order.territory:
        return f"campagne {order.campaign}, territoire {order.territory}"
    return f"campagne {order.campaign}" if order.campaign else "tous les envois"


def _roles(letter: DeadLetter) -> str:
    return listing([role.replace("_", " ") for role in letter.roles])
