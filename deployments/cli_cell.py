"""How does somebody follow a cell against school avoidance from a terminal, and send its files safely?

No option and no output takes or gives a child's name, birth date or case (E222): a cohort is two days, a password is a
file, and an archive's names are never printed.
"""

import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli_help import Whole
from deployments.cli_options import AT, STYLE
from deployments.cli_types import YEAR, Day

if TYPE_CHECKING:
    from models.rules.cell import Cell

CAMPAIGN = click.option("--campaign", "code", help="The campaign whose rules hold (default: the last edition).")
PASSWORD_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


class SchoolYear(click.ParamType[int]):
    """A school year as 2008-2009; gives its first year."""

    name = "YYYY-YYYY"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        first, _, last = value.partition("-")
        if not (len(first) == len(last) == 4 and value.replace("-", "").isdecimal() and int(last) == int(first) + 1):
            self.fail(f"«{value}» is not a school year: write it as 2008-2009", param, ctx)
        return int(first)


def of_a_cohort(command: Callable[..., None]) -> Callable[..., None]:
    """The children of whom a file speaks, as two days and no more."""
    for option in (
        click.option("--school-year-of-birth", "born_in", type=SchoolYear(), help="Or their school year of birth."),
        click.option("--born-to", type=Day(), help="Birth date of the youngest that could be in it."),
        click.option("--born-from", type=Day(), help="Birth date of the eldest that could be in it."),
        CAMPAIGN,
    ):  # fmt: skip
        command = option(command)
    return command


@click.group(cls=Whole)
def cell() -> None:
    """Cells against school avoidance: signatures, yearly series, files sent and kept."""


@cell.command()
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--territory", default="", help="One territory only.")
@click.option("--year", type=YEAR, help="One year only.")
@AT
@STYLE
def status(code: str, territory: str, year: int | None, at: datetime | None, style: str) -> None:
    """Who signed the protocol and the charter, the nine series year by year, and what is due."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.cell import cells

    found = cells(code, at or now(), territory=territory, year=year)
    if style == "json":
        print_json(found)
        return
    signatures = [
        {"territory": each["territory"], "document": document["document"], "signed": len(document["signed"]),
         "unsigned": [signatory["signatory"] for signatory in document["unsigned"]]}
        for each in found["territories"]
        for document in each["documents"]
    ]  # fmt: skip
    print_table(signatures, ("territory", "document", "signed", "unsigned"), empty="No territory has a cell here.")
    print()
    counts = [
        {"territory": each["territory"], "series": series["series"], "indicator": series["indicator"],
         **{str(shown["year"]): line["value"] for shown in each["years"] for line in shown["series"]
            if line["series"] == series["series"]}}
        for each in found["territories"]
        for series in (each["years"][0]["series"] if each["years"] else ())
    ]  # fmt: skip
    years = sorted({str(shown["year"]) for each in found["territories"] for shown in each["years"]})
    print_table(counts, ("territory", "indicator", "series", *years), empty="No year is counted.")
    print()
    due = [{"territory": each["territory"], **line} for each in found["territories"] for line in each["due"]]
    print_table(due, ("territory", "deadline", "due", "armed", "missing"), empty="Nothing is asked.")
    for each in found["territories"]:
        for shown in each["years"]:
            for warning in shown["warnings"]:
                click.echo(f"{each['territory']}, {shown['year']} : {warning}", err=True)


@cell.command()
@CAMPAIGN
def guide(code: str | None) -> None:
    """What a cell is, who signs, what is counted, how its files travel: a French page to print."""
    from notifications.cell_sheets import guide_sheet

    print(guide_sheet(_rules(code)), end="")


@cell.command("keep-until")
@of_a_cohort
@click.option("--certificate", is_flag=True, help="Print a certificate of destruction to fill in and sign instead.")
def keep_until(
    code: str | None, born_from: date | None, born_to: date | None, born_in: int | None, certificate: bool
) -> None:
    """The last day on which a file about a cohort may be kept; nothing is stored."""
    from models.rules.cell import kept_until
    from notifications.cell_sheets import keeping_sheet, purge_sheet

    rules = _rules(code)
    cohort = _cohort(rules, born_from, born_to, born_in)
    if cohort is None:
        raise click.UsageError("whom is the file about? give --born-from and --born-to, or --school-year-of-birth")
    kept = kept_until(rules.retention, *cohort)
    print(purge_sheet(*cohort, kept) if certificate else keeping_sheet(rules, *cohort, kept), end="")


@cell.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--to", "archive", required=True, type=click.Path(path_type=Path, dir_okay=False), help="ARCHIVE.7z")
@click.option("--out-password", "secret", required=True, type=PASSWORD_FILE, help="A new file for the password, or -.")
@of_a_cohort
def pack(
    files: tuple[Path, ...], archive: Path, secret: Path, code: str | None, born_from: date | None,
    born_to: date | None, born_in: int | None,
) -> None:  # fmt: skip
    """Seal FILEs into an encrypted archive; its password goes to a file of its own, for a second message."""
    from models.rules.cell import kept_until
    from notifications.cell_sheets import sending_sheet
    from tasks.sealed_archive import new_password, seal

    rules = _rules(code)
    cohort = _cohort(rules, born_from, born_to, born_in)
    password = new_password()
    to_stdout = str(secret) == "-"
    if not to_stdout and secret.exists():
        raise click.UsageError(f"{secret}: is there already: name a new file for the password")
    seal(files, archive, password)
    if not to_stdout:
        try:
            _write_secret(secret, password)
        except OSError:
            archive.unlink()  # an archive whose password is lost helps nobody
            raise
    if to_stdout:
        print(password)
    sheet = sending_sheet(rules, kept_until(rules.retention, *cohort) if cohort else None)
    click.echo(f"{archive}: {len(files)} file{'s' if len(files) > 1 else ''} sealed.\n", err=to_stdout)
    click.echo(sheet, err=to_stdout, nl=False)


@cell.command()
@click.argument("archive", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="A new folder.")
@click.option("--in-password", "secret", required=True, type=PASSWORD_FILE, help="The password's file, or -.")
def unpack(archive: Path, folder: Path, secret: Path) -> None:
    """Open an encrypted ARCHIVE into a new folder; a password is read from a file or from standard input."""
    from tasks.sealed_archive import unseal

    from_stdin = str(secret) == "-"
    if not from_stdin and not secret.is_file():  # not named: it could be the password itself
        raise click.UsageError("the file of the password is not there: give its path, never the password itself")
    password = (sys.stdin.readline() if from_stdin else secret.read_text(encoding="utf-8")).strip()
    if not password:
        raise click.UsageError("the password is empty: give the file that holds it")
    count = unseal(archive, folder, password)
    print(f"{folder}: {count} file{'s' if count > 1 else ''}.")


def _rules(code: str | None) -> "Cell":
    from models.queries import campaign_by_code
    from models.rules.cell import load_cell
    from models.rules.chapters import editions_with
    from tasks.database import reading

    if code is None:
        return load_cell(editions_with("cell.yaml")[-1])
    with reading() as session:
        return load_cell(campaign_by_code(session, code)[1].edition)


def _cohort(
    rules: "Cell", born_from: date | None, born_to: date | None, born_in: int | None
) -> tuple[date, date] | None:  # fmt: skip
    from models.rules.cell import school_year

    if born_in is not None:
        if born_from or born_to:
            raise click.UsageError("give --school-year-of-birth, or --born-from and --born-to, not both")
        return school_year(rules.retention, born_in)
    if born_from is None and born_to is None:
        return None
    if born_from is None or born_to is None:
        raise click.UsageError("give both --born-from and --born-to")
    if born_to < born_from:
        raise click.UsageError(f"the youngest ({born_to}) is born before the eldest ({born_from}): swap the two days")
    return born_from, born_to


def _write_secret(file: Path, password: str) -> None:
    """A new file that its owner alone may read."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(f"{password}\n")


COMMANDS = (cell,)
