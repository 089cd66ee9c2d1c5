"""How is the action plan of a cité read: who brings what, which action under which axis, with which money?

From the facts of `tasks.action_plan`, the blocks of one document. E-mail addresses that people typed are not shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.rules.amounts import euros
from models.rules.calendar import local
from notifications.documents import Block, Grid, Heading, Paper, Paragraph, amount, clean, counted
from notifications.french import MAINLAND, count, sentence, short_date

KINDS = {"numeraire": "numéraire", "valorisation": "valorisation"}
NOTHING = "—"


def plan_paper(
    found: Mapping[str, Any], headers: Sequence[str], summary: Sequence[Sequence[str]], at: datetime
) -> Paper:
    """The document of a campaign's action plans, or of the one territory that was asked for, as of `at`."""
    day = short_date(local(at, MAINLAND).date())
    plans = found["territories"]
    blocks: list[Block] = []
    if len(plans) != 1:
        blocks += [
            Heading(text="Vue d’ensemble"),
            Grid(headers=tuple(headers), rows=tuple(tuple(row) for row in summary), widths=(5, 2, 2, 2, 2),
                 to_the_right=frozenset({1, 2, 3, 4})) if summary else Paragraph(text="Aucun territoire labellisé."),
        ]  # fmt: skip
    for each in plans:
        blocks += _territory(each, alone=len(plans) == 1)
    blocks += [
        Heading(text="Comment ces tableaux sont établis"),
        counted([f"{sentence(each)}." for each in found["assumptions"]], ""),
    ]
    return Paper(
        title="Programmes d’action" if len(plans) != 1 else f"Programme d’action · {clean(plans[0]['name'])}",
        subtitle=f"{found['title']} · au {day}",
        footer=f"{found['title']}, programmes d’action au {day}. Montants en euros, au stade prévu.",
        blocks=tuple(blocks),
        made_at=at,
    )


def _territory(plan: Mapping[str, Any], *, alone: bool) -> Iterable[Block]:
    level = 1 if alone else 2
    if not alone:
        yield Heading(text=clean(plan["name"]))
    rows = [(nature, each) for nature in plan["commitments"] for each in nature["rows"]]
    actions = [each for objective in plan["objectives"] for axis in objective["axes"] for each in axis["actions"]]
    yield Heading(text="Engagements des partenaires", level=level)
    yield _natures(plan["commitments"])
    if rows:
        yield _commitments(rows)
    if actions:
        yield Heading(text="Actions par axe", level=level)
        yield _axes(plan["objectives"])
    else:
        yield Paragraph(text="Aucune action n’est inscrite.")
    if actions or rows:
        yield Heading(text="Coût des actions et financements prévus, par année", level=level)
        yield from _years(plan)
    if plan["funders"] and rows:
        yield Heading(text="Engagements chiffrés et lignes de financement, par financeur", level=level)
        yield _funders(plan["funders"])
    yield Heading(text="À regarder", level=level)
    yield counted([clean(each["text"]) for each in plan["findings"]], "Rien à signaler.")


def _natures(natures: Sequence[Mapping[str, Any]]) -> Grid:
    return Grid(
        headers=("Nature", "Pièce", "Engagements", "Montant"),
        rows=tuple(
            (
                nature["title"].capitalize(),
                "reçue" if nature["received"] else "non reçue",
                str(nature["count"]),
                _money(nature["amount"]),
            )
            for nature in natures
        ),
        widths=(4, 3, 2, 3),
        to_the_right=frozenset({2, 3}),
    )


def _commitments(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Grid:
    """One line for what a partner brings, its amounts by year; the last column is for the whole convention."""
    years = sorted({each["year"] for _, each in rows if each["year"]})
    columns = [*years, *([None] if any(not each["year"] for _, each in rows) else [])]
    lines: dict[tuple[str, str, str], dict[int | None, int]] = {}
    for nature, each in rows:
        said = " · ".join(filter(None, (clean(each["label"]), clean(each["quantity"])))) or NOTHING
        partner = clean(each["partner"]) + ("" if each["kind"] else " (non rattaché)")
        amounts = lines.setdefault((nature["title"].capitalize(), partner, said), {})
        amounts[each["year"]] = amounts.get(each["year"], 0) + each["amount"]
    return Grid(
        headers=("Nature", "Partenaire", "Engagement", *(str(year or "Convention") for year in columns)),
        rows=tuple((*line, *(_pledged(amounts.get(year)) for year in columns)) for line, amounts in lines.items()),
        widths=(3, 4, 5, *(3,) * len(columns)),
        to_the_right=frozenset(range(3, 3 + len(columns))),
    )


def _pledged(cents: int | None) -> str:
    """An amount; « oui » for what is pledged without one."""
    return "" if cents is None else euros(cents) if cents else "oui"


def _axes(objectives: Sequence[Mapping[str, Any]]) -> Grid:
    rows: list[tuple[str, ...]] = []
    bold = set()
    for objective in objectives:
        bold.add(len(rows))
        own = [each for axis in objective["axes"] for each in axis["actions"]]
        rows.append(
            (f"Objectif {objective['objective']} · {objective['title']}", _number(own), "", "",
             _money(sum(axis["cost"] for axis in objective["axes"])))
        )  # fmt: skip
        for axis in objective["axes"]:
            name = f"{axis['axis']} {axis['title']}"
            rows += [
                (name if not place else "", _action(each), clean(each["carrier"]) or "à préciser", _span(each),
                 _money(each["cost"]))
                for place, each in enumerate(axis["actions"])
            ] or [(name, NOTHING, "", "", "")]  # fmt: skip
    return Grid(
        headers=("Axe", "Action", "Porteur", "Années", "Coût"),
        rows=tuple(rows),
        widths=(5, 6, 4, 2, 3),
        to_the_right=frozenset({4}),
        bold=frozenset(bold),
    )


def _number(actions: Sequence[Mapping[str, Any]]) -> str:
    """« 3 actions, dont 2 nouvelles »: what is new, and what makes an existing measure stronger (E135)."""
    new = sum(each["new"] for each in actions)
    return count(len(actions), "action") + (f", dont {count(new, 'nouvelle')}" if new else "")


def _action(action: Mapping[str, Any]) -> str:
    signs = [
        words
        for name, words in (
            ("new", "nouvelle"),
            ("several_schools", "plusieurs établissements"),
            ("outside_partner", "partenaire extérieur"),
        )
        if action[name]
    ]
    return clean(action["title"]) + (f" ({', '.join(signs)})" if signs else "")


def _span(action: Mapping[str, Any]) -> str:
    first, last = action["first_year"], action["last_year"]
    if not first:
        return "à préciser"
    return str(first) if first == last else f"{first}-{last}"


def _years(plan: Mapping[str, Any]) -> Iterable[Block]:
    if plan["financing"]:
        yield Grid(
            headers=("Année", "Coût des actions", "Numéraire", "Valorisation", "Droit commun", "Numéraire − coût"),
            rows=tuple(
                (
                    str(each["year"]),
                    *(amount(each[name]) for name in ("cost", "cash", "in_kind", "common_law", "difference")),
                )
                for each in plan["financing"]
            ),
            widths=(2, 3, 3, 3, 3, 3),
            to_the_right=frozenset(range(1, 6)),
        )
    else:
        yield Paragraph(text="Aucune action datée et aucun financement prévu.")
    if plan["undated_cost"]:
        yield Paragraph(text=f"Actions sans année : {amount(plan['undated_cost'])}, comptés dans aucune.")


def _funders(funders: Sequence[Mapping[str, Any]]) -> Grid:
    return Grid(
        headers=("Financeur", "Sous forme de", "Engagements", "Financements prévus", "Différence"),
        rows=tuple(
            (
                each["title"],
                KINDS[each["kind"]],
                amount(sum(each["committed"].values())),
                amount(sum(each["planned"].values())),
                amount(each["difference"]),
            )
            for each in funders
        ),
        widths=(5, 2, 3, 3, 3),
        to_the_right=frozenset({2, 3, 4}),
    )


def _money(cents: int) -> str:
    return amount(cents) if cents else NOTHING
