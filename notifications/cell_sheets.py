"""What do people read beside a cell's files: how to send one, until when to keep it, and how to say that it is gone?

Plain French text, to print or to copy into a mail. Nothing in it names a child: a cohort is two birth dates.
"""

from datetime import date

from models.rules.cell import Cell, KeptUntil
from notifications.french import folded, short_date

BLANK = "…" * 20
CELL = "Cellule de prévention de l’évitement scolaire"


def sending_sheet(cell: Cell, kept: KeptUntil | None) -> str:
    """The checklist that goes with a sealed archive, step by step (E214 to E219)."""
    steps = [f"{number}. {step}" for number, step in enumerate((*cell.exchange, _keeping(kept)), start=1)]
    return folded("\n\n".join((f"{CELL} : envoyer un fichier", *steps, f"Source : {cell.retention.citation.words()}.")))


def keeping_sheet(cell: Cell, born_from: date, born_to: date, kept: KeptUntil) -> str:
    """Until when a file about the children born between two days may be kept (E220, E221)."""
    assumed = "\n".join(f"• hypothèse : {each}" for each in cell.retention.assumptions)
    return folded(
        "\n\n".join(
            (
                f"Fichier sur les enfants nés du {short_date(born_from)} au {short_date(born_to)}.",
                f"• Les plus âgés : à conserver jusqu’au {short_date(kept.eldest)} au plus tard.\n"
                f"• Les plus jeunes : jusqu’au {short_date(kept.youngest)} au plus tard ; le fichier entier est alors "
                "détruit.",
                f"Règle : {_rule(cell)} ({cell.retention.citation.words()}).",
                assumed,
            )
        )
    )


def purge_sheet(born_from: date, born_to: date, kept: KeptUntil) -> str:
    """A certificate of destruction to fill in and sign; nothing of it is recorded here (E221)."""
    return folded(
        "\n\n".join(
            (
                f"{CELL}\n\nATTESTATION DE DESTRUCTION",
                f"Je soussigné(e) {BLANK}, agissant en qualité de {BLANK}, atteste avoir détruit le {BLANK} :",
                f"• le fichier d’échange n° {BLANK}, reçu le {BLANK} de {BLANK}, sur les enfants nés du "
                f"{short_date(born_from)} au {short_date(born_to)} ;\n"
                "• ses copies, en clair ou chiffrées, sur tout support, sauvegardes comprises ;\n"
                "• le mot de passe qui l’ouvrait.",
                f"Sa conservation prenait fin le {short_date(kept.youngest)}, dernier jour pour les plus jeunes.",
                f"Fait à {BLANK}, le {BLANK}. Signature :",
            )
        )
    )


def guide_sheet(cell: Cell) -> str:
    """What the cell is, who signs, what is counted: a page for whoever sets one up (E252)."""
    chapters = [(each.title, each.lines, each.citation.words()) for each in cell.guide]
    documents = " ; ".join(each.title for each in cell.documents)
    counted = [f"{each.indicator}, {each.title} ({each.unit}, code {each.code})" for each in cell.series]
    blocks = [
        CELL.upper(),
        *(_block(title, lines, source) for title, lines, source in chapters),
        _block(f"Qui signe ({documents})", tuple(cell.signatories.values()), ""),
        _block("Ce qui est compté chaque année, en nombres seulement", tuple(counted), ""),
        _block("Envoyer un fichier", cell.exchange, ""),
        _block("Garder un fichier", (_rule(cell), *cell.retention.assumptions), cell.retention.citation.words()),
    ]
    return folded("\n\n".join(blocks))


def _block(title: str, lines: tuple[str, ...], source: str) -> str:
    listed = "\n".join(f"• {each}" for each in lines)
    return f"{title}\n{listed}" + (f"\n({source})" if source else "")


def _rule(cell: Cell) -> str:
    until = "la fin" if cell.retention.boundary == "end" else "la veille"
    return f"jusqu’à {until} de l’année scolaire où l’enfant a {cell.retention.age} ans"


def _keeping(kept: KeptUntil | None) -> str:
    if kept is None:
        return "Notez jusqu’à quand le fichier peut être gardé : la commande « cites cell keep-until » donne la date."
    if kept.eldest == kept.youngest:
        return f"Gardez le fichier jusqu’au {short_date(kept.youngest)} au plus tard, puis attestez sa destruction."
    return (
        f"Retirez les plus âgés du fichier après le {short_date(kept.eldest)} ; détruisez-le en entier après le "
        f"{short_date(kept.youngest)}, et attestez sa destruction."
    )
