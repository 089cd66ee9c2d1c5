"""How does somebody record the ministers' decision from the UI, on one territory or on many?

A decision is a row of ours, entered through the same intake as the tables; no run waits for it. The next pass acts on
it.
"""

from datetime import date
from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.acts import CORRECTION, codes, perform_form, places
from flows.forms import Author, Campaign, Preview, Territories
from models.words import Verdict
from tasks import acts


class DecisionForm(BaseModel):
    """One decision on one territory, or the same on several."""

    model_config = ConfigDict(
        extra="forbid",
        title="Décision",
        json_schema_extra={
            "description": f"Prise sans visa ou sans avis régional, elle reste possible : c’est signalé. {CORRECTION}",
        },
    )

    campaign: Campaign
    territory: Territories
    verdict: Verdict = Field(title="Décision", description="labellise, refuse ou ajourne.")
    day: date = Field(title="Date de la décision")
    authority: str = Field(title="Autorité", description="Qui a décidé : les ministres, par quel acte.", min_length=2)
    grounds: str = Field(default="", title="Motif", description="Il est cité dans la lettre : une ou deux phrases.")
    author: Author
    check_only: Preview = True

    @property
    def words(self) -> str:
        return f"{places(self.territory)} · {self.campaign}"


@flow(
    name="Décision",
    flow_run_name="Décision · {decision.words}",
    description="Enregistre la décision prise sur des candidatures. Le prochain passage écrit aux intéressés.",
)
def decision(decision: DecisionForm) -> list[Any]:
    act = acts.decide(
        codes(decision.territory), verdict=decision.verdict.value, day=decision.day, authority=decision.authority,
        grounds=decision.grounds,
    )  # fmt: skip
    words = f"Décision du {decision.day:%d/%m/%Y} : {decision.verdict.value}"
    return perform_form(act, words, decision.campaign, decision.author, preview=decision.check_only)
