"""When is the mail that comes back read?"""

from typing import Any

from prefect import flow
from pydantic import ConfigDict

from flows.clock import instant_of_run
from flows.forms import DayAsked
from tasks.answers import read_answers
from tasks.mail_artifacts import report_answers


class Reading(DayAsked):
    """What one reading of the mailbox is asked for."""

    model_config = ConfigDict(
        extra="forbid",
        title="Relève",
        json_schema_extra={"description": "Sans rien changer : les courriels nouveaux sont lus maintenant."},
    )


@flow(
    name="Relève des réponses",
    flow_run_name="Relève des réponses {releve.words}",
    description="Lit la boîte aux lettres : adresses qui échouent, tableaux proposés. Ne répond jamais.",
)
def answers(releve: Reading = Reading()) -> list[Any]:  # noqa: B008 - never changed
    read = read_answers(instant_of_run(releve.at), return_state=True)
    return [read, report_answers(read, return_state=True)]
