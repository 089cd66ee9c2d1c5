"""What would the engine have done, day by day (`cites rehearse`)?

The real flows over a scratch copy of the database, one look at 09:00 of each recipient's zone on each day when
something can be new; letters land in a folder, and where every dossier stands when it is over is written beside them.
The database that is copied is never written to. Letters that were already waiting are left out: the rehearsal shows
what its own days decide.
"""

import json
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col

from deployments.engine_room import engine_settings, prefect_api
from models.history_queries import states_by_territory
from models.report_queries import every_row, last_run_id, letters_sent
from models.rules.calendar import instant, local
from models.schema import metadata
from models.tables import Message, Notice
from models.words import UNSETTLED, MessageStatus, NoticeStatus
from notifications.french import MAINLAND
from tasks.database import engine, prepare, reading, transaction
from tasks.planning import Look, looks
from tasks.settings import settings
from tasks.status import status

EVENING = 23  # o'clock: the last day has been played, and is not over
ROWS_AT_ONCE = 5_000


class FolderInUse(Exception):
    """The folder holds letters that no rehearsal wrote."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds letters that are not a rehearsal's: give --out another folder")


class RehearsalFailed(Exception):
    """Some passes failed; says which, after everything else was played and written."""


def rehearse(code: str, start: date, end: date, out: Path) -> Path:
    """Play the campaign from `start` to `end`, both included; letters in `out`/mail; gives the path of its journal.

    `status.json` beside it is what `cites status` says that evening, with the states that the passes saw.
    Raises NoSuchCampaign, FolderInUse, RehearsalFailed.
    """
    mail = _emptied(out)
    home, source = settings().home, settings().database()
    with tempfile.TemporaryDirectory(prefix="rehearsal") as folder:
        scratch = f"sqlite:///{folder}/cites.db"
        _copy(source, scratch)
        with engine_settings(database_url=scratch, gateway_url=f"mailfolder://{mail}", redirect_all_to=""):
            planned = looks(code, start, end)
            with transaction() as session:
                before = last_run_id(session)
                _forget_what_waits(session)
            failed = _play(code, planned, home)
            with reading() as session:
                journal = _journal(session, before, out)
            ended = _where_it_ends(code, end)
        engine(scratch).dispose()
    written = _written(out / "journal.json", journal)
    _written(out / "status.json", ended)
    _summarise(journal, len(planned), written)
    if failed:
        raise RehearsalFailed(
            f"{len(failed)} passes did not end well, the first was {failed[0]}: their errors are above"
        )
    return written


def _play(code: str, planned: list[Look], home: Path) -> list[str]:
    """Run each look's deadlines; gives those that did not end well."""
    failed: list[str] = []
    with prefect_api(home, private=True, quiet=True):
        from flows.deadlines import run_deadline  # here: Prefect's environment must stand before its import

        for look in planned:
            for deadline in look.deadlines:
                if run_deadline(deadline, code, look.at, zones=[look.zone]).get("failed"):
                    failed.append(f"{deadline} at {look.at.isoformat()}")
    return failed


def _journal(session: Session, before: int, out: Path) -> list[dict[str, Any]]:
    """One row a letter, as `interface.md` has it: `at` on the recipient's clock, `file` under `out`."""
    return [
        {
            "at": local(message.sent_at or message.decided_at, message.zone).isoformat(),
            "to": message.address,
            "subject": message.subject,
            "file": _file(message.outcome, out),
            "notices": [
                {
                    "territory": territory,
                    "deadline": deadline,
                    "due": notice.facts["due"],
                    "step": _step(notice.step),
                    "role": role.value,
                }
                for notice, territory, deadline, role in notices
            ],
        }
        for message, notices in letters_sent(session, after=before)
    ]


def _where_it_ends(code: str, end: date) -> dict[str, Any]:
    """`cites status` on the last evening, on Paris's clock; `seen` adds each state that a pass recorded, in order."""
    found = status(code, instant(end, EVENING, MAINLAND))
    with reading() as session:
        seen = states_by_territory(session, code)
    for territory in found["territories"]:
        territory["seen"] = [
            {"state": state, "at": at.isoformat()} for state, at in seen.get(territory["territory"], ())
        ]
    return found


def _written(path: Path, found: Any) -> Path:
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _summarise(journal: list[dict[str, Any]], looked: int, written: Path) -> None:
    steps = Counter((notice["deadline"], str(notice["step"])) for letter in journal for notice in letter["notices"])
    print(f"{looked} looks, {len(journal)} letters, {steps.total()} notices: {written}")
    for (deadline, step), number in sorted(steps.items()):
        print(f"  {deadline} {step}: {number}")


def _step(step: str) -> int | str:
    return int(step) if step.lstrip("+-").isdigit() else step


def _file(outcome: str, out: Path) -> str:
    path = Path(outcome)
    return str(path.relative_to(out.absolute())) if path.is_relative_to(out.absolute()) else outcome


def _emptied(out: Path) -> Path:
    """The mail folder of a rehearsal, without the letters of the one before."""
    mail = (out / "mail").absolute()
    letters = list(mail.glob("*.eml"))
    if letters and not (out / "journal.json").exists():
        raise FolderInUse(mail)
    for letter in letters:
        letter.unlink()
    mail.mkdir(parents=True, exist_ok=True)
    return mail


def _copy(source: str, scratch: str) -> None:
    """All rows of one database into another, a SQLite file that does not exist yet."""
    path = scratch.removeprefix("sqlite:///")
    if source.startswith("sqlite"):
        with (
            closing(sqlite3.connect(f"file:{source.removeprefix('sqlite:///')}?mode=ro", uri=True)) as read,
            closing(sqlite3.connect(path)) as written,
        ):
            read.backup(written)
        return
    prepare(scratch)
    with reading(source) as session, transaction(scratch) as copy:
        for table in metadata.sorted_tables:
            for rows in every_row(session, table, ROWS_AT_ONCE):
                copy.execute(insert(table), rows)


def _forget_what_waits(session: Session) -> None:
    """What already waited counts as told: it is neither sent nor decided again."""
    session.execute(
        update(Message).where(col(Message.status).in_(UNSETTLED)).values(status=MessageStatus.SENT, leased_by="")
    )
    session.execute(update(Notice).where(col(Notice.status) == NoticeStatus.DECIDED).values(status=NoticeStatus.SENT))
