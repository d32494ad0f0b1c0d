"""Timed work of the queue: claims left lying, marks of new texts."""

from __future__ import annotations

from datetime import datetime

from vigie.organisations.models import Organisation
from vigie.triage import forget
from vigie.triage.actions import release_lapsed
from vigie.triage.marks import mark_new_texts


def give_back_lapsed(now: datetime) -> bool:
    """Give back to the queue the cases whose holder has gone."""
    return sum(release_lapsed(organisation_id=key, now=now) for key in _organisations()) > 0


def mark_texts(now: datetime) -> bool:
    """Mark the next texts of each association, so that near ones are found."""
    return sum(mark_new_texts(organisation_id=key) for key in _organisations()) > 0


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden()


def _organisations() -> list[int]:
    return list(Organisation.objects.values_list("pk", flat=True))
