"""What hints are worth, told by what people decided afterwards. Pure. What cannot be said is None, never 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from vigie.learning.rules.arithmetic import Change, Precision, change, precision
from vigie.learning.rules.labels import Label
from vigie.learning.rules.trial import BAR

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
BINS = 10
LEAST_CALIBRATED = 50
"""Decisions under which no calibration error is given: chance alone would make it large."""
MONTH = timedelta(days=30)
SURELY_TOLD = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """A decided text that says something of hatred: what people said, what the machine had said."""

    key: int
    is_hateful: bool
    score: float | None
    version: str
    at: datetime


def judged(key: int, label: Label, score: float | None, version: str, at: datetime) -> Judged | None:
    """Return the example as something to measure on, or None when its decision says nothing of hatred."""
    return None if label is Label.SILENT else Judged(key, label is Label.HATEFUL, score, version, at)


def upheld(some: Collection[Judged]) -> Precision:
    return precision(sum(one.is_hateful for one in some), len(some))


@dataclass(frozen=True)
class TermWorth:
    """One term in decided texts: how many were upheld in all, and how that moved from one month to the next."""

    name: str
    all: Precision
    lately: Precision
    moved: Change


def worth_of_terms(matched: Mapping[str, Collection[Judged]], *, now: datetime) -> list[TermWorth]:
    """Return what each term is worth, the most often decided first.

    Args:
        matched: for each term, the decided texts in which it is meant.
    """
    found = []
    for name, texts in matched.items():
        lately, before = _months(texts, now)
        found.append(TermWorth(name, upheld(texts), upheld(lately), change(upheld(before), upheld(lately))))
    return sorted(found, key=lambda one: (-one.all.whole, one.name))


def _months(texts: Iterable[Judged], now: datetime) -> tuple[list[Judged], list[Judged]]:
    """Return those decided in the last month, and in the month before it."""
    some = list(texts)
    lately = [one for one in some if one.at > now - MONTH]
    return lately, [one for one in some if now - 2 * MONTH < one.at <= now - MONTH]


@dataclass(frozen=True)
class Band:
    """The decided texts whose score lay in a band, by the version that gave it."""

    version: str
    low: float
    high: float
    upheld: Precision


def bands(texts: Sequence[Judged]) -> list[Band]:
    """Return the share upheld by band of score, for each version of the detector, the latest first."""
    latest: dict[str, datetime] = {}
    for one in texts:
        if one.score is not None and one.at >= latest.get(one.version, one.at):
            latest[one.version] = one.at
    return [
        Band(version, low, high, upheld([one for one in texts if one.version == version and _within(one, low, high)]))
        for version in sorted(latest, key=lambda name: latest[name], reverse=True)
        for low, high in pairwise(EDGES)
    ]


def _within(one: Judged, low: float, high: float) -> bool:
    return one.score is not None and low <= one.score and (one.score < high or high == 1.0)


@dataclass(frozen=True)
class Drift:
    """How the share upheld among texts scored over the bar moved from the month before to the last one."""

    before: Precision
    lately: Precision
    moved: Change


def drift(texts: Sequence[Judged], *, now: datetime) -> Drift:
    lately, before = _months((one for one in texts if one.score is not None and one.score >= BAR), now)
    first, second = upheld(before), upheld(lately)
    return Drift(first, second, change(first, second))


@dataclass(frozen=True)
class Bin:
    """Texts of nearly one score: what the machine said on average, and how many people upheld."""

    said: float | None
    upheld: Precision
    low: float
    high: float


def calibration(texts: Sequence[Judged]) -> tuple[list[Bin], float | None]:
    """Return said against upheld in ten bins, and the calibration error (the mean gap, weighted by texts).

    The error is None under `LEAST_CALIBRATED` texts. Only what was reported and decided counts: it is no sample of
    what is written online.

    Source: Naeini, Cooper & Hauskrecht (2015), expected calibration error.
    """
    known = [(one, one.score) for one in texts if one.score is not None]
    found, gap = [], 0.0
    for place in range(BINS):
        low, high = place / BINS, (place + 1) / BINS
        here = [(one, score) for one, score in known if min(int(score * BINS), BINS - 1) == place]
        said = sum(score for _one, score in here) / len(here) if here else None
        found.append(Bin(said, upheld([one for one, _score in here]), low, high))
        if here and said is not None:
            gap += len(here) * abs(said - sum(one.is_hateful for one, _score in here) / len(here))
    return found, gap / len(known) if len(known) >= LEAST_CALIBRATED else None


def disagreements(texts: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    """Return where machine and people disagree most: scored high and not upheld; scored low and upheld."""
    known = [(one, one.score) for one in texts if one.score is not None]
    alarms = sorted((pair for pair in known if not pair[0].is_hateful and pair[1] >= BAR), key=lambda pair: -pair[1])
    missed = sorted((pair for pair in known if pair[0].is_hateful and pair[1] < BAR), key=lambda pair: pair[1])
    return [one for one, _score in alarms[:SURELY_TOLD]], [one for one, _score in missed[:SURELY_TOLD]]


def versions(texts: Iterable[Judged]) -> Counter[str]:
    return Counter(one.version for one in texts if one.score is not None)
