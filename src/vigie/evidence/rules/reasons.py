"""What is missing from a capture, and why. The reasons themselves are words every room shares: `core.reasons`."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.core.reasons import SENTENCES, Reason

__all__ = ["ESSENTIAL", "SENTENCES", "Missing", "Reason"]


@dataclass(frozen=True)
class Missing:
    """One thing that was not kept, and why: never swallowed."""

    what: str  # «screenshot», «text», «dom», «warc», «timestamp», «page», or the address of a part of the page
    reason: Reason

    def as_json(self) -> dict[str, str]:
        return {
            "what": self.what,
            "code": self.reason.code,
            "why": self.reason.sentence(),
            "detail": self.reason.detail,
        }

    @classmethod
    def from_json(cls, row: dict[str, str]) -> Missing:
        return cls(what=row["what"], reason=Reason(code=row["code"], detail=row.get("detail", "")))


# Without one of these a capture is partial; the rest is told, and does not lessen it.
ESSENTIAL = frozenset({"page", "screenshot", "text", "dom", "warc", "timestamp"})
