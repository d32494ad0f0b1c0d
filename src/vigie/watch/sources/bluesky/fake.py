"""A Jetstream on this machine, for tests and benchmarks: replays invented posts from any cursor, as the real one does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

FIRST_MICROSECONDS = 1_000_000_000_000_000
"""A cursor beyond that is a moment, below it a sequence number."""


def commit(seq: int, text: str, *, did: str = "did:plc:essai", operation: str = "create", **record: Any) -> str:
    """Return one frame in the shape of version 2."""
    event: dict[str, Any] = {
        "$type": "network.bsky.jetstream.subscribeEvents#commit", "seq": seq, "did": did,
        "time": "2026-11-26T08:00:00.000Z", "rev": "3k", "operation": operation, "collection": "app.bsky.feed.post",
        "rkey": f"3k{seq:011d}", "cid": "bafyessai",
    }  # fmt: skip
    if operation != "delete":
        event["record"] = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-26T08:00:00Z", "langs": ["fr"], **record}  # fmt: skip
    return json.dumps({"$type": "message", "payload": event}, ensure_ascii=False)


@dataclass
class FakeJetstream:
    """What it holds, by sequence number; what is added while somebody listens is sent at once."""

    frames: list[tuple[int, str]] = field(default_factory=list)
    oldest: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop_after: int | None = None
    connections: int = 0
    server: Server | None = None
    _news: threading.Condition = field(default_factory=threading.Condition)

    def add(self, *frames: tuple[int, str]) -> None:
        with self._news:
            self.frames += frames
            self._news.notify_all()

    @property
    def port(self) -> int:
        assert self.server is not None  # noqa: S101
        return int(self.server.socket.getsockname()[1])

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def greet(self, connection: ServerConnection, request: Request) -> Response | None:
        query = parse_qs(urlsplit(request.path).query)
        if self.status != 200:
            return Response(self.status, HTTPStatus(self.status).phrase, Headers(self.headers), b"")
        if "wantedCollections" in query:
            return connection.respond(HTTPStatus.BAD_REQUEST, "InvalidRequest")
        cursor = int(query.get("cursor", ["0"])[0])
        if self.oldest and cursor < self.oldest:
            return connection.respond(HTTPStatus.BAD_REQUEST, json.dumps({"error": "CursorTooOld"}))
        return None

    def talk(self, connection: ServerConnection) -> None:
        self.connections += 1
        request = connection.request
        assert request is not None  # noqa: S101
        cursor = int(parse_qs(urlsplit(request.path).query).get("cursor", ["0"])[0])
        place = 0
        if cursor < FIRST_MICROSECONDS:
            place = next((n for n, (seq, _frame) in enumerate(self.frames) if seq >= cursor), len(self.frames))
        sent = 0
        try:
            while True:
                with self._news:
                    if place >= len(self.frames):
                        self._news.wait(0.05)
                    ready: Sequence[tuple[int, str]] = self.frames[place : place + 500]
                for _seq, frame in ready:
                    connection.send(frame)
                    sent += 1
                    if self.drop_after is not None and sent >= self.drop_after:
                        connection.socket.close()
                        return
                place += len(ready)
                if not ready:
                    connection.ping()
        except (ConnectionClosed, OSError):
            return


@contextmanager
def jetstream(frames: Sequence[tuple[int, str]] = (), *, port: int = 0, **options: Any) -> Iterator[FakeJetstream]:
    """Run one until the end of the block."""
    fake = FakeJetstream(list(frames), **options)
    with serve(fake.talk, "127.0.0.1", port, process_request=fake.greet, compression=None) as server:
        fake.server = server
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield fake
