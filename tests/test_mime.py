"""Does every mail read back as it was written, whatever people typed, by readers that are not ours?"""

import mailbox
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import compat32, default
from email.utils import getaddresses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.mail import Attachment, Mail
from notifications.mime import Unwritable, envelope, is_mailbox, mailable, unsubscribe_by_mail
from tests.builders import QUICK_PROPERTY
from tests.letter_builders import MAIL, SENDER

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
INVITATION = Attachment(name="échéance.ics", kind="text/calendar; method=REQUEST", content=ICS)
WORKBOOK = Attachment(
    name="synthèse 2021.xlsx", kind="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    content=bytes(range(256)) * 20,
)  # fmt: skip
TYPED = st.text(max_size=120) | st.sampled_from(
    ["\x00", "a\r\nBcc: tous@x.test", "=?utf-8?q?=0D=0ABcc:?=", "\u202egnp.exe", "{{7*7}}", "'; DROP TABLE--", "\ud800",
     "<script>", "\u2028Bcc: x", "é" * 300, "a" * 300, '"\\', ".", "\r", "%0d%0aBcc:x"]
)  # fmt: skip


def built(mail: Mail) -> bytes:
    return envelope(mail, sender=SENDER, reply_to="Aide <aide@x.test>").content


def read(mail: Mail) -> EmailMessage:
    message = message_from_bytes(built(mail), policy=default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk()] == [[] for _ in message.walk()]
    return message


def words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def shape(message: Message) -> object:
    """The kinds of the parts, one within another."""
    if not message.is_multipart():
        return message.get_content_type()
    return {message.get_content_type(): [shape(part) for part in message.get_payload()]}  # type: ignore[arg-type]


def test_a_letter_answers_the_one_before_it_and_names_its_thread() -> None:
    message = read(replace(MAIL, references=("<1@x.test>", "<2@x.test>", "hors la loi\r\nBcc: x")))
    assert message["In-Reply-To"] == "<2@x.test>"
    assert message["References"] == "<1@x.test> <2@x.test>"


def test_a_copy_says_how_to_be_written_to_no_more() -> None:
    link = unsubscribe_by_mail("aide@x.test", "Désinscription Extension 2021")
    assert link == "<mailto:aide@x.test?subject=D%C3%A9sinscription%20Extension%202021>"
    assert read(replace(MAIL, unsubscribe=link))["List-Unsubscribe"] == link


def test_files_stand_beside_the_words_and_an_invitation_among_them_too() -> None:
    message = read(replace(MAIL, attachments=(INVITATION, WORKBOOK)))
    assert shape(message) == {
        "multipart/mixed": [
            {"multipart/alternative": ["text/plain", "text/html", "text/calendar"]},
            "application/ics",
            WORKBOOK.kind,
        ]
    }
    assert words(message, "plain") == MAIL.text
    assert words(message, "html") == MAIL.html + "\n"
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()] == [
        ("échéance.ics", ICS),
        ("synthèse 2021.xlsx", WORKBOOK.content),
    ]
    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert calendar["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
    assert calendar.get_payload(decode=True) == ICS


def test_a_calendar_that_invites_to_nothing_is_a_file_only() -> None:
    message = read(replace(MAIL, attachments=(replace(INVITATION, kind="text/calendar"),)))
    assert shape(message) == {
        "multipart/mixed": [{"multipart/alternative": ["text/plain", "text/html"]}, "text/calendar"]
    }


def test_a_mailbox_of_another_kind_reads_the_same(tmp_path: Path) -> None:
    """By the older reader of the standard library, through an mbox file, where lines that begin with From matter."""
    box = mailbox.mbox(tmp_path / "box")
    box.add(built(replace(MAIL, attachments=(WORKBOOK,))))
    box.flush()
    [message] = list(box)
    assert shape(message_from_bytes(message.as_bytes(), policy=compat32)) == {
        "multipart/mixed": [{"multipart/alternative": ["text/plain", "text/html"]}, WORKBOOK.kind]
    }
    plain, html = (part.get_payload(decode=True) for part in message.walk() if part.get_content_maintype() == "text")
    assert (plain, html) == (MAIL.text.replace("\n", "\r\n").encode(), f"{MAIL.html}\n".replace("\n", "\r\n").encode())
    box.close()


def test_no_line_of_a_body_is_long_nor_begins_as_a_mail_does_in_a_mailbox() -> None:
    text = f"From nous\nbonjour\nFrom vous\n{'é' * 12} {'=' * 24} From eux\n{'x' * 76}\n.\n"
    content = built(replace(MAIL, text=text))
    body = content.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert not [line for line in body if line.startswith(b"From ") or b"\n" in line or len(line) > 76]
    assert words(message_from_bytes(content, policy=default), "plain") == text


@QUICK_PROPERTY
@given(name=TYPED, subject=TYPED, text=TYPED, file=TYPED)
def test_what_people_typed_is_never_a_header(name: str, subject: str, text: str, file: str) -> None:
    mail = replace(
        MAIL, name=name, subject=subject, text=text, html=f"<p>{text}</p>",
        attachments=(replace(WORKBOOK, name=file),),
    )  # fmt: skip
    if any(cut in name + subject for cut in "\r\n\x00"):
        with pytest.raises(Unwritable, match="contient un retour à la ligne"):
            built(mail)
        return
    content = built(mail)
    message = message_from_bytes(content, policy=compat32)
    assert message.keys() == [
        "Date", "From", "To", "Reply-To", "Message-ID", "Subject", "Auto-Submitted", "Content-Language", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip
    assert [address for _, address in getaddresses([str(message["To"])])] == ["prefet@nord.test"]
    assert [part.get_content_type() for part in message.walk()][1:] == [
        "multipart/alternative", "text/plain", "text/html", WORKBOOK.kind,
    ]  # fmt: skip
    assert max(len(line) for line in content.split(b"\r\n")) <= 90
    assert b"\n" not in content.replace(b"\r\n", b"")
    content.decode("ascii")


@pytest.mark.parametrize(
    "address",
    [
        "a@x.test\r\nBcc: tous@x.test", "a@x.test> <b@x.test", "a b@x.test", "a@x.test,b@x.test", "<a@x.test>",
        "@x.test", "a@", "a", "", "a@x..test", "a@-x.test", "a\x00@x.test", "a@x.test ", 'a"b@x.test', "a@x.test;b",
        f"{'a' * 65}@x.test", f"a@{'x' * 250}.test", "préfet@nord.test", "a@b@x.test", "a@[127.0.0.1]",
        "\u202ea@x.test",
        "a@é..test", "a@" + "é" * 200 + ".test",
    ],
)  # fmt: skip
def test_an_address_that_mail_cannot_reach_is_refused_with_its_cure(address: str) -> None:
    with pytest.raises(Unwritable, match="rien n’est parti"):
        built(replace(MAIL, to=address))


@pytest.mark.parametrize(
    "typed", ["a@x.test, b@x.test", "Nom <a@x.test> <b@x.test>", "Nom", "é@x.test", "a@x.test\nX: y"]
)
def test_a_setting_that_is_not_one_mailbox_is_none(typed: str) -> None:
    assert not is_mailbox(typed)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("mairie@saint-étienne.test", "mairie@xn--saint-tienne-geb.test"),
        ("o'neil+cites@x.test", "o'neil+cites@x.test"),
        ("A.B_c@Sous.Domaine.test", "A.B_c@Sous.Domaine.test"),
    ],
)
def test_an_address_is_what_servers_take(address: str, taken: str) -> None:
    assert mailable(address) == taken
    [to] = read(replace(MAIL, to=address))["To"].addresses
    assert to.addr_spec == taken


@pytest.mark.parametrize(
    "broken",
    [
        replace(MAIL, message_id="1@x.test"),
        replace(MAIL, message_id="<1@x.test> x"),
        replace(MAIL, unsubscribe="<mailto:a@x.test>\r\nBcc: b@x.test"),
        replace(MAIL, unsubscribe="mailto:a@x.test"),
        replace(MAIL, attachments=(replace(WORKBOOK, kind="text/plain\r\nBcc: b@x.test"),)),
        replace(MAIL, attachments=(replace(WORKBOOK, kind="n’importe quoi"),)),
    ],
)
def test_what_the_program_itself_writes_wrong_does_not_leave(broken: Mail) -> None:
    with pytest.raises(Unwritable):
        built(broken)
