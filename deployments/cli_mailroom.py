"""How does somebody look after the letters from a terminal: held, paused, answered, shown, forgotten?"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli_help import Whole
from deployments.cli_options import CAMPAIGN, PAGE_STYLE
from deployments.cli_types import NUMBER, Instant, Name

if TYPE_CHECKING:
    from models.letter_queries import PauseOrder
    from notifications.mailbox_page import Mailbox

STATUSES = ("held", "paused", "waiting", "sending", "sent", "dead", "cancelled")
HELD_COLUMNS = ("id", "campaign", "deadline", "steps", "roles", "territories", "to", "why")
MAIL_COLUMNS = ("id", "status", "at", "to", "territories", "subject", "reason")
FAILING_COLUMNS = ("campaign", "role", "perimeter", "address", "reason")
SHOWN_FINDINGS = 20

_by = click.option("--by", "author", type=Name(), required=True, help="Who asks for it, for the record.")
_at = click.option("--at", type=Instant(), help="As of this instant (default: now).")
_grounds = click.option("--grounds", "--motif", default="", help="Why, in a sentence.")


# Held


@click.command()
@click.option("--campaign", "code", default="", help="Only this campaign's.")
def held(code: str) -> None:
    """The letters that wait for somebody's release, and why."""
    from deployments.tables_out import print_table
    from tasks.holding import held as held_letters

    rows = [
        {
            "id": each.id, "campaign": each.campaign, "deadline": each.letter or each.deadline,
            "steps": ", ".join(each.steps), "roles": ", ".join(each.roles),
            "territories": ", ".join(each.territories), "to": each.address, "why": each.why,
        }
        for each in held_letters(campaign=code)
    ]  # fmt: skip
    print_table(rows, HELD_COLUMNS, empty="No letter waits for a release.")


@click.command()
@click.argument("ids", nargs=-1, type=NUMBER, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="All those of the campaign.")
@click.option("--campaign", "code", default="", help="With --all: whose letters.")
@click.option("--refuse", is_flag=True, help="They will never leave; say why with --grounds.")
@_by
@_grounds
@_at
def release(
    ids: tuple[int, ...], everything: bool, code: str, refuse: bool, author: str, grounds: str, at: datetime | None
) -> None:
    """Let held letters leave at their next hour on a working day, or refuse them."""
    from flows.clock import now
    from tasks.holding import answer_held

    if bool(ids) == everything:
        raise click.UsageError("name letters by their ID (see `cites held`), or give --all with --campaign")
    if everything and not code:
        raise click.UsageError("--all releases a campaign's letters: name it with --campaign")
    if refuse and not grounds.strip():
        raise click.UsageError("a refusal needs its reason: give --grounds")
    done = answer_held(
        ids or None, campaign=code, at=at or now(), author=author, grounds=grounds, refused=refuse
    )  # fmt: skip
    fate = "refused: they will never leave" if refuse else "released: they leave at their next hour on a working day"
    print(f"{len(done)} letters {fate}.")


# Pauses


@click.command()
@click.option("--campaign", "code", default="", help="Only this campaign (default: all sending).")
@click.option("--territory", default="", help="Only this territory of the campaign.")
@click.option("--until", type=Instant(), help="When it ends by itself (default: at `cites resume`).")
@click.option("--by", "author", type=Name(), default="ligne de commande", help="Who asks for it, for the record.")
@_grounds
@_at
def pause(
    code: str, territory: str, until: datetime | None, author: str, grounds: str, at: datetime | None
) -> None:  # fmt: skip
    """Stop all sending, a campaign's or a territory's: decisions go on, letters wait."""
    from flows.clock import now
    from tasks.pauses import pause as record_pause

    _one_campaign(code, territory)
    when = at or now()
    if until is not None and until <= when:
        raise click.UsageError(f"this pause would be over already ({until.isoformat()}): give a later --until")
    order = record_pause(campaign=code, territory=territory, at=when, until=until, author=author, grounds=grounds)
    end = f" until {until.isoformat()}" if until else ""
    print(f"Paused: {_scope(order)}{end}. Letters wait; `cites resume` lets them leave.")


@click.command()
@click.option("--campaign", "code", default="", help="Only this campaign (default: all sending).")
@click.option("--territory", default="", help="Only this territory of the campaign.")
@click.option("--by", "author", type=Name(), default="ligne de commande", help="Who asks for it, for the record.")
@_grounds
@_at
def resume(code: str, territory: str, author: str, grounds: str, at: datetime | None) -> None:
    """Let letters leave again; what waited is rechecked first."""
    from flows.clock import now
    from tasks.pauses import resume as record_resume

    _one_campaign(code, territory)
    order, wider = record_resume(
        campaign=code, territory=territory, at=at or now(), author=author, grounds=grounds
    )  # fmt: skip
    print(f"Resumed: {_scope(order)}. What waited is rechecked and leaves with the next delivery.")
    for each in wider:
        click.echo(f"Still paused: {_scope(each)}", err=True)


def _one_campaign(code: str, territory: str) -> None:
    if territory and not code:
        raise click.UsageError("a territory belongs to a campaign: name it with --campaign")


def _scope(order: "PauseOrder") -> str:
    from tasks.pauses import scope_words

    return scope_words(order.campaign, order.territory)


# Answers


@click.group(cls=Whole, invoke_without_command=True)
@click.option("--from", "folder", type=click.Path(path_type=Path), help="A folder of .eml files, or a maildir.")
@_at
@click.pass_context
def answers(context: click.Context, folder: Path | None, at: datetime | None) -> None:
    """Read the mail that came back: failing addresses, and tables proposed. Nothing is ever answered."""
    if context.invoked_subcommand is not None:
        return
    from deployments.tables_out import print_table
    from flows.clock import now
    from tasks.answers import take_answers, waiting_proposals
    from tasks.failing_addresses import failing
    from tasks.settings import settings

    source = str(folder) if folder else settings().mailbox_url.get_secret_value()
    if source:
        figures = take_answers(source, at=at or now())
        print(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures.items() if value) or "no news")
    else:
        click.echo("No mailbox is set: give --from FOLDER, or CITES_MAILBOX_URL", err=True)
    rows = [
        {"campaign": each.campaign, "role": each.role, "perimeter": each.perimeter, "address": each.address,
         "reason": each.reason}
        for each in failing()
    ]  # fmt: skip
    print_table(rows, FAILING_COLUMNS, empty="Every contact can be reached, as far as is known.")
    for each in waiting_proposals():
        where = f"campaign {each.campaign}" if each.campaign else "no known campaign"
        print(f"\nAnswer {each.id}, from {each.sender} ({where}): {', '.join(each.files)}")
        for table, counts in each.changes.items():
            said = ", ".join(f"{value} {name}" for name, value in counts.items())
            print(f"  {table}: {said or 'nothing new'}")
        _print_findings(each.faults)
        _print_findings([f"avertissement : {warning}" for warning in each.warnings])


def _print_findings(findings: Sequence[str]) -> None:
    for each in findings[:SHOWN_FINDINGS]:
        print(f"  {each}")
    if len(findings) > SHOWN_FINDINGS:
        print(f"  … et {len(findings) - SHOWN_FINDINGS} autres")


@answers.command()
@click.argument("number", type=NUMBER, metavar="ID")
@click.option("--campaign", "code", default="", help="The campaign it goes into (default: the letter's).")
@_by
@_at
def accept(number: int, code: str, author: str, at: datetime | None) -> None:
    """Take the tables of answer ID into their campaign: all or nothing."""
    from flows.clock import now
    from tasks.answers import accept as take
    from tasks.intake import IntakeRefused

    try:
        report = take(number, campaign=code, at=at or now(), author=author)
    except IntakeRefused as refused:
        _print_findings([str(each) for each in refused.report.faults])
        raise
    changed = {table: report.added[table] + report.corrected[table] for table in report.added}
    print("Taken in: " + (", ".join(f"{name} {value}" for name, value in changed.items()) or "nothing new"))


@answers.command()
@click.argument("number", type=NUMBER, metavar="ID")
@_by
@click.option("--grounds", "--motif", required=True, help="Why, in a sentence.")
@_at
def leave(number: int, author: str, grounds: str, at: datetime | None) -> None:
    """Leave the tables of answer ID for good, and delete them."""
    from flows.clock import now
    from tasks.answers import leave as leave_it

    leave_it(number, at=at or now(), author=author, grounds=grounds)
    print(f"Answer {number} is left; its files are deleted.")


@answers.command("clear")
@click.argument("address")
@_by
@_at
def clear(address: str, author: str, at: datetime | None) -> None:
    """Say that ADDRESS is good again."""
    from flows.clock import now
    from tasks.failing_addresses import clear as clear_it

    known = clear_it(address, at=at or now(), author=author)
    print("Cleared." if known else "This address was not failing: nothing changed.")


# The letters themselves


@click.command()
@CAMPAIGN
@click.option("--territory", default="", help="Only letters about this territory.")
@click.option("--contact", default="", metavar="ADDRESS", help="Only letters to this address.")
@click.option("--status", type=click.Choice(STATUSES), default=None, help="Only letters that stand there.")
@PAGE_STYLE
@_at
def mailbox(
    code: str, territory: str, contact: str, status: str | None, style: str, at: datetime | None
) -> None:  # fmt: skip
    """What left, what waits, what is held, what died, with the letters themselves (html)."""
    from deployments.tables_out import print_json
    from flows.clock import now
    from notifications.mailbox_page import page
    from tasks.mailbox import mailbox as read
    from tasks.mailbox import rows

    found = read(
        code, at=at or now(), territory=territory, contact=contact, status=status or "", words=style == "html"
    )  # fmt: skip
    if style == "html":
        print(page(found))
    elif style == "json":
        print_json(rows(found))
    else:
        _print_mailbox(found)


def _print_mailbox(found: "Mailbox") -> None:
    from deployments.tables_out import print_table
    from tasks.mailbox import figures

    lines = [
        {"id": each.id, "status": each.status, "at": (each.sent_at or each.decided_at).isoformat()[:16], "to": each.to,
         "territories": ", ".join(each.territories), "subject": each.subject, "reason": each.reason}
        for each in found.entries
    ]  # fmt: skip
    print_table(lines, MAIL_COLUMNS, empty="No letter.")
    if lines:
        print("\n" + ", ".join(f"{name} {value}" for name, value in figures(found).items()))
    for territory, grounds in found.paused:
        click.echo(
            f"Paused: {territory or 'the campaign, or all sending'}{f' ({grounds})' if grounds else ''}", err=True
        )
    for role, perimeter, address, reason in found.failing:
        click.echo(f"No longer reached: {role}, {perimeter}, {address}: {reason}", err=True)


@click.command()
@click.option("--by", "author", type=Name(), default="ligne de commande", help="Who asks for it, for the record.")
@_at
def forget(author: str, at: datetime | None) -> None:
    """Forget what is older than the programme's delays: words of letters, replaced contacts, old answers."""
    from flows.clock import now
    from tasks.forget import forget as forget_old

    figures = forget_old(at=at or now(), author=author)
    print("Forgotten: " + ", ".join(f"{name} {value}" for name, value in figures.items()))


COMMANDS = (held, release, pause, resume, answers, mailbox, forget)
