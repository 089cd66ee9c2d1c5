"""Which tables do people exchange with the engine, and what may stand in each of their columns?

The grammar of a cell is in `exchange`; the tables of a cité's life after its candidature are in `tables_of_a_life`.
"""

from collections.abc import Iterable, Mapping

from models.rules.exchange import AUTHORITY, REASON, TERRITORY, YEAR, Column, Table, line, word, yes
from models.rules.tables_of_a_life import TABLES_OF_A_LIFE
from models.rules.typed_values import address, amount, codes_up_to, communes, count, fold, moment, year
from models.words import Direction, Funder, Kind, LeadAuthority, PieceStatus, Purpose, Role, Verdict

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(
            name="territoires",
            columns=(
                line("code", 64, "code_territoire", needed=True),
                line("nom", 200),
                Column(name="communes", read=communes, empty=(), aliases=("commune",)),
                line("departement", 80),
                line("region", 80),
                word("chef_de_file", LeadAuthority, empty=None, epci=LeadAuthority.INTERCOMMUNALITE,
                      ville=LeadAuthority.COMMUNE),
                yes("demande_moyens", "demande_de_moyens"),
                Column(name="qpv", read=codes_up_to(400), empty=()),
                Column(name="population_qpv", read=count, empty=None, aliases=("population_des_qpv",)),
                line("college_tete", 8, "college_tete_uai", "uai", "college_tete_de_reseau"),
            ),
        ),
        Table(
            name="contacts",
            columns=(
                word("role", Role, needed=True, prefete=Role.PREFET, prefet_de_region=Role.PREFET_REGION,
                      prefete_de_region=Role.PREFET_REGION, rectrice=Role.RECTEUR, principale=Role.PRINCIPAL,
                      chef_de_projet=Role.CHEF_PROJET, cheffe_de_projet=Role.CHEF_PROJET,
                      cheffe_projet=Role.CHEF_PROJET),
                line("perimetre", 80, needed=True),
                line("nom", 200),
                Column(name="courriel", read=address, needed=True, aliases=("email", "e-mail", "mel", "adresse")),
                line("canal", 500),
            ),
        ),
        Table(
            name="pieces",
            columns=(
                TERRITORY,
                line("piece", 200, needed=True),
                line("parties", 500, "partie"),
                word("statut", PieceStatus, needed=True, recu=PieceStatus.RECEIVED, refuse=PieceStatus.REFUSED,
                      retire=PieceStatus.TAKEN_BACK),
                Column(name="date", read=moment, needed=True),
                REASON,
                line("fichier", 500),
            ),
        ),
        Table(
            name="financements",
            columns=(
                TERRITORY,
                YEAR,
                word("financeur", Funder, needed=True),
                word("objet", Purpose, needed=True, fond=Purpose.FUND),
                word("nature", Kind, empty=Kind.CASH, valorise=Kind.IN_KIND, valorisee=Kind.IN_KIND),
                yes("droit_commun"),
                *(Column(name=name, read=amount, empty=0) for name in ("prevu", "notifie", "verse")),
            ),
        ),
        Table(
            name="enveloppes",
            columns=(
                line("departement", 80, needed=True), YEAR, Column(name="montant", read=amount, needed=True),
            ),
        ),
        Table(
            name="decisions",
            columns=(
                TERRITORY,
                word("decision", Verdict, needed=True, labellisee=Verdict.LABELLED, refusee=Verdict.REFUSED,
                      ajournee=Verdict.DEFERRED),
                Column(name="date", read=moment, needed=True),
                AUTHORITY,
                REASON,
            ),
        ),
        Table(
            name="prorogations",
            columns=(
                TERRITORY,
                line("echeance", 200, needed=True),
                Column(name="nouvelle_date", read=moment, needed=True),
                Column(name="accordee_le", read=moment, needed=True),
                AUTHORITY,
                REASON,
                line("reference", 200),
            ),
        ),
        Table(name="desistements", columns=(TERRITORY, Column(name="date", read=moment, needed=True), REASON)),
        Table(
            name="conventions",
            columns=(
                TERRITORY,
                Column(name="debut", read=moment, needed=True),
                Column(name="fin", read=moment, needed=True),
                Column(name="signee_le", read=moment, empty=None),
                Column(name="fin_contrat_de_ville", read=moment, empty=None, aliases=("fin_du_contrat_de_ville",)),
            ),
        ),
        Table(
            name="operations_fonds",
            aliases=("operations_du_fonds",),
            columns=(
                TERRITORY,
                Column(name="annee", read=year, empty=None),
                Column(name="date", read=moment, needed=True),
                word("sens", Direction, needed=True),
                word("financeur", Funder, empty=None),
                line("axe", 8),
                line("libelle", 300),
                Column(name="montant", read=amount, needed=True),
                yes("plusieurs_etablissements"),
                yes("partenaire_exterieur"),
            ),
        ),
        *TABLES_OF_A_LIFE,
    )
}  # fmt: skip


def table_named(name: str) -> Table | None:
    """The table that a file or a sheet is named after (`01-territoires`, `Pièces`), if it names exactly one."""
    words = f"_{fold(name)}_"
    found = [table for table in TABLES.values() if any(f"_{each}_" in words for each in (table.name, *table.aliases))]
    return found[0] if len(found) == 1 else None


def table_with(headers: Iterable[str]) -> Table | None:
    """The one table that has all these headers and whose needed columns are all there."""
    named = [header for header in headers if header.strip()]
    found = []
    for table in TABLES.values():
        columns = [table.column(header) for header in named]
        if named and all(columns) and set(table.needed()) <= {column.name for column in columns if column}:
            found.append(table)
    return found[0] if len(found) == 1 else None
