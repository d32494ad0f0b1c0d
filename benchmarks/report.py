"""The printed report: each figure on a line, beside what it is compared with in the same run and what is aimed at."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass
class Report:
    """Prints figures as they come. `databases` are names and PostgreSQL servers ("" for SQLite)."""

    databases: dict[str, str]
    is_quick: bool = False

    def machine(self) -> None:
        cpu = next(
            (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")), platform.machine(),
        )  # fmt: skip
        print(
            f"{datetime.now(UTC).date().isoformat()} · {cpu}, {os.cpu_count()} cores · Python {platform.python_version()} · "
            f"load before: {os.getloadavg()[0]:.1f}{' · QUICK, not to publish' if self.is_quick else ''}"
        )

    def begin(self, title: str) -> None:
        print(f"\n{title}  (load {os.getloadavg()[0]:.1f})", flush=True)

    def figure(
        self, what: str, value: float, unit: str, *, of: float | None = None, reference: str = "", aim: str = ""
    ) -> None:
        """Print one figure; with `of`, its ratio to the reference of that name."""
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 3
        ratio = f"{value / of:6.2f} × {reference}" if of else reference
        print(
            f"  {what:<46}{value:>12,.{digits}f} {unit:<10}{ratio:<34}{f'aim {aim}' if aim else ''}".rstrip(),
            flush=True,
        )

    def note(self, sentence: str) -> None:
        print(f"  {sentence}", flush=True)


def percentile(values: Sequence[float], share: int) -> float:
    """Return the value that `share` per cent of the values do not exceed."""
    if len(values) < 2:
        return values[0] if values else float("nan")
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
