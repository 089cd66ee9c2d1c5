"""Which failures does a command tell in one sentence, and in which words?

Everything else is a mistake of ours, and shows its traceback.
"""

import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

_no_table = re.compile(r"no such table|relation .* does not exist")
_no_column = re.compile(r"no such column|column .* does not exist|has no column")


class NotPlanned(Exception):
    """A server answers, and has nothing of ours to plan runs on."""


class Failed(Exception):
    """A command that did its work and must still say that something went wrong."""


def told_in_one_sentence(command: Callable[..., None]) -> Callable[..., None]:
    """A known failure becomes one sentence on standard error and code 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            raise SystemExit(130) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise SystemExit(1) from None
        except _known_failures() as failure:
            raise click.ClickException(_sentence(failure)) from None

    return wrapped


def _known_failures() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    from deployments.children import ChildDied
    from deployments.cli_history import RecordTouched
    from deployments.cli_operations import FaultFound
    from deployments.environment import NoRedisLibrary, NoServer, OpenDoor, PortTaken
    from deployments.rehearsal import FolderInUse, RehearsalFailed
    from models.queries import NoSuchCampaign
    from models.rules.fund_account import AccountRefused
    from models.rules.yaml_files import ProgrammeRefused
    from models.territory_queries import NoSuchTerritory
    from notifications.gateway import NoSuchChannel
    from notifications.render import LetterRefused
    from tasks.acts import ActRefused
    from tasks.annual_report import YearNotBegun
    from tasks.answers import NoSuchAnswer
    from tasks.backup import BackupRefused
    from tasks.calendars import NoSuchReader
    from tasks.database import TablesOfALaterEngine
    from tasks.export import ExportRefused
    from tasks.fund import NoSuchYear
    from tasks.holding import NotHeld
    from tasks.intake import IntakeRefused
    from tasks.mailboxes import MailboxUnreadable
    from tasks.pauses import NotPaused
    from tasks.portal_client import PortalRefused
    from tasks.sealed_archive import ArchiveRefused
    from tasks.settings import SettingRefused
    from tasks.watch import NothingLeft

    return (
        ArchiveRefused,
        NoServer,
        NoRedisLibrary,
        OpenDoor,
        PortTaken,
        ChildDied,
        FolderInUse,
        RehearsalFailed,
        NoSuchCampaign,
        ProgrammeRefused,
        NoSuchChannel,
        LetterRefused,
        IntakeRefused,
        ActRefused,
        BackupRefused,
        FaultFound,
        AccountRefused,
        NoSuchYear,
        YearNotBegun,
        NoSuchTerritory,
        NoSuchReader,
        NothingLeft,
        TablesOfALaterEngine,
        SettingRefused,
        NotHeld,
        NotPaused,
        NoSuchAnswer,
        MailboxUnreadable,
        ExportRefused,
        RecordTouched,
        PortalRefused,
        DBAPIError,
        ArgumentError,
        NoSuchModuleError,
        OSError,
        Failed,
        NotPlanned,
    )


def _sentence(failure: Exception) -> str:
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    if isinstance(failure, ArgumentError | NoSuchModuleError):
        return "CITES_DATABASE_URL is not a database address: write it as sqlite:///file.db or postgresql+psycopg://…"
    if isinstance(failure, DBAPIError):
        reason = " ".join(str(failure.orig).split())
        if _no_table.search(reason):
            return f"the database is not prepared ({reason}): open a campaign first, with `cites campaign open FILE`"
        if _no_column.search(reason):
            return f"the tables are of an earlier version ({reason}): `cites backup --to FILE`, then `cites prepare`"
        return f"the database refuses ({reason}): check CITES_DATABASE_URL and that the database is running"
    if isinstance(failure, OSError) and failure.filename is not None:
        return f"{failure.filename} cannot be read or written ({failure.strerror}): check that path and its rights"
    return str(failure)
