"""What do the review, the mandates and those who block look like beside a run?

French Markdown, as in `tasks.artifacts`: roles and functions are named, never an address; of persons, only the holders
of mandates, which are public acts. Whatever people typed is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.rules.calendar import local
from notifications.french import count, short_date, typeset
from tasks.artifacts import key, obligation_words, plain, step_words, table
from models.rules.programme import Programme


@task(task_run_name="instruction des candidatures", cache_policy=NO_CACHE)
def report_review(found: Mapping[str, Any]) -> None:
    """Keep what lies before the ministers, as `tasks.review.review` gives it."""
    _keep(found, "instruction", "Instruction", review_report(found))


@task(task_run_name="mandats et gouvernance", cache_policy=NO_CACHE)
def report_governance(found: Mapping[str, Any]) -> None:
    """Keep what there is to see to in mandates, as `tasks.governance.governance` gives it."""
    _keep(found, "gouvernance", "Gouvernance", governance_report(found))


@task(task_run_name="qui bloque", cache_policy=NO_CACHE)
def report_blockers(found: Mapping[str, Any]) -> None:
    """Keep who blocks, as `tasks.blockers.who_blocks` gives it, less the persons and their addresses."""
    _keep(found, "blocages", "Qui bloque", blockers_report(found))


def _keep(found: Mapping[str, Any], name: str, title: str, report: str) -> None:
    create_markdown_artifact(
        report, key=key(name, found["campaign"]), description=f"{title} · campagne {found['campaign']}"
    )
