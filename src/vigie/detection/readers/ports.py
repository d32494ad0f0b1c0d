"""What a second reader is, whatever it runs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Unread(StrEnum):
    """Why a text has no second score."""

    SLOW = "slow"
    """There was no time left."""
    BUDGET = "budget"
    """What may be spent in a day is spent, or set aside."""
    UNREACHED = "unreached"
    """The server could not be reached, or did not answer in time."""
    BUSY = "busy"
    """The server had too much to do, or was at fault, each time it was asked."""
    REFUSED = "refused"
    """The server would not: a wrong key, an unknown model, a text it does not take."""
    NONSENSE = "nonsense"
    """What came back was not the scores asked for."""
    FAULT = "fault"
    """A fault of ours; the log says where."""


@dataclass(frozen=True)
class Readings:
    """One score in [0, 1] for each text, in order, or why there is none; and what they cost."""

    scores: Sequence[float | Unread]
    tokens: int = 0
    euros: float = 0.0


class SecondReader(Protocol):
    """Reads what the fast reader was unsure of."""

    @property
    def name(self) -> str:
        """For people: the folder, or the model and its server."""
        ...

    @property
    def version(self) -> str:
        """Kept with every hint; another model has another version."""
        ...

    def scores(self, texts: Sequence[str], *, until: float | None = None) -> Readings:
        """Return a score for each text, in order. Never raises for a text, a server or a budget.

        Args:
            until: the moment of `time.monotonic()` after which nothing more is begun.
        """
        ...
