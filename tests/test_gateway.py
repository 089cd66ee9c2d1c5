"""By which door do letters leave, and what is said of each?"""

import logging
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import apprise
import pytest

from notifications.gateway import Gateway, NoSuchChannel
from notifications.mail import Mail, RefusedForGood, Sent, Weather
from tests.letter_builders import MAIL, SENDER


def a_folder(folder: Path, **said: str) -> Gateway:
    return Gateway.open(f"mailfolder://{folder}", **{"sender": SENDER, "reply_to": "Aide <aide@x.test>", **said})


def read(file: Path) -> EmailMessage:
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_is_whole_in_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "mail" / "12.0a1b2c@cites-educatives.test.eml"
    assert a_folder(tmp_path / "mail").send(MAIL) == Sent(where=str(file))
    message = read(file)
    assert {name: str(value) for name, value in message.items()} == {
        "Date": "Fri, 19 Feb 2021 08:00:00 +0000",
        "From": "Cités éducatives <relances@cites-educatives.test>",
        "To": '"Préfecture du Nord, cabinet" <prefet@nord.test>',
        "Reply-To": "Aide <aide@x.test>",
        "Message-ID": "<12.0a1b2c@cites-educatives.test>",
        "Subject": MAIL.subject,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "fr",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    assert message.get_content_type() == "multipart/alternative"
    assert words(message, "plain") == MAIL.text
    assert words(message, "html") == MAIL.html + "\n"
    assert max(len(line) for line in file.read_bytes().split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "name",
    [
        "Préfecture de la Guadeloupe, mission de la politique de la ville",
        "Direction des services départementaux de l’éducation nationale de La Réunion",
        'Ville de "Lens" <service>',
        "Mairie",
        "",
    ],
)
def test_a_long_name_is_read_back_as_it_is(name: str, tmp_path: Path) -> None:
    a_folder(tmp_path).send(replace(MAIL, name=name))
    message = read(tmp_path / "12.0a1b2c@cites-educatives.test.eml")
    assert [(to.display_name, to.addr_spec) for to in message["To"].addresses] == [(name, "prefet@nord.test")]


def test_a_repeat_overwrites_itself_and_leaves_no_draft(tmp_path: Path) -> None:
    gateway = a_folder(tmp_path)
    gateway.send(MAIL)
    first = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    gateway.send(MAIL)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == first
    assert list(first) == ["12.0a1b2c@cites-educatives.test.eml"]


def test_a_folder_that_cannot_be_written_is_weather_for_every_letter(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file, not a folder")
    outcome = a_folder(tmp_path / "mail").send(MAIL)
    assert isinstance(outcome, Weather)
    assert outcome.everywhere
    assert "ne peut pas être écrit" in outcome.reason


@pytest.mark.parametrize(
    "broken",
    [
        replace(MAIL, to="prefet@nord.test\r\nBcc: tous@x.test"),
        replace(MAIL, name="Préfecture\nBcc: tous@x.test"),
        replace(MAIL, subject="Relance\r\n\r\nCorps"),
        replace(MAIL, message_id="<1@x.test>\nX: y"),
    ],
)
def test_a_line_break_in_a_header_is_refused(broken: Mail, tmp_path: Path) -> None:
    outcome = a_folder(tmp_path).send(broken)
    assert isinstance(outcome, RefusedForGood)
    assert "contient un retour à la ligne" in outcome.reason
    assert list(tmp_path.iterdir()) == []


def test_an_address_with_an_accent_is_refused_for_good(tmp_path: Path) -> None:
    assert a_folder(tmp_path).send(replace(MAIL, to="préfet@nord.test")) == RefusedForGood(
        reason="l’adresse préfet@nord.test contient un accent : corrigez le contact, rien n’est parti"
    )


def test_a_redirected_letter_says_whom_it_was_for(tmp_path: Path) -> None:
    a_folder(tmp_path, redirect_all_to="Essais <essais@x.test>").send(MAIL)
    message = read(tmp_path / "12.0a1b2c@cites-educatives.test.eml")
    assert str(message["To"]) == "essais@x.test"
    assert str(message["Subject"]) == f"[pour prefet@nord.test] {MAIL.subject}"
    assert words(message, "plain").startswith("Essai : cette lettre était pour prefet@nord.test.\n\nMadame, Monsieur,")
    assert ">Essai : cette lettre était pour prefet@nord.test.</p>" in words(message, "html")


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("nonsense", "a text without «://»"),
        ("smtp-of-ours://user:s3cret@host", "«smtp-of-ours://…»"),
        ("mailto://", "«mailto://…»"),
        ("slack://s3cret", "«slack://…»"),
        ("citesmtp://127.0.0.1", "«citesmtp://…»"),
    ],
)
def test_a_url_that_apprise_does_not_know_is_refused_at_opening(
    url: str, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(NoSuchChannel) as refusal:
        Gateway.open(url, sender=SENDER)
    assert str(refusal.value).startswith(f"CITES_GATEWAY_URL ({named}) is not a channel that can be used: give")
    assert "s3cret" not in str(refusal.value) + caplog.text


@pytest.mark.parametrize(
    ("said", "setting"),
    [
        ({"sender": "relances"}, "CITES_MAIL_FROM"),
        ({"sender": ""}, "CITES_MAIL_FROM"),
        ({"reply_to": "a@b.test\nBcc: c@d.test"}, "CITES_MAIL_REPLY_TO"),
        ({"redirect_all_to": "moi"}, "CITES_REDIRECT_ALL_TO"),
    ],
)
def test_a_setting_that_is_no_address_is_refused_at_opening(said: dict[str, str], setting: str, tmp_path: Path) -> None:
    with pytest.raises(NoSuchChannel, match=f"{setting} is no e-mail address"):
        a_folder(tmp_path, **said)


def test_a_password_never_shows(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = Gateway.open("mailtos://user:s3%25cret@127.0.0.1:1", sender=SENDER)
    outcome = gateway.send(MAIL)
    assert isinstance(outcome, Weather)
    assert outcome.everywhere
    assert "cret" not in repr(gateway) + str(gateway) + repr(outcome) + caplog.text


def test_readers_answer_the_reply_to_or_else_the_sender(tmp_path: Path) -> None:
    assert a_folder(tmp_path).answer_to() == "aide@x.test"
    assert a_folder(tmp_path, reply_to="").answer_to() == "relances@cites-educatives.test"


def test_any_other_apprise_channel_gets_the_text_and_whom_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []

    def take(self: object, **said: Any) -> bool:
        told.append(said)
        return len(told) == 1

    monkeypatch.setattr(apprise.plugins.N_MGR["json"], "notify", take)
    gateway = Gateway.open("json://127.0.0.1:9", sender=SENDER)
    assert gateway.send(MAIL) == Sent(where="remis par JSON")
    assert told[0]["title"] == MAIL.subject
    assert told[0]["body"] == f"À l’attention de prefet@nord.test\n\n{MAIL.text}"
    assert gateway.send(MAIL) == Weather(reason="JSON n’a pas accepté le message", everywhere=True)
