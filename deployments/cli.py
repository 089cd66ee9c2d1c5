"""What can be asked of the engine from a terminal?

Results go to standard output, progress and warnings to standard error; a failure is one sentence and a non-zero code.
What a command needs is imported when it runs: `cites --help` answers at once.
"""

import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deployments import (
    cli_acts,
    cli_calendar,
    cli_campaigns,
    cli_cell,
    cli_dashboard,
    cli_follow_up,
    cli_guide,
    cli_history,
    cli_letters,
    cli_mailroom,
    cli_money,
    cli_operations,
    cli_plan,
    cli_portal,
    cli_workbooks,
)
from deployments.cli_types import Day, Days, Instant

if TYPE_CHECKING:
    from tasks.intake import IntakeReport

PLAN_FORMATS = ("table", "json", "csv", "xlsx", "ics")
SHOWN_FAULTS = 200  # on a terminal; the rest is counted


def told_in_one_sentence(command: Callable[..., None]) -> Callable[..., None]:
    """A known failure becomes one sentence on standard error and code 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(1) from None
        except _known_failures() as failure:
            raise click.ClickException(_sentence(failure)) from None

    return wrapped


def _known_failures() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from deployments.children import ChildDied
    from deployments.environment import NoServer, OpenDoor, PortTaken
    from deployments.rehearsal import FolderInUse, RehearsalFailed
    from models.fund_queries import NoSuchCite
    from models.queries import NoSuchCampaign
    from models.rules.fund_account import AccountRefused
    from models.rules.yaml_files import ProgrammeRefused
    from notifications.gateway import NoSuchChannel
    from notifications.render import LetterRefused
    from tasks.acts import ActRefused
    from tasks.answers import NoSuchAnswer
    from tasks.backup import BackupRefused
    from tasks.calendars import NoSuchReader
    from tasks.export import ExportRefused
    from tasks.fund import NoSuchYear
    from tasks.history import NoSuchTerritory
    from tasks.holding import NotHeld
    from tasks.intake import IntakeRefused
    from tasks.mailboxes import MailboxUnreadable
    from tasks.pauses import NotPaused
    from tasks.portal_client import PortalRefused
    from tasks.sealed_archive import ArchiveRefused
    from tasks.watch import NothingLeft

    return (
        ArchiveRefused,
        NoServer,
        OpenDoor,
        PortTaken,
        ChildDied,
        FolderInUse,
        RehearsalFailed,
        NoSuchCampaign,
        ProgrammeRefused,
        NoSuchChannel,
        LetterRefused,
        IntakeRefused,
        ActRefused,
        BackupRefused,
        cli_operations.FaultFound,
        AccountRefused,
        NoSuchCite,
        NoSuchYear,
        NoSuchTerritory,
        NoSuchReader,
        NothingLeft,
        NotHeld,
        NotPaused,
        NoSuchAnswer,
        MailboxUnreadable,
        ExportRefused,
        cli_history.RecordTouched,
        PortalRefused,
        DBAPIError,
        ArgumentError,
        NoSuchModuleError,
        OSError,
        _Failed,
        _NotPlanned,
    )


def _sentence(failure: Exception) -> str:
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    if isinstance(failure, ArgumentError | NoSuchModuleError):
        return "CITES_DATABASE_URL is not a database address: write it as sqlite:///file.db or postgresql+psycopg://…"
    if isinstance(failure, DBAPIError):
        reason = " ".join(str(failure.orig).split())
        if "no such table" in reason or "does not exist" in reason:
            return f"the database is not prepared ({reason}): open a campaign first, with `cites campaign open FILE`"
        return f"the database refuses ({reason}): check CITES_DATABASE_URL and that the database is running"
    return str(failure)


class _NotPlanned(Exception):
    """A server answers, and has nothing of ours to plan runs on."""


class _Failed(Exception):
    """A command that did its work and must still say that something went wrong."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Carry each cité éducative from its candidature to the end of its convention."""


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


@main.group()
def campaign() -> None:
    """Open a campaign, and put its instants on the schedule."""


@campaign.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--tables", type=click.Path(path_type=Path), help="A table or a folder of tables to take in with it.")
@click.option("--by", "author", default="ligne de commande", help="Who opens it, for the record.")
@click.option("--preview", is_flag=True, help="Show which dates and letters would change, and write nothing.")
@click.option("--at", "seen_at", type=Instant(), help="With --preview: the instant looked at (default: now).")
@told_in_one_sentence
def open_(file: Path, tables: Path | None, author: str, preview: bool, seen_at: datetime | None) -> None:
    """Create the campaign of FILE, its obligations and its Prefect schedules; twice changes nothing."""
    from flows.clock import now
    from tasks.campaigns import open_campaign_file
    from tasks.intake import IntakeRefused

    at = now()
    try:
        if preview:
            cli_acts.show_opening(file, tables, author, seen_at or at)
            return
        opening = open_campaign_file(file, at=at, author=author, tables=tables)
    except IntakeRefused as refused:
        _print_faults(refused.report)
        raise
    words = {"opened": "opened", "corrected": "brought up to date", "unchanged": "already open, nothing changed"}
    print(f"Campaign {opening.code} ({opening.title}): {words[opening.change]}. {opening.territories} territories, "
          f"{opening.obligations} obligations.")  # fmt: skip
    if opening.intake is not None:
        _print_intake(opening.intake)
    _schedule(opening.code, None, at, required=False)


@campaign.command()
@click.argument("code")
@click.option("--from", "from_day", type=Day(), help="First day (default: from now on).")
@told_in_one_sentence
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
                raise _NotPlanned(str(unknown)) from None
    except (NoServer, _NotPlanned) as absent:
        if required:
            raise
        click.echo(f"Not planned yet: {absent}; then `cites campaign schedule {code}`", err=True)
        return
    print("Planned runs: " + ", ".join(f"{name} {value}" for name, value in figures.items() if value is not None))


@main.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--check", is_flag=True, help="Say what would happen, write nothing.")
@click.option("--by", "author", default="ligne de commande", help="Who imports, for the record.")
@told_in_one_sentence
def import_(paths: tuple[Path, ...], code: str, check: bool, author: str) -> None:
    """Read tables from .csv, .xlsx, .ods or folders: all or nothing."""
    from flows.clock import now
    from tasks.intake import IntakeRefused, take_in

    report = take_in(list(paths), campaign=code, at=now(), author=author, check=check)
    if report.faults:
        _print_faults(report)
        raise IntakeRefused(report)
    _print_intake(report)
    if check:
        print("Checked only: nothing was written.")


def _print_faults(report: "IntakeReport") -> None:
    for fault in report.faults[:SHOWN_FAULTS]:
        print(fault)
    if len(report.faults) > SHOWN_FAULTS:
        print(f"… et {len(report.faults) - SHOWN_FAULTS} autres")


def _print_intake(report: "IntakeReport") -> None:
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


@main.command()
@click.argument("deadline")
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--at", type=Instant(), help="As of this instant (default: now).")
@click.option("--no-deliver", is_flag=True, help="Decide only; letters wait in the outbox.")
@told_in_one_sentence
def run(deadline: str, code: str, at: datetime | None, no_deliver: bool) -> None:
    """One pass of DEADLINE (candidature, action-plan, fund-report, convention …): check, decide, record, deliver."""
    from deployments.engine_room import prefect_api
    from models.queries import campaign_by_code
    from tasks.database import reading
    from tasks.gateway import check_gateway
    from tasks.settings import settings

    with reading() as session:
        campaign_by_code(session, code)[1].watched_by(deadline)  # refused here, in one sentence, before anything runs
    if not no_deliver:
        check_gateway()
    with prefect_api(settings().home, quiet=True):
        from flows.deadlines import run_deadline

        figures = run_deadline(deadline, code, at, deliver=not no_deliver)
    print_figures(figures)
    if figures.get("failed"):
        raise _Failed("this pass did not end well: see its run in the Prefect UI, or run it again (nothing is doubled)")


@main.command()
@click.option("--at", type=Instant(), help="As of this instant (default: now).")
@told_in_one_sentence
def deliver(at: datetime | None) -> None:
    """Send what waits in the outbox."""
    from deployments.engine_room import prefect_api
    from tasks.gateway import check_gateway
    from tasks.settings import settings

    check_gateway()
    with prefect_api(settings().home, quiet=True):
        from flows.delivery import run_delivery

        figures = run_delivery(at)
    print_figures(figures)
    if figures.get("dead"):
        raise _Failed(f"{figures['dead']} letters are dead: their reasons are in the delivery's artifact")


def print_figures(figures: dict[str, int]) -> None:
    """The figures of a pass, a line each."""
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")


@main.command()
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--from", "start", required=True, type=Day(), help="First day of the window.")
@click.option("--to", "end", required=True, type=Day(), help="Last day of the window, included.")
@click.option("--without", type=Days(), default="", help="Days on which the engine is down.")
@click.option("--all", "all_letters", is_flag=True, help="Also openings, receipts, decisions, extensions.")
@click.option("--format", "style", type=click.Choice(PLAN_FORMATS), default="table", show_default=True)
@told_in_one_sentence
def plan(code: str, start: date, end: date, without: frozenset[date], all_letters: bool, style: str) -> None:
    """Every letter that would leave in a window, to whom and why; nothing is written."""
    from deployments.tables_out import print_plan
    from tasks.planning import plan_rows

    _in_order(start, end)
    rows = plan_rows(code, start=start, end=end, without=without, all_letters=all_letters)
    print_plan(rows, style, title=f"Relance à blanc {code}")


@main.command()
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--from", "start", required=True, type=Day(), help="First day played.")
@click.option("--to", "end", required=True, type=Day(), help="Last day played, included.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where letters go.")
@told_in_one_sentence
def rehearse(code: str, start: date, end: date, out: Path) -> None:
    """Play days through the real flows on a scratch copy of the database; the letters land in OUT."""
    from deployments.rehearsal import rehearse as play

    _in_order(start, end)
    play(code, start, end, out)


def _in_order(start: date, end: date) -> None:
    if end < start:
        raise click.UsageError(f"the window ends ({end}) before it starts ({start}): put the two days in order")


@main.command()
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--at", type=Instant(), help="As of this instant (default: now).")
@click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
@told_in_one_sentence
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


@main.command()
@click.option("--campaign", "code", required=True, help="The campaign's code.")
@click.option("--year", required=True, type=int)
@click.option("--stage", type=click.Choice(("planned", "notified", "paid")), default="planned", show_default=True)
@click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
@told_in_one_sentence
def balance(code: str, year: int, stage: str, style: str) -> None:
    """Co-financing per territory, département, région and nation."""
    from deployments.tables_out import print_balance, print_json
    from tasks.balance import balance as balance_of

    found = balance_of(code, year, stage)
    if style == "json":
        print_json(found)
    else:
        print_balance(found)


FAMILIES = (
    cli_acts,
    cli_calendar,
    cli_follow_up,
    cli_money,
    cli_operations,
    cli_plan,
    cli_cell,
    cli_dashboard,
    cli_guide,
    cli_history,
    cli_letters,
    cli_mailroom,
    cli_workbooks,
    cli_portal,
)
for each in (command for family in FAMILIES for command in family.COMMANDS):
    for one in (each, *getattr(each, "commands", {}).values()):
        one.callback = told_in_one_sentence(one.callback)
    main.add_command(each)
for one in cli_campaigns.COMMANDS:
    one.callback = told_in_one_sentence(one.callback)  # type: ignore[arg-type]
    campaign.add_command(one)


if __name__ == "__main__":
    main()
