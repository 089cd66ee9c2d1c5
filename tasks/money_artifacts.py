"""What does the co-financing of a campaign's years look like beside a run?

French Markdown, as in `tasks.artifacts`. The drawing is an image that carries its own data: the server's page shows no
drawing that is written into the text.
"""

from collections.abc import Mapping
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from notifications.cofinancing_page import (
    ENVELOPE_HEADERS,
    FINDING_HEADERS,
    LEVEL_HEADERS,
    TOTAL,
    drawing,
    envelope_rows,
    finding_rows,
    level_rows,
    nation_rows,
    sentences,
    years_words,
)
from notifications.pictures import as_markdown
from tasks.artifacts import key, plain, table

BEFORE = "paid_before_convention"


@task(task_run_name="cofinancement sur la durée de la convention", cache_policy=NO_CACHE)
def report_cofinancing(found: Mapping[str, Any], conventions: Mapping[str, Any]) -> None:
    """Keep a campaign's co-financing over its years; `conventions` tells what was paid before any was signed."""
    create_markdown_artifact(
        cofinancing_report(found, conventions),
        key=key("cofinancement", found["campaign"], "convention"),
        description=f"Cofinancement {years_words(found)} · campagne {found['campaign']}",
    )


def cofinancing_report(found: Mapping[str, Any], conventions: Mapping[str, Any]) -> str:
    """The Markdown of a campaign's co-financing: in words, in a drawing, then the tables and what to look at."""
    headers, rows = nation_rows(found)
    level_headers = ("", "Année", *LEVEL_HEADERS)
    years = list(found["nation"]["years"])
    before = [
        (each["name"], finding["text"])
        for each in conventions["territories"]
        for finding in each["findings"]
        if finding["code"] == BEFORE
    ]
    return "\n\n".join(
        (
            f"# Cofinancement {years_words(found)} · campagne {plain(found['campaign'])}",
            "\n".join(f"* {plain(each)}" for each in sentences(found)),
            as_markdown(*drawing(found)),
            "## Ensemble",
            table(headers, rows, none="Aucun financement."),
            "## Versé avant la convention",
            table(("Territoire", "Constat"), before, none="Rien à signaler."),
            "## À regarder",
            table(FINDING_HEADERS, finding_rows(found), none="Rien à signaler."),
            "## Enveloppes déléguées aux départements",
            table(ENVELOPE_HEADERS, envelope_rows(found), none="Aucune enveloppe n’est inscrite."),
            "## Par région",
            table(level_headers, level_rows(found, "regions", years), none="Aucune."),
            "## Par territoire, toutes années ensemble",
            table(level_headers, level_rows(found, "territories", [TOTAL]), none="Aucun."),
        )
    )
