"""How is a pass cut over several workers, and who decides what none of them does?

With `CITES_PARTITIONS=workers` a pass asks for one run a région, which any worker of the pool takes, on any machine;
the tables, the keys and the figures are those of a pass in one process. What no worker takes in time, or ends badly,
the pass decides itself: to decide twice writes once, so a pool with no free place makes a pass slower, never stuck.
"""

import json
from time import monotonic, sleep
from typing import Any

from prefect import flow, get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed
from pydantic import BaseModel, ConfigDict, Field

from tasks.reminders import decide

DEPLOYMENT = "Région/Région"
A_PLACE = 45.0  # seconds that a région waits for a worker before the pass decides it
ITS_WORK = 600.0  # seconds after which a région that a worker took is thought lost: the largest takes a few
BETWEEN_LOOKS = 0.5


class Part(BaseModel):
    """One région of one pass."""

    model_config = ConfigDict(
        extra="forbid",
        title="Région",
        json_schema_extra={"description": "Demandé par un passage, jamais à la main ; il rassemble les lettres."},
    )

    run_id: int = Field(title="Passage", description="Le numéro du passage qui le demande.")
    region: str = Field(title="Code de la région", description="Par exemple 32.")
    zones: list[str] = Field(
        default_factory=list, title="Fuseaux horaires", description="Ceux du passage. Vide : tous."
    )


@flow(
    name="Région",
    flow_run_name="Région {part.region} · passage {part.run_id}",
    description="La part d’une région dans un passage, sur l’exécutant qui a de la place.",
)
def region(part: Part) -> State[Any]:
    figures = decide(part.run_id, part.region, part.zones or None)
    return Completed(message=json.dumps(figures))  # read by the pass: results stay on the machine that made them


def decide_on_workers(
    run_id: int, regions: list[str], zones: list[str] | None
) -> tuple[list[dict[str, int]], list[Any]]:
    """Have each région decided by whichever worker is free: their figures, and the states of those decided here."""
    with get_client(sync_client=True) as client:
        asked = _ask(client, run_id, regions, zones)
        figures, failed, waiting = _await(client, asked)
        for each, region in waiting.items():
            client.set_flow_run_state(each, Cancelled(message=f"Le passage a décidé la région {region}."))
    undone = [each for each in regions if each not in asked.values() or each in failed or each in waiting.values()]
    here = [decide(run_id, region, zones, return_state=True) for region in undone]
    return figures + [state.result() for state in here if state.is_completed()], here


def _ask(client: SyncPrefectClient, run_id: int, regions: list[str], zones: list[str] | None) -> dict[Any, str]:
    """The runs asked for, by id; none when the server knows no such deployment, as that of a single command."""
    try:
        client.read_deployment_by_name(DEPLOYMENT)
    except ObjectNotFound:
        return {}
    asked: dict[Any, str] = {}
    for region in regions:
        parameters = {"part": Part(run_id=run_id, region=region, zones=zones or []).model_dump()}
        run: Any = run_deployment(  # its type is also a coroutine's, which it never is here
            DEPLOYMENT,
            parameters=parameters,
            flow_run_name=f"Région {region} · passage {run_id}",
            timeout=0,
            idempotency_key=f"{flow_run.id}:{run_id}:{region}",  # our runs are numbered anew in a restored database
        )
        asked[run.id] = region
    return asked


def _await(client: SyncPrefectClient, asked: dict[Any, str]) -> tuple[list[dict[str, int]], list[str], dict[Any, str]]:
    """The figures of the runs that end well, the régions of those that end badly, and those not taken, or lost."""
    figures: list[dict[str, int]] = []
    failed: list[str] = []
    waiting = dict(asked)
    begun = last = monotonic()
    while waiting and monotonic() - begun < ITS_WORK:
        sleep(BETWEEN_LOOKS)
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=list(waiting))))
        for run in runs:
            if run.state is not None and run.state.is_final():
                last = monotonic()
                region = waiting.pop(run.id)
                if run.state.is_completed():
                    figures.append(json.loads(run.state.message or "{}"))
                else:
                    failed.append(region)
        if monotonic() - last > A_PLACE and not any(_is_going(run) for run in runs if run.id in waiting):
            break  # every place is taken by passes that wait as this one does, or there is no worker
    return figures, failed, waiting


def _is_going(run: FlowRun) -> bool:
    return run.state is not None and (run.state.is_running() or run.state.is_pending())
