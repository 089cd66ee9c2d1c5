"""How does a mail become bytes?

Written directly: the standard library's builder costs as much as rendering, sending and recording together, and its
older classes let a line break into a header. Whatever could make a header say more than it should is refused, or folded
into encoded words; whatever readers typed is data.
"""

import re
from base64 import encodebytes
from binascii import b2a_base64, b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime, formataddr, getaddresses, parseaddr
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

from notifications.mail import Attachment, Mail

BYTES_OF_A_WORD, LETTERS_OF_A_LINE = 42, 60
LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64
ATOM = r"[^\s\"(),:;<>@\[\]\\\x00-\x20\x7f]+"
CALENDAR, CALENDAR_FILE = "text/calendar", "application/ics"

_address = re.compile(rf"{ATOM}@{ATOM}")
_domain = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.IGNORECASE)
_message_id = re.compile(r"<[!-;=?-~]{1,240}@[!-;=?-~]{1,240}>")
_link = re.compile(r"<[!-;=?-~]{1,900}>")
_media_type = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; ?[a-z-]+=(?:[\w.+-]+|\"[\w .+-]*\"))*", re.IGNORECASE)
_cut = re.compile(r"[\r\n\x00]")
_unseen = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\t")


class Unwritable(Exception):
    """A mail that must not leave as it is: says what is wrong in it and the cure, in French."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One built mail: the address it goes to, and its bytes (CRLF lines)."""

    message_id: str
    recipient: str
    content: bytes


def envelope(mail: Mail, *, sender: str, reply_to: str) -> Envelope:
    """The mail as bytes; `sender` and `reply_to` may hold a name. Raises `Unwritable`."""
    _refuse_cuts({"address": mail.to, "name": mail.name, "subject": mail.subject, "Message-ID": mail.message_id})
    recipient = mailable(mail.to)
    if not _message_id.fullmatch(mail.message_id):
        raise Unwritable(f"l’identifiant {mail.message_id!r} n’est pas celui d’une lettre, rien n’est parti")
    if mail.unsubscribe and not _link.fullmatch(mail.unsubscribe):
        raise Unwritable("l’en-tête List-Unsubscribe n’est pas une adresse entre chevrons, rien n’est parti")
    kind, body = _body(mail)
    headers = [
        f"Date: {format_datetime(mail.at)}",
        f"From: {_mailbox(*name_and_address(sender))}",
        f"To: {_mailbox(' '.join(_visible(mail.name).split()), recipient)}",
        *([f"Reply-To: {_mailbox(*name_and_address(reply_to))}"] if reply_to else []),
        f"Message-ID: {mail.message_id}",
        *_thread(mail.references),
        f"Subject: {_encoded(_visible(mail.subject))}",
        "Auto-Submitted: auto-generated",
        *([f"List-Unsubscribe: {mail.unsubscribe}"] if mail.unsubscribe else []),
        "Content-Language: fr",
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
    ]
    head = "\r\n".join([*headers, "", ""]).encode("ascii")
    return Envelope(message_id=mail.message_id, recipient=recipient, content=head + body)


def mailable(address: str) -> str:
    """The address as mail servers take it, its domain in ASCII. Raises `Unwritable`."""
    name, _, domain = address.rpartition("@")
    if not _address.fullmatch(address):
        raise Unwritable(f"l’adresse {_shown(address)} n’en est pas une : corrigez le contact, rien n’est parti")
    if not name.isascii():
        raise Unwritable(f"l’adresse {_shown(address)} contient un accent : corrigez le contact, rien n’est parti")
    if not domain.isascii():
        domain = _international(domain)
    if not _domain.fullmatch(domain) or len(name) > LONGEST_LOCAL_PART or len(name) + len(domain) >= LONGEST_ADDRESS:
        raise Unwritable(
            f"l’adresse {_shown(address)} est trop longue ou son domaine n’existe pas : "
            "corrigez le contact, rien n’est parti"
        )
    return f"{name}@{domain}"


@lru_cache(maxsize=16)
def name_and_address(mailbox: str) -> tuple[str, str]:
    """« Name <name@domain> » in two."""
    return parseaddr(mailbox)


def is_mailbox(mailbox: str) -> bool:
    """Whether `mailbox` names one address that mail can leave from."""
    name, address = name_and_address(mailbox)
    try:
        _refuse_cuts({"mailbox": mailbox, "name": name})
        mailable(address)
    except Unwritable:
        return False
    return address.isascii() and len(getaddresses([mailbox])) == 1


def unsubscribe_by_mail(address: str, subject: str) -> str:
    """The List-Unsubscribe header of whoever may answer `subject` to `address`."""
    return f"<mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}>"


def _body(mail: Mail) -> tuple[str, bytes]:
    """The content type of the whole, and its bytes: words in two forms, then what goes with them."""
    edge = f"=_{sha256(mail.message_id.encode()).hexdigest()[:32]}"  # no quoted-printable nor base64 text can hold it
    calendars = [each for each in mail.attachments if _is_invitation(each)]
    kind, body = _bound(
        "alternative", edge + "a", (_text("plain", mail.text), _text("html", mail.html), *map(_invitation, calendars))
    )
    if not mail.attachments:
        return kind, body
    first = f"Content-Type: {kind}\r\n\r\n".encode() + body
    return _bound("mixed", edge + "m", (first, *map(_file, mail.attachments)))


def _bound(kind: str, edge: str, parts: Sequence[bytes]) -> tuple[str, bytes]:
    line = f"--{edge}\r\n".encode()
    body = b"".join([*(line + part for part in parts), f"--{edge}--\r\n".encode()])
    return f'multipart/{kind};\r\n boundary="{edge}"', body


def _text(kind: str, words: str) -> bytes:
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n'
    return b"".join((head.encode(), *map(_quoted, _lines(words)), b"\r\n\r\n"))


def _lines(words: str) -> list[str]:
    words = words.rstrip("\n")
    if "\r" in words:
        words = words.replace("\r\n", "\n").replace("\r", "\n")
    return words.split("\n")


@lru_cache(maxsize=8192)
def _quoted(line: str) -> bytes:
    """The end of the line before, and this one in quoted-printable: most lines are those of the letter before."""
    said = b2a_qp(b"\r\n" + line.encode("utf-8", "replace"))
    return said.replace(b"\nFrom ", b"\n=46rom ")  # a mailbox file would write >From


def _is_invitation(attachment: Attachment) -> bool:
    """A calendar that says its method stands beside the words as well: calendars then offer it by themselves."""
    kind, *parameters = attachment.kind.casefold().replace(" ", "").split(";")
    return kind == CALENDAR and any(each.startswith("method=") for each in parameters)


@lru_cache(maxsize=64)
def _invitation(attachment: Attachment) -> bytes:
    return f'Content-Type: {_media(attachment.kind)}; charset="utf-8"\r\n'.encode() + _base64(attachment.content)


@lru_cache(maxsize=64)
def _file(attachment: Attachment) -> bytes:
    """A file that goes with the letter: prepared once for all who receive it."""
    kind = CALENDAR_FILE if _is_invitation(attachment) else _media(attachment.kind)
    name = _visible(_cut.sub(" ", attachment.name)).replace("/", "_").replace("\\", "_").strip(" .") or "piece"
    plain = name if re.fullmatch(r"[\w .+-]{1,60}", name, re.ASCII) else ""
    named = f'filename="{plain}"' if plain else _continued("filename", name)
    head = f"Content-Type: {kind}\r\nContent-Disposition: attachment;\r\n {named}\r\n"
    return head.encode("ascii") + _base64(attachment.content)


def _continued(parameter: str, words: str) -> str:
    """A parameter of a header in the parts of RFC 2231, one a line: `filename*0*=utf-8''…`."""
    said = quote(words, safe="", errors="replace")
    parts = re.findall(r"(?:%..|[^%]){1,20}", said) if len(said) > LETTERS_OF_A_LINE else [said]
    if len(parts) == 1:
        return f"{parameter}*=utf-8''{said}"
    lead = ["utf-8''", *[""] * (len(parts) - 1)]
    return ";\r\n ".join(f"{parameter}*{number}*={lead[number]}{part}" for number, part in enumerate(parts))


def _media(kind: str) -> str:
    if not _media_type.fullmatch(kind):
        raise Unwritable(f"« {_shown(kind)} » n’est pas le type d’une pièce jointe, rien n’est parti")
    return kind


def _base64(content: bytes) -> bytes:
    return b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(content).replace(b"\n", b"\r\n")


def _thread(references: Sequence[str]) -> list[str]:
    known = [each for each in references if _message_id.fullmatch(each)]
    return [f"In-Reply-To: {known[-1]}", "References: " + "\r\n ".join(known)] if known else []


@lru_cache(maxsize=1024)
def _mailbox(name: str, address: str) -> str:
    return formataddr((name, address)) if _is_plain(name) else f"{_phrase(name)}\r\n <{address}>"


def _phrase(name: str) -> str:
    """A name word by word, encoding only those that need it: some readers put a space between two encoded words."""
    runs: list[tuple[bool, list[str]]] = []
    for word in name.split(" "):
        bare = word.isascii() and word.isalnum() and len(word) <= LETTERS_OF_A_LINE
        if runs and runs[-1][0] == bare:
            runs[-1][1].append(word)
        else:
            runs.append((bare, [word]))
    return "\r\n ".join(_bare(words) if bare else _encoded_words(" ".join(words)) for bare, words in runs)


def _bare(words: Sequence[str]) -> str:
    """Words that need no encoding, on lines short enough."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < LETTERS_OF_A_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\r\n ".join(lines)


def _encoded(words: str) -> str:
    """A header's words: as they are, or as RFC 2047 words of at most 42 bytes, one a line."""
    return words if _is_plain(words) else _encoded_words(words)


def _encoded_words(words: str) -> str:
    chunks, rest = [], words.encode("utf-8", "replace")
    while len(rest) > BYTES_OF_A_WORD:
        end = BYTES_OF_A_WORD
        while rest[end] & 0b1100_0000 == 0b1000_0000:  # inside a letter
            end -= 1
        chunks.append(rest[:end])
        rest = rest[end:]
    return "\r\n ".join(f"=?utf-8?b?{b2a_base64(chunk, newline=False).decode()}?=" for chunk in (*chunks, rest))


def _is_plain(words: str) -> bool:
    return words.isascii() and words.isprintable() and "=?" not in words and len(words) <= LETTERS_OF_A_LINE


@lru_cache(maxsize=256)
def _international(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _visible(words: str) -> str:
    """The words without the signs that nobody sees but a terminal or a reader's eye obeys."""
    return _unseen.sub(" ", words)


def _refuse_cuts(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if _cut.search(value):
            raise Unwritable(
                f"l’en-tête {name} contient un retour à la ligne : corrigez le contact ou le gabarit, rien n’est parti"
            )


def _shown(words: str) -> str:
    """What a report may show of words that cannot be trusted."""
    return _visible(_cut.sub(" ", words))[:80]
