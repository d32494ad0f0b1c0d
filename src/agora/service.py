"""Agora as one running thing: web, mail, moderator and postman, started and stopped together."""

from __future__ import annotations

import fcntl
import logging
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from agora import mail, moderation
from agora.moderation import Pace
from agora.store import Store

_log = logging.getLogger(__name__)

_TICK_SECONDS = 0.1
_PAUSE_AFTER_FAILURE_SECONDS = 1.0


class CannotStart(Exception):
    """Agora cannot start; the message is one sentence for the person who started it."""


@dataclass(frozen=True)
class Options:
    """How to run; the ports may be 0, for any free one."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8081
    smtp_port: int = 2525
    public_url: str = ""
    receipt_after_seconds: float = 2.0
    decision_after_seconds: float = 8.0
    manual: bool = False
    relay: tuple[str, int] | None = None


class Agora:
    """Everything is bound and opened in the constructor: what can fail, fails before `start`."""

    def __init__(self, options: Options) -> None:
        from agora.web import Site, WebServer  # here, since its pages name this class in their types

        self.options = options
        with ExitStack() as opening:
            opening.enter_context(_lock_folder(options.data))
            self.store = opening.enter_context(closing(_open_store(options.data)))
            web_socket = opening.enter_context(_listen(options.host, options.port, what="web"))
            smtp_socket = opening.enter_context(_listen(options.host, options.smtp_port, what="SMTP"))
            self._opened = opening.pop_all()
        self.port: int = web_socket.getsockname()[1]
        self.smtp_port: int = smtp_socket.getsockname()[1]
        self.url = (options.public_url or f"http://{_reachable(options.host)}:{self.port}").rstrip("/")
        self.pace = Pace(options.receipt_after_seconds, options.decision_after_seconds, not options.manual)
        self.mail_folder = options.data / "mail"
        self._relay = options.relay or (_reachable(options.host), self.smtp_port)
        self.mail_server = mail.MailServer(smtp_socket, accept=self._accept)
        self._web_server = WebServer(web_socket, Site(self))
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._web_server.serve, name="agora-web", daemon=True),
            threading.Thread(target=self._repeat, args=(self._moderate,), name="agora-moderator", daemon=True),
            threading.Thread(target=self._repeat, args=(self._send_letters,), name="agora-postman", daemon=True),
        ]

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which an address is one of Agora's."""
        own = self.url.partition("://")[2].partition("/")[0]
        local = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", self.options.host)}
        return frozenset({own, mail.DOMAIN, f"www.{mail.DOMAIN}", *local})

    def start(self) -> None:
        self.mail_server.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop within about a second; what was not done yet is in the database for the next start."""
        self._stopping.set()
        self._web_server.stop()
        self.mail_server.stop()
        for thread in self._threads:
            thread.join(timeout=1)
        self._opened.close()

    def let_bot_decide(self, bot_decides: bool) -> None:
        """Switch the automatic moderator on or off until the next start."""
        self.pace = replace(self.pace, bot_decides=bot_decides)

    def _accept(self, sender: str, recipients: list[str], content: bytes) -> None:
        """Store a received message everywhere it must go; raises when any of it could not be."""
        for recipient in recipients:
            if recipient.lower().endswith(f"@{mail.DOMAIN}"):
                continue
            mail.deliver(self.mail_folder, sender=sender, recipient=recipient, content=content)
        if any(recipient.lower().endswith(f"@{mail.DOMAIN}") for recipient in recipients):
            new, thread = mail.read_notice(content, envelope_sender=sender, hosts=self.hosts)
            moderation.receive(self.store, new, thread=thread, pace=self.pace, now=_now())

    def _moderate(self) -> None:
        moderation.confirm_due_receipts(self.store, now=_now())
        if self.pace.bot_decides:
            moderation.decide_due_notices(self.store, now=_now())

    def _send_letters(self) -> None:
        mail.send_due_letters(self.store, relay=self._relay, now=_now)

    def _repeat(self, step: Callable[[], None]) -> None:
        """Repeat a step until Agora stops; a full disk or a locked database is waited out."""
        while not self._stopping.is_set():
            pause = _TICK_SECONDS
            try:
                step()
            except (OSError, sqlite3.Error):
                _log.exception("a step failed and will be tried again")
                pause = _PAUSE_AFTER_FAILURE_SECONDS
            self._stopping.wait(pause)


def _now() -> datetime:
    return datetime.now(UTC)


def _reachable(host: str) -> str:
    """Return where a program on this machine reaches a server that listens on `host`."""
    return "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104 — compared, not bound


def _listen(host: str, port: int, *, what: str) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=128)
    except OSError as failure:
        raise CannotStart(
            f"cannot listen for {what} on {host}:{port} ({failure.strerror or failure}); choose another port"
        ) from failure


def _lock_folder(data: Path) -> IO[bytes]:
    """Take the folder for this process alone: two Agoras on one folder would answer twice."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "agora.lock").open("wb")
    except OSError as failure:
        raise CannotStart(
            f"cannot write in {data} ({failure.strerror}); choose another folder with --data"
        ) from failure
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as failure:
        lock.close()
        raise CannotStart(f"another Agora is already using {data}; stop it or choose another folder") from failure
    return lock


def _open_store(data: Path) -> Store:
    try:
        return Store(data / "agora.sqlite3", now=_now())
    except sqlite3.Error as failure:
        raise CannotStart(
            f"{data / 'agora.sqlite3'} cannot be read ({failure}); move it away to begin anew"
        ) from failure
