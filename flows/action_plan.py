"""When is the action plan looked at? Each time this flow runs: see `flows.deadlines` for its agenda."""

from typing import Any

from prefect import flow

from flows.deadlines import IN_TURN, Passage, named, one_pass


@flow(
    name="Programme d’action",
    flow_run_name=named("Programme d’action"),
    task_runner=IN_TURN,
    description="Vérifie les programmes d’action des cités labellisées, décide les relances dues et les envoie.",
)
def action_plan(passage: Passage = Passage()) -> list[Any]:  # noqa: B008 - never changed
    return one_pass("action-plan", passage)
