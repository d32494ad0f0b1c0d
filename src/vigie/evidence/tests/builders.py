"""Captures for tests, as if the worker had made them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone

from vigie.casefile import files
from vigie.casefile.models import Case
from vigie.casefile.queries import contents_of
from vigie.evidence.captures.warc import Exchange, WarcFile, index_lines
from vigie.evidence.models import Capture, State, Why


def make_capture(case: Case, *, state: State = State.DONE, **columns: Any) -> Capture:
    """Return a capture of the case's first content."""
    content = contents_of(case)[0]
    now = timezone.now()
    given = {
        "address": content.url, "why": Why.ARRIVAL.value, "asked_by": "worker", "asked_at": now, "ended_at": now,
        "state": state.value, **columns,
    }  # fmt: skip
    capture: Capture = Capture.objects.create(organisation_id=case.organisation_id, content=content, case=case, **given)
    return capture


def page_bundle(
    html: str, answers: Mapping[str, tuple[int, bytes]], *, extra: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a bundle as a visit of a page leaves it: its HTML, and the answers by address (status, body)."""
    out = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(out, "w") as bundle:
        path = Path(folder) / "capture.warc.gz"
        with WarcFile(path) as warc:
            for url, (status, body) in answers.items():
                warc.add(
                    Exchange(url, "GET", [], b"", status, "", [("Content-Type", "x/y")], body, "2026-11-20T09:00:00Z")
                )
        bundle.writestr("evidence/dom.html", html)
        bundle.write(path, "archive/capture.warc.gz")
        bundle.writestr("indexes/index.cdx", "\n".join(index_lines(path)) + "\n")
        for name, content in (extra or {}).items():
            bundle.writestr(name, content)
    return out.getvalue()


def make_page_capture(case: Case, html: str, answers: Mapping[str, tuple[int, bytes]], **columns: Any) -> Capture:
    """Return a capture of the case's first content that kept this page."""
    kept = files.keep(page_bundle(html, answers))
    return make_capture(case, bundle_sha256=kept.sha256, bundle_size=kept.size, http_status=200, **columns)
