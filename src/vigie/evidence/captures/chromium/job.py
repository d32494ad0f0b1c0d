"""What the process of a visit is told: one small file, so that nothing secret travels by environment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from vigie.evidence.limits import Limits


@dataclass(frozen=True)
class Job:
    """One visit to make."""

    url: str
    folder: str  # where its files go
    chromium: str
    has_sandbox: bool
    limits: Limits
    allowed_for_tests: tuple[str, ...] = ()

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        row = json.loads(path.read_text(encoding="utf-8"))
        row["limits"] = Limits(**row["limits"])
        return cls(**row)
