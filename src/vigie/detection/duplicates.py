"""Posts that say nearly the same: copypasta, light rewrites, re-posts. Numbers only, no Django.

    groups = cluster(["Un texte recopié mot pour mot…", "RT Un texte recopié mot pour mot !!", "Autre chose"])
    groups.ids  # array([0, 0, -1])

What comes of it is a suggestion: a person confirms.

**How.** Of a text remain its letters and digits, without case and accents; links, the names it calls and «RT» fall
(what copies change). Each run of `SHINGLE` of them is a shingle. One pass puts the shingles into `BINS` bins and keeps
the smallest of each (one-permutation MinHash); an empty bin borrows from another, chosen by its number alone. Two
texts share a bin as often as they share shingles (Jaccard). Texts that agree in all bins of one band are candidates, and
join when the whole of their bins says `NEAR` or more. Without that check one frequent phrase would chain all into one.

**Short texts.** A text of fewer than `LEAST_LETTERS` letters and digits means too little: it is in no group, even
with its exact copy («Bonne année à tous !»).

**Bounds.** The share is estimated: at 0.5 it is within 0.12 nineteen times out of twenty. Groups are chained: the first
and the last of a long one may resemble each other less than `NEAR`; `similarity` says how much each does the first.

Source: Li, Owen and Zhang, «One Permutation Hashing», 2012; Shrivastava, «Optimal Densification for Fast and Accurate
Minwise Hashing», 2017; banding as in Leskovec, Rajaraman and Ullman, «Mining of Massive Datasets», chapter 3.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

VERSION = "opm-1"
NEAR = 0.5
LEAST_LETTERS = 24
SHINGLE = 5
BINS = 64
ROWS = 4
BANDS = BINS // ROWS
NONE = -1

BATCH_TEXTS = 4_000
"""Laid flat at once: what is worked on then stays in the processor's cache."""
_NEIGHBOURS = 3
_EMPTY = np.uint32(0xFFFFFFFF)

Sketches = NDArray[np.uint16]
"""A row for each text, `BINS` wide: 128 bytes."""


@dataclass(frozen=True)
class Groups:
    """Which texts belong together."""

    ids: NDArray[np.int64]
    """For each text the place of the first of its group, or `NONE`."""
    similarity: NDArray[np.float32]
    """For each text the estimated share of shingles it has in common with the first of its group; 0 without group."""


def cluster(texts: Sequence[str]) -> Groups:
    """Return the groups of texts that say nearly the same; the same texts always give the same groups."""
    return cluster_sketches(*sketch(texts))


def sketch(texts: Sequence[str]) -> tuple[Sketches, NDArray[np.bool_]]:
    """Return the sketch of each text, and which are long enough to be compared."""
    sketches = np.zeros((len(texts), BINS), np.uint16)
    long_enough = np.zeros(len(texts), np.bool_)
    for start in range(0, len(texts), BATCH_TEXTS):
        stop = min(start + BATCH_TEXTS, len(texts))
        letters, owners, counts = _letters(texts[start:stop])
        long_enough[start:stop] = counts >= LEAST_LETTERS
        sketches[start:stop] = _sketched(letters, owners, long_enough[start:stop])
    return sketches, long_enough


def cluster_sketches(sketches: Sketches, long_enough: NDArray[np.bool_]) -> Groups:
    """Return the groups of sketched texts, each text known by its row."""
    count = len(sketches)
    roots = np.arange(count)
    rows = np.flatnonzero(long_enough)
    # Copies agree in everything: one of each is enough to compare.
    rows = rows[_joined_copies(roots, sketches, rows)]
    for band in range(BANDS):
        for one, other in _candidates(_band(sketches, rows, band), rows):
            apart = roots[one] != roots[other]
            one, other = one[apart], other[apart]
            near = resemblance(sketches, one, other) >= NEAR
            _join(roots, one[near], other[near])
    return _groups(roots, sketches, long_enough)


def resemblance(sketches: Sketches, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the estimated share of shingles in common for each pair of rows."""
    share = np.empty(len(one), np.float32)
    for start in range(0, len(one), 1 << 15):
        piece = slice(start, start + (1 << 15))
        share[piece] = np.count_nonzero(sketches[one[piece]] == sketches[other[piece]], axis=1) / np.float32(BINS)
    return share


# From texts to letters


class _Folding:
    """What each character is written as in a sketch: one letter or digit, or nothing. Filled as characters are met."""

    SEPARATOR, SPACE, JOINED = 0, 1, 2
    """Neither letter nor digit; white space; part of the letter before it (accents, invisible characters)."""

    def __init__(self) -> None:
        self._table = np.zeros(0x110000, np.uint32)
        self._known = np.zeros(0x110000, np.bool_)

    def __call__(self, codes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        known = self._known[codes]
        if not known.all():
            for code in np.unique(codes[~known]).tolist():
                self._table[code] = self._folded(chr(code))
                self._known[code] = True
        return self._table[codes]

    def _folded(self, character: str) -> int:
        if character.isspace():
            return self.SPACE
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
            return self.JOINED
        first = next(iter(unicodedata.normalize("NFKD", character.casefold())), "")
        return ord(first) if first.isalnum() else self.SEPARATOR


_folding = _Folding()
_H, _T, _P, _R, _AT, _UNDERSCORE = (ord(sign) for sign in "htpr@_")
_LINE = ord("\n")


def _letters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Return what remains of all texts end to end, whose each letter is, and how many each text has."""
    flat = np.frombuffer(("\n".join(texts) + "\n").encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
    folded = _folding(flat)
    # Words in the wide sense: what stands between white space, in which links and names called are dropped whole.
    space = folded == _Folding.SPACE
    begins = np.flatnonzero(~space & np.concatenate(([True], space[:-1])))
    kept = folded > _Folding.JOINED
    if len(begins):
        kept &= ~_dropped(flat, folded, space, begins)
    owners = np.repeat(np.arange(len(texts)), lengths)[kept]
    return folded[kept], owners, np.bincount(owners, minlength=len(texts))


def _dropped(
    flat: NDArray[np.uint32], folded: NDArray[np.uint32], space: NDArray[np.bool_], begins: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say of each character whether it stands in a link, in a name called, or in the «RT» of a re-post."""
    last = len(flat) - 1

    def at(place: int) -> NDArray[np.uint32]:
        return folded[np.minimum(begins + place, last)]

    def is_word(word: str) -> NDArray[np.bool_]:
        letters = [at(place) == ord(letter) for place, letter in enumerate(word)]
        return np.logical_and.reduce(letters)

    link = is_word("http") | is_word("www")
    called = flat[begins] == _AT
    repost = is_word("rt") & (at(2) <= _Folding.SPACE)
    drops = link | called | repost
    ends = np.append(begins[1:], len(flat))
    marks = np.zeros(len(flat) + 1, np.int8)
    marks[begins[drops]] += 1
    marks[ends[drops]] -= 1
    return np.cumsum(marks[:-1], dtype=np.int8).view(np.bool_)


# From letters to sketches

_MIX = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)


def _mixed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Scatter 32-bit values over all of their range, in place (the finaliser of MurmurHash3)."""
    values ^= values >> np.uint32(16)
    values *= _MIX[1]
    values ^= values >> np.uint32(13)
    values *= _MIX[2]
    values ^= values >> np.uint32(16)
    return values


def _sketched(letters: NDArray[np.uint32], owners: NDArray[np.int64], long_enough: NDArray[np.bool_]) -> Sketches:
    count = len(long_enough)
    # Bin by bin, not text by text: what follows then works on whole rows.
    smallest = np.full(BINS * count, _EMPTY, np.uint32)
    if len(letters) >= SHINGLE:
        size = len(letters) - SHINGLE + 1
        hashes = letters[:size] * _MIX[0]
        for place in range(1, SHINGLE):
            hashes = (hashes + letters[place : place + size]) * _MIX[0]
        inside = owners[:size] == owners[SHINGLE - 1 :]
        hashes, owner = _mixed(hashes[inside]), owners[:size][inside]
        bins = (hashes & np.uint32(BINS - 1)) * np.int64(count) + owner
        np.minimum.at(smallest, bins, hashes >> np.uint32(6))
    by_bin = smallest.reshape(BINS, count)
    by_bin[:, ~long_enough] = 0
    return _filled(by_bin).T


# For each bin, on which side it looks for what to borrow.
_LOOKS_RIGHT = (_mixed(np.arange(BINS, dtype=np.uint32) + _MIX[0]) & np.uint32(1)).astype(np.bool_)
_NOWHERE = np.int16(1 << 12)
_FARTHER = np.uint16(0x9E37)
"""Added for each bin between: borrowed from a neighbour and from afar, a value is not the same."""


def _filled(smallest: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Let each empty bin borrow from the next that is not, to its right or left as the bin's number decides."""
    bins = np.arange(BINS, dtype=np.int16)[:, None]
    full = smallest != _EMPTY
    right = np.minimum.accumulate(np.where(full, bins, _NOWHERE)[::-1], axis=0)[::-1]
    right[right == _NOWHERE] = np.broadcast_to(right[0] + np.int16(BINS), right.shape)[right == _NOWHERE]
    left = np.maximum.accumulate(np.where(full, bins, -_NOWHERE), axis=0)
    left[left == -_NOWHERE] = np.broadcast_to(left[-1] - np.int16(BINS), left.shape)[left == -_NOWHERE]
    lender = np.where(_LOOKS_RIGHT[:, None], right, left)
    count = smallest.shape[1]
    places = (lender & np.int16(BINS - 1)).astype(np.intp) * count + np.arange(count)
    borrowed = smallest.ravel().take(places).astype(np.uint16)
    borrowed += np.abs(lender - bins).view(np.uint16) * _FARTHER
    return borrowed


# From sketches to groups

_SCATTER = np.uint64(0x9E3779B97F4A7C15)


def _joined_copies(roots: NDArray[np.int64], sketches: Sketches, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Join texts whose sketches are the same, and say which rows are the first of their kind."""
    first = np.zeros(len(rows), np.bool_)
    if not len(rows):
        return first
    keys = np.zeros(len(rows), np.uint64)
    for band in range(BANDS):
        keys = (keys ^ _band(sketches, rows, band)) * _SCATTER
        keys ^= keys >> np.uint64(29)
    _, places, kinds = np.unique(keys, return_index=True, return_inverse=True)
    roots[rows] = rows[places[kinds]]
    first[places] = True
    return first


def _band(sketches: Sketches, rows: NDArray[np.int64], band: int) -> NDArray[np.uint64]:
    """Return the bins of one band as one number, scattered over 64 bits."""
    keys = sketches.view(np.uint64)[rows, band] * _SCATTER
    return keys ^ (keys >> np.uint64(32))


def _candidates(
    keys: NDArray[np.uint64], rows: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pairs of rows with the same key: each with its next few, and with the first of them all."""
    # Sorted with its place in the last bits: several times as fast as asking for the order, and no two are equal.
    bits = np.uint64(max(len(rows) - 1, 1).bit_length())
    ordered = np.sort((keys * _SCATTER) >> bits << bits | np.arange(len(rows), dtype=np.uint64))
    keys = ordered >> bits
    rows = rows[(ordered & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)]
    for apart in range(1, _NEIGHBOURS + 1):
        same = np.flatnonzero(keys[apart:] == keys[:-apart])
        if not len(same):
            return
        yield rows[same], rows[same + apart]
    begins = np.concatenate(([True], keys[1:] != keys[:-1]))
    leaders = np.maximum.accumulate(np.where(begins, np.arange(len(keys)), 0))
    far = np.flatnonzero(np.arange(len(keys)) - leaders > _NEIGHBOURS)
    yield rows[leaders[far]], rows[far]


def _join(roots: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
    """Give both of each pair, and all joined to them before, the smallest root among them."""
    while len(one):
        left, right = roots[one], roots[other]
        low, high = np.minimum(left, right), np.maximum(left, right)
        np.minimum.at(roots, high, low)
        _flatten(roots)
        apart = roots[one] != roots[other]
        one, other = one[apart], other[apart]


def _flatten(roots: NDArray[np.int64]) -> None:
    while True:
        above = roots[roots]
        if np.array_equal(above, roots):
            return
        roots[:] = above


def _groups(roots: NDArray[np.int64], sketches: Sketches, long_enough: NDArray[np.bool_]) -> Groups:
    members = np.bincount(roots, minlength=len(roots))
    grouped = long_enough & (members[roots] > 1)
    similarity = np.zeros(len(roots), np.float32)
    rows = np.flatnonzero(grouped)
    similarity[rows] = resemblance(sketches, rows, roots[rows])
    return Groups(np.where(grouped, roots, NONE), similarity)


class NearIndex:
    """What was seen so far, asked for what resembles one text. Not for several threads at once.

        index = NearIndex()
        index.add("sighting-12", "Un texte recopié mot pour mot, avec assez de lettres")
        index.find("RT un texte recopié mot pour mot avec assez de lettres !")  # [("sighting-12", 1.0)]

    Keys are the caller's. 330 bytes a text, beside its key; a text is not kept.
    """

    def __init__(self) -> None:
        self._keys: list[Hashable] = []
        self._rows: dict[Hashable, int] = {}
        self._sketches: Sketches = np.zeros((_LATEST, BINS), np.uint16)
        self._ordered: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = []
        self._sealed = 0
        """How many rows are in order, band by band; those after them are compared one by one, all at once."""

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, key: Hashable, text: str) -> None:
        """Remember a text under its key; a key seen before is given the new text."""
        self.add_many([key], [text])

    def add_many(self, keys: Sequence[Hashable], texts: Sequence[str]) -> None:
        """Remember many, far faster than one by one. A text too short is not remembered."""
        sketches, long_enough = sketch(texts)
        for key, is_long, one in zip(keys, long_enough.tolist(), sketches, strict=True):
            self.discard(key)
            if is_long:
                self._append(key, one)
        if len(self._keys) - self._sealed > max(_LATEST, self._sealed // 4):
            self._seal()

    def discard(self, key: Hashable) -> None:
        """Forget a text, if it is there."""
        row = self._rows.pop(key, None)
        if row is not None:
            self._keys[row] = _FORGOTTEN

    def find(self, text: str, *, most: int = 5) -> list[tuple[Hashable, float]]:
        """Return the keys of what resembles `text` and the share in common, nearest first, then oldest first."""
        sketches, long_enough = sketch([text])
        if not long_enough[0]:
            return []
        rows = [np.arange(self._sealed, len(self._keys))]
        for band, (keys, places) in enumerate(self._ordered):
            key = _band(sketches, np.zeros(1, np.int64), band)[0]
            first, last = np.searchsorted(keys, key, "left"), np.searchsorted(keys, key, "right")
            rows.append(places[first:last])
        found = np.unique(np.concatenate(rows))
        shares = np.count_nonzero(self._sketches[found] == sketches[0], axis=1) / BINS
        near = sorted(zip((-shares).tolist(), found.tolist(), strict=True))
        named = ((self._keys[row], -share) for share, row in near if -share >= NEAR)
        return list(islice((one for one in named if one[0] is not _FORGOTTEN), most))

    def _append(self, key: Hashable, one: NDArray[np.uint16]) -> None:
        row = len(self._keys)
        if row == len(self._sketches):
            self._sketches = np.concatenate([self._sketches, np.zeros_like(self._sketches)])
        self._sketches[row] = one
        self._rows[key] = row
        self._keys.append(key)

    def _seal(self) -> None:
        """Drop what is forgotten and put the rest in order."""
        kept = np.array(sorted(self._rows.values()), np.int64)
        self._keys = [self._keys[row] for row in kept.tolist()]
        self._rows = {key: row for row, key in enumerate(self._keys)}
        self._sketches = np.concatenate(
            [self._sketches[kept], np.zeros((max(_LATEST, len(kept) // 4), BINS), np.uint16)]
        )
        self._sealed = len(kept)
        self._ordered = []
        rows = np.arange(self._sealed)
        for band in range(BANDS):
            keys = _band(self._sketches, rows, band)
            order = np.argsort(keys, kind="stable")
            self._ordered.append((keys[order], order))


_LATEST = 2_048
_FORGOTTEN = object()
