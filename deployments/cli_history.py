"""How does somebody show from a terminal what happened to a territory, and prove that the record is whole?"""

from typing import TYPE_CHECKING

import click

from deployments.cli_options import CAMPAIGN, PAGE_STYLE

if TYPE_CHECKING:
    from models.rules.chain import Break

SHOWN = 200  # places on a terminal; the rest is counted


@click.command()
@click.argument("territory")
@CAMPAIGN
@PAGE_STYLE
def history(territory: str, code: str, style: str) -> None:
    """Everything that happened to TERRITORY, and every letter sent or not sent, with the reasons."""
    from deployments.tables_out import print_history, print_json
    from tasks.history import history as history_of

    found = history_of(code, territory)
    if style == "json":
        print_json(found)
    elif style == "html":
        from notifications.history_page import page

        print(page(found))
    else:
        print_history(found)


class RecordTouched(Exception):
    """The record of changes is not what the engine wrote; the places are printed before."""


@click.command()
@click.option("--holds", default="", help="A fingerprint noted earlier, which the record must still hold.")
def verify(holds: str) -> None:
    """Prove that no recorded event was altered, taken out or slipped in; names each one that was."""
    from tasks.events import verify as verified

    found = verified(holds=holds.strip())
    for each in found.breaks[:SHOWN]:
        print(_broken(each))
    if len(found.breaks) > SHOWN:
        print(f"… and {len(found.breaks) - SHOWN} more")
    if found.breaks:
        places = f"{len(found.breaks)} place{'s' if len(found.breaks) > 1 else ''}"
        raise RecordTouched(f"the record of changes was touched in {places}, listed above")
    print(f"{found.events} events, sound from the first to the last. Fingerprint of the last: {found.hash}")


def _broken(each: "Break") -> str:
    if each.broken == "head":
        return "the head of the record is missing, or counts other events than those that are there"
    since = "the first one" if each.after is None else f"event {each.after}"
    if each.event is None:
        return f"events after {since} are missing" if each.after else "events are missing: the record is not that one"
    match each.broken:
        case "altered":
            return f"event {each.event} was altered"
        case "inserted":
            return f"event {each.event} was slipped in: the events around it know nothing of it"
        case _:
            return (
                f"event {each.event} does not follow {since}: one between them is missing, or was rewritten"
                if each.after
                else f"events before event {each.event} are missing"
            )


COMMANDS = (history, verify)
