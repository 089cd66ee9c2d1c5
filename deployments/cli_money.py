"""What can be asked about money from a terminal: a fund's accounts and report, the conventions, three years at once?"""

from datetime import datetime
from pathlib import Path

import click

from deployments.cli_types import Instant

STYLE = click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
CODE = click.option("--campaign", "code", required=True, help="The campaign's code.")


@click.command()
@click.argument("territory")
@CODE
@click.option("--year", type=int, help="One year only.")
@STYLE
def fund(territory: str, code: str, year: int | None, style: str) -> None:
    """The yearly accounts of a territory's fund, each opening on the last one's closing."""
    from deployments.tables_out import in_euros, print_json, print_table
    from tasks.fund import fund as accounts_of

    found = accounts_of(code, territory, year)
    if style == "json":
        print_json(found)
        return
    columns = ("year", "opening", "received", "spent", "closing", "findings")
    rows = [
        {**{name: in_euros(each[name]) for name in columns[1:5]}, "year": each["year"],
         "findings": " ".join(dict.fromkeys(finding["code"] for finding in each["findings"]))}
        for each in found["accounts"]
    ]  # fmt: skip
    print_table(rows, columns, empty="This fund has no operation yet.")


@click.command("fund-report")
@click.argument("territory")
@CODE
@click.option("--year", type=int, required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where it is written.")
def fund_report(territory: str, code: str, year: int, out: Path) -> None:
    """The year's report of a fund, prefilled for the principal to sign: .docx, .pdf, and the account as .csv."""
    from flows.clock import now
    from tasks.fund import fund_report as write

    written = write(code, territory, year=year, at=now(), out=out)
    for finding in written.findings:
        click.echo(f"à vérifier : {finding}", err=True)
    for file in written.files:
        print(file)


@click.command()
@CODE
@click.option("--at", type=Instant(), help="As of this instant (default: now).")
@STYLE
def conventions(code: str, at: datetime | None, style: str) -> None:
    """The conventions of a campaign, and what there is to see to in them."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.conventions import conventions as conventions_of
    from tasks.conventions import finding_rows

    found = conventions_of(code, at or now())
    if style == "json":
        print_json(found)
        return
    rows = [dict(zip(("territory", "finding"), row, strict=False)) for row in finding_rows(found)]
    print_table(rows, ("territory", "finding"), empty="Nothing to see to.")


@click.command()
@CODE
@STYLE
def cofinancing(code: str, style: str) -> None:
    """The years of a campaign side by side: planned, notified and paid, at each level."""
    from deployments.tables_out import in_euros, print_json, print_table
    from tasks.cofinancing import cofinancing as cofinancing_of

    found = cofinancing_of(code)
    if style == "json":
        print_json(found)
        return
    rows = [
        {"year": year, "stage": stage, **{name: in_euros(side[name]) for name in ("state", "local", "other", "gap")}}
        for year, stages in found["nation"]["years"].items()
        for stage, side in stages.items()
    ]
    print_table(rows, ("year", "stage", "state", "local", "other", "gap"), empty="No money is recorded yet.")


COMMANDS = (fund, fund_report, conventions, cofinancing)
