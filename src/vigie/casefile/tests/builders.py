"""Cases for tests, as if reports had opened them."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from vigie.casefile.actions import keep_content, open_case
from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.organisations.rules.policy import Actor
from vigie.platforms.resolve import resolve

_numbers = itertools.count(1)


def make_case(
    organisation_id: int,
    *,
    text: str = "Un message inventé.",
    now: datetime | None = None,
    danger: int = 0,
    limitation_on: str | None = None,
    platform: str = "",
    url: str = "",
    **known: Any,
) -> Case:
    """Return a case about one invented content, opened from the public form."""
    now = now or timezone.now()
    public = Actor(name="public", organisation_id=organisation_id)
    url = url or f"https://forum.example/{next(_numbers)}"
    known_as = resolve(url)
    with transaction.atomic():
        content = keep_content(
            organisation_id=organisation_id, key=known_as.key, platform=platform or known_as.platform,
            kind=known_as.kind, url=known_as.canonical_url, now=now, text=text, **known,
        )  # fmt: skip
        case = open_case(actor=public, content=content, door="form", now=now)
        if danger:
            record(Event.CASE_DANGER_SET, actor=public, now=now, case=case, data={"danger": danger})
        if limitation_on:
            record(Event.LIMITATION_COUNTED, actor=public, now=now, case=case, data={"limitation_on": limitation_on})
    return Case.across_associations.get(pk=case.pk)
