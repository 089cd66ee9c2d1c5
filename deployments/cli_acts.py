"""How does somebody record an act from a terminal?"""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deployments.cli_types import Day, Instant, Name

if TYPE_CHECKING:
    from tasks.acts import Act

EFFECT_COLUMNS = ("territory", "state", "due dates", "cancelled", "already sent", "to come")


def of_an_act(command: Callable[..., None]) -> Callable[..., None]:
    """What every act takes."""
    for option in (
        click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True),
        click.option("--preview", is_flag=True, help="Show its effect and write nothing."),
        click.option("--at", type=Instant(), help="The instant its effect is looked at (default: now)."),
        click.option("--grounds", "--motif", default="", help="Why, in a sentence or two: letters quote it."),
        click.option("--by", "author", required=True, type=Name(), help="Who records it."),
        click.option("--on", "--date", "day", required=True, type=Day(), help="The day of the act."),
        click.option("--campaign", "code", required=True, help="The campaign's code."),
        click.argument("territories", nargs=-1, required=True, metavar="TERRITORY..."),
    ):
        command = option(command)
    return command


@click.command()
@of_an_act
@click.option("--verdict", "--decision", required=True, type=click.Choice(("labellise", "refuse", "ajourne")))
@click.option("--authority", "--autorite", default="", help="Who decided: the ministers, by which act.")
def decide(verdict: str, authority: str, **given: Any) -> None:
    """Record the ministers' decision on one territory or several; a correction is one more."""
    from tasks import acts

    act = acts.decide(
        given["territories"], verdict=verdict, day=given["day"], authority=authority, grounds=given["grounds"]
    )
    _perform(act, **given)


@click.command()
@of_an_act
@click.option("--deadline", "--echeance", required=True, help="candidature, action_plan, fund_report:2021 …")
@click.option("--to", "new_due", required=True, type=Day(), help="The new due date.")
@click.option("--authority", "--autorite", default="", help="Who grants it.")
@click.option("--reference", default="", help="The reference of the act.")
def extend(deadline: str, new_due: date, authority: str, reference: str, **given: Any) -> None:
    """Grant more time for a deadline."""
    from tasks import acts

    act = acts.extend(
        given["territories"], deadline=deadline, new_due=new_due, day=given["day"], authority=authority,
        grounds=given["grounds"], reference=reference,
    )  # fmt: skip
    _perform(act, **given)


@click.command()
@of_an_act
def withdraw(**given: Any) -> None:
    """Record that territories give up: nothing is sent to them any more."""
    from tasks import acts

    _perform(acts.withdraw(given["territories"], day=given["day"], grounds=given["grounds"]), **given)


def _perform(act: "Act", *, code: str, author: str, at: datetime | None, preview: bool, style: str, **_: Any) -> None:
    from dataclasses import asdict

    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.acts import ActRefused, fault_words, perform
    from tasks.intake import IntakeRefused

    try:
        report = perform(act, campaign=code, at=at or now(), author=author, preview=preview)
    except IntakeRefused as refused:
        raise ActRefused("\n".join(map(fault_words, refused.report.faults))) from None
    for warning in report.intake.warnings:
        click.echo(f"avertissement : {fault_words(warning)}", err=True)
    recorded = report.intake.added.get(act.table, 0)
    if style == "json":
        print_json(
            {"preview": preview, "recorded": 0 if preview else recorded,
             "effects": [_plain(asdict(each)) for each in report.effects]}
        )  # fmt: skip
        return
    rows = [
        {
            "territory": each.territory,
            "state": f"{each.state_before} → {each.state_after}",
            "due dates": ", ".join(f"{m.obligation}: {m.before or '—'} → {m.after or '—'}" for m in each.due_dates),
            "cancelled": each.cancelled,
            "already sent": each.already_sent,
            "to come": f"{each.to_come_before} → {each.to_come_after}",
        }
        for each in report.effects
    ]
    print_table(rows, EFFECT_COLUMNS, empty="No territory is concerned.")
    print("Preview: nothing was written." if preview else f"Recorded: {recorded} ({act.table}).")


def show_opening(file: Path, tables: Path | None, author: str, at: datetime) -> None:
    """Print what opening a campaign file would change: dates by deadline, and the letters that go with them."""
    from deployments.tables_out import print_table
    from tasks.opening_preview import preview_opening

    found = preview_opening(file, at=at, author=author, tables=tables)
    words = {"opened": "would be opened", "corrected": "would follow its new file", "unchanged": "would not change"}
    print(f"Campaign {found.opening.code}: {words[found.opening.change]}. {found.opening.territories} territories, "
          f"{found.opening.obligations} obligations.")  # fmt: skip
    rows = [
        {
            "deadline": each.obligation,
            "dates": ", ".join(f"{m.before or '—'} → {m.after or '—'} ({m.territories})" for m in each.moves),
            "territories": sum(move.territories for move in each.moves),
            "cancelled": each.cancelled,
            "already sent": each.already_sent,
            "to come": f"{each.to_come_before} → {each.to_come_after}",
        }
        for each in found.deadlines
    ]
    columns = ("deadline", "dates", "territories", "cancelled", "already sent", "to come")
    print_table(rows, columns, empty="This campaign has no deadline.")
    print("Preview: nothing was written.")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


COMMANDS = (decide, extend, withdraw)
