"""Stand over one visit and leave no process behind: `python -m … warden JOB`.

Chromium and Playwright's driver start sessions of their own, so killing a process group does not reach
them. The warden makes itself the «subreaper» of all its descendants (Linux): whoever among them loses its
parent becomes the warden's child, and can be found and killed. It ends the visit when

- the browser process is done,
- the time is up (the visit's own bound plus its grace),
- the family together uses too much memory, or
- its own parent is gone, seen by the end of standard input.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil

from vigie.evidence.captures.chromium.job import Job

PR_SET_CHILD_SUBREAPER = 36
LOOK_EVERY_SECONDS = 0.25


def watch(job_path: Path) -> str:
    """Run the visit of `job_path`; return how it ended: «done», «time», «memory», «orphaned»."""
    job = Job.read(job_path)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    deadline = time.monotonic() + job.limits.seconds + job.limits.grace_seconds
    visit = subprocess.Popen(
        [sys.executable, "-m", "vigie.evidence.captures.chromium.browser", str(job_path)],
        stdin=subprocess.DEVNULL,
    )
    ending = ""
    while not ending:
        ending = _ending(visit, job, deadline)
    kill_family()
    return ending


def _ending(visit: subprocess.Popen[bytes], job: Job, deadline: float) -> str:
    readable, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_SECONDS)
    if readable and not os.read(sys.stdin.fileno(), 1):
        return "orphaned"
    if visit.poll() is not None:
        return "done"
    if time.monotonic() > deadline:
        return "time"
    if family_memory() > job.limits.max_memory_bytes:
        return "memory"
    return ""


def family_memory() -> int:
    """Return the bytes of memory held by all descendants.

    Private memory, roughly: resident less shared, since Chromium's children share most of their code.
    """
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # gone between listing and reading
            info = process.memory_info()
            total += info.rss - info.shared
    return total


def kill_family() -> None:
    """Kill every descendant, until none is left."""
    me = psutil.Process()
    while family := me.children(recursive=True):
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=1)
        _reap()


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    job_file = Path(sys.argv[1])
    ended = watch(job_file)
    if ended == "orphaned":  # nobody is left to clear up
        shutil.rmtree(Job.read(job_file).folder, ignore_errors=True)
        shutil.rmtree(job_file.parent, ignore_errors=True)
    else:
        job_file.with_name("ending.json").write_text(json.dumps({"ending": ended}), encoding="utf-8")
