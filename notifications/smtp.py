"""How is a built mail given to a mail server?

Over one connection that stays open from one letter to the next: clear, STARTTLS or TLS from the first byte. The
standard library opens it (TLS, identification); the exchange of each letter is written here, because its commands leave
in one write when the server offers PIPELINING (RFC 2920), which the standard library does not do. Every reply is read,
in order, whatever the first one said.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass

from notifications.crew import Lost
from notifications.mail import Outcome, RefusedForGood, Sent, Weather
from notifications.mime import Envelope

FINAL = range(500, 600)
CLOSING = 421
GO_AHEAD = 354

Reply = tuple[int, bytes]


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where a mail server is and how it wants to be spoken to; patience, for an answer and for the last one, in s."""

    host: str
    port: int
    secure: bool = False
    implicit: bool = False  # TLS from the first byte
    verified: bool = True
    user: str = ""
    password: str = ""
    patience: float
    patience_after_letter: float

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"

    @property
    def words(self) -> str:
        return f"le serveur de courriel {self.host}:{self.port}"


class SmtpConnection:
    """One connection to a mail server, opened by its first letter."""

    def __init__(self, server: MailServer, *, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._open: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Whether a letter would find the connection open."""
        return self._open is not None

    def carry(self, envelope: Envelope) -> Outcome:
        """Give one letter, and say what became of it. Raises `Lost` when the way failed before the letter was given."""
        smtp = self._open or self._connect()
        try:
            replies = self._offer(smtp, envelope.recipient)
        except (smtplib.SMTPException, OSError) as fault:
            raise self._lost(f"ne répond plus ({_said(fault)})") from fault
        mail, recipient, data = replies[0], *(*replies[1:], None, None)[:2]
        closing = next((reply for reply in replies if reply[0] == CLOSING), None)
        if closing is not None:
            raise self._lost(f"ferme la connexion : {_words(closing)}")
        if mail[0] != 250:
            raise self._lost(f"refuse l’expéditeur {self._sender} : {_words(mail)}")
        assert recipient is not None
        if recipient[0] not in (250, 251):
            self._take_back(smtp, asked_for_letter=data is not None and data[0] == GO_AHEAD)
            return _refused(recipient, envelope.recipient)
        assert data is not None
        if data[0] != GO_AHEAD:
            self._take_back(smtp, asked_for_letter=False)
            return _refused(data, f"lettre à {envelope.recipient}")
        return self._give(smtp, envelope)

    def close(self, *, politely: bool = True) -> None:
        """Close the connection, if it is open; a later letter opens another."""
        smtp, self._open = self._open, None
        if smtp is None:
            return
        if politely:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
        smtp.close()

    def _offer(self, smtp: smtplib.SMTP, recipient: str) -> list[Reply]:
        """From whom, to whom, and may it follow: what the server replies to each, as far as it was asked."""
        commands = (f"MAIL FROM:<{self._sender}>", f"RCPT TO:<{recipient}>", "DATA")
        if smtp.has_extn("pipelining"):
            smtp.send("\r\n".join((*commands, "")))
            return [smtp.getreply() for _ in commands]
        replies: list[Reply] = []
        for command in commands:
            replies.append(smtp.docmd(command))
            if replies[-1][0] not in (250, 251, GO_AHEAD):
                break
        return replies

    def _give(self, smtp: smtplib.SMTP, envelope: Envelope) -> Outcome:
        """The letter itself, lines that begin with a dot doubling it; the server may take its time to answer."""
        assert smtp.sock is not None
        try:
            smtp.send(envelope.content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            smtp.sock.settimeout(self._server.patience_after_letter)
            reply = smtp.getreply()
            smtp.sock.settimeout(self._server.patience)
        except (smtplib.SMTPException, OSError) as fault:
            self.close(politely=False)
            return Weather(reason=f"{self._server.words} a rompu la connexion ({_said(fault)})", cut=True)
        if reply[0] == 250:
            return Sent(where=f"remis au serveur de courriel {self._server.host}:{self._server.port}")
        if reply[0] == CLOSING:
            self.close(politely=False)
        return _refused(reply, f"lettre à {envelope.recipient}")

    def _take_back(self, smtp: smtplib.SMTP, *, asked_for_letter: bool) -> None:
        """Leave the connection ready for another letter after one that was refused.

        A server that asks for a letter although it took no recipient gets an empty one, which it refuses (RFC 2920).
        """
        try:
            if asked_for_letter:
                smtp.docmd(".")
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close(politely=False)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        try:
            self._open = smtp = self._dial()
            smtp.ehlo_or_helo_if_needed()
            if server.secure and not server.implicit:
                smtp.starttls(context=self._context())
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except smtplib.SMTPAuthenticationError as fault:
            raise self._lost(f"refuse l’identifiant ou le mot de passe ({fault.smtp_code})") from fault
        except (smtplib.SMTPException, OSError) as fault:
            raise self._lost(f"est injoignable ({_said(fault)})") from fault
        return smtp

    def _dial(self) -> smtplib.SMTP:
        server = self._server
        if server.implicit:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.patience, context=self._context())
        return smtplib.SMTP(server.host, server.port, timeout=server.patience)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self._server.verified:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _lost(self, what: str) -> Lost:
        self.close(politely=False)
        return Lost(f"{self._server.words} {what}")


def _refused(reply: Reply, what: str) -> Outcome:
    reason = f"{what} : {_words(reply)}"
    return RefusedForGood(reason=reason) if reply[0] in FINAL else Weather(reason=reason)


def _words(reply: Reply) -> str:
    return f"{reply[0]} {' '.join(reply[1].decode('utf-8', 'replace').split())}"


def _said(fault: BaseException) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        said = fault.smtp_error
        return _words((fault.smtp_code, said if isinstance(said, bytes) else said.encode()))
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
