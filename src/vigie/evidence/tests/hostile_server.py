"""A real server on this machine, on loopback, that behaves as badly as the open web can."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301"
    "0100c9fe92ef0000000049454e44ae426082"
)
Answer = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.stopping = threading.Event()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def page(self, path: str, html: str, *, status: int = 200, **headers: str) -> str:
        """Serve `html` at `path` and return its address."""
        return self.raw(path, html.encode(), status=status, content_type="text/html; charset=utf-8", **headers)

    def raw(self, path: str, body: bytes, *, status: int = 200, content_type: str = "image/png", **headers: str) -> str:
        def answer(handler: Handler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Type", content_type)
            handler.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        return self.answer(path, answer)

    def redirect(self, path: str, to: str, *, status: int = 302) -> str:
        return self.raw(path, b"", status=status, content_type="text/plain", Location=to)

    def answer(self, path: str, answer: Answer) -> str:
        self.pages[path] = answer
        return self.url(path)

    def endless(self, path: str) -> str:
        """A body that never ends."""

        def answer(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            while not self.stopping.is_set():
                handler.wfile.write(b"<p>encore</p>" * 5000)

        return self.answer(path, answer)

    def dripping(self, path: str, *, every: float = 0.2) -> str:
        """One byte now and then, headers included, for ever."""

        def answer(handler: Handler) -> None:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Slow: ")
            while not self.stopping.is_set():
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(every)

        return self.answer(path, answer)

    def bomb(self, path: str, *, megabytes: int = 200) -> str:
        """A small gzip answer that unpacks to `megabytes`."""
        packed = gzip.compress(b"<p>" + b" " * 1_000_000 * megabytes + b"</p>", 9)
        return self.raw(path, packed, content_type="text/html", Content_Encoding="gzip")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor that hangs up is the normal case here."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        answer = self.server.pages.get(self.path.partition("?")[0])
        self.close_connection = True
        if answer is None:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        answer(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


@contextmanager
def hostile_server() -> Iterator[Server]:
    """Run the server for the length of a test."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
