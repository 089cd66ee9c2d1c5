"""How are one pass of a deadline, and one delivery, asked for from a terminal?"""

from datetime import datetime

import click

from deployments.cli_options import AT, CAMPAIGN
from deployments.known_failures import Failed


@click.command()
@click.argument("deadline")
@CAMPAIGN
@AT
@click.option("--no-deliver", is_flag=True, help="Decide only; letters wait in the outbox.")
def run(deadline: str, code: str, at: datetime | None, no_deliver: bool) -> None:
    """One pass of DEADLINE (candidature, action-plan, fund-report, convention …): check, decide, record, deliver."""
    from deployments.engine_room import prefect_api
    from models.queries import campaign_by_code
    from tasks.database import reading
    from tasks.gateway import check_gateway
    from tasks.settings import settings

    with reading() as session:
        campaign_by_code(session, code)[1].watched_by(deadline)  # refused here, in one sentence, before anything runs
    if not no_deliver:
        check_gateway()
    with prefect_api(settings().home, quiet=True):
        from flows.deadlines import run_deadline

        figures = run_deadline(deadline, code, at, deliver=not no_deliver)
    tell(figures)


@click.command()
@AT
def deliver(at: datetime | None) -> None:
    """Send what waits in the outbox."""
    from deployments.engine_room import prefect_api
    from models.outbox_queries import waiting_letters
    from tasks.database import reading
    from tasks.gateway import check_gateway
    from tasks.settings import settings

    with reading() as session:
        waiting_letters(session)  # a database that is not there is refused here, in one sentence
    check_gateway()
    with prefect_api(settings().home, quiet=True):
        from flows.delivery import run_delivery

        figures = run_delivery(at)
    tell(figures)


def tell(figures: dict[str, int]) -> None:
    """Print the figures of a pass or a delivery, a line each. Raises Failed when letters died or a task failed."""
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")
    if figures.get("waiting"):
        _tell_setbacks()
    if dead := figures.get("dead"):
        letters = "letter" if dead == 1 else "letters"
        raise Failed(
            f"{dead} {letters} will never leave: read why with `cites mailbox --campaign C --status dead`, "
            "then correct their contacts or their templates"
        )
    if figures.get("failed"):
        raise Failed("this pass did not end well: see its run in the Prefect UI, or run it again (nothing is doubled)")


def _tell_setbacks() -> None:
    from models.outbox_queries import setbacks
    from tasks.artifacts import without_addresses
    from tasks.database import reading

    with reading() as session:
        for reason, number in setbacks(session):
            click.echo(f"Not sent yet, to be tried again: {number} ({without_addresses(reason)})", err=True)


COMMANDS = (run, deliver)
