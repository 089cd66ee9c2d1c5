"""When does the coordination hear that a run of the engine went wrong? When an automation of Prefect says so."""

from typing import Any
from uuid import UUID

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict, Field, field_validator

from flows.clock import instant_of_run, now
from tasks.delivery import deliver
from tasks.incidents import report_incident, tell, what_happened


class Incident(BaseModel):
    """Which run went wrong."""

    model_config = ConfigDict(
        extra="forbid",
        title="Alerte",
        json_schema_extra={"description": "Rempli par les automatismes : rien à saisir à la main."},
    )

    run: str = Field(title="Passage", description="L’identifiant du passage qui a échoué ou qui tarde.")

    @field_validator("run")
    @classmethod
    def _id_alone(cls, run: str) -> str:
        return str(UUID(run.rpartition(".")[2]))  # an event says «prefect.flow-run.» before it


@flow(
    name="Alerte",
    flow_run_name="Alerte sur un passage du moteur",
    description="Écrit à la coordination qu’un passage a échoué, a été interrompu ou n’a pas commencé.",
)
def incident(incident: Incident) -> list[Any]:
    at = instant_of_run(None)
    found = what_happened(UUID(incident.run))
    if not found:
        return []
    told = tell(found, at)
    report_incident(found, told["letters"])
    return [deliver(at, str(flow_run.id), now(), return_state=True)] if told["letters"] else []
