"""How words are compared here: without case, accents, and what copies change. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import ahocorasick_rs

_ACCENT = re.compile("[\u0300-\u036f\u200b-\u200f\u2060\ufeff]")
_NOT_WORD = re.compile(r"[\W_]+")
_HASHTAG = re.compile(r"#(\w+)")


def folded(text: str) -> str:
    """Return the words of a text, each between blanks: ` une phrase `; so that a word is found whole."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", text).casefold())
    return f" {_NOT_WORD.sub(' ', plain).strip()} "


def bare(word: str) -> str:
    """Return one term, hashtag or account as it is compared, without its sign."""
    return folded(word).strip()


def hashtags_of(text: str) -> tuple[str, ...]:
    """Return the hashtags that stand in a text, as they are compared."""
    return tuple(dict.fromkeys(bare(tag) for tag in _HASHTAG.findall(text)))


class Finder:
    """Which of many terms stand in a text, as whole words, in one pass."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms: dict[str, str] = {}
        for term in terms:
            if bare(term):
                self._terms.setdefault(f" {bare(term)} ", term)
        self._patterns = list(self._terms)
        self._automaton = ahocorasick_rs.AhoCorasick(self._patterns) if self._patterns else None

    def found(self, folded_text: str) -> set[str]:
        """Return the terms, as they were given, that stand in a text that is folded already."""
        if self._automaton is None:
            return set()
        indexes = self._automaton.find_matches_as_indexes(folded_text, overlapping=True)
        return {self._terms[self._patterns[index]] for index, _start, _end in indexes}
