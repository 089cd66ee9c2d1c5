"""When is the fund report looked at? Each time this flow runs: see `flows.deadlines` for its agenda."""

from typing import Any

from prefect import flow

from flows.deadlines import IN_TURN, Passage, named, one_pass


@flow(
    name="Bilan du fonds",
    flow_run_name=named("Bilan du fonds"),
    task_runner=IN_TURN,
    description="Vérifie les bilans annuels du fonds de la cité, décide les relances dues et les envoie.",
)
def fund_report(passage: Passage = Passage()) -> list[Any]:  # noqa: B008 - never changed
    return one_pass("fund-report", passage)
