"""The only way out for the browser: a small forward proxy that opens checked connections alone.

Chromium is told to send everything through here, loopback included, and to resolve no name itself; so each
request of the page, each redirect, frame, script, image and web socket meets the same gate, and the bytes
are counted. A refused request gets no answer at all: an answer of ours could be mistaken for the site's.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from vigie.evidence.guard import Blocked, Guard, Target
from vigie.evidence.limits import Limits
from vigie.evidence.rules.reasons import Reason

HEAD_LIMIT_BYTES = 256_000
CHUNK_BYTES = 65_536

# What Chromium asks its maker on its own: it has no place in the record of a page, and tells a third
# party that we are here. Names and their subdomains.
BROWSER_OWN_HOSTS = (
    "update.googleapis.com",
    "accounts.google.com",
    "clients1.google.com",
    "clients2.google.com",
    "clients4.google.com",
    "clientservices.googleapis.com",
    "optimizationguide-pa.googleapis.com",
    "content-autofill.googleapis.com",
    "safebrowsing.googleapis.com",
    "safebrowsingohttpgateway.googleapis.com",
    "edgedl.me.gvt1.com",
    "redirector.gvt1.com",
    "mtalk.google.com",
    "android.clients.google.com",
)


class Proxy:
    """Serve one browser for one visit.

    `refused` tells, by `host:port`, what was not let through and why.
    """

    def __init__(self, guard: Guard, limits: Limits, *, on_full: Callable[[], None]) -> None:
        self.guard = guard
        self.limits = limits
        self.refused: dict[str, Reason] = {}
        self.bytes_received = 0
        self.local_addresses: set[str] = set()  # this machine's end of the connections: «from where»
        self.is_closed = False  # nothing passes any more
        self._on_full = on_full
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        # As many as Chromium opens at most to a proxy, and more: hosts that never answer hold nobody else back.
        self._connecting = ThreadPoolExecutor(max_workers=64)

    async def start(self) -> int:
        """Listen on a free port of loopback and return it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_LIMIT_BYTES)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Cut every connection."""
        self.is_closed = True
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._connecting.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine run by the server is a task
        self._tasks.add(task)
        # Whatever breaks a connection, of the browser or of the site, ends this connection and no more;
        # the browser reports the failed request, and that is where it is recorded.
        with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, ValueError, asyncio.CancelledError):
            await self._serve_one(reader, writer)
        writer.close()
        self._tasks.discard(task)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, *fields = head[:-4].decode("latin-1").split("\r\n")
        method, address, _version = line.split(" ", 2)
        try:
            target = self._target(method, address)
            upstream = await self._open(target)
        except Blocked as blocked:
            self.refused.setdefault(_key(method, address), blocked.reason)
            return
        with contextlib.closing(upstream[1]):
            if method == "CONNECT":
                await self._tunnel(reader, writer, *upstream)
            else:
                await self._exchange(reader, writer, *upstream, f"{method} {_origin_form(address)}", fields)

    def _target(self, method: str, address: str) -> Target:
        if self.is_closed:
            raise Blocked(Reason("size_limit", str(self.limits.max_bytes // 1_000_000)))
        if method == "CONNECT":
            host, _, port = address.rpartition(":")
            target = self.guard.host_target(host.strip("[]"), int(port))
        else:
            target = self.guard.target(address)
        if any(target.host == own or target.host.endswith(f".{own}") for own in BROWSER_OWN_HOSTS):
            raise Blocked(Reason("browser_own_call", target.host))
        return target

    async def _open(self, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connection = await asyncio.get_running_loop().run_in_executor(self._connecting, self.guard.connect, target)
        connection.setblocking(False)
        self.local_addresses.add(connection.getsockname()[0])
        return await asyncio.open_connection(sock=connection, limit=HEAD_LIMIT_BYTES)

    async def _tunnel(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_site: asyncio.StreamReader,
        to_site: asyncio.StreamWriter,
    ) -> None:
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        outgoing = asyncio.create_task(self._copy(reader, to_site, counted=False))
        try:
            await self._copy(from_site, writer, counted=True)
        finally:
            outgoing.cancel()
            await asyncio.gather(outgoing, return_exceptions=True)

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        from_site: asyncio.StreamReader,
        to_site: asyncio.StreamWriter,
        request: str,
        fields: list[str],
    ) -> None:
        """Carry exactly one request and its answer, then close.

        The trap: over a connection kept open, the browser would send its next request, for another site,
        to this one. So both sides are told `Connection: close`, and no more than the announced body goes out.
        """
        kept = [field for field in fields if not field.lower().startswith(("proxy-", "connection:", "keep-alive:"))]
        to_site.write("\r\n".join([f"{request} HTTP/1.1", *kept, "Connection: close", "", ""]).encode("latin-1"))
        length = next((int(f.split(":", 1)[1]) for f in fields if f.lower().startswith("content-length:")), 0)
        if length:
            to_site.write(await reader.readexactly(length))
        await to_site.drain()
        head = await from_site.readuntil(b"\r\n\r\n")
        while head.split(b" ", 2)[1].startswith(b"1"):  # «100 Continue» and its like come before the answer
            head = await from_site.readuntil(b"\r\n\r\n")
        self._count(len(head))
        lines = head[:-4].split(b"\r\n")
        answer = [line for line in lines if not line.lower().startswith((b"connection:", b"keep-alive:", b"proxy-"))]
        writer.write(b"\r\n".join([*answer, b"Connection: close", b"", b""]))
        await self._copy(from_site, writer, counted=True)

    async def _copy(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool) -> None:
        while chunk := await source.read(CHUNK_BYTES):
            if counted:
                self._count(len(chunk))
            if self.is_closed:
                return
            sink.write(chunk)
            await sink.drain()

    def _count(self, received: int) -> None:
        self.bytes_received += received
        if self.bytes_received > self.limits.max_bytes and not self.is_closed:
            self.is_closed = True
            self._on_full()


def _origin_form(address: str) -> str:
    path = address.partition("://")[2].partition("/")[2]
    return f"/{path}"


def _key(method: str, address: str) -> str:
    """Return «host:port» of a refused request, as the recorder looks it up: no brackets around IPv6."""
    authority = address if method == "CONNECT" else address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    if ":" not in authority.rpartition("]")[2]:
        authority += ":80"
    return authority.lower().replace("[", "").replace("]", "")
