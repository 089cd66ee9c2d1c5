"""How does somebody get calendar files, or ask whether letters left, from a terminal?"""

from datetime import datetime
from pathlib import Path

import click

from deployments.cli_types import Instant


@click.command()
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
@click.option("--contact", default="", metavar="ADDRESS", help="Only the file of this address.")
@click.option("--territory", default="", help="Only the files of those who are written to about this territory.")
@click.option("--at", type=Instant(), help="As of this instant (default: now).")
def calendar(code: str, out: Path, contact: str, territory: str, at: datetime | None) -> None:
    """One .ics file for each contact, to subscribe to: every obligation it is written to about, kept up to date."""
    from flows.clock import now
    from tasks.calendars import feeds, write_feeds

    if contact and territory:
        raise click.UsageError("give --contact or --territory, not both")
    made = feeds(code, at or now(), contact=contact, territory=territory)
    changed = write_feeds(made, out)
    for each in made:
        print(f"{out / each.name}\t{each.person.role.value}\t{each.person.perimeter}\t{each.address}")
    click.echo(f"{len(made)} calendars, {changed} of them new or changed", err=True)


COMMANDS = (calendar,)
