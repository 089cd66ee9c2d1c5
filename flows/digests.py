"""When are the régions and the coordination told where things stand? On worked mornings, once an occasion."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ConfigDict

from flows.clock import instant_of_run, now
from flows.forms import AnyCampaign, AtOfPass, day
from tasks.agenda import campaigns
from tasks.delivery import deliver
from tasks.digests import post_digests


class Digests(BaseModel):
    """What one round of digests is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        title="Synthèses",
        json_schema_extra={
            "description": "Sans rien changer : les synthèses dont le jour est venu, pour toutes les campagnes."
        },
    )

    campaign: AnyCampaign = ""
    at: AtOfPass = None

    @property
    def words(self) -> str:
        return f"{self.campaign or 'toutes les campagnes'} · à la date du {day(self.at)}"


@flow(
    name="Synthèses",
    flow_run_name="Synthèses {synthese.words}",
    description="Écrit aux régions et à la coordination où en sont les dossiers, quand leur jour est venu.",
)
def digests(synthese: Digests = Digests()) -> list[Any]:  # noqa: B008 - never changed
    at = instant_of_run(synthese.at)
    asked = [synthese.campaign] if synthese.campaign else campaigns()
    posted = [post_digests(campaign, at, return_state=True) for campaign in asked]
    return [*posted, deliver(at, str(flow_run.id), now(), return_state=True)]
