"""How does somebody ask about money from a terminal: the fund, the co-financing, the conventions?"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from deployments.cli_options import AT, CAMPAIGN, PAGE_STYLE, STYLE
from deployments.cli_types import YEAR

WHOLE_REQUIREMENT = "document"  # the part of a requirement that has only one
SIDES = ("state", "local", "gap")


@click.command()
@click.argument("territory")
@CAMPAIGN
@click.option("--year", type=YEAR, help="One year's account only (default: every year).")
@STYLE
def fund(territory: str, code: str, year: int | None, style: str) -> None:
    """The yearly accounts of TERRITORY's fund: opening, receipts, expenses, closing, what to look at."""
    from deployments.tables_out import in_euros, print_json, print_table
    from tasks.fund import fund as accounts_of

    found = accounts_of(code, territory, year)
    if style == "json":
        print_json(found)
        return
    rows = [
        {"year": each["year"], **{name: in_euros(each[name]) for name in ("opening", "received", "spent", "closing")},
         "both": "" if each["share_meeting_both"] is None else f"{each['share_meeting_both']:.3f}",
         "findings": [finding["code"] for finding in each["findings"]]}
        for each in found["accounts"]
    ]  # fmt: skip
    print_table(rows, ("year", "opening", "received", "spent", "closing", "both", "findings"),
                empty="This fund has no operation yet: import its table operations_fonds.")  # fmt: skip
    lines = [
        {"year": each["year"], "side": side, "code": line[name], "title": line["title"],
         "amount": in_euros(line["amount"])}
        for each in found["accounts"]
        for side, name in (("receipts", "funder"), ("expenses", "axis"))
        for line in each[side]
    ]  # fmt: skip
    if lines:
        print()
        print_table(lines, ("year", "side", "code", "title", "amount"), empty="")
    for each in found["accounts"]:
        for finding in each["findings"]:
            click.echo(f"{each['year']} : {finding['text']}", err=True)


@click.command("fund-report")
@click.argument("territory")
@CAMPAIGN
@click.option("--year", required=True, type=YEAR, help="The account's year.")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where the files go.")
@AT
def fund_report(territory: str, code: str, year: int, out: Path, at: datetime | None) -> None:
    """TERRITORY's yearly report, prefilled for the principal to sign: .docx and .pdf, and the account as .csv."""
    from flows.clock import now
    from tasks.fund import fund_report as write

    written = write(code, territory, year=year, at=at or now(), out=out)
    for file in written.files:
        print(file)
    for finding in written.findings:
        click.echo(f"à vérifier : {finding}", err=True)


@click.command()
@CAMPAIGN
@PAGE_STYLE
def cofinancing(code: str, style: str) -> None:
    """Co-financing over the convention's years: planned, notified and paid side by side, at every level."""
    from deployments.tables_out import in_euros, print_json, print_table
    from tasks.cofinancing import LEVELS
    from tasks.cofinancing import cofinancing as over_the_years

    found = over_the_years(code)
    if style == "json":
        print_json(found)
        return
    if style == "html":
        from notifications.cofinancing_page import page

        print(page(found))
        return
    for level, key in {**LEVELS, "nation": "nation"}.items():
        listed = [{"nation": found["campaign"], **found["nation"]}] if level == "nation" else found[level]
        rows = [
            {key: each[key], "year": year, "stage": stage, **{name: in_euros(side[name]) for name in SIDES},
             "local_share": "" if side["local_share"] is None else f"{side['local_share']:.3f}"}
            for each in listed
            for year, stages in each["years"].items()
            for stage, side in stages.items()
        ]  # fmt: skip
        print_table(rows, (key, "year", "stage", *SIDES, "local_share"), empty=f"no {level}")
        print()
    for year, stages in found["nation"]["years"].items():
        print(f"{'ensemble' if year == 'all' else year} : {stages['planned']['words']} (prévu)")


@click.command()
@CAMPAIGN
@AT
@PAGE_STYLE
def conventions(code: str, at: datetime | None, style: str) -> None:
    """The conventions, who has signed them, and what there is to see to: unsigned, ending, paid too soon …"""
    from deployments.tables_out import in_euros, print_json, print_table
    from flows.clock import now
    from tasks.conventions import conventions as conventions_at

    found = conventions_at(code, at or now())
    if style == "json":
        print_json(found)
        return
    if style == "html":
        from notifications.conventions_page import page

        print(page(found))
        return
    rows = [
        {"territory": each["territory"], **convention,
         "signed_on": convention["signed_on"] if convention["signed"] else "",
         **({} if convention["follows"] else {_of(part): _signed(part) for part in each["parts"]})}
        for each in found["territories"]
        for convention in each["conventions"]
    ]  # fmt: skip
    parts = dict.fromkeys(_of(part) for each in found["territories"] for part in each["parts"])
    columns = ("territory", "first_day", "last_day", "signed_on", *parts, "city_contract_end",
               "days_past_city_contract", "followed_by")  # fmt: skip
    print_table(rows, columns, empty="This campaign has no convention yet.")
    print()
    findings = [
        {"territory": each["territory"], **finding,
         "amount": "" if finding["amount"] is None else in_euros(finding["amount"])}
        for each in found["territories"]
        for finding in each["findings"]
    ]  # fmt: skip
    print_table(findings, ("territory", "code", "convention", "days", "amount"), empty="Nothing to see to.")


def _of(part: Mapping[str, Any]) -> str:
    """The column of a part: its own name, or its requirement's when that has only one."""
    return str(part["requirement"] if part["part"] == WHOLE_REQUIREMENT else part["part"])


def _signed(part: Mapping[str, Any]) -> str:
    """The day a signature or the annex came, or what stands in its place."""
    return str(part["day"]) if part["status"] == "recue" else str(part["status"])


@click.command()
@CAMPAIGN
@click.option("--year", required=True, type=YEAR)
@click.option("--stage", type=click.Choice(("planned", "notified", "paid")), default="planned", show_default=True)
@STYLE
def balance(code: str, year: int, stage: str, style: str) -> None:
    """Co-financing per territory, département, région and nation."""
    from deployments.tables_out import print_balance, print_json
    from tasks.balance import balance as balance_of

    found = balance_of(code, year, stage)
    if style == "json":
        print_json(found)
    else:
        print_balance(found)


COMMANDS = (balance, fund, fund_report, cofinancing, conventions)
