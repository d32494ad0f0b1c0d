"""A desk of real processes with its own data, for tests that kill them."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

from tests.ports import free_port

REPOSITORY = Path(__file__).parents[2]


# Longer than anything takes, on a machine that does ten other things as well: it is waited for in vain only by a fault.
PATIENCE_SECONDS = 120


def wait_for(condition: Callable[[], Any], *, within: float = PATIENCE_SECONDS, what: str = "") -> Any:
    """Return the first true answer of `condition`; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {within} s: {what}")


def answers(address: str) -> bool:
    """Say whether the pages at this address are ready."""
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class House:
    """The environment of one desk, its processes, and a look into its database."""

    environment: dict[str, str]
    database: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "vigie", *arguments]
        process = subprocess.Popen(command, env=self.environment, cwd=REPOSITORY, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker and wait until it says that it is at work: it can then be asked to stop."""
        process = self.start("worker", stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline(), "the worker did not start"
        return process

    def web(self, port: int | None = None) -> tuple[subprocess.Popen[bytes], str]:
        """Start the pages and wait until they answer; return their process and their address."""
        port = port or free_port()
        process, address = self.start("web", "--port", str(port)), f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(address), what="the pages answer")
        return process, address

    def start_python(self, code: str, **options: Any) -> subprocess.Popen[bytes]:
        """Run Python inside the desk, and do not wait for its end."""
        program = f"import django; django.setup()\n{code}"
        process = subprocess.Popen(
            [sys.executable, "-c", program], env=self.environment, cwd=REPOSITORY, start_new_session=True, **options
        )
        self.processes.append(process)
        return process

    def run(self, code: str) -> str:
        """Run Python inside the desk and return what it prints."""
        program = f"import django; django.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", program], env=self.environment, cwd=REPOSITORY, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self.database.startswith("postgresql"):
            with psycopg.connect(self.database) as connection:
                return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]
        connection = sqlite3.connect(self.database, timeout=20)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def value(self, query: str) -> Any:
        rows = self.rows(query)
        return rows[0][0] if rows else None


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to stop, and return how it ended."""
    process.terminate()
    return process.wait(PATIENCE_SECONDS)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill -9 a process with all it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def a_house(folder: Path, *, migrated: bool = True, server: str | None = None, **settings: str) -> Iterator[House]:
    """Give a desk of its own; stop all of it at the end.

    Args:
        server: a PostgreSQL server, or "" for SQLite; None for the kind of database this run is about.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}
    environment |= {
        "VIGIE_DATA": str(folder), "PYTHONPATH": "src", "DJANGO_SETTINGS_MODULE": "vigie.site.settings",
        "VIGIE_LEASE_SECONDS": "1", "VIGIE_ENV_FILE": os.devnull, **settings,
    }  # fmt: skip
    server = os.environ.get("VIGIE_DATABASE_URL", "") if server is None else server
    template = migrated_once(server) if migrated else None
    database = str(folder / "vigie.sqlite3")
    name = f"vigie_house_{uuid.uuid4().hex[:12]}"
    if template:
        shutil.copytree(template.environment["VIGIE_DATA"], folder, dirs_exist_ok=True)
    if server:
        like = f" TEMPLATE {urlsplit(template.database).path.lstrip('/')}" if template else ""
        on_server(server, f"CREATE DATABASE {name}{like}")
        database = environment["VIGIE_DATABASE_URL"] = urlsplit(server)._replace(path=f"/{name}").geturl()
    house = House(environment, database)
    try:
        yield house
    finally:
        for process in house.processes:
            if process.poll() is None:
                kill(process)
        if server:
            on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


@cache
def migrated_once(server: str) -> House:
    """Return an empty desk of this version, to copy: migrating takes seconds."""
    with ExitStack() as kept:
        folder = kept.enter_context(tempfile.TemporaryDirectory(prefix="vigie-template-"))
        house = kept.enter_context(a_house(Path(folder), migrated=False, server=server))
        assert house.start("migrate").wait(PATIENCE_SECONDS) == 0
        atexit.register(kept.pop_all().close)
    return house


def on_server(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


class PausingSmtpServer(socketserver.ThreadingTCPServer):
    """A mail server that calls `at(stage)` before it answers: connect, MAIL, RCPT, DATA, text, accepted."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.at: Callable[[str], None] = lambda stage: None
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: PausingSmtpServer

    def handle(self) -> None:
        try:
            self.talk()
        except OSError:
            return  # the client was killed: that is what these tests do

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def talk(self) -> None:
        self.server.at("connect")
        self.say("220 essai")
        while line := self.rfile.readline():
            verb = line.split()[0].upper().decode() if line.split() else ""
            self.server.at(verb)
            if verb == "DATA":
                self.say("354 go on")
                text = []
                while (row := self.rfile.readline()) != b".\r\n":
                    if not row:
                        return  # the client went away before the end: the text does not count
                    text.append(row.decode())
                self.server.texts.append("".join(text))
                self.server.at("text")
                self.say("250 taken")
                self.server.at("accepted")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@contextmanager
def pausing_smtp_server() -> Iterator[PausingSmtpServer]:
    with PausingSmtpServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
