"""What second readings cost today: one small file in the data folder, held while it is written.

What a call may cost is set aside before the call, under a lock that every process of this machine takes: whoever is
killed in between has spent it. Afterwards what the server says it cost takes its place. Days are those of UTC. The
file holds numbers only, never a text.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from vigie.core.errors import Refusal, UnusableInput
from vigie.core.words import N_

from .settings import Budget

FILE = "second-reader.json"
PACE_SECONDS = 60.0


class BudgetSpent(Refusal):
    """What may be spent today is spent or set aside."""


@dataclass
class Day:
    """One day's counts."""

    day: str
    read: int = 0
    unread: int = 0
    seconds: float = 0.0
    tokens: int = 0
    micro_euros: int = 0
    calls: list[tuple[float, int]] = field(default_factory=list)
    """When, in seconds since 1970, and how many texts: those of the last minute."""


class Ledger:
    """The counts of an installation."""

    def __init__(self, data: Path, *, now: Callable[[], float] = time.time) -> None:
        self._file, self._now = data / FILE, now

    def today(self) -> Day:
        """Return today's counts as they stand."""
        with self._held() as day:
            return day

    def reserve(self, *, tokens: int, micro_euros: int, texts: int, most: Budget, texts_a_minute: int) -> float:
        """Set aside what a call may cost and return 0; or, set nothing aside, the seconds until its pace allows it.

        Raises:
            BudgetSpent: there is not as much left today; nothing was set aside.
        """
        with self._held() as day:
            if _over(day.tokens + tokens, most.tokens) or _over(day.micro_euros + micro_euros, most.micro_euros):
                raise BudgetSpent(N_("Le budget du jour pour le second lecteur est épuisé."))
            wait = self._wait(day, texts, texts_a_minute)
            if wait:
                return wait
            day.tokens, day.micro_euros = day.tokens + tokens, day.micro_euros + micro_euros
            day.calls.append((self._now(), texts))
            self._write(day)
            return 0.0

    def settle(self, *, tokens: int, micro_euros: int) -> None:
        """Add what a call cost beyond what was set aside for it; below 0, what it did not cost."""
        with self._held() as day:
            day.tokens = max(0, day.tokens + tokens)
            day.micro_euros = max(0, day.micro_euros + micro_euros)
            self._write(day)

    def note(self, *, read: int, unread: int, seconds: float) -> None:
        """Count what was read twice, and what could not be."""
        with self._held() as day:
            day.read, day.unread, day.seconds = day.read + read, day.unread + unread, round(day.seconds + seconds, 3)
            self._write(day)

    def _wait(self, day: Day, texts: int, most: int) -> float:
        """Return the seconds until so many more texts are no more than `most` in any minute."""
        now = self._now()
        day.calls = [(at, count) for at, count in day.calls if now - PACE_SECONDS < at <= now]
        left = sum(count for _, count in day.calls) + texts - most
        for at, count in day.calls:
            if left <= 0:
                break
            left -= count
            if left <= 0:
                return at + PACE_SECONDS - now
        return 0.0

    @contextmanager
    def _held(self) -> Iterator[Day]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            lock = self._file.with_suffix(".lock").open("w")
        except OSError as fault:
            raise UnusableInput(
                N_("%(file)s ne peut être écrit (%(why)s) : le second lecteur y compte ce qu’il dépense."),
                file=self._file, why=fault.strerror,
            ) from fault  # fmt: skip
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._read()

    def _read(self) -> Day:
        today = datetime.fromtimestamp(self._now(), UTC).date().isoformat()
        try:
            day = Day(**json.loads(self._file.read_bytes()))
            day.calls = [(float(at), int(count)) for at, count in day.calls]
        except FileNotFoundError:
            return Day(today)
        except (OSError, ValueError, TypeError) as fault:
            # Not taken for an empty one: what was spent would be spent again.
            raise UnusableInput(
                N_("%(file)s ne peut être lu : le second lecteur ne sait plus ce qu’il a dépensé aujourd’hui ; supprimez ce fichier pour recommencer le compte."),
                file=self._file,
            ) from fault  # fmt: skip
        # A clock set back opens no new budget.
        return day if day.day >= today else Day(today, calls=day.calls)

    def _write(self, day: Day) -> None:
        unfinished = self._file.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as stream:
            json.dump(asdict(day), stream)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(self._file)


def _over(amount: int, most: int | None) -> bool:
    return most is not None and amount > most
