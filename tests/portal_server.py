"""What is Démarche numérique when a test needs one: a portal on this machine that holds queries to its schema?

Unknown fields and wrong types are refused by graphql-core; the token is asked for; pages follow cursors; a link to a
file opens for one hour, that is until `an_hour_passes`. `next_answers` and `spoilt` make it fail as the real one does.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLScalarType, build_schema, graphql_sync

SCHEMA = (Path(__file__).parent / "portal_schema.graphql").read_text(encoding="utf-8")
TOKEN = "unjetondessai=="  # noqa: S105 - opens nothing but this portal
DEMARCHE = 108223
PARIS = "+01:00"


def an_instant(text: str) -> str:
    """`2021-02-18 10:00` on the portal's clock."""
    return f"{text.replace(' ', 'T')}:00{PARIS}"


# Dossiers


def a_file(
    name: str = "note.pdf", content: bytes = b"%PDF-1.7 une note", at: str = "2021-02-10 09:00", **said: Any
) -> dict[str, Any]:
    return {
        "filename": name, "content": content, "contentType": "application/pdf", "createdAt": an_instant(at),
        "byteSize": len(content), "byteSizeBigInt": str(len(content)), "virusScanResult": "safe",
        "checksum": base64.b64encode(hashlib.md5(content).digest()).decode(), **said,  # noqa: S324 - as the portal does
    }  # fmt: skip


def a_champ(kind: str, label: str, text: str = "", at: str = "2021-02-10 09:00", **said: Any) -> dict[str, Any]:
    id = base64.b64encode(f"Champ-{label}".encode()).decode()
    return {
        "__typename": kind, "id": id, "champDescriptorId": id, "label": label, "stringValue": text,
        "updatedAt": an_instant(at), "value": text, **said,
    }  # fmt: skip


def text(label: str, value: str, **said: Any) -> dict[str, Any]:
    return a_champ("TextChamp", label, value, **said)


def files(label: str, *given: dict[str, Any], **said: Any) -> dict[str, Any]:
    return a_champ(
        "PieceJustificativeChamp", label, ", ".join(each["filename"] for each in given), files=list(given), **said
    )


def yes_no(label: str, value: bool, **said: Any) -> dict[str, Any]:
    return a_champ("YesNoChamp", label, "Oui" if value else "Non", **said) | {"value": value}


def a_message(body: str, at: str, *, correction: bool = True, resolved: str = "") -> dict[str, Any]:
    return {
        "id": f"M{at}", "body": body, "createdAt": an_instant(at), "discardedAt": None,
        "email": "agent@prefecture.test",
        "correction": {"reason": "incomplete", "dateResolution": an_instant(resolved) if resolved else None}
        if correction else None,
    }  # fmt: skip


def a_dossier(
    number: int, *champs: dict[str, Any], state: str = "en_instruction", deposited: str = "2021-02-10 10:00",
    modified: str = "2021-02-10 10:00", annotations: Sequence[dict[str, Any]] = (), **said: Any,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": f"D{number}", "number": number, "state": state, "archived": False, "dateDepot": an_instant(deposited),
        "dateDerniereModification": an_instant(modified), "dateDerniereCorrectionEnAttente": None,
        "dateTraitement": None, "motivation": None, "messages": [], "champs": list(champs),
        "annotations": list(annotations), "demarche": {"number": DEMARCHE, "id": "P", "title": "Candidature"},
        "usager": {"id": "U", "email": "usager@collectivite.test"}, **said,
    }  # fmt: skip


def a_descriptor(kind: str, label: str, **said: Any) -> dict[str, Any]:
    id = base64.b64encode(f"Champ-{label}".encode()).decode()
    return {"__typename": f"{kind}ChampDescriptor", "id": id, "label": label, "required": True, **said}


# The server


@dataclass
class APortal:
    """A portal: what it holds, how it misbehaves, and what it was asked."""

    dossiers: dict[int, dict[str, Any]] = field(default_factory=dict)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    next_answers: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)  # before any true answer
    spoilt: dict[str, list[str]] = field(default_factory=dict)  # by file name, how its next links misbehave
    asked: list[dict[str, Any]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    tokens_at_the_store: list[str] = field(default_factory=list)
    before: Callable[[dict[str, Any]], None] = lambda _: None  # called with each question before it is answered
    hour: int = 0
    address: str = ""

    @property
    def url(self) -> str:
        return f"{self.address}/api/v2/graphql"

    def put(self, *dossiers: dict[str, Any]) -> None:
        self.dossiers |= {each["number"]: each for each in dossiers}

    def delete(self, number: int, at: str, reason: str = "user_request", *, pending: bool = False) -> None:
        gone = self.dossiers.pop(number)
        (self.pending if pending else self.deleted).append(
            {"id": f"S{number}", "number": number, "state": gone["state"], "reason": reason,
             "dateSupression": an_instant(at)}
        )  # fmt: skip

    def an_hour_passes(self) -> None:
        self.hour += 1

    def questions(self, name: str) -> list[dict[str, Any]]:
        """The variables of each question of this name, in order."""
        return [each["variables"] for each in self.asked if f"query {name}(" in each["query"]]

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        root = {"demarche": self._demarche, "dossier": self._dossier}
        done = graphql_sync(_schema, question["query"], root, variable_values=question.get("variables"))
        errors = [{"message": each.message, "extensions": each.extensions or {}} for each in done.errors or ()]
        return {"data": done.data, **({"errors": errors} if errors else {})}

    def _demarche(self, _: Any, number: int) -> dict[str, Any]:
        if number != DEMARCHE:
            raise GraphQLError("Demarche not found", extensions={"code": "not_found"})
        return {
            "id": "P", "number": number, "title": "Candidature aux cités éducatives", "state": "publiee",
            "activeRevision": {"id": "R", "champDescriptors": self.fields, "annotationDescriptors": self.annotations},
            "dossiers": self._dossiers, "deletedDossiers": self._of(self.deleted),
            "pendingDeletedDossiers": self._of(self.pending),
        }  # fmt: skip

    def _dossiers(
        self, _: Any, *, first: int = 100, after: str = "", updatedSince: datetime | None = None, **__: Any
    ) -> dict[str, Any]:
        order = "dateDerniereModification" if updatedSince else "dateDepot"
        found = sorted(self.dossiers.values(), key=lambda each: (each[order], each["number"]))
        since = [
            each for each in found if updatedSince is None or _read(each["dateDerniereModification"]) >= updatedSince
        ]
        return _page([self._with_links(each) for each in since], first, after)

    def _dossier(self, _: Any, number: int) -> dict[str, Any]:
        if number not in self.dossiers:
            raise GraphQLError("Dossier not found", extensions={"code": "not_found"})
        return self._with_links(self.dossiers[number])

    @staticmethod
    def _of(nodes: list[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def page(
            _: Any, *, first: int = 100, after: str = "", deletedSince: datetime | None = None, **__: Any
        ) -> dict[str, Any]:
            since = [each for each in nodes if deletedSince is None or _read(each["dateSupression"]) >= deletedSince]
            return _page(since, first, after)

        return page

    def _with_links(self, said: Any) -> Any:
        if isinstance(said, list):
            return [self._with_links(each) for each in said]
        if not isinstance(said, dict):
            return said
        if "content" in said:
            key = hashlib.sha256(said["filename"].encode("utf-8", "surrogatepass") + said["content"]).hexdigest()
            _contents[key] = (said["filename"], said["content"])
            return {**said, "url": said.get("url") or f"{self.address}/files/{key}?hour={self.hour}"}
        return {name: self._with_links(value) for name, value in said.items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up, as tests want some to do, is no news."""


_contents: dict[str, tuple[str, bytes]] = {}


def _page(nodes: list[dict[str, Any]], first: int, after: str) -> dict[str, Any]:
    start = 0
    if after:
        numbers = [f"c{each['number']}" for each in nodes]
        if after not in numbers:
            raise GraphQLError("Invalid cursor", extensions={"code": "bad_cursor"})
        start = numbers.index(after) + 1
    kept = nodes[start : start + first]
    return {
        "nodes": kept,
        "pageInfo": {
            "hasNextPage": start + first < len(nodes), "hasPreviousPage": start > 0, "startCursor": None,
            "endCursor": f"c{kept[-1]['number']}" if kept else None,
        },
    }  # fmt: skip


def _read(said: str) -> datetime:
    if not isinstance(said, str):
        raise GraphQLError("not an instant")
    return datetime.fromisoformat(said)


def _schema_of(document: str) -> Any:
    schema = build_schema(document)
    for name, parse in (("ISO8601DateTime", _read), ("BigInt", str), ("URL", str)):
        scalar = schema.type_map[name]
        assert isinstance(scalar, GraphQLScalarType)
        scalar.parse_value = parse  # type: ignore[method-assign]
    return schema


_schema = _schema_of(SCHEMA)


@contextmanager
def a_portal() -> Iterator[APortal]:
    """A portal that listens on a free port of this machine for as long as the block runs."""
    portal = APortal()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.reply(403, {}, {"errors": [{"message": "Without a token, nothing"}]})
            portal.asked.append(question)
            portal.before(question)
            if portal.next_answers:
                return self.reply(*portal.next_answers.pop(0))
            return self.reply(200, {}, portal.answer(question))

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            name, content = _contents[path.rsplit("/", 1)[-1]]
            portal.fetched.append(name)
            if token := self.headers.get("Authorization"):
                portal.tokens_at_the_store.append(token)
            how = portal.spoilt.get(name, [])
            fault = how.pop(0) if how else ""
            if query == f"hour={portal.hour}" and not fault:
                return self.give(content)
            match fault:
                case "cut":
                    self.give(content[: len(content) // 2], length=len(content))
                case "other":
                    self.give(bytes(reversed(content)))
                case "longer":
                    self.give(content + b"!")
                case "500":
                    self.reply(500, {}, "")
                case "slow":
                    time.sleep(0.3)
                    self.give(content)
                case "redirect":
                    self.reply(302, {"Location": f"{portal.address}{self.path}"}, "")
                case _:
                    self.reply(403, {}, "")

        def give(self, content: bytes, length: int | None = None) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content) if length is None else length))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True

        def reply(self, status: int, headers: dict[str, str], said: Any) -> None:
            body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    portal.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
