"""What can be asked of the engine from a terminal?

Results go to standard output, progress and warnings to standard error; a failure is one sentence and a non-zero code.
What a command needs is imported when it runs: `cites --help` answers at once.
"""

import os

import click

from deployments import (
    cli_acts,
    cli_calendar,
    cli_campaigns,
    cli_cell,
    cli_dashboard,
    cli_days,
    cli_follow_up,
    cli_guide,
    cli_history,
    cli_letters,
    cli_mailroom,
    cli_money,
    cli_operations,
    cli_passes,
    cli_plan,
    cli_portal,
    cli_tables,
    cli_workbooks,
)
from deployments.cli_help import Sorted
from deployments.known_failures import told_in_one_sentence


@click.group(cls=Sorted, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Carry each cité éducative from its candidature to the end of its convention."""
    os.environ.setdefault("DO_NOT_TRACK", "1")  # before anything imports Prefect: it tells nobody that it is used


@main.command()
@click.option("--port", default=4200, show_default=True, help="Where the Prefect UI listens, on this machine.")
@click.option("--dashboard-port", type=int, help="Where the dashboards are served (default: the next free port).")
@click.option("--example", is_flag=True, help="Open the example campaign and play its J-7 first.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Another address needs CITES_SERVER_LOGIN.")
@click.option("--metrics-port", type=int, help="Serve the figures of `cites metrics` there, to this machine only.")
@told_in_one_sentence
def up(port: int, dashboard_port: int | None, example: bool, host: str, metrics_port: int | None) -> None:
    """Server and runner in the foreground, until Ctrl-C."""
    from deployments.serve import up as serve
    from tasks.settings import settings

    serve(
        port=port, dashboard_port=dashboard_port, example=example, home=settings().home, host=host,
        metrics_port=metrics_port,
    )  # fmt: skip


FAMILIES = (
    cli_acts,
    cli_calendar,
    cli_campaigns,
    cli_cell,
    cli_dashboard,
    cli_days,
    cli_follow_up,
    cli_guide,
    cli_history,
    cli_letters,
    cli_mailroom,
    cli_money,
    cli_operations,
    cli_passes,
    cli_plan,
    cli_portal,
    cli_tables,
    cli_workbooks,
)
for each in (command for family in FAMILIES for command in family.COMMANDS):
    for one in (each, *getattr(each, "commands", {}).values()):
        one.callback = told_in_one_sentence(one.callback)
    main.add_command(each)


if __name__ == "__main__":
    main()
