"""Letters in a local Maildir folder: the demonstration's, or where a local mail server delivers.

A Maildir is folders of files and renames, made so that nothing needs a lock (https://cr.yp.to/proto/maildir.html).
"""

from __future__ import annotations

import os
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
        waiting = [file for name in ("new", "cur") for file in (self.path / name).iterdir() if file.is_file()]
        for file in sorted(waiting, key=lambda file: (file.stat().st_mtime_ns, file.name))[:at_most]:
            size = file.stat().st_size
            if size <= max_bytes:
                yield Arrival(uid=str(file.relative_to(self.path)), size=size, raw=file.read_bytes())
            else:
                with file.open("rb") as opened:
                    start = opened.read(HEADER_BYTES)
                yield Arrival(uid=str(file.relative_to(self.path)), size=size, raw=None, headers=start)

    def done(self, uid: str) -> None:
        self._move(uid, DONE_FOLDER)

    def tray(self, uid: str) -> None:
        self._move(uid, TRAY_FOLDER)

    def _move(self, uid: str, folder: str) -> None:
        source = self.path / uid
        os.replace(source, self.path / f".{folder}" / "cur" / source.name)
