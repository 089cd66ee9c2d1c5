"""Do several machines do exactly what one does: two API replicas, two workers, PostgreSQL on both sides?"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient

from deployments import children
from deployments.description import DEPLOYMENTS
from deployments.engine_room import speaking_to
from deployments.environment import POOL, a_free_port, api_address, private_server_environment
from deployments.registration import full_name, register
from flows import regions
from flows.deadlines import run_deadline
from tasks.database import prepare
from tasks.settings import Settings, settings
from tests.prefect_builders import J_7, a_small_campaign, letters, without_another_server
from tests.replica_builders import WANTING, a_door, a_redis, servers
from tests.test_deployments import has_ended, wait_for

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "deployments" / "compose.yaml"
# Prefect's own database needs the extension pg_trgm, which the PostgreSQL of the tests' package does not carry.
WITH_TRIGRAMS = [
    folder
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if (folder / "initdb").exists() and (folder.parent / "lib" / "pg_trgm.so").exists()
]


@contextmanager
def a_postgresql_of_the_machine() -> Iterator[str]:
    """The URL of an empty database in a PostgreSQL of this machine, started for the test in a folder of its own."""
    binaries, port = WITH_TRIGRAMS[-1], a_free_port()
    as_whom: dict[str, Any] = {"user": "postgres"} if os.geteuid() == 0 else {}  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if as_whom:
        shutil.chown(folder, **as_whom)
    data, control = folder / "data", [str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_whom)

    try:
        run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "prefect", "-E", "UTF8", "--no-sync")
        run(*control, "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        finally:
            run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def shared_by_workers(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small campaign in a PostgreSQL, and passes that share their régions; gives the campaign's code."""
    without_another_server(monkeypatch)
    monkeypatch.setenv("CITES_DATABASE_URL", postgresql_url)
    monkeypatch.setenv("CITES_PARTITIONS", "workers")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((os.environ.get("PYTHONPATH", ""), str(ROOT))))
    settings.cache_clear()
    return a_small_campaign(tmp_path)


def ask(client: SyncPrefectClient, name: str, passage: dict[str, Any]) -> Any:
    [deployed] = [each for each in DEPLOYMENTS if each.name == name]
    there = client.read_deployment_by_name(full_name(deployed))
    return client.create_flow_run_from_deployment(there.id, parameters={"passage": passage}).id


def address(letter: Path) -> str:
    return parseaddr(str(message_from_bytes(letter.read_bytes())["To"]))[1]


@pytest.mark.parametrize(
    "replicas",
    [
        pytest.param(1, marks=pytest.mark.skipif(bool(WITH_TRIGRAMS), reason="the fuller form below runs instead")),
        pytest.param(2, marks=pytest.mark.skipif(not WITH_TRIGRAMS, reason="no PostgreSQL with pg_trgm here")),
    ],
)
def test_two_workers_at_one_deadline_at_once_write_each_letter_once(
    replicas: int, shared_by_workers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a door with TLS, and with Redis between the replicas, where the machine has both: as the compose file."""
    home = settings().home
    passage = {"campaign": shared_by_workers, "at": J_7.isoformat()}
    with ExitStack() as running:
        database = {}
        if replicas > 1:
            database["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = running.enter_context(a_postgresql_of_the_machine())
        if replicas > 1 and not WANTING:
            monkeypatch.setenv("CITES_REDIS_URL", running.enter_context(a_redis(tmp_path)))
            settings.cache_clear()
        ports = running.enter_context(
            servers(replicas, lambda port: private_server_environment(home, port) | database, home / "log")
        )
        apis = spoken_to = [api_address(port) for port in ports]
        if replicas > 1 and not WANTING:
            door, authority = running.enter_context(a_door(ports, tmp_path))
            monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(authority))
            spoken_to = [door] * replicas
        for number in (1, 2):
            name, api = f"worker-{number}", spoken_to[number % replicas]
            running.enter_context(
                children.worker(name, api=api, home=home, at_once=2, log=home / "log" / f"{name}.log", patience=3)
            )
        running.enter_context(speaking_to(apis[0], home, quiet=True))
        client = running.enter_context(get_client(sync_client=True))
        register(client, folder=ROOT)
        wait_for(lambda: len(client.read_workers_for_work_pool(POOL)) == 2)
        # Two runs of one deployment never go together; two deployments on the same deadline do.
        asked = [
            ask(client, "Candidature", passage),
            ask(client, "Autres échéances", {**passage, "deadline": "candidature"}),
        ]
        ended = [wait_for(lambda each=each: has_ended(client.read_flow_run(each))) for each in asked]
        parts = [run for run in client.read_flow_runs() if run.name.startswith("Région")]
    assert [run.state_type.value for run in ended] == ["COMPLETED", "COMPLETED"]
    assert sorted((run.parameters["part"]["region"], run.state_name) for run in parts) == [
        ("04", "Completed"), ("04", "Completed"), ("32", "Completed"), ("32", "Completed"),
    ]  # fmt: skip
    decided = [json.loads(run.state.message)["decided"] for run in parts if run.state and run.state.message]
    assert sum(decided) == 6  # by the two passes together: each notice once
    assert sorted(address(each) for each in letters()) == [
        "dasen@nord.test", "dasen@pas-de-calais.test", "mairie@douai.test", "mairie@saint-denis.test",
        "prefet@nord.test", "prefet@pas-de-calais.test",
    ]  # fmt: skip
    for number in (1, 2):
        assert "submitting flow run" in (home / "log" / f"worker-{number}.log").read_text(encoding="utf-8")


def test_what_no_worker_takes_the_pass_decides_itself_once(
    prefect_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_PARTITIONS", "workers")
    settings.cache_clear()
    monkeypatch.setattr(regions, "A_PLACE", 0.1)
    prepare()
    code = a_small_campaign(tmp_path)
    with get_client(sync_client=True) as client:
        register(client, folder=ROOT)
        before = {run.id for run in client.read_flow_runs()}
        figures = run_deadline("candidature", code, J_7)
        parts = [run for run in client.read_flow_runs() if run.name.startswith("Région") and run.id not in before]
    assert (figures["territories"], figures["letters"], figures["sent"], len(letters())) == (3, 6, 6, 6)
    assert sorted((run.parameters["part"]["region"], run.state_name) for run in parts) == [
        ("04", "Cancelled"), ("32", "Cancelled"),
    ]  # fmt: skip


# Containers: there is no engine here to run them, so their form is checked


def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return read


def names(listed: Any) -> set[str]:
    return {each if isinstance(each, str) else each["source"] for each in listed or ()}


def test_what_a_service_names_is_declared_and_every_secret_is_used() -> None:
    services, used = composed()["services"], set()
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        assert set(service["networks"]) <= set(composed()["networks"]), name
        assert {each.partition(":")[0] for each in service.get("volumes", ())} <= set(composed()["volumes"]), name
        used |= names(service.get("secrets"))
    assert used == set(composed()["secrets"])


def test_every_image_is_pinned_and_every_service_of_ours_has_few_rights() -> None:
    bases = re.findall(r"^FROM (\S+)", (ROOT / "deployments" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    for image in (*bases, *(service["image"] for service in composed()["services"].values())):
        assert re.search(r":\d+\.\d+", image), image
    for name, service in composed()["services"].items():
        if service["image"].startswith("cites-educatives"):
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
        if name not in ("door", "worker-1", "worker-2"):  # ours have that of the image
            assert "healthcheck" in service, name


def test_the_second_replica_waits_for_the_first() -> None:
    assert composed()["services"]["server-2"]["depends_on"]["server-1"] == {"condition": "service_healthy"}


def test_a_setting_of_the_containers_is_a_setting_of_the_engine() -> None:
    known = {f"cites_{name}" for name in Settings.model_fields}
    secrets = {name.replace("cites_owner_", "cites_") for name in composed()["secrets"] if name.startswith("cites_")}
    said = {
        name.lower()
        for service in composed()["services"].values()
        for name in service.get("environment", ())
        if name.startswith("CITES_") and name != "CITES_PUBLIC_NAME"  # the reverse proxy's
    }
    assert secrets | said <= known


@pytest.mark.parametrize("kind", ["docker", "kubernetes"])
def test_a_pool_of_another_kind_runs_the_same_image_and_asks_for_no_variable_it_does_not_have(kind: str) -> None:
    text = (ROOT / "deployments" / "pools" / f"{kind}.json").read_text(encoding="utf-8")
    template = json.loads(text)
    assert set(re.findall(r"{{ (\w+) }}", text)) == set(template["variables"]["properties"])
    image = template["variables"]["properties"]["image"]["default"]
    assert image == composed()["services"]["worker-1"]["image"]


def test_a_secret_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "cites_database_url").write_text("sqlite:///x.db\n", encoding="utf-8")
    assert Settings(_secrets_dir=tmp_path).database() == "sqlite:///x.db"  # type: ignore[call-arg]
