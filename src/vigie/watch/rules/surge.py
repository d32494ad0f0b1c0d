"""Rises: is this more than this hour of the week explains, and since when? Pure.

A series is what one watch found by one source, about one target, with one term, or in all. Its counts of each minute
are summed over windows of 5, 15 and 60 minutes and compared with what is expected there:

- **expected**: the median of the same hour of the week and its two neighbours in the last eight weeks, drawn towards
  that hour of the last seven days as long as there are few weeks (and, with less than three days, towards the level of all hours, if that is higher);
- **how much it varies**: negative binomial, with the variance `φ·μ + (c·μ)²`. φ is how clumpy the posts come (a
  conversation is several at once): from the pieces of an hour around that hour's own mean, for each window's length. c
  is how far a whole hour strays from that hour of other days, and what an expectation from few weeks may be wrong by.
  Both are robust, so that a past rise does not teach that rises are normal;
- **called** when so many would be seen with a probability below `alpha`, and they are at least twice the expected
  and at least `LEAST_SEEN`.

`alpha` comes from a budget: `FALSE_CALLS_A_WEEK` shared among all that is tried in a week. Windows that overlap say
nearly the same; about four a window's length count as tried separately.

The likely start is where a change of level explains the minutes best (the largest likelihood ratio of two Poisson
levels). A rise is over when half an hour was below one and a half times the expected.

What this does not see: a rise that takes days to grow becomes the expected; a series of less than a day is learned, not
judged; what the sources do not give.

Source: negative binomial for overdispersed counts in outbreak detection: Noufaily et al., «An improved algorithm for
outbreak detection in multiple surveillance systems», Statistics in Medicine, 2013; scan over windows: Kulldorff, 1997.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(weeks=1)

WINDOWS = (5, 15, 60)  # minutes
WEEKS = 8
LEVEL_HOURS = 24 * 14
LEAST_HISTORY = timedelta(hours=24)
LEAST_SEEN = 10
LEAST_RATIO = 2.0
LEAST_PER_HOUR = 0.5
"""Of what was never seen, so many an hour are expected: one may always come."""
FALSE_CALLS_A_WEEK = 0.2
TRIED_A_WEEK = sum(7 * 24 * 60 / window * 4 for window in WINDOWS)
LEAST_SERIES = 20
LOOK_BACK_MINUTES = 180
CLUMPS_HOURS = 24
CLUMPS_FROM_HOURS = 2
"""Not from the hour that is judged, nor the one before it."""
USUAL_CLUMPS = 2.0
MOST_STRAY = 0.6
MOST_FLOOR = 4.0
OVER_MINUTES = 30
OVER_RATIO = 1.5


@dataclass(frozen=True)
class Expected:
    """What an hour should hold, and how far it may stray."""

    per_hour: float
    clumps: Mapping[int, float]
    """φ for each window: how many times the variance of a Poisson count."""
    stray: float
    """c: by what share the level of an hour strays, and the expectation may be wrong."""

    def variance(self, window: int) -> float:
        mean = self.per_hour * window / 60
        return self.clumps[window] * mean + (self.stray * mean) ** 2


@dataclass(frozen=True)
class Rise:
    """A rise that is called."""

    window_minutes: int
    seen: int
    expected: float
    onset_at: datetime


def expected_at(
    hours: Mapping[datetime, int], minutes: Mapping[datetime, int], at: datetime, *, since: datetime
) -> Expected | None:
    """Return what the hour of `at` should hold; None while the series is too young to say.

    Args:
        hours: counts by the beginning of the hour; an hour that is not there had none.
        minutes: counts by the beginning of the minute, of the last day at least.
        since: when the series began to be watched: before that, nothing is zero but unknown.
    """
    this = at.replace(minute=0, second=0, microsecond=0)
    first = since.replace(minute=0, second=0, microsecond=0) + HOUR
    if this - first < LEAST_HISTORY:
        return None
    known = [this - n * HOUR for n in range(1, LEVEL_HOURS + 1) if this - n * HOUR >= first]
    level = _trimmed([hours.get(hour, 0) for hour in known])
    same = [
        hours.get(this - week * WEEK + step * HOUR, 0)
        for week in range(1, WEEKS + 1)
        for step in (-1, 0, 1)
        if this - week * WEEK + step * HOUR >= first
    ]
    weeks = len(same) // 3
    of_day = [hours.get(this - day * timedelta(days=1) + step * HOUR, 0) for day in range(1, 8) for step in (-1, 0, 1)
              if this - day * timedelta(days=1) + step * HOUR >= first]  # fmt: skip
    daily = median(of_day) if of_day else level
    # From one or two days nobody knows the hours: of two guesses the higher one, for a false call costs more.
    young = daily if len(of_day) >= 9 else max(level, daily)
    per_hour = (weeks * (median(same) if same else 0.0) + 2 * young) / (weeks + 2)
    per_hour = max(per_hour, LEAST_PER_HOUR)
    # A quiet series holds too few clumps in a day to learn from: its hours of two weeks tell how large they come.
    floor = min(_dispersion([hours.get(hour, 0) for hour in known]), MOST_FLOOR)
    clumps = {window: max(_clumps(minutes, this, window), floor) for window in WINDOWS}
    stray = math.sqrt(max(_spread(hours, known) - clumps[60], 0.0) / per_hour)
    return Expected(per_hour=per_hour, clumps=clumps, stray=math.hypot(min(stray, MOST_STRAY), 0.1 + 0.4 / (weeks + 1)))


def _clumps(minutes: Mapping[datetime, int], this: datetime, window: int) -> float:
    """Return φ for windows of that length: the variance of the pieces of an hour around its own mean, in Poisson's.

    Of whole hours nothing can be said this way; their pieces of a quarter of an hour say the least that it is.
    """
    size = min(window, 15)
    ratios = []
    for back in range(CLUMPS_FROM_HOURS, CLUMPS_HOURS + CLUMPS_FROM_HOURS):
        begin = this - back * HOUR
        pieces = [
            sum(minutes.get(begin + (start + step) * MINUTE, 0) for step in range(size)) for start in range(0, 60, size)
        ]
        mean = sum(pieces) / len(pieces)
        if sum(pieces) >= 4:
            ratios.append(sum((piece - mean) ** 2 for piece in pieces) / (len(pieces) - 1) / mean)
    # Drawn towards a usual value as long as few hours say anything.
    return max(1.0, (_trimmed(ratios) * len(ratios) + USUAL_CLUMPS * 4) / (len(ratios) + 4))


def _dispersion(counts: Sequence[int]) -> float:
    """Return variance by mean of the hours, without the highest hundredth; 1 where there is nothing to tell from."""
    kept = sorted(counts)[: max(2, math.ceil(len(counts) * 0.99))]
    mean = sum(kept) / len(kept) if kept else 0.0
    if len(kept) < 24 or mean <= 0:
        return 1.0
    return sum((count - mean) ** 2 for count in kept) / (len(kept) - 1) / mean


def _trimmed(counts: Sequence[float]) -> float:
    """Return the mean without the highest tenth: a past rise does not become the level."""
    kept = sorted(counts)[: max(1, math.ceil(len(counts) * 0.9))]
    return sum(kept) / len(kept) if kept else 0.0


def _spread(hours: Mapping[datetime, int], known: Sequence[datetime]) -> float:
    """Return how much more than a Poisson count the hours stray from that hour of the other days."""
    by_hour: dict[int, list[int]] = {}
    for hour in known:
        by_hour.setdefault(hour.hour, []).append(hours.get(hour, 0))
    strays = []
    for counts in by_hour.values():
        if len(counts) < 3:
            continue
        middle = median(counts)
        strays += [(count - middle) / math.sqrt(max(middle, 0.5)) for count in counts]
    if not strays:
        return 4.0  # too few days to tell: take it as clumpy
    deviation = 1.4826 * median(abs(stray) for stray in strays)
    # The median deviation does not see the tail of a clumpy series: the ninth decile does.
    tail = sorted(abs(stray) for stray in strays)[int(len(strays) * 0.9)] / 1.645
    return max(1.0, deviation**2, tail**2)


def alpha_for(series: int) -> float:
    """Return how improbable a count must be, when so many series are looked at."""
    return FALSE_CALLS_A_WEEK / (TRIED_A_WEEK * max(series, LEAST_SERIES))


def rise(minutes: Mapping[datetime, int], at: datetime, expected: Expected, *, alpha: float) -> Rise | None:
    """Return the rise that the minutes up to `at` show; None when the hour explains them.

    Args:
        minutes: counts by the beginning of the minute; one that is not there had none.
    """
    now = at.replace(second=0, microsecond=0)
    for window in WINDOWS:
        seen = sum(minutes.get(now - n * MINUTE, 0) for n in range(window))
        mean = expected.per_hour * window / 60
        if seen < LEAST_SEEN or seen < LEAST_RATIO * mean:
            continue
        if at_least(seen, mean=mean, variance=expected.variance(window)) < alpha:
            return Rise(window, seen, mean, onset(minutes, now, expected.per_hour / 60))
    return None


def onset(minutes: Mapping[datetime, int], now: datetime, per_minute: float) -> datetime:
    """Return the minute from which a higher level explains what came best."""
    best, start, total = 0.0, now, 0
    usual = max(per_minute, 1e-6)
    for back in range(LOOK_BACK_MINUTES):
        total += minutes.get(now - back * MINUTE, 0)
        level = total / (back + 1)
        if level <= usual:
            continue
        ratio = total * math.log(level / usual) - (level - usual) * (back + 1)
        if ratio > best and minutes.get(now - back * MINUTE, 0):
            best, start = ratio, now - back * MINUTE
    return start


def is_over(minutes: Mapping[datetime, int], at: datetime, expected_per_hour: float) -> bool:
    """Say whether half an hour was no more than usual."""
    now = at.replace(second=0, microsecond=0)
    seen = sum(minutes.get(now - n * MINUTE, 0) for n in range(OVER_MINUTES))
    return seen <= max(OVER_RATIO * expected_per_hour * OVER_MINUTES / 60, 1)


def at_least(seen: int, *, mean: float, variance: float) -> float:
    """Return the probability of `seen` or more under a negative binomial of that mean and variance."""
    if seen <= 0:
        return 1.0
    variance = max(variance, mean * 1.0001)
    size = mean * mean / (variance - mean)
    # P(X ≥ k) = I_q(k, r), with q = μ / (r + μ).
    return _incomplete_beta(mean / (size + mean), seen, size)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - math.exp(front) * _fraction(1 - x, b, a) / b
    return math.exp(front) * _fraction(x, a, b) / a


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 / max(1 - (a + b) * x / (a + 1), tiny)
    total = d
    for n in range(1, 500):
        for step in (
            n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n)),
            -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1)),
        ):
            d = 1 + step * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + step / c
            c = c if abs(c) > tiny else tiny
            total *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return total
