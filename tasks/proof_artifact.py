"""How does the « preuve de relance » of a territory look beside a run?

French Markdown, as in `tasks.artifacts`: roles alone, never an address. Short tables one after another, because a long
one would be cut.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from notifications.french import MONTHS, clock
from notifications.history_page import DEADLINE_HEADERS, HEADERS, Told, by_deadline, in_short, told
from tasks.artifacts import ROWS, key, plain, table


@task(task_run_name="preuve de relance", cache_policy=NO_CACHE)
def report_history(found: Mapping[str, Any]) -> None:
    """Keep what `tasks.history.history` gives of a territory."""
    create_markdown_artifact(
        history_report(found),
        key=key("preuve", found["campaign"], found["territory"]),
        description=f"Preuve de relance · {found['name']} · campagne {found['campaign']}",
    )


def history_report(found: Mapping[str, Any]) -> str:
    """The Markdown of a territory's history: in short, by deadline, then every fact in order, month by month."""
    record = found["record"]
    return "\n\n".join(
        (
            f"# Preuve de relance · {plain(found['name'])} · campagne {plain(found['campaign'])}",
            f"Les heures sont celles {clock(found['zone']) or 'de Paris'}.",
            "\n".join(f"* {plain(each)}" for each in in_short(found)),
            "## Échéance par échéance",
            table(DEADLINE_HEADERS, by_deadline(found), none="Aucune lettre n’a encore été décidée."),
            *_by_month(told(found, addresses=False)),
            f"Registre : {record['events']} événements, empreinte du dernier `{record['hash']}`.",
        )
    )


def _by_month(rows: list[Told]) -> Iterator[str]:
    for month in dict.fromkeys((each.at.year, each.at.month) for each in rows):
        own = [each for each in rows if (each.at.year, each.at.month) == month]
        yield f"## {MONTHS[month[1] - 1].capitalize()} {month[0]}"
        for start in range(0, len(own), ROWS):
            yield table(
                HEADERS,
                [
                    (f"{each.at:%d/%m/%Y %H:%M}", each.what, " ; ".join(each.said), each.why)
                    for each in own[start : start + ROWS]
                ],
                none="",
            )
