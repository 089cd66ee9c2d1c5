"""When is what is old forgotten?"""

from typing import Any

from prefect import flow
from pydantic import ConfigDict

from flows.clock import instant_of_run
from flows.forms import DayAsked
from tasks.forget import forget_old


class Forgetting(DayAsked):
    """What one pass of forgetting is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        title="Oubli",
        json_schema_extra={"description": "Les délais sont ceux du programme ; la preuve d’envoi demeure."},
    )


@flow(
    name="Oubli",
    flow_run_name="Oubli {oubli.words}",
    description="Oublie le texte des lettres anciennes et les contacts remplacés depuis longtemps.",
)
def forgetting(oubli: Forgetting = Forgetting()) -> list[Any]:  # noqa: B008 - never changed
    return [forget_old(instant_of_run(oubli.at), return_state=True)]
