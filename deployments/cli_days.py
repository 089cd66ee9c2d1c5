"""How are days to come, and the present one, looked at from a terminal: the plan, the rehearsal, where each cité is?"""

from datetime import date, datetime
from pathlib import Path

import click

from deployments.cli_options import AT, CAMPAIGN, STYLE
from deployments.cli_types import Day, Days

PLAN_FORMATS = ("table", "json", "csv", "xlsx", "ics")


@click.command()
@CAMPAIGN
@click.option("--from", "start", required=True, type=Day(), help="First day of the window.")
@click.option("--to", "end", required=True, type=Day(), help="Last day of the window, included.")
@click.option("--without", type=Days(), default="", help="Days on which the engine is down.")
@click.option("--all", "all_letters", is_flag=True, help="Also openings, receipts, decisions, extensions.")
@click.option("--format", "style", type=click.Choice(PLAN_FORMATS), default="table", show_default=True)
def plan(code: str, start: date, end: date, without: frozenset[date], all_letters: bool, style: str) -> None:
    """Every letter that would leave in a window, to whom and why; nothing is written."""
    from deployments.tables_out import print_plan
    from tasks.planning import plan_rows

    _in_order(start, end)
    rows = plan_rows(code, start=start, end=end, without=without, all_letters=all_letters)
    print_plan(rows, style, title=f"Relance à blanc {code}")


@click.command()
@CAMPAIGN
@click.option("--from", "start", required=True, type=Day(), help="First day played.")
@click.option("--to", "end", required=True, type=Day(), help="Last day played, included.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where letters go.")
def rehearse(code: str, start: date, end: date, out: Path) -> None:
    """Play days through the real flows on a scratch copy of the database; the letters land in OUT."""
    from deployments.rehearsal import rehearse as play

    _in_order(start, end)
    play(code, start, end, out)


def _in_order(start: date, end: date) -> None:
    if end < start:
        raise click.UsageError(f"the window ends ({end}) before it starts ({start}): put the two days in order")


@click.command()
@CAMPAIGN
@AT
@STYLE
def status(code: str, at: datetime | None, style: str) -> None:
    """Per territory: its state, each obligation, what is missing, the next step."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.status import status as status_of

    found = status_of(code, at or now())
    if style == "json":
        print_json(found)
        return
    rows = [
        {"territory": each["territory"], "state": each["state"], **obligation,
         "missing": len([finding for finding in obligation["findings"] if finding["level"] == "required"]),
         "satisfied": "yes" if obligation["satisfied"] else "no"}
        for each in found["territories"]
        for obligation in each["obligations"]
    ]  # fmt: skip
    columns = ("territory", "state", "deadline", "due", "satisfied", "missing", "last_step", "next_step", "next_date")
    print_table(rows, columns, empty="This campaign has no territory yet: import its tables.")


COMMANDS = (plan, rehearse, status)
