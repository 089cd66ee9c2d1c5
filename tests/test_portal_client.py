"""Does the portal's bad weather pass, does what will never pass fail in one sentence, and can no file do harm?"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.portal import load_portal_policy
from models.rules.portal_submission import PortalFile, one_line
from models.rules.typed_values import text_up_to
from tasks.portal_client import FileRefused, Portal, PortalRefused
from tasks.portal_files import keep, place_of, plain_name
from tasks.portal_questions import DELETED, FORM, SUBMISSION, SUBMISSIONS
from tests.builders import QUICK_PROPERTY, an_instant
from tests.portal_server import DEMARCHE, TOKEN, APortal, a_dossier, a_file, a_portal, files

POLICY = load_portal_policy()
HOSTILE_NAMES = (
    "../../../../etc/passwd", "..\\..\\windows\\system32\\cmd.exe", "/etc/passwd", "~/.ssh/authorized_keys",
    ".htaccess",
    "-rf", "a\x00b.pdf", "CON", "nom\r\nX-Header: 1", "....//....//secret", "\u202egpj.exe", "$(touch x)", "`id`.pdf",
    "",
    "é" * 400 + ".pdf", "pièce jointe (finale).PDF", "x." + "y" * 300,
)  # fmt: skip


@pytest.fixture(scope="module")
def opened() -> Iterator[APortal]:
    with a_portal() as portal:
        portal.put(a_dossier(1))
        yield portal


@pytest.fixture
def portal(opened: APortal) -> APortal:
    opened.next_answers, opened.asked, opened.fetched, opened.spoilt = [], [], [], {}
    return opened


def ask(portal: APortal, *answers: tuple[int, dict[str, str], Any], token: str = TOKEN, **changed: Any) -> list[float]:
    """Ask for a dossier while the portal answers so; gives the pauses that were made."""
    pauses: list[float] = []
    portal.next_answers = list(answers)
    with Portal(portal.url, token, replace(POLICY, **changed), sleep=pauses.append) as conversation:
        assert conversation.ask(SUBMISSION, number=1)["dossier"]["number"] == 1
    return pauses


def refusal(portal: APortal, *answers: tuple[int, dict[str, str], Any], **how: Any) -> str:
    with pytest.raises(PortalRefused) as refused:
        ask(portal, *answers, **how)
    return str(refused.value)


# Questions


@pytest.mark.parametrize(
    ("question", "variables"),
    [
        (FORM, {"demarche": DEMARCHE}),
        (SUBMISSION, {"number": 1}),
        (SUBMISSIONS, {"demarche": DEMARCHE, "first": 1, "after": None, "since": "2021-02-10T09:00:00+00:00"}),
        (DELETED["deletedDossiers"], {"demarche": DEMARCHE, "first": 1, "after": None, "since": None}),
        (DELETED["pendingDeletedDossiers"], {"demarche": DEMARCHE, "first": 1, "after": None, "since": None}),
    ],
    ids=["form", "dossier", "dossiers", "deleted", "pending"],
)
def test_every_question_is_one_that_the_schema_allows(
    portal: APortal, question: str, variables: dict[str, Any]
) -> None:
    assert "errors" not in portal.answer({"query": question, "variables": variables})
    assert "usager" not in question
    assert "demandeur" not in question
    assert "email" not in question


def test_the_portal_of_these_tests_holds_questions_to_its_schema(portal: APortal) -> None:
    def errors(query: str, **variables: Any) -> str:
        return json.dumps(portal.answer({"query": query, "variables": variables}).get("errors"))

    assert "Cannot query field" in errors("{ demarche(number: 1) { nom } }")
    assert "cannot represent" in errors('{ demarche(number: "un") { id } }')
    assert "not an instant" in errors(SUBMISSIONS, demarche=DEMARCHE, first=1, since=12)


# The weather


def test_a_portal_that_is_busy_is_asked_again_after_the_time_that_it_says(portal: APortal) -> None:
    date = "Fri, 19 Feb 2021 10:00:00 GMT"
    answers = [
        (429, {"Retry-After": "7"}, {}),
        (503, {"Retry-After": "Fri, 19 Feb 2021 10:00:40 GMT", "Date": date}, "en maintenance"),
        (502, {}, "<html>"),
        (200, {}, {"errors": [{"message": "oups", "extensions": {"code": "internal_server_error"}}]}),
    ]
    pauses = ask(portal, *answers)
    assert (pauses[0], pauses[2], pauses[3]) == (7, 10, 30)
    assert pauses[1] in (40.0, 3)  # the instant by its own clock; the server of this test adds a date of its own


def test_a_portal_that_asks_to_wait_too_long_is_left_until_the_next_pass(portal: APortal) -> None:
    assert "asks to wait 3600 seconds: the next pass goes on" in refusal(portal, (429, {"Retry-After": "3600"}, {}))


def test_the_attempts_are_bounded(portal: APortal) -> None:
    down = (503, {}, "")
    assert refusal(portal, down, down, down, attempts=3) == (
        "the portal does not answer (status 503), after 3 attempts: try again later"
    )
    assert len(portal.asked) == 3


def test_a_portal_that_is_slow_is_not_waited_for(portal: APortal) -> None:
    def slowly(_: dict[str, Any]) -> None:
        import time

        time.sleep(0.3)

    portal.before = slowly
    try:
        assert "ReadTimeout" in refusal(portal, patience=0.05, attempts=1)
    finally:
        portal.before = lambda _: None


def test_what_would_fail_for_ever_fails_at_once_in_one_sentence(portal: APortal) -> None:
    said = "An object of type Demarche was hidden due to permissions"
    unauthorized = (200, {}, {"data": None, "errors": [{"message": said, "extensions": {"code": "unauthorized"}}]})
    assert "check the démarche's number and the token" in refusal(portal, unauthorized)
    unknown = (200, {}, {"errors": [{"message": "Field 'champs' doesn't exist on type 'Dossier'"}]})
    assert "refuses the question: Field 'champs' doesn't exist" in refusal(portal, unknown)
    assert "does not answer in JSON" in refusal(portal, (200, {}, "<html>"))
    assert "answers 404: check CITES_PORTAL_URL" in refusal(portal, (404, {}, ""))
    assert "answers without data" in refusal(portal, (200, {}, {"data": None}))
    assert refusal(portal, token="unautre==").startswith("the portal refuses the token")  # noqa: S106
    assert len(portal.asked) == 5  # none was asked twice, and the last one did not come in


def test_an_answer_without_end_is_cut(portal: APortal) -> None:
    assert "too great length" in refusal(portal, (200, {}, "x" * 5000), most_answer=1000)


@pytest.mark.parametrize(
    ("url", "token", "sentence"),
    [
        ("http://portail.test/graphql", TOKEN, "CITES_PORTAL_URL is not an https address"),
        ("portail", TOKEN, "CITES_PORTAL_URL is not an https address"),
        ("https://portail.test/graphql", "", "no token is set"),
        ("https://portail.test/graphql", "deux mots\r\n", "holds a character that no token has"),
    ],
)
def test_a_setting_that_would_give_the_token_away_is_refused(url: str, token: str, sentence: str) -> None:
    with pytest.raises(PortalRefused, match=sentence):
        Portal(url, token, POLICY)


# Files


def a_link(portal: APortal, content: bytes = b"le contenu", name: str = "note.pdf", **said: Any) -> PortalFile:
    portal.put(a_dossier(1, files("Note", a_file(name, content))))
    [node] = portal.answer({"query": SUBMISSION, "variables": {"number": 1}})["data"]["dossier"]["champs"][0]["files"]
    given = {
        "name": name, "checksum": node["checksum"], "size": len(content), "url": node["url"],
        "created_at": an_instant("2021-02-10 09:00"), "scan": "safe", **said,
    }  # fmt: skip
    return PortalFile(**given)


def kept(
    portal: APortal, home: Path, file: PortalFile, renew: Callable[[], str | None] = lambda: None, **changed: Any
) -> bytes:
    place = place_of("2021", "douai", 1, file)
    with Portal(portal.url, TOKEN, replace(POLICY, **changed), sleep=lambda _: None) as conversation:
        keep(conversation, file, home, place, renew)
    return (home / place).read_bytes()


def left(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("faults", [["cut"], ["500", "500"], ["redirect"], ["cut", "500", "cut", "500"]])
def test_a_file_arrives_whole_in_spite_of_the_weather(portal: APortal, tmp_path: Path, faults: list[str]) -> None:
    portal.spoilt = {"note.pdf": list(faults)}
    assert kept(portal, tmp_path, a_link(portal)) == b"le contenu"
    assert len(left(tmp_path)) == 1
    assert portal.tokens_at_the_store == []


@pytest.mark.parametrize(
    ("fault", "changed", "sentence"),
    [
        ("other", {}, "n’est pas celui que le portail annonce"),
        ("longer", {}, "n’est pas celui que le portail annonce"),
        ("cut", {"attempts": 1}, "ne se télécharge pas"),
        ("slow", {"attempts": 1, "patience": 0.05}, "ne se télécharge pas"),
        ("expired", {}, "le portail ne l’a plus"),
    ],
)
def test_a_file_that_is_not_the_one_announced_leaves_nothing(
    portal: APortal, tmp_path: Path, fault: str, changed: dict[str, Any], sentence: str
) -> None:
    portal.spoilt = {"note.pdf": [fault]}
    with pytest.raises(FileRefused, match=sentence):
        kept(portal, tmp_path, a_link(portal), **changed)
    assert left(tmp_path) == []


def test_a_link_whose_hour_is_over_is_asked_for_again(portal: APortal, tmp_path: Path) -> None:
    file = a_link(portal)
    portal.an_hour_passes()
    with pytest.raises(FileRefused, match="n’ouvre plus, même renouvelé"):
        kept(portal, tmp_path, file, renew=lambda: file.url)
    assert kept(portal, tmp_path, file, renew=lambda: a_link(portal).url) == b"le contenu"


def test_a_file_that_is_there_is_not_fetched_again(portal: APortal, tmp_path: Path) -> None:
    file = a_link(portal)
    kept(portal, tmp_path, file)
    [path] = left(tmp_path)
    kept(portal, tmp_path, file)
    assert portal.fetched == ["note.pdf"]
    path.write_bytes(b"le contenX")  # somebody altered it
    assert kept(portal, tmp_path, file) == b"le contenu"


@pytest.mark.parametrize(
    "url",
    ["http://exemple.test/f", "file:///etc/passwd", "ftp://exemple.test/f", "https://a\x00b.test/f", "javascript:1"],
)
def test_a_link_that_is_not_safe_is_not_followed(portal: APortal, tmp_path: Path, url: str) -> None:
    with pytest.raises(FileRefused, match="lien du fichier"):
        kept(portal, tmp_path, a_link(portal, url=url))
    assert left(tmp_path) == []


def test_a_file_without_a_fingerprint_is_refused(portal: APortal) -> None:
    for checksum in ("", "pas du base64", base64.b64encode(b"trop court").decode(), "../../x"):
        with pytest.raises(FileRefused, match="pas d’empreinte"):
            place_of("2021", "douai", 1, a_link(portal, checksum=checksum))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_stays_in_the_folder(portal: APortal, tmp_path: Path, name: str) -> None:
    content = name.encode("utf-8", "surrogatepass")
    kept(portal, tmp_path, a_link(portal, content, name))
    [path] = left(tmp_path)
    assert path.parent == tmp_path / "pieces" / "2021" / "douai"
    assert path.name.startswith(f"1-{hashlib.md5(content).hexdigest()[:12]}-")  # noqa: S324 - as the portal does


def test_hostile_codes_stay_in_the_folder(portal: APortal) -> None:
    assert place_of("../2021", "..", 1, a_link(portal)).startswith("pieces/2021/fichier/1-")


@QUICK_PROPERTY
@given(st.text(max_size=300))
def test_whatever_its_name_a_file_has_a_plain_one(name: str) -> None:
    plain = plain_name(name)
    assert 0 < len(plain) <= 80
    assert set(plain) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
    assert not plain.startswith((".", "-"))
    assert ".." not in plain
    assert plain_name(plain) == plain


@QUICK_PROPERTY
@given(st.text(max_size=3000))
def test_whatever_is_written_a_reason_is_one_line_that_the_intake_takes(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 2000
    assert line == line.strip()
    assert text_up_to(2000, one_line=False)(line) == line
