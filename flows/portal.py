"""When is Démarche numérique read, and by which correspondences?

Those of the form, else every .yaml file of the folder `portail` of the engine's home: without one, nothing is asked of
anybody. What a failure leaves undone, the next pass takes up.
"""

from pathlib import Path
from typing import Any

from prefect import flow
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from flows.clock import instant_of_run
from models.queries import NoSuchCampaign
from models.rules.yaml_files import ProgrammeRefused
from tasks.portal import open_portal, synchronise
from tasks.portal_artifacts import report_portal
from tasks.portal_client import PortalRefused
from tasks.settings import settings


class NotRead(Exception):
    """Some démarches could not be read; says which and why, one a line."""


class Reading(BaseModel):
    """What is read of the portal."""

    model_config = ConfigDict(
        extra="forbid",
        title="Relevé du portail",
        json_schema_extra={"description": "Sans rien changer : tout ce qui est nouveau, pour chaque démarche suivie."},
    )

    file: str = Field(
        default="",
        title="Fichier de correspondance",
        description="Le chemin d’un fichier .yaml sur la machine qui exécute les flux. Vide : ceux du dossier portail.",
    )
    since: AwareDatetime | None = Field(
        default=None, title="Depuis", description="Relire depuis cet instant. Vide : depuis le dernier relevé."
    )
    preview: bool = Field(default=False, title="Aperçu seulement", description="Oui : rien n’est pris ni enregistré.")

    @property
    def words(self) -> str:
        return Path(self.file).name if self.file else "toutes les démarches"


@flow(
    name="Relevé du portail",
    flow_run_name="Relevé du portail · {releve.words}",
    description="Prend les pièces déposées sur Démarche numérique. Rien n’est envoyé.",
)
def portal(releve: Reading = Reading()) -> list[Any]:  # noqa: B008 - never changed
    files = [Path(releve.file)] if releve.file else sorted((settings().home / "portail").glob("*.yaml"))
    if not files:
        return []
    at, reports, failures = instant_of_run(None), [], []
    with open_portal() as opened:
        for file in files:
            try:
                document = file.read_text(encoding="utf-8")
                report = synchronise(
                    document, name=file.name, at=at, portal=opened, since=releve.since, check=releve.preview
                )
            except (PortalRefused, ProgrammeRefused, NoSuchCampaign) as failure:
                failures.append(f"{file.name} : {failure}")  # the other démarches are read all the same
            else:
                reports.append(report_portal(report, return_state=True))
    if failures:
        raise NotRead("\n".join(failures))
    return reports
