"""Letters in a local Maildir folder: the demonstration's, or where a local mail server delivers.

A Maildir is folders of files and renames, made so that nothing needs a lock (https://cr.yp.to/proto/maildir.html).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vigie.intake.doors.mailbox.ports import DONE_FOLDER, TRAY_FOLDER, Arrival, Mailbox, MailboxUnavailable

HEADER_BYTES = 64 * 1024


@dataclass(frozen=True)
class MaildirAccount:
    """A folder with `new`, `cur` and `tmp` in it; made if it is not there."""

    path: Path

    @contextmanager
    def open(self) -> Iterator[Mailbox]:
        try:
            for folder in (self.path, self.path / f".{DONE_FOLDER}", self.path / f".{TRAY_FOLDER}"):
                for name in ("tmp", "new", "cur"):
                    (folder / name).mkdir(parents=True, exist_ok=True)
            yield MaildirFolder(self.path)
        except OSError as fault:
            raise MailboxUnavailable(f"{self.path}: {fault.strerror}") from fault


@dataclass(frozen=True)
class MaildirFolder:
    path: Path

    def new_messages(self, *, at_most: int, max_bytes: int) -> Iterator[Arrival]:
        for _moment, uid in sorted(self._waiting())[:at_most]:
            try:
                with (self.path / uid).open("rb") as opened:
                    size = os.fstat(opened.fileno()).st_size
                    is_small = size <= max_bytes
                    content = opened.read() if is_small else opened.read(HEADER_BYTES)
            except FileNotFoundError:
                continue  # somebody moved it meanwhile
            yield Arrival(uid=uid, size=size, raw=content if is_small else None, headers=b"" if is_small else content)

    def _waiting(self) -> Iterator[tuple[int, str]]:
        for name in ("new", "cur"):
            for file in os.scandir(self.path / name):
                with contextlib.suppress(FileNotFoundError):
                    if file.is_file():
                        yield file.stat().st_mtime_ns, f"{name}/{file.name}"

    def done(self, uid: str) -> None:
        self._move(uid, DONE_FOLDER)

    def tray(self, uid: str) -> None:
        self._move(uid, TRAY_FOLDER)

    def _move(self, uid: str, folder: str) -> None:
        source, target = self.path / uid, self.path / f".{folder}" / "cur"
        with contextlib.suppress(FileNotFoundError):  # somebody moved it meanwhile
            name = source.name
            while (target / name).exists():
                # Two letters of one name: neither may cover the other, which may be kept nowhere else.
                name = f"{source.name}.{secrets.token_hex(4)}"
            os.rename(source, target / name)
