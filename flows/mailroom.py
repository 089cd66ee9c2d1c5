"""How does somebody hold letters back, or let them leave, from the UI?

An order is a row of ours; the next delivery acts on it. What is refused says why, in French, to the person at the form.
"""

from datetime import datetime
from typing import Any

from prefect import flow
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from flows.clock import now
from models.queries import NoSuchCampaign
from models.territory_queries import NoSuchTerritory
from notifications.french import count
from tasks.holding import NotHeld, answer_held
from tasks.mail_artifacts import pause_words, report_words
from tasks.pauses import NotPaused, pause, resume


class OrderRefused(Exception):
    """Nothing was recorded; says why, in French, for the person at the form."""


class _Asked(BaseModel):
    """What every form of the mail room asks."""

    campaign: str = Field(
        default="", title="Campagne", description="Le code de la campagne, par exemple 2021. Vide : toutes."
    )
    author: str = Field(title="Par", description="Votre nom ou votre fonction.", min_length=2)
    grounds: str = Field(default="", title="Motif", description="Une phrase, pour mémoire.")


class ReleaseForm(_Asked):
    """The held letters to let go, or to refuse."""

    model_config = ConfigDict(
        extra="forbid",
        title="Libération",
        json_schema_extra={"description": "Les lettres libérées partent à leur prochaine heure, un jour ouvré."},
    )

    letters: list[int] = Field(
        default_factory=list,
        title="Lettres",
        description="Leurs numéros, lus dans « cites held ». Vide : toutes celles de la campagne, qu’il faut nommer.",
    )
    refuse: bool = Field(
        default=False, title="Refuser", description="Oui : elles ne partiront jamais. Donnez alors un motif."
    )

    @property
    def words(self) -> str:
        return count(len(self.letters), "lettre") if self.letters else f"toute la campagne {self.campaign}"


class PauseForm(_Asked):
    """What to hold back."""

    model_config = ConfigDict(
        extra="forbid",
        title="Pause",
        json_schema_extra={"description": "Les décisions continuent ; les lettres attendent la reprise."},
    )

    territory: str = Field(default="", title="Territoire", description="Son code. Vide : toute la campagne.")
    until: AwareDatetime | None = Field(
        default=None, title="Jusqu’au", description="La pause prend fin d’elle-même. Vide : jusqu’à la reprise."
    )

    @property
    def words(self) -> str:
        return _scope(self.campaign, self.territory)


class ResumeForm(_Asked):
    """What to let leave again."""

    model_config = ConfigDict(
        extra="forbid",
        title="Reprise",
        json_schema_extra={
            "description": "Ce qui a attendu est revu avant de partir : rien de périmé, rien en double."
        },
    )

    territory: str = Field(default="", title="Territoire", description="Son code. Vide : toute la campagne.")

    @property
    def words(self) -> str:
        return _scope(self.campaign, self.territory)


@flow(
    name="Libération de lettres",
    flow_run_name="Libération · {liberation.words}",
    description="Laisse partir des lettres retenues pour relecture, ou les refuse.",
)
def releasing(liberation: ReleaseForm) -> list[Any]:
    if not liberation.letters and not liberation.campaign:
        raise OrderRefused("Indiquez des numéros de lettres, ou une campagne.")
    if liberation.refuse and not liberation.grounds.strip():
        raise OrderRefused("Un refus se motive : écrivez pourquoi ces lettres ne doivent pas partir.")
    try:
        done = answer_held(
            liberation.letters or None, campaign=liberation.campaign, at=now(), author=liberation.author,
            grounds=liberation.grounds, refused=liberation.refuse,
        )  # fmt: skip
    except NotHeld as unknown:
        raise OrderRefused(f"Une de ces lettres n’attend pas de relecture ({unknown}).") from None
    except NoSuchCampaign as unknown:
        raise OrderRefused(f"Cette campagne n’existe pas ({unknown}).") from None
    if liberation.refuse:
        said = f"{count(len(done), 'lettre refusée', plural='lettres refusées')} : aucun départ."
    else:
        said = f"{count(len(done), 'lettre libérée', plural='lettres libérées')} : départ à la prochaine heure ouvrée."
    return [report_words("relecture", said, return_state=True)]


@flow(
    name="Pause des envois",
    flow_run_name="Pause · {suspension.words}",
    description="Suspend les envois de tout, d’une campagne ou d’un territoire ; les décisions continuent.",
)
def pausing(suspension: PauseForm) -> list[Any]:
    at = now()
    _refuse_a_stray_territory(suspension.campaign, suspension.territory)
    if suspension.until is not None and suspension.until <= at:
        raise OrderRefused("Cette pause serait déjà finie : donnez une fin à venir, ou aucune.")
    try:
        order = pause(
            campaign=suspension.campaign, territory=suspension.territory, at=at, until=suspension.until,
            author=suspension.author, grounds=suspension.grounds,
        )  # fmt: skip
    except (NoSuchCampaign, NoSuchTerritory) as unknown:
        raise OrderRefused(f"Campagne ou territoire inconnu ({unknown}).") from None
    return [report_words("pause", f"En pause : {pause_words(order)}{_until(order.until)}.", return_state=True)]


@flow(
    name="Reprise des envois",
    flow_run_name="Reprise · {reprise.words}",
    description="Laisse repartir ce qu’une pause retenait, après l’avoir revu.",
)
def resuming(reprise: ResumeForm) -> list[Any]:
    _refuse_a_stray_territory(reprise.campaign, reprise.territory)
    try:
        order, wider = resume(
            campaign=reprise.campaign, territory=reprise.territory, at=now(), author=reprise.author,
            grounds=reprise.grounds,
        )  # fmt: skip
    except (NoSuchCampaign, NoSuchTerritory) as unknown:
        raise OrderRefused(f"Campagne ou territoire inconnu ({unknown}).") from None
    except NotPaused as nothing:
        raise OrderRefused(f"Rien n’est en pause à cet endroit ({nothing}).") from None
    still = f" Une autre pause tient encore : {', '.join(pause_words(each) for each in wider)}." if wider else ""
    return [report_words("pause", f"Les envois reprennent : {pause_words(order)}.{still}", return_state=True)]


def _refuse_a_stray_territory(campaign: str, territory: str) -> None:
    if territory and not campaign:
        raise OrderRefused("Un territoire se nomme avec sa campagne : remplissez les deux.")


def _scope(campaign: str, territory: str) -> str:
    return " · ".join(filter(None, (campaign, territory))) or "tous les envois"


def _until(end: datetime | None) -> str:
    return f", jusqu’au {end:%d/%m/%Y}" if end else ""
