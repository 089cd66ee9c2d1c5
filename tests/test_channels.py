"""Does the short form go to readers' own channels beside the mail, and can no channel harm it or tell its secret?"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import apprise
import pytest
from sqlmodel import select

from models.rules.sending import load_channel_policy
from models.tables import Message
from models.thread_queries import channel_outcomes
from notifications import channels
from notifications.channels import Beside
from notifications.gateway import Gateway, channel_fault
from tasks.database import reading, transaction
from tasks.delivery import send_waiting
from tasks.mail_artifacts import outbox_report
from tasks.settings import settings
from tests.letter_builders import MAIL, NINE, SENDER, To, a_mail_server, gathered

SHORT = replace(MAIL, short="Candidature, Douai : 4 pièces attendues, échéance dépassée.")
TOKEN = "jetonsecret0123456789abcdef"  # noqa: S105 - of nothing


@contextmanager
def a_service(status: int = 200, seconds: float = 0) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A Mattermost of this machine's own: its channel URL, and the messages that it received."""
    received: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(seconds)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *said: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"mmost://127.0.0.1:{server.server_port}/{TOKEN}", received
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def engine_on(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITES_DATABASE_URL", sqlite_url)
    settings.cache_clear()


def outcomes(*urls: str, gateway: Gateway, **policy: Any) -> list[tuple[str, str, str]]:
    with Beside(gateway, replace(load_channel_policy(), **policy)) as beside:
        beside.tell(7, urls, SHORT)
        return [(each["channel"], each["outcome"], each["words"]) for each in beside.outcomes().get(7, [])]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway.open("mailto://127.0.0.1:9", sender=SENDER)


def test_a_channel_is_told_the_short_form(gateway: Gateway) -> None:
    with a_service() as (url, received):
        assert outcomes(url, gateway=gateway) == [("Mattermost", "told", "remis")]
        [message] = received
    assert SHORT.short in message["text"]
    assert "Madame" not in message["text"]


def test_a_channel_that_refuses_says_so_and_tells_no_secret(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with a_service(status=404) as (url, _):
        found = outcomes(url, gateway=gateway)
    assert found == [("Mattermost", "failed", "le service n’a pas accepté le message")]
    assert TOKEN not in caplog.text + str(found)


def test_a_channel_that_stays_silent_is_given_up(gateway: Gateway) -> None:
    with a_service(seconds=0.5) as (url, _):
        found = outcomes(url, gateway=gateway, patience=timedelta(milliseconds=50))
    assert found == [("Mattermost", "failed", "le service n’a pas répondu à temps")]


def test_a_plugin_that_falls_harms_nobody_and_its_words_are_not_repeated(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls(self: object, **said: Any) -> bool:
        raise KeyError(TOKEN)

    monkeypatch.setattr(apprise.plugins.N_MGR["mmost"], "notify", falls)
    assert outcomes(f"mmost://127.0.0.1/{TOKEN}", gateway=gateway) == [
        ("Mattermost", "failed", "le service a échoué (KeyError)")
    ]


def test_an_unknown_channel_is_to_be_corrected(gateway: Gateway) -> None:
    assert outcomes("nulle-part://x", gateway=gateway) == [
        ("canal inconnu", "not_used", "à corriger dans la colonne « canal » du contact")
    ]


def test_a_trial_tells_nobodys_channel(tmp_path: Path) -> None:
    trials = [
        Gateway.open(f"mailfolder://{tmp_path}", sender=SENDER),
        Gateway.open("mailto://127.0.0.1:9", sender=SENDER, redirect_all_to="moi@x.test"),
    ]
    with a_service() as (url, received):
        for trial in trials:
            assert [outcome for _, outcome, _ in outcomes(url, gateway=trial)] == ["not_used"]
    assert received == []


def test_channels_do_not_throttle_themselves(gateway: Gateway) -> None:
    with a_service() as (url, received):
        begun = time.monotonic()
        with Beside(gateway) as beside:
            for letter in range(6):
                beside.tell(letter, [url], SHORT)
            assert len(beside.outcomes()) == 6
        assert time.monotonic() - begun < 2
    assert len(received) == 6


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("matrixs://compte:secret@tchap.exemple.fr/#cites", None),
        ("mmosts://mattermost.exemple.fr/jetonabc", None),
        ("mailto://user:secret@x.test", "« mailto » n’est pas le canal d’un contact"),
        ("mailfolder:///etc", "« mailfolder » n’est pas le canal d’un contact"),
        ("citesmtp://127.0.0.1", "« citesmtp » n’est pas le canal d’un contact"),
        ("syslog://", "« syslog » n’est pas le canal d’un contact"),
        ("tchap://salon", "ce canal « tchap » est inconnu ou incomplet"),
        ("mmosts://", "ce canal « mmosts » est inconnu ou incomplet"),
        ("prefet@nord.test", "ce n’est pas l’adresse d’un canal"),
        ("mmosts://a/b mmosts://c/d", "ce n’est pas l’adresse d’un canal"),
    ],
)
def test_a_contacts_channel_is_one_that_apprise_knows(url: str, fault: str | None) -> None:
    assert channel_fault(url) == fault


def test_the_mail_leaves_at_once_and_the_channels_outcome_stands_apart(engine_on: None) -> None:
    with a_service(status=500, seconds=0.2) as (bad, _), a_service() as (good, told), a_mail_server() as room:
        with transaction() as session:
            gathered(
                session,
                To(email="a@x.test", channel=bad),
                To(email="A@x.test", territory="lens", channel=good),
                To(email="b@x.test", territory="arras"),
            )
            assert session.exec(select(Message.channel).order_by(Message.id)).all() == [f"{bad}\n{good}", ""]  # type: ignore[arg-type]
        figures = send_waiting(Gateway.open(room.url, sender=SENDER), at=NINE, worker="a")
        assert figures == {"sent": 2, "dead": 0, "waiting": 0, "cancelled": 0}
        assert room.addresses() == ["a@x.test", "b@x.test"]
        assert len(told) == 1
    with reading() as session:
        first, second = session.exec(select(Message).order_by(Message.id)).all()  # type: ignore[arg-type]
        assert first.facts["channel_outcome"] == [
            {"channel": "Mattermost", "outcome": channels.FAILED, "words": "le service n’a pas accepté le message"},
            {"channel": "Mattermost", "outcome": channels.TOLD, "words": "remis"},
        ]
        assert first.outcome == second.outcome == f"remis au serveur de courriel 127.0.0.1:{room.port}"
        assert "channel_outcome" not in second.facts
        report = outbox_report({}, [], channel_outcomes(session, 10))
    assert "| Mattermost | remis | remis | 1 |" in report
    assert TOKEN not in report


def test_a_letter_that_waits_is_not_told_before_it_has_left(engine_on: None) -> None:
    with (
        a_service() as (url, told),
        a_mail_server(answer=lambda to, times: "451 later" if times == 1 else None) as room,
    ):
        with transaction() as session:
            gathered(session, To(email="a@x.test", channel=url))
        gateway = Gateway.open(room.url, sender=SENDER)
        send_waiting(gateway, at=NINE, worker="a")
        assert told == []
        send_waiting(gateway, at=NINE + timedelta(minutes=1), worker="a")
        assert len(told) == 1
