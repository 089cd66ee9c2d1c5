"""Is everything deployed as described, and does the engine start, plan, run and end on one machine?"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import get_client
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from deployments import serve
from deployments.description import DEPLOYMENTS, Deployed, prefect_yaml
from deployments.engine_room import running_api
from deployments.environment import NoServer, PortTaken, a_free_port, api_note, reachable_api
from deployments.registration import full_name, register, start_ticks
from tests.prefect_builders import a_small_campaign, prefect_server

__all__ = ["prefect_server"]  # a fixture
ROOT = Path(__file__).parent.parent
TICKING = [each for each in DEPLOYMENTS if each.tick]


def test_prefect_yaml_is_what_the_description_makes() -> None:
    assert (ROOT / "prefect.yaml").read_text(encoding="utf-8") == prefect_yaml()


def test_prefect_yaml_says_the_same_to_whoever_reads_it_as_yaml() -> None:
    read = yaml.safe_load(prefect_yaml())["deployments"]
    assert [(each["name"], each["entrypoint"], tuple(each["tags"]), each["description"]) for each in read] == [
        (each.name, each.entrypoint, each.tags, each.description) for each in DEPLOYMENTS
    ]
    assert all(each["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"} for each in read)
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


def test_the_engine_starts_plans_its_ticks_runs_what_is_asked_and_ends_without_a_trace(tmp_path: Path) -> None:
    a_small_campaign(tmp_path)
    with the_engine(tmp_path / "var") as (engine, api):
        ticks = wait_for(lambda: asked(api, "flow_runs/filter", {"limit": 200}))
        assert {run["state_type"] for run in ticks} <= {"SCHEDULED", "PENDING", "RUNNING", "COMPLETED"}
        deployments = {each["name"]: each["id"] for each in asked(api, "deployments/filter", {})}
        assert set(deployments) == {each.name for each in DEPLOYMENTS}
        passage = {"campaign": "2021", "at": "2021-02-19T09:00:00+01:00"}
        run = asked(
            api, f"deployments/{deployments['Candidature']}/create_flow_run", {"parameters": {"passage": passage}}
        )
        ended = wait_for(
            lambda: [each for each in asked(api, "flow_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
                     if each["state_type"] not in ("SCHEDULED", "PENDING", "RUNNING")]
        )  # fmt: skip
        assert [(each["state_type"], each["name"]) for each in ended] == [
            ("COMPLETED", "Candidature 2021 · à la date du 19/02/2021")
        ]
        assert len(list((tmp_path / "var" / "mail").glob("*.eml"))) == 6
        engine.send_signal(signal.SIGINT)
        assert engine.wait(20) == 0
    assert reachable_api(tmp_path / "var") is None
    assert "Traceback" not in engine.stderr.read()  # type: ignore[union-attr]


@contextmanager
def the_engine(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = a_free_port()
    engine = subprocess.Popen(
        [sys.executable, "-m", "deployments.cli", "up", "--port", str(port)],
        env={**os.environ, "CITES_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=home.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert engine.stdout is not None
        assert engine.stdout.readline().startswith(f"UI: http://127.0.0.1:{port}"), engine.stderr
        yield engine, f"http://127.0.0.1:{port}/api"
    finally:
        engine.kill()
        engine.wait()


def asked(api: str, what: str, about: dict[str, Any]) -> Any:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{api}/{what}", data=json.dumps(about).encode(), headers={"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def wait_for(found: Any, seconds: float = 60) -> Any:
    """What `found` gives, as soon as there is something."""
    until = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < until, "nothing came"
        time.sleep(0.5)
    return answer
