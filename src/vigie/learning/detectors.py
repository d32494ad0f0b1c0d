"""The detector of an association: the delivered lexicon (or `VIGIE_LEXICON`), its own terms, one model."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from vigie.detection.detectors import Reader, default_detector
from vigie.learning.models import LexiconState, OwnTerm
from vigie.learning.rules.terms import TermState, combined

KEPT = 8
"""Associations whose detector is kept ready in a process; building one takes about a second."""


def detector_of(organisation_id: int) -> Reader:
    """Return the detector an association reads with; its `version` names the delivered lexicon and its own.

    A term saved a moment ago counts in the next call, in every process: the version is looked up each time.
    """
    found = LexiconState.objects.of(organisation_id).values_list("version", "changed_at").first()
    if found is None:
        return default_detector()
    return _built(default_detector().version, organisation_id, *found, timezone.localdate())


@lru_cache(maxsize=KEPT)
def _built(_delivered: str, organisation_id: int, version: int, _changed_at: datetime, today: date) -> Reader:
    # `_delivered` and `_changed_at` only tell one lexicon from another; `today` ends the terms whose date is over.
    return reader_with(own_states(organisation_id), f"own{organisation_id}.{version}", today)


def own_states(organisation_id: int) -> list[TermState]:
    """Return the association's terms as they stand."""
    return [term.state() for term in OwnTerm.objects.of(organisation_id)]


def reader_with(own: list[TermState], version: str, today: date) -> Reader:
    """Return a detector that reads with these terms of an association."""
    return Reader(combined(default_detector().lexicon, own, version=version, today=today))
