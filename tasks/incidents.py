"""What went wrong in a run of the engine itself, and who hears of it?

Prefect's automations start the flow « Alerte » with the id of a run; what happened is read from the server again,
since a run that was late may have begun meanwhile. The coordination hears of it once a deployment and hour, by a letter
posted whole. The alert never speaks of itself, nor of what the watch has already told.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from prefect import get_client, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    TaskRunFilter,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound

from models.queries import Directory, campaign_by_code, campaign_codes
from models.rules.calendar import local
from models.rules.digests import load_digests
from models.territory_queries import dossiers_asked
from models.watch_queries import people_of, posted_already
from notifications.french import short_date, time_of_day
from tasks.artifacts import key, plain, without_addresses
from tasks.database import reading, transaction
from tasks.posting import ToPost, letters_to, post_all, readers_of

# Deployments: one would tell of itself, one is told of by the pass that asked for it, one has told of its own failure.
ALERT, PART, WATCH = "Alerte", "Région", "Veille"
OUTCOMES = {StateType.FAILED: "failed", StateType.CRASHED: "crashed", StateType.SCHEDULED: "late"}
WORDS = {"failed": "a échoué", "crashed": "a été interrompu", "late": "n’a pas commencé à son heure"}
LATE = "Late"  # Prefect's name for a planned run whose time is past
PREFACE = "Flow run encountered an exception: "  # of every message of Prefect about an exception
PARIS = "Europe/Paris"
LONGEST_REASON = 300
NAMED_TASKS = 5


@task(task_run_name="ce qui s’est passé", cache_policy=NO_CACHE)
def what_happened(run: UUID) -> dict[str, Any]:
    """The facts of the letter about this run; {} when there is nothing to tell.

    `outcome` (failed, crashed, late), `deployment`, `run` (its name), `day` and `clock` (of Paris), `reason`.
    """
    with get_client(sync_client=True) as client:
        try:
            found = client.read_flow_run(run)
        except ObjectNotFound:  # a planned run, moved or taken back meanwhile
            return {}
        outcome = _outcome(found)
        if not outcome or found.state is None or found.deployment_id is None:
            return {}
        deployment = client.read_deployment(found.deployment_id).name
        if deployment in (ALERT, PART) or (deployment, outcome) == (WATCH, "failed"):
            return {}
        reason = "" if outcome == "late" else _reason(client, found)
    planned = found.expected_start_time if outcome == "late" else None
    when = local(planned or found.state.timestamp, PARIS)
    return {
        "outcome": outcome,
        "deployment": deployment,
        "run": found.name if found.start_time else deployment,  # before it starts, its name is Prefect's own
        "day": when.date().isoformat(),
        "clock": time_of_day(when),
        "reason": reason,
    }


@task(task_run_name="alerte · {found[deployment]}", cache_policy=NO_CACHE)
def tell(found: Mapping[str, Any], at: datetime) -> dict[str, int]:
    """Post the letter to whom no letter about this deployment was posted this hour; gives {"letters": how many}.

    Whoever holds the role in several campaigns gets one, in the name of the campaign that opened last.
    """
    new = 0
    for campaign in _latest_first():
        letters = _letters(campaign, found, at)
        if letters:
            with transaction() as session:
                row, _ = campaign_by_code(session, campaign)
                new += post_all(session, row, letters, deadline="incident", at=at)
    return {"letters": new}


@task(task_run_name="compte rendu", cache_policy=NO_CACHE)
def report_incident(found: Mapping[str, Any], letters: int) -> None:
    """Keep what went wrong, and whether it was told, as an artifact."""
    deployment = str(found["deployment"])
    create_markdown_artifact(
        incident_report(found, letters), key=key("alerte", deployment), description=f"Alerte · {deployment}"
    )


def incident_report(found: Mapping[str, Any], letters: int) -> str:
    """The Markdown of an alert."""
    told = (
        f"Lettres à la coordination : {letters}."
        if letters
        else "Aucune lettre : la coordination en a déjà reçu une cette heure-ci, ou n’a pas d’adresse."
    )
    day = short_date(date.fromisoformat(found["day"]))
    lines = (
        f"# {plain(found['deployment'])} {WORDS[found['outcome']]}",
        f"Passage « {plain(found['run'])} », le {day} à {found['clock']} (heure de Paris).",
        f"Raison : {plain(found['reason'])}." if found["reason"] else "",
        told,
        "Rien n’est perdu : le passage suivant rattrape. Que faire : docs/exploitation.md, « Un passage est rouge ».",
    )
    return "\n\n".join(filter(None, lines))


def _outcome(run: FlowRun) -> str:
    if run.state is None or (run.state.type == StateType.SCHEDULED and run.state.name != LATE):
        return ""
    return OUTCOMES.get(run.state.type, "")


def _reason(client: SyncPrefectClient, run: FlowRun) -> str:
    """The tasks that failed, by name; without any, what the run says of itself, cut and without addresses."""
    failed = client.read_task_runs(
        flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id])),
        task_run_filter=TaskRunFilter(
            state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.FAILED, StateType.CRASHED]))
        ),
    )
    names = sorted({each.name for each in failed})
    if names:
        return "en échec : " + ", ".join(names[:NAMED_TASKS]) + (" et d’autres" if len(names) > NAMED_TASKS else "")
    said = " ".join((run.state.message or "").split()).removeprefix(PREFACE) if run.state else ""
    return without_addresses(said)[:LONGEST_REASON].rstrip(" .")


def _latest_first() -> list[str]:
    with reading() as session:
        found = [campaign_by_code(session, code) for code in campaign_codes(session)]
        return [row.code for row, programme in sorted(found, key=lambda each: each[1].opens, reverse=True)]


def _letters(campaign: str, found: Mapping[str, Any], at: datetime) -> list[ToPost]:
    with reading() as session:
        row, programme = campaign_by_code(session, campaign)
        assert row.id is not None
        said = load_digests(programme.edition)
        directory, people = Directory(session, row.id, programme), people_of(session, row.id)
        letters = letters_to(
            readers_of(directory, people, dossiers_asked(session, row.id, row.code), said.incident.to),
            said.incident.letter,
            found,
            occasion=f"{key(found['deployment'])}:{said.incident.occasion(at):%Y-%m-%dT%H}",
            departements=(said.seat,),
        )
        return [each for each in letters if not posted_already(session, each.key)]
