"""The one way from this room to the web: through the gate, within limits, under an honest name.

Nothing here retries: what could not be read is said (`SourceFault`), and the caller comes again later from the
cursor it kept. An answer of 429 carries how long to wait, in whichever of the usual headers the other side says it.

The user agent names the program and not the association: a site of hatred that is read every ten minutes should not
learn from its log who reads it.
"""

from __future__ import annotations

import contextlib
import json as json_library
import ssl
import time
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import can_ada
import httpcore
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

from vigie import __version__
from vigie.core.guard import Blocked, Guard
from vigie.core.guarded import GuardedBackend, OutOfTime
from vigie.watch.rules.faults import SourceFault, Why

USER_AGENT = f"Mozilla/5.0 (compatible; Vigie/{__version__})"
REDIRECTS = {301, 302, 303, 307, 308}
MAX_REDIRECTS = 4
MAX_BYTES = 8_000_000
MAX_LINE_BYTES = 1_000_000
SECONDS = 20.0
LONGEST_WAIT = timedelta(days=1)

Query = Mapping[str, str | int] | Sequence[tuple[str, str | int]]


@dataclass(frozen=True)
class Answer:
    """What a server said, read whole."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            SourceFault: it is none.
        """
        try:
            return json_library.loads(self.body)
        except (ValueError, RecursionError):
            raise SourceFault(Why.UNREADABLE) from None


class Web:
    """A client for one reading of one source."""

    def __init__(self, *, allowed_for_tests: frozenset[str] = frozenset(), max_bytes: int = MAX_BYTES) -> None:
        self._allowed = allowed_for_tests
        self._max_bytes = max_bytes

    def get(
        self,
        url: str,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        also: Collection[int] = (),
    ) -> Answer:
        """Return a good answer (2xx, or 304 when it was asked for by its mark).

        Args:
            also: answers whose body says more than their number, which the caller reads.

        Raises:
            SourceFault: anything else.
        """
        return self._ask("GET", _with(url, query), headers or {}, b"", also)

    def post(self, url: str, *, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Send a form; like `get` for the rest."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, {**kind, **(headers or {})}, urlencode(form).encode(), ())

    def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes, also: Collection[int]) -> Answer:
        guard, first = Guard(allowed_for_tests=self._allowed), _host(url)
        for _hop in range(MAX_REDIRECTS + 1):
            if _host(url) != first:  # a redirect to somebody else takes no key along
                headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            with _told(), self._stream(guard, method, url, headers, SECONDS, content) as response:
                answer = self._read(url, response)
            location = answer.headers.get("location")
            if answer.status in REDIRECTS and location and method == "GET":
                url = urljoin(url, location)
                continue
            if answer.status not in also:
                raise_for(answer.status, answer.headers)
            return answer
        raise SourceFault(Why.UNREADABLE)

    @contextlib.contextmanager
    def _stream(
        self, guard: Guard, method: str, url: str, headers: Mapping[str, str], seconds: float, content: bytes = b""
    ) -> Iterator[httpcore.Response]:
        guard.target(url)  # refused by its scheme, port or credentials before anything is opened
        address = str(can_ada.parse(url).href).partition("#")[0]
        sent = {
            "Host": str(can_ada.parse(url).host), "User-Agent": USER_AGENT, "Accept-Encoding": "gzip",
            "Connection": "close", **({"Content-Length": str(len(content))} if content else {}), **headers,
        }  # fmt: skip
        backend = GuardedBackend(guard, _soon(seconds))
        with (
            httpcore.ConnectionPool(network_backend=backend, ssl_context=ssl.create_default_context()) as pool,
            pool.stream(method, address, headers=list(sent.items()), content=content or None) as response,
        ):
            yield response

    def _read(self, url: str, response: httpcore.Response) -> Answer:
        body = bytearray()
        for chunk in response.iter_stream():
            body += chunk
            if len(body) > self._max_bytes:
                raise SourceFault(Why.UNREADABLE)
        headers = _headers(response)
        return Answer(url, response.status, headers, _unpacked(bytes(body), headers, self._max_bytes))

    @contextlib.contextmanager
    def lines(
        self, url: str, *, query: Query = (), headers: Mapping[str, str] | None = None, seconds: float
    ) -> Iterator[Iterator[str]]:
        """Give the lines of an endless answer, which ends by itself after so many seconds."""
        with _told(), self._stream(
            Guard(allowed_for_tests=self._allowed), "GET", _with(url, query), headers or {}, seconds + SECONDS / 4
        ) as response:  # fmt: skip
            raise_for(response.status, _headers(response))
            yield _lines(response)

    @contextlib.contextmanager
    def websocket(self, url: str, *, query: Query = ()) -> Iterator[ClientConnection]:
        """Give an open websocket, connected to the address that the gate has checked."""
        address = _with(url, query)
        scheme, _sign, rest = address.partition("://")
        if scheme not in {"ws", "wss"}:
            raise SourceFault(Why.FORBIDDEN, permanent=True)
        guard = Guard(allowed_for_tests=self._allowed)
        with _told():
            sock = guard.connect(guard.target(f"{'https' if scheme == 'wss' else 'http'}://{rest}"))
            try:
                connection = connect(
                    address, sock=sock, user_agent_header=USER_AGENT, max_size=MAX_LINE_BYTES, open_timeout=SECONDS,
                    close_timeout=1, ping_interval=None, proxy=None, compression=None,
                )  # fmt: skip
            except InvalidStatus as refused:
                raise_for(
                    refused.response.status_code, dict(refused.response.headers.raw_items()), body=refused.response.body
                )
                raise SourceFault(Why.UNREADABLE) from None
            except (InvalidHandshake, InvalidURI):
                raise SourceFault(Why.UNREADABLE) from None
            with connection:
                yield connection


def raise_for(status: int, headers: Mapping[str, str], *, body: bytes | bytearray | None = b"") -> None:
    """Let a good answer pass.

    Raises:
        SourceFault: which says whether waiting helps, and how long.
    """
    if 200 <= status < 300 or status == 304:
        return
    if status == 400 and b"CursorTooOld" in (body or b""):
        raise SourceFault(Why.TOO_OLD)
    if status in {401, 403}:
        raise SourceFault(Why.REFUSED, permanent=True)
    if status in {404, 410}:
        raise SourceFault(Why.NOT_FOUND, permanent=True)
    if status == 429:
        raise SourceFault(Why.BUSY, retry_after=retry_after(headers, datetime.now(UTC)))
    if status >= 500:
        raise SourceFault(Why.UNREACHABLE, retry_after=retry_after(headers, datetime.now(UTC)))
    raise SourceFault(Why.UNREADABLE)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the other side asks to be left alone; None when it does not say.

    `Retry-After` in seconds or as a date (RFC 9110); `X-RateLimit-Reset` as Mastodon writes it (a moment), as X does
    (seconds since 1970) and as Reddit does (seconds to wait).
    """
    known = {name.lower(): value.strip() for name, value in headers.items()}
    for name in ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"):
        wait = _wait(known.get(name, ""), now)
        if wait is not None:
            return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)
    return None


def _wait(said: str, now: datetime) -> timedelta | None:
    if not said:
        return None
    with contextlib.suppress(ValueError, OverflowError):
        number = float(said)
        if number > 1_000_000_000:
            return datetime.fromtimestamp(number, UTC) - now
        return timedelta(seconds=number)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with contextlib.suppress(ValueError, TypeError):
            moment = read(said)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return None


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong on the way in the words of this room."""
    try:
        yield
    except Blocked as blocked:
        is_down = blocked.reason.code in {"unknown_host", "unreachable"}
        raise SourceFault(Why.UNREACHABLE if is_down else Why.FORBIDDEN, permanent=not is_down) from None
    except (httpcore.TimeoutException, OutOfTime, httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise SourceFault(Why.UNREACHABLE) from None


def _lines(response: httpcore.Response) -> Iterator[str]:
    """Yield whole lines; a line without an end is no line, and one too long is refused."""
    rest = b""
    try:
        for chunk in response.iter_stream():
            *whole, rest = (rest + chunk).split(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                raise SourceFault(Why.UNREADABLE)
            yield from (line.rstrip(b"\r").decode("utf-8", "replace") for line in whole)
    except (httpcore.TimeoutException, OutOfTime, httpcore.NetworkError, httpcore.ProtocolError):
        return  # the end of the slice, or the line dropped: what was read counts, the cursor says where to go on


def _with(url: str, query: Query) -> str:
    pairs = list(query.items()) if isinstance(query, Mapping) else list(query)
    if not pairs:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(pairs)}"


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _unpacked(body: bytes, headers: Mapping[str, str], limit: int) -> bytes:
    if headers.get("content-encoding", "").strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return body
    try:
        unpacked = zlib.decompressobj(wbits=47).decompress(body, limit + 1)
    except zlib.error:
        raise SourceFault(Why.UNREADABLE) from None
    if len(unpacked) > limit:
        raise SourceFault(Why.UNREADABLE)
    return unpacked


def _soon(seconds: float) -> float:
    return time.monotonic() + seconds
