"""How is the co-financing of a campaign read, year beside year, stage beside stage?

From the facts of `tasks.cofinancing`: one HTML page that stands alone and prints, and the rows and the drawing that
the run's report shows too. Whatever people typed is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from notifications import pages
from notifications.documents import amount, share
from notifications.french import listing, sentence, typeset
from notifications.pictures import Cluster, alternative, bars

STAGES = {"planned": "prévu", "notified": "notifié", "paid": "versé"}
SERIES = ("État", "Collectivités")
LEVELS = {"regions": "Par région", "departements": "Par département", "territories": "Par territoire"}
TOTAL = "all"
ENVELOPE_HEADERS = ("Département", "Année", "Enveloppe", *(f"Reste, {stage}" for stage in STAGES.values()))
FINDING_HEADERS = ("Où", "Année", "Stade", "En clair")


def page(found: Mapping[str, Any]) -> str:
    """The whole page, in French."""
    title = f"Cofinancement {years_words(found)}"
    svg, _ = drawing(found)
    body = Markup("\n").join(
        (
            Markup("<h1>{}</h1>").format(title),
            pages.paragraph(f"{found['title']}. Montants en euros, aux trois stades : prévu, notifié, versé."),
            pages.section("En mots", pages.items(typeset(each) for each in sentences(found))),
            pages.section("En image", Markup("<figure>{}</figure>").format(Markup(svg))),  # noqa: S704 - drawn from numbers, its words escaped
            pages.section("Ensemble", _nation(found)),
            pages.section(
                "À regarder",
                pages.table("Ce qu’il y a à regarder", FINDING_HEADERS, finding_rows(found), none="Rien à signaler."),
            ),
            pages.section(
                "Enveloppes déléguées aux départements",
                pages.table(
                    "Ce qui reste de chaque enveloppe, une fois les subventions retirées",
                    ENVELOPE_HEADERS,
                    envelope_rows(found),
                    none="Aucune enveloppe n’est inscrite.",
                    figures=range(2, 6),
                ),
            ),
            *(pages.section(heading, _level(found, level, heading)) for level, heading in LEVELS.items()),
        )
    )
    return pages.page(f"{title} · {found['title']}", body)


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


def envelope_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each département and year that has an envelope: it, and what is left of it at each stage."""
    return [
        (each["name"], year_words(year), amount(stages["planned"]["envelope"]),
         *(amount(stages[stage]["envelope_left"]) for stage in STAGES))
        for each in found["departements"]
        for year, stages in each["years"].items()
        if stages["planned"]["envelope"] is not None
    ]  # fmt: skip


def finding_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each thing to look at: where, which year, at which stages, in words; the same at several is one."""
    stages_of: dict[tuple[str, str, str], list[str]] = {}
    for level in LEVELS:
        for each in found[level]:
            for year, stages in each["years"].items():
                for stage, side in stages.items():
                    for finding in side["findings"]:
                        stages_of.setdefault((each["name"], year, finding["text"]), []).append(STAGES[stage])
    return [
        (name, year, listing(list(dict.fromkeys(stages))), text) for (name, year, text), stages in stages_of.items()
    ]


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
    headers = ("Nom", "Année", *LEVEL_HEADERS)
    rows = level_rows(found, level, list(found["nation"]["years"]))
    return _table(f"{heading}, en euros", headers, rows, figures=range(2, len(headers)), year_at=1)


def _table(
    caption: str, headers: Sequence[str], rows: Sequence[Sequence[str]], *, figures: range, year_at: int
) -> Markup:
    whole = [number for number, row in enumerate(rows) if row[year_at] == year_words(TOTAL)]
    return pages.table(caption, headers, rows, none="Aucun financement.", figures=figures, strong=whole)
