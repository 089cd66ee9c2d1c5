"""Does a pass whose Prefect server dies under it lose anything?"""

import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from deployments.engine_room import prefect_api
from tests.fault_builders import CAMPAIGN, DEADLINE, LATER, at_statement, morning, opened, outcome, undisturbed
from tests.prefect_builders import J_7, a_home_with_prefect


def test_a_pass_whose_prefect_server_is_killed_under_it_is_put_right_by_the_next_one(
    sqlite_url: str, tmp_path: Path, prefect_database: Path
) -> None:
    place = opened(sqlite_url, tmp_path)
    calm, home = undisturbed(place), a_home_with_prefect(prefect_database, tmp_path / "prefect")
    with place.entered():
        place.again()
        with prefect_api(home, private=True, quiet=True) as api:
            from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

            from flows.deadlines import run_deadline  # here: Prefect's environment must stand before its import

            port = httpx.URL(api).port
            assert port is not None
            patience = temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0})  # it would insist for three minutes
            with patience, at_statement(25, lambda: kill_the_server(port)), pytest.raises(httpx.TransportError):
                run_deadline(DEADLINE, CAMPAIGN, J_7)
        morning(J_7 + LATER)
        assert outcome() == calm


def kill_the_server(port: int) -> None:
    """As the kernel does when memory runs out."""
    [server] = [
        child
        for child in psutil.Process().children(recursive=True)
        if any(each.laddr.port == port and each.status == psutil.CONN_LISTEN for each in child.net_connections())
    ]
    os.kill(server.pid, signal.SIGKILL)
    server.wait(10)
