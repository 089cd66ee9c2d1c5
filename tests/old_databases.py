"""What does a database of an older engine hold: a row of every table it had, three events, letters and notices?

Written by plain SQL from what the tables of that time were: nothing here knows the present ones.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Date, DateTime, Integer, MetaData, Table, insert

from models.rules.chain import FIRST, fingerprint
from tasks.database import engine, prepare
from tests.builders import a_campaign_file

OLD = datetime(2020, 11, 2, 10, 0, 0, 120, tzinfo=UTC)
SAID: dict[str, dict[str, Any]] = {  # what a column's kind alone does not tell
    "campaign": {"code": "2021", "edition": "vade-mecum-2020", "document": a_campaign_file()},
    "territory": {"code": "lens", "departement": "62", "region": "32", "lead_authority": "commune", "name": "Lens"},
    "obligation": {"deadline": "candidature"},
    "contact": {"role": "prefet", "perimeter": "departement:62", "email": "prefet@pas-de-calais.test", "active": True,
                "channel": ""},
    "piece": {"requirement": "diagnostic", "part": "social", "status": "recue", "occurrence": ""},
    "fundingline": {"year": 2021, "funder": "ville", "purpose": "programme", "kind": "numeraire", "mainstream": False},
    "decision": {"verdict": "ajourne", "day": date(2030, 1, 2)},
    "extension": {"deadline": "convention"},
    "withdrawal": {"day": date(2030, 1, 1)},
    "convention": {"signed_on": None, "first_day": date(2031, 1, 1), "last_day": date(2033, 12, 31)},
    "fundoperation": {"direction": "depense", "axis": "1.1"},
    "run": {"deadline": "candidature", "figures": {"letters": 1}},
    "message": {"status": "sent", "zone": "Europe/Paris", "letter": "", "held": ""},
    "notice": {"status": "sent", "step": "-30", "facts": {"é": None}},
    "unreachable": {"role": "dasen", "step": "-30"},
    "stateseen": {"state": "invited"},
    "opinion": {"opinion": "favorable"},
    "indicator": {"kind": "moyens"},
    "mandate": {"first_day": date(2021, 1, 1), "last_day": None},
    "plannedaction": {"axis": "1.1", "first_year": 2021, "last_year": 2023},
    "pause": {"holds": False, "territory_id": None},
    "incomingmail": {"kind": "answer"},
}  # fmt: skip


def a_database_of(revision: str, url: str) -> dict[str, list[dict[str, Any]]]:
    """Make a database as the engine of `revision` left it, rows in every table; gives the rows by table."""
    prepare(url, revision=revision)
    with engine(url).begin() as connection:
        tables = MetaData()
        tables.reflect(bind=connection)
        for table in tables.sorted_tables:
            if table.name == "event":
                _events(connection, table, tables.tables.get("eventhead"))
            elif table.name not in ("alembic_version", "eventhead"):
                connection.execute(insert(table), [_row(table)])
        return rows_of(connection)


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that the database holds, as it stores them."""
    tables = MetaData()
    tables.reflect(bind=connection)
    return {
        table.name: [
            {str(name): value for name, value in row.items()}
            for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
        ]
        for table in tables.sorted_tables
        if table.name != "alembic_version"
    }


def _row(table: Table) -> dict[str, Any]:
    said = SAID.get(table.name, {})
    return {
        column.name: said.get(column.name, 1 if column.foreign_keys else _plain(column.type))
        for column in table.columns
        if column.name != "id"
    }


def _plain(kind: Any) -> Any:
    for each, value in ((Boolean, True), (Integer, 1), (DateTime, OLD), (Date, date(2020, 11, 2)), (JSON, {})):
        if isinstance(kind, each):
            return value
    return "été"


def _events(connection: Connection, table: Table, head: Table | None) -> None:
    last = FIRST
    for number in (1, 2, 3):
        content = {"at": OLD, "author": "Mme Roussel", "action": "added", "campaign": "2021", "territory": "lens",
                   "subject": "pieces", "before": None, "after": {"é": number}, "grounds": "« été »"}  # fmt: skip
        if head is not None:
            own = fingerprint(last, content)
            content |= {"previous": last, "hash": own}
            last = own
        connection.execute(insert(table), [content])
    if head is not None:
        connection.execute(insert(head), [{"id": 1, "events": 3, "hash": last}])


def as_text(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Rows in a form that two databases share: instants in UTC, documents as they read."""
    return {name: [json.dumps(row, default=_said, sort_keys=True) for row in each] for name, each in rows.items()}


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    return str(value)
