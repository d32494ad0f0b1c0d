"""Tables of writings: which of many thousand words and phrases stand in a batch, found by their numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .flat import Flat, Forms, Gap, Hashes, Ints, joined

LONGEST = 8
"""Words in the longest phrase that is looked for."""
_SIEVE_BITS = 20


@dataclass(frozen=True, slots=True)
class Hits:
    """Where writings were found: the first token, the number of tokens, the row of the table."""

    token: Ints
    length: Ints
    row: Ints


class NumberTable:
    """Numbers → rows. What is not there is sieved out before it is searched."""

    def __init__(self, hashes: Hashes, rows: Ints | None = None) -> None:
        order = np.argsort(hashes, kind="stable")
        rows = np.arange(hashes.size) if rows is None else rows
        ordered, rows = hashes[order], rows[order]
        first = np.ones(ordered.size, dtype=bool)
        first[1:] = ordered[1:] != ordered[:-1]
        self.hashes, self.rows = ordered[first], rows[first]
        bits = max(_SIEVE_BITS, int(self.hashes.size * 8).bit_length())
        self._shift = np.uint64(64 - bits)
        self._sieve = np.zeros(1 << bits, dtype=bool)
        self._sieve[self.hashes >> self._shift] = True

    def find(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """Return (places in `hashes`, rows) of those that are in the table."""
        places = np.flatnonzero(self._sieve[hashes >> self._shift])
        if not places.size or not self.hashes.size:
            return places[:0], places[:0]
        asked = hashes[places]
        at = np.minimum(np.searchsorted(self.hashes, asked), self.hashes.size - 1)
        is_there = self.hashes[at] == asked
        return places[is_there], self.rows[at[is_there]]


class PhraseTable:
    """Writings of one to `LONGEST` words → rows."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self._words = NumberTable(*self._of(1))
        self._pairs = NumberTable(*self._of(2))
        self._longer = [
            (length, NumberTable(*self._of(length)))
            for length in range(3, LONGEST + 1)
            if (forms.lengths == length).any()
        ]
        long = np.flatnonzero((forms.lengths > 2) & (forms.lengths <= LONGEST))
        self._begins = NumberTable(np.unique(forms.pairs[long]))
        """The first two words of what is longer: nearly no place of a text goes on from there."""

    def _of(self, length: int) -> tuple[Hashes, Ints]:
        rows = np.flatnonzero(self.forms.lengths == length)
        return self.forms.hashes[rows], rows

    def find(self, flat: Flat) -> list[tuple[int, Ints, Ints]]:
        """Return (length, first tokens, rows) for each length, the shortest first; a phrase stays within a sentence."""
        word = flat.word
        found = [(1, *self._words.find(word))]
        if word.size < 2:
            return found
        follows = (flat.gap[1:] & _APART) == 0
        pairs = joined(word[:-1], word[1:])
        tokens, rows = self._pairs.find(pairs)
        kept = follows[tokens]
        found.append((2, tokens[kept], rows[kept]))
        at, _ = self._begins.find(pairs)
        at = at[follows[at]]
        total, length = pairs[at], 2
        for wanted, table in self._longer:
            while length < wanted and at.size:
                inside = at + length < word.size
                at, total = at[inside], total[inside]
                goes_on = follows[at + length - 1]
                at, total = at[goes_on], total[goes_on]
                total = joined(total, word[at + length])
                length += 1
            if not at.size:
                break
            places, rows = table.find(total)
            found.append((wanted, at[places], rows))
        return [one for one in found if one[1].size]


_APART = Gap.FIRST | Gap.STOP | Gap.FAR


def longest_first(found: list[tuple[int, Ints, Ints]], count: int) -> Hits:
    """Keep of what overlaps the longest, and among equals the first; in the order of the text."""
    taken = np.zeros(count, dtype=bool)
    tokens, lengths, rows = [], [], []
    for length, at, row in reversed(found):
        free = ~taken[at]
        for step in range(1, length):
            free &= ~taken[at + step]
        at, row = at[free], row[free]
        if length > 1 and at.size > 1 and (np.diff(at) < length).any():
            kept, last = np.ones(at.size, dtype=bool), -length
            for place, token in enumerate(at.tolist()):
                kept[place] = token >= last + length
                last = token if kept[place] else last
            at, row = at[kept], row[kept]
        for step in range(length):
            taken[at + step] = True
        tokens.append(at)
        lengths.append(np.full(at.size, length))
        rows.append(row)
    if not tokens:
        nothing = np.zeros(0, dtype=np.int64)
        return Hits(nothing, nothing, nothing)
    token = np.concatenate(tokens)
    order = np.argsort(token, kind="stable")
    return Hits(token[order], np.concatenate(lengths)[order], np.concatenate(rows)[order])
