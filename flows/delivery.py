"""When do waiting letters leave? At the end of each pass, and each time this flow runs."""

from datetime import datetime
from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from pydantic import AwareDatetime, ConfigDict, Field

from flows.clock import instant_of_run, now
from flows.deadlines import figures_of
from flows.forms import DayAsked
from tasks.delivery import deliver
from tasks.mail_artifacts import report_outbox


class Sending(DayAsked):
    """What one delivery is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        title="Envoi",
        json_schema_extra={"description": "Sans rien changer : les lettres qui attendent partent maintenant."},
    )

    at: AwareDatetime | None = Field(
        default=None,
        title="À la date du",
        description="L’instant auquel l’envoi se place. Vide : maintenant.",
    )


def run_delivery(at: datetime | None) -> dict[str, int]:
    """One delivery in this process, through its flow: its figures; `failed` counts what did not end well."""
    return figures_of(delivery(Sending(at=at), return_state=True))


@flow(
    name="Envoi des lettres",
    flow_run_name="Envoi des lettres {envoi.words}",
    description="Envoie les lettres décidées qui attendent, et reprend celles qu’une panne a retardées.",
)
def delivery(envoi: Sending = Sending()) -> list[Any]:  # noqa: B008 - never changed
    at = instant_of_run(envoi.at)
    sent = deliver(at, str(flow_run.id), now(), return_state=True)
    return [sent, report_outbox(at, return_state=True)]
