"""How does somebody grant more time, or record that territories give up, from the UI?

An act is rows of ours, entered through the same intake as the tables; no run waits for it, and the next pass acts on
it. A form shows first and records only when it is asked to.
"""

import re
from datetime import date
from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import now
from flows.forms import Author, Campaign, Preview, Territories
from flows.refusals import FormRefused, require_campaign
from tasks import acts
from tasks.act_artifacts import report_act
from tasks.acts import Act, fault_words, perform
from tasks.intake import IntakeRefused

CORRECTION = "Une correction est une saisie de plus : rien n’est effacé."


class Concerned(BaseModel):
    """Whom an act is about: the first fields of its form."""

    campaign: Campaign
    territories: Territories

    @property
    def words(self) -> str:
        return f"{places(self.territories)} · {self.campaign}"


class Delay(BaseModel):
    """What an extension grants."""

    deadline: str = Field(
        title="Échéance",
        description="Son nom ou son titre : candidature, action_plan, « Programme d’action », fund_report:2021.",
        min_length=1,
    )
    new_due: date = Field(title="Nouvelle échéance", description="Ce jour est compris.")
    authority: str = Field(title="Autorité", description="Qui l’accorde.", min_length=2)
    reference: str = Field(default="", title="Référence", description="Le numéro de l’acte, s’il en a un.")


class Signed(BaseModel):
    """When, why and by whom an act is entered, and whether it is only looked at: the last fields of its form."""

    day: date = Field(title="Date de l’acte", description="Il compte depuis le début de ce jour.")
    grounds: str = Field(title="Motif", description="Une ou deux phrases.", min_length=2)
    author: Author
    preview: Preview = True


class ExtensionForm(Signed, Delay, Concerned):  # fields stand in the order of the bases, the last one first
    """More time for one deadline."""

    model_config = ConfigDict(
        extra="forbid",
        title="Prorogation",
        json_schema_extra={
            "description": f"Donne plus de temps à un ou plusieurs territoires. {CORRECTION}",
        },
    )


class WithdrawalForm(Signed, Concerned):
    """Territories give up."""

    model_config = ConfigDict(
        extra="forbid",
        title="Désistement",
        json_schema_extra={
            "description": f"Inscrit que des territoires renoncent : plus rien ne leur est envoyé. {CORRECTION}",
        },
    )


@flow(
    name="Prorogation",
    flow_run_name="Prorogation · {prorogation.words}",
    description="Accorde un délai à un ou plusieurs territoires. Le prochain passage écrit aux intéressés.",
)
def extension(prorogation: ExtensionForm) -> list[Any]:
    act = acts.extend(
        codes(prorogation.territories), deadline=prorogation.deadline, new_due=prorogation.new_due,
        day=prorogation.day, authority=prorogation.authority, grounds=prorogation.grounds,
        reference=prorogation.reference,
    )  # fmt: skip
    words = f"Prorogation ({prorogation.deadline}) jusqu’au {prorogation.new_due:%d/%m/%Y}"
    return perform_form(act, words, prorogation.campaign, prorogation.author, preview=prorogation.preview)


@flow(
    name="Désistement",
    flow_run_name="Désistement · {desistement.words}",
    description="Inscrit que des territoires renoncent. Plus aucune relance ne leur est envoyée.",
)
def withdrawal(desistement: WithdrawalForm) -> list[Any]:
    act = acts.withdraw(codes(desistement.territories), day=desistement.day, grounds=desistement.grounds)
    words = f"Désistement du {desistement.day:%d/%m/%Y}"
    return perform_form(act, words, desistement.campaign, desistement.author, preview=desistement.preview)


def perform_form(act: Act, words: str, campaign: str, author: str, *, preview: bool) -> list[Any]:
    """Record an act, or only look at it, and keep the report of it. Raises FormRefused, ActRefused."""
    require_campaign(campaign)
    try:
        report = perform(act, campaign=campaign, at=now(), author=author, preview=preview)
    except IntakeRefused as refused:
        raise FormRefused("\n".join(map(fault_words, refused.report.faults))) from None
    recorded = report.intake.added.get(act.table, 0)
    return [report_act(campaign, words, report, recorded, preview=preview, return_state=True)]


def codes(territories: str) -> list[str]:
    """The codes that a form's field names, each once."""
    typed = re.split(r"[\s,;]+", territories.strip())
    return list({code.casefold(): code for code in typed if code}.values())


def places(territories: str) -> str:
    """« douai-waziers », or « 9 territoires »."""
    named = codes(territories)
    return named[0] if len(named) == 1 else f"{len(named)} territoires"
