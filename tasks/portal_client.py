"""How is Démarche numérique asked, and how are its files fetched?

The only door to the portal. What is only the weather (a network that fails, 429, 5xx, an answer that ran out of time)
is tried again, within bounds that the policy gives; what would fail for ever is refused in one sentence. The token goes
to the portal alone, never along a redirect nor to the store of files, and neither it nor a file's link is ever told.
"""

import base64
import binascii
import hashlib
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import httpx
import orjson

from models.rules.portal import PortalPolicy
from models.rules.portal_submission import one_line

LOOPBACK = ("127.0.0.1", "::1", "localhost")
EXPIRED = (401, 403, 404, 410)
PASSING_WORDS = ("timeout", "internal_server_error", "internal server error", "service_unavailable")
MOST_REDIRECTS = 3
CHUNK = 2**16


class PortalRefused(Exception):
    """The portal cannot be read: says why in one sentence, and the cure."""


class PortalKnowsNot(PortalRefused):
    """The portal has no such démarche or dossier."""


class PortalSlow(PortalRefused):
    """The portal ran out of time: less may be asked of it at once."""


class LinkExpired(Exception):
    """A file's link no longer opens: another one must be asked for."""


class FileRefused(Exception):
    """A file cannot be had; says why in French, without its name."""


class Portal(AbstractContextManager["Portal"]):
    """A conversation with the portal at `url`, under `token`; `sleep` waits that many seconds."""

    def __init__(
        self, url: str, token: str, policy: PortalPolicy, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._url, self.policy, self._sleep = httpx.URL(_checked(url, token)), policy, sleep
        for name in ("httpx", "httpcore"):  # at INFO they tell every address, and a file's link is a key
            logging.getLogger(name).setLevel(logging.WARNING)
        patience, context = httpx.Timeout(policy.patience), _certificates()
        self._api = httpx.Client(timeout=patience, verify=context, headers={"Authorization": f"Bearer {token}"})
        self._store = httpx.Client(timeout=patience, verify=context)  # has no token to give away

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._api.close()
        self._store.close()

    def ask(self, question: str, **variables: Any) -> dict[str, Any]:
        """The data that answer a question. Raises `PortalRefused`."""
        for attempt in range(1, self.policy.attempts + 1):
            try:
                return self._asked(question, variables)
            except _Passing as passing:
                if attempt == self.policy.attempts:
                    told = f"the portal does not answer ({passing}), after {attempt} attempts: try again later"
                    raise (PortalSlow if passing.slow else PortalRefused)(told) from None
                self._wait(attempt, passing.wanted)
        raise AssertionError("a policy allows at least one attempt")

    def pages(
        self, question: str, under: str, *, after: str = "", **variables: Any
    ) -> Iterator[tuple[list[Mapping[str, Any]], str]]:
        """The pages of a connection of a démarche: their nodes, and the cursor after them, empty after the last one."""
        first, cursor = self.policy.page, after or None
        while True:
            try:
                data = self.ask(question, first=first, after=cursor, **variables)
            except PortalSlow:
                if first == 1:
                    raise
                first //= 2
                continue
            connection = (data.get("demarche") or {}).get(under) or {}
            info, nodes = connection.get("pageInfo") or {}, connection.get("nodes")
            if nodes is None or "hasNextPage" not in info:
                raise PortalRefused("the portal answers without a page: its API may have changed")
            following = info.get("endCursor") if info["hasNextPage"] else ""
            if info["hasNextPage"] and (not following or following == cursor):
                raise PortalRefused("the portal gives twice the same page: try again later")
            yield [node for node in nodes if node], str(following or "")
            if not following:
                return
            cursor = following

    def fetch(self, url: str, *, size: int, checksum: str, into: Path) -> None:
        """Write a file of the portal to `into`, of this size and MD5 (base64).

        Raises `LinkExpired`, `FileRefused`; what was begun is left for the caller to remove.
        """
        for attempt in range(1, self.policy.attempts + 1):
            try:
                return self._fetched(url, size, checksum, into)
            except _Passing as passing:
                if attempt == self.policy.attempts:
                    raise FileRefused(f"le fichier ne se télécharge pas ({attempt} essais)") from None
                self._wait(attempt, passing.wanted)

    def _asked(self, question: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            with self._api.stream("POST", self._url, json={"query": question, "variables": variables}) as answer:
                if passing := _passing(answer):
                    raise passing
                if answer.status_code in (401, 403):
                    raise PortalRefused("the portal refuses the token: check CITES_PORTAL_TOKEN and what it may read")
                if answer.status_code != 200:
                    raise PortalRefused(f"the portal answers {answer.status_code}: check CITES_PORTAL_URL")
                read = self._bounded(answer)
        except httpx.TimeoutException as error:
            raise _Passing(type(error).__name__, slow=True) from None
        except httpx.HTTPError as error:
            raise _Passing(type(error).__name__) from None
        try:
            said = orjson.loads(read)
            faults, data = said.get("errors") or [], said.get("data")
            told = [(str(each.get("message", "")), str((each.get("extensions") or {}).get("code", "")))
                    for each in faults]  # fmt: skip
        except (orjson.JSONDecodeError, AttributeError):
            raise PortalRefused("the portal does not answer in JSON: check CITES_PORTAL_URL") from None
        if told:
            raise _of_errors(told)
        if not isinstance(data, dict):
            raise PortalRefused("the portal answers without data: its API may have changed")
        return data

    def _bounded(self, answer: httpx.Response) -> bytes:
        read = bytearray()
        for chunk in answer.iter_bytes(CHUNK):
            read += chunk
            if len(read) > self.policy.most_answer:
                raise PortalSlow("the portal answers at too great length: fewer dossiers must be asked for at once")
        return bytes(read)

    def _fetched(self, url: str, size: int, checksum: str, into: Path) -> None:
        try:
            with self._opened(url) as answer:
                if passing := _passing(answer):
                    raise passing
                if answer.status_code in EXPIRED:
                    raise LinkExpired
                if answer.status_code != 200:
                    raise FileRefused(f"le portail répond {answer.status_code} au lieu du fichier")
                self._write(answer, size, checksum, into)
        except httpx.HTTPError as error:
            raise _Passing(type(error).__name__) from None

    def _opened(self, url: str) -> "AbstractContextManager[httpx.Response]":
        """The answer at a link, followed through a few redirects that stay as safe as the portal itself."""
        for _ in range(MOST_REDIRECTS):
            request = self._store.build_request("GET", self._safe(url))
            answer = self._store.send(request, stream=True)
            if answer.next_request is None:
                return _closing(answer)
            answer.close()
            url = str(answer.next_request.url)
        raise FileRefused("le lien du fichier renvoie sans fin")

    def _safe(self, url: str) -> httpx.URL:
        try:
            found = self._url.join(url)
        except (httpx.InvalidURL, ValueError):
            raise FileRefused("le lien du fichier est illisible") from None
        plain = found.scheme == "http" and self._url.scheme == "http" and found.host in LOOPBACK
        if not found.host or (found.scheme != "https" and not plain):
            raise FileRefused("le lien du fichier n’est pas sûr (https)")
        return found

    def _write(self, answer: httpx.Response, size: int, checksum: str, into: Path) -> None:
        digest, written = hashlib.md5(usedforsecurity=False), 0
        ends = time.monotonic() + self.policy.longest_download
        with into.open("wb") as file:
            for chunk in answer.iter_bytes(CHUNK):
                written += len(chunk)
                if written > size or time.monotonic() > ends:
                    break
                digest.update(chunk)
                file.write(chunk)
        if written < size:
            raise _Passing("cut short")
        if written > size or base64.b64encode(digest.digest()).decode() != checksum:
            raise FileRefused("le fichier reçu n’est pas celui que le portail annonce (taille ou empreinte)")

    def _wait(self, attempt: int, wanted: float | None) -> None:
        if wanted is not None and wanted > self.policy.longest_pause:
            raise PortalRefused(f"the portal asks to wait {wanted:.0f} seconds: the next pass goes on from here")
        self._sleep(self.policy.pause(attempt) if wanted is None else wanted)


class _Passing(Exception):
    """What another attempt may mend; `wanted`: the seconds that the portal asks to wait."""

    def __init__(self, told: str, *, wanted: float | None = None, slow: bool = False) -> None:
        super().__init__(told)
        self.wanted, self.slow = wanted, slow


class _closing(AbstractContextManager[httpx.Response]):
    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    def __enter__(self) -> httpx.Response:
        return self._answer

    def __exit__(self, *_: object) -> None:
        self._answer.close()


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # reading them takes longer than a question


def md5_of(checksum: str) -> str | None:
    """The hexadecimal of an MD5 in base64, or None if it is not one."""
    try:
        digest = base64.b64decode(checksum, validate=True)
    except (binascii.Error, ValueError):
        return None
    return digest.hex() if len(digest) == 16 else None


def _checked(url: str, token: str) -> str:
    try:
        read = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        read = httpx.URL("")
    if not read.host or (read.scheme != "https" and read.host not in LOOPBACK):
        raise PortalRefused("CITES_PORTAL_URL is not an https address: write the one of the API, with its path")
    if not token:
        raise PortalRefused("no token is set: put in CITES_PORTAL_TOKEN the one that the portal showed you")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise PortalRefused("CITES_PORTAL_TOKEN holds a character that no token has: copy it again")
    return url


def _passing(answer: httpx.Response) -> _Passing | None:
    if answer.status_code == 429 or answer.status_code >= 500:
        return _Passing(
            f"status {answer.status_code}", wanted=_retry_after(answer.headers), slow=answer.status_code == 504
        )
    return None


def _retry_after(headers: httpx.Headers) -> float | None:
    """The seconds of a Retry-After header, whether it counts them or names an instant."""
    said = headers.get("Retry-After", "").strip()
    if said.isdecimal():
        return float(said[:9])
    try:
        gap = parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(gap.total_seconds(), 0.0)


def _of_errors(told: list[tuple[str, str]]) -> Exception:
    """What errors in an answer of status 200 mean: the weather, or a refusal that names the first one."""
    words = [f"{message} {code}".casefold() for message, code in told]
    if all(any(word in each for word in PASSING_WORDS) for each in words):
        return _Passing("its own error", slow=any("timeout" in each for each in words))
    message, code = told[0]
    if code in ("unauthorized", "forbidden"):
        return PortalRefused("the portal does not let this token read that: check the démarche's number and the token")
    if code == "not_found":
        return PortalKnowsNot("the portal knows no such démarche or dossier: check its number")
    return PortalRefused(f"the portal refuses the question: {one_line(message, 200)}")
