"""What the mailbox door needs from outside: somewhere letters arrive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

DONE_FOLDER = "Traites"
TRAY_FOLDER = "A-trier"


class Why(StrEnum):
    """Why a mailbox cannot be read, as far as it helps whoever has to put it right."""

    PASSWORD = "password"  # noqa: S105 the name of a reason
    FOLDER = "folder"  # it is not there, or letters cannot be moved into it
    SILENT = "silent"


class MailboxUnavailable(Exception):
    """The mailbox could not be read now; the letters are still there, and the next round tries again."""

    def __init__(self, sentence: str, *, why: Why = Why.SILENT) -> None:
        super().__init__(sentence)
        self.why = why


@dataclass(frozen=True)
class Arrival:
    """A letter as it lies in the mailbox. `raw` is None when it is larger than was asked for."""

    uid: str
    size: int
    raw: bytes | None
    headers: bytes = b""


class Mailbox(Protocol):
    """An open mailbox. Nothing in it changes until `done` or `tray` is called."""

    def new_messages(self, *, at_most: int, max_bytes: int) -> Iterator[Arrival]:
        """Yield the letters that wait, oldest first; of one larger than `max_bytes`, the headers alone."""

    def done(self, uid: str) -> None:
        """Move a letter to the folder of what was taken in. Called after the database has it for good.

        Raises:
            MailboxUnavailable: it lies where it lay.
        """

    def tray(self, uid: str) -> None:
        """Move a letter to the folder of those a person has to look at."""


class OpensMailbox(Protocol):
    """A mailbox as the settings describe it."""

    def open(self) -> AbstractContextManager[Mailbox]:
        """Connect, and disconnect at the end.

        Raises:
            MailboxUnavailable: now or at any later call.
        """
