"""Which runs does Prefect hold ready for a campaign?

One planned run for each instant at which a step takes effect in some zone. The hourly pass would find the same
letters by itself: these runs make them leave on time and show the year to come. Planning twice changes nothing; after
a date has moved, the runs that are no longer wanted are taken away. Runs of other campaigns are never touched.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL
from prefect.states import Scheduled

from tasks.planning import Moment, moments

DEADLINE_TAG, ANY_DEADLINE = "echeance:", "echeance:*"
PAGE = 200  # the most the API gives at once


class NothingToPlanOn(Exception):
    """There is no server to plan runs on, or it does not know our deployments; says the cure."""


def schedule_campaign(code: str, *, from_day: date | None, at: datetime) -> dict[str, Any]:
    """Put the campaign's instants after `at` (and from `from_day` on) on the deployments; earlier runs are left alone.

    Gives {"planned", "kept", "removed"}: numbers of runs, and {"next"}: the first instant to come, or None.
    Raises NothingToPlanOn.
    """
    if not PREFECT_API_URL.value():
        raise NothingToPlanOn("no running engine to plan on: start it with `cites up`, then plan again")
    start = max(at, datetime.combine(from_day, time(), UTC)) if from_day else at
    wanted = {_key(code, moment): moment for moment in moments(code, from_day, at) if moment.at > at}
    with get_client(sync_client=True) as client:
        deployments = _deployments(client)
        there = {str(run.idempotency_key): run for run in _planned_runs(client, code, after=start)}
        right = {key for key, run in there.items() if key in wanted and run.name == wanted[key].label}
        removed = [run for key, run in there.items() if key not in right]
        for run in removed:  # an instant that a moved date gave to another step is planned anew, under its true name
            client.delete_flow_run(run.id)
        missing = [key for key in wanted if key not in right]
        for key in missing:
            _plan(client, deployments, code, key, wanted[key])
    return {
        "planned": len(missing),
        "kept": len(wanted) - len(missing),
        "removed": len(removed),
        "next": min((moment.at for moment in wanted.values()), default=None),
    }


def _key(code: str, moment: Moment) -> str:
    return f"{code}/{moment.deadline}/{moment.at.astimezone(UTC).isoformat()}"


def _plan(client: SyncPrefectClient, deployments: dict[str, UUID], code: str, key: str, moment: Moment) -> None:
    tag = DEADLINE_TAG + moment.deadline
    passage: dict[str, Any] = {"campaign": code, "step": moment.label}
    if tag not in deployments:
        tag, passage = ANY_DEADLINE, passage | {"deadline": moment.deadline}
    client.create_flow_run_from_deployment(
        deployments[tag],
        parameters={"passage": passage},
        state=Scheduled(scheduled_time=moment.at),
        name=moment.label,
        tags=[f"campagne:{code}"],
        idempotency_key=key,
    )


def _deployments(client: SyncPrefectClient) -> dict[str, UUID]:
    found = {
        tag: deployment.id
        for deployment in client.read_deployments()
        for tag in deployment.tags
        if tag.startswith(DEADLINE_TAG)
    }
    if ANY_DEADLINE not in found:
        raise NothingToPlanOn(
            "the server does not know the engine's deployments: `cites up` registers them (or `prefect deploy --all`)"
        )
    return found


def _planned_runs(client: SyncPrefectClient, code: str, *, after: datetime) -> Iterator[FlowRun]:
    """The campaign's runs that wait for an instant after `after`; one that is late is left to its worker."""
    asked = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[f"campagne:{code}"]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
    )
    offset = 0
    while page := client.read_flow_runs(flow_run_filter=asked, limit=PAGE, offset=offset):
        for run in page:
            planned = run.expected_start_time
            if run.idempotency_key and planned and planned.timestamp() > after.timestamp():
                yield run
        offset += PAGE
