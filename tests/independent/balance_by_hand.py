"""What do the State and the local authorities put in, counted the slow way?

The same answer as `cites balance --format json`, from the tables alone and by separate code: for each territory every
line of the table is looked at again. Texts of findings are left empty.
"""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from .plan_by_hand import read_table

STAGE_COLUMN = {"planned": "prevu", "notified": "notifie", "paid": "verse"}
LOCAL_FUNDERS = ("commune", "intercommunalite", "departement", "region")
STATE_FUNDERS = ("ville", "education", "etat_autre")
FUND_SHARE = 1_500_000  # cents


def balance(campaign_yaml: Path, tables: Path, *, year: int, stage: str) -> dict[str, Any]:
    """Amounts in cents, shares rounded to three decimals or None; every territory of the campaign, by code.

    Findings of a territory: `fund_amount` (ville, then education), `fund_parity`, `fund_exceeds_grant`, then
    `paid_above_notified` line by line, valued and mainstream lines included. Départements, régions and the nation add
    up; of these a département alone has findings, about its envelope.
    """
    column = STAGE_COLUMN[stage]
    territories = sorted(read_table(tables / "territoires.csv"), key=lambda line: line["code"])
    lines = [line for line in read_table(tables / "financements.csv") if int(line["annee"]) == year]
    envelopes = [line for line in read_table(tables / "enveloppes.csv") if int(line["annee"]) == year]

    def lines_of(name: str, value: str) -> list[dict[str, str]]:
        codes = [territory["code"] for territory in territories if territory[name] == value]
        return [line for line in lines if line["territoire"] in codes]

    listed = []
    for territory in territories:
        own = lines_of("code", territory["code"])
        listed.append({"territory": territory["code"], **counted(own, column), "findings": findings(own, column)})
    departements = []
    for departement in sorted({territory["departement"] for territory in territories}):
        own = lines_of("departement", departement)
        amounts = [cents(line["montant"]) for line in envelopes if line["departement"] == departement]
        envelope = sum(amounts) if amounts else None
        left = None if envelope is None else envelope - granted(own, column)
        exceeded = [finding("envelope_exceeded", left)] if left is not None and left < 0 else []
        departements.append(
            {
                "departement": departement,
                **counted(own, column),
                "envelope": envelope,
                "envelope_left": left,
                "findings": exceeded,
            }
        )
    regions = [
        {"region": region, **counted(lines_of("region", region), column), "findings": []}
        for region in sorted({territory["region"] for territory in territories})
    ]
    known = {territory["code"] for territory in territories}
    nation = {**counted([line for line in lines if line["territoire"] in known], column), "findings": []}
    return {
        "campaign": campaign_code(campaign_yaml),
        "year": year,
        "stage": stage,
        "territories": listed,
        "departements": departements,
        "regions": regions,
        "nation": nation,
    }


def counted(lines: Iterable[dict[str, str]], column: str) -> dict[str, Any]:
    state = local = other = fund_city = fund_education = in_kind = common_law = 0
    for line in lines:
        amount = cents(line[column])
        if line["nature"] == "valorisation":
            in_kind += amount
            continue
        if line["droit_commun"] == "oui":
            common_law += amount
            continue
        funder, fund = line["financeur"], line["objet"] == "fonds"
        if funder == "ville" and fund:
            fund_city += amount  # taken from the annual grant, which counts it already
        elif funder in STATE_FUNDERS:
            state += amount
        elif funder in LOCAL_FUNDERS:
            local += amount
        else:
            other += amount
        if funder == "education" and fund:
            fund_education += amount
    return {
        "state": state,
        "local": local,
        "other": other,
        "gap": state - local,
        "local_share": share(local, state + local),
        "leverage": share(local + other, state),
        "fund_city": fund_city,
        "fund_education": fund_education,
        "fund_parity": fund_city == fund_education,
        "in_kind": in_kind,
        "common_law": common_law,
    }


def findings(lines: list[dict[str, str]], column: str) -> list[dict[str, Any]]:
    sums = counted(lines, column)
    city, education = sums["fund_city"], sums["fund_education"]
    found = [finding("fund_amount", amount) for amount in (city, education) if amount != FUND_SHARE]
    if city != education:
        found.append(finding("fund_parity", city - education))
    if city > granted(lines, column):
        found.append(finding("fund_exceeds_grant", city - granted(lines, column)))
    for line in lines:
        above = cents(line["verse"]) - cents(line["notifie"])
        if above > 0:
            found.append(finding("paid_above_notified", above))
    return found


def finding(code: str, amount: int) -> dict[str, Any]:
    return {"code": code, "amount": amount, "text": ""}


def granted(lines: Iterable[dict[str, str]], column: str) -> int:
    """The annual grants: ville's money for the programme, in cash."""
    return sum(
        cents(line[column])
        for line in lines
        if (line["financeur"], line["objet"]) == ("ville", "programme")
        and (line["nature"], line["droit_commun"]) == ("numeraire", "non")
    )


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def cents(text: str) -> int:
    """`15000`, `15 000,00` or `15000.00 €`, with any kind of space."""
    bare = "".join(letter for letter in text if not letter.isspace() and letter != "€").replace(",", ".")
    return int(Decimal(bare) * 100)


def campaign_code(campaign_yaml: Path) -> str:
    return str(yaml.safe_load(campaign_yaml.read_text(encoding="utf-8"))["campaign"])
