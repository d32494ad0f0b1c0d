"""What a visit brings home, whoever made it: the files of its folder and what is known about them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vigie.evidence.rules.reasons import Missing

SCREENSHOT = "screenshot.png"
TEXT = "text.txt"
DOM = "dom.html"
WARC = "capture.warc.gz"
WANTED = {"screenshot": SCREENSHOT, "text": TEXT, "dom": DOM, "warc": WARC}


def utc_now() -> str:
    """Return the time of this machine's clock, to the millisecond, such as `2026-11-04T10:15:00.250Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Visit:
    """One visit as it was: filled step by step, so that a visit cut short still tells how far it came."""

    asked: str
    method: str  # «chromium» or «plain»
    started_at: str
    ended_at: str = ""
    final: str = ""
    status: int | None = None  # of the page's own answer; None when there was none
    title: str = ""
    chain: list[dict[str, Any]] = field(default_factory=list)  # every address on the way: {url, status, by}
    remote: dict[str, str] = field(default_factory=dict)  # «host:port» → address connected to
    requests: dict[str, int] = field(default_factory=lambda: {"answered": 0, "failed": 0})
    bytes_received: int = 0
    software: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    def lacks(self, missing: Missing) -> None:
        """Record once that something was not kept."""
        if missing not in self.missing:
            self.missing.append(missing)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "missing": [entry.as_json() for entry in self.missing]}

    def save(self, path: Path) -> None:
        """Write the visit in one step: a reader finds the whole of it or the state before."""
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps(self.as_json(), ensure_ascii=False), encoding="utf-8")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> Visit:
        row = json.loads(path.read_text(encoding="utf-8"))
        row["missing"] = [Missing.from_json(entry) for entry in row["missing"]]
        return cls(**row)
