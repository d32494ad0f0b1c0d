"""What the room needs from outside: somebody who looks at an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vigie.followup.rules.online import Look


@dataclass(frozen=True)
class Visit:
    """One look with its particulars, as they are kept."""

    look: Look
    text_digest: str = ""
    looked_from: str = ""


class Looker(Protocol):
    def __call__(self, url: str, *, words: str) -> Visit:
        """Return what `url` shows to a visitor without account, cookies or scripts; never raises for its faults."""
