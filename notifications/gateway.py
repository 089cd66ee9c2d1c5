"""By which door do letters leave?

Apprise is the gateway: `CITES_GATEWAY_URL` is an Apprise URL. Mail has two channels of our own, because Apprise's own
sets no Message-ID, does not say why a server refused, and opens one connection per letter: `mailfolder://` (a folder of
.eml files) and SMTP, which takes over the URLs that Apprise writes `mailto://` and `mailtos://`. Any other Apprise URL
is given the subject and the text, and the text then says whom it is for.
"""

import logging
import os
import smtplib
import ssl
import warnings
from binascii import b2a_base64, b2a_qp
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from hashlib import sha256
from html import escape
from pathlib import Path
from re import sub
from types import TracebackType
from typing import Any, ClassVar, Protocol, Self

import apprise
from apprise.manager_plugins import NotificationManager

from notifications.mail import Mail, Outcome, RefusedForGood, Sent, Weather

SECONDS_OF_PATIENCE = 15
IMPLICIT_TLS, SUBMISSION, PLAIN = 465, 587, 25
OUR_SCHEMAS = {"mailto": "citesmtp", "mailtos": "citesmtps"}
FINAL = range(500, 600)
BYTES_OF_A_WORD, LETTERS_OF_A_LINE = 42, 60


class NoSuchChannel(Exception):
    """CITES_GATEWAY_URL names no channel that Apprise knows: says so without its secrets, and how to write one."""


class _ForbiddenHeader(Exception):
    """A header would break out of its line."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One built mail: the address it goes to, and its bytes (CRLF lines)."""

    message_id: str
    recipient: str
    content: bytes


class MailChannel(Protocol):
    """What carries a built mail, and says what became of it."""

    def carry(self, envelope: Envelope, *, sender: str) -> Outcome: ...

    def close(self) -> None: ...


class Gateway:
    """The one door. Use it as a context manager: the connection stays open from one letter to the next."""

    def __init__(self, channel: Any, *, sender: str, reply_to: str, redirect_all_to: str) -> None:
        self._channel = channel
        self._sender = sender
        self._reply_to = reply_to
        self._redirect_all_to = redirect_all_to

    @classmethod
    def open(cls, url: str, *, sender: str, reply_to: str = "", redirect_all_to: str = "") -> "Gateway":
        """The gateway that `url` names; `sender` and `reply_to` may hold a name. Raises `NoSuchChannel`.

        With `redirect_all_to`, every letter goes to that address and says whom it was for.
        """
        for setting, value in (
            ("MAIL_FROM", sender),
            ("MAIL_REPLY_TO", reply_to),
            ("REDIRECT_ALL_TO", redirect_all_to),
        ):
            if (value or setting == "MAIL_FROM") and not _is_mailbox(value):
                raise NoSuchChannel(
                    f"CITES_{setting} is no e-mail address: write «name@domain» or «Name <name@domain>»"
                )
        schema, separator, rest = url.strip().partition("://")
        schema = schema.lower()
        _register_our_channels()
        ours = f"{OUR_SCHEMAS.get(schema, schema)}://{rest}"
        channel = _quietly_instantiate(ours) if separator and schema not in OUR_SCHEMAS.values() else None
        if channel is None:
            named = f"«{schema}://…»" if separator else "a text without «://»"
            raise NoSuchChannel(
                f"CITES_GATEWAY_URL ({named}) is not a channel that can be used: give a mail server "
                "(mailto://127.0.0.1:2525, mailtos://user:secret@smtp.example.test), a folder (mailfolder:///path), "
                "or another complete Apprise URL"
            )
        channel.request_rate_per_sec = 0  # the outbox paces letters, not a sleep inside the channel
        return cls(channel, sender=sender, reply_to=reply_to, redirect_all_to=redirect_all_to)

    def answer_to(self) -> str:
        """The bare address that readers are invited to answer."""
        return _name_and_address(self._reply_to or self._sender)[1]

    def send(self, mail: Mail) -> Outcome:
        """Send one mail, and say what became of it; never raises for the weather or for a bad address."""
        meant_for = mail.to
        if self._redirect_all_to:
            mail = _redirected(mail, _name_and_address(self._redirect_all_to)[1])
        if not isinstance(self._channel, MailFolder | SmtpChannel):
            return self._tell(mail, meant_for)
        try:
            envelope = _envelope(mail, sender=self._sender, reply_to=self._reply_to)
        except _ForbiddenHeader as fault:
            return RefusedForGood(reason=str(fault))
        except UnicodeEncodeError:
            return RefusedForGood(
                reason=f"l’adresse {mail.to} contient un accent : corrigez le contact, rien n’est parti"
            )
        outcome: Outcome = self._channel.carry(envelope, sender=_name_and_address(self._sender)[1])
        if isinstance(outcome, Sent):
            return replace(outcome, body_hash=sha256(envelope.content).hexdigest())
        return outcome

    def _tell(self, mail: Mail, meant_for: str) -> Outcome:
        line = "" if self._redirect_all_to else f"À l’attention de {meant_for}\n\n"
        name = self._channel.service_name
        body = line + mail.text
        told = self._channel.notify(body=body, title=mail.subject, body_format=apprise.NotifyFormat.TEXT)
        if told:
            return Sent(where=f"remis par {name}", body_hash=sha256(body.encode()).hexdigest())
        return Weather(reason=f"{name} n’a pas accepté le message", everywhere=True)

    def close(self) -> None:
        """Close the connection, if one is open; a later letter opens another."""
        if isinstance(self._channel, SmtpChannel):
            self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gateway({self._channel.service_name})"


class MailFolder(apprise.NotifyBase):  # type: ignore[misc]
    """A folder of .eml files, one per letter, named after its Message-ID: a repeat overwrites itself."""

    service_name = "Mail folder"
    protocol = "mailfolder"
    setup_url = ""
    templates = ("{schema}://{path}",)

    def __init__(self, folder: str, **asset: Any) -> None:
        super().__init__(**asset)
        self.folder = Path(folder)

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        folder = url.partition("://")[2]
        return {"schema": "mailfolder", "folder": folder} if folder.strip("/") else None

    def url(self, privacy: bool = False, *args: Any, **options: Any) -> str:
        return f"mailfolder://{self.folder}"

    def carry(self, envelope: Envelope, *, sender: str) -> Outcome:
        file = self.folder / f"{sub(r'[^A-Za-z0-9._@-]', '_', envelope.message_id.strip('<>'))}.eml"
        draft = file.with_suffix(f".{os.getpid()}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(envelope.content)
            draft.replace(file)
        except OSError as fault:
            return Weather(
                reason=f"le dossier {self.folder} ne peut pas être écrit ({fault.strerror})", everywhere=True
            )
        return Sent(where=str(file))


class SmtpChannel(apprise.NotifyBase):  # type: ignore[misc]
    """SMTP over one connection that stays open: clear for `mailto`, STARTTLS or (port 465) TLS for `mailtos`."""

    service_name = "SMTP"
    protocol = "citesmtp"
    secure_protocol = "citesmtps"
    setup_url = ""
    templates = ("{schema}://{host}", "{schema}://{host}:{port}", "{schema}://{user}:{password}@{host}:{port}")
    template_tokens: ClassVar = dict(
        apprise.NotifyBase.template_tokens,
        host={"name": "Host", "type": "string", "required": True},
        port={"name": "Port", "type": "int", "min": 1, "max": 65535},
        user={"name": "User", "type": "string"},
        password={"name": "Password", "type": "string", "private": True},
    )

    def __init__(self, **parsed: Any) -> None:
        super().__init__(**parsed)
        self._server = parsed.get("smtp") or self.host
        self._implicit = self.secure and (parsed.get("mode") == "ssl" or self.port == IMPLICIT_TLS)
        default = IMPLICIT_TLS if self._implicit else SUBMISSION if self.secure else PLAIN
        self._port = int(self.port or default)
        self._open: smtplib.SMTP | None = None

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        parsed: dict[str, Any] | None = apprise.NotifyBase.parse_url(url, verify_host=True)
        if parsed is None:
            return None
        options: Mapping[str, str] = parsed["qsd"]
        return parsed | {"smtp": options.get("smtp", ""), "mode": options.get("mode", "")}

    def carry(self, envelope: Envelope, *, sender: str) -> Outcome:
        fresh = self._open is None
        outcome = self._attempt(envelope, sender)
        if outcome is None and not fresh:  # the server had closed an idle connection: one more, on a new one
            outcome = self._attempt(envelope, sender)
        return outcome or Weather(reason=f"{self._name()} ferme la connexion", everywhere=True)

    def close(self) -> None:
        if self._open is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._open.quit()
            self._open.close()
            self._open = None

    def _attempt(self, envelope: Envelope, sender: str) -> Outcome | None:
        """One try; `None` when the connection was lost before the letter was given."""
        try:
            smtp = self._connection()
        except smtplib.SMTPAuthenticationError as fault:
            return self._lost(f"{self._name()} refuse l’identifiant ou le mot de passe ({fault.smtp_code})")
        except (smtplib.SMTPException, OSError) as fault:
            return self._lost(f"{self._name()} est injoignable ({_said(fault)})")
        given = False
        try:
            code, reply = smtp.mail(sender)
            if code != 250:
                return self._lost(f"{self._name()} refuse l’expéditeur {sender} : {_words(code, reply)}")
            code, reply = smtp.rcpt(envelope.recipient)
            if code not in (250, 251):
                return self._refused(smtp, code, f"{envelope.recipient} : {_words(code, reply)}")
            given = True
            code, reply = smtp.data(envelope.content)
            if code != 250:
                return self._refused(smtp, code, f"lettre à {envelope.recipient} : {_words(code, reply)}")
        except smtplib.SMTPDataError as fault:
            return self._refused(
                smtp, fault.smtp_code, f"lettre à {envelope.recipient} : {_words(fault.smtp_code, fault.smtp_error)}"
            )
        except (smtplib.SMTPException, OSError) as fault:
            self._drop()
            if not given and isinstance(fault, smtplib.SMTPServerDisconnected):
                return None
            return Weather(reason=f"{self._name()} a rompu la connexion ({_said(fault)})")
        return Sent(where=f"remis au serveur de courriel {self._server}:{self._port}")

    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            context = ssl.create_default_context() if self.secure else None
            if context is not None and not self.verify_certificate:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if self._implicit:
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    self._server, self._port, timeout=SECONDS_OF_PATIENCE, context=context
                )
            else:
                smtp = smtplib.SMTP(self._server, self._port, timeout=SECONDS_OF_PATIENCE)
            self._open = smtp
            smtp.ehlo_or_helo_if_needed()
            if self.secure and not self._implicit:
                smtp.starttls(context=context)
                smtp.ehlo()
            if self.user:
                smtp.login(self.user, self.password or "")
        return self._open

    def _refused(self, smtp: smtplib.SMTP, code: int, reason: str) -> Outcome:
        if code == 421:
            return self._lost(reason)
        with suppress(smtplib.SMTPException, OSError):
            smtp.rset()
        return RefusedForGood(reason=reason) if code in FINAL else Weather(reason=reason)

    def _lost(self, reason: str) -> Weather:
        """The weather for every letter: nothing in it is about this one."""
        self._drop()
        return Weather(reason=reason, everywhere=True)

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _name(self) -> str:
        return f"le serveur de courriel {self._server}:{self._port}"


def _register_our_channels() -> None:
    manager = NotificationManager()
    with warnings.catch_warnings():  # Apprise loads all its channels here, and with them libraries that are not ours
        warnings.simplefilter("ignore", DeprecationWarning)
        for channel in (MailFolder, SmtpChannel):
            if channel.protocol not in manager:
                manager.add(channel)


def _quietly_instantiate(url: str) -> Any:
    """The channel, or `None`; Apprise says why it refuses a URL in logs, where part of a secret could stand."""
    apprise_logger = logging.getLogger("apprise")
    muted, apprise_logger.disabled = apprise_logger.disabled, True
    try:
        return apprise.Apprise.instantiate(url)
    finally:
        apprise_logger.disabled = muted


def _redirected(mail: Mail, to: str) -> Mail:
    line = f"Essai : cette lettre était pour {mail.to}."
    banner = f'<p style="margin:0;padding:8px 16px;background-color:#ffe9b3;color:#161616;">{escape(line)}</p>'
    return replace(
        mail,
        to=to,
        name="",
        subject=f"[pour {mail.to}] {mail.subject}",
        text=f"{line}\n\n{mail.text}",
        html=sub(r"(<body\b[^>]*>)", lambda found: found[1] + "\n" + banner, mail.html, count=1),
    )


def _envelope(mail: Mail, *, sender: str, reply_to: str) -> Envelope:
    """The mail as bytes: written directly, since the standard library's builder costs as much as all the rest."""
    typed = {"address": mail.to, "name": mail.name, "subject": mail.subject, "Message-ID": mail.message_id}
    _refuse_line_breaks(typed | {"sender": sender, "Reply-To": reply_to})
    edge = f"=_{sha256(mail.message_id.encode()).hexdigest()[:32]}"  # no quoted-printable text can hold it
    headers = [
        f"Date: {format_datetime(mail.at)}",
        f"From: {_mailbox(*_name_and_address(sender))}",
        f"To: {_mailbox(mail.name, mail.to)}",
        *([f"Reply-To: {_mailbox(*_name_and_address(reply_to))}"] if reply_to else []),
        f"Message-ID: {mail.message_id}",
        f"Subject: {_encoded(mail.subject)}",
        "Auto-Submitted: auto-generated",
        "Content-Language: fr",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\r\n boundary="{edge}"',
    ]
    parts = [
        f"--{edge}\r\n".encode() + _part(kind, words) for kind, words in (("plain", mail.text), ("html", mail.html))
    ]
    content = b"".join(["\r\n".join([*headers, "", ""]).encode("ascii"), *parts, f"--{edge}--\r\n".encode()])
    return Envelope(message_id=mail.message_id, recipient=mail.to, content=content)


def _part(kind: str, words: str) -> bytes:
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp((words.rstrip("\n") + "\n").replace("\n", "\r\n").encode()) + b"\r\n"


@lru_cache(maxsize=1024)
def _mailbox(name: str, address: str) -> str:
    address.encode("ascii")
    return formataddr((name, address)) if _is_plain(name) else f"{_phrase(name)}\r\n <{address}>"


def _phrase(name: str) -> str:
    """A name word by word, encoding only those that need it: some readers put a space between two encoded words."""
    runs: list[tuple[bool, list[str]]] = []
    for word in name.split(" "):
        bare = word.isascii() and word.isalnum()
        if runs and runs[-1][0] == bare:
            runs[-1][1].append(word)
        else:
            runs.append((bare, [word]))
    return "\r\n ".join(" ".join(words) if bare else _encoded_words(" ".join(words)) for bare, words in runs)


def _encoded(words: str) -> str:
    """A header's words: as they are, or as RFC 2047 words of at most 42 bytes, one a line."""
    return words if _is_plain(words) else _encoded_words(words)


def _encoded_words(words: str) -> str:
    chunks, present = [], b""
    for letter in words:
        more = letter.encode("utf-8", "replace")
        if len(present) + len(more) > BYTES_OF_A_WORD:
            chunks.append(present)
            present = b""
        present += more
    return "\r\n ".join(f"=?utf-8?b?{b2a_base64(chunk, newline=False).decode()}?=" for chunk in (*chunks, present))


def _is_plain(words: str) -> bool:
    return words.isascii() and words.isprintable() and "=?" not in words and len(words) <= LETTERS_OF_A_LINE


@lru_cache(maxsize=16)
def _name_and_address(mailbox: str) -> tuple[str, str]:
    return parseaddr(mailbox)


def _is_mailbox(mailbox: str) -> bool:
    _, address = _name_and_address(mailbox)
    name, _, domain = address.rpartition("@")
    return bool(name and domain) and address.isascii() and "\n" not in mailbox and "\r" not in mailbox


def _refuse_line_breaks(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if "\r" in value or "\n" in value:
            raise _ForbiddenHeader(
                f"l’en-tête {name} contient un retour à la ligne : corrigez le contact ou le gabarit, rien n’est parti"
            )


def _words(code: int, reply: bytes | str) -> str:
    said = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(said.split())}"


def _said(fault: BaseException) -> str:
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
