"""Texts that say nearly the same thing: the same raid, copied with a word changed. Pure.

Only suggestions come of it. Two texts are compared word for word; to find whom to compare with among a hundred
thousand, each text leaves a few marks (a digest of its words, and four bands of a MinHash), and texts that
share one are candidates.

Source: Broder, «On the resemblance and containment of documents», 1997; banding as in Leskovec, Rajaraman and
Ullman, «Mining of Massive Datasets», chapter 3.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Set

NEAR = 0.7  # share of words two texts have in common, from which a person would want to see both
LEAST_WORDS = 2
BANDS = 4
ROWS = 2
_PRIME = (1 << 61) - 1
_LINK = re.compile(r"https?://\S+|www\.\S+|@\w+")
_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_LAUGHTER = re.compile(r"(.)\1{2,}")


def words_of(text: str) -> list[str]:
    """Return the words of a text without what copies change: case, accents, links, names called, repeated letters."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", _LINK.sub(" ", text).casefold()))
    return _WORD.findall(_LAUGHTER.sub(r"\1\1", plain))


def resemblance(one: Set[str], other: Set[str]) -> float:
    """Return the share of distinct words that two texts have in common: 0 none, 1 all."""
    union = one | other
    return len(one & other) / len(union) if union else 0.0


def marks_of(text: str) -> list[int]:
    """Return the marks under which a text is found again, as signed 64-bit numbers; none for a text too short."""
    words = words_of(text)
    if len(words) < LEAST_WORDS:
        return []
    hashes = [_hash(word) for word in set(words)]
    smallest = [min((times * value + plus) % _PRIME for value in hashes) for times, plus in _SHUFFLES]
    bands = [_hash(f"band {n} {smallest[n * ROWS : (n + 1) * ROWS]}") for n in range(BANDS)]
    return [_signed(mark) for mark in [_hash(" ".join(words)), *bands]]


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


# Fixed, so that the marks of last year still match those of today.
_SHUFFLES = [(_hash(f"times {n}") % _PRIME or 1, _hash(f"plus {n}") % _PRIME) for n in range(BANDS * ROWS)]


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number
