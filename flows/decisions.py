"""How does somebody record the ministers' decision from the UI, on one territory or on many?

A decision is a row of ours, entered through the same intake as the tables; no run waits for it. The next pass acts on
it.
"""

from datetime import date
from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.acts import CORRECTION, SEVERAL, codes, perform_form, places
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

    campaign: str = Field(title="Campagne", description="Le code de la campagne, par exemple 2021.", min_length=1)
    territory: str = Field(title="Territoires", description=SEVERAL, min_length=1)
    verdict: Verdict = Field(title="Décision", description="labellise, refuse ou ajourne.")
    day: date = Field(title="Date de la décision")
    authority: str = Field(title="Autorité", description="Qui a décidé : les ministres, par quel acte.", min_length=2)
    grounds: str = Field(default="", title="Motif", description="Il est cité dans la lettre : une ou deux phrases.")
    author: str = Field(title="Saisie par", description="Votre nom ou votre fonction.", min_length=2)
    check_only: bool = Field(
        default=True, title="Aperçu seulement", description="Oui : l’effet est montré, rien n’est enregistré."
    )

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
