"""How does somebody ask for the dashboard of a campaign from a terminal?"""

from datetime import datetime
from pathlib import Path

import click

from deployments.cli_options import AT, CAMPAIGN


@click.command()
@CAMPAIGN
@click.option("--to", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.html")
@AT
def dashboard(code: str, file: Path, at: datetime | None) -> None:
    """One French page to watch the campaign: states, map, delays, letters, pieces, money; filters, tables, print."""
    from flows.clock import now
    from tasks.dashboard import write_dashboard

    if file.suffix.lower() != ".html":
        raise click.UsageError(f"«{file}» is not a web page: give a name that ends with .html")
    write_dashboard(code, at or now(), file)
    print(file)


COMMANDS = (dashboard,)
