"""How is a campaign prepared, looked at, opened and put on the schedule from a terminal?"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from deployments.cli_acts import show_opening
from deployments.cli_help import Whole
from deployments.cli_options import PAGE_STYLE
from deployments.cli_tables import print_faults, print_intake
from deployments.cli_types import Day, Instant, Name
from deployments.known_failures import NotPlanned


@click.command("new")
@click.option("--code", required=True, help="The new campaign's code.")
@click.option("--title", required=True, help="Its title, in French: letters quote it.")
@click.option("--opens", required=True, type=Day(), help="The day it opens.")
@click.option("--candidature", type=Day(), help="When candidatures are due.")
@click.option("--action-plan", type=Day(), help="When action plans are due.")
@click.option("--convention", type=Day(), help="When conventions are due.")
@click.option("--convention-start", type=Day(), help="First day of the conventions.")
@click.option("--convention-end", type=Day(), help="Last day of the conventions.")
@click.option("--date", "dates", multiple=True, metavar="NAME=DAY", help="Any deadline: fund_report:2022=2023-03-31.")
@click.option("--like", default="", help="An open campaign's code, or a file: its dates, moved by whole years.")
@click.option("--cite", default="", help="The text that gives these dates, and the place: without it, assumptions.")
@click.option("--to", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.yaml, new.")
def new(
    code: str, title: str, opens: date, candidature: date | None, action_plan: date | None, convention: date | None,
    convention_start: date | None, convention_end: date | None, dates: tuple[str, ...], like: str, cite: str, to: Path,
) -> None:  # fmt: skip
    """Write the file of a new campaign, to be read over; nothing is opened."""
    from tasks.campaign_files import Draft, campaign_file, model_named, write_campaign_file

    if (convention_start is None) is not (convention_end is None):
        raise click.UsageError("give both --convention-start and --convention-end, or neither")
    named = {"candidature": candidature, "action_plan": action_plan, "convention": convention}
    draft = Draft(
        code=code,
        title=title,
        opens=opens,
        days={name: day for name, day in named.items() if day} | dict(_dated(each) for each in dates),
        convention=(convention_start, convention_end) if convention_start and convention_end else None,
        cite=cite,
    )
    write_campaign_file(campaign_file(draft, model_named(like) if like else None), to)
    print(f"{to}: read it over, then `cites campaign preview {to}` and `cites campaign open {to}`")


def _dated(text: str) -> tuple[str, date]:
    name, _, day = text.partition("=")
    try:
        return name.strip(), date.fromisoformat(day.strip())
    except ValueError:
        raise click.BadParameter(f"«{text}» is not NAME=DAY: write fund_report:2022=2023-03-31") from None


@click.command("preview")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--tables", multiple=True, type=click.Path(path_type=Path), help="Tables to count the letters with: files, folders."
)
@PAGE_STYLE
def preview(file: Path, tables: tuple[Path, ...], style: str) -> None:
    """What the campaign of FILE would do: days, instants, letters, assumptions; nothing is written."""
    from deployments.tables_out import print_json
    from flows.clock import now
    from notifications.campaign_preview import preview_paper
    from notifications.web_pages import as_html
    from tasks.campaign_preview import preview_file
    from tasks.intake import IntakeRefused

    at = now()
    try:
        found = preview_file(file, at=at, tables=tables)
    except IntakeRefused as refused:
        for fault in refused.report.faults:
            print(fault)
        raise
    if style == "json":
        print_json(found)
    elif style == "html":
        print(as_html(preview_paper(found, at)))
    else:
        _print_preview(found)


def _print_preview(found: Mapping[str, Any]) -> None:
    from deployments.tables_out import print_table

    print(f"{found['campaign']} ({found['title']}), opens {found['opens']}: {found['territories']} territories, "
          f"{len(found['instants'])} instants, {found['opening']['letters']} letters at the opening.")  # fmt: skip
    if found["labels_supposed_on"]:
        print(f"After a label, letters are counted as if every territory had it on {found['labels_supposed_on']}.")
    rows = [
        {"deadline": each["deadline"], "due": each["due"], "step": step["step"], **step["days"],
         "notices": step["notices"], "letters": step["letters"]}
        for each in found["deadlines"]
        for step in each["steps"]
    ]  # fmt: skip
    places = list(dict.fromkeys(place for each in found["deadlines"] for s in each["steps"] for place in s["days"]))
    print_table(rows, ("deadline", "due", "step", *places, "notices", "letters"), empty="This file dates no deadline.")
    for each in found["nobody"]:
        click.echo(f"no contact: {each['role']}, {each['deadline']}, {each['territories']} territories",
                   err=True)  # fmt: skip
    for each in found["assumptions"]:
        print(f"assumption: {each}")


@click.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--tables", type=click.Path(path_type=Path), help="A table or a folder of tables to take in with it.")
@click.option("--by", "author", type=Name(), default="ligne de commande", help="Who opens it, for the record.")
@click.option("--preview", is_flag=True, help="Show which dates and letters would change, and write nothing.")
@click.option("--at", "seen_at", type=Instant(), help="With --preview: the instant looked at (default: now).")
def open_(file: Path, tables: Path | None, author: str, preview: bool, seen_at: datetime | None) -> None:
    """Create the campaign of FILE, its obligations and its Prefect schedules; twice changes nothing."""
    from flows.clock import now
    from tasks.campaigns import open_campaign_file
    from tasks.intake import IntakeRefused

    at = now()
    try:
        if preview:
            show_opening(file, tables, author, seen_at or at)
            return
        opening = open_campaign_file(file, at=at, author=author, tables=tables)
    except IntakeRefused as refused:
        print_faults(refused.report)
        raise
    words = {"opened": "opened", "corrected": "brought up to date", "unchanged": "already open, nothing changed"}
    print(f"Campaign {opening.code} ({opening.title}): {words[opening.change]}. {opening.territories} territories, "
          f"{opening.obligations} obligations.")  # fmt: skip
    if opening.intake is not None:
        print_intake(opening.intake)
    _schedule(opening.code, None, at, required=False)


@click.command()
@click.argument("code")
@click.option("--from", "from_day", type=Day(), help="First day (default: from now on).")
def schedule(code: str, from_day: date | None) -> None:
    """Put the campaign's remaining instants on the deployments, exactly; twice changes nothing."""
    from flows.clock import now

    _schedule(code, from_day, now(), required=True)


def _schedule(code: str, from_day: date | None, at: datetime, *, required: bool) -> None:
    from deployments.engine_room import running_api
    from deployments.environment import NoServer
    from tasks.settings import settings

    try:
        with running_api(settings().home):
            from tasks.schedules import NothingToPlanOn, schedule_campaign

            try:
                figures = schedule_campaign(code, from_day=from_day, at=at)
            except NothingToPlanOn as unknown:
                raise NotPlanned(str(unknown)) from None
    except (NoServer, NotPlanned) as absent:
        if required:
            raise
        click.echo(f"Not planned yet: {absent}; then `cites campaign schedule {code}`", err=True)
        return
    print("Planned runs: " + ", ".join(f"{name} {value}" for name, value in figures.items() if value is not None))


@click.group(cls=Whole, commands=[new, preview, open_, schedule])
def campaign() -> None:
    """Open a campaign, and put its instants on the schedule."""


COMMANDS = (campaign,)
