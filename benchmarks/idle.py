"""Memory of the whole desk when nobody works, beside the least that Django behind the same web server holds."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.processes.house import House, a_house, answers, free_port, wait_for

from benchmarks.processes import memory_megabytes, quietly, terminated
from benchmarks.report import Report

SETTLED_AFTER_SECONDS = 20


def run(report: Report) -> None:
    seconds = 2 if report.is_quick else SETTLED_AFTER_SECONDS
    for name, server in report.databases.items():
        report.begin(f"Memory of the desk idle, {name} (PSS, {seconds} s after the first page; no Chromium)")
        with tempfile.TemporaryDirectory() as folder, a_house(Path(folder), server=server) as house:
            desk = held(house, seconds, "serve")
            # The same web server and number of processes, one view of Django and nothing else.
            house.environment["DJANGO_SETTINGS_MODULE"] = "benchmarks.bare"
            bare = held(house, seconds, "web")
        report.figure("bare pages: granian and one view of Django", bare, "MB")
        report.figure("desk: supervisor, pages and worker", desk, "MB", of=bare, reference="bare pages", aim="≤ 400 MB")


def held(house: House, seconds: float, command: str) -> float:
    """Start a command of the desk, let it settle, and return the megabytes that it holds with all it started."""
    port = free_port()
    with terminated(quietly(house, command, "--port", str(port))) as process:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}"), what=f"vigie {command} answers")
        time.sleep(seconds)
        return memory_megabytes(process.pid)
