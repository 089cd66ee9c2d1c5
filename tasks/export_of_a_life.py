"""How do the tables of a cité's life after its candidature leave in a workbook? A row's cells, in the table's order."""

from decimal import Decimal
from typing import Any

Values = dict[str, Any]
Row = list[Any]


def examination(row: Values, code: str, zone: str) -> Row:
    return [code, row["criterion"], row["appreciation"], row["remarks"], row["day"], row["author"]]


def opinion(row: Values, code: str, zone: str) -> Row:
    return [code, row["instance"], row["opinion"].value, row["day"], row["author"], row["grounds"]]


def mandate(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["mandate"], row["holder"], row["email"], row["first_day"], row["last_day"], row["given_by"],
        row["reference"],
    ]  # fmt: skip


def commitment(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["partner"], row["nature"], row["year"] or None, row["label"], row["quantity"],
        Decimal(row["amount"]) / 100,
    ]  # fmt: skip


def action(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["axis"], row["title"], row["carrier"], row["first_year"] or None, row["last_year"] or None,
        Decimal(row["cost"]) / 100, yes(row["is_new"]), yes(row["several_schools"]), yes(row["outside_partner"]),
    ]  # fmt: skip


def indicator(row: Values, code: str, zone: str) -> Row:
    return [
        code, row["code"], row["title"], row["kind"].value, row["topic"], row["unit"], row["source"],
        _value(row["baseline"]), row["baseline_year"] or None, _value(row["target"]), row["target_year"] or None,
    ]  # fmt: skip


def measure(row: Values, code: str, zone: str) -> Row:
    return [code, row["indicator"], row["year"], _value(row["value"])]


def signature(row: Values, code: str, zone: str) -> Row:
    return [code, row["document"], row["signatory"], row["name"], row["day"]]


def yearly_count(row: Values, code: str, zone: str) -> Row:
    return [code, row["year"], row["series"], row["value"]]


def yes(value: bool) -> str:
    return "oui" if value else "non"


def _value(ten_thousandths: int | None) -> str | None:
    """« 12,5 », as a text: a spreadsheet would show it with the decimals of its column, not with its own."""
    if ten_thousandths is None:
        return None
    return format((Decimal(ten_thousandths) / 10_000).normalize(), "f").replace(".", ",")


WRITE = {
    "examens": examination, "avis": opinion, "mandats": mandate, "engagements": commitment, "actions": action,
    "indicateurs": indicator, "mesures": measure, "signatures_cellule": signature, "series_cellule": yearly_count,
}  # fmt: skip
