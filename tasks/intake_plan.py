"""What do the tables of an action plan and of its results say: commitments, actions, indicators, measures?"""

from collections.abc import Iterator
from difflib import get_close_matches

from models.life_tables import Commitment, Indicator, Measure, PlannedAction
from models.rules.action_plan import plan_grammar
from models.rules.indicators import indicator_grammar
from tasks.intake_lines import Line, Lines, Reader
from tasks.upsert import Shape, Wanted

SHAPES = (
    Shape(
        subject="engagements", model=Commitment, identity=("partner", "nature", "year", "label"),
        correctable=("quantity", "amount"), ranked=True,
    ),
    Shape(
        subject="actions", model=PlannedAction, identity=("axis", "title", "first_year"),
        correctable=("carrier", "last_year", "cost", "is_new", "several_schools", "outside_partner"), ranked=True,
    ),
    Shape(
        subject="indicateurs", model=Indicator, identity=("code",),
        correctable=("title", "kind", "topic", "unit", "source", "baseline", "baseline_year", "target", "target_year"),
    ),
    Shape(subject="mesures", model=Measure, identity=("indicator", "year"), correctable=("value",)),
)  # fmt: skip


def commitment(lines: Lines, line: Line) -> Iterator[Wanted]:
    """What one partner commits to bring."""
    territory, _ = lines.territory_of(line)
    nature = lines.named(line, "nature", plan_grammar(lines.programme.edition).nature)
    yield lines.wanted(
        line, territory,
        {"partner": line["partenaire"], "nature": nature, "year": line["annee"], "label": line["libelle"],
         "quantity": line["quantite"], "amount": line["montant"]},
        {"quantity": "quantite", "amount": "montant"},
    )  # fmt: skip


def action(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One action under its axis."""
    territory, _ = lines.territory_of(line)
    axis = lines.named(line, "axe", lines.references.axis)
    if line["derniere_annee"] and line["derniere_annee"] < line["premiere_annee"]:
        lines.refuse(
            line, "derniere_annee", f"l’action finirait avant de commencer ({line['premiere_annee']})",
            "remettre les deux années dans l’ordre",
        )  # fmt: skip
    yield lines.wanted(
        line, territory,
        {"axis": axis, "title": line["intitule"], "first_year": line["premiere_annee"], "carrier": line["porteur"],
         "last_year": line["derniere_annee"], "cost": line["cout"], "is_new": line["nouvelle"],
         "several_schools": line["plusieurs_etablissements"], "outside_partner": line["partenaire_exterieur"]},
        {"carrier": "porteur", "last_year": "derniere_annee", "cost": "cout", "is_new": "nouvelle",
         "several_schools": "plusieurs_etablissements", "outside_partner": "partenaire_exterieur"},
    )  # fmt: skip


def indicator(lines: Lines, line: Line) -> Iterator[Wanted]:
    """What one territory measures."""
    territory, _ = lines.territory_of(line)
    topic = line["domaine"] and lines.named(line, "domaine", indicator_grammar(lines.programme.edition).topic)
    yield lines.wanted(
        line, territory,
        {"code": line["indicateur"], "title": line["intitule"], "kind": line["nature"], "topic": topic,
         "unit": line["unite"], "source": line["source"], "baseline": line["reference"],
         "baseline_year": line["annee_reference"], "target": line["cible"], "target_year": line["annee_cible"]},
        {"title": "intitule", "kind": "nature", "topic": "domaine", "unit": "unite", "source": "source",
         "baseline": "reference", "baseline_year": "annee_reference", "target": "cible", "target_year": "annee_cible"},
    )  # fmt: skip


def measure(lines: Lines, line: Line) -> Iterator[Wanted]:
    """One year's value of an indicator that the files or the campaign declare."""
    territory, _ = lines.territory_of(line)
    if territory and line["indicateur"] and (territory, line["indicateur"]) not in lines.indicators:
        declared = [code for place, code in sorted(lines.indicators) if place == territory]
        near = get_close_matches(line["indicateur"], declared, n=1)
        lines.refuse(
            line, "indicateur", "ce territoire ne déclare pas cet indicateur",
            (f"écrire peut-être « {near[0]} », ou " if near else "") + "l’ajouter au tableau indicateurs",
        )  # fmt: skip
    yield lines.wanted(
        line, territory,
        {"indicator": line["indicateur"], "year": line["annee"], "value": line["valeur"]},
        {"value": "valeur"},
    )  # fmt: skip


READERS: dict[str, Reader] = {
    "engagements": commitment, "actions": action, "indicateurs": indicator, "mesures": measure,
}  # fmt: skip
