"""Which timestamp authority an installation trusts. Pure: a value, read from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Authority:
    """A timestamp authority: where it answers, and the certificates its tokens must lead up to."""

    url: str
    root: Path  # PEM; may hold several, so that tokens of an earlier authority still verify

    @property
    def host(self) -> str:
        """The authority without path or password, fit for a log."""
        return urlsplit(self.url).hostname or ""
