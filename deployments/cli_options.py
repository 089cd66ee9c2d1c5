"""Which options do commands share?"""

import click

from deployments.cli_types import Instant

CAMPAIGN = click.option("--campaign", "code", required=True, help="The campaign's code.")
TERRITORY = click.option("--territory", help="One territory only, by its code (default: all).")
AT = click.option("--at", type=Instant(), help="As of this instant (default: now).")
STYLE = click.option("--format", "style", type=click.Choice(("table", "json")), default="table", show_default=True)
PAGE_STYLE = click.option(
    "--format", "style", type=click.Choice(("table", "json", "html")), default="table", show_default=True
)
