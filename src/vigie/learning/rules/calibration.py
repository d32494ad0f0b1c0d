"""A score fitted to what one association upholds: slope and shift, compared on decisions it never saw. Pure; numpy only.

The detector's score is the chance that a trained moderator finds a text hateful. What one association receives, and
what it upholds, may lie elsewhere: two numbers move the whole scale without changing the order of texts. They are
fitted on the earlier three quarters of the decisions and judged on the latest quarter.

Source: Platt (1999), Probabilistic outputs for support vector machines; the pull towards (1, 0), worth ten decisions,
is ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEAST = 200
"""Decisions under which nothing is proposed."""
LEAST_OF_EACH = 20
"""Of both answers, among the earlier and the latest decisions."""
HELD_BACK = 0.25
PULL = 10.0
RESAMPLED = 500
EDGE = 1e-4
SLOPE_LEAST = 0.05
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """score → 1 / (1 + exp(-(slope · logit(score) + shift))); (1, 0) changes nothing."""

    slope: float = 1.0
    shift: float = 0.0

    def of(self, score: float) -> float:
        """Return a score on this scale, rounded like those of the detector; a text without a word keeps its 0."""
        if score <= 0.0:
            return score
        bounded = min(max(score, EDGE), 1 - EDGE)
        moved = self.slope * math.log(bounded / (1 - bounded)) + self.shift
        return round(1 / (1 + math.exp(-moved)), 4)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure on the decisions held back, before and after, and their difference with its 95 % interval."""

    before: float
    after: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Say whether the whole interval of the difference lies below 0: less is better for both figures."""
        return self.high < 0


@dataclass(frozen=True, slots=True)
class Proposal:
    scale: Scale
    fitted_on: int
    held_back: int
    surprise: Figure
    """Mean log-loss: how much the decisions surprise who believes the score."""
    gap: Figure
    """Calibration error in ten bins."""

    @property
    def is_better(self) -> bool:
        return self.surprise.is_better


def proposed(decisions: Sequence[tuple[float, bool]]) -> Proposal | None:
    """Return a scale fitted to decisions and what it does on the latest of them; None while they are too few.

    Args:
        decisions: score without any scale, and whether people upheld; the earliest first.
    """
    cut = len(decisions) - int(len(decisions) * HELD_BACK)
    earlier, latest = decisions[:cut], decisions[cut:]
    if len(decisions) < LEAST or not (_has_both(earlier) and _has_both(latest)):
        return None
    scores, truth = _arrays(latest)
    scale = fitted(*_arrays(earlier))
    moved = np.array([scale.of(one) for one in scores.tolist()])
    surprise, gap = _compared(scores, moved, truth)
    return Proposal(scale, len(earlier), len(latest), surprise, gap)


def _has_both(some: Sequence[tuple[float, bool]]) -> bool:
    upheld = sum(is_upheld for _score, is_upheld in some)
    return min(upheld, len(some) - upheld) >= LEAST_OF_EACH


def _arrays(some: Sequence[tuple[float, bool]]) -> tuple[Floats, Floats]:
    return np.array([score for score, _ in some]), np.array([float(upheld) for _, upheld in some])


def fitted(scores: Floats, truth: Floats) -> Scale:
    """Return slope and shift of the largest likelihood, pulled a little towards (1, 0), by Newton's steps."""
    bounded = np.clip(scores, EDGE, 1 - EDGE)
    inputs = np.column_stack([np.log(bounded / (1 - bounded)), np.ones(scores.size)])
    rest = np.array([1.0, 0.0])
    at = rest.copy()
    pull = PULL / 4 * np.eye(2)  # a decision at even odds weighs a quarter
    for _ in range(50):
        said = 1 / (1 + np.exp(-np.clip(inputs @ at, -30, 30)))
        slope = inputs.T @ (said - truth) + pull @ (at - rest)
        bend = inputs.T @ (inputs * (said * (1 - said))[:, None]) + pull
        step = np.linalg.solve(bend, slope)
        at = at - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return Scale(round(max(float(at[0]), SLOPE_LEAST), 6), round(float(at[1]), 6))


def _compared(before: Floats, after: Floats, truth: Floats) -> tuple[Figure, Figure]:
    """Return both figures with intervals from resampling the decisions, a fixed seed."""
    chance = np.random.default_rng(20261126)
    rows = [chance.integers(0, truth.size, truth.size) for _ in range(RESAMPLED)]
    found = []
    for measure in (_surprise, _gap):
        moved = [measure(after[row], truth[row]) - measure(before[row], truth[row]) for row in rows]
        low, high = np.percentile(moved, [2.5, 97.5]).tolist()
        found.append(Figure(measure(before, truth), measure(after, truth), low, high))
    return found[0], found[1]


def _surprise(scores: Floats, truth: Floats) -> float:
    bounded = np.clip(scores, EDGE, 1 - EDGE)
    return float(-(truth * np.log(bounded) + (1 - truth) * np.log(1 - bounded)).mean())


def _gap(scores: Floats, truth: Floats) -> float:
    bins = np.minimum((scores * 10).astype(np.int64), 9)
    off = np.bincount(bins, weights=scores - truth, minlength=10)
    return float(np.abs(off).sum() / truth.size)
