"""How are the dashboards shown to a browser of this machine?

A process of its own beside Prefect's server, on the loopback only: the pages of one folder by their exact names, with
headers that let them load nothing else. It lists, follows and runs nothing; any other address is unknown.
"""

import argparse
import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from deployments.environment import LOOPBACK
from models.rules.calendar import local
from notifications.dashboard_page import policy, style
from notifications.french import MAINLAND, short_date, time_of_day

PAGE = re.compile(r"/([A-Za-z0-9_-]{1,64})\.html")
HOSTS = (LOOPBACK, "localhost")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
INDEX = """<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tableaux de bord</title><style>{}</style></head>
<body><main><h1>Tableaux de bord</h1>{}</main></body>
</html>
"""


class Pages(BaseHTTPRequestHandler):
    """Answers with one page of the folder, the list of campaigns at the root, or nothing."""

    server_version, sys_version = "cites", ""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self._folder = folder
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def log_message(self, *said: object) -> None:
        """Who looks at which page is nobody's business."""

    def _answer(self, *, with_body: bool) -> None:
        status, body = self._found()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", f"{policy()}; frame-ancestors 'none'")
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _found(self) -> tuple[HTTPStatus, bytes]:
        # A page elsewhere whose name is made to resolve to this machine must not read these.
        if self.headers.get("Host", "").partition(":")[0] not in HOSTS:
            return HTTPStatus.MISDIRECTED_REQUEST, _sheet("<p>Adresse inconnue.</p>")
        if self.path == "/":
            return HTTPStatus.OK, index(self._folder)
        asked = PAGE.fullmatch(self.path)
        file = self._folder / f"{asked[1]}.html" if asked else None
        if file is None or file.is_symlink() or not file.is_file():
            return HTTPStatus.NOT_FOUND, _sheet("<p>Aucun tableau de bord à cette adresse.</p>")
        return HTTPStatus.OK, file.read_bytes()


def index(folder: Path) -> bytes:
    """The list of the campaigns that have a page."""
    pages = (file for file in folder.glob("*.html") if not file.is_symlink())
    names = sorted(file.stem for file in pages if PAGE.fullmatch(f"/{file.name}"))
    items = "".join(
        f'<li><a href="/{name}.html"><strong>Campagne {html.escape(name)}</strong> {_state_of(folder / name)}</a></li>'
        for name in names
    )
    return _sheet(f'<ul class="tiles">{items}</ul>' if items else "<p>Aucun tableau de bord n’est encore écrit.</p>")


def _state_of(page: Path) -> str:
    """« état du 19 février 2021 à 9 h 00 »: a page's own date is the instant that it shows."""
    at = local(datetime.fromtimestamp(page.with_suffix(".html").stat().st_mtime, UTC), MAINLAND)
    return f"état du {short_date(at.date())} à {time_of_day(at)}"


def _sheet(body: str) -> bytes:
    return INDEX.format(style(), body).encode()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a folder until the process is ended."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--folder", type=Path, required=True)
    given = asked.parse_args(arguments)
    with serving(given.folder, given.port) as server:
        server.serve_forever()


def serving(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of these pages, listening; the caller makes it serve, and closes it."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(Pages, folder))


if __name__ == "__main__":
    main()
