"""What does Prefect add: a pass through its flow, and the same work as one task run a territory?"""

import atexit
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlmodel import col, select

from benchmarks.campaigns import CODE
from deployments.engine_room import prefect_api
from models.queries import Span
from models.tables import Campaign, Run, Territory
from tasks.database import reading, transaction
from tasks.reminders import Partition, begin_run, finish_run


def a_server() -> None:
    """Start a Prefect server of this process's own; it ends with it."""
    kept = ExitStack()
    folder = kept.enter_context(tempfile.TemporaryDirectory(prefix="bench-prefect"))
    kept.enter_context(prefect_api(Path(folder), private=True, quiet=True))
    atexit.register(kept.close)


def one_run_a_territory(at: datetime) -> int:
    """Decide the milestone with one task run for each territory; how many notices were decided."""
    run_id, _ = begin_run.fn(CODE, "candidature", at)
    with reading() as session:
        spans = [
            Span(region=region, first=code, last=code)
            for code, region in session.execute(select(Territory.code, Territory.region).order_by(col(Territory.code)))
        ]
    return int(finish_run.fn(run_id, _each_alone(run_id, spans))["decided"])


@task(cache_policy=NO_CACHE)
def _decide_one(run_id: int, span: Span) -> dict[str, int]:
    with transaction() as session:
        run = session.get_one(Run, run_id)
        return Partition(session, run, session.get_one(Campaign, run.campaign_id), span, None).decide()


@flow
def _each_alone(run_id: int, spans: list[Span]) -> list[dict[str, int]]:
    return [_decide_one(run_id, span) for span in spans]
