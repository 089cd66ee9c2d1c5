"""Which tables tell a cité's life after its candidature: how it is examined, steered, and what it does?"""

from models.rules.exchange import AUTHORITY, REASON, TERRITORY, YEAR, Column, Table, line, word, yes
from models.rules.typed_values import address, amount, moment, quantity, text_up_to, whole_number, year
from models.words import IndicatorKind, OpinionWord

DAY = Column(name="date", read=moment, needed=True)

TABLES_OF_A_LIFE = (
    Table(  # E098 to E104: an aid to reading, never a score
        name="examens",
        columns=(
            TERRITORY,
            line("critere", 200, needed=True),
            line("appreciation", 64, needed=True),
            Column(name="observations", read=text_up_to(4000, one_line=False)),
            DAY,
            AUTHORITY,
        ),
    ),
    Table(  # E047, E109
        name="avis",
        columns=(
            TERRITORY,
            line("instance", 200, needed=True),
            word("avis", OpinionWord, needed=True, reserve=OpinionWord.WITH_RESERVES,
                 avec_reserves=OpinionWord.WITH_RESERVES),
            DAY,
            AUTHORITY,
            REASON,
        ),
    ),
    Table(  # E050 to E063
        name="mandats",
        columns=(
            TERRITORY,
            line("mandat", 200, needed=True),
            line("titulaire", 200, needed=True),
            Column(name="courriel", read=address, empty="", aliases=("email", "e-mail", "mel", "adresse")),
            Column(name="debut", read=moment, needed=True),
            Column(name="fin", read=moment, empty=None),
            line("mandants", 200, "mandant"),
            line("reference", 200),
        ),
    ),
    Table(  # E111
        name="engagements",
        columns=(
            TERRITORY,
            line("partenaire", 200, needed=True),
            line("nature", 64, needed=True),
            Column(name="annee", read=year, empty=0),
            line("libelle", 300),
            line("quantite", 100),
            Column(name="montant", read=amount, empty=0),
        ),
    ),
    Table(  # E110, E153 to E178
        name="actions",
        columns=(
            TERRITORY,
            line("axe", 8, needed=True),
            line("intitule", 300, needed=True),
            line("porteur", 200),
            Column(name="premiere_annee", read=year, empty=0, aliases=("annee",)),
            Column(name="derniere_annee", read=year, empty=0),
            Column(name="cout", read=amount, empty=0),
            yes("nouvelle"),
            yes("plusieurs_etablissements"),
            yes("partenaire_exterieur"),
        ),
    ),
    Table(  # E088, E145 to E148
        name="indicateurs",
        columns=(
            TERRITORY,
            line("indicateur", 64, "code", needed=True),
            line("intitule", 300),
            word("nature", IndicatorKind, needed=True, moyen=IndicatorKind.MEANS, resultat=IndicatorKind.RESULTS),
            line("domaine", 64),
            line("unite", 64),
            line("source", 200),
            Column(name="reference", read=quantity, empty=None, aliases=("valeur_reference",)),
            Column(name="annee_reference", read=year, empty=0),
            Column(name="cible", read=quantity, empty=None),
            Column(name="annee_cible", read=year, empty=0),
        ),
    ),
    Table(
        name="mesures",
        columns=(
            TERRITORY,
            line("indicateur", 64, "code", needed=True),
            YEAR,
            Column(name="valeur", read=quantity, needed=True),
        ),
    ),
    Table(  # E186 to E188
        name="signatures_cellule",
        aliases=("signatures_de_la_cellule",),
        columns=(
            TERRITORY,
            line("document", 64, needed=True),
            line("signataire", 200, needed=True),
            line("nom", 200),
            Column(name="signe_le", read=moment, needed=True, aliases=("date",)),
        ),
    ),
    Table(  # E203 to E209
        name="series_cellule",
        aliases=("series_de_la_cellule",),
        columns=(
            TERRITORY,
            YEAR,
            line("serie", 200, needed=True),
            Column(name="nombre", read=whole_number, needed=True),
        ),
    ),
)  # fmt: skip
