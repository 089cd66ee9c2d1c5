"""How does a server come to know our deployments?

Registering again updates them and keeps what people changed in the UI: a tick switched off stays off, schedules added
by hand stay. A tick that is new is added last, by `start_ticks`, when everything else is ready.
"""

from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions, DeploymentSchedule
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from prefect.workers.process import ProcessWorker

from deployments.automations import register_automations
from deployments.description import DEPLOYMENTS, PARIS, Deployed, Tick
from deployments.environment import POOL


def register(client: SyncPrefectClient, *, folder: Path) -> None:
    """Create or update the work pool, every deployment and the automations; their runs work in `folder`."""
    try:
        client.create_work_pool(
            WorkPoolCreate(
                name=POOL,
                type=ProcessWorker.type,
                description="Les passages du moteur de relances, un processus par passage.",
                base_job_template=ProcessWorker.get_default_base_job_template(),
            )
        )
    except ObjectAlreadyExists:
        pass
    for deployed in DEPLOYMENTS:
        _register(client, deployed, folder)
    register_automations(client)


def start_ticks(client: SyncPrefectClient) -> None:
    """Add the ticks that the server does not have yet."""
    for deployed in DEPLOYMENTS:
        there = client.read_deployment_by_name(full_name(deployed))
        if deployed.tick and deployed.tick.slug not in {schedule.slug for schedule in there.schedules}:
            client.create_deployment_schedules(there.id, [_schedule(deployed.tick, active=True)])


def full_name(deployed: Deployed) -> str:
    """The name the API knows a deployment by: its flow's name, then its own."""
    return f"{load_flow_from_entrypoint(deployed.entrypoint).name}/{deployed.name}"


def _register(client: SyncPrefectClient, deployed: Deployed, folder: Path) -> None:
    flow: Flow[..., Any] = load_flow_from_entrypoint(deployed.entrypoint)
    before = _known(client, f"{flow.name}/{deployed.name}")
    client.create_deployment(
        flow_id=client.create_flow_from_name(flow.name),
        name=deployed.name,
        entrypoint=deployed.entrypoint,
        description=deployed.description,
        tags=list(deployed.tags),
        work_pool_name=POOL,
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        enforce_parameter_schema=True,
        concurrency_limit=deployed.concurrency.limit if deployed.concurrency else None,
        concurrency_options=ConcurrencyOptions(
            collision_strategy=ConcurrencyLimitStrategy(deployed.concurrency.collision_strategy)
        )
        if deployed.concurrency
        else None,
        schedules=[_kept(schedule, deployed.tick) for schedule in (before.schedules if before else ())],
        job_variables={"working_dir": str(folder)},
    )


def _known(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None


def _kept(schedule: DeploymentSchedule, tick: Tick | None) -> DeploymentScheduleCreate:
    if tick and schedule.slug == tick.slug:
        return _schedule(tick, active=schedule.active)
    return DeploymentScheduleCreate(
        schedule=schedule.schedule, active=schedule.active, parameters=schedule.parameters, slug=schedule.slug
    )


def _schedule(tick: Tick, *, active: bool) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=tick.cron, timezone=PARIS), active=active, slug=tick.slug
    )
