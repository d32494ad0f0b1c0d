"""What the hints of an association are worth, and which words rise: read from its own decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.models import Count, Max
from django.utils import timezone

from vigie.detection.detectors import Reader
from vigie.learning.detectors import detector_of
from vigie.learning.models import Example
from vigie.learning.rules.labels import Label
from vigie.learning.rules.trial import MEANT
from vigie.learning.rules.worth import (
    Band,
    Bin,
    Drift,
    Judged,
    TermWorth,
    bands,
    calibration,
    disagreements,
    drift,
    judged,
    worth_of_terms,
)
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet

READ_MOST = 5_000
"""Decisions looked at, the latest first."""
YEAR = timedelta(days=366)
Stamp = tuple[int, int | None]


@dataclass(frozen=True)
class Worth:
    """The page «Ce que valent les indices»."""

    decided: int
    silent: int
    terms: Sequence[TermWorth]
    bands: Sequence[Band]
    drift: Drift
    bins: Sequence[Bin]
    error: float | None
    alarms: Sequence[Judged]
    missed: Sequence[Judged]
    version: str


def examples_of(organisation_id: int, *, since: datetime) -> OwnedQuerySet:
    """Return the examples decided since then whose text is known; of a content decided twice, both.

    What somebody says is child abuse is left out while a person decides.
    """
    return (
        Example.objects.of(organisation_id)
        .filter(decided_at__gte=since, content__never_fetch=False, case__referral="")
        .exclude(content__text="")
        .order_by("-decided_at", "-pk")
    )


def worth_of(actor: Actor, *, now: datetime) -> Worth:
    """Return what terms and scores were worth in the last year's decisions."""
    require(actor, Action.SEE_LEXICON, actor.organisation_id)
    here = actor.organisation_id
    rows = list(
        examples_of(here, since=now - YEAR).values_list("pk", "label", "score", "detector_version", "decided_at")[:READ_MOST]
    )  # fmt: skip
    found = [judged(pk, Label(label), score, version, at) for pk, label, score, version, at in rows]
    known = {one.key: one for one in found if one is not None}
    detector = detector_of(here)
    meant = _meant(here, detector, stamp_of(here), now.date())
    by_term: dict[str, list[Judged]] = {}
    for key, names in meant.items():
        for name in names:
            if key in known:
                by_term.setdefault(name, []).append(known[key])
    some = list(known.values())
    bins, error = calibration(some)
    alarms, missed = disagreements(some)
    return Worth(
        decided=len(some), silent=len(rows) - len(some), terms=worth_of_terms(by_term, now=now), bands=bands(some),
        drift=drift(some, now=now), bins=bins, error=error, alarms=alarms, missed=missed, version=detector.version,
    )  # fmt: skip


def stamp_of(organisation_id: int) -> Stamp:
    """Return what changes whenever an example does."""
    found = Example.objects.of(organisation_id).aggregate(number=Count("pk"), last=Max("seq"))
    return found["number"], found["last"]


@lru_cache(maxsize=8)
def _meant(organisation_id: int, detector: Reader, _stamp: Stamp, day: date) -> Mapping[int, frozenset[str]]:
    """Return for each example the terms that today's detector finds meant in its text; no text is kept here."""
    since = datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_current_timezone()) - YEAR
    rows = list(
        examples_of(organisation_id, since=since).values_list("pk", "content__text", "content__language")[:READ_MOST]
    )
    hints = detector.read_many((text, language[:2] or None) for _pk, text, language in rows)
    return {
        pk: frozenset(match.term for match in hint.matches if match.use in MEANT)
        for (pk, _text, _language), hint in zip(rows, hints, strict=True)
    }


def texts_of(organisation_id: int, examples: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Return text, language and case of each of these examples."""
    rows = Example.objects.of(organisation_id).filter(pk__in=list(examples), content__never_fetch=False)
    return {
        pk: (text, lang, ref)
        for pk, text, lang, ref in rows.values_list("pk", "content__text", "content__language", "case__ref")
    }
