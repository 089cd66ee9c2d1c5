"""How does a pass leave the campaign's dashboard up to date behind it?

A page that cannot be written warns and changes nothing else: what a pass decides and sends does not depend on it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from models.queries import campaign_by_code, count_territories
from models.report_queries import run_seen
from models.rules.calendar import local
from models.rules.view import load_view
from notifications.french import MAINLAND, short_date, time_of_day
from tasks.artifacts import key, plain
from tasks.dashboard import dashboard_file, dashboard_link, write_dashboard
from tasks.database import reading

CHANGES = ("decided", "superseded", "missed", "cancelled", "unreachable", "state_changes")


def leave_dashboard(campaign: str, at: datetime, runs: Sequence[int], *, unless_quiet: bool) -> None:
    """Draw the campaign's dashboard once its runs are over; a failure is a warning, here and in the artifact.

    `unless_quiet`: runs that changed nothing leave a page of the same day as it is.
    """
    drawn = draw_dashboard(campaign, at, list(runs), unless_quiet=unless_quiet, return_state=True)
    if drawn.is_completed():
        return
    get_run_logger().warning("The dashboard of campaign %s could not be written; nothing else is affected.", campaign)
    _keep(
        campaign,
        f"**Le tableau de bord n’a pas pu être écrit** au passage du {_instant(at)}. La page précédente, s’il y en a "
        "une, est restée ; le passage lui-même n’en dépend pas. La raison est dans le journal de la tâche.",
    )


@task(task_run_name="tableau de bord", cache_policy=NO_CACHE)
def draw_dashboard(campaign: str, at: datetime, runs: list[int], *, unless_quiet: bool) -> bool:
    """Write the page of a campaign and keep where it is; gives whether there was something to write."""
    file = dashboard_file(campaign)
    with reading() as session:
        row, _ = campaign_by_code(session, campaign)
        assert row.id is not None
        territories = count_territories(session, row.id)
        quiet = not any(run_seen(session, each).figures.get(name) for each in runs for name in CHANGES)
    if unless_quiet and quiet and _is_of_the_day(file, at):
        return False
    if territories > load_view().drawn_by_passes_up_to:
        _keep(
            campaign,
            f"La campagne compte {territories} territoires : son tableau de bord se dessine à la demande, par "
            f"`cites dashboard --campaign {campaign} --to tableau.html`.",
        )
        return False
    write_dashboard(campaign, at, file)
    _keep(campaign, f"{dashboard_link(campaign)}, au {_instant(at)}.")
    return True


def _keep(campaign: str, words: str) -> None:
    create_markdown_artifact(
        f"# Tableau de bord · campagne {plain(campaign)}\n\n{words}",
        key=key("tableau-de-bord", campaign),
        description=f"Tableau de bord · campagne {campaign}",
    )


def _is_of_the_day(file: Path, at: datetime) -> bool:
    """Whether the page there speaks of the day of `at`, and not of a later moment: its own date says so."""
    if not file.exists():
        return False
    drawn = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return drawn <= at and local(drawn, MAINLAND).date() == local(at, MAINLAND).date()


def _instant(at: datetime) -> str:
    there = local(at, MAINLAND)
    return f"{short_date(there.date())} à {time_of_day(there)} (heure de Paris)"
