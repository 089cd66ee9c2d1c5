"""How do people's tables come in from a terminal, and how is what they change or what is wrong told?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli_options import CAMPAIGN
from deployments.cli_types import Name

if TYPE_CHECKING:
    from tasks.intake import IntakeReport

SHOWN_FAULTS = 200  # on a terminal; the rest is counted


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@CAMPAIGN
@click.option("--check", is_flag=True, help="Say what would happen, write nothing.")
@click.option("--by", "author", type=Name(), default="ligne de commande", help="Who imports, for the record.")
def import_(paths: tuple[Path, ...], code: str, check: bool, author: str) -> None:
    """Read tables from .csv, .xlsx, .ods or folders: all or nothing."""
    from flows.clock import now
    from tasks.intake import IntakeRefused, take_in

    report = take_in(list(paths), campaign=code, at=now(), author=author, check=check)
    if report.faults:
        print_faults(report)
        raise IntakeRefused(report)
    print_intake(report)
    if check:
        print("Checked only: nothing was written.")


def print_faults(report: "IntakeReport") -> None:
    """What is wrong in the tables, a line each, as results."""
    for fault in report.faults[:SHOWN_FAULTS]:
        print(fault)
    if len(report.faults) > SHOWN_FAULTS:
        print(f"… et {len(report.faults) - SHOWN_FAULTS} autres")


def print_intake(report: "IntakeReport") -> None:
    """What an intake changed, table by table; its warnings go to standard error."""
    for warning in report.warnings[:SHOWN_FAULTS]:
        click.echo(f"avertissement : {warning}", err=True)
    if len(report.warnings) > SHOWN_FAULTS:
        click.echo(f"… et {len(report.warnings) - SHOWN_FAULTS} autres avertissements", err=True)
    names = {"added": report.added, "corrected": report.corrected, "replaced": report.replaced,
             "unchanged": report.unchanged}  # fmt: skip
    tables = dict.fromkeys(table for counts in names.values() for table in counts)
    for table in tables:
        figures = ", ".join(f"{counts[table]} {name}" for name, counts in names.items() if counts.get(table))
        print(f"{table}: {figures or 'nothing'}")


COMMANDS = (import_,)
