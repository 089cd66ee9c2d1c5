"""How does somebody ask from a terminal where a review stands, who holds the mandates, and who blocks?"""

from datetime import datetime

import click

from deployments.cli_options import AT, CAMPAIGN, PAGE_STYLE, STYLE, TERRITORY


@click.command()
@CAMPAIGN
@TERRITORY
@AT
@PAGE_STYLE
def review(code: str, territory: str | None, at: datetime | None, style: str) -> None:
    """What lies before the ministers: visas, regional opinions, the grid in words, what is missing, the decision."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.review import review as review_of

    found = review_of(code, at or now(), territory)
    if style == "json":
        print_json(found)
        return
    if style == "html":
        from notifications.review_page import page

        print(page(found))
        return
    rows = [
        {
            "territory": each["territory"],
            "state": each["state"],
            "visas": ", ".join(f"{visa['owner']}: {visa['status']}" for visa in each["visas"]),
            "opinions": ", ".join(f"{said['instance']}: {said['opinion'] or '—'}" for said in each["opinions"]),
            "missing": len(each["missing"]),
            "decision": each["decision"]["verdict"] if each["decision"] else "",
        }
        for each in found["territories"]
    ]
    columns = ("territory", "state", "visas", "opinions", "missing", "decision")
    print_table(rows, columns, empty="This campaign has no territory yet: import its tables.")
    if territory is None:
        return
    [one] = found["territories"]
    words = [
        {"criterion": criterion["criterion"], **each} for criterion in one["criteria"] for each in criterion["readings"]
    ]
    print()
    print_table(words, ("criterion", "appreciation", "author", "day", "remarks"), empty="Nobody has read it yet.")
    for lacking in one["missing"]:
        print(f"{lacking['kind']} : {lacking['text']}")


@click.command()
@CAMPAIGN
@AT
@STYLE
def governance(code: str, at: datetime | None, style: str) -> None:
    """Who holds the mandates, and what there is to see to: absent, ended, another person, not given by both sides."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.governance import governance as governance_at

    found = governance_at(code, at or now())
    if style == "json":
        print_json(found)
        return
    mandates = [{"territory": each["territory"], **held} for each in found["territories"] for held in each["mandates"]]
    print_table(mandates, ("territory", "mandate", "holder", "first_day", "last_day", "given_by"),
                empty="This campaign has no mandate yet: import its table mandats.")  # fmt: skip
    print()
    findings = [{"territory": each["territory"], **said} for each in found["territories"] for said in each["findings"]]
    print_table(findings, ("territory", "code", "mandate", "holders"), empty="Nothing to see to.")


@click.command()
@CAMPAIGN
@TERRITORY
@AT
@click.option("--all", "to_come", is_flag=True, help="Also what no step has asked for yet.")
@STYLE
def blockers(code: str, territory: str | None, at: datetime | None, to_come: bool, style: str) -> None:
    """Who has not signed or delivered: role, persons and addresses, since when asked, last reminder, days left."""
    from deployments.tables_out import print_json, print_table
    from flows.clock import now
    from tasks.blockers import who_blocks

    found = who_blocks(code, at or now(), territory, to_come=to_come)
    if style == "json":
        print_json(found)
        return
    rows = [
        {
            **each,
            "persons": "; ".join(f"{one['name']} <{one['address']}>".strip() for one in each["persons"]) or "nobody",
            "holders": "; ".join(one["name"] for one in each["holders"]),
            "last_reminder": f"{each['last_reminder']['step']} ({each['last_reminder']['day']})"
            if each["last_reminder"]
            else "",
        }
        for each in found["blockers"]
    ]
    columns = (
        "territory",
        "deadline",
        "role",
        "days_left",
        "asked_since",
        "last_reminder",
        "persons",
        "holders",
        "owes",
    )
    print_table(rows, columns, empty="Nobody blocks.")


COMMANDS = (review, governance, blockers)
