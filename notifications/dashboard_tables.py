"""Which table stands behind each figure of a dashboard?

The same numbers, to be read aloud, copied, or looked up by name. A long table shows its first rows; the others wait in
the page for the script, and the reader is told how many there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from markupsafe import Markup

from models.rules.calendar import plain
from notifications import dashboard_counts as counted
from notifications.dashboard_figures import Sums, number, whole
from notifications.documents import clean
from notifications.french import UNBROKEN, count, listing, short_date, typeset

STAGES: Mapping[str, str] = {"planned": "prévu", "notified": "notifié", "paid": "versé"}
FATES: Mapping[str, str] = {"recue": "reçues", "refusee": "refusées", "retiree": "retirées", "absente": "manquantes"}
TOLD: Mapping[str, str] = {"sent": "partis", "waiting": "en attente d’envoi", "planned": "prévus"}
HOW: Mapping[str, str] = {"satisfied": "satisfaite", "awaited": "attendue", "late": "en retard",
                          "closed": "sans objet ou pas encore née"}  # fmt: skip
BOTH = [counted.money("planned", side) for side in ("state", "local")]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row: its cells, the place whose filter shows it (a département, a région, or everywhere), and its look."""

    cells: tuple[str | Markup, ...]
    departement: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table with its anchor and caption; `numbers` are the columns to the right."""

    anchor: str
    caption: str
    headers: tuple[str, ...]
    rows: Sequence[Row]
    numbers: frozenset[int] = frozenset()
    none: str = "Rien à montrer."
    long: bool = field(default=False)  # its rows are told apart, and shown some at a time


def sheets(facts: Mapping[str, Any], sums: Sums) -> list[Sheet]:
    """Every table, in the order of the figures."""
    titles = {each["obligation"]: each["title"] for each in facts["deadlines"]}
    return [
        _states(facts, sums),
        _territories(facts, titles),
        _late(facts, titles),
        _owed(facts, sums),
        _days(facts, sums),
        _deadlines(facts, sums),
        _pieces(facts, sums, titles),
        _money(facts, sums, "region"),
        _money(facts, sums, "departement"),
        _envelopes(facts, sums),
    ]


def drawn_sheet(sheet: Sheet, most: int) -> Markup:
    """The table as HTML, its first `most` rows shown."""
    if not sheet.rows:
        return Markup("<section class='sheet' id='{}'><h3>{}</h3><p>{}</p></section>").format(
            sheet.anchor, sheet.caption, sheet.none
        )
    head = Markup("").join(
        Markup("<th scope='col'{}>{}</th>").format(_side(place in sheet.numbers), typeset(words))
        for place, words in enumerate(sheet.headers)
    )
    shown, waiting = sheet.rows[:most], sheet.rows[most:]
    rest = Markup("")
    if sheet.long:
        said = whole(len(sheet.rows)) if not waiting else f"{whole(most)} premières sur {whole(len(sheet.rows))}"
        rest = Markup(
            "<p class='shown'><span data-shown>{}</span> <button type='button' data-more hidden>"
            "Afficher {} lignes de plus</button></p>"
        ).format(typeset(f"Lignes : {said}"), whole(most))
        if waiting:
            rest += Markup("<template>{}</template>").format(
                Markup("<table><tbody>{}</tbody></table>").format(_rows(sheet, waiting))
            )
    return Markup(
        "<section class='sheet' id='{0}'><h3>{1}<span data-where></span></h3>"
        "<div class='scroll' tabindex='0' role='region' aria-label='{2}'>"
        "<table{3}><caption class='aside'>{1}<span data-where></span></caption><thead><tr>{4}</tr></thead>"
        "<tbody>{5}</tbody></table></div>{6}</section>"
    ).format(
        sheet.anchor, typeset(sheet.caption), f"Tableau : {sheet.caption}",
        Markup(" data-rows='{}'").format(most) if sheet.long else "", head, _rows(sheet, shown), rest,
    )  # fmt: skip


def _rows(sheet: Sheet, rows: Iterable[Row]) -> Markup:
    return Markup("\n").join(_row(sheet, row) for row in rows)


def _row(sheet: Sheet, row: Row) -> Markup:
    where = Markup("")
    if row.departement:
        where = Markup(" data-d='{}'").format(row.departement)
    elif row.region:
        where = Markup(" data-r='{}'").format(row.region)
    cells = [Markup("<th scope='row'>{}</th>").format(row.cells[0])]
    cells += [
        Markup("<td{}>{}</td>").format(_side(place in sheet.numbers), cell)
        for place, cell in enumerate(row.cells[1:], start=1)
    ]
    return Markup("<tr{}>{}</tr>").format(where, Markup("").join(cells))


def _side(right: bool) -> Markup:
    return Markup(" class='n'") if right else Markup("")


def _states(facts: Mapping[str, Any], sums: Sums) -> Sheet:
    return Sheet(
        anchor="t-etats",
        caption="Territoires par état",
        headers=("État", "Phase", "Territoires", "Part"),
        numbers=frozenset({2, 3}),
        rows=[
            Row(cells=(
                each["title"], facts["phases"][each["phase"]], number(sums, [counted.in_state(each["state"])]),
                number(sums, [counted.in_state(each["state"])], over=[counted.TERRITORIES]),
            ))
            for each in facts["states"]
        ],
    )  # fmt: skip


def _territories(facts: Mapping[str, Any], titles: Mapping[str, str]) -> Sheet:
    states = {each["state"]: each["title"] for each in facts["states"]}
    places = {each["departement"]: each for each in facts["places"]}
    return Sheet(
        anchor="t-territoires",
        caption="Territoires",
        headers=("Territoire", "Département", "Région", "État", "Pièces manquantes", "Qui les doit",
                 "Échéance en cours", "Au plus tard", "En retard"),
        numbers=frozenset({4}),
        none="Cette campagne n’a pas encore de territoire.",
        long=True,
        rows=[
            Row(departement=each["departement"], cells=(
                clean(each["name"]), f"{places[each['departement']]['name']} ({each['departement']})",
                places[each["departement"]]["region_name"], states[each["state"]], whole(each["missing"]),
                listing([facts["roles"][role] for role in each["owed_by"]]),
                titles[each["next"]] if each["next"] else "—",
                _date(each["due"]) if each["due"] else "—",
                "oui" if each["late"] else "non",
            ))
            for each in facts["territories"]
        ],
    )  # fmt: skip


def _late(facts: Mapping[str, Any], titles: Mapping[str, str]) -> Sheet:
    return Sheet(
        anchor="t-retards",
        caption="Ce qui est en retard, et qui bloque",
        headers=("Territoire", "Échéance", "Due le", "Retard", "Qui doit combien de pièces"),
        none="Rien n’est en retard à cette date.",
        long=True,
        rows=[
            Row(departement=each["departement"], cells=(
                clean(each["name"]), titles[each["obligation"]], _date(each["due"]),
                typeset(count(each["days"], "jour")), _owners(facts, each["owners"]),
            ))
            for each in facts["late"]
        ],
    )  # fmt: skip


def _owners(facts: Mapping[str, Any], owners: Sequence[Mapping[str, Any]]) -> str:
    if not owners:
        return "aucune pièce : la suite de la convention est attendue"
    return " ; ".join(
        f"{facts['roles'][each['role']]}{UNBROKEN}: {whole(each['parts'])}"
        + ("" if each["reachable"] else " (aucun contact)")
        for each in owners
    )


def _owed(facts: Mapping[str, Any], sums: Sums) -> Sheet:
    return Sheet(
        anchor="t-roles",
        caption="Qui doit encore quelque chose",
        headers=("Rôle", "Territoires en retard", "Territoires dont l’échéance est à venir"),
        numbers=frozenset({1, 2}),
        none="Rien n’est attendu de personne à cette date.",
        rows=[
            Row(cells=(facts["roles"][role],
                       *(number(sums, [counted.owed_by(role, when)]) for when in ("late", "ahead"))))
            for role in owing(facts, sums)
        ],
    )  # fmt: skip


def owing(facts: Mapping[str, Any], sums: Sums) -> list[str]:
    """The roles that owe something somewhere, in the order of the programme."""
    return [role for role in facts["roles"] if sums.value([counted.owed_by(role, when) for when in ("late", "ahead")])]


def _date(day: str) -> str:
    """« 28 février 2021 », on one line."""
    return short_date(date.fromisoformat(day)).replace(" ", UNBROKEN)


def _days(facts: Mapping[str, Any], sums: Sums) -> Sheet:
    days = sorted({name.split(".")[1] for here in facts["counts"].values() for name in here if name.startswith("day.")})
    return Sheet(
        anchor="t-jours",
        caption="Avis par jour : partis, en attente, prévus",
        headers=("Jour", *(words.capitalize() for words in TOLD.values())),
        numbers=frozenset({1, 2, 3}),
        none="Aucun avis dans cette période.",
        rows=[
            Row(cells=(_date(day),
                       *(number(sums, [counted.on_day(day, what)]) for what in TOLD)))
            for day in days
        ],
    )  # fmt: skip


def _deadlines(facts: Mapping[str, Any], sums: Sums) -> Sheet:
    return Sheet(
        anchor="t-echeances",
        caption="Échéances",
        headers=("Échéance", "Date", *(f"Territoires : {words}" for words in HOW.values())),
        numbers=frozenset({2, 3, 4, 5}),
        rows=[
            Row(cells=(each["title"], _dues(each["dues"]),
                       *(number(sums, [counted.obligation(each["obligation"], how)]) for how in HOW)))
            for each in facts["deadlines"]
        ],
    )  # fmt: skip


def _dues(dues: Sequence[Mapping[str, Any]]) -> str:
    if not dues:
        return "pas encore fixée"
    return " ; ".join(
        _date(each["due"]) + (f" ({count(each['territories'], 'territoire')})" if len(dues) > 1 else "")
        for each in dues
    )


def _pieces(facts: Mapping[str, Any], sums: Sums, titles: Mapping[str, str]) -> Sheet:
    return Sheet(
        anchor="t-pieces",
        caption="Complétude par pièce",
        headers=("Pièce", "Échéance", "Qui la doit", *(words.capitalize() for words in FATES.values()), "Part reçue"),
        numbers=frozenset({3, 4, 5, 6, 7}),
        none="Aucune échéance ne court encore.",
        rows=[
            Row(cells=(
                piece_words(each), titles[each["obligation"]],
                listing([facts["roles"][role] for role in each["owners"]]),
                *(number(sums, [counted.piece(each["obligation"], each["requirement"], fate)]) for fate in FATES),
                number(sums, [counted.piece(each["obligation"], each["requirement"], "recue")],
                       over=[counted.piece(each["obligation"], each["requirement"], fate) for fate in FATES]),
            ))
            for each in facts["pieces"]
        ],
    )  # fmt: skip


def piece_words(piece: Mapping[str, Any]) -> str:
    """A requirement's title, and that it is only recommended."""
    title = clean(piece["title"])
    return title[:1].upper() + title[1:] + ("" if piece["required"] else " (recommandée)")


def _money(facts: Mapping[str, Any], sums: Sums, level: str) -> Sheet:
    by_region = level == "region"
    places = {each["region"] if by_region else each["departement"]: each for each in facts["places"]}
    names = {code: place["region_name"] if by_region else place["name"] for code, place in places.items()}
    rows = []
    for code, name in sorted(names.items(), key=lambda pair: plain(pair[1])) if facts["year"] else ():
        inside = sums.inside(code) if by_region else [code]
        cells: list[str | Markup] = [name if by_region else f"{name} ({code})"]
        for stage in STAGES:
            cells += [
                number(sums, [counted.money(stage, side)], written="euros", inside=inside) for side in counted.SIDES
            ]
        cells.append(number(sums, [counted.money("planned", "local")], over=BOTH, inside=inside))
        rows.append(Row(cells=tuple(cells), **({"region": code} if by_region else {"departement": code})))
    return Sheet(
        anchor=f"t-cofinancement-{level}",
        caption=f"Cofinancement {facts['year'] or ''}".strip() + f" par {'région' if by_region else 'département'}",
        headers=("Région" if by_region else "Département",
                 *(f"{side}, {stage}" for stage in STAGES.values() for side in ("État", "Collectivités", "Autres")),
                 "Part locale, prévu"),
        numbers=frozenset(range(1, 11)),
        none="Aucun financement n’est encore saisi.",
        rows=rows,
    )  # fmt: skip


def _envelopes(facts: Mapping[str, Any], sums: Sums) -> Sheet:
    names = {each["departement"]: each["name"] for each in facts["places"]}
    return Sheet(
        anchor="t-enveloppes",
        caption=f"Enveloppes déléguées {facts['year'] or ''}".strip(),
        headers=("Département", "Déléguée", "Subventions prévues", "Reste", "À regarder"),
        numbers=frozenset({1, 2, 3}),
        none="Aucune enveloppe n’est encore saisie.",
        rows=[
            Row(departement=code, cells=(
                f"{names[code]} ({code})",
                *(number(sums, [counted.envelope(what)], written="euros", inside=[code])
                  for what in ("delegated", "used", "left")),
                "enveloppe dépassée" if sums.value([counted.envelope("left")], [code]) < 0 else "",
            ))
            for code in with_envelope(sums)
        ],
    )  # fmt: skip


def with_envelope(sums: Sums) -> list[str]:
    """The départements to which an envelope is delegated."""
    return [code for code, here in sums.counts.items() if counted.envelope("delegated") in here]
