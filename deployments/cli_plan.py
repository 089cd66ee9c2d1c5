"""How does somebody ask from a terminal what the action plans say, what they show, and how a year went?"""

from datetime import datetime
from pathlib import Path

import click

from deployments.cli_options import AT, CAMPAIGN, PAGE_STYLE, STYLE, TERRITORY
from deployments.cli_types import YEAR


@click.command("action-plan")
@CAMPAIGN
@TERRITORY
@AT
@PAGE_STYLE
def action_plan(code: str, territory: str | None, at: datetime | None, style: str) -> None:
    """What partners commit to, actions by axis, their cost beside the money planned, and what to look at."""
    from deployments.tables_out import in_euros, print_json, print_table
    from flows.clock import now
    from tasks.action_plan import SUMMARY, action_plans, axes_of, summary_rows

    at = at or now()
    found = action_plans(code, at, territory)
    if style == "json":
        print_json(found)
        return
    if style == "html":
        from notifications.action_plan_page import plan_paper
        from notifications.web_pages import as_html

        print(as_html(plan_paper(found, SUMMARY, summary_rows(found), at)))
        return
    for plan in found["territories"]:
        print(f"{plan['name']} ({plan['territory']})")
        rows = [
            {**nature, "received": "yes" if nature["received"] else "no", "amount": in_euros(nature["amount"])}
            for nature in plan["commitments"]
        ]
        print_table(rows, ("nature", "received", "count", "amount"), empty="")
        print()
        axes = [{**axis, "actions": len(axis["actions"]), "cost": in_euros(axis["cost"])} for axis in axes_of(plan)]
        print_table(axes, ("axis", "actions", "cost", "title"), empty="")
        print()
        amounts = ("cost", "cash", "in_kind", "common_law", "difference")
        years = [
            {"year": each["year"], **{name: in_euros(each[name]) for name in amounts}} for each in plan["financing"]
        ]
        print_table(years, ("year", *amounts), empty="No dated action, no money planned.")
        print()
        for finding in plan["findings"]:
            print(f"{finding['code']}: {finding['text']}")
        print()
    if not found["territories"]:
        print("No territory is labelled yet, and no action plan is written.")


@click.command()
@CAMPAIGN
@TERRITORY
@click.option("--year", type=YEAR, help="Measures up to this year (default: every year).")
@AT
@STYLE
def indicators(code: str, territory: str | None, year: int | None, at: datetime | None, style: str) -> None:
    """What territories measure, how far they have come towards their targets, and what is missing to tell."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.indicators import indicators as indicators_of

    found = indicators_of(code, at or now(), territory, year)
    if style == "json":
        print_json(found)
        return
    rows = [
        {"territory": each["territory"], **indicator,
         "last": next(reversed(indicator["measures"].items()), ("", ""))[1],
         "measured": next(reversed(indicator["measures"]), ""),
         "progress": "" if indicator["progress"] is None else f"{indicator['progress']:.3f}"}
        for each in found["territories"]
        for indicator in each["indicators"]
    ]  # fmt: skip
    columns = ("territory", "indicator", "kind", "topic", "unit", "baseline", "target", "last", "measured", "progress")
    print_table(rows, columns, empty="No indicator is declared.")
    print()
    findings = [
        {"territory": each["territory"], **finding} for each in found["territories"] for finding in each["findings"]
    ]
    print_table(findings, ("territory", "code", "indicator", "years"), empty="Nothing is missing.")


@click.command("annual-report")
@CAMPAIGN
@click.option("--year", required=True, type=YEAR, help="The year that is told.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
@AT
def annual_report(code: str, year: int, out: Path, at: datetime | None) -> None:
    """The national council's report on YEAR: .docx, .pdf and .html in French, and its figures as .json."""
    from flows.clock import now
    from tasks.annual_report import write_annual_report

    for file in write_annual_report(code, year, at=at or now(), out=out).files:
        print(file)


COMMANDS = (action_plan, indicators, annual_report)
