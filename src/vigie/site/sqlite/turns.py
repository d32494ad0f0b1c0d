"""Turns on a file: whoever waits for one gets it, in about the order of asking. Free of Django.

SQLite has one writer at a time, and a writer that finds it busy sleeps and tries again: under a surge of reports most
of the time is slept away, and a few writers are unlucky for seconds. Waiting here instead wakes the next one at once.

Two locks make it fair: who holds `next` is the only one to wait for `now`, so that whoever just gave `now` back cannot
take it again before them. The kernel keeps the locks with the open files: a process that is killed gives them back.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Turn:
    """One waiter's place; not shared between threads.

    >>> turn = Turn(Path("/tmp/example.sqlite3"))
    >>> turn.take(); turn.give_back()
    """

    def __init__(self, database: Path) -> None:
        self._paths = [database.with_name(f"{database.name}-{name}") for name in ("next", "now")]
        self._files: list[int] = []
        self._is_ours = False

    def take(self) -> None:
        """Wait until it is our turn. Taking it twice is taking it once.

        There is no time limit: a writer that is stopped, not killed, in the middle of its transaction holds everybody
        up, as SQLite's own lock would.
        """
        if self._is_ours:
            return
        if not self._files:
            self._files = [os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600) for path in self._paths]
        waits, works = self._files
        fcntl.flock(waits, fcntl.LOCK_EX)
        try:
            fcntl.flock(works, fcntl.LOCK_EX)
        finally:
            fcntl.flock(waits, fcntl.LOCK_UN)
        self._is_ours = True

    def give_back(self) -> None:
        """Let the next one write; without effect when it is not our turn."""
        if self._is_ours:
            self._is_ours = False
            fcntl.flock(self._files[1], fcntl.LOCK_UN)

    def close(self) -> None:
        """Give back, and close the files."""
        self._is_ours = False
        for number in self._files:
            os.close(number)
        self._files = []
