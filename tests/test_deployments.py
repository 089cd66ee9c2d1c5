"""Is everything deployed as described, and does the engine start, plan, run and end on one machine?"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.flows import load_flow_from_entrypoint
from prefect.states import Pending
from prefect.utilities.callables import parameter_schema
from sqlmodel import select

from deployments import serve
from deployments.description import DEPLOYMENTS, Deployed, prefect_yaml
from deployments.engine_room import running_api
from deployments.environment import NoServer, PortTaken, a_free_port, api_note, reachable_api
from deployments.interruptions import close_interrupted_runs
from deployments.registration import full_name, register, start_ticks
from flows.clock import now
from models.tables import Campaign, Contact, Message
from models.words import Role
from tasks.database import reading, transaction
from tests.prefect_builders import a_small_campaign, without_another_server

ROOT = Path(__file__).parent.parent
TICKING = [each for each in DEPLOYMENTS if each.tick]


def test_prefect_yaml_is_what_the_description_makes() -> None:
    assert (ROOT / "prefect.yaml").read_text(encoding="utf-8") == prefect_yaml()


def test_prefect_yaml_says_the_same_to_whoever_reads_it_as_yaml() -> None:
    read = yaml.safe_load(prefect_yaml())["deployments"]
    assert [(each["name"], each["entrypoint"], tuple(each["tags"]), each["description"]) for each in read] == [
        (each.name, each.entrypoint, each.tags, each.description) for each in DEPLOYMENTS
    ]
    one_at_a_time = {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    others = {each["name"]: each.get("concurrency_limit") for each in read}
    assert {name: limit for name, limit in others.items() if limit != one_at_a_time} == {
        "Région": None, "Alerte": {"limit": 1, "collision_strategy": "ENQUEUE"},
    }  # fmt: skip
    assert [each["schedules"][0]["slug"] for each in read if each["schedules"]] == [
        each.tick.slug for each in TICKING if each.tick
    ]


@pytest.mark.parametrize("deployed", DEPLOYMENTS, ids=lambda each: each.entrypoint)
def test_every_entrypoint_is_a_flow_whose_form_is_in_french(deployed: Deployed) -> None:
    flow: Any = load_flow_from_entrypoint(deployed.entrypoint, use_placeholder_flow=False)
    (form,) = parameter_schema(flow).definitions.values() if len(parameter_schema(flow).definitions) == 1 else (None,)
    if form is None:  # the decision's form has a closed vocabulary beside it
        form = parameter_schema(flow).definitions["DecisionForm"]
    assert "description" in form
    for name, field in form["properties"].items():
        assert field.get("title", name) != name.replace("_", " ").title() or "$ref" in field


@pytest.mark.parametrize("deployed", TICKING, ids=lambda each: each.entrypoint)
def test_a_tick_that_has_lost_its_parameters_still_does_an_ordinary_pass(deployed: Deployed) -> None:
    flow: Any = load_flow_from_entrypoint(deployed.entrypoint)
    assert parameter_schema(flow).required == []
    flow.validate_parameters({})


def test_no_tick_falls_on_the_hour_of_the_planned_instants_nor_with_another() -> None:
    minutes = [minute for each in TICKING if each.tick for minute in each.tick.cron.split()[0].split(",")]
    reminding = [each.tick.cron.split()[0] for each in TICKING if each.tick and "relances" in each.tags]
    assert "0" not in reminding
    assert len(set(minutes)) == len(minutes)


def test_registering_again_keeps_a_tick_switched_off_and_schedules_added_by_hand(
    prefect_server: str, tmp_path: Path
) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule

    name = full_name(DEPLOYMENTS[0])
    with get_client(sync_client=True) as client:
        register(client, folder=tmp_path)
        assert client.read_deployment_by_name(name).schedules == []
        start_ticks(client)
        there = client.read_deployment_by_name(name)
        client.update_deployment_schedule(there.id, there.schedules[0].id, active=False)
        by_hand = DeploymentScheduleCreate(
            schedule=CronSchedule(cron="30 6 * * *", timezone="Europe/Paris"), slug="a-la-main"
        )
        client.create_deployment_schedules(there.id, [by_hand])
        register(client, folder=tmp_path)
        start_ticks(client)
        after = client.read_deployment_by_name(name)
    assert sorted((str(each.slug), each.active) for each in after.schedules) == [
        ("a-la-main", True),
        ("toutes-les-heures", False),
    ]


def test_a_run_cut_short_gives_its_place_back_when_the_engine_starts_again(prefect_server: str, tmp_path: Path) -> None:
    def started() -> StateType | None:
        run = client.create_flow_run_from_deployment(client.read_deployment_by_name(full_name(DEPLOYMENTS[0])).id)
        client.set_flow_run_state(run.id, Pending())
        return client.read_flow_run(run.id).state_type

    with get_client(sync_client=True) as client:
        register(client, folder=tmp_path)
        assert [started(), started()] == [StateType.PENDING, StateType.CANCELLED]
        assert close_interrupted_runs(client) == 1
        assert started() == StateType.PENDING
        assert close_interrupted_runs(client) == 1


def test_a_taken_port_is_told_with_its_cure(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} of this machine is already taken"):
            serve.up(port=port, example=False, home=tmp_path)


def test_without_a_server_a_command_that_needs_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    note = api_note(tmp_path)
    note.parent.mkdir(parents=True)
    note.write_text(f"http://127.0.0.1:{a_free_port()}/api\n", encoding="utf-8")  # left by an engine that was killed
    assert reachable_api(tmp_path) is None
    with pytest.raises(NoServer, match="cites up"), running_api(tmp_path):
        pass


def test_the_engine_starts_plans_its_ticks_runs_what_is_asked_and_ends_without_a_trace(
    tmp_path: Path, home_with_prefect: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_another_server(monkeypatch)
    a_small_campaign(tmp_path)
    with transaction() as session:
        campaign = session.exec(select(Campaign)).one().id
        session.add(
            Contact(campaign_id=campaign, role=Role.COORDINATION, perimeter="national", email="coordination@cites.test")
        )
    home = home_with_prefect
    with the_engine(home) as engine:
        with running_api(home), get_client(sync_client=True) as client:
            deployments = {each.name: each.id for each in client.read_deployments()}
            assert set(deployments) == {each.name for each in DEPLOYMENTS}
            for each in client.read_deployments():
                if each.name != "Cofinancement":  # a tick of today would find the letters of 2021 out of date
                    for schedule in each.schedules:
                        client.update_deployment_schedule(each.id, schedule.id, active=False)
            passage = {"campaign": "2021", "at": "2021-02-19T09:00:00+01:00"}
            run = client.create_flow_run_from_deployment(deployments["Candidature"], parameters={"passage": passage})
            ended = wait_for(lambda: has_ended(client.read_flow_run(run.id)))
            assert (ended.state_type, ended.name) == (
                StateType.COMPLETED, "Candidature 2021 · à la date du 19/02/2021",
            )  # fmt: skip
            assert len(list((home / "mail").glob("*.eml"))) == 6
            assert (home / "tableaux" / "2021.html").exists()
            a_failing_run_is_told_once(client, deployments)
            ticks = wait_for(lambda: [each for each in client.read_flow_runs() if each.auto_scheduled])
            assert {each.deployment_id for each in ticks} <= {deployments[each.name] for each in TICKING}
        engine.send_signal(signal.SIGINT)
        _, said = engine.communicate(timeout=20)
        assert (engine.returncode, said) == (0, "The engine has stopped.\n")
    assert reachable_api(home) is None
    assert not api_note(home).exists()


def a_failing_run_is_told_once(client: SyncPrefectClient, deployments: dict[str, UUID]) -> None:
    def started(deployment: str, parameters: dict[str, Any]) -> UUID:
        return client.create_flow_run_from_deployment(deployments[deployment], parameters=parameters).id

    def alerts() -> list[StateType | None]:
        runs = client.read_flow_runs(limit=200)
        ended = [each for each in runs if each.deployment_id == deployments["Alerte"] and has_ended(each)]
        return sorted((each.state_type for each in ended), key=str)

    began = now()
    started("Alerte", {"incident": {"run": "hier"}})  # it fails, and would have time to tell of itself
    first = started("Candidature", {"passage": {"campaign": "9999"}})
    assert wait_for(lambda: has_ended(client.read_flow_run(first))).state_type == StateType.FAILED
    started("Candidature", {"passage": {"campaign": "9999"}})
    wait_for(lambda: len(alerts()) == 3)
    assert alerts() == [StateType.COMPLETED, StateType.COMPLETED, StateType.FAILED]
    with reading() as session:
        told = session.exec(select(Message).where(Message.letter == "incident")).all()
        said = {(each.key.split("T")[0], each.address, each.facts["posted"]["outcome"]) for each in told}
    assert len(told) == 1 or began.hour != now().hour  # once an hour, and the hour may have turned
    assert said == {(f"incident:candidature:{began.date()}", "coordination@cites.test", "failed")}


@contextmanager
def the_engine(home: Path) -> Iterator[subprocess.Popen[str]]:
    port = a_free_port()
    command = [sys.executable, "-m", "deployments.cli", "up", "--port", str(port)]
    path = os.pathsep.join((os.environ.get("PYTHONPATH", ""), str(ROOT)))
    with subprocess.Popen(
        command,
        env={
            **os.environ,
            "CITES_HOME": str(home),
            "PYTHONPATH": path,
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "1",  # not half a minute for an alert's turn
        },
        cwd=home.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as engine:
        try:
            assert engine.stdout is not None
            assert engine.stdout.readline().startswith(f"UI: http://127.0.0.1:{port}")
            assert engine.stdout.readline().startswith("Dashboards: http://127.0.0.1:")
            yield engine
        finally:
            engine.kill()


def has_ended(run: FlowRun) -> FlowRun | None:
    return run if run.state is not None and run.state.is_final() else None


def wait_for(found: Any, seconds: float = 150) -> Any:
    """What `found` gives, as soon as there is something."""
    until = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.5)
    return answer
