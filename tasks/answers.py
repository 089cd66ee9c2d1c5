"""What came back by mail, and what does it change?

Each mail is read once and never answered. A report of a failed delivery, tied to a letter of ours by its Message-ID,
makes an address fail (or not yet); something that proves that letters arrive again clears it. A table attached to an
answer is checked by the intake and proposed: it waits for somebody, and nothing is imported by itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlmodel import Session

from models.letter_queries import (
    campaigns_of_sender,
    known_mails,
    letters_named,
    proposals,
    unreached,
)
from models.letter_tables import IncomingMail
from models.rules.mailroom import AnswersPolicy, load_mailroom_policy
from models.rules.returned_mail import Failure, ReturnedMail, read_mail
from models.words import IncomingKind
from tasks.attached_files import files_of, forget_files, keep_files
from tasks.database import add_new, reading, transaction
from tasks.events import an_event, record
from tasks.failing_addresses import clear_arrived, complain
from tasks.faults import Fault
from tasks.intake import IntakeRefused, IntakeReport, take_in, take_into
from tasks.mailboxes import Found, new_mails
from tasks.settings import settings

AT_ONCE = 20  # mails held in memory
MOST_FINDINGS = 100
TOO_LARGE = "message trop gros pour être lu : ouvrir la boîte aux lettres"


class NoSuchAnswer(Exception):
    """No proposal has this number, or it was handled already; says which, and where they are listed."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Tables that came with an answer and wait for somebody."""

    id: int
    campaign: str
    sender: str
    subject: str
    files: tuple[str, ...]
    changes: Mapping[str, Mapping[str, int]]  # by table: added, corrected, replaced
    faults: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Read:
    mail: ReturnedMail
    letter: tuple[int, int, str, str] | None  # id, its campaign's id and code, its address
    campaign: tuple[int, str] | None
    found: dict[str, Any]


@task(task_run_name="relever les réponses", cache_policy=NO_CACHE)
def read_answers(at: datetime) -> dict[str, int]:
    """Read what is new in the mailbox of the settings: figures by kind, `failing`, `cleared`. Nothing without one."""
    source = settings().mailbox_url.get_secret_value()
    return take_answers(source, at=at) if source else {}


def take_answers(source: str, *, at: datetime, url: str | None = None) -> dict[str, int]:
    """Read what is new in `source`, remember it, and say what it changed. Raises MailboxUnreadable."""
    policy = load_mailroom_policy().answers
    figures: Counter[str] = Counter()

    def unknown(keys: Sequence[str]) -> set[str]:
        with reading(url) as session:
            return set(keys) - known_mails(session, keys)

    found = new_mails(source, unknown, (at - policy.looked_at).date())
    while part := list(islice(found, AT_ONCE)):
        figures.update(_take(part, at=at, policy=policy, url=url))
    with transaction(url) as session:
        figures["cleared"] += clear_arrived(session, at, policy)
        figures["failing"] = len({each.address.lower() for each in unreached(session)})
    return dict(figures)


# Proposals


def waiting_proposals(url: str | None = None) -> list[Proposal]:
    """The tables that came by mail and that nobody took or left, the oldest first."""
    with reading(url) as session:
        return [_proposal(mail, campaign) for mail, campaign in proposals(session)]


def accept(number: int, *, campaign: str = "", at: datetime, author: str, url: str | None = None) -> IntakeReport:
    """Take a proposal's tables into its campaign (or `campaign`), whole or not at all.

    Raises NoSuchAnswer, NoSuchCampaign, IntakeRefused (every fault; the proposal then waits as before).
    """
    with transaction(url) as session:
        mail, code = _waiting(session, number)
        if not (campaign or code):
            raise NoSuchAnswer(f"answer {number} belongs to no campaign that is known: name it with --campaign")
        files = files_of(mail.key)
        report = take_into(session, files, campaign=campaign or code, at=at, author=author)
        if report.faults or not files:
            raise IntakeRefused(report)
        _handle(session, mail, at=at, author=author, campaign=campaign or code, action="accepted", grounds="")
        key = mail.key
    forget_files([key])
    return report


def leave(number: int, *, at: datetime, author: str, grounds: str, url: str | None = None) -> None:
    """Leave a proposal for good, with its reason; its files are deleted. Raises NoSuchAnswer."""
    with transaction(url) as session:
        mail, code = _waiting(session, number)
        _handle(session, mail, at=at, author=author, campaign=code, action="left", grounds=grounds)
        key = mail.key
    forget_files([key])


def _waiting(session: Session, number: int) -> tuple[IncomingMail, str]:
    found = proposals(session, ids=[number])
    if not found or found[0][0].kind is not IncomingKind.PROPOSAL:
        raise NoSuchAnswer(f"no answer with a table has the number {number}: `cites answers` lists those that wait")
    mail, code = found[0]
    if mail.handled_at is not None:
        raise NoSuchAnswer(f"answer {number} was handled on {mail.handled_at:%Y-%m-%d} by {mail.handled_by}")
    return mail, code


def _handle(
    session: Session, mail: IncomingMail, *, at: datetime, author: str, campaign: str, action: str, grounds: str
) -> None:
    mail.handled_at, mail.handled_by = at, author[:200]
    session.add(mail)
    said = {"answer": mail.id, "files": mail.found.get("files", [])}
    record(session, [an_event(at, author, action, "answers", campaign=campaign, grounds=grounds, after=said)])


def _proposal(mail: IncomingMail, campaign: str) -> Proposal:
    said = mail.found
    return Proposal(
        id=mail.id or 0, campaign=campaign, sender=mail.sender, subject=mail.subject,
        files=tuple(said.get("files", ())), changes=said.get("changes", {}), faults=tuple(said.get("faults", ())),
        warnings=tuple(said.get("warnings", ())),
    )  # fmt: skip


# One part of the mail


def _take(part: Sequence[Found], *, at: datetime, policy: AnswersPolicy, url: str | None) -> Counter[str]:
    mails = [read_mail(each.content, policy) for each in part if each.content is not None]
    with reading(url) as session:
        letters = letters_named(session, [letter for mail in mails for letter in mail.letters])
        read = [_tie(session, mail, letters) for mail in mails]
    read = [_checked(each, at=at, url=url) for each in read]
    rows = [_row(each, at) for each in read]
    rows += [_too_large(each, at) for each in part if each.content is None]
    figures: Counter[str] = Counter()
    with transaction(url) as session:
        new = {
            key
            for row in {row["key"]: row for row in rows}.values()  # the same mail twice in one part is one
            if add_new(session, IncomingMail, [row])
            for key in [row["key"]]
        }
        fresh = [each for each in read if each.mail.key in new]
        figures.update(each.mail.kind.value for each in fresh)
        figures["too_large"] += sum(each.key in new for each in part if each.content is None)
        if not settings().redirect_all_to:  # a rehearsal's letters went to one address of ours: it proves nothing
            figures["unreadable_reports"] += _believe(session, fresh, at, policy)
    return figures


def _believe(session: Session, read: Sequence[_Read], at: datetime, policy: AnswersPolicy) -> int:
    """Write down what reports say of the letters' addresses; gives how many say nothing of a letter of ours."""
    told: list[tuple[str, Failure]] = []
    useless = 0
    for each in read:
        if each.mail.kind is not IncomingKind.REPORT:
            continue
        if each.letter is None or not each.mail.failures:
            useless += 1
            continue
        told.append((each.letter[3], max(each.mail.failures, key=lambda failure: failure.permanent)))
    complain(session, told, at, policy)
    return useless


def _tie(session: Session, mail: ReturnedMail, letters: Mapping[str, tuple[int, int, str, str]]) -> _Read:
    letter = next((letters[each] for each in mail.letters if each in letters), None)
    campaign = (letter[1], letter[2]) if letter else None
    if campaign is None and mail.kind is IncomingKind.PROPOSAL:
        campaign = next(iter(campaigns_of_sender(session, mail.sender)), None)
    return _Read(mail=mail, letter=letter, campaign=campaign, found={})


def _checked(read: _Read, *, at: datetime, url: str | None) -> _Read:
    """What the mail said, as it is kept: a proposal's tables are put aside and looked at, and change nothing."""
    mail = read.mail
    found: dict[str, Any] = {}
    if mail.kind is IncomingKind.REPORT:
        found = {"failures": [{"action": each.action, "status": each.status} for each in mail.failures]}
    elif mail.kind is IncomingKind.PROPOSAL:
        found = _looked_at(mail, read.campaign[1] if read.campaign else "", at=at, url=url)
    return _Read(mail=mail, letter=read.letter, campaign=read.campaign, found=found)


def _looked_at(mail: ReturnedMail, campaign: str, *, at: datetime, url: str | None) -> dict[str, Any]:
    faults = [
        str(Fault(file=each.name, problem="fichier trop gros", cure="le demander en plusieurs fichiers"))
        for each in mail.tables
        if each.content is None
    ]
    files = keep_files(mail.key, mail.tables)
    found: dict[str, Any] = {"files": [file.name for file in files]}
    if not campaign:
        return found | {"faults": [*faults, "Campagne inconnue : ni la lettre ni l’expéditeur ne la disent."]}
    report = take_in(files, campaign=campaign, at=at, author="réponse par courriel", check=True, url=url)
    kinds = {"added": report.added, "corrected": report.corrected, "replaced": report.replaced}
    tables = dict.fromkeys(table for counts in kinds.values() for table in counts)
    return found | {
        "changes": {
            table: {kind: counts[table] for kind, counts in kinds.items() if counts.get(table)} for table in tables
        },
        "faults": [*faults, *(str(each) for each in report.faults[:MOST_FINDINGS])],
        "warnings": [str(each) for each in report.warnings[:MOST_FINDINGS]],
    }


def _row(read: _Read, at: datetime) -> dict[str, Any]:
    mail = read.mail
    return {
        "key": mail.key,
        "read_at": at,
        "sent_at": mail.sent_at,
        "kind": mail.kind,
        "sender": mail.sender,
        "subject": mail.subject,
        "message_id": read.letter[0] if read.letter else None,
        "campaign_id": read.campaign[0] if read.campaign else None,
        "found": read.found,
        "handled_at": None,
        "handled_by": "",
    }


def _too_large(found: Found, at: datetime) -> dict[str, Any]:
    return {
        "key": found.key, "read_at": at, "sent_at": None, "kind": IncomingKind.ANSWER, "sender": "", "subject": "",
        "message_id": None, "campaign_id": None, "found": {"faults": [TOO_LARGE]}, "handled_at": None,
        "handled_by": "",
    }  # fmt: skip
