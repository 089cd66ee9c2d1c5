"""Which campaigns, and which of their deadlines, does a pass concern?"""

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.queries import campaign_by_code, campaign_codes
from tasks.database import reading


@task(task_run_name="campagnes concernées", cache_policy=NO_CACHE)
def concerned(deadline: str, campaign: str, with_own_flow: tuple[str, ...]) -> list[tuple[str, str]]:
    """The (campaign, deadline) pairs of a pass.

    Both given: that pair, as it is. Empty campaign: every one whose file has the deadline. Empty deadline: every one
    that is not in `with_own_flow`, which a programme file has added.
    """
    if deadline and campaign:
        return [(campaign, deadline)]
    found = []
    with reading() as session:
        for code in [campaign] if campaign else campaign_codes(session):
            _, programme = campaign_by_code(session, code)
            own = [each.name for each in programme.deadlines.values() if not each.watched_with]
            if deadline:
                found += [(code, deadline) for name in own if name == deadline.replace("-", "_")]
            else:
                found += [(code, name) for name in own if name not in with_own_flow]
    return found


@task(task_run_name="campagnes ouvertes", cache_policy=NO_CACHE)
def campaigns() -> list[str]:
    """The codes of the campaigns that are open, in order."""
    with reading() as session:
        return campaign_codes(session)
