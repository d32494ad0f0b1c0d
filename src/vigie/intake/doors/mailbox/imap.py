"""Letters on the association's mail server, by IMAP.

They are looked at without being marked as read, and moved only when `done` or `tray` says so: whoever else
reads the mailbox sees nothing change behind their back but the move.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import (
    ImapToolsError,
    MailboxFolderSelectError,
    MailboxLoginError,
    UnexpectedCommandStatusError,
)

from vigie.intake.doors.mailbox.ports import DONE_FOLDER, TRAY_FOLDER, Arrival, Mailbox, MailboxUnavailable, Why

_SIZE = re.compile(rb"UID (?P<uid>\d+).*?RFC822\.SIZE (?P<size>\d+)|RFC822\.SIZE (?P<size2>\d+).*?UID (?P<uid2>\d+)")


@dataclass(frozen=True)
class ImapAccount:
    """Where the letters arrive. `security` is `tls`, `starttls` or `none`; `timeout_seconds` bounds each answer."""

    host: str
    port: int
    username: str
    password: str
    folder: str = "INBOX"
    security: str = "tls"
    timeout_seconds: int = 30

    @contextlib.contextmanager
    def open(self) -> Iterator[Mailbox]:
        box = None
        try:
            box = self._connection()
            with box.login(self.username, self.password, initial_folder=self.folder):
                # Most servers tell all they can do only after the log-in: MOVE, which is one step where COPY is three.
                _status, answer = box.client.capability()
                box.client.capabilities = tuple(answer[-1].decode().upper().split())
                yield ImapFolder(box)
        except MailboxLoginError as fault:
            raise MailboxUnavailable(
                f"{self.host}:{self.port} refuses the user {self.username!r} or the password", why=Why.PASSWORD
            ) from fault
        except MailboxFolderSelectError as fault:
            raise MailboxUnavailable(
                f"{self.host}:{self.port} has no folder {self.folder!r}", why=Why.FOLDER
            ) from fault
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as fault:
            # Never the password: imaplib puts the server's words in its message, not ours.
            raise MailboxUnavailable(f"{self.host}:{self.port}: {type(fault).__name__}: {fault}") from fault
        finally:
            if box is not None:
                # After a refused log-in or a dropped line the library leaves the socket open.
                with contextlib.suppress(OSError):
                    box.client.shutdown()

    def _connection(self) -> BaseMailBox:
        if self.security == "none":
            return MailBoxUnencrypted(self.host, self.port, timeout=self.timeout_seconds)
        context = ssl.create_default_context()
        if self.security == "starttls":
            return MailBoxStartTls(self.host, self.port, timeout=self.timeout_seconds, ssl_context=context)
        return MailBox(self.host, self.port, timeout=self.timeout_seconds, ssl_context=context)


class ImapFolder:
    def __init__(self, box: BaseMailBox) -> None:
        self.box = box
        self.ready: dict[str, str] = {}  # our folders, by the names this server gives them: asked once a round

    def new_messages(self, *, at_most: int, max_bytes: int) -> Iterator[Arrival]:
        for uid, size in self._waiting()[:at_most]:
            is_small = size <= max_bytes
            content = self._fetch(uid, b"BODY.PEEK[]" if is_small else b"BODY.PEEK[HEADER]")
            if content is None:
                continue  # somebody moved it meanwhile
            yield Arrival(uid=uid, size=size, raw=content if is_small else None, headers=b"" if is_small else content)

    def _waiting(self) -> list[tuple[str, int]]:
        _status, answer = self.box.client.uid("FETCH", "1:*", "(UID RFC822.SIZE)")
        found: dict[str, int] = {}
        for line in answer:
            match = _SIZE.search(line) if isinstance(line, bytes) else None
            if match:
                found[(match["uid"] or match["uid2"]).decode()] = int(match["size"] or match["size2"])
        return sorted(found.items(), key=lambda item: int(item[0]))

    def _fetch(self, uid: str, what: bytes) -> bytes | None:
        # Asked for as it stands, not through the library's parsed form: the bytes are the evidence.
        _status, answer = self.box.client.uid("FETCH", uid, b"(" + what + b")")  # type: ignore[arg-type]
        return next((part[1] for part in answer if isinstance(part, tuple)), None)

    def done(self, uid: str) -> None:
        self._move(uid, DONE_FOLDER)

    def tray(self, uid: str) -> None:
        self._move(uid, TRAY_FOLDER)

    def _move(self, uid: str, name: str) -> None:
        try:
            if name not in self.ready:
                self.ready[name] = self._made(self._beside_inbox(name))
            self.box.move(uid, self.ready[name])
        except UnexpectedCommandStatusError as fault:
            self.ready.pop(name, None)
            raise MailboxUnavailable(f"letters cannot be moved to the folder {name!r}", why=Why.FOLDER) from fault

    def _made(self, folder: str) -> str:
        if not self.box.folder.exists(folder):
            self.box.folder.create(folder)
            self.box.folder.subscribe(folder, True)
        return folder

    def _beside_inbox(self, name: str) -> str:
        """Return the folder's name as this server wants it: some keep every folder under `INBOX.`."""
        _status, answer = self.box.client.namespace()
        match = re.match(rb'\(\("(?P<prefix>[^"]*)"', answer[0] or b"") if answer else None
        return (match["prefix"].decode() if match else "") + name
