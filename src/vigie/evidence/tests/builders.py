"""Captures for tests, as if the worker had made them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from vigie.casefile.models import Case
from vigie.casefile.queries import contents_of
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
