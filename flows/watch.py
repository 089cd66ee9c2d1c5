"""When does somebody look whether letters left at all? At noon on worked days, apart from every pass."""

from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from pydantic import AwareDatetime, ConfigDict, Field

from flows.clock import instant_of_run, now
from flows.forms import DayAsked
from tasks.agenda import campaigns
from tasks.delivery import deliver
from tasks.watch import sound
from tasks.watch import watch as look


class Watch(DayAsked):
    """What one look is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        title="Veille",
        json_schema_extra={
            "description": "Sans rien changer : ce qui devait partir ce matin est-il parti, pour toutes les campagnes ?"
        },
    )

    at: AwareDatetime | None = Field(
        default=None,
        title="À la date du",
        description="L’instant auquel la veille se place. Vide : maintenant.",
    )


@flow(
    name="Veille",
    flow_run_name="Veille {veille.words}",
    description="Compare ce qui devait partir à ce qui est parti, et alerte la coordination si rien n’est parti.",
)
def watch(veille: Watch = Watch()) -> list[Any]:  # noqa: B008 - never changed
    at = instant_of_run(veille.at)
    started: list[Any] = []
    for campaign in campaigns():
        found = look(campaign, at)
        if found:
            started.append(sound(campaign, found, return_state=True))
    if started:
        started.append(deliver(at, str(flow_run.id), now(), return_state=True))
    return started
