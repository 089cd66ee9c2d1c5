"""Which fields do several forms share, in which French words?

Their titles and descriptions are what Prefect's form shows. A form gives a field its default where it may be left out.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from flows.clock import instant_of_run

Campaign = Annotated[
    str, Field(title="Campagne", description="Le code de la campagne, par exemple 2021.", min_length=1)
]
AnyCampaign = Annotated[
    str,
    Field(
        title="Campagne",
        description="Le code de la campagne, par exemple 2021. Vide : toutes les campagnes ouvertes.",
    ),
]
Territories = Annotated[
    str,
    Field(
        title="Territoires",
        description="Le code d’un territoire, ou de plusieurs, séparés par des virgules ou des espaces : "
        "douai-waziers, lievin.",
        min_length=1,
    ),
]
At = Annotated[AwareDatetime | None, Field(title="À la date du", description="Vide : maintenant.")]
AtOfPass = Annotated[
    AwareDatetime | None,
    Field(title="À la date du", description="L’instant auquel le passage se place. Vide : maintenant."),
]
Author = Annotated[str, Field(title="Saisie par", description="Votre nom ou votre fonction.", min_length=2)]
Preview = Annotated[
    bool, Field(title="Aperçu seulement", description="Oui : l’effet est montré, rien n’est enregistré.")
]


class DayAsked(BaseModel):
    """A form that asks for little more than the day it speaks of."""

    at: At = None

    @property
    def words(self) -> str:
        """For the name of the run."""
        return f"à la date du {day(self.at)}"


def day(at: datetime | None) -> str:
    """19/02/2021, the day of the given instant or of this run, as the name of a run tells it."""
    return (at or instant_of_run(None)).strftime("%d/%m/%Y")
