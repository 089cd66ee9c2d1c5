"""When is the convention looked at? Each time this flow runs: see `flows.deadlines` for its agenda."""

from typing import Any

from prefect import flow

from flows.deadlines import IN_TURN, Passage, named, one_pass


@flow(
    name="Convention",
    flow_run_name=named("Convention"),
    task_runner=IN_TURN,
    description="Vérifie les conventions, surveille leur terme, décide les relances dues et les envoie.",
)
def convention(passage: Passage = Passage()) -> list[Any]:  # noqa: B008 - never changed
    return one_pass("convention", passage)
