"""The detector of an association: the delivered lexicon (or `VIGIE_LEXICON`), its own terms, one model, its scale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from vigie.detection.detectors import Reader, default_detector
from vigie.detection.hints import Hint
from vigie.detection.terms import Lexicon
from vigie.learning.models import Calibration, LexiconState, OwnTerm
from vigie.learning.rules.calibration import Scale
from vigie.learning.rules.terms import TermState, combined

KEPT = 8
"""Associations whose detector is kept ready in a process; building one takes about a second."""
PLAIN = Scale()


class Scaled(Reader):
    """A detector whose scores lie on an association's own scale; `version` names it."""

    def __init__(self, lexicon: Lexicon, scale: Scale, name: str) -> None:
        super().__init__(lexicon)
        self.scale = scale
        self.version = f"{self.version}~{name}"

    def read(self, text: str, lang: str | None = None) -> Hint:
        return self._moved(super().read(text, lang))

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        return map(self._moved, super().read_many(texts))

    def _moved(self, hint: Hint) -> Hint:
        return replace(hint, score=self.scale.of(hint.score))


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
    return reader_with(
        own_states(organisation_id), f"own{organisation_id}.{version}", today, calibration_of(organisation_id)
    )


def own_states(organisation_id: int) -> list[TermState]:
    """Return the association's terms as they stand."""
    return [term.state() for term in OwnTerm.objects.of(organisation_id)]


def calibration_of(organisation_id: int) -> Calibration | None:
    """Return the scale that stands, or None where nobody ever took one."""
    found: Calibration | None = Calibration.objects.of(organisation_id).order_by("-number").first()
    return found


def reader_with(own: list[TermState], version: str, today: date, calibration: Calibration | None = None) -> Reader:
    """Return a detector that reads with these terms of an association, on this scale."""
    lexicon = combined(default_detector().lexicon, own, version=version, today=today)
    if calibration is None or calibration.scale() == PLAIN:
        return Reader(lexicon)
    return Scaled(lexicon, calibration.scale(), f"scale{calibration.number}")
