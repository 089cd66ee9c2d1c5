"""How does a workbook leave from a terminal: the campaign's tables, a prefecture's own, one for each région?"""

from datetime import datetime
from pathlib import Path

import click

from deployments.cli_options import CAMPAIGN
from deployments.cli_types import Instant


@click.command()
@CAMPAIGN
@click.option("--to", required=True, type=click.Path(path_type=Path), help="FILE.xlsx, or a folder with --each.")
@click.option(
    "--perimeter", default="", help="The workbook people complete: national, region:32, departement:59, a territory."
)
@click.option("--each", type=click.Choice(("departement", "region")), help="One such workbook for each of them.")
@click.option("--blank", is_flag=True, help="The workbook people complete, without a row.")
@click.option("--at", type=Instant(), help="What is missing as of this instant (default: now).")
def export(code: str, to: Path, perimeter: str, each: str | None, blank: bool, at: datetime | None) -> None:
    """The campaign's tables in one workbook, ready to be corrected and imported again."""
    from flows.clock import now
    from models.rules.calendar import NATIONAL
    from tasks.export import export as write
    from tasks.workbook import export_each, export_perimeter

    if each and blank:
        raise click.UsageError("--blank makes one workbook: leave --each out")
    if each:
        if to.suffix.lower() == ".xlsx" or to.is_file():
            raise click.UsageError(f"«{to}» is not a folder: --each writes one workbook for each {each}")
        written = export_each(code, each, to, at=at or now(), within=perimeter or NATIONAL)
        for file, counts in written.items():
            print(f"{file}: {counts['territoires']} territoires, {counts['a_completer']} à compléter")
        return
    if to.suffix.lower() != ".xlsx":
        raise click.UsageError(f"«{to}» is not a workbook: give a name that ends with .xlsx")
    if perimeter or blank:
        counts = export_perimeter(code, perimeter or NATIONAL, to, at=at or now(), blank=blank)
    else:
        counts = write(code, to)
    print(f"{to}: " + ", ".join(f"{value} {name}" for name, value in counts.items()))


COMMANDS = (export,)
