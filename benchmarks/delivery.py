"""How fast do letters leave, end to end, beside plain Apprise and beside what the wire can bear?

    python -m benchmarks.delivery --n 1000 5000 --rounds 3 --latency 0 20 --backend sqlite

End to end: claim, render HTML and text, build the MIME, deliver, mark in the database, in one process. The variants
take turns in every round; ratios are of one round. Senders have one processor, servers another. Letters differ as they
do in a campaign: a few readers are told the same of one dossier (`--readers`), and what is missing from it is its own.
It fails when the letters of two variants differ, or when the sink has not taken as many as were sent.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import apprise
from sqlalchemy import func, insert
from sqlmodel import Session, col, select
from tabulate import tabulate

from benchmarks.postgresql import a_postgresql, for_the_engine
from benchmarks.servers import BUSY, SENDERS, SERVERS, UNKNOWN, a_sink, far_away, on, pinned, postfix, smtp_source
from deployments.engine_room import engine_settings
from models.rules.delivery_policy import load_delivery_policy
from models.rules.sending import SendingPolicy, load_sending_policy
from models.tables import Campaign, Contact, Message, Notice, Obligation, Run, Territory
from models.words import LeadAuthority, MessageStatus, NoticeStatus, Role
from notifications.claiming import claim
from notifications.facts import Item, Section
from notifications.gateway import Gateway
from notifications.mail import Sent, Weather
from notifications.outbox import gather
from notifications.render import render
from notifications.settling import Result, settle
from tasks import database
from tasks.database import prepare, transaction
from tasks.delivery import DeliveryFailed, send_waiting

AT = datetime(2021, 2, 19, 8, tzinfo=UTC)
SENDER = "Cités éducatives <relances@cites-educatives.test>"
ANSWER_TO = "relances@cites-educatives.test"
ALIKE = 30  # letters compared word for word before anything is measured
PLAIN_AT_MOST = 200  # letters of plain Apprise in a round: it is slow, and its speed does not depend on their number
FAR_CONNECTIONS = 16
PATIENCE_WITH_THE_SINK = 2  # seconds, to have counted the last letter
READERS = 5  # of one dossier, told the same: its trio, a prefecture, a rectorat
PARTS = ("scolaire", "social", "urbain")
MOTIVES = 3  # one dossier in so many has a part that was refused, for a reason of its own
MIXED = {BUSY: 20, UNKNOWN: 50}  # one address in so many is put off, one in so many is refused
CAMPAIGN = """
campaign: "2021"
title: Extension 2021
edition: vade-mecum-2020
opens: 2020-10-15
assumption: "the text says October"
deadlines:
  candidature: {date: 2021-02-28, cite: "vade-mecum-2020, partie 1"}
"""


class Dishonest(Exception):
    """The figures would not compare the same work: says what differed."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One variant in one round: letters a second, and the seconds of CPU that its process took for a thousand."""

    rate: float
    cpu: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a round asks of each variant."""

    letters: int
    readers: int  # of one dossier
    size: int  # bytes of a letter
    latency: int  # milliseconds from question to answer
    backend: str


def main(arguments: list[str] | None = None) -> None:
    """Measure and print. Raises Dishonest."""
    asked = _asked(arguments)
    said, size = checksum(asked.backend)
    for latency in asked.latency:
        for letters in asked.n:
            work = Work(letters=letters, readers=asked.readers, size=size, latency=latency, backend=asked.backend)
            rounds = [compare(work) for _ in range(asked.rounds)]
            where = f"{latency} ms away" if latency else "on the loopback"
            print(f"\n{letters} letters, {asked.rounds} rounds, {asked.backend}, the server {where}\n")
            print(table(rounds))
            print(
                f"\nwhat they said: {said[:16]}, the same from both; {size} bytes a letter, {asked.readers} readers "
                f"a dossier; processors {'pinned' if pinned() else 'not pinned'}"
            )
    if asked.mixed:
        print(f"\nmixed: {mixed(max(asked.n), backend=asked.backend)}")


def compare(work: Work) -> dict[str, Measure]:
    """One round: every variant in turn."""
    policy = load_sending_policy()
    if work.latency:
        policy = replace(policy, connections=FAR_CONNECTIONS)
    few = replace(work, letters=min(work.letters, PLAIN_AT_MOST))
    measured = {
        "plain Apprise": measure(few, plain_apprise),
        "this engine": measure(work, partial(engine, policy=policy)),
    }
    if postfix("smtp-source") and postfix("smtp-sink"):
        measured["smtp-source"] = the_limit(work)
    return measured


def measure(work: Work, variant: Callable[[int], None]) -> Measure:
    """One variant on an outbox of its own: timed, counted by the sink and by the database."""
    letters = work.letters
    with _outbox(letters, work.backend, readers=work.readers), _server(letters, work.latency) as port, on(SENDERS):
        used, begun = _cpu(), time.perf_counter()
        variant(port)
        seconds, cpu = time.perf_counter() - begun, _cpu() - used
        if _standing() != {MessageStatus.SENT: letters}:
            raise Dishonest(f"of {letters} letters, the database says {_standing()}")
    return Measure(rate=letters / seconds, cpu=cpu / letters * 1_000)


def plain_apprise(port: int) -> None:
    """An Apprise object a letter, as its documentation has it; claimed, rendered and marked as the engine does."""
    policy = load_delivery_policy()
    with transaction() as session:
        waiting = claim(session, at=AT, worker="a", limit=1_000, lease=policy.lease).outgoing
    results = []
    for each in waiting:
        words = render(each.letter, at=AT, answer_to=ANSWER_TO)
        plain = apprise.Apprise()
        plain.add(f"mailto://127.0.0.1:{port}/?from={ANSWER_TO}&to={each.letter.address}&format=html")
        outcome = Sent(where="") if plain.notify(body=words.html, title=words.subject) else Weather(reason="refused")
        results.append(Result(outgoing=each, outcome=outcome, subject=words.subject))
    with transaction() as session:
        settle(session, results, at=AT, policy=policy)


def engine(port: int, *, policy: SendingPolicy | None = None) -> None:
    """The engine's own way: `send_waiting`, as the task calls it."""
    send_waiting(Gateway.open(f"mailto://127.0.0.1:{port}", sender=SENDER), at=AT, worker="a", sending=policy)


def checksum(backend: str) -> tuple[str, int]:
    """A print of what the letters of both ways say, read back by the standard library, and how long ours are in bytes.

    Raises Dishonest.
    """
    prints, sizes = [], []
    for variant in (engine, plain_apprise):  # and neither pays for loading Apprise when it is measured
        with _outbox(ALIKE, backend), a_sink(ours=True) as sink:
            variant(sink.port)
            said = sorted(_words(message_from_bytes(each, policy=default)) for each in sink.letters)
        prints.append(sha256("\n".join(said).encode()).hexdigest())
        sizes.append(sum(map(len, sink.letters)) // max(1, len(sink.letters)))
    if len(set(prints)) != 1:
        raise Dishonest("the letters of plain Apprise and of this engine do not say the same")
    return prints[0], sizes[0]


def _words(message: EmailMessage) -> str:
    """Whom a letter is to, its subject and its HTML: what both ways were given."""
    html = message.get_body(("html",))
    assert html is not None
    address = str(message["To"]).rpartition("<")[2].strip(">")
    return "\0".join((address, str(message["Subject"]), html.get_content().replace("\r\n", "\n").strip()))


def the_limit(work: Work) -> Measure:
    """What Postfix's own source of letters does over four sessions, with nothing to write nor to remember."""
    with _server(work.letters, work.latency) as port, on(SENDERS):
        used = _cpu(resource.RUSAGE_CHILDREN)
        seconds = smtp_source(port, work.letters, sessions=4, bytes_a_letter=work.size)
        used = _cpu(resource.RUSAGE_CHILDREN) - used
    return Measure(rate=work.letters / seconds, cpu=used / work.letters * 1_000)


def mixed(letters: int, *, backend: str) -> str:
    """One letter in twenty put off (451), one in fifty refused (550): what stands in the database, in a sentence."""
    refused, busy = letters // MIXED[UNKNOWN], letters // MIXED[BUSY]
    with _outbox(letters, backend, busy=busy, unknown=refused), a_sink(ours=True) as sink:
        gateway = Gateway.open(f"mailto://127.0.0.1:{sink.port}", sender=SENDER)
        begun = time.perf_counter()
        try:
            send_waiting(gateway, at=AT, worker="a")
        except DeliveryFailed:
            pass
        elapsed = time.perf_counter() - begun
        stands = _standing()
        wanted = {
            MessageStatus.SENT: letters - refused - busy,
            MessageStatus.DEAD: refused,
            MessageStatus.WAITING: busy,
        }
        wanted = {status: number for status, number in wanted.items() if number}
        if stands != wanted or sink.taken() != letters - refused - busy:
            raise Dishonest(f"wanted {wanted}, the database says {stands}, the sink {sink.taken()}")
    return (
        f"{letters} letters in {elapsed:.1f} s ({letters / elapsed:.0f}/s): {letters - refused - busy} sent, "
        f"{busy} put off (451), {refused} refused (550), as the sink and the database both say"
    )


def table(rounds: list[dict[str, Measure]]) -> str:
    """Medians over the rounds; ratios are taken in each round first. That of the CPU is the same on a busy machine."""
    rows = []
    for name in rounds[0]:
        rates = [each[name].rate for each in rounds]
        to_plain = statistics.median(each[name].rate / each["plain Apprise"].rate for each in rounds)
        to_limit = (
            f"{statistics.median(each['smtp-source'].rate / each[name].rate for each in rounds):.1f}"
            if "smtp-source" in rounds[0]
            else "no smtp-source here"
        )
        cpu = statistics.median(each[name].cpu for each in rounds)
        shares = [each[name].cpu / each["smtp-source"].cpu for each in rounds if "smtp-source" in each]
        rows.append(
            (
                name, f"{statistics.median(rates):.0f}", f"{min(rates):.0f}..{max(rates):.0f}", f"{to_plain:.1f}",
                to_limit, f"{cpu:.3f}" if cpu else "", f"{statistics.median(shares):.1f}" if shares else "",
            )
        )  # fmt: skip
    headers = ("variant", "letters/s", "min..max", "× plain", "limit / this", "CPU s per 1000", "CPU / limit's")
    return tabulate(rows, headers=headers, disable_numparse=True)


def _cpu(whose: int = resource.RUSAGE_SELF) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


@contextmanager
def _server(letters: int, latency: int) -> Iterator[int]:
    """A sink, so far away; at the end it must have taken every letter."""
    with a_sink() as sink:
        with far_away(sink.port, latency) as port:
            yield port
        limit = time.monotonic() + PATIENCE_WITH_THE_SINK
        while sink.taken() < letters and time.monotonic() < limit:
            time.sleep(0.01)
        if sink.taken() != letters:
            raise Dishonest(f"the sink took {sink.taken()} letters of {letters}")


@contextmanager
def _outbox(letters: int, backend: str, *, readers: int = READERS, busy: int = 0, unknown: int = 0) -> Iterator[None]:
    """A database in which so many letters wait; the first ones to addresses that the sink puts off or refuses."""
    with tempfile.TemporaryDirectory(prefix="bench") as folder, _database(backend, Path(folder)):
        prepare()
        with transaction() as session:
            run_id = _decided(session, letters, readers, busy, unknown)
            gather(session, run_id=run_id, at=AT, mail_from=SENDER)
        yield


@contextmanager
def _database(backend: str, folder: Path) -> Iterator[None]:
    with ExitStack() as running:
        url = f"sqlite:///{folder / 'cites.db'}"
        if backend == "postgresql":
            with on(SERVERS):
                server = running.enter_context(a_postgresql(folder))
            url = for_the_engine(server.get_uri())
        running.enter_context(engine_settings(database_url=url))
        running.callback(lambda: database.engine(url).dispose())
        yield


def _decided(session: Session, letters: int, readers: int, busy: int, unknown: int) -> int:
    """One run, one decided notice for each of so many addresses, each about a territory of its own.

    So many in a row are told the same, but for its name.
    """
    campaign = Campaign(
        code="2021", title="Extension 2021", edition="vade-mecum-2020", opens=date(2020, 10, 15), document=CAMPAIGN,
        opened_at=AT,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    assert campaign.id is not None
    run = Run(campaign_id=campaign.id, deadline="candidature", at=AT, started_at=AT)
    session.add(run)
    session.flush()

    def put(table: Any, rows: list[dict[str, Any]]) -> list[int]:
        session.execute(insert(table), rows)
        return list(session.exec(select(table.id).order_by(table.id)))

    numbers = range(letters)
    kinds = [BUSY] * busy + [UNKNOWN] * unknown + ["mairie"] * (letters - busy - unknown)
    territories = put(Territory, [
        {"campaign_id": campaign.id, "code": f"t{number}", "name": f"Ville n° {number}", "departement": "59",
         "region": "32", "lead_authority": LeadAuthority.COMMUNE} for number in numbers
    ])  # fmt: skip
    obligations = put(Obligation, [{"territory_id": each, "deadline": "candidature"} for each in territories])
    contacts = put(Contact, [
        {"campaign_id": campaign.id, "role": Role.CHEF_DE_FILE, "perimeter": f"t{number}", "name": "Mairie",
         "email": f"{kinds[number]}{number}@ville{number}.test"} for number in numbers
    ])  # fmt: skip
    put(Notice, [
        {"obligation_id": obligation, "contact_id": contact, "due": date(2021, 2, 28), "step": "-7",
         "status": NoticeStatus.DECIDED, "run_id": run.id, "decided_at": AT,
         "facts": _section(number, number // readers).to_json()}
        for number, (obligation, contact) in enumerate(zip(obligations, contacts, strict=True))
    ])  # fmt: skip
    assert run.id is not None
    return run.id


def _section(number: int, dossier: int) -> Section:
    """What is told of the territory `number`: some parts missing, which ones and why as the dossier stands."""
    missing = [part for bit, part in enumerate(PARTS) if (dossier % 7 + 1) >> bit & 1]
    refused = missing[0] if dossier % MOTIVES == 0 else ""

    def item(part: str, owner: str, title: str) -> Item:
        return Item(
            requirement="diagnostic", requirement_title="Diagnostic partagé", part=part, part_title=f"volet {part}",
            owner=owner, owner_title=title, reason="refusee" if part == refused else "absente",
            motive=f"la page {dossier} est illisible" if part == refused else "",
            cite="partie 1, « Une candidature portée collectivement »",
        )  # fmt: skip

    return Section(
        letter="reminder", deadline="candidature", deadline_title="Candidature", territory=f"t{number}",
        territory_name=f"Ville n° {number}", departement="59", due=date(2021, 2, 28), step="-7",
        roles=("chef_de_file",), copy=False, cite="Vade-mecum d’octobre 2020", occasion={},
        owes=tuple(item(part, "chef_de_file", "chef de file") for part in missing),
        others=(item("visa", "prefet", "préfet de département"),),
    )  # fmt: skip


def _standing() -> dict[MessageStatus, int]:
    with transaction() as session:
        asked = select(Message.status, func.count(col(Message.id))).group_by(col(Message.status))
        return {MessageStatus(status): number for status, number in session.exec(asked)}


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Letters a second, beside plain Apprise and smtp-source.")
    parser.add_argument("--n", type=int, nargs="+", default=[1_000], help="how many letters")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--readers", type=int, default=READERS, help="how many are told the same of one dossier")
    parser.add_argument("--latency", type=int, nargs="+", default=[0], help="milliseconds from question to answer")
    parser.add_argument("--backend", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--no-mixed", dest="mixed", action="store_false", help="leave out the letters that are refused")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        main()
    except Dishonest as fault:
        sys.exit(f"the benchmark failed: {fault}")
