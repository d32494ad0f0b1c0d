"""Capture by Debian's Chromium, in processes of its own that are gone when the capture ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import vigie
from vigie.evidence.captures.chromium.job import Job
from vigie.evidence.captures.page import DOM, SCREENSHOT, TEXT, WARC, Visit, utc_now
from vigie.evidence.captures.warc import keep_whole_records
from vigie.evidence.guard import Guard
from vigie.evidence.limits import Limits
from vigie.evidence.rules.reasons import Missing, Reason

LAST_RESORT_SECONDS = 15  # beyond the warden's own end


def visit_with_chromium(url: str, *, chromium: str, folder: Path, guard: Guard, limits: Limits) -> Visit:
    """Visit `url` with Chromium and leave in `folder` what that gives.

    `folder` is for this visit alone. The browser's profile and temporary files lie in a folder of their own,
    directly under the system's: Chromium's socket there must not have a path of more than 108 characters.
    """
    private = Path(tempfile.mkdtemp(prefix="vigie-c-"))
    job = Job(
        url=url,
        folder=str(folder),
        chromium=chromium,
        has_sandbox=os.geteuid() != 0,  # Chromium refuses its sandbox to root
        limits=limits,
        allowed_for_tests=tuple(sorted(guard.allowed_for_tests)),
    )
    job_path = private / "job.json"
    job.write(job_path)
    started_at = utc_now()
    ending, complaint = _run(job_path, private, limits)
    if (folder / "visit.json").exists():
        visit = Visit.read(folder / "visit.json")
        (folder / "visit.json").unlink()
    else:
        visit = Visit(asked=url, method="chromium", started_at=started_at)
        ending = ending if ending in {"time", "memory"} else "failed"
    _tell_the_ending(visit, folder, ending, complaint, limits)
    guard.reached.update(visit.remote)
    shutil.rmtree(private, ignore_errors=True)
    return visit


def _run(job_path: Path, private: Path, limits: Limits) -> tuple[str, str]:
    log = private / "stderr.txt"
    with log.open("wb") as stderr:
        warden = subprocess.Popen(
            [sys.executable, "-m", "vigie.evidence.captures.chromium.warden", str(job_path)],
            stdin=subprocess.PIPE,  # never written to: its end tells the warden that we are gone
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            env=_environment(private),
        )
        with warden:
            try:
                warden.wait(limits.seconds + limits.grace_seconds + LAST_RESORT_SECONDS)
            except BaseException:
                warden.stdin.close() if warden.stdin else None  # the warden kills its family, then ends
                warden.wait(LAST_RESORT_SECONDS)
                raise
    ending_file = private / "ending.json"
    ending = json.loads(ending_file.read_text())["ending"] if ending_file.exists() else "failed"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return ending, lines[-1][:200] if lines else ""


def _environment(private: Path) -> dict[str, str]:
    """Return the little that the visit may know: no secret of the installation, a home of its own."""
    source = str(Path(vigie.__file__).parents[1])
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(private),
        "TMPDIR": str(private),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")])),
    }


def _tell_the_ending(visit: Visit, folder: Path, ending: str, complaint: str, limits: Limits) -> None:
    if ending == "time":
        reason = Reason("killed", str(limits.seconds + limits.grace_seconds))
    elif ending == "memory":
        reason = Reason("memory_limit", str(limits.max_memory_bytes // 1_000_000))
    elif not visit.ended_at:
        reason = Reason("browser_failed", complaint or ending)
    else:
        return
    visit.ended_at = utc_now()
    visit.lacks(Missing("page", reason))
    for what, name in (("screenshot", SCREENSHOT), ("text", TEXT), ("dom", DOM)):
        if not (folder / name).exists():
            visit.lacks(Missing(what, reason))
    if not (folder / WARC).exists() or keep_whole_records(folder / WARC) < 2:  # the first describes the file only
        visit.lacks(Missing("warc", reason))
