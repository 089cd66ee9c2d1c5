"""How does somebody record the ministers' decision from the UI?

A decision is a row of ours, entered through the same intake as the tables; no run waits for it. The next pass acts on
it.
"""

import csv
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import now
from models.words import Verdict
from tasks.artifacts import report_entry
from tasks.intake import take_in


class DecisionRefused(Exception):
    """The decision was not recorded; says every reason, in French, for the person at the form."""


class DecisionForm(BaseModel):
    """One decision on one territory."""

    model_config = ConfigDict(
        extra="forbid",
        title="Décision",
        json_schema_extra={"description": "Une correction est une décision de plus : rien n’est effacé."},
    )

    campaign: str = Field(title="Campagne", description="Le code de la campagne, par exemple 2021.", min_length=1)
    territory: str = Field(
        title="Territoire", description="Le code du territoire, par exemple douai-waziers.", min_length=1
    )
    verdict: Verdict = Field(title="Décision", description="labellise, refuse ou ajourne.")
    day: date = Field(title="Date de la décision")
    authority: str = Field(title="Autorité", description="Qui a décidé : les ministres, par quel acte.", min_length=2)
    grounds: str = Field(default="", title="Motif", description="Il est cité dans la lettre : une ou deux phrases.")
    author: str = Field(title="Saisie par", description="Votre nom ou votre fonction.", min_length=2)
    check_only: bool = Field(default=True, title="Vérifier seulement", description="Oui : rien n’est enregistré.")


@flow(
    name="Décision",
    flow_run_name="Décision · {decision.territory} · {decision.campaign}",
    description="Enregistre la décision prise sur une candidature. Le prochain passage écrit aux intéressés.",
)
def decision(decision: DecisionForm) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        report = take_in(
            [_one_row(Path(folder), decision)],
            campaign=decision.campaign, at=now(), author=decision.author, check=decision.check_only,
        )  # fmt: skip
    if report.faults:
        raise DecisionRefused("\n".join(f"« {each.value} » : {each.problem} ; {each.cure}." for each in report.faults))
    done = "vérifiée, non enregistrée" if decision.check_only else "enregistrée"
    words = f"Décision {done} : {decision.verdict}, territoire {decision.territory}, le {decision.day:%d/%m/%Y}."
    return [report_entry(decision.campaign, words, return_state=True)]


def _one_row(folder: Path, given: DecisionForm) -> Path:
    path = folder / "decisions.csv"
    with path.open("w", encoding="utf-8", newline="") as written:
        rows = csv.writer(written, delimiter=";")
        rows.writerow(("territoire", "decision", "date", "autorite", "motif"))
        rows.writerow((given.territory, given.verdict, given.day.isoformat(), given.authority, given.grounds))
    return path
