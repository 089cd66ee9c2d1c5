"""How is Démarche numérique looked at and read from a terminal?"""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli_help import Whole
from deployments.cli_options import STYLE
from deployments.cli_types import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.rules.portal_reading import Finding

FIELD_COLUMNS = ("id", "field", "type", "required", "gives")


@click.group(cls=Whole)
def portal() -> None:
    """Read the dossiers deposited on Démarche numérique."""


@portal.command()
@click.argument("mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@STYLE
def check(mapping: Path, style: str) -> None:
    """Say what each field of the démarche gives, and what does not match; nothing is taken."""
    from deployments.tables_out import print_json, print_table
    from tasks.portal import check_form, open_portal

    with open_portal() as opened:
        found = check_form(mapping.read_text(encoding="utf-8"), name=mapping.name, portal=opened)
    if style == "json":
        print_json(asdict(found))
        return
    print(f"Démarche {found.demarche}, {found.title} ({found.state})")
    rows = [
        {
            "id": each.id,
            "field": f"{each.block} › {each.label}" if each.block else each.label,
            "type": f"{each.kind}{' (annotation)' if each.annotation else ''}",
            "required": "yes" if each.required else "",
            "gives": each.gives or "—",
        }
        for each in found.fields
    ]
    print_table(rows, FIELD_COLUMNS, empty="This form has no field.")
    _tell(found.findings)


@portal.command()
@click.argument("mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--since", type=Instant(), help="Read again what changed since then (default: since the last pass).")
@click.option("--check", "only_check", is_flag=True, help="Say what would change; nothing is fetched nor written.")
@click.option("--at", type=Instant(), help="The instant recorded (default: now).")
@STYLE
def sync(mapping: Path, since: datetime | None, only_check: bool, at: datetime | None, style: str) -> None:
    """Take in what was deposited, refused, taken back or deleted since the last pass."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.portal import open_portal, synchronise

    with open_portal() as opened:
        report = synchronise(
            mapping.read_text(encoding="utf-8"), name=mapping.name, at=at or now(), portal=opened, since=since,
            check=only_check,
        )  # fmt: skip
    pieces = {status.value: number for status, number in sorted(report.pieces.items())}
    counts = {
        "read": report.read, "new": report.new, "changed": report.changed, "pieces": pieces,
        "extra_means": report.extra_means, "files": report.files, "bytes": report.bytes,
    }  # fmt: skip
    if style == "json":
        print_json(
            {"demarche": report.demarche, "campaign": report.campaign, "check": report.check, **counts,
             "refused": [
                 {"territory": code, "part": part, "dossier": number, "gesture": gesture}
                 for code, part, number, gesture in report.refused
             ],
             "withdrawn": [{"territory": code, "dossier": number} for code, number in report.withdrawn],
             "findings": [asdict(each) for each in report.findings]}
        )  # fmt: skip
        return
    print(f"Démarche {report.demarche}, campaign {report.campaign}: {report.title}")
    flat = {**counts, "pieces": ", ".join(f"{number} {status}" for status, number in pieces.items()) or 0}
    print_table([{"": name, "number": number} for name, number in flat.items()], ("", "number"), empty="")
    for code, number in report.withdrawn:
        print(f"{code}: its only dossier ({number}) was deleted; if it gives up, record it with `cites withdraw`.")
    _tell(report.findings)
    if report.check:
        print("Check: nothing was fetched nor written.")


def _tell(findings: "Sequence[Finding]") -> None:
    for each in findings:
        print(each)


COMMANDS = (portal,)
