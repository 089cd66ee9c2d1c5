"""Do dashboards reach a browser of this machine, and nothing else reach anybody?"""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from deployments import serve
from deployments.cli import main
from deployments.dashboard_server import serving
from deployments.environment import PortTaken, a_free_port
from notifications.dashboard_page import policy, style
from tests.prefect_builders import a_small_campaign


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    folder = tmp_path / "tableaux"
    folder.mkdir()
    (folder / "2021.html").write_text("<!doctype html><title>2021</title>é", encoding="utf-8")
    shown = datetime(2021, 2, 19, 8, tzinfo=UTC).timestamp()
    os.utime(folder / "2021.html", (shown, shown))
    (folder / ".2021.html.7").write_text("a page being written", encoding="utf-8")
    (folder / "notes.txt").write_text("not a page", encoding="utf-8")
    (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
    (folder / "lien.html").symlink_to(tmp_path / "secret.html")
    with serving(folder, 0) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def answer(port: int, path: str, *, verb: str = "GET", host: str = "") -> tuple[HTTPResponse, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request(verb, path, headers={"Host": host or f"127.0.0.1:{port}"})
        given = connection.getresponse()
        return given, given.read().decode()


def test_a_page_comes_whole_with_headers_that_let_it_load_nothing_else(port: int) -> None:
    given, text = answer(port, "/2021.html")
    assert (given.status, text) == (200, "<!doctype html><title>2021</title>é")
    assert given.headers["Content-Type"] == "text/html; charset=utf-8"
    assert given.headers["Content-Security-Policy"] == f"{policy()}; frame-ancestors 'none'"
    assert (given.headers["X-Content-Type-Options"], given.headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert given.headers["Cache-Control"] == "no-store"
    assert "Python" not in given.headers["Server"]
    given, text = answer(port, "/2021.html", verb="HEAD")
    assert (given.status, text) == (200, "")


def test_the_root_names_the_campaigns_that_have_a_page(port: int) -> None:
    given, text = answer(port, "/")
    assert given.status == 200
    assert text.count("<li>") == 1  # neither the notes, nor the link, nor the page being written
    assert '<a href="/2021.html"><strong>Campagne 2021</strong> état du 19 février 2021 à 9 h 00</a>' in text
    assert f"<style>{style()}</style>" in text  # the one that the headers let it use


@pytest.mark.parametrize(
    "path",
    [
        "/2022.html", "/notes.txt", "/.2021.html.7", "/../secret.html", "/%2e%2e/secret.html", "/..%2fsecret.html",
        "//secret.html", "/tableaux/", "/2021.html/", "/2021.html?x=1", "/2021.HTML", "/2021.html%00", "/lien.html",
        "/\\..\\secret.html", "http://127.0.0.1/2021.html",
    ],
)  # fmt: skip
def test_any_other_address_is_unknown(port: int, path: str) -> None:
    given, text = answer(port, path)
    assert given.status == 404
    assert "secret" not in text


@pytest.mark.parametrize("host", ["evil.test", f"evil.test:{80}", "127.0.0.1.evil.test", " "])
def test_a_name_made_to_resolve_to_this_machine_reads_nothing(port: int, host: str) -> None:
    given, text = answer(port, "/2021.html", host=host)
    assert (given.status, "2021" in text) == (421, False)


def test_what_is_not_reading_is_refused(port: int) -> None:
    assert answer(port, "/2021.html", verb="POST")[0].status == 501
    assert answer(port, "/2021.html", verb="DELETE")[0].status == 501


def test_a_port_asked_for_and_taken_is_told_with_its_cure_and_the_usual_one_gives_way(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} of this machine .* `cites up --dashboard-port {port + 1}`"):
            serve.up(port=a_free_port(), dashboard_port=port, example=False, home=tmp_path)
        assert serve._port_of_pages(port - 1, None) not in (port - 1, port)


def test_the_command_writes_the_page_and_says_in_one_sentence_why_it_cannot(tmp_path: Path) -> None:
    from tasks.database import prepare

    prepare()
    a_small_campaign(tmp_path)

    def asked(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["dashboard", *arguments])
        return result.exit_code, result.output

    page = tmp_path / "2021.html"
    at = ("--at", "2021-03-05T10:00:00+01:00")
    assert asked("--campaign", "2021", "--to", str(page), *at) == (0, f"{page}\n")
    assert "Tableau de bord · Extension 2021" in page.read_text(encoding="utf-8")
    code, said = asked("--campaign", "2019", "--to", str(page), *at)
    assert (code, said.count("\n")) == (1, 1)
    assert "no campaign is called «2019»" in said
    code, said = asked("--campaign", "2021", "--to", str(tmp_path / "page.pdf"), *at)
    assert code == 2
    assert "give a name that ends with .html" in said
    code, said = asked("--campaign", "2021", "--to", str(page / "page.html"), *at)
    assert (code, said.count("\n")) == (1, 1)
