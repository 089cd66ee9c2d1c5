"""When is a « preuve de relance » made? When somebody asks what a territory was sent or not sent, and why."""

from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.forms import Campaign
from tasks.history import history
from tasks.proof_artifact import report_history


class Asked(BaseModel):
    """Which territory is asked about."""

    model_config = ConfigDict(
        extra="forbid",
        title="Preuve de relance",
        json_schema_extra={"description": "Ne change rien : lit le registre et en fait un compte rendu."},
    )

    campaign: Campaign
    territory: str = Field(
        title="Territoire", description="Le code du territoire, par exemple douai-waziers.", min_length=1
    )


@flow(
    name="Preuve de relance",
    flow_run_name="Preuve de relance · {demande.territory} · {demande.campaign}",
    description="Montre tout ce qui a été enregistré d’un territoire, chaque lettre envoyée ou non, et pourquoi.",
)
def proof(demande: Asked) -> list[Any]:
    return [report_history(history(demande.campaign, demande.territory), return_state=True)]
