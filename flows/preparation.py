"""How is a campaign prepared without a terminal? A form makes its file, and shows what it would do; nothing opens."""

from datetime import date
from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import now
from models.rules.yaml_files import ProgrammeRefused
from tasks.campaign_files import Draft, campaign_file, model_named, write_first_free
from tasks.report_artifacts import report_preview
from tasks.settings import settings


class Preparation(BaseModel):
    """The dates of the campaign to prepare; those left empty are taken from another campaign, if one is named."""

    model_config = ConfigDict(
        extra="forbid",
        title="Préparation",
        json_schema_extra={
            "description": "Rien n’est ouvert ni enregistré : le fichier préparé se relit, puis s’ouvre par "
            "« Ouvrir une campagne »."
        },
    )

    code: str = Field(
        title="Code de la campagne", description="Lettres, chiffres et tirets, par exemple 2022.", min_length=1
    )
    title: str = Field(title="Titre", description="Tel qu’il paraîtra dans les lettres.", min_length=2)
    opens: date = Field(title="Ouverture")
    like: str = Field(
        default="",
        title="D’après la campagne",
        description="Le code d’une campagne ouverte : ses dates sont reprises, décalées d’autant d’années.",
    )
    candidature: date | None = Field(
        default=None, title="Candidatures attendues le", description="Dernier jour, compris."
    )
    action_plan: date | None = Field(
        default=None, title="Programmes d’action attendus le", description="Dernier jour, compris."
    )
    convention: date | None = Field(default=None, title="Conventions à signer le", description="Dernier jour, compris.")
    yearly: str = Field(
        default="",
        title="Échéances annuelles et autres",
        description="Une par ligne : fund_report:2022 = 2023-03-31.",
    )
    convention_start: date | None = Field(default=None, title="Début des conventions")
    convention_end: date | None = Field(default=None, title="Fin des conventions")
    cite: str = Field(
        default="",
        title="Texte qui donne ces dates",
        description="Le texte et l’endroit, par exemple note-2021-09-01, page 1. Vide : les dates sont des hypothèses.",
    )
    tables: str = Field(
        default="",
        title="Tableaux",
        description="Le dossier des tableaux, pour compter les lettres de chaque étape. Vide : aucun.",
    )

    def draft(self) -> Draft:
        """What the form says, for the writer of the file. Raises `ProgrammeRefused`."""
        named = {"candidature": self.candidature, "action_plan": self.action_plan, "convention": self.convention}
        span = None
        if self.convention_start and self.convention_end:
            span = (self.convention_start, self.convention_end)
        return Draft(
            code=self.code,
            title=self.title,
            opens=self.opens,
            days={name: day for name, day in named.items() if day} | dict(_dated(self.yearly)),
            convention=span,
            cite=self.cite,
        )


@flow(
    name="Préparation de campagne",
    flow_run_name="Préparation de campagne · {preparation.code}",
    description="Écrit le fichier d’une campagne à partir de dates, et montre ce qu’elle ferait ; rien ne s’ouvre.",
)
def preparing(preparation: Preparation) -> list[Any]:
    document = campaign_file(preparation.draft(), model_named(preparation.like) if preparation.like else None)
    written = write_first_free(document, settings().home.resolve() / "campagnes", f"campagne-{preparation.code}")
    tables = [preparation.tables] if preparation.tables else []
    return [report_preview(str(written), tables, now(), return_state=True)]


def _dated(lines: str) -> list[tuple[str, date]]:
    found = []
    for line in filter(None, (each.strip() for each in lines.replace(",", "\n").splitlines())):
        name, _, day = line.partition("=")
        try:
            found.append((name.strip(), date.fromisoformat(day.strip())))
        except ValueError:
            raise ProgrammeRefused(f"«{line}» is not a dated deadline: write fund_report:2022 = 2023-03-31") from None
    return found
