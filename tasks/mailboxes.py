"""Where is the mail that comes back, and how is it read without changing anything there?

An IMAP folder, opened read-only: whoever else reads it sees no difference. Or a folder of this machine: of .eml files,
or a maildir. What was read is remembered by us (its Message-ID), never by the mailbox.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from models.rules.returned_mail import key_of

SECONDS_OF_PATIENCE = 20
MOST_BYTES = 30 * 2**20  # of one mail: more than any server lets through; a larger one is left where it is
HEADERS_AT_ONCE = 200
HEADERS = "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
IMAPS_PORT, IMAP_PORT = 993, 143
SECURE, CLEAR = "imaps", "imap"
_uid = re.compile(rb"\bUID (\d+)")
_size = re.compile(rb"\bRFC822\.SIZE (\d+)")


class MailboxUnreadable(Exception):
    """The mailbox cannot be read: says which, without its secrets, and the cure."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One mail that was not known: its bytes, or none when it is too large to be read."""

    key: str
    content: bytes | None


def new_mails(source: str, unknown: Callable[[Sequence[str]], set[str]], since: date) -> Iterator[Found]:
    """The mails of `source` that are not known yet, the oldest first.

    `unknown` says which of these keys are not; an IMAP folder is looked at from the day `since` on. Raises
    MailboxUnreadable.
    """
    folder = folder_of(source)
    if folder is None:
        yield from _imap(source, unknown, since)
    else:
        yield from _folder(folder, unknown)


def folder_of(source: str) -> Path | None:
    """The folder of this machine that `source` names, whether or not it is there; None for a server's."""
    scheme, _, rest = source.partition("://")
    return None if scheme in (SECURE, CLEAR) else Path(rest if scheme == "maildir" else source)


# A folder


def _folder(folder: Path, unknown: Callable[[Sequence[str]], set[str]]) -> Iterator[Found]:
    if not folder.is_dir():
        raise MailboxUnreadable(f"{folder} is not a folder: give a folder of .eml files, a maildir, or imaps://…")
    maildir = [folder / "new", folder / "cur"]
    inside = [each for place in maildir if place.is_dir() for each in place.iterdir()] or list(folder.glob("*.eml"))
    for file in sorted(inside, key=lambda each: each.name):
        if not file.is_file() or file.name.startswith("."):
            continue
        content = file.read_bytes() if file.stat().st_size <= MOST_BYTES else None
        key = key_of(_message_id(content[:65_536]), content) if content is not None else f"file:{file.name}"
        if unknown([key]):
            yield Found(key=key, content=content)


def _message_id(head: bytes) -> str:
    """The Message-ID in the headers that `head` begins with."""
    headers = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    found = re.search(rb"^Message-ID:[ \t]*(?:\r?\n[ \t]+)?(.*)$", headers, re.IGNORECASE | re.MULTILINE)
    return found[1].decode("ascii", "replace") if found else ""


# IMAP


def _imap(source: str, unknown: Callable[[Sequence[str]], set[str]], since: date) -> Iterator[Found]:
    with _opened(source) as mailbox:
        uids = mailbox.uids(AND(date_gte=since), charset=None)
        for start in range(0, len(uids), HEADERS_AT_ONCE):
            heads = list(_heads(_fetched(mailbox, uids[start : start + HEADERS_AT_ONCE], HEADERS)))
            new = unknown([key for _, _, key in heads if key])
            for uid, size, key in heads:
                if key and key not in new:
                    continue
                if size > MOST_BYTES:
                    if key:
                        yield Found(key=key, content=None)
                    continue
                content = _body(_fetched(mailbox, [uid], "(BODY.PEEK[])"))
                key = key or key_of("", content)
                if key in new or unknown([key]):
                    yield Found(key=key, content=content)


def _heads(answer: Sequence[Any]) -> Iterator[tuple[str, int, str]]:
    """(uid, size, key) of each mail; the key is empty when the mail has no Message-ID of its own."""
    for each in answer:
        if isinstance(each, tuple) and len(each) == 2:
            uid, size = _uid.search(each[0]), _size.search(each[0])
            if uid:
                named = key_of(_message_id(each[1]), b"")
                yield uid[1].decode(), int(size[1]) if size else 0, "" if named.startswith("sha256:") else named


def _body(answer: Sequence[Any]) -> bytes:
    return next((each[1] for each in answer if isinstance(each, tuple) and len(each) == 2), b"")


def _fetched(mailbox: BaseMailBox, uids: Sequence[str], what: str) -> list[Any]:
    """The bytes as they came: a mail taken apart and put together again would no longer be the same mail."""
    status, content = mailbox.client.uid("FETCH", ",".join(uids), what)
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return content


@contextmanager
def _opened(source: str) -> Iterator[BaseMailBox]:
    """The folder that an address names (imaps://user:secret@host:993/INBOX), open for reading alone."""
    try:
        address = urlsplit(source)
        host, port = address.hostname, address.port
    except ValueError:
        host, port = None, None
    if not host:
        raise MailboxUnreadable("CITES_MAILBOX_URL is no mailbox: write it as imaps://user:secret@host/INBOX")
    name = f"{address.scheme}://{host}"
    try:
        if address.scheme == SECURE:  # without a context of ours, the standard library would trust any certificate
            mailbox: BaseMailBox = MailBox(
                host, port or IMAPS_PORT, timeout=SECONDS_OF_PATIENCE, ssl_context=ssl.create_default_context()
            )
        else:
            mailbox = MailBoxUnencrypted(host, port or IMAP_PORT, timeout=SECONDS_OF_PATIENCE)
        with mailbox:
            mailbox.login(unquote(address.username or ""), unquote(address.password or ""), initial_folder=None)
            mailbox.folder.set(unquote(address.path.strip("/")) or "INBOX", readonly=True)
            yield mailbox
    except (ImapToolsError, imaplib.IMAP4.error):
        raise MailboxUnreadable(
            f"the mailbox {name} refuses to be read: check the user, the password and the folder of CITES_MAILBOX_URL"
        ) from None
    except OSError as fault:
        raise MailboxUnreadable(
            f"the mailbox {name} does not answer ({fault.strerror or fault}): check CITES_MAILBOX_URL, or try later"
        ) from None
