"""Fetch one address through the gate, following redirects by hand: no browser, no script, no cookie.

httpcore (what httpx stands on) with a network backend of our own: every connection is opened to an address
that the gate has checked, and every read and write ends at the visit's deadline, so that neither a redirect,
nor a changing DNS answer, nor a server that drips one byte a second gets anywhere.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin

import can_ada
import httpcore

from vigie import __version__
from vigie.core.guarded import GuardedBackend, OutOfTime
from vigie.evidence.captures.page import utc_now
from vigie.evidence.captures.warc import Exchange
from vigie.evidence.guard import Blocked, Guard
from vigie.evidence.limits import Limits
from vigie.evidence.rules.reasons import Reason

USER_AGENT = f"Mozilla/5.0 (compatible; Vigie/{__version__})"
REDIRECTS = {301, 302, 303, 307, 308}


@dataclass
class Fetched:
    """What came back: every exchange on the way, and why it stopped if it did not end well."""

    asked: str
    final: str
    exchanges: list[Exchange] = field(default_factory=list)
    failure: Reason | None = None  # nothing usable came from `final`
    cut: Reason | None = None  # something came, but not all

    @property
    def last(self) -> Exchange | None:
        """The answer of the final address, when there is one."""
        return self.exchanges[-1] if self.exchanges and self.failure is None else None


def fetch(url: str, *, guard: Guard, limits: Limits, max_bytes: int | None = None) -> Fetched:
    """Return what `url` answers, after at most `limits.max_redirects` redirects.

    Never raises for what the other side does or for a refused address: `failure` says it.
    """
    deadline = time.monotonic() + limits.seconds
    room = limits.max_bytes if max_bytes is None else max_bytes
    result = Fetched(asked=url, final=url)
    backend = GuardedBackend(guard, deadline)
    with httpcore.ConnectionPool(network_backend=backend, ssl_context=ssl.create_default_context()) as pool:
        try:
            _follow(result, pool, guard, limits, room)
        except Blocked as blocked:
            result.failure = blocked.reason
        except (httpcore.TimeoutException, OutOfTime):
            result.failure = Reason("time_limit", str(limits.seconds))
        except httpcore.ConnectError as error:
            result.failure = _connection_reason(error)
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            result.failure = Reason("broken_answer", str(error)[:200] or type(error).__name__)
    return result


def _follow(result: Fetched, pool: httpcore.ConnectionPool, guard: Guard, limits: Limits, room: int) -> None:
    for _hop in range(limits.max_redirects + 1):
        target = guard.target(result.final)
        exchange, cut = _ask(pool, result.final, room, limits.seconds)
        key = target.written
        exchange = Exchange(**{**vars(exchange), "ip": guard.reached.get(key, "")})
        result.exchanges.append(exchange)
        result.cut = result.cut or cut
        location = _header(exchange.headers, "location")
        if exchange.status not in REDIRECTS or not location:
            return
        try:
            result.final = str(can_ada.parse(urljoin(result.final, location)).href)
        except ValueError:
            raise Blocked(Reason("not_an_address", location[:200])) from None
    raise Blocked(Reason("too_many_redirects", str(limits.max_redirects)))


def _ask(pool: httpcore.ConnectionPool, url: str, room: int, seconds: int) -> tuple[Exchange, Reason | None]:
    address = str(can_ada.parse(url.strip()).href).partition("#")[0]
    headers = [
        ("Host", _host(address)),
        ("User-Agent", USER_AGENT),
        ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"),
        ("Accept-Language", "fr-FR,fr;q=0.9,en;q=0.5"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]
    at = utc_now()
    cut: Reason | None = None
    truncated = ""
    body = bytearray()
    with pool.stream("GET", address, headers=headers) as response:
        try:
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > room:
                    del body[room:]
                    cut, truncated = Reason("size_limit", str(room // 1_000_000)), "length"
                    break
        except (httpcore.TimeoutException, OutOfTime):
            cut, truncated = Reason("time_limit", str(seconds)), "time"
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            cut, truncated = Reason("broken_answer", str(error)[:200]), "disconnect"
        exchange = Exchange(
            url=address,
            method="GET",
            request_headers=headers,
            request_body=b"",
            status=response.status,
            status_text=bytes(response.extensions.get("reason_phrase", b"")).decode("latin-1"),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers],
            body=bytes(body),
            at=at,
            truncated=truncated,
        )
    return exchange, cut


def content_type(exchange: Exchange) -> str:
    """Return the media type the server gave, such as `text/html`; "" when it gave none."""
    return _header(exchange.headers, "content-type").partition(";")[0].strip().lower()


def unpacked(exchange: Exchange, *, limit: int) -> bytes:
    """Return the body without its gzip or deflate packing, never more than `limit` bytes of it."""
    encoding = _header(exchange.headers, "content-encoding").strip().lower()
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        return exchange.body[:limit]
    try:
        return zlib.decompressobj(wbits=47).decompress(exchange.body, limit)
    except zlib.error:
        return exchange.body[:limit]


def _header(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _host(address: str) -> str:
    return str(can_ada.parse(address).host)


def _connection_reason(error: httpcore.ConnectError) -> Reason:
    cause = error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Reason("bad_certificate", cause.verify_message)
    return Reason("broken_answer", str(error)[:200])
