"""How fast could the same decision be, in bare SQL and nothing else?

A few set-based statements work out what is missing to whom, one INSERT … SELECT decides the notices with all that their
letters say, another gathers them into letters, a SELECT adds up the money. The rows are those of the engine, to the
last fact but one: the event of a reader's calendar, whose name SQL cannot make.

It is a floor, not a way of working: the step, its copies and the day are given to it, and nobody could read, test or
change the rules that it holds.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.campaigns import CODE, DUE, YEAR, programme
from models.rules.programme import Programme

MILESTONE_STEP, QUIET_STEP = -7, -15  # the step that is current on each of the two days


def decide(connection: Connection, at: datetime, offset: int = MILESTONE_STEP) -> int:
    """Decide, write and gather the notices of one step in the transaction of `connection`: how many were written."""
    rules = programme()
    sqlite = connection.dialect.name == "sqlite"
    _asked(connection, rules)
    run = connection.execute(
        text(
            "INSERT INTO run (campaign_id, deadline, at, started_at, figures) "
            "SELECT id, 'candidature', :at, :at, '{}' FROM campaign WHERE code = :code RETURNING id"
        ),
        {"at": _plain(at, sqlite), "code": CODE},
    ).scalar_one()
    deadline = rules.deadlines["candidature"]
    step = next(each for each in deadline.steps if each.offset == offset)
    given = {
        "object": deadline.object, "letter": step.letter,
        "code": CODE, "at": _plain(at, sqlite), "run": run, "due": DUE.isoformat(), "step": str(offset),
        "title": deadline.title, "cite": deadline.citation.words(),
    }  # fmt: skip
    for statement in _steps(sqlite, [role.value for role in step.copies]):
        connection.execute(text(statement), given)
    written = connection.execute(
        text("SELECT count(*) FROM notice WHERE run_id = CAST(:run AS INTEGER)"), given
    ).scalar_one()
    for name in SCRATCH:
        connection.execute(text(f"DROP TABLE {name}"))
    return int(written)


def balance(connection: Connection) -> list[tuple[Any, ...]]:
    """State and local money of the year by territory, département, région and nation, planned, in cents."""
    rules = programme().funding
    state = ", ".join(f"'{each.value}'" for each in sorted(rules.state))
    local = ", ".join(f"'{each.value}'" for each in sorted(rules.local))
    of = (
        f"SUM(CASE WHEN kind = 'numeraire' AND NOT mainstream AND funder IN ({state}) "
        "AND NOT (purpose = 'fonds' AND funder = 'ville') THEN planned ELSE 0 END), "
        f"SUM(CASE WHEN kind = 'numeraire' AND NOT mainstream AND funder IN ({local}) THEN planned ELSE 0 END)"
    )
    found: list[tuple[Any, ...]] = []
    for level in ("t.code", "t.departement", "t.region", "'nation'"):
        rows = connection.execute(
            text(
                f"SELECT {level}, {of} FROM fundingline f JOIN territory t ON t.id = f.territory_id "
                f"WHERE f.year = {YEAR} GROUP BY 1 ORDER BY 1"
            )
        )
        found.extend((row[0], int(row[1]), int(row[2])) for row in rows)
    return found


def _asked(connection: Connection, rules: Programme) -> None:
    """What the candidature asks for, part by part, in a table of this transaction."""
    connection.execute(
        text(
            "CREATE TEMPORARY TABLE asked (place INTEGER, requirement TEXT, part TEXT, owner TEXT, required INTEGER, "
            "word TEXT, region TEXT, requirement_title TEXT, part_title TEXT, owner_title TEXT, cite TEXT)"
        )
    )
    wanted = sorted(rules.requirements_of("candidature"), key=lambda each: not each.required)
    rows = [
        {
            "place": place, "requirement": asked.code, "part": part.code, "owner": part.owner.value,
            "required": int(asked.required), "word": asked.applies.word,
            "region": next(iter(asked.applies.values), ""), "requirement_title": asked.title, "part_title": part.title,
            "owner_title": rules.roles[part.owner], "cite": asked.citation.place(),
        }
        for place, (asked, part) in enumerate((asked, part) for asked in wanted for part in asked.parts)
    ]  # fmt: skip
    columns = list(rows[0])
    values = ", ".join(f":{name}" for name in columns)
    connection.execute(text(f"INSERT INTO asked ({', '.join(columns)}) VALUES ({values})"), rows)


SCRATCH = ("asked", "standing", "missing", "people", "readers", "told", "said", "brought")
APPLIES = (
    "(a.word = 'always' OR (a.word = 'asks_extra_means' AND t.asks_extra_means) "
    "OR (a.word = 'regions' AND t.region = a.region))"
)


def _steps(sqlite: bool, reading: Sequence[str]) -> list[str]:
    """The statements, in order; scratch tables have the keys that the joins ask for."""
    build = "json_object" if sqlite else "json_build_object"
    stamp = ":at" if sqlite else "CAST(:at AS timestamptz)"
    item = f"""{build}('requirement', a.requirement, 'requirement_title', a.requirement_title, 'part', a.part,
      'part_title', a.part_title, 'owner', a.owner, 'owner_title', a.owner_title,
      'reason', CASE s.status WHEN 'refusee' THEN 'refusee' WHEN 'retiree' THEN 'retiree' ELSE 'absente' END,
      'motive', COALESCE(s.reason, ''), 'cite', a.cite)"""
    # SQLite takes rows into an aggregate in the order of the subquery; PostgreSQL is told the order.
    group = "json_group_array(json(m.item)) FILTER (WHERE {})" if sqlite else (
        "COALESCE(json_agg(m.item ORDER BY m.place) FILTER (WHERE {}), '[]')"
    )  # fmt: skip
    own, others = (
        group.format("m.required = 1 AND m.owner = w.role"),
        group.format("m.required = 1 AND m.owner <> w.role"),
    )
    whole = "json({})" if sqlite else "{}"
    copy = "json(CASE WHEN o.owes THEN 'false' ELSE 'true' END)" if sqlite else "NOT o.owes"
    sections = "json_group_array(json(section))" if sqlite else "json_agg(section ORDER BY notice)"
    roles = "json_group_array(DISTINCT role)" if sqlite else "json_agg(DISTINCT role)"
    day = "n.due" if sqlite else "CAST(n.due AS TEXT)"
    due = ":due" if sqlite else "CAST(CAST(:due AS TEXT) AS date)"
    word = (lambda name: name) if sqlite else (lambda name: f"CAST({name} AS TEXT)")
    received = "status = 'recue'"
    titles = f"json_group_array(part_title) FILTER (WHERE {received})" if sqlite else (
        f"json_agg(part_title ORDER BY place) FILTER (WHERE {received})"
    )  # fmt: skip
    complete = f"count(*) = count(*) FILTER (WHERE {received})"
    whole_word = f"json(CASE WHEN {complete} THEN 'true' ELSE 'false' END)" if sqlite else f"({complete})"
    all_parts = "json_group_array(json(item))" if sqlite else "json_agg(item ORDER BY place)"
    number = "CAST(CAST(:run AS INTEGER) AS TEXT)"
    nothing_or_items = "json(COALESCE(g.items, '[]'))" if sqlite else "COALESCE(g.items, CAST('[]' AS json))"
    copies = ", ".join(f"'{role}'" for role in reading) or "''"
    here = "campaign c JOIN territory t ON t.campaign_id = c.id AND c.code = :code"
    return [
        f"""CREATE TEMPORARY TABLE standing AS
        SELECT territory_id, requirement, part, status, reason FROM (
          SELECT p.territory_id, p.requirement, p.part, p.status, p.reason,
            row_number() OVER (PARTITION BY p.territory_id, p.requirement, p.part ORDER BY p.at DESC, p.id DESC) AS nth
          FROM {here} JOIN piece p ON p.territory_id = t.id WHERE p.occurrence = '' AND p.at <= {stamp}
        ) AS ranked WHERE nth = 1""",
        "CREATE UNIQUE INDEX standing_key ON standing (territory_id, requirement, part)",
        f"""CREATE TEMPORARY TABLE missing AS
        SELECT t.id AS territory_id, a.place, a.owner, a.required, {item} AS item
        FROM {here} CROSS JOIN asked a
        LEFT JOIN standing s ON s.territory_id = t.id AND s.requirement = a.requirement AND s.part = a.part
        WHERE (s.status IS NULL OR s.status <> 'recue') AND {APPLIES}""",
        "CREATE INDEX missing_key ON missing (territory_id, place)",
        """CREATE TEMPORARY TABLE people AS
        SELECT k.perimeter, k.id AS contact_id, k.role
        FROM contact k JOIN campaign c ON c.id = k.campaign_id WHERE c.code = :code AND k.active""",
        "CREATE INDEX people_key ON people (perimeter)",
        f"""CREATE TEMPORARY TABLE readers AS
        SELECT t.id AS territory_id, k.contact_id, k.role FROM {here} JOIN people k ON k.perimeter = t.code
        UNION ALL
        SELECT t.id, k.contact_id, k.role FROM {here} JOIN people k ON k.perimeter = 'departement:' || t.departement""",
        f"""CREATE TEMPORARY TABLE told AS
        WITH owing AS (SELECT DISTINCT territory_id, owner FROM missing WHERE required = 1),
             late AS (SELECT DISTINCT territory_id FROM owing)
        SELECT r.territory_id, r.contact_id, r.role, o.owner IS NOT NULL AS owes FROM readers r
        JOIN late l ON l.territory_id = r.territory_id
        LEFT JOIN owing o ON o.territory_id = r.territory_id AND o.owner = r.role
        WHERE o.owner IS NOT NULL OR r.role IN ({copies})""",
        f"""CREATE TEMPORARY TABLE said AS
        SELECT w.territory_id, w.role, {own} AS owes, {others} AS others,
          {group.format("m.required = 0")} AS recommended
        FROM (SELECT DISTINCT territory_id, role FROM told) w
        JOIN missing m ON m.territory_id = w.territory_id GROUP BY w.territory_id, w.role""",
        "CREATE UNIQUE INDEX said_key ON said (territory_id, role)",
        f"""CREATE TEMPORARY TABLE brought AS
        WITH parts AS (
          SELECT territory_id, requirement, min(place) AS place,
            {build}('title', requirement_title, 'parts', {titles}, 'whole', {whole_word}) AS item
          FROM (
            SELECT t.id AS territory_id, a.requirement, a.requirement_title, a.part_title, a.place, s.status
            FROM {here} CROSS JOIN asked a
            LEFT JOIN standing s ON s.territory_id = t.id AND s.requirement = a.requirement AND s.part = a.part
            WHERE a.required = 1 AND {APPLIES} ORDER BY t.id, a.place
          ) AS each
          GROUP BY territory_id, requirement, requirement_title HAVING count(*) FILTER (WHERE status = 'recue') > 0)
        SELECT territory_id, {all_parts} AS items
        FROM (SELECT * FROM parts ORDER BY territory_id, place) AS sorted GROUP BY territory_id""",
        "CREATE UNIQUE INDEX brought_key ON brought (territory_id)",
        f"""INSERT INTO notice
          (obligation_id, contact_id, due, step, occasion, status, reason, run_id, decided_at, facts)
        SELECT b.id, o.contact_id, {due}, {word(":step")}, '', 'decided', '', CAST(:run AS INTEGER), {stamp},
          {build}('letter', {word(":letter")}, 'deadline', 'candidature', 'deadline_title', {word(":title")},
            'territory', t.code, 'territory_name', t.name, 'departement', t.departement, 'due', {word(":due")},
            'step', {word(":step")}, 'role', o.role, 'copy', {copy}, 'cite', {word(":cite")},
            'owes', {whole.format("s.owes")}, 'others', {whole.format("s.others")},
            'recommended', {whole.format("s.recommended")}, 'zone', 'Europe/Paris', 'subject_matter', {word(":object")},
            'received', {nothing_or_items})
        FROM told o JOIN said s ON s.territory_id = o.territory_id AND s.role = o.role
        LEFT JOIN brought g ON g.territory_id = o.territory_id
        JOIN territory t ON t.id = o.territory_id
        JOIN obligation b ON b.territory_id = t.id AND b.deadline = 'candidature'
        WHERE true ON CONFLICT DO NOTHING""",
        f"""INSERT INTO stateseen (territory_id, state, at)
        SELECT t.id, 'transmitted', {stamp} FROM {here}
        WHERE NOT EXISTS (SELECT 1 FROM missing m WHERE m.territory_id = t.id AND m.required = 1)
        ON CONFLICT DO NOTHING""",
        f"""INSERT INTO message (key, message_id, campaign_id, run_id, letter, address, channel, zone, facts,
          decided_at, status, attempts, leased_by, subject, outcome, held, released_by, body_hash)
        SELECT {number} || ':' || address, {number} || '.' || address, c.id, CAST(:run AS INTEGER), '',
          min(email), '',
          'Europe/Paris', {build}('campaign', c.title, 'name', min(name), 'roles', {roles}, 'sections', {sections}),
          {stamp}, 'waiting', 0, '', '', '', '', '', ''
        FROM (
          SELECT n.id AS notice, lower(k.email) AS address, k.email, k.name, k.role,
            {build}('territory', t.code, 'territory_name', t.name, 'deadline', b.deadline, 'due', {day}, 'step', n.step,
              'role', k.role) AS section
          FROM notice n JOIN contact k ON k.id = n.contact_id JOIN obligation b ON b.id = n.obligation_id
          JOIN territory t ON t.id = b.territory_id
          WHERE n.run_id = CAST(:run AS INTEGER) AND n.status = 'decided' AND n.message_id IS NULL ORDER BY n.id
        ) AS told, campaign c WHERE c.code = :code GROUP BY address, c.id, c.title ON CONFLICT DO NOTHING""",
        f"""UPDATE notice SET message_id = (
          SELECT m.id FROM contact k JOIN message m ON m.key = {number} || ':' || lower(k.email)
          WHERE k.id = notice.contact_id)
        WHERE run_id = CAST(:run AS INTEGER) AND status = 'decided' AND message_id IS NULL""",
    ]


def _plain(at: datetime, sqlite: bool) -> Any:
    """An instant as the engine's tables hold it."""
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds") if sqlite else at


def comparable(stored: Any) -> dict[str, Any]:
    """The facts of a notice, however the driver gives them, but for the calendar's event."""
    facts = stored if isinstance(stored, dict) else json.loads(stored)
    return {name: each for name, each in facts.items() if name != "agenda"}
