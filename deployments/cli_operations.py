"""How is the engine asked from a terminal whether it is well, what it counts, and for a copy of all it holds?"""

import platform
from pathlib import Path

import click

from deployments.cli_options import STYLE


class FaultFound(Exception):
    """The doctor found faults; they are printed before."""


@click.command()
@STYLE
def doctor(style: str) -> None:
    """Look at everything the engine needs: a line and a cure each; code 1 if anything is at fault."""
    from deployments.doctor import Verdict, examine
    from deployments.tables_out import print_json
    from flows.clock import now

    found = examine(now())
    if style == "json":
        print_json([each.as_row() for each in found])
    else:
        for each in found:
            print(f"{each.verdict:<5}  {each.check:<13}  {each.found}" + (f" → {each.cure}" if each.cure else ""))
    faults = [each.check for each in found if each.verdict is Verdict.FAULT]
    if faults:
        raise FaultFound(f"at fault: {', '.join(faults)}")


@click.command()
def metrics() -> None:
    """The engine's figures as Prometheus text: counts and ages, nothing of anybody."""
    from deployments.metrics import prometheus_text

    print(prometheus_text(), end="")


@click.command()
@click.option(
    "--to", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.zip, a new one"
)
def backup(file: Path) -> None:
    """Everything in one file, while the engine runs: every table, the keys, the list of letters."""
    from flows.clock import now
    from tasks.backup import back_up

    saved = back_up(file, at=now())
    print(f"{file}: {sum(saved.rows.values())} rows of {len(saved.rows)} tables (version {saved.revision}), "
          f"{saved.events} events, {len(saved.keys)} keys; {saved.letters} letters listed, not copied.")  # fmt: skip
    print(f"Fingerprint of the last event: {saved.hash or 'none'}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(file: Path) -> None:
    """Bring FILE into an empty database and home, and prove it: fingerprints, rows, the chain of events."""
    from tasks.backup import restore as bring_back

    saved = bring_back(file)
    print(f"{sum(saved.rows.values())} rows of {len(saved.rows)} tables, {saved.events} events, {len(saved.keys)} keys "
          "came back, and hold together.")  # fmt: skip
    print("Before letters leave: `cites pause`, then `cites plan`. What left since this backup is not in it.")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Another address needs CITES_SERVER_LOGIN.")
@click.option("--port", default=4200, show_default=True)
def server(host: str, port: int) -> None:
    """Only the Prefect server, with every deployment: the workers run elsewhere."""
    from deployments.apart import server as serve

    serve(host=host, port=port)


@click.command()
@click.option("--name", default=platform.node, help="Its name in the UI (default: this machine's).")
@click.option("--limit", default=3, show_default=True, help="Runs at once: a process each.")
def worker(name: str, limit: int) -> None:
    """Only a worker, for the server of PREFECT_API_URL."""
    from deployments.apart import worker as work

    work(name=name, at_once=limit)


@click.command()
def prepare() -> None:
    """Make the engine's tables or bring them up to date, as the account that owns them; nothing else."""
    from tasks.database import prepare as bring_up_to_date
    from tasks.database import reading, revision_of

    bring_up_to_date()
    with reading() as session:
        print(f"The tables are those of version {revision_of(session)}.")


COMMANDS = (doctor, metrics, backup, restore, prepare, server, worker)
