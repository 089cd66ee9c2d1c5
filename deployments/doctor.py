"""Is everything that the engine needs in order, and if not, what is to be done?

Each check answers in one line; none of them stops the others, changes anything, nor waits long for anybody else.
Prefect is not imported: its server is asked in plain HTTP, as a monitoring system would.
"""

import base64
import json
import os
import shutil
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from socket import create_connection
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from deployments.description import DEPLOYMENTS
from deployments.environment import POOL, reachable_api
from deployments.logs import masked
from models.history_queries import head_or_first
from models.operation_queries import database_clock, last_event
from notifications.gateway import NoSuchChannel
from tasks.database import address_of, reading, revision_of, revisions
from tasks.gateway import check_gateway
from tasks.mailboxes import folder_of
from tasks.settings import SettingRefused, Settings, settings

PATIENCE = 1.0  # seconds given to whatever stands outside this process
ROOM = 500_000_000  # bytes without which a campaign's letters may fill the disk
NO_ROOM = 20_000_000  # bytes without which a pass may not even be recorded
APART = timedelta(seconds=30)
PORTS = {"mailto": 25, "mailtos": 587, "imap": 143, "imaps": 993}


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    LOOK = "look"  # the engine works; somebody should know
    FAULT = "fault"  # letters do not leave, or will not


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it stands, and the cure of what does not stand well."""

    check: str
    verdict: Verdict
    found: str
    cure: str = ""

    def as_row(self) -> dict[str, str]:
        """The same, as plain words."""
        return {name: str(value) for name, value in asdict(self).items()}


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check=check, verdict=Verdict.OK, found=found)


def look(check: str, found: str, cure: str) -> Finding:
    """The engine works, and somebody should look."""
    return Finding(check=check, verdict=Verdict.LOOK, found=found, cure=cure)


def fault(check: str, found: str, cure: str) -> Finding:
    """Something that the engine cannot do without is missing."""
    return Finding(check=check, verdict=Verdict.FAULT, found=found, cure=cure)


def examine(at: datetime) -> list[Finding]:
    """Every check, in the order in which faults explain one another."""
    try:
        configured = settings()
    except SettingRefused as refused:
        said, _, cure = str(refused).rpartition(": ")
        return [fault("configuration", said, cure)]
    found = [_configuration(configured), *_home(configured.home), *_database(at)]
    return [*found, _gateway(configured), *_mailbox(configured), *_server(configured), _calendar_key(configured.home)]


def _configuration(configured: Settings) -> Finding:
    known = {f"CITES_{name.upper()}" for name in Settings.model_fields}
    strange = sorted(name for name in os.environ if name.startswith("CITES_") and name not in known)
    if strange:
        return look("configuration", f"unknown: {', '.join(strange)}", "a misspelt setting is ignored: see README.md")
    if configured.redirect_all_to:
        return look("configuration", "every letter goes to CITES_REDIRECT_ALL_TO", "remove it when the rehearsal ends")
    return ok("configuration", f"home {configured.home.absolute()}")


def _home(home: Path) -> Iterator[Finding]:
    there = _nearest(home)
    if not _takes_files(there):
        yield fault("disk", f"{there} may not be written to", "give it to the account that runs the engine")
        return
    free = shutil.disk_usage(there).free
    said, cure = f"{free / 1e9:.1f} GB free on {there}", "make room, or move the engine with CITES_HOME"
    if free > ROOM:
        yield ok("disk", said)
    else:
        yield look("disk", said, cure) if free > NO_ROOM else fault("disk", said, cure)


def _nearest(path: Path) -> Path:
    """`path`, or what there is of it."""
    there = path.absolute()
    return there if there.exists() else _nearest(there.parent)


def _takes_files(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _database(at: datetime) -> Iterator[Finding]:
    try:
        address = address_of(settings().database())
        if address.get_backend_name() == "sqlite":
            file = Path(address.database or "")
            if not file.exists():
                yield look("database", f"{file} is not made yet", "`cites up` or `cites campaign open FILE` makes it")
                return
            where = str(file)
        else:
            _must_answer(settings().database())
            where = masked(address.render_as_string(hide_password=True))
        yield from _inside(where, at)
    except (ArgumentError, NoSuchModuleError):
        yield fault("database", "CITES_DATABASE_URL is not a database address",
                    "write it as sqlite:///file.db or postgresql+psycopg://…")  # fmt: skip
    except DBAPIError as refused:
        reason = masked(" ".join(str(refused.orig).split()))[:200]
        yield fault("database", f"refuses: {reason}", "check CITES_DATABASE_URL and that the database is running")


def _must_answer(url: str) -> None:
    # An engine of its own: the engine's waits for a slow network much longer than a check may.
    made = create_engine(url, connect_args={"connect_timeout": 2})
    try:
        with made.connect() as connection:
            connection.execute(text("SELECT 1"))
    finally:
        made.dispose()


def _inside(where: str, at: datetime) -> Iterator[Finding]:
    with reading() as session:
        yield ok("database", where)
        present, known = revision_of(session), revisions()
        if present != known[-1]:
            if present in known or not present:
                said = f"tables {present or 'absent'}, this engine's are {known[-1]}"
                yield fault("migrations", said, "`cites backup`, then `cites up` brings them up to date")
            else:
                yield fault("migrations", f"tables {present} of a later engine", "install that engine, not this one")
            return
        yield ok("migrations", f"tables {present}, the present ones")
        events, last, recorded = last_event(session)
        clock, head = database_clock(session), head_or_first(session)
    yield _clock(at, clock, recorded)
    if (head.events, head.hash) != (events, last):
        yield fault("events", f"{events} recorded, the chain ends after {head.events}", "`cites verify` says where")
    else:
        yield ok("events", f"{events}, ending as the chain says (`cites verify` reads them all)")


def _clock(at: datetime, database: datetime | None, recorded: datetime | None) -> Finding:
    if database is not None and abs(database - at) > APART:
        apart = round((at - database).total_seconds())
        return fault("clock", f"{apart} s from the database's", "set both by NTP: a letter leaves by this clock")
    if recorded is not None and recorded > at + APART:
        return fault("clock", f"{at:%Y-%m-%d %H:%M} UTC, before the last event", "set this machine's clock by NTP")
    return ok("clock", f"{at:%Y-%m-%d %H:%M} UTC")


def _gateway(configured: Settings) -> Finding:
    address = configured.gateway()
    scheme = address.partition("://")[0]
    try:
        check_gateway()
    except NoSuchChannel as refused:
        return fault("gateway", str(refused), "see the table of settings in README.md")
    if scheme == "mailfolder":
        folder = Path(address.partition("://")[2])
        if not _takes_files(_nearest(folder)):
            return fault("gateway", f"{folder} may not be written to", "give it to the account that runs the engine")
        return ok("gateway", f"no mail server: letters are files in {folder}")
    return _answers("gateway", address)


def _answers(check: str, address: str) -> Finding:
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    if not (host and port):
        return look(check, f"a channel {parts.scheme}, which only a letter can try", "`cites deliver` tries it")
    try:
        with closing(create_connection((host, port), timeout=PATIENCE)):
            return ok(check, f"{host}:{port} answers")
    except OSError as absent:
        return fault(check, f"{host}:{port} does not answer ({absent})", "letters wait meanwhile: see with its keeper")


def _mailbox(configured: Settings) -> Iterator[Finding]:
    address = configured.mailbox_url.get_secret_value()
    if not address:
        return
    folder = folder_of(address)
    if folder is None:
        yield _answers("mailbox", address)
    elif folder.is_dir():
        yield ok("mailbox", f"the folder {folder}")
    else:
        yield fault(
            "mailbox", f"CITES_MAILBOX_URL: {masked(str(folder))} is not a folder", "give a folder, or imaps://…"
        )


def _server(configured: Settings) -> Iterator[Finding]:
    api = reachable_api(configured.home)
    if api is None and (named := os.environ.get("PREFECT_API_URL", "")):
        yield fault(
            "server", f"PREFECT_API_URL: {masked(named)} does not answer", "start it, or name the one that runs"
        )
        return
    if api is None:
        yield look("server", "no engine answers", "`cites up` starts one; commands work without it, schedules do not")
        return
    yield ok("server", api.removesuffix("/api"))
    try:
        workers = _ask(api, f"/work_pools/{POOL}/workers/filter", configured)
        deployments = _ask(api, "/deployments/filter", configured)
    except urllib.error.HTTPError as refused:
        cure = "set CITES_SERVER_LOGIN as the server has it" if refused.code == 401 else "see the server's log"
        yield fault("worker", f"the server refuses to say ({refused.code})", cure)
        return
    except (OSError, ValueError) as lost:
        yield fault("worker", f"the server does not say ({lost})", "see the server's log")
        return
    online = sorted(each["name"] for each in workers if each["status"] == "ONLINE")
    if online:
        yield ok("worker", f"{len(online)} at work")
    else:
        yield fault("worker", "none at work", "`cites up` starts one; elsewhere, `prefect worker start --pool cites`")
    yield _schedules({each["name"]: each for each in deployments})


def _schedules(there: dict[str, Any]) -> Finding:
    absent = [each.name for each in DEPLOYMENTS if each.name not in there]
    if absent:
        return fault("schedules", f"not deployed: {', '.join(absent)}", "`cites up`, or `prefect deploy --all`")
    off = [
        each.name
        for each in DEPLOYMENTS
        if each.tick
        and (there[each.name].get("paused") or not any(one["active"] for one in there[each.name]["schedules"]))
    ]
    if off:
        return look("schedules", f"switched off: {', '.join(off)}", "switch them on in the UI if nobody meant it")
    return ok("schedules", f"{sum(each.tick is not None for each in DEPLOYMENTS)} ticks are on")


def _ask(api: str, path: str, configured: Settings) -> Any:
    asked = urllib.request.Request(f"{api}{path}", data=b"{}", headers={"Content-Type": "application/json"})  # noqa: S310
    login = configured.server_login.get_secret_value() or os.environ.get("PREFECT_API_AUTH_STRING", "")
    if login:
        asked.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    with closing(urllib.request.urlopen(asked, timeout=PATIENCE)) as answer:  # noqa: S310 - the server of our settings
        return json.loads(answer.read())


def _calendar_key(home: Path) -> Finding:
    key = home / "calendars.key"
    if not key.exists():
        return ok("calendars.key", "not made yet: the first calendar makes it")
    if stat.S_IMODE(key.stat().st_mode) & 0o077:
        return look("calendars.key", "others of this machine may read it", f"chmod 600 {key}")
    return ok("calendars.key", "there, for its owner alone; `cites backup` keeps it")
