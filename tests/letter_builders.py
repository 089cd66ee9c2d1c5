"""Facts of letters that say only what a test is about, an outbox for them, and a mail server that can be unkind."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlmodel import Session, select

from models.tables import Campaign, Contact, Message, Notice, Obligation, Run, Territory
from models.words import LeadAuthority, MessageStatus, NoticeStatus, Role
from notifications.facts import Item, Letter, Section
from notifications.mail import Mail
from notifications.outbox import gather

NINE = datetime(2021, 2, 19, 8, tzinfo=UTC)  # Friday, nine o'clock in Paris
PLACE = "partie 1, « Une candidature portée collectivement »"
LONGER_THAN_ANY_PATIENCE = 30  # seconds
SENDER = "Cités éducatives <relances@cites-educatives.test>"
CAMPAIGN = """
campaign: "2021"
title: Extension 2021
edition: vade-mecum-2020
opens: 2020-10-15
assumption: "the text says October"
deadlines:
  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}
"""

MAIL = Mail(
    to="prefet@nord.test",
    name="Préfecture du Nord, cabinet",
    subject="Douai / Waziers, Candidature : échéance du 28 février 2021 dépassée, 4 pièces attendues",
    text="Madame, Monsieur,\n\nIl reste 9\u00a0jours.\n.\nFrom Douai\n",
    html='<!DOCTYPE html>\n<html lang="fr"><body style="margin:0">\n<p>Il reste 9\u00a0jours.</p></body></html>',
    message_id="<12.0a1b2c@cites-educatives.test>",
    at=datetime(2021, 2, 19, 8, tzinfo=UTC),
)


def an_item(part: str = "scolaire", **said: str) -> Item:
    known = {
        "requirement": "diagnostic",
        "requirement_title": "Diagnostic partagé",
        "part": part,
        "part_title": f"volet {part}",
        "owner": "chef_de_file",
        "owner_title": "chef de file",
        "reason": "absente",
        "cite": PLACE,
    }
    return Item(**{**known, **said})


PREFET_VISA = an_item(
    requirement="demande-labellisation", requirement_title="Demande de labellisation", part="visa-prefet",
    part_title="visa du préfet", owner="prefet", owner_title="préfet de département",
)  # fmt: skip


def a_section(**said: Any) -> Section:
    known: dict[str, Any] = {
        "letter": "reminder",
        "deadline": "candidature",
        "deadline_title": "Candidature",
        "territory": "douai",
        "territory_name": "Douai / Waziers",
        "departement": "59",
        "due": date(2021, 2, 28),
        "step": "-7",
        "roles": ("chef_de_file",),
        "copy": False,
        "cite": f"Vade-mecum d’octobre 2020, {PLACE}",
        "owes": (an_item(),),
        "occasion": {},
    }
    return Section(**{**known, **said})


def a_letter(*sections: Section, zone: str = "Europe/Paris", decided_at: datetime = NINE) -> Letter:
    return Letter(
        address="mairie@douai.test",
        name="Mairie de Douai",
        roles=("chef_de_file",),
        zone=zone,
        campaign="Extension 2021",
        decided_at=decided_at,
        sections=sections or (a_section(),),
    )


@dataclass(frozen=True, kw_only=True)
class To:
    """A contact to be written to about one territory."""

    email: str
    territory: str = "douai"
    departement: str = "59"
    role: Role = Role.CHEF_DE_FILE
    perimeter: str = ""  # empty: the territory's own
    section: Section = field(default_factory=a_section)
    channel: str = ""


def decided(session: Session, *recipients: To, at: datetime = NINE) -> int:
    """A run that has decided one notice for each recipient, not gathered yet; gives the run's id."""
    campaign = session.exec(select(Campaign).where(Campaign.code == "2021")).one_or_none()
    if campaign is None:
        campaign = Campaign(
            code="2021", title="Extension 2021", edition="vade-mecum-2020", opens=date(2020, 10, 15),
            document=CAMPAIGN, opened_at=at,
        )  # fmt: skip
        session.add(campaign)
        session.flush()
    assert campaign.id is not None
    run = Run(campaign_id=campaign.id, deadline="candidature", at=at, started_at=at)
    session.add(run)
    session.flush()
    assert run.id is not None
    obligations: dict[str, int] = {}
    for to in recipients:
        if to.territory not in obligations:
            obligations[to.territory] = _obligation(session, campaign.id, to)
        contact = Contact(
            campaign_id=campaign.id, role=to.role, perimeter=to.perimeter or to.territory, name="Mairie",
            email=to.email, channel=to.channel,
        )  # fmt: skip
        session.add(contact)
        session.flush()
        facts = to.section.to_json() | {"territory": to.territory, "departement": to.departement}
        assert contact.id is not None
        session.add(
            Notice(
                obligation_id=obligations[to.territory], contact_id=contact.id, due=date(2021, 2, 28), step="-7",
                status=NoticeStatus.DECIDED, run_id=run.id, decided_at=at, facts=facts,
            )
        )  # fmt: skip
    session.flush()
    return run.id


def gathered(session: Session, *recipients: To, at: datetime = NINE) -> int:
    """The same, gathered: the letters wait. Gives the run's id."""
    run_id = decided(session, *recipients, at=at)
    gather(session, run_id=run_id, at=at, mail_from=SENDER)
    return run_id


def outbox(session: Session) -> dict[str, MessageStatus]:
    """Where each address's letter stands."""
    asked = select(Message.address, Message.status).order_by(Message.address)
    return {address: MessageStatus(status) for address, status in session.exec(asked)}


def notices(session: Session) -> list[NoticeStatus]:
    """Where each notice stands, in the order they were decided."""
    return list(session.exec(select(Notice.status).order_by(Notice.id)))  # type: ignore[arg-type]


def _obligation(session: Session, campaign_id: int, to: To) -> int:
    territory = Territory(
        campaign_id=campaign_id, code=to.territory, name=to.section.territory_name, departement=to.departement,
        region="32", lead_authority=LeadAuthority.COMMUNE,
    )  # fmt: skip
    session.add(territory)
    session.flush()
    assert territory.id is not None
    obligation = Obligation(territory_id=territory.id, deadline="candidature")
    session.add(obligation)
    session.flush()
    assert obligation.id is not None
    return obligation.id


@dataclass
class Mailroom:
    """What a loopback mail server received, and how it answers; `answer` sees the address and how often it came."""

    answer: Callable[[str, int], str | None] = lambda address, times: None
    pipelining: bool = True
    hang_up_after_data: int = 0  # letters
    silent_at: str = ""  # MAIL, RCPT or DATA: no answer to it, ever
    letters_a_connection: int = 0  # then 421; 0: as many as there are
    connections_at_once: int | None = None  # further ones are sent away with 421
    hang_up_at_starttls: bool = False
    received: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    writes: list[bytes] = field(default_factory=list)  # what arrived at once
    connections: int = 0
    present: set[Any] = field(default_factory=set)
    port: int = 0

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}"

    async def handle_EHLO(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        more = ["250-PIPELINING"] if self.pipelining else []
        more += ["250-STARTTLS"] if self.hang_up_at_starttls else []
        return [responses[0], *more, *responses[1:]]

    async def handle_MAIL(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._silence("MAIL")
        session.letters = getattr(session, "letters", 0) + 1
        if self.letters_a_connection and session.letters > self.letters_a_connection:
            return "421 enough letters for one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._silence("RCPT")
        self.tried.append(address)
        refusal = self.answer(address, self.tried.count(address))
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:
        await self._silence("DATA")
        if self.hang_up_after_data:
            self.hang_up_after_data -= 1
            assert server.transport is not None
            server.transport.close()
            return "421 closing"
        assert isinstance(envelope.content, bytes)
        received = message_from_bytes(envelope.content, policy=default)
        assert isinstance(received, EmailMessage)
        self.received.append(received)
        self.raw.append(envelope.content)
        return "250 OK"

    async def _silence(self, command: str) -> None:
        if command == self.silent_at:
            await asyncio.sleep(LONGER_THAN_ANY_PATIENCE)

    def addresses(self) -> list[str]:
        """Whom the received letters are to, sorted."""
        return sorted(str(letter["To"]).rpartition("<")[2].strip(">") for letter in self.received)


class _Counter(SMTP):
    """The server's side of one connection, as the room wants it."""

    def __init__(self, room: Mailroom, **options: Any) -> None:
        super().__init__(room, **options)
        self.room = room

    def connection_made(self, transport: Any) -> None:
        if self.transport is None:  # not the same one again, under TLS
            self.room.connections += 1
            self.room.present.add(self)
            if self.room.connections_at_once is not None and len(self.room.present) > self.room.connections_at_once:
                transport.write(b"421 too many connections\r\n")
                transport.close()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.room.present.discard(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self.room.writes.append(data)
        super().data_received(data)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if self.room.hang_up_at_starttls:
            await self.push("220 go ahead")
            assert self.transport is not None
            self.transport.close()
            return
        await super().smtp_STARTTLS(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Counter(self.handler, **self.SMTP_kwargs)


@contextmanager
def a_mail_server(*, server: Mapping[str, Any] | None = None, **kind: Any) -> Iterator[Mailroom]:
    """A real SMTP server on a free loopback port; `server` holds aiosmtpd's own options (TLS, identification)."""
    room = Mailroom(**kind)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        room.port = taken.getsockname()[1]
    controller = _Controller(room, hostname="127.0.0.1", port=room.port, ready_timeout=10, **(server or {}))
    controller.start()
    room.connections = 0  # the controller itself came to see
    try:
        yield room
    finally:
        controller.stop()


@contextmanager
def a_script(replies: Mapping[bytes, bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """A mail server that says one reply to each first word, to one client: its URL, and the lines it heard."""
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client, client.makefile("rb") as lines:
            client.sendall(b"220 hello\r\n")
            for line in lines:
                heard.append(line.rstrip(b"\r\n"))
                client.sendall(replies[line.split()[0].upper()] + b"\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        yield f"mailto://127.0.0.1:{listener.getsockname()[1]}", heard
        server.join(5)
