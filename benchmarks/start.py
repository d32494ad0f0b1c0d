"""From `make run` in a fresh clone to the first page: everything fetched, fetched before, and the second time."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.ports import free_ports
from tests.processes.house import PATIENCE_SECONDS, REPOSITORY, answers, wait_for

from benchmarks.report import Report

AT_MOST_SECONDS = 600


def run(report: Report) -> None:
    report.begin("From `make run` to the first page, with the demonstration, on SQLite")
    with tempfile.TemporaryDirectory() as folder:
        if not report.is_quick:  # needs the network, and fetches some hundred megabytes
            caches = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip"}
            cold = first_page(cloned(Path(folder) / "cold"), caches)
            report.figure("fresh clone, nothing fetched before", cold, "s", aim="< 180 s")
        clone = cloned(Path(folder) / "warm")
        report.figure("fresh clone, packages fetched before", first_page(clone), "s")
        report.figure("the second time", first_page(clone), "s", aim="< 10 s")


def cloned(path: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", "--no-local", str(REPOSITORY), str(path)], check=True)
    return path


def first_page(clone: Path, settings: dict[str, str] | None = None) -> float:
    """Return the seconds from `make run` until the pages answer, then stop it as Ctrl-C does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VIGIE_", "PYTHON", "VIRTUAL"))}
    port = free_ports(3)
    started = time.perf_counter()
    with (clone / "log").open("ab") as log:
        desk = subprocess.Popen(
            ["make", "run", f"PORT={port}"], cwd=clone, env=kept | (settings or {}), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}"), within=AT_MOST_SECONDS, what="the first page")
        return time.perf_counter() - started
    finally:
        os.killpg(desk.pid, signal.SIGINT)
        desk.wait(PATIENCE_SECONDS)
