"""When is the co-financing added up? Once a week, and whenever somebody asks.

Two reports are kept of each campaign: one of the year that is asked for, one of all the years of its conventions.
"""

from typing import Any, Literal

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import instant_of_run
from flows.forms import AnyCampaign
from tasks.agenda import campaigns
from tasks.artifacts import report_balance
from tasks.balance import balance
from tasks.cofinancing import cofinancing as over_the_years
from tasks.conventions import conventions
from tasks.money_artifacts import report_cofinancing


class Account(BaseModel):
    """Which co-financing is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        title="Cofinancement",
        json_schema_extra={
            "description": "Sans rien changer : le cofinancement prévu de l’année, pour toutes les campagnes."
        },
    )

    campaign: AnyCampaign = ""
    year: int | None = Field(default=None, title="Année", description="Vide : l’année en cours.")
    stage: Literal["planned", "notified", "paid"] = Field(
        default="planned", title="Stade", description="planned : prévu ; notified : notifié ; paid : versé."
    )

    @property
    def words(self) -> str:
        return f"{self.year or instant_of_run(None).year} · {self.campaign or 'toutes les campagnes'}"


@flow(
    name="Cofinancement",
    flow_run_name="Cofinancement {compte.words}",
    description="Additionne les financements par territoire, département et région, et signale ce qui est à regarder.",
)
def cofinancing(compte: Account = Account()) -> list[Any]:  # noqa: B008 - never changed
    year = compte.year or instant_of_run(None).year
    asked = [compte.campaign] if compte.campaign else campaigns()
    at = instant_of_run(None)
    reports = []
    for campaign in asked:
        reports.append(report_balance(balance(campaign, year, compte.stage), return_state=True))
        reports.append(report_cofinancing(over_the_years(campaign), conventions(campaign, at), return_state=True))
    return reports
