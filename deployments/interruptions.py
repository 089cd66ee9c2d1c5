"""What becomes of runs that were cut short when the engine stopped?

A run that was going keeps its deployment's only place, and every later run would be cancelled for want of one, for
ever. When the engine starts, before its one worker does, no deployed run can be going: those said to be are closed as
crashed, which gives their places back. What they left undone, the next pass does.
"""

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

GOING = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def close_interrupted_runs(client: SyncPrefectClient) -> int:
    """Close the deployed runs that still count as going; gives their number. Only for when no worker is at work."""
    asked = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=GOING)))
    interrupted = [run for run in client.read_flow_runs(flow_run_filter=asked) if run.deployment_id]
    for run in interrupted:
        client.set_flow_run_state(run.id, Crashed(message="Le moteur s’est arrêté pendant ce passage."), force=True)
    return len(interrupted)
