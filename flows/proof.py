"""When is a « preuve de relance » made? When somebody asks what a territory was sent or not sent, and why."""

from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.forms import Campaign
from flows.refusals import FormRefused, require_campaign
from models.territory_queries import NoSuchTerritory
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
    require_campaign(demande.campaign)
    try:
        found = history(demande.campaign, demande.territory)
    except NoSuchTerritory:
        raise FormRefused(
            f"« {demande.territory} » : territoire inconnu de la campagne {demande.campaign} ; écrire le code d’un "
            "territoire de la campagne, lu au tableau territoires."
        ) from None
    return [report_history(found, return_state=True)]
