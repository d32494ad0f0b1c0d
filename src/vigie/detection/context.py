"""What the words around a term say of it: quoted, said of oneself, ordinary, or meant as it looks. Plain rules."""

from __future__ import annotations

import numpy as np

from .features import CLASS, Seen
from .flat import Gap, fold_word
from .hints import Kind, Target, Use
from .terms import Term

REACH = 8
"""Tokens on each side that are looked at; a sentence's end stops the look."""
_REPORTS = frozenset(CLASS[name] for name in ("report", "counter"))
_ONESELF = frozenset(CLASS[name] for name in ("self", "kin"))
_HOSTILE = frozenset(
    CLASS[name]
    for name in (
        "slur", "insult", "dirty", "dehuman", "trait", "hate", "violence", "death", "expel", "crime", "power", "invade",
        "steal", "deny",
    )
)  # fmt: skip
_GROUP = CLASS["group"]
_OPEN = "«“„"


class Surroundings:
    """The words of a batch, asked about one place after the other."""

    def __init__(self, seen: Seen) -> None:
        flat = seen.flat
        self._flat, self._does = flat, seen.does
        quotes = np.cumsum((flat.gap & Gap.QUOTE) != 0)
        before = np.concatenate([np.zeros(1, dtype=np.int64), quotes])[flat.firsts[:-1]]
        self._marks = quotes - before[flat.post] if flat.post.size else quotes
        """How many quotation marks stand before each token, in its text."""

    def use_of(self, first: int, stop: int, term: Term) -> Use:
        """Return how a term that stands on the tokens [first, stop) is used there."""
        around = self._around(first, stop)
        classes = {one for part in around for one in self._does[part].tolist()}
        words: frozenset[int] = frozenset()
        if term.unless or term.beside:
            words = frozenset(one for part in around for one in self._flat.word[part].tolist())
        if term.unless and words & _numbers(term.unless):
            return Use.ORDINARY
        if self._is_quoted(first, stop):
            return Use.QUOTED
        if classes & _ONESELF and term.kind is Kind.SLUR and not classes & (_HOSTILE - {CLASS["slur"]}):
            return Use.RECLAIMED
        if not term.needs_context:
            return Use.PLAIN
        if term.beside and words & _numbers(term.beside):
            return Use.PLAIN
        if term.kind is Kind.NUMBER or term.target is Target.ANY:
            return Use.UNSURE
        return Use.PLAIN if classes & _HOSTILE and (_GROUP in classes or term.kind is Kind.SLUR) else Use.UNSURE

    def _around(self, first: int, stop: int) -> tuple[slice, slice]:
        """Return the tokens before and after, within the sentence and the reach."""
        begin, end = max(0, first - REACH), min(self._flat.word.size, stop + REACH)
        edges = (self._flat.gap[begin:end] & (Gap.FIRST | Gap.STOP)).tolist()
        # A token with an edge before it begins a sentence: nothing before it counts, nor it and what follows it.
        opens = next((place for place in range(first, begin, -1) if edges[place - begin]), begin)
        closes = next((place for place in range(stop, end) if edges[place - begin]), end)
        return slice(opens, first), slice(stop, closes)

    def _is_quoted(self, first: int, stop: int) -> bool:
        """Between two quotation marks of which the first opens before the term, in the same text."""
        if self._marks[first] % 2 == 0:
            return False
        after = self._flat.texts[self._flat.post[first]][int(self._flat.ends[stop - 1]) :]
        return any(mark in after for mark in '"»”“')


_KNOWN: dict[tuple[str, ...], frozenset[int]] = {}


def _numbers(words: tuple[str, ...]) -> frozenset[int]:
    from .flat import forms_of

    if words not in _KNOWN:
        _KNOWN[words] = frozenset(forms_of([fold_word(word) for word in words]).hashes.tolist())
    return _KNOWN[words]
