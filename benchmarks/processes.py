"""Processes under measurement."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
from tests.processes.house import House


def quietly(house: House, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a command of the desk; what it says goes into `log` in its data folder, not among the figures."""
    with (Path(house.environment["VIGIE_DATA"]) / "log").open("ab") as log:
        return house.start(*arguments, stdout=log, stderr=log)


@contextlib.contextmanager
def terminated(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop a process as Ctrl-C would, and wait for its end: `serve` then stops its parts itself."""
    try:
        yield process
    finally:
        process.terminate()
        process.wait(40)


def memory_megabytes(pid: int) -> float:
    """Return the memory of a process and all it started: each page shared among them counted once (PSS)."""
    total = 0
    parent = psutil.Process(pid)
    for process in [parent, *parent.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 1e6


def processor_seconds(pid: int) -> dict[str, float]:
    """Return the processor time used so far by the desk's parts, `web` and `worker`, with what they started."""
    used: dict[str, float] = {}
    for part in psutil.Process(pid).children():
        name = next((word for word in part.cmdline() if word in {"web", "worker"}), "other")
        for process in [part, *part.children(recursive=True)]:
            times = process.cpu_times()
            used[name] = used.get(name, 0.0) + times.user + times.system
    return used
