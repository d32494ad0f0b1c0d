"""Capture one address into one sealed bundle, with the best means this machine has."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigie.evidence.bundle import Bundle, write_bundle
from vigie.evidence.captures.chromium import visit_with_chromium
from vigie.evidence.captures.page import DOM, SCREENSHOT, TEXT, Visit
from vigie.evidence.captures.plain import visit_plainly
from vigie.evidence.guard import Blocked, Guard
from vigie.evidence.means import Means
from vigie.evidence.rules.reasons import ESSENTIAL, Missing, Reason

BUNDLE_NAME = "capture.wacz"
TO_READ = (SCREENSHOT, TEXT, DOM)


@dataclass(frozen=True)
class CaptureResult:
    """A capture that was made, wholly, partly or not at all, and sealed as it is."""

    status: str  # «done», «partial», «failed»: nothing of the page came
    visit: Visit
    bundle: Bundle
    folder: Path

    @property
    def missing(self) -> list[Missing]:
        return self.visit.missing


def capture_url(url: str, *, out_dir: Path, means: Means, about: Mapping[str, str] | None = None) -> CaptureResult:
    """Capture `url` into `out_dir`: `capture.wacz`, and readable copies of what is in it.

    The folder appears whole or not at all. A site that does not answer is a result, sealed like any other.

    Args:
        out_dir: a folder that does not exist yet, or is empty.
        about: references sealed into `capture.json`.

    Raises:
        Blocked: the address is not one we visit; nothing was fetched and nothing is left.
        FileExistsError: `out_dir` already holds something.
    """
    guard = means.guard()
    _require_visitable(url, guard)
    if out_dir.exists() and any(out_dir.iterdir()):
        raise FileExistsError(f"{out_dir} is not empty: give a folder of its own to each capture.")
    out_dir.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".capture-", dir=out_dir.parent))
    try:
        visit = _visit(url, work, guard, means)
        sealed = work / "out"
        sealed.mkdir()
        bundle = write_bundle(work, visit, to=sealed / BUNDLE_NAME, authority=means.authority, about=about)
        _copy_to_read(bundle.path, sealed)
        if out_dir.exists():
            out_dir.rmdir()
        sealed.replace(out_dir)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    bundle = Bundle(out_dir / BUNDLE_NAME, bundle.sha256, bundle.manifest_sha256, bundle.timestamp)
    return CaptureResult(status=_status(visit, out_dir), visit=visit, bundle=bundle, folder=out_dir)


def _require_visitable(url: str, guard: Guard) -> None:
    try:
        guard.resolve(guard.target(url))
    except Blocked as blocked:
        if blocked.reason.code != "unknown_host":  # a name that no longer answers is a finding
            raise


def _visit(url: str, work: Path, guard: Guard, means: Means) -> Visit:
    """Visit by browser; what the browser cannot show is kept by a plain fetch instead."""
    if means.chromium is None:
        return visit_plainly(url, folder=work, guard=guard, limits=means.limits, why=Reason("no_browser"))
    visit = visit_with_chromium(url, chromium=means.chromium, folder=work, guard=guard, limits=means.limits)
    if visit.options.get("is_download"):
        for name in TO_READ:  # of the browser's own viewer, not of the site
            (work / name).unlink(missing_ok=True)
        return _again_plainly(visit, work, guard, means, Reason("is_download", visit.asked))
    is_empty = not any((work / name).exists() for name in TO_READ)
    if "chromium" not in visit.software or (is_empty and visit.status is not None):
        # It did not start, or the page answered and then froze, ate the memory or was killed.
        reason = next((entry.reason for entry in visit.missing if entry.what == "page"), Reason("browser_failed"))
        return _again_plainly(visit, work, guard, means, reason)
    return visit


def _again_plainly(visit: Visit, work: Path, guard: Guard, means: Means, why: Reason) -> Visit:
    """Fetch what the browser could not show; what the browser met on the way stays recorded."""
    second = visit_plainly(visit.asked, folder=work, guard=guard, limits=means.limits, why=why)
    second.started_at = visit.started_at
    second.software = {**visit.software, **second.software}
    for entry in visit.missing:
        if entry.what in {"page", "window"}:
            second.lacks(entry)
    return second


def _copy_to_read(bundle: Path, folder: Path) -> None:
    with zipfile.ZipFile(bundle) as container:
        for name in container.namelist():
            if name.startswith("evidence/"):
                (folder / name.removeprefix("evidence/")).write_bytes(container.read(name))


def _status(visit: Visit, folder: Path) -> str:
    if not any((folder / name).exists() for name in TO_READ) and visit.status is None:
        return "failed"
    return "partial" if any(entry.what in ESSENTIAL for entry in visit.missing) else "done"
