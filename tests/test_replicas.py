"""Are two API replicas behind one TLS door, with Redis between them, one server to whoever speaks to it?"""

import asyncio
import shutil
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from prefect.events import Event, Resource
from prefect.events.clients import PrefectEventsClient, PrefectEventSubscriber
from prefect.events.filters import EventFilter, EventNameFilter

from deployments.cli import main
from deployments.engine_room import engine_settings, speaking_to
from deployments.environment import api_address, server_environment
from tasks.settings import settings
from tests.prefect_builders import without_another_server
from tests.replica_builders import WANTING, a_door, a_redis, servers

PASSWORD = "un-mot-de-passe"  # noqa: S105 - of a test


def without_ui(folder: Path) -> Callable[[int], dict[str, str]]:
    """What a replica without its UI needs, by its port."""
    return lambda port: server_environment(folder, port) | {"PREFECT_SERVER_UI_ENABLED": "false"}


async def heard_by_the_other(first: str, second: str) -> str:
    """The name of the event told to the first replica, as the second tells it to whoever listens there."""
    wanted = EventFilter(event=EventNameFilter(name=["cites.essai"]))
    async with PrefectEventSubscriber(api_url=second, filter=wanted) as listening:
        async with PrefectEventsClient(api_url=first) as telling:
            resource = Resource({"prefect.resource.id": "cites.essai.1"})
            await telling.emit(Event(event="cites.essai", resource=resource))
        heard = await asyncio.wait_for(anext(aiter(listening)), timeout=30)
    return heard.event


@pytest.mark.skipif(bool(WANTING), reason=f"Debian's {' and '.join(WANTING)}: not on this machine")
def test_two_replicas_behind_tls_are_one_server(
    prefect_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(prefect_database, tmp_path)
    without_another_server(monkeypatch)
    with ExitStack() as running:
        shared = {
            "redis_url": running.enter_context(a_redis(tmp_path)),
            "prefect_database_url": f"sqlite+aiosqlite:///{tmp_path / 'prefect.db'}",
        }
        running.enter_context(engine_settings(server_login=f"cites:{PASSWORD}", **shared))
        ports = running.enter_context(servers(2, without_ui(tmp_path), tmp_path))
        door, authority = running.enter_context(a_door(ports, tmp_path))
        with httpx.Client(base_url=door, verify=ssl.create_default_context(cafile=authority)) as anybody:
            assert anybody.get("/health").status_code == 200
            assert anybody.get("/admin/version").status_code == 401
            assert anybody.get("/admin/version", auth=("cites", PASSWORD)).status_code == 200
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(f"{door}/health")
        one, other = (api_address(port) for port in ports)
        with speaking_to(one, tmp_path, quiet=True):
            assert asyncio.run(heard_by_the_other(one, other)) == "cites.essai"


def test_redis_without_its_library_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_REDIS_URL", "redis://127.0.0.1/0")
    monkeypatch.setattr("deployments.environment.find_spec", lambda _: None)
    settings.cache_clear()
    refused = CliRunner().invoke(main, ["server", "--port", "4299"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "pip install -c constraints.txt 'cites-educatives[replicas]'" in refused.stderr
