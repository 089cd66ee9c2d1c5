"""What does the server watch by itself, and what does it start when a run goes wrong?

Two automations, made from here and found again by their names: a run that failed or crashed, and a run that is late and
has not begun a quarter of an hour after. Both start the deployment « Alerte » with the id of the run. Registering
again changes what is written here and keeps whether people switched an automation off.
"""

from datetime import timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

ALERT = "Alerte"
LATE_FOR = timedelta(minutes=15)  # a worker with all hands full is late for less
A_RUN = {"prefect.resource.id": "prefect.flow-run.*"}
OF_ANOTHER_DEPLOYMENT = {"prefect.resource.role": "deployment", "prefect.resource.name": f"!{ALERT}"}
THE_RUN = {"incident": {"run": {"__prefect_kind": "jinja", "template": "{{ labels.prefect.resource.id }}"}}}


def register_automations(client: SyncPrefectClient) -> None:
    """Create or update the automations; the deployments are there already."""
    [alert] = [each.id for each in client.read_deployments() if each.name == ALERT]
    action = RunDeployment(source="selected", deployment_id=alert, parameters=THE_RUN)
    for automation in _automations(action):
        there = client.read_automations_by_name(automation.name)
        if there:
            client.update_automation(there[0].id, automation.model_copy(update={"enabled": there[0].enabled}))
        else:
            client.create_automation(automation)


def _automations(action: RunDeployment) -> tuple[AutomationCore, ...]:
    return (
        AutomationCore(
            name="Un passage a échoué",
            description="Un passage échoue ou est interrompu : la coordination en reçoit une lettre par heure au plus.",
            tags=["surveillance"],
            trigger=EventTrigger(
                posture=Posture.Reactive,
                match=A_RUN,
                match_related=OF_ANOTHER_DEPLOYMENT,
                for_each={"prefect.resource.id"},
                expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
            ),
            actions=[action],
        ),
        AutomationCore(
            name="Un passage n’a pas commencé",
            description="Un passage attend depuis un quart d’heure : la coordination en reçoit une lettre.",
            tags=["surveillance"],
            trigger=EventTrigger(
                posture=Posture.Proactive,
                match=A_RUN,
                match_related=OF_ANOTHER_DEPLOYMENT,
                for_each={"prefect.resource.id"},
                after={"prefect.flow-run.Late"},
                expect={"prefect.flow-run.Pending", "prefect.flow-run.Running", "prefect.flow-run.Cancelled"},
                within=LATE_FOR,
            ),
            actions=[action],
        ),
    )


if __name__ == "__main__":
    from prefect import get_client

    with get_client(sync_client=True) as server:
        register_automations(server)
