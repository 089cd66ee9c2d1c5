"""How does somebody get calendar files, or ask whether letters left, from a terminal?"""

from datetime import datetime
from pathlib import Path

import click

from deployments.cli_options import AT, CAMPAIGN


@click.command()
@CAMPAIGN
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
@click.option("--contact", default="", metavar="ADDRESS", help="Only the file of this address.")
@click.option("--territory", default="", help="Only the files of those who are written to about this territory.")
@AT
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


@click.command()
@AT
def watch(at: datetime | None) -> None:
    """Did what was due by noon leave? If not, the coordination is written to, once a day, and the command fails.

    It needs neither the engine nor Prefect to be running.
    """
    from flows.clock import now
    from models.queries import campaign_codes
    from tasks.database import reading
    from tasks.delivery import DeliveryFailed, deliver
    from tasks.gateway import check_gateway
    from tasks.watch import NothingLeft, sentence
    from tasks.watch import watch as look

    check_gateway()
    moment = at or now()
    with reading() as session:
        codes = campaign_codes(session)
    found = {code: facts for code in codes if (facts := look.fn(code, moment))}
    if not found:
        print("All is well: everything that was due by noon has left.")
        return
    try:
        figures = deliver.fn(moment, "watch", now())
    except DeliveryFailed as failure:
        click.echo(str(failure), err=True)
    else:
        print(f"tried to deliver what waits: {figures['sent']} sent, {figures['waiting']} still wait")
    raise NothingLeft("; ".join(sentence(code, facts) for code, facts in found.items()))


COMMANDS = (calendar, watch)
