"""How is the co-financing of a campaign read, year beside year, stage beside stage?

From the facts of `tasks.cofinancing`: one HTML page that stands alone and prints, and the rows and the drawing that
the run's report shows too. Whatever people typed is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from notifications.documents import amount, share
from notifications.french import sentence, typeset
from notifications.pictures import Cluster, alternative, bars

STAGES = {"planned": "prévu", "notified": "notifié", "paid": "versé"}
SERIES = ("État", "Collectivités")
LEVELS = {"regions": "Par région", "departements": "Par département", "territories": "Par territoire"}
TOTAL = "all"
STYLE = Markup("""
body{font-family:"Open Sans",Arial,sans-serif;color:#111827;max-width:78rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;font-size:.85rem;width:100%}
caption{text-align:left;color:#374151;padding:.3rem 0}
th,td{border:1px solid #9ca3af;padding:.25rem .45rem;text-align:left;vertical-align:top}
thead th{background:#ecf0f5}td.n{text-align:right;white-space:nowrap}
tr.all>*{font-weight:bold}.scroll{overflow-x:auto}svg{max-width:100%;height:auto}
@page{size:A4 landscape;margin:12mm}@media print{body{margin:0}thead{display:table-header-group}tr{break-inside:avoid}}
""")
PAGE = Markup("""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {campaign}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{campaign}. Montants en euros, aux trois stades : prévu, notifié, versé.</p>
<h2>En mots</h2>
<ul>{said}</ul>
<h2>En image</h2>
<figure>{svg}</figure>
<h2>Ensemble</h2>
{nation}
{levels}
</main>
</body>
</html>
""")


def page(found: Mapping[str, Any]) -> str:
    """The whole page, in French."""
    title = f"Cofinancement {years_words(found)}"
    said = Markup("").join(Markup("<li>{}</li>").format(typeset(each)) for each in sentences(found))
    levels = Markup("").join(_level(found, level, heading) for level, heading in LEVELS.items())
    svg, _ = drawing(found)
    return str(
        PAGE.format(title=title, campaign=found["title"], style=STYLE, said=said,
                    svg=Markup(svg),  # noqa: S704 - drawn from numbers, its words escaped
                    nation=_nation(found), levels=levels)
    )  # fmt: skip


def sentences(found: Mapping[str, Any]) -> list[str]:
    """One sentence a year, and one for all of them: who brings more, as planned and as paid."""
    said = []
    for year, stages in found["nation"]["years"].items():
        when = f"En {year}" if year != TOTAL else f"Sur l’ensemble ({years_words(found)})"
        said.append(
            f"{when}, au stade prévu, {stages['planned']['words']} ; au stade versé, {stages['paid']['words']}."
        )
    return said


def drawing(found: Mapping[str, Any]) -> tuple[str, str]:
    """The State's and the local side by year and stage, as SVG; and the same in words."""
    clusters = [
        Cluster(group=year, name=words, amounts=(stages[stage]["state"], stages[stage]["local"]))
        for year, stages in found["nation"]["years"].items()
        if year != TOTAL
        for stage, words in STAGES.items()
    ]
    title = f"Cofinancement {years_words(found)}, État et collectivités"
    return bars(title, SERIES, clusters), alternative(title, SERIES, clusters)


def nation_rows(found: Mapping[str, Any]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Headers and rows of the whole: a row for each year and stage, the gap in words at the end."""
    headers = (
        "Année",
        "Stade",
        "État",
        "Collectivités",
        "Autres",
        "Écart",
        "Part locale",
        "Effet de levier",
        "En mots",
    )
    return headers, [
        (
            year_words(year), STAGES[stage], *(amount(side[name]) for name in ("state", "local", "other", "gap")),
            share(side["local_share"]), share(side["leverage"]), sentence(side["words"]),
        )
        for year, stages in found["nation"]["years"].items()
        for stage, side in stages.items()
    ]  # fmt: skip


def level_rows(found: Mapping[str, Any], level: str, years: Iterable[str]) -> list[tuple[str, str, *tuple[str, ...]]]:
    """Rows of one level: name, year, then State, local and gap at each stage."""
    return [
        (
            each["name"], year_words(year),
            *(amount(each["years"][year][stage][name]) for stage in STAGES for name in ("state", "local", "gap")),
        )
        for each in found[level]
        for year in years
    ]  # fmt: skip


LEVEL_HEADERS = tuple(f"{side}, {stage}" for stage in STAGES.values() for side in ("État", "Collectivités", "Écart"))


def years_words(found: Mapping[str, Any]) -> str:
    """« 2021-2023 », or the one year."""
    years = found["years"]
    if not years:
        return "sans année"
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else str(years[0])


def year_words(year: str) -> str:
    return "Ensemble" if year == TOTAL else year


def _nation(found: Mapping[str, Any]) -> Markup:
    headers, rows = nation_rows(found)
    return _table("Toute la campagne, par année et par stade", headers, rows, figures=range(2, 8), year_at=0)


def _level(found: Mapping[str, Any], level: str, heading: str) -> Markup:
    years = list(found["nation"]["years"])
    headers = ("Nom", "Année", *LEVEL_HEADERS)
    table = _table(
        f"{heading}, en euros", headers, level_rows(found, level, years), figures=range(2, len(headers)), year_at=1
    )
    return Markup("<h2>{}</h2>\n{}\n").format(heading, table)


def _table(
    caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]], *, figures: range, year_at: int
) -> Markup:
    head = Markup("").join(Markup("<th scope='col'>{}</th>").format(each) for each in headers)
    body = Markup("\n").join(
        Markup("<tr{}>{}</tr>").format(
            Markup(" class='all'") if row[year_at] == year_words(TOTAL) else "",
            Markup("").join(_cell(cell, number, number in figures) for number, cell in enumerate(row)),
        )
        for row in rows
    )
    return Markup(
        "<div class='scroll' tabindex='0' role='region' aria-label='{}'><table>\n<caption>{}</caption>\n"
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table></div>"
    ).format(caption, caption, head, body)


def _cell(text: str, number: int, figure: bool) -> Markup:
    if number == 0:
        return Markup("<th scope='row'>{}</th>").format(text)
    return (Markup("<td class='n'>{}</td>") if figure else Markup("<td>{}</td>")).format(text)
