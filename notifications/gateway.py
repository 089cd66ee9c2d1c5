"""By which door do letters leave?

Apprise is the gateway: `CITES_GATEWAY_URL` is an Apprise URL. Mail has two channels of our own, because Apprise's own
sets no Message-ID, does not say why a server refused, and opens one connection per letter: `mailfolder://` (a folder of
.eml files) and SMTP, which takes over the URLs that Apprise writes `mailto://` and `mailtos://`. Any other Apprise URL
is given the subject and the text, and the text then says whom it is for. Beside the mail, the short form of a letter
goes to a contact's own channel, by whatever Apprise knows.
"""

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from html import escape
from pathlib import Path
from re import sub
from typing import Any, ClassVar, Protocol, TypeVar

import apprise
from apprise.manager_plugins import NotificationManager

from models.rules.sending import SendingPolicy, load_channel_policy, load_sending_policy
from notifications.crew import Carrier, Crew
from notifications.mail import Mail, Outcome, RefusedForGood, Sent, Weather
from notifications.mime import Envelope, Unwritable, envelope, is_mailbox, name_and_address
from notifications.smtp import MailServer, SmtpConnection

T = TypeVar("T")

IMPLICIT_TLS, SUBMISSION, PLAIN = 465, 587, 25
OUR_SCHEMAS = {"mailto": "citesmtp", "mailtos": "citesmtps"}
TALKATIVE = ("apprise", "urllib3.connectionpool", "urllib3.util.retry")  # their logs quote addresses, secrets included


class NoSuchChannel(Exception):
    """CITES_GATEWAY_URL names no channel that Apprise knows: says so without its secrets, and how to write one."""


class Gateway:
    """The one door."""

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
            if (value or setting == "MAIL_FROM") and not is_mailbox(value):
                raise NoSuchChannel(
                    f"CITES_{setting} is no e-mail address: write «name@domain» or «Name <name@domain>»"
                )
        schema, separator, rest = url.strip().partition("://")
        schema = schema.lower()
        ours = f"{OUR_SCHEMAS.get(schema, schema)}://{rest}"
        channel = _instance(ours) if separator and schema not in OUR_SCHEMAS.values() else None
        if channel is None:
            named = f"«{schema}://…»" if separator else "a text without «://»"
            raise NoSuchChannel(
                f"CITES_GATEWAY_URL ({named}) is not a channel that can be used: give a mail server "
                "(mailto://127.0.0.1:2525, mailtos://user:secret@smtp.example.test), a folder (mailfolder:///path), "
                "or another complete Apprise URL"
            )
        return cls(channel, sender=sender, reply_to=reply_to, redirect_all_to=redirect_all_to)

    def answer_to(self) -> str:
        """The bare address that readers are invited to answer."""
        return name_and_address(self._reply_to or self._sender)[1]

    def crew(self, write: Callable[[T], Mail | Outcome | None], *, policy: SendingPolicy | None = None) -> Crew[T]:
        """Who carries a stream of letters: several at once to a mail server, one after another by any other way.

        `write` makes a letter's mail, or says what became of it (`None`: it is not to be tried).
        """
        policy = policy or load_sending_policy()
        if not isinstance(self._channel, SmtpChannel):
            policy = replace(policy, connections=1)
        return Crew(lambda: self._carrier(policy), write, policy)

    def send(self, mail: Mail, *, policy: SendingPolicy | None = None) -> Outcome:
        """Send one mail, and say what became of it; never raises for the weather or for a bad address."""
        [[carried]] = self.crew(lambda each: each, policy=policy).carry([mail])
        assert carried.outcome is not None
        return carried.outcome

    def channel(self, url: str) -> "Channel":
        """The contact's own channel that `url` names; it is not used while letters do not go to their readers."""
        return Channel(url, kept_back=bool(self._redirect_all_to) or isinstance(self._channel, MailFolder))

    def _carrier(self, policy: SendingPolicy) -> Carrier:
        address = name_and_address(self._sender)[1]
        if isinstance(self._channel, SmtpChannel):
            way: _Way = SmtpConnection(self._channel.server(policy), sender=address)
        elif isinstance(self._channel, MailFolder):
            way = self._channel
        else:
            return _Teller(self._channel, self._redirect_all_to)
        return _Postman(way, sender=self._sender, reply_to=self._reply_to, redirect_all_to=self._redirect_all_to)

    def __repr__(self) -> str:
        return f"Gateway({self._channel.service_name})"


class Channel:
    """What goes beside the mail to one contact. `name` is Apprise's own for the service: it holds no secret."""

    def __init__(self, url: str, *, kept_back: bool) -> None:
        self._channel = None if channel_fault(url) else _instance(url)
        self._kept_back = kept_back
        self.name: str = self._channel.service_name if self._channel else "canal inconnu"

    def tell(self, mail: Mail) -> Outcome:
        """Give it the short form of a mail, and say what became of it; it is tried once."""
        if self._channel is None:
            return RefusedForGood(reason="à corriger dans la colonne « canal » du contact")
        if self._kept_back:
            return RefusedForGood(reason="pas employé : les lettres de cet essai ne vont pas à leurs lecteurs")
        if _notified(self._channel, title=mail.subject, body=mail.short or mail.subject):
            return Sent(where="remis")
        return Weather(reason="le service n’a pas accepté le message")


def channel_fault(url: str) -> str | None:
    """Why `url` cannot be a contact's own channel, in French and without its secrets; None if it can."""
    schema, separator, _ = url.partition("://")
    schema = schema.casefold()
    if not separator or not schema.isalnum() or len(url.split()) > 1:
        return "ce n’est pas l’adresse d’un canal"
    if schema in {MailFolder.protocol, *OUR_SCHEMAS.values()} | load_channel_policy().refused:
        return f"« {schema} » n’est pas le canal d’un contact"
    return None if _instance(url) else f"ce canal « {schema} » est inconnu ou incomplet"


class _Way(Protocol):
    """What takes a built mail."""

    @property
    def is_open(self) -> bool: ...

    def carry(self, envelope: Envelope) -> Outcome: ...

    def close(self) -> None: ...


class _Postman:
    """Builds each mail and gives it to one way of carrying mails."""

    def __init__(self, way: _Way, *, sender: str, reply_to: str, redirect_all_to: str) -> None:
        self._way = way
        self._sender, self._reply_to = sender, reply_to
        self._redirect_all_to = name_and_address(redirect_all_to)[1]

    @property
    def is_open(self) -> bool:
        return self._way.is_open

    def carry(self, mail: Mail) -> Outcome:
        if self._redirect_all_to:
            mail = _redirected(mail, self._redirect_all_to)
        try:
            built = envelope(mail, sender=self._sender, reply_to=self._reply_to)
        except Unwritable as fault:
            return RefusedForGood(reason=str(fault))
        outcome = self._way.carry(built)
        return replace(outcome, body_hash=_print(built.content)) if isinstance(outcome, Sent) else outcome

    def close(self) -> None:
        self._way.close()


class _Teller:
    """Gives letters as text to a channel of Apprise's that is not mail."""

    is_open = False

    def __init__(self, channel: Any, redirect_all_to: str) -> None:
        self._channel = channel
        self._redirect_all_to = redirect_all_to

    def carry(self, mail: Mail) -> Outcome:
        line = f"À l’attention de {mail.to}\n\n"
        if self._redirect_all_to:
            mail, line = _redirected(mail, self._redirect_all_to), ""
        name = self._channel.service_name
        body = line + mail.text
        if _notified(self._channel, title=mail.subject, body=body):
            return Sent(where=f"remis par {name}", body_hash=_print(body.encode()))
        return Weather(reason=f"{name} n’a pas accepté le message", everywhere=True)

    def close(self) -> None:
        """Apprise keeps nothing open."""


class MailFolder(apprise.NotifyBase):  # type: ignore[misc]
    """A folder of .eml files, one per letter, named after its Message-ID: a repeat overwrites itself."""

    service_name = "Mail folder"
    protocol = "mailfolder"
    setup_url = ""
    templates = ("{schema}://{path}",)
    is_open = False

    def __init__(self, folder: str, **asset: Any) -> None:
        super().__init__(**asset)
        self.folder = Path(folder)

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        folder = url.partition("://")[2]
        return {"schema": "mailfolder", "folder": folder} if folder.strip("/") else None

    def url(self, privacy: bool = False, *args: Any, **options: Any) -> str:
        return f"mailfolder://{self.folder}"

    def carry(self, envelope: Envelope) -> Outcome:
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

    def close(self) -> None:
        """A folder is never open."""


class SmtpChannel(apprise.NotifyBase):  # type: ignore[misc]
    """A mail server: clear for `mailto`, STARTTLS or (port 465) TLS for `mailtos`."""

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
        self._host = parsed.get("smtp") or self.host
        self._implicit = self.secure and (parsed.get("mode") == "ssl" or self.port == IMPLICIT_TLS)

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        parsed: dict[str, Any] | None = apprise.NotifyBase.parse_url(url, verify_host=True)
        if parsed is None:
            return None
        options: Mapping[str, str] = parsed["qsd"]
        return parsed | {"smtp": options.get("smtp", ""), "mode": options.get("mode", "")}

    def server(self, policy: SendingPolicy) -> MailServer:
        """The server that the URL names, spoken to with the policy's patience."""
        default = IMPLICIT_TLS if self._implicit else SUBMISSION if self.secure else PLAIN
        return MailServer(
            host=self._host,
            port=int(self.port or default),
            secure=self.secure,
            implicit=self._implicit,
            verified=self.verify_certificate,
            user=self.user or "",
            password=self.password or "",
            patience=policy.patience.total_seconds(),
            patience_after_letter=policy.patience_after_letter.total_seconds(),
        )


def _instance(url: str) -> Any:
    """The channel, or `None`. It does not throttle itself: the outbox paces letters, not a sleep inside a channel."""
    _register_our_channels()
    with _in_silence():
        channel = apprise.Apprise.instantiate(url)
    if channel:
        channel.request_rate_per_sec = 0
    return channel or None


@lru_cache(maxsize=1)
def _register_our_channels() -> None:
    manager = NotificationManager()
    with warnings.catch_warnings():  # Apprise loads all its channels here, and with them libraries that are not ours
        warnings.simplefilter("ignore", DeprecationWarning)
        for ours in (MailFolder, SmtpChannel):
            if ours.protocol not in manager:
                manager.add(ours)


def _notified(channel: Any, *, title: str, body: str) -> bool:
    with _in_silence():
        return bool(channel.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT))


_silent: ContextVar[bool] = ContextVar("_silent", default=False)


def _may_be_logged(record: logging.LogRecord) -> bool:
    return not _silent.get()


@contextmanager
def _in_silence() -> Iterator[None]:
    """While this thread is inside, the libraries of channels log nothing."""
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_may_be_logged)  # the same filter again is not added
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def _print(content: bytes) -> str:
    """What proves later that these bytes left, once they are forgotten."""
    return sha256(content).hexdigest()


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
