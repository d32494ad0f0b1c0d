"""Connections that go through the gate, for whatever speaks HTTP by httpcore; each read and write ends at a deadline."""

from __future__ import annotations

import ssl
import time
from typing import Any

import httpcore

from vigie.core.guard import Blocked, Guard
from vigie.core.reasons import Reason


class OutOfTime(Exception):
    """The deadline of the whole visit has passed."""


class GuardedBackend(httpcore.NetworkBackend):
    """Open connections through the gate only."""

    def __init__(self, guard: Guard, deadline: float) -> None:
        self._guard = guard
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        target = self._guard.host_target(host, port)
        last: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in self._guard.resolve(target, seconds=_left(self._deadline)):
            try:
                stream = self._sockets.connect_tcp(address, port, timeout=_left(self._deadline))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            self._guard.reached[target.written] = address
            return _TimedStream(stream, self._deadline)
        raise Blocked(Reason("unreachable", target.written)) from last


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline of the whole visit."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, timeout=_left(self._deadline))
        return _TimedStream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutOfTime
    return left
