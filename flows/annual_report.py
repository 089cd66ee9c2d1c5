"""When is a year told? When somebody asks for it: the report of the Conseil national is written to files, and shown."""

from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import instant_of_run
from flows.forms import At, Campaign
from flows.refusals import require_campaign
from tasks.report_artifacts import report_year
from tasks.settings import settings


class YearAsked(BaseModel):
    """The year to tell."""

    model_config = ConfigDict(
        extra="forbid",
        title="Rapport annuel",
        json_schema_extra={"description": "Une année passée est racontée au 31 décembre, l’année en cours à ce jour."},
    )

    campaign: Campaign
    year: int = Field(title="Année", description="L’année à raconter, par exemple 2021.", ge=2000, le=2100)
    at: At = None


@flow(
    name="Rapport annuel",
    flow_run_name="Rapport annuel {rapport.year} · {rapport.campaign}",
    description="Écrit le rapport annuel du Conseil national (.docx, .pdf, .html, .json) et en montre les tableaux.",
)
def annual_report(rapport: YearAsked) -> list[Any]:
    require_campaign(rapport.campaign)
    out = settings().home / "rapports"
    at = instant_of_run(rapport.at)
    return [report_year(rapport.campaign, rapport.year, at, str(out.resolve()), return_state=True)]
