"""Shares of decisions with their doubt. What cannot be said is None, never 0. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST = 5
"""Decisions below which no share is given: one more would turn it over."""
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Precision:
    """Of `whole` decided, `part` were upheld; the share and its 95 % interval are None under `LEAST`."""

    part: int
    whole: int
    value: float | None
    low: float | None
    high: float | None


def precision(part: int, whole: int, *, least: int = LEAST) -> Precision:
    """Return part / whole with its 95 % Wilson interval; no share at all under `least`.

    Source: Wilson, E. B. (1927), Probable inference, JASA 22, 209-212.
    """
    if whole < max(least, 1):
        return Precision(part, whole, None, None, None)
    share = part / whole
    spread = 1 + _Z * _Z / whole
    middle = (share + _Z * _Z / (2 * whole)) / spread
    half = _Z * math.sqrt(share * (1 - share) / whole + _Z * _Z / (4 * whole * whole)) / spread
    return Precision(part, whole, share, max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two shares, the later less the earlier; None where one of them cannot be given."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def is_sure(self) -> bool:
        """Say whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def change(earlier: Precision, later: Precision) -> Change:
    """Return how a share moved, with its 95 % interval.

    Source: Newcombe, R. G. (1998), Interval estimation for the difference between independent proportions, method 10,
    Statistics in Medicine 17, 873-890.
    """
    if earlier.value is None or later.value is None:
        return Change(None, None, None)
    assert earlier.low is not None and earlier.high is not None and later.low is not None and later.high is not None  # noqa: S101,PT018
    moved = later.value - earlier.value
    down = math.hypot(later.value - later.low, earlier.high - earlier.value)
    up = math.hypot(later.high - later.value, earlier.value - earlier.low)
    return Change(moved, max(-1.0, moved - down), min(1.0, moved + up))
