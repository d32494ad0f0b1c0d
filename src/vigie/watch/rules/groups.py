"""Posts that say nearly the same: which wave a post belongs to. Pure, and easy to swap for a better grouping.

A text leaves a few marks; waves that share one are candidates, and the words decide. A text too short to mean
anything («mdr», a lone emoji) leaves none and is never grouped by itself.

Source: Broder, «On the resemblance and containment of documents», 1997.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Set
from functools import lru_cache

from vigie.watch.rules.words import folded

NEAR = 0.7  # share of distinct words in common
LEAST_WORDS = 5
BANDS = 4
ROWS = 2
MOST_WORDS = 300
_PRIME = (1 << 61) - 1
_LINK = re.compile(r"https?://\S+|www\.\S+|@[\w.-]+")
_STRETCHED = re.compile(r"(.)\1{2,}")


def words_of(text: str) -> frozenset[str]:
    """Return the distinct words of a text without what copies change: case, accents, links, names called."""
    plain = _STRETCHED.sub(r"\1\1", folded(_LINK.sub(" ", text)))
    return frozenset(plain.split()[:MOST_WORDS])


def resemblance(one: Set[str], other: Set[str]) -> float:
    """Return the share of distinct words that two texts have in common: 0 none, 1 all."""
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def marks_of(words: Set[str]) -> list[int]:
    """Return the marks under which a text is found again, as signed 64-bit numbers; none for a text too short."""
    if len(words) < LEAST_WORDS:
        return []
    hashes = [_hash(word) for word in words]
    smallest = [min((times * value + plus) % _PRIME for value in hashes) for times, plus in _SHUFFLES]
    return [_signed(_hash(f"band {n} {smallest[n * ROWS : (n + 1) * ROWS]}")) for n in range(BANDS)]


@lru_cache(maxsize=50_000)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


# Fixed, so that the marks of an hour ago still match those of now.
_SHUFFLES = [(_hash(f"times {n}") % _PRIME or 1, _hash(f"plus {n}") % _PRIME) for n in range(BANDS * ROWS)]


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number
