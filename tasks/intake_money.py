"""What do the tables of money say: co-financing, envelopes, operations of the fund?"""

from collections.abc import Iterator

from models.rules.fund_account import declares_an_opening
from models.tables import Envelope, FundingLine, FundOperation
from models.words import Direction
from tasks.intake_lines import Line, Lines, Reader
from tasks.upsert import Shape, Wanted

SHAPES = (
    Shape(
        subject="financements", model=FundingLine, identity=("year", "funder", "purpose", "kind", "mainstream"),
        correctable=("planned", "notified", "paid"), ranked=True,
    ),
    Shape(
        subject="enveloppes", model=Envelope, identity=("departement", "year"), correctable=("amount",),
        of_territory=False,
    ),
    Shape(
        subject="operations_fonds", model=FundOperation,
        identity=("year", "day", "direction", "funder", "axis", "label", "amount"),
        correctable=("several_schools", "outside_partner"), ranked=True,
    ),
)  # fmt: skip


def funding_line(lines: Lines, line: Line) -> Iterator[Wanted]:
    """What one funder brings for a year."""
    territory, _ = lines.territory_of(line)
    yield lines.wanted(
        line, territory,
        {"year": line["annee"], "funder": line["financeur"], "purpose": line["objet"], "kind": line["nature"],
         "mainstream": line["droit_commun"], "planned": line["prevu"], "notified": line["notifie"],
         "paid": line["verse"]},
        {"planned": "prevu", "notified": "notifie", "paid": "verse"},
    )  # fmt: skip


def envelope(lines: Lines, line: Line) -> Iterator[Wanted]:
    """What a département may spend in a year."""
    departement = lines.named(line, "departement", lines.references.departement)
    yield lines.wanted(
        line, "", {"departement": departement, "year": line["annee"], "amount": line["montant"]},
        {"amount": "montant"},
    )  # fmt: skip


def operation(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One receipt or expense of a fund."""
    territory, zone = lines.territory_of(line)
    axis = lines.named(line, "axe", lines.references.axis) if line["axe"] else ""
    if isinstance(line.row.cells.get("axe"), float) and axis:
        lines.warn(
            line,
            "axe",
            f"axe lu comme {axis} : un nombre ne distingue pas 2.1 et 2.10",
            "écrire l’axe comme un texte",
        )
    if line.spoilt:
        return
    opening = declares_an_opening(line["libelle"])  # neither a receipt nor an expense: nobody pays it, for no axis
    if line["sens"] is Direction.RECEIPT and not line["financeur"] and not opening:
        lines.warn(line, "financeur", "recette sans financeur", "indiquer qui verse")
    if line["sens"] is Direction.EXPENSE and not axis and not opening:
        lines.warn(line, "axe", "dépense sans axe", "indiquer l’axe du programme, de 1.1 à 3.7")
    day = line["date"].day(zone)
    yield lines.wanted(
        line, territory,
        {"year": line["annee"] or day.year, "day": day, "direction": line["sens"],
         "funder": line["financeur"].value if line["financeur"] else "", "axis": axis, "label": line["libelle"],
         "amount": line["montant"], "several_schools": line["plusieurs_etablissements"],
         "outside_partner": line["partenaire_exterieur"]},
        {"several_schools": "plusieurs_etablissements", "outside_partner": "partenaire_exterieur"},
    )  # fmt: skip


READERS: dict[str, Reader] = {"financements": funding_line, "enveloppes": envelope, "operations_fonds": operation}
