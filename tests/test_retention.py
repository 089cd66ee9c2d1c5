"""Are words and names forgotten when the programme says so, and does the proof stay?"""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from deployments.cli import main
from models.event_tables import Event
from models.letter_tables import FailingAddress, IncomingMail
from models.rules.mailroom import Retention
from models.rules.prints import fingerprint_of
from models.tables import Contact, Message, Notice
from models.words import IncomingKind, MessageStatus, NoticeStatus
from tasks.database import reading, transaction
from tasks.events import verify
from tasks.forget import forget
from tests.mailroom_builders import (
    a_campaign_of_the_north,
    a_north_already_told,
    a_pass,
    imported,
    mails,
    point_at,
    read,
)
from tests.prefect_builders import J_7

DAY = timedelta(days=1)
DELAYS = Retention(letters=30 * DAY, contacts=10 * DAY, answers=5 * DAY)
OLD = "mairie@douai.test"
NEVER = {"letters": 0, "contacts": 0, "answers": 0}


@pytest.fixture
def north(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cités whose reminders have left."""
    return a_north_already_told(sqlite_url, tmp_path, monkeypatch)


@pytest.fixture
def north_on_both(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, on each kind of database."""
    return a_north_already_told(database_url, tmp_path, monkeypatch)


def replaced(folder: Path) -> None:
    """The town hall of Douai has another address from the day after."""
    imported(folder, "contacts", "role;perimetre;nom;courriel", "chef_de_file;douai;Mairie;autre@douai.test",
             at=J_7 + DAY)  # fmt: skip


def everything_kept() -> str:
    """All that the tables of letters, contacts and events hold, as one text."""
    with reading() as session:
        return "\n".join(
            repr(row.model_dump())
            for table in (Message, Notice, Contact, Event, FailingAddress, IncomingMail)
            for row in session.exec(select(table))
        )


def test_the_print_of_a_letter_is_the_print_of_the_bytes_that_left(north: Path) -> None:
    with reading() as session:
        kept = {row[0].strip("<>"): row[1] for row in session.execute(select(Message.message_id, Message.body_hash))}
    assert {read(file)["Message-ID"].strip("<>"): sha256(file.read_bytes()).hexdigest() for file in mails()} == kept


def test_words_go_after_their_delay_and_the_proof_stays(north_on_both: Path) -> None:
    with reading() as session:
        before = session.exec(select(Message).where(Message.address == OLD)).one().model_dump()
    assert forget(at=J_7 + 30 * DAY, retention=DELAYS) == NEVER
    assert forget(at=J_7 + 30 * DAY + DAY, retention=DELAYS) == {"letters": 5, "contacts": 0, "answers": 0}
    with reading() as session:
        after = session.exec(select(Message).where(Message.address == OLD)).one().model_dump()
        facts = session.exec(select(Notice.facts).where(Notice.status == NoticeStatus.SENT)).all()
    assert facts == [{}] * 9
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert set(changed) == {"facts", "purged_at"}
    assert (after["purged_at"], after["status"], after["sent_at"]) == (J_7 + 31 * DAY, MessageStatus.SENT, J_7)
    assert set(after["facts"]) == {"campaign", "roles", "sections"}
    assert "Mairie de Douai" not in str(after["facts"])


def test_forgetting_twice_changes_nothing_more(north: Path) -> None:
    replaced(north)
    forget(at=J_7 + 40 * DAY, retention=DELAYS)
    before = everything_kept()
    assert forget(at=J_7 + 40 * DAY, retention=DELAYS) == NEVER
    assert everything_kept() == before


def test_what_waits_is_not_forgotten(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(sqlite_url, monkeypatch)
    a_campaign_of_the_north(tmp_path)
    a_pass(J_7)
    assert forget(at=J_7 + 3650 * DAY, retention=DELAYS) == NEVER


def test_a_contact_replaced_long_ago_is_nobody_everywhere(north_on_both: Path) -> None:
    replaced(north_on_both)
    with transaction() as session:
        session.add(FailingAddress(address=OLD, failing=True, first_at=J_7, last_at=J_7))
    assert forget(at=J_7 + 11 * DAY, retention=DELAYS)["contacts"] == 0
    assert OLD in everything_kept()
    assert forget(at=J_7 + 12 * DAY, retention=DELAYS)["contacts"] == 1
    kept = everything_kept()
    assert (OLD in kept, "Mairie de Douai" in kept, "autre@douai.test" in kept) == (False, False, True)
    with reading() as session:
        assert session.exec(select(FailingAddress)).all() == []
        contact = session.exec(select(Contact).where(Contact.email.like("%oublie.invalid"))).one()  # type: ignore[attr-defined]
        assert (contact.email, contact.name, contact.active) == (f"contact-{contact.id}@oublie.invalid", "", False)
        letter = session.exec(select(Message).where(Message.address.like("%oublie.invalid"))).one()  # type: ignore[attr-defined]
        assert (letter.address, letter.key) == (
            f"{fingerprint_of(OLD)}@oublie.invalid", f"{letter.run_id}:{fingerprint_of(OLD)}",
        )  # fmt: skip
        assert (len(letter.body_hash), letter.status, letter.sent_at) == (64, MessageStatus.SENT, J_7)
    assert verify().breaks == ()


def test_an_address_that_somebody_else_still_has_keeps_its_letters(north: Path) -> None:
    imported(north, "contacts", "role;perimetre;courriel", f"chef_projet;roubaix;{OLD}")
    replaced(north)
    forget(at=J_7 + 20 * DAY, retention=DELAYS)
    with reading() as session:
        assert len(session.exec(select(Message).where(Message.address == OLD)).all()) == 1
        assert session.exec(select(Contact.role).where(Contact.email == OLD)).all() == ["chef_projet"]


def test_the_record_tells_a_contact_by_its_fingerprint_alone(north: Path) -> None:
    replaced(north)
    with reading() as session:
        events = session.exec(select(Event).where(Event.subject == "contacts").order_by(Event.id)).all()  # type: ignore[arg-type]
        assert "@" not in "".join(str((each.before, each.after)) for each in events)
        gone = next(each for each in events if each.action == "replaced")
        assert (gone.before, gone.after) == tuple(
            {"role": "chef_de_file", "perimeter": "douai", "email": fingerprint_of(OLD), "active": active}
            for active in (True, False)
        )


def test_a_fingerprint_is_the_same_whatever_the_case_and_empty_for_nothing() -> None:
    assert fingerprint_of("Mairie@Douai.test ") == fingerprint_of("mairie@douai.test")
    assert fingerprint_of("mairie@douai.test") != fingerprint_of("mairie@lens.test")
    assert fingerprint_of(" ") == ""


def test_old_answers_keep_only_figures(north: Path) -> None:
    with transaction() as session:
        session.add(
            IncomingMail(
                key="<1@x.test>", read_at=J_7, kind=IncomingKind.PROPOSAL, sender=OLD, subject="Re: Douai",
                found={"files": ["pieces.csv"], "faults": ["une", "deux"], "warnings": []},
            )
        )  # fmt: skip
    assert forget(at=J_7 + 6 * DAY, retention=DELAYS)["answers"] == 1
    with reading() as session:
        mail = session.exec(select(IncomingMail)).one()
        assert (mail.key, mail.sender, mail.subject, mail.found, mail.handled_by) == (
            "<1@x.test>", "", "", {"files": 1, "faults": 2}, "délai de conservation",
        )  # fmt: skip


def test_a_pass_of_forgetting_is_recorded_in_figures(north: Path) -> None:
    forget(at=J_7 + 40 * DAY, retention=DELAYS, author="Mme Roy")
    with reading() as session:
        event = session.exec(select(Event).where(Event.action == "forgotten")).one()
        assert (event.author, event.subject, event.after) == ("Mme Roy", "personal_data", {"letters": 5})


def test_from_the_terminal_by_the_delays_of_the_programme(north: Path) -> None:
    said = CliRunner().invoke(main, ["forget", "--at", (J_7 + 1096 * DAY).isoformat()])
    assert said.output == "Forgotten: letters 5, contacts 0, answers 0\n"
