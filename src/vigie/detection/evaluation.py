"""How good a detector is on labelled texts, with intervals: what a flagger must know before trusting it.

Every figure comes with a 95 % interval from 500 resamplings of the texts (percentiles, a fixed seed). A figure that
the texts cannot give (one class only, too few) is None, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

RESAMPLED = 500
LEAST = 20
"""Texts below which a slice is not measured."""
THRESHOLD = 0.5
_BINS = 10


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text somebody has judged, with what slices it belongs to."""

    text: str
    is_hateful: bool
    lang: str | None = None
    slices: Mapping[str, str] | None = None
    """Such as {"target": "jews", "month": "2026-10"}."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and its 95 % interval; None where it cannot be given."""

    value: float | None
    low: float | None = None
    high: float | None = None


def macro_f1(scores: Floats, truth: Bools) -> float | None:
    """Return the mean of the F1 of the two classes at 0.5; None with one class only."""
    if truth.all() or not truth.any():
        return None
    said = scores >= THRESHOLD
    values = []
    for is_wanted in (True, False):
        right = int(((said == is_wanted) & (truth == is_wanted)).sum())
        wrong = int((said == is_wanted).sum()) + int((truth == is_wanted).sum())
        values.append(2 * right / wrong if wrong else 0.0)
    return sum(values) / 2


def auroc(scores: Floats, truth: Bools) -> float | None:
    """Return the chance that a hateful text scores above one that is not; ties count half."""
    hateful = int(truth.sum())
    others = truth.size - hateful
    if not hateful or not others:
        return None
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    first = np.searchsorted(ordered, ordered, side="left")
    last = np.searchsorted(ordered, ordered, side="right")
    ranks = (first + last + 1) / 2
    return float((ranks[truth[order]].sum() - hateful * (hateful + 1) / 2) / (hateful * others))


def auprc(scores: Floats, truth: Bools) -> float | None:
    """Return the average precision: the area under precision over recall, by steps."""
    if not truth.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hit = truth[order]
    # Texts of one score come together: no order among them may help.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), truth.size - 1)
    found = np.cumsum(hit)[ends]
    precision = found / (ends + 1)
    return float((np.diff(found, prepend=0) * precision).sum() / truth.sum())


def recall_at(share: float) -> Callable[[Floats, Bools], float | None]:
    """Return a measure: the share of hateful texts found when at most `share` of the others are flagged."""

    def measure(scores: Floats, truth: Bools) -> float | None:
        if truth.all() or not truth.any():
            return None
        others = np.sort(scores[~truth])[::-1]
        allowed = int(share * others.size)
        limit = others[allowed] if allowed < others.size else -1.0
        return float((scores[truth] > limit).mean())

    return measure


def calibration_error(scores: Floats, truth: Bools) -> float | None:
    """Return how far, on average, the score is from the share found hateful, over ten bands of score."""
    if not truth.size:
        return None
    band = np.minimum((scores * _BINS).astype(np.int64), _BINS - 1)
    error = 0.0
    for number in range(_BINS):
        inside = band == number
        if inside.any():
            error += float(inside.mean()) * abs(float(scores[inside].mean()) - float(truth[inside].mean()))
    return error


def recall(scores: Floats, truth: Bools) -> float | None:
    """Return the share of hateful texts at 0.5 or above."""
    return float((scores[truth] >= THRESHOLD).mean()) if truth.any() else None


def false_alarms(scores: Floats, truth: Bools) -> float | None:
    """Return the share of other texts at 0.5 or above."""
    return float((scores[~truth] >= THRESHOLD).mean()) if not truth.all() else None


MEASURES: dict[str, Callable[[Floats, Bools], float | None]] = {
    "macro_f1": macro_f1,
    "auroc": auroc,
    "auprc": auprc,
    "recall_at_1_percent_false_alarms": recall_at(0.01),
    "recall_at_5_percent_false_alarms": recall_at(0.05),
    "calibration_error": calibration_error,
    "recall": recall,
    "false_alarms": false_alarms,
}


def figures(scores: Floats, truth: Bools, *, seed: int = 0) -> dict[str, Figure]:
    """Return every measure with its interval."""
    if truth.size < LEAST:
        return {name: Figure(None) for name in MEASURES}
    chance = np.random.default_rng(seed)
    draws = chance.integers(0, truth.size, size=(RESAMPLED, truth.size)) if truth.size <= 20_000 else None
    found = {}
    for name, measure in MEASURES.items():
        value = measure(scores, truth)
        again = (
            [measure(scores[draw], truth[draw]) for draw in draws] if draws is not None and value is not None else []
        )
        known = [one for one in again if one is not None]
        low, high = np.percentile(known, [2.5, 97.5]) if len(known) > RESAMPLED // 2 else (None, None)
        found[name] = Figure(value, None if low is None else float(low), None if high is None else float(high))
    return found


@dataclass(frozen=True, slots=True)
class Slice:
    """The figures of all texts, or of those that share something."""

    by: str
    value: str
    texts: int
    hateful: int
    figures: dict[str, Figure]


def evaluated(texts: Sequence[Labelled], scores: Sequence[float]) -> list[Slice]:
    """Return the figures of all texts, then by each slice. A slice of hateful texts alone is measured against all others.

    Kinds and targets are said of hateful texts: their slice holds those, and every text that is not hateful.
    """
    truth = np.array([one.is_hateful for one in texts], dtype=bool)
    values = np.array(scores, dtype=np.float64)
    found = [Slice("all", "", truth.size, int(truth.sum()), figures(values, truth))]
    names = list(dict.fromkeys(name for one in texts for name in (one.slices or {})))
    for name in names:
        owned = np.array([(one.slices or {}).get(name, "") for one in texts])
        for value in sorted(set(owned.tolist()) - {""}):
            inside = owned == value
            if name in _SAID_OF_HATEFUL:
                inside |= ~truth
            found.append(
                Slice(name, value, int(inside.sum()), int(truth[inside].sum()), figures(values[inside], truth[inside]))
            )
    return found


_SAID_OF_HATEFUL = frozenset({"target", "kind"})


def spread(slices: Iterable[Slice], by: str) -> float | None:
    """Return the largest difference of recall between the slices of one kind; None with fewer than two."""
    known = [one.figures["recall"].value for one in slices if one.by == by]
    values = [value for value in known if value is not None]
    return max(values) - min(values) if len(values) > 1 else None
