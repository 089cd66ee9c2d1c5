"""What does the coordination read of a pass over the portal, beside its run?

French Markdown. Dossiers are named by their numbers, territories by their codes: nothing that an applicant typed, nor
anybody's name, is shown.
"""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.words import PieceStatus
from notifications.french import count, typeset
from tasks.artifacts import key, plain, table
from tasks.portal import SyncReport

ABOUT_TERRITORIES = "territoire"
NO_DOSSIER_LEFT = (
    "Ces territoires n’ont plus de dossier sur le portail : leurs pièces sont retirées. Un désistement ne s’inscrit "
    "qu’à la main (*Inscrire un désistement*)."
)


@task(task_run_name="compte rendu du portail · {report.demarche}", cache_policy=NO_CACHE)
def report_portal(report: SyncReport) -> None:
    """Keep what a pass over one démarche read and changed."""
    create_markdown_artifact(
        portal_report(report),
        key=key("portail", str(report.demarche)),
        description=f"Portail, démarche {report.demarche} · campagne {report.campaign}",
    )


def portal_report(report: SyncReport) -> str:
    """The Markdown of one pass."""
    unmatched = [each for each in report.findings if each.code == ABOUT_TERRITORIES]
    others = [each for each in report.findings if each.code != ABOUT_TERRITORIES]
    return "\n\n".join(
        (
            f"# {plain(typeset(f'Portail : démarche {report.demarche}, campagne {report.campaign}'))}",
            plain(typeset(report.title)),
            typeset("**Aperçu seulement : rien n’est enregistré.**" if report.check else f"**{summary(report)}**"),
            "## En chiffres",
            table(("", "Nombre"), figures(report), none="Rien."),
            "## Dossiers sans territoire",
            table(
                ("Dossier", "Pourquoi", "Que faire"),
                [(each.dossier or "", each.text, each.cure) for each in unmatched],
                none="Aucun.",
            ),
            "## Pièces refusées par un instructeur",
            table(
                ("Territoire", "Pièce", "Dossier", "Pourquoi"),
                report.refused,
                none="Aucune.",
            ),
            "## Désistements à confirmer",
            *([typeset(NO_DOSSIER_LEFT)] if report.withdrawn else []),
            table(("Territoire", "Dossier supprimé"), report.withdrawn, none="Aucun."),
            "## À regarder",
            table(
                ("Dossier", "Ce qui ne va pas", "Que faire"),
                [(each.dossier or "formulaire", each.text, each.cure) for each in others],
                none="Rien.",
            ),
        )
    )  # fmt: skip


def summary(report: SyncReport) -> str:
    """One sentence: how many dossiers were read, and how many changed something."""
    read = count(report.read, "dossier lu", plural="dossiers lus")
    if not (report.changed or report.extra_means or report.withdrawn):
        return f"{read} : rien de nouveau."
    return f"{read}, {count(report.changed, 'change', plural='changent')} quelque chose."


def figures(report: SyncReport) -> list[tuple[str, int]]:
    """What was counted, in French."""
    return [
        ("dossiers lus", report.read),
        ("dossiers nouveaux", report.new),
        ("dossiers qui changent quelque chose", report.changed),
        ("parties reçues", report.pieces[PieceStatus.RECEIVED]),
        ("parties refusées par un instructeur", report.pieces[PieceStatus.REFUSED]),
        ("parties retirées", report.pieces[PieceStatus.TAKEN_BACK]),
        ("demandes de moyens corrigées", report.extra_means),
        ("fichiers pris", report.files),
    ]
