"""When is the candidature looked at? Each time this flow runs: see `flows.deadlines` for its agenda."""

from typing import Any

from prefect import flow

from flows.deadlines import IN_TURN, Passage, named, one_pass


@flow(
    name="Candidature",
    flow_run_name=named("Candidature"),
    task_runner=IN_TURN,
    description="Vérifie les dossiers de candidature, décide les relances dues et les envoie.",
)
def candidature(passage: Passage = Passage()) -> list[Any]:  # noqa: B008 - never changed
    return one_pass("candidature", passage)
