"""Counting honestly: missing is «n.d.», small numbers are hidden in what is published. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

SMALL = 5


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; every field None when there is nothing to divide by."""

    part: int
    whole: int
    value: float | None
    low: float | None
    high: float | None


def share(part: int, whole: int) -> Share:
    """Return part / whole with its 95 % Wilson interval, or no value at all when `whole` is 0.

    Source: Wilson, E. B. (1927), Probable inference, JASA 22, 209-212.
    """
    if whole == 0:
        return Share(part, whole, None, None, None)
    z = 1.959963984540054
    p = part / whole
    middle = (p + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / (1 + z * z / whole)
    return Share(part, whole, p, max(0.0, middle - half), min(1.0, middle + half))


def quantile(delays: Sequence[timedelta], q: float) -> timedelta | None:
    """Return the delay under which a share `q` of the known delays lies, interpolated; None when there is none.

    Only what has ended has a delay: the number still open is shown beside it, since the slowest are among them.

    Source: Hyndman & Fan (1996), definition 7.
    """
    if not delays:
        return None
    ordered = sorted(delays)
    place = (len(ordered) - 1) * q
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def published(number: int | None) -> int | None:
    """Return what may be published of a count: None (shown as «< 5») for 1 to 4, since it could name somebody."""
    if number is None or 0 < number < SMALL:
        return None
    return number


def published_row(numbers: Sequence[int]) -> list[int | None]:
    """Return a row or column of counts as it may be published beside its total.

    When exactly one is hidden, the next smallest is hidden too: otherwise the total would give it away.
    """
    shown = [published(number) for number in numbers]
    hidden = [place for place, number in enumerate(numbers) if 0 < number < SMALL]
    if len(hidden) == 1:
        others = [place for place, number in enumerate(numbers) if number >= SMALL]
        if others:
            shown[min(others, key=lambda place: numbers[place])] = None
    return shown
