"""Is what comes back by mail read once, believed no further than it proves, and never swallowed?"""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlmodel import select

from deployments.cli import main
from models.event_tables import Event
from models.letter_tables import FailingAddress, IncomingMail
from models.rules.mailroom import load_mailroom_policy
from models.rules.returned_mail import Failure, ReturnedMail, read_mail, safe_name
from models.tables import Contact, Message, Piece
from models.words import IncomingKind
from tasks.answers import NoSuchAnswer, accept, leave, read_answers, take_answers, waiting_proposals
from tasks.database import reading, transaction
from tasks.failing_addresses import clear, failing
from tasks.intake import IntakeRefused
from tasks.mail_artifacts import answers_report, failing_report
from tasks.mailboxes import MailboxUnreadable
from tasks.settings import settings
from tests.builders import PROPERTY
from tests.mailroom_builders import a_north_already_told, a_pass, delivered, imported
from tests.prefect_builders import J_7, at

SAMPLES = Path(__file__).parent / "returned"
POLICY = load_mailroom_policy().answers
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KINDS = {
    "postfix-550": IncomingKind.REPORT,
    "postfix-delayed": IncomingKind.REPORT,
    "exchange-ndr": IncomingKind.REPORT,
    "exim-without-standard": IncomingKind.REPORT,
    "out-of-office-outlook-fr": IncomingKind.AUTOMATIC,
    "out-of-office-en": IncomingKind.AUTOMATIC,
    "vacation": IncomingKind.AUTOMATIC,
    "read-receipt": IncomingKind.AUTOMATIC,
    "list-reply": IncomingKind.ANSWER,
    "answer": IncomingKind.ANSWER,
}


def sample(name: str, letter: str = "<letter@cites-educatives.test>") -> bytes:
    """One of the mails of the folder, about the letter with this Message-ID."""
    return (SAMPLES / f"{name}.eml").read_bytes().replace(b"LETTER", letter.encode())


def seen(content: bytes) -> ReturnedMail:
    return read_mail(content, POLICY)


# What a mail is


def test_every_sample_is_looked_at() -> None:
    assert {path.stem for path in SAMPLES.glob("*.eml")} == set(KINDS)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_each_kind_of_mail_is_recognised(name: str, kind: IncomingKind) -> None:
    assert seen(sample(name)).kind is kind


@pytest.mark.parametrize(
    ("name", "failure", "permanent"),
    [
        ("postfix-550", Failure(action="failed", status="5.1.1", reason="550 5.1.1 <mairie@douai.test>: Recipient "
         "address rejected: User unknown in virtual mailbox table"), True),
        ("postfix-delayed", Failure(action="delayed", status="4.4.1",
         reason="connect to mx.douai.test[192.0.2.25]:25: Connection timed out"), False),
        ("exchange-ndr", Failure(action="failed", status="5.1.10", reason="550 5.1.10 RESOLVER.ADR.RecipientNotFound; "
         "Recipient not found by SMTP address lookup"), True),
        ("exim-without-standard", Failure(action="failed", status="5.7.1",
         reason="550 5.7.1 Mailbox disabled for this recipient"), True),
    ],
)  # fmt: skip
def test_a_report_says_what_failed_and_of_which_letter(name: str, failure: Failure, permanent: bool) -> None:
    mail = seen(sample(name))
    assert (mail.failures, mail.letters) == ((failure,), ("<letter@cites-educatives.test>",))
    assert mail.failures[0].permanent is permanent


def test_a_report_that_gave_up_after_days_is_a_temporary_failure() -> None:
    expired = sample("postfix-550").replace(b"Status: 5.1.1", b"Status: 4.4.7")
    assert [each.permanent for each in seen(expired).failures] == [False]


def test_an_answer_names_the_letter_nearest_first_and_its_words_are_decoded() -> None:
    mail = seen(sample("list-reply"))
    assert mail.letters == ("<autre@listes.nord.test>", "<letter@cites-educatives.test>")
    away = seen(sample("out-of-office-outlook-fr"))
    assert (away.sender, away.subject, away.key, away.sent_at) == (
        "prefet@nord.test", "Réponse automatique : il reste 9 jours", "<a1b2c3d4e5f60718@EXCH02.nord.test>",
        datetime(2021, 2, 19, 8, 0, 12, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("Réponse automatique : congés", IncomingKind.AUTOMATIC),
        ("RE: Absence du bureau", IncomingKind.AUTOMATIC),
        ("Message d’absence", IncomingKind.AUTOMATIC),
        ("Automatic reply: Douai", IncomingKind.AUTOMATIC),
        ("Pièces : absence de réponse du chef de file", IncomingKind.ANSWER),
        ("Re: Douai", IncomingKind.ANSWER),
    ],
)
def test_the_subjects_of_automatic_answers_are_data(subject: str, kind: IncomingKind) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "a@x.test", subject, "<1@x.test>"
    mail.set_content("essai")
    assert seen(mail.as_bytes()).kind is kind


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("pieces.csv", "pieces.csv"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("..\\..\\windows\\pièces.xlsx", "pièces.xlsx"),
        ("/.csv", "tableau.csv"),
        (".caché.csv", "caché.csv"),
        ("a\x00b\r\nc.csv", "a-b-c.csv"),
        ("x" * 300 + ".xlsx", "x" * 80 + ".xlsx"),
    ],
)
def test_a_name_of_a_file_is_a_name_and_nothing_else(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@PROPERTY
@given(name=st.text(max_size=60))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    kept = safe_name(name)
    assert (Path("/a/b") / kept).resolve().parent == Path("/a/b")


@PROPERTY
@given(content=st.binary(max_size=400), header=st.text(max_size=80))
def test_no_mail_whatever_makes_the_reader_fail(content: bytes, header: str) -> None:
    seen(content)
    damaged = f"From: {header}\nSubject: =?utf-8?b?{header}?=\nDate: {header}\nContent-Type: {header}\n\n"
    seen(damaged.encode("utf-8", "surrogatepass") + content)
    seen(sample("postfix-550").replace(b"Final-Recipient: rfc822; mairie@douai.test", content))


@pytest.mark.parametrize(
    "value", ["=?unknown-charset?q?abc?=", "=?utf-8?b?AAA?=", "=?utf-8?q?=ZZ?=", "\x00", "@" * 5000]
)
def test_a_header_that_cannot_be_decoded_stays_as_it_came(value: str) -> None:
    mail = f"From: {value}\nSubject: {value}\nMessage-ID: {value}\nDate: {value}\n\nessai".encode()
    assert seen(mail).key.startswith("sha256:")


# Addresses


@pytest.fixture
def north(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cités whose reminders have left."""
    return sent_north(sqlite_url, tmp_path, monkeypatch)


@pytest.fixture
def north_on_both(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, on each kind of database."""
    return sent_north(database_url, tmp_path, monkeypatch)


def sent_north(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inbox = a_north_already_told(url, folder, monkeypatch) / "inbox"
    inbox.mkdir()
    return inbox


def letter_to(address: str) -> str:
    with reading() as session:
        return session.exec(select(Message.message_id).where(Message.address == address)).one()


def comes(inbox: Path, name: str, *, to: str = "mairie@douai.test", once: str = "") -> None:
    """This mail stands in the inbox, about the letter to this address; `once` makes it another mail of its kind."""
    content = sample(name, letter_to(to))
    if once:
        content = content.replace(b"Message-Id: <", f"Message-Id: <{once}.".encode())
    (inbox / f"{name}{once}.eml").write_bytes(content)


def failing_addresses() -> list[str]:
    return [each.address for each in failing()]


def test_a_permanent_failure_makes_an_address_fail_at_once_and_is_read_once(north_on_both: Path) -> None:
    comes(north_on_both, "postfix-550")
    assert take_answers(str(north_on_both), at=J_7 + HOUR) == {
        "report": 1, "too_large": 0, "unreadable_reports": 0, "cleared": 0, "failing": 1,
    }  # fmt: skip
    assert [(each.campaign, each.role, each.perimeter, each.address, each.permanent) for each in failing()] == [
        ("2021", "chef_de_file", "douai", "mairie@douai.test", True)
    ]
    again = take_answers(str(north_on_both), at=J_7 + 2 * HOUR)
    assert again == {"cleared": 0, "failing": 1}
    with reading() as session:
        row = session.exec(select(FailingAddress)).one()
        assert (row.reports, row.first_at, row.last_at) == (0, J_7 + HOUR, J_7 + HOUR)
        mail = session.exec(select(IncomingMail)).one()
        assert (mail.kind, mail.message_id is not None, mail.found) == (
            IncomingKind.REPORT, True, {"failures": [{"action": "failed", "status": "5.1.1"}]},
        )  # fmt: skip


def test_temporary_failures_count_only_when_they_repeat(north: Path) -> None:
    for number in (1, 2):
        comes(north, "postfix-delayed", once=str(number))
        take_answers(str(north), at=J_7 + number * HOUR)
        assert failing_addresses() == []
    comes(north, "postfix-delayed", once="3")
    take_answers(str(north), at=J_7 + 3 * HOUR)
    assert failing_addresses() == ["mairie@douai.test"]


def test_a_report_of_no_letter_of_ours_changes_nothing(north: Path) -> None:
    (north / "autre.eml").write_bytes(sample("postfix-550", "<autre@ailleurs.test>"))
    assert take_answers(str(north), at=J_7)["unreadable_reports"] == 1
    assert failing_addresses() == []


def test_a_rehearsal_on_real_servers_accuses_nobody(north: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_REDIRECT_ALL_TO", "moi@cites-educatives.test")
    settings.cache_clear()
    comes(north, "postfix-550")
    assert take_answers(str(north), at=J_7)["report"] == 1
    assert failing_addresses() == []


def failed(inbox: Path) -> None:
    comes(inbox, "postfix-550")
    take_answers(str(inbox), at=J_7)
    assert failing_addresses() == ["mairie@douai.test"]


def test_a_later_letter_of_which_no_server_complains_clears_the_address(north: Path) -> None:
    failed(north)
    a_pass(at("2021-02-26", "09:00"))
    assert "mairie@douai.test" in delivered(at("2021-02-26", "09:00"))
    take_answers(str(north), at=at("2021-03-03", "08:59"))
    assert failing_addresses() == ["mairie@douai.test"]  # accepted by the first server: it may still come back
    assert take_answers(str(north), at=at("2021-03-03", "09:00"))["cleared"] == 1
    assert failing_addresses() == []


def test_somebody_who_answers_can_be_reached(north: Path) -> None:
    comes(north, "postfix-550")
    take_answers(str(north), at=at("2021-02-19", "10:00"))
    comes(north, "answer")  # of half past eleven
    assert take_answers(str(north), at=at("2021-02-19", "12:00"))["cleared"] == 1
    assert failing_addresses() == []


def test_a_corrected_contact_clears_the_old_address(north: Path, tmp_path: Path) -> None:
    failed(north)
    imported(tmp_path, "contacts", "role;perimetre;courriel", "chef_de_file;douai;nouvelle@douai.test")
    assert failing() == []
    assert take_answers(str(north), at=J_7 + DAY)["cleared"] == 1


def test_a_person_clears_an_address_and_a_new_report_counts_anew(north: Path) -> None:
    failed(north)
    assert clear("Mairie@Douai.test", at=J_7 + HOUR, author="Mme Roy")
    assert not clear("mairie@douai.test", at=J_7 + HOUR, author="Mme Roy")
    assert failing() == []
    comes(north, "postfix-delayed")
    take_answers(str(north), at=J_7 + 2 * HOUR)
    with reading() as session:
        row = session.exec(select(FailingAddress)).one()
        assert (row.permanent, row.reports, row.failing, row.cleared_at) == (False, 1, False, None)
        assert session.exec(select(Event.author).where(Event.subject == "addresses")).all() == ["Mme Roy"]


def test_the_coordination_reads_roles_and_never_an_address(north: Path) -> None:
    failed(north)
    report = failing_report(failing())
    assert "| 2021 | chef de file | douai | 550 5.1.1 \\(adresse\\) Recipient address rejected" in report
    assert "@" not in report


# Tables that come with answers


PIECES = "territoire;piece;parties;statut;date\ndouai;diagnostic;scolaire;recue;2021-02-19\n"


def an_answer(
    inbox: Path, *files: tuple[str, bytes], sender: str = "mairie@douai.test", to: str = "mairie@douai.test"
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "relances@cites-educatives.test", "Re: Douai"
    mail["Date"], mail["Message-ID"] = "Fri, 19 Feb 2021 11:00:00 +0100", f"<avec-{len(list(inbox.iterdir()))}@x.test>"
    if to:
        mail["In-Reply-To"] = letter_to(to)
    mail.set_content("Ci-joint.")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    (inbox / f"avec-{len(list(inbox.iterdir()))}.eml").write_bytes(mail.as_bytes())


def received() -> int:
    with reading() as session:
        return len(session.exec(select(Piece)).all())


def kept_files() -> list[str]:
    folder = settings().home / "answers"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def a_workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "pieces"
    for line in PIECES.strip().split("\n"):
        sheet.append(line.split(";"))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_is_proposed_with_what_it_would_change_and_imports_nothing(north_on_both: Path) -> None:
    an_answer(north_on_both, ("envoi.xlsx", a_workbook()))
    assert take_answers(str(north_on_both), at=J_7)["proposal"] == 1
    [proposal] = waiting_proposals()
    assert (proposal.campaign, proposal.sender, proposal.files, proposal.faults) == (
        "2021", "mairie@douai.test", ("envoi.xlsx",), (),
    )  # fmt: skip
    assert proposal.changes == {"pieces": {"added": 1}}
    assert received() == 0
    assert "| pieces : 1 ajout | 0 |" in answers_report({"proposal": 1}, [proposal])


def test_an_accepted_proposal_is_taken_in_once_with_its_author(north_on_both: Path) -> None:
    an_answer(north_on_both, ("envoi.xlsx", a_workbook()))
    take_answers(str(north_on_both), at=J_7)
    number = waiting_proposals()[0].id
    assert accept(number, at=J_7 + HOUR, author="Mme Roy").added == {"pieces": 1}
    assert (received(), waiting_proposals(), kept_files()) == (1, [], [])
    with pytest.raises(NoSuchAnswer, match="was handled on 2021-02-19 by Mme Roy"):
        accept(number, at=J_7 + HOUR, author="Mme Roy")
    with reading() as session:
        events = session.exec(select(Event).where(Event.at == J_7 + HOUR).order_by(Event.id)).all()  # type: ignore[arg-type]
        assert [(each.author, each.action, each.subject) for each in events] == [
            ("Mme Roy", "added", "pieces"), ("Mme Roy", "accepted", "answers"),
        ]  # fmt: skip


def test_a_proposal_that_is_left_is_deleted_and_says_why(north: Path) -> None:
    an_answer(north, ("pieces.csv", PIECES.encode()))
    take_answers(str(north), at=J_7)
    leave(waiting_proposals()[0].id, at=J_7, author="Mme Roy", grounds="déjà saisi")
    assert (received(), waiting_proposals(), kept_files()) == (0, [], [])
    with reading() as session:
        assert session.exec(select(Event.grounds).where(Event.action == "left")).all() == ["déjà saisi"]
    take_answers(str(north), at=J_7 + HOUR)
    assert waiting_proposals() == []


def test_a_faulty_proposal_tells_its_faults_and_cannot_be_accepted(north: Path) -> None:
    an_answer(north, ("pieces.csv", PIECES.replace("douai", "lille").encode()))
    take_answers(str(north), at=J_7)
    [proposal] = waiting_proposals()
    assert [fault.split(" : ")[0] for fault in proposal.faults] == [
        "pieces.csv, ligne 2, colonne « territoire », valeur « lille »"
    ]
    with pytest.raises(IntakeRefused):
        accept(proposal.id, at=J_7, author="Mme Roy")
    assert (received(), len(waiting_proposals())) == (0, 1)


def a_bomb() -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("envoi.xlsm", b"PK", "les macros sont refusées"),
        ("envoi.xlsx", a_bomb(), "une fois"),
        ("eleves.csv", "territoire;nom de l’élève;date de naissance\ndouai;Zoé;2012-01-01\n".encode(), "E222"),
        ("../../../pieces.csv", PIECES.replace("recue", "=1+1").encode(), "statut"),
    ],
    ids=["macros", "bomb", "children", "formula"],
)
def test_a_hostile_attachment_is_refused_by_the_guards_of_every_import(
    north: Path, name: str, content: bytes, fault: str
) -> None:
    an_answer(north, (name, content))
    take_answers(str(north), at=J_7)
    [proposal] = waiting_proposals()
    assert fault in " ".join(proposal.faults)
    assert "Zoé" not in str(proposal)
    inside = list(settings().home.parent.rglob(Path(name).name))
    assert all((settings().home / "answers") in path.parents for path in inside)


def test_a_table_too_large_is_not_kept(north: Path) -> None:
    an_answer(north, ("pieces.csv", PIECES.encode() + b"\n" * (10 * 2**20)))
    take_answers(str(north), at=J_7)
    [proposal] = waiting_proposals()
    assert (proposal.files, kept_files()) == ((), [])
    assert proposal.faults[0] == "pieces.csv : fichier trop gros ; le demander en plusieurs fichiers."


def test_a_table_from_a_stranger_waits_without_a_campaign(north: Path) -> None:
    an_answer(north, ("pieces.csv", PIECES.encode()), sender="inconnu@ailleurs.test", to="")
    take_answers(str(north), at=J_7)
    [proposal] = waiting_proposals()
    assert (proposal.campaign, proposal.faults) == (
        "", ("Campagne inconnue : ni la lettre ni l’expéditeur ne la disent.",),
    )  # fmt: skip
    with pytest.raises(NoSuchAnswer, match="name it with --campaign"):
        accept(proposal.id, at=J_7, author="Mme Roy")
    assert accept(proposal.id, campaign="2021", at=J_7, author="Mme Roy").added == {"pieces": 1}


# Mailboxes


def test_without_a_mailbox_nothing_is_read(north: Path) -> None:
    assert read_answers.fn(J_7) == {}


def test_a_maildir_is_read_and_left_as_it_is(north: Path) -> None:
    (north / "new").mkdir()
    (north / "new" / "1613721607.M1P1.relais").write_bytes(sample("answer"))
    assert take_answers(f"maildir://{north}", at=J_7)["answer"] == 1
    assert (north / "new" / "1613721607.M1P1.relais").exists()


def test_a_mailbox_that_cannot_be_read_is_one_sentence_without_its_secret(
    north: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("CITES_MAILBOX_URL", f"imap://moi:secret@127.0.0.1:{port}/INBOX")
    settings.cache_clear()
    result = CliRunner().invoke(main, ["answers"])
    assert (result.exit_code, "secret" in result.output) == (1, False)
    with pytest.raises(MailboxUnreadable, match="is not a folder"):
        take_answers("/nulle/part", at=J_7)


@contextmanager
def an_imap_server(folder: Path) -> Iterator[tuple[int, Path]]:
    """A real IMAP server on a free loopback port, and the maildir that it serves; skipped where there is none."""
    dovecot = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if dovecot is None:
        pytest.skip("no IMAP server on this machine: install dovecot-imapd to read a real mailbox")
    user = pwd.getpwuid(os.getuid()).pw_name
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    run = Path(tempfile.mkdtemp(prefix="imap"))  # short, for its sockets; open, for processes that are not root
    run.chmod(0o755)
    maildir = run / "Maildir"
    for name in ("new", "cur", "tmp"):
        (maildir / name).mkdir(parents=True)
    login, owner = ("dovenull", "nobody") if user == "root" else (user, user)  # it serves no mail of root
    shutil.chown(run, owner)
    for place in (maildir, *maildir.iterdir()):
        shutil.chown(place, owner)
    (folder / "dovecot.conf").write_text(
        f"""
base_dir = {run}
log_path = {folder}/dovecot.log
protocols = imap
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
mail_location = maildir:{maildir}
first_valid_uid = 1
default_internal_user = {user}
default_login_user = {login}
default_internal_group = {grp.getgrgid(os.getgid()).gr_name}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={pwd.getpwnam(owner).pw_uid} gid={pwd.getpwnam(owner).pw_gid} home={run}
}}
""",
        encoding="utf-8",
    )
    server = subprocess.Popen([dovecot, "-F", "-c", str(folder / "dovecot.conf")])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, maildir
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(run, ignore_errors=True)


def test_a_real_imap_mailbox_is_read_once_and_left_unseen(north: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = north / "imap"
    folder.mkdir()
    with an_imap_server(folder) as (port, maildir):
        (maildir / "new" / "1.M1P1.x").write_bytes(sample("postfix-550", letter_to("mairie@douai.test")))
        (maildir / "new" / "2.M1P1.x").write_bytes(
            sample("answer").replace(b"Message-ID: <answer-1@douai.test>\n", b"")
        )
        monkeypatch.setenv("CITES_MAILBOX_URL", f"imap://moi:secret@127.0.0.1:{port}/INBOX")
        settings.cache_clear()
        assert read_answers.fn(J_7) == {
            "report": 1, "answer": 1, "too_large": 0, "unreadable_reports": 0, "cleared": 0, "failing": 1,
        }  # fmt: skip
        assert read_answers.fn(J_7 + HOUR) == {"cleared": 0, "failing": 1}
        flags = [path.name.rpartition(":2,")[2] for path in (maildir / "cur").iterdir()]
        assert "S" not in "".join(flags)
        with pytest.raises(MailboxUnreadable, match="check the user, the password and the folder"):
            take_answers(f"imap://moi:faux@127.0.0.1:{port}/INBOX", at=J_7)
        with pytest.raises(MailboxUnreadable, match="check the user, the password and the folder"):
            take_answers(f"imap://moi:secret@127.0.0.1:{port}/Absente", at=J_7)


def test_from_the_terminal(north: Path) -> None:
    run = CliRunner().invoke
    comes(north, "postfix-550")
    an_answer(north, ("pieces.csv", PIECES.encode()))
    first = run(main, ["answers", "--from", str(north), "--at", J_7.isoformat()])
    assert first.output.splitlines()[0] == "proposal 1, report 1, failing 1"
    assert "mairie@douai.test" in first.output
    number = waiting_proposals()[0].id
    assert f"Answer {number}, from mairie@douai.test (campaign 2021): pieces.csv" in first.output
    assert run(main, ["answers", "accept", str(number), "--by", "Mme Roy"]).output == "Taken in: pieces 1\n"
    again = run(main, ["answers", "accept", str(number), "--by", "Mme Roy"])
    assert (again.exit_code, again.stderr.startswith(f"Error: answer {number} was handled on")) == (1, True)
    assert run(main, ["answers", "clear", "mairie@douai.test", "--by", "Mme Roy"]).output == "Cleared.\n"
    with transaction() as session:
        assert session.exec(select(Contact.email).where(Contact.email == "mairie@douai.test")).all()
