"""Does each letter reach the mail server once, and is each one's own fate told, however unkind the server is?"""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.rules.sending import SendingPolicy, load_sending_policy
from notifications.gateway import Gateway
from notifications.mail import Mail, Outcome, RefusedForGood, Sent, Weather
from tests.letter_builders import MAIL, SENDER, Mailroom, a_mail_server, a_script

POLICY = replace(load_sending_policy(), patience=timedelta(seconds=0.3), patience_after_letter=timedelta(seconds=0.3))
ONE = replace(POLICY, connections=1)
MANY = replace(POLICY, connections=4, letters_a_connection=1)


def mails(number: int) -> list[Mail]:
    return [replace(MAIL, to=f"c{each:02}@x.test", message_id=f"<{each:02}@x.test>") for each in range(number)]


def sent(url: str, letters: Sequence[Mail], policy: SendingPolicy = ONE) -> dict[str, Outcome | None]:
    """What became of each letter, by address."""
    crew = Gateway.open(url, sender=SENDER).crew(lambda mail: mail, policy=policy)
    found = [carried for group in crew.carry(letters) for carried in group]
    assert len(found) == len(letters)  # none is lost, none is told twice
    return {carried.letter.to: carried.outcome for carried in found}


def at(room: Mailroom) -> Sent:
    return Sent(where=f"remis au serveur de courriel 127.0.0.1:{room.port}")


def only(number: int, reply: str, *, times: int = 99) -> dict[str, object]:
    """A server that says `reply` to one address, so many times."""
    return {"answer": lambda to, tried: reply if to == f"c{number:02}@x.test" and tried <= times else None}


@pytest.mark.parametrize("pipelining", [True, False])
def test_one_connection_carries_many_letters_each_as_it_was_written(pipelining: bool) -> None:
    with a_mail_server(pipelining=pipelining) as room:
        assert sent(room.url, mails(5)) == {f"c{each:02}@x.test": at(room) for each in range(5)}
        assert room.addresses() == [f"c{each:02}@x.test" for each in range(5)]
        assert room.connections == 1
        text = room.received[0].get_body(("plain",))
        assert text is not None
        assert text.get_content().replace("\r\n", "\n") == MAIL.text  # a line of one dot included
        assert str(room.received[0]["Message-ID"]) == "<00@x.test>"


def test_a_letters_three_commands_leave_in_one_write_when_the_server_offers_it() -> None:
    asked = b"MAIL FROM:<relances@cites-educatives.test>\r\nRCPT TO:<c00@x.test>\r\nDATA\r\n"
    with a_mail_server() as room:
        sent(room.url, mails(1))
        assert asked in room.writes
    with a_mail_server(pipelining=False) as room:
        sent(room.url, mails(1))
        assert [line for line in asked.splitlines(keepends=True) if line in room.writes] == asked.splitlines(
            keepends=True
        )


def test_letters_share_several_connections_and_each_leaves_once() -> None:
    with a_mail_server() as room:
        outcomes = sent(room.url, mails(40), MANY)
        assert set(outcomes.values()) == {at(room)}
        assert room.addresses() == sorted(outcomes)
        assert 2 <= room.connections <= 4


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("550 no such user", RefusedForGood(reason="c02@x.test : 550 no such user")),
        ("451 try later", Weather(reason="c02@x.test : 451 try later")),
    ],
)
def test_one_recipient_refused_among_many_stops_no_other(pipelining: bool, reply: str, outcome: Outcome) -> None:
    with a_mail_server(pipelining=pipelining, **only(2, reply)) as room:
        outcomes = sent(room.url, mails(5))
        assert outcomes.pop("c02@x.test") == outcome
        assert set(outcomes.values()) == {at(room)}
        assert room.addresses() == sorted(outcomes)
        assert room.connections == 1


def test_a_server_that_asks_for_a_letter_without_recipient_gets_an_empty_one() -> None:
    """RFC 2920, 3.1: all recipients refused, DATA accepted all the same."""
    replies = {b"EHLO": b"250-hello\r\n250 PIPELINING", b"MAIL": b"250 ok", b"RCPT": b"550 unknown",
               b"DATA": b"354 go on", b".": b"554 no recipients", b"RSET": b"250 ok", b"QUIT": b"221 bye"}  # fmt: skip
    with a_script(replies) as (url, heard):
        assert sent(url, mails(1)) == {"c00@x.test": RefusedForGood(reason="c00@x.test : 550 unknown")}
        assert b" ".join(line.split()[0].upper() for line in heard) == b"EHLO MAIL RCPT DATA . RSET QUIT"


def test_a_connection_cut_after_data_is_weather_and_the_next_letter_opens_another() -> None:
    with a_mail_server(hang_up_after_data=1) as room:
        first, *others = sent(room.url, mails(3)).values()
        assert isinstance(first, Weather)
        assert (first.everywhere, first.cut) == (False, True)
        assert others == [at(room), at(room)]
        assert room.connections == 2


def test_a_server_that_cuts_letter_after_letter_is_taken_for_failing() -> None:
    with a_mail_server(hang_up_after_data=99) as room:
        outcomes = list(sent(room.url, mails(6)).values())
    assert [isinstance(each, Weather) for each in outcomes] == [True] * 3 + [False] * 3
    assert outcomes[3:] == [None] * 3


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_silent_server_is_weather_for_every_letter_after_one_patience(command: str) -> None:
    with a_mail_server(silent_at=command) as room:
        first, *others = sent(room.url, mails(4), MANY).values()
    assert isinstance(first, Weather)
    assert first.everywhere
    assert "ne répond plus" in first.reason
    assert others == [None] * 3


def test_a_server_silent_about_the_letter_itself_may_have_it() -> None:
    with a_mail_server(silent_at="DATA") as room:
        [outcome] = sent(room.url, mails(1)).values()
    assert isinstance(outcome, Weather)
    assert (outcome.everywhere, outcome.cut) == (False, True)


def test_a_server_that_takes_few_letters_a_connection_gets_them_over_several() -> None:
    with a_mail_server(letters_a_connection=2) as room:
        assert set(sent(room.url, mails(7)).values()) == {at(room)}
        assert room.addresses() == [f"c{each:02}@x.test" for each in range(7)]
        assert room.connections == 4


def test_a_server_that_takes_few_connections_gets_the_letters_over_those() -> None:
    with a_mail_server(connections_at_once=1) as room:
        outcomes = sent(room.url, mails(30), MANY)
        assert set(outcomes.values()) == {at(room)}
        assert room.addresses() == sorted(outcomes)


def test_a_server_that_says_421_to_everybody_is_weather_for_every_letter() -> None:
    with a_mail_server(connections_at_once=0) as room:
        first, second = sent(room.url, mails(2)).values()
    assert isinstance(first, Weather)
    assert first.everywhere
    assert first.reason.endswith("est injoignable (421 too many connections)")
    assert second is None


def test_a_421_in_mid_letter_is_tried_once_more_and_then_is_weather_for_every_letter() -> None:
    with a_mail_server(**only(1, "421 going down")) as room:
        first, second, third = sent(room.url, mails(3)).values()
    assert first == at(room)
    assert isinstance(second, Weather)
    assert (second.everywhere, second.cut) == (True, False)
    assert room.tried.count("c01@x.test") == 2
    assert third is None


def test_a_server_that_nobody_answers_for_is_weather_for_every_letter() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcomes = sent(f"mailto://127.0.0.1:{port}", mails(20), MANY)
    first, *others = outcomes.values()
    assert isinstance(first, Weather)
    assert first.everywhere
    assert f"127.0.0.1:{port} est injoignable" in first.reason
    assert others == [None] * 19  # and none of them loses an attempt


def test_a_sender_that_the_server_refuses_is_no_letters_own_fault() -> None:
    replies = {b"EHLO": b"250 hello", b"MAIL": b"550 not from you", b"QUIT": b"221 bye"}
    with a_script(replies) as (url, _):
        [outcome] = sent(url, mails(1)).values()
    assert isinstance(outcome, Weather)
    assert outcome.everywhere
    assert "refuse l’expéditeur relances@cites-educatives.test : 550 not from you" in outcome.reason


# TLS and passwords


def test_a_server_without_tls_gets_no_password() -> None:
    with a_mail_server() as room:
        [outcome] = sent(room.url.replace("mailto://", "mailtos://user:secret@"), mails(1)).values()
    assert isinstance(outcome, Weather)
    assert outcome.everywhere
    assert room.tried == []
    assert b"secret" not in b"".join(room.writes)


def test_a_server_that_hangs_up_at_starttls_is_weather_for_every_letter() -> None:
    with a_mail_server(hang_up_at_starttls=True) as room:
        [outcome] = sent(room.url.replace("mailto://", "mailtos://user:secret@"), mails(1)).values()
    assert isinstance(outcome, Weather)
    assert outcome.everywhere
    assert room.tried == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's side of TLS that no authority vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2120, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder: Path = tmp_path_factory.mktemp("tls")
    (folder / "server.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    return context


def knows_secret(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data.password == b"secret", handled=False)


def with_tls(certificate: ssl.SSLContext) -> dict[str, object]:
    return {"tls_context": certificate, "authenticator": knows_secret, "auth_required": True}


def test_a_letter_leaves_under_tls_with_its_password(certificate: ssl.SSLContext) -> None:
    with a_mail_server(server=with_tls(certificate)) as room:
        url = f"mailtos://user:secret@127.0.0.1:{room.port}?verify=no"
        assert sent(url, mails(2)) == {"c00@x.test": at(room), "c01@x.test": at(room)}


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_password(certificate: ssl.SSLContext) -> None:
    with a_mail_server(server=with_tls(certificate)) as room:
        [outcome] = sent(f"mailtos://user:secret@127.0.0.1:{room.port}", mails(1)).values()
        assert isinstance(outcome, Weather)
        assert outcome.everywhere
        assert "CERTIFICATE_VERIFY_FAILED" in outcome.reason


def test_a_refused_password_is_weather_for_every_letter_and_is_not_told(certificate: ssl.SSLContext) -> None:
    with a_mail_server(server=with_tls(certificate)) as room:
        first, second = sent(f"mailtos://user:wr0ng@127.0.0.1:{room.port}?verify=no", mails(2)).values()
        assert first == Weather(
            reason=f"le serveur de courriel 127.0.0.1:{room.port} refuse l’identifiant ou le mot de passe (535)",
            everywhere=True,
        )
        assert second is None


# A crew


def test_what_a_letter_cannot_say_is_told_without_a_connection() -> None:
    refused = RefusedForGood(reason="gabarit")
    with a_mail_server() as room:
        crew = Gateway.open(room.url, sender=SENDER).crew(lambda mail: refused if mail is MAIL else mail)
        found = [carried.outcome for group in crew.carry([MAIL, *mails(1)]) for carried in group]
        assert found == [refused, at(room)]
        assert room.connections == 1


def test_a_fault_of_the_program_stops_the_crew_and_is_not_swallowed() -> None:
    def falls(mail: Mail) -> Mail:
        raise ZeroDivisionError("written wrong")

    with a_mail_server() as room, pytest.raises(ZeroDivisionError, match="written wrong"):
        list(Gateway.open(room.url, sender=SENDER).crew(falls, policy=ONE).carry(mails(3)))


def test_letters_are_read_a_batch_ahead_at_most_and_their_fate_told_as_it_is_known() -> None:
    read: list[int] = []

    def stream() -> Iterator[Mail]:
        for number, mail in enumerate(mails(20)):
            read.append(number)
            yield mail

    with a_mail_server() as room:
        policy = replace(ONE, batch=4)
        told = 0
        for group in Gateway.open(room.url, sender=SENDER).crew(lambda mail: mail, policy=policy).carry(stream()):
            told += len(group)
            assert len(read) <= told + 4
    assert (told, len(read)) == (20, 20)
