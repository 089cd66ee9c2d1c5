"""Where do the dossiers stand: their review, their mandates, who blocks? Each working morning, and whenever asked.

Three reports are kept of each campaign; nothing is decided and nothing is sent.
"""

from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict

from flows.clock import instant_of_run
from flows.forms import AnyCampaign, At
from tasks.agenda import campaigns
from tasks.blockers import who_blocks, without_persons
from tasks.follow_up_artifacts import report_blockers, report_governance, report_review
from tasks.governance import governance
from tasks.review import review


class FollowUp(BaseModel):
    """Which campaign is looked at, and when."""

    model_config = ConfigDict(
        extra="forbid",
        title="Suivi",
        json_schema_extra={"description": "Sans rien changer : l’état de toutes les campagnes, maintenant."},
    )

    campaign: AnyCampaign = ""
    at: At = None

    @property
    def words(self) -> str:
        return f"{self.campaign or 'toutes les campagnes'} · {instant_of_run(self.at):%d/%m/%Y}"


@flow(
    name="Suivi",
    flow_run_name="Suivi des dossiers · {suivi.words}",
    description="Dresse l’état de l’instruction, des mandats et de ceux qui bloquent. Rien n’est envoyé.",
)
def follow_up(suivi: FollowUp = FollowUp()) -> list[Any]:  # noqa: B008 - never changed
    at = instant_of_run(suivi.at)
    reports = []
    for campaign in [suivi.campaign] if suivi.campaign else campaigns():
        reports.append(report_review(review(campaign, at), return_state=True))
        reports.append(report_governance(governance(campaign, at), return_state=True))
        reports.append(report_blockers(without_persons(who_blocks(campaign, at)), return_state=True))
    return reports
