"""Counting honestly: what is missing is no number, small numbers are hidden in what is published. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
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


@dataclass(frozen=True)
class Sum:
    """Numbers that add up to another one shown beside them: who knows all but one knows that one too."""

    whole: Hashable
    parts: tuple[Hashable, ...]


def hidden(numbers: Mapping[Hashable, int], sums: Sequence[Sum]) -> frozenset[Hashable]:
    """Return which of `numbers` may not be published: 1 to 4, since they could name somebody, and as many others
    as it takes that no sum gives one of them away.

    In each sum nothing is hidden, or at least two are; and two or more that could only be 1 each, or only 4 each,
    take one more with them. Zeros stay: that nothing happened names nobody.

    Source: cell suppression, Hundepool et al. (2012), Statistical Disclosure Control, ch. 4; the threshold is ours.
    """
    kept_back = {name for name, number in numbers.items() if 0 < number < SMALL}
    grew = True
    while grew:
        grew = False
        for total in sums:
            more = _gives_away(total, numbers, kept_back)
            if more is not None:
                kept_back.add(more)
                grew = True
    return frozenset(kept_back)


def _gives_away(total: Sum, numbers: Mapping[Hashable, int], kept_back: set[Hashable]) -> Hashable | None:
    """Return what must be hidden too, the smallest first and the whole last; None when the sum tells nothing."""
    held = [name for name in (*total.parts, total.whole) if name in kept_back]
    parts = [numbers[name] for name in held if name != total.whole]
    is_forced = total.whole not in kept_back and set(parts) in ({1}, {SMALL - 1})
    if not held or (len(held) > 1 and not is_forced):
        return None
    free = [name for name in total.parts if numbers[name] and name not in kept_back]
    if free:
        return min(free, key=lambda name: numbers[name])
    return total.whole if total.whole not in kept_back else None
