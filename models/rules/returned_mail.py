"""What is this mail that came back: a report of a failed delivery, an automatic answer, or somebody's own words?

Read with the standard library alone (ADR 0015), as cautiously as it was sent: nothing in it is trusted, a header that
cannot be read is read as far as it can be, and no mail whatever makes this module raise. A report is the standard's
(RFC 3464), or says as much in the fields that mail servers without it share: X-Failed-Recipients, and the returned
letter's headers copied into the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from hashlib import sha256
from unicodedata import combining, normalize

from models.rules.mailroom import AnswersPolicy
from models.words import IncomingKind

MOST_TEXT = 64 * 2**10  # characters of a text that are searched
MOST_PARTS, MOST_FILES = 200, 10
MOST_BYTES_OF_A_FILE = 10 * 2**20
LONGEST_KEY, LONGEST_SUBJECT, LONGEST_ADDRESS, LONGEST_REASON = 300, 500, 254, 1_000
FAILED, DELAYED = "failed", "delayed"
TABLES = (".csv", ".xlsx", ".ods", ".xls", ".xlsm", ".xlsb", ".fods", ".tsv")
REPORTS = ("message/delivery-status", "message/global-delivery-status")
RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
_message_id = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_quoted_message_id = re.compile(r"^[>\s]*Message-ID:\s*(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)
_status = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_smtp_code = re.compile(r"\b([45])\d\d[ -]")
_reply_prefix = re.compile(r"^((re|tr|fw|fwd|aw)\s*:\s*)+")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What a report says of one recipient: `status` is an enhanced code such as 5.1.1."""

    action: str
    status: str
    reason: str

    @property
    def permanent(self) -> bool:
        """Would trying again change nothing?"""
        return self.action == FAILED and self.status.startswith("5")


@dataclass(frozen=True, kw_only=True)
class AttachedTable:
    """A file that may hold a table, under the name it came with; without content when it is too large to keep."""

    name: str
    content: bytes | None


@dataclass(frozen=True, kw_only=True)
class ReturnedMail:
    """One mail of the answers' mailbox; `letters` are the Message-IDs of what it answers or reports, nearest first."""

    key: str
    kind: IncomingKind
    sender: str
    subject: str
    sent_at: datetime | None
    letters: tuple[str, ...]
    failures: tuple[Failure, ...]
    tables: tuple[AttachedTable, ...]


def read_mail(content: bytes, policy: AnswersPolicy) -> ReturnedMail:
    """What this mail is."""
    mail = message_from_bytes(content)
    parts = _parts(mail)
    report = _is_report(mail, parts)
    failures = tuple(_failures(mail, parts)) if report else ()
    tables = () if report else _tables(parts)
    if report:
        kind = IncomingKind.REPORT
    elif _is_automatic(mail, policy):
        kind, tables = IncomingKind.AUTOMATIC, ()
    else:
        kind = IncomingKind.PROPOSAL if tables else IncomingKind.ANSWER
    return ReturnedMail(
        key=key_of(_raw(mail, "Message-ID"), content),
        kind=kind,
        sender=parseaddr(_header(mail, "From"))[1][:LONGEST_ADDRESS],
        subject=_header(mail, "Subject")[:LONGEST_SUBJECT],
        sent_at=_date(mail),
        letters=tuple(dict.fromkeys(_returned(parts) if report else _answered(mail))),
        failures=failures,
        tables=tables,
    )


def key_of(message_id: str, content: bytes) -> str:
    """What makes a mail the same mail: its Message-ID, or the print of its bytes when it has none that can be used."""
    found = _message_id.search(message_id)
    if found and len(found[0]) <= LONGEST_KEY:
        return found[0]
    return f"sha256:{sha256(content).hexdigest()}"


def _parts(mail: Message) -> list[Message]:
    """The mail's parts in order, not those of a mail that it carries."""
    found: list[Message] = []
    ahead = [mail]
    while ahead and len(found) < MOST_PARTS:
        part = ahead.pop(0)
        found.append(part)
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            ahead = [each for each in payload if isinstance(each, Message)] + ahead
    return found


# Reports


def _is_report(mail: Message, parts: Sequence[Message]) -> bool:
    if any(part.get_content_type() in REPORTS for part in parts):
        return True
    return mail["X-Failed-Recipients"] is not None


def _failures(mail: Message, parts: Sequence[Message]) -> Iterator[Failure]:
    told = False
    for part in parts:
        if part.get_content_type() not in REPORTS:
            continue
        for block in _blocks(part):
            action = _raw(block, "Action").casefold()
            if action in (FAILED, DELAYED):
                told = True
                yield _failure(action, _raw(block, "Status"), _raw(block, "Diagnostic-Code"))
    if not told and mail["X-Failed-Recipients"] is not None:
        said = "\n".join(_text(part) for part in parts if part.get_content_type() == "text/plain")
        status, code = _status.search(said), _smtp_code.search(said)
        yield _failure(FAILED, status[1] if status else f"{code[1]}.0.0" if code else "5.0.0", _reason_line(said))


def _failure(action: str, status: str, reason: str) -> Failure:
    """One recipient's failure; a server that gives no usable Status often writes one in its diagnostic."""
    found = _status.search(status) or _status.search(reason)
    code = _smtp_code.search(reason)
    known = found[1] if found else f"{code[1]}.0.0" if code else "5.0.0" if action == FAILED else "4.0.0"
    words = " ".join(reason.partition(";")[2].split() if ";" in reason else reason.split())
    return Failure(action=action, status=known, reason=(words or f"code {known}")[:LONGEST_REASON])


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [each for each in payload if isinstance(each, Message)]
    return [message_from_string(block) for block in re.split(r"\r?\n\r?\n", _text(part)) if block.strip()]


def _returned(parts: Sequence[Message]) -> Iterator[str]:
    """The Message-IDs of the letters that a report returns."""
    for part in parts:
        if part.get_content_type() not in RETURNED:
            continue
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else message_from_string(_text(part))
        yield from _message_id.findall(_raw(inner, "Message-ID") if isinstance(inner, Message) else "")
    for part in parts:
        if part.get_content_type() == "text/plain":
            yield from _quoted_message_id.findall(_text(part))


def _reason_line(said: str) -> str:
    lines = (" ".join(line.split()) for line in said.splitlines())
    return next((line for line in lines if _smtp_code.search(line) or _status.search(line)), "")


# Answers


def _is_automatic(mail: Message, policy: AnswersPolicy) -> bool:
    submitted = _raw(mail, "Auto-Submitted").casefold()
    if submitted and not submitted.startswith("no"):
        return True
    if _raw(mail, "Precedence").casefold() in policy.automatic_precedences:
        return True
    if any(mail[name] is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")):
        return True
    if mail.get_content_type() == "multipart/report":  # a receipt for reading
        return True
    subject = _reply_prefix.sub("", _bare(_header(mail, "Subject")))
    return subject.startswith(policy.automatic_subjects)


def _answered(mail: Message) -> Iterator[str]:
    """The Message-IDs that an answer names, the nearest first."""
    yield from _message_id.findall(_raw(mail, "In-Reply-To"))
    yield from reversed(_message_id.findall(_raw(mail, "References")))


def _tables(parts: Sequence[Message]) -> tuple[AttachedTable, ...]:
    found: list[AttachedTable] = []
    for part in parts:
        name = _file_name(part)
        if not name.casefold().endswith(TABLES) or len(found) == MOST_FILES:
            continue
        content = part.get_payload(decode=True)
        kept = content if isinstance(content, bytes) and len(content) <= MOST_BYTES_OF_A_FILE else None
        found.append(AttachedTable(name=safe_name(name), content=kept))
    return tuple(found)


def safe_name(name: str) -> str:
    """A file's name that is a name and nothing else: no folder, no hidden file, no sign that a system could read."""
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, kind = re.sub(r"[^\w.-]+", "-", last).rpartition(".")
    return f"{stem.strip('.-')[:80] or 'tableau'}{dot}{kind[:10]}"


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return ""
    return _decoded(name) if name else ""


# Headers


def _raw(mail: Message, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split())


def _header(mail: Message, name: str) -> str:
    return _decoded(_raw(mail, name))


def _decoded(value: str) -> str:
    """RFC 2047 words as people wrote them, on one line; what cannot be decoded stays as it came."""
    try:
        pieces = [
            piece.decode(charset or "ascii", "replace") if isinstance(piece, bytes) else piece
            for piece, charset in decode_header(value)
        ]
    except (HeaderParseError, LookupError, ValueError):
        pieces = [value]
    printable = "".join(letter if letter.isprintable() else " " for letter in "".join(pieces))
    return " ".join(printable.split())


def _date(mail: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(_raw(mail, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")[:MOST_TEXT]
    except LookupError:
        return content.decode("utf-8", "replace")[:MOST_TEXT]


def _bare(text: str) -> str:
    letters = normalize("NFKD", text.replace("’", "'").casefold())
    return "".join(letter for letter in letters if not combining(letter))
