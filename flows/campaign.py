"""How does a campaign open? From its file: the dossiers' obligations, then the instants of its reminders."""

from pathlib import Path
from typing import Any

from prefect import flow
from pydantic import BaseModel, ConfigDict, Field

from flows.clock import instant_of_run
from flows.forms import At
from tasks.artifacts import report_opening
from tasks.campaigns import open_campaign, open_campaign_file
from tasks.schedules import schedule_campaign


class Opening(BaseModel):
    """The campaign to open, and who opens it."""

    model_config = ConfigDict(
        extra="forbid",
        title="Ouverture",
        json_schema_extra={"description": "Ouvrir deux fois la même campagne ne change rien."},
    )

    file: str = Field(
        title="Fichier de campagne",
        description="Le chemin du fichier .yaml sur la machine qui exécute les flux, ou le texte du fichier lui-même.",
    )
    author: str = Field(title="Auteur", description="Qui ouvre la campagne : un nom ou une fonction.", min_length=2)
    tables: str = Field(
        default="",
        title="Tableaux",
        description="Le dossier des tableaux à importer. Vide : celui que dit le fichier.",
    )
    at: At = None

    @property
    def words(self) -> str:
        return self.file if "\n" not in self.file else "un fichier collé dans le formulaire"


@flow(
    name="Ouverture de campagne",
    flow_run_name="Ouverture de campagne · {ouverture.words}",
    description="Ouvre une campagne à partir de son fichier, importe ses tableaux et prévoit ses relances.",
)
def opening(ouverture: Opening) -> list[Any]:
    at = instant_of_run(ouverture.at)
    tables = Path(ouverture.tables) if ouverture.tables else None
    if "\n" in ouverture.file:
        opened = open_campaign(
            ouverture.file, name="le formulaire", at=at, author=ouverture.author, tables=[tables] if tables else []
        )
    else:
        opened = open_campaign_file(Path(ouverture.file), at=at, author=ouverture.author, tables=tables)
    planned = schedule_campaign(opened.code, from_day=None, at=at)
    return [report_opening(opened, planned, return_state=True)]
