"""The plain detector: a lexicon, matched, with its reasons. And the one an installation has chosen."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import ahocorasick_rs

from .grounds import grounds_of
from .hints import Detector, Hint, Kind, Match
from .languages import guess_language
from .normalise import Reading, plain, squeezed, unmasked
from .scoring import score
from .terms import SHIPPED, Lexicon, Term, read_lexicon

LEXICON_VARIABLE = "VIGIE_LEXICON"
METHOD = "lexicon-1"


class LexiconDetector:
    """Find the terms of one lexicon, whatever their case, accents and common disguises.

    A text said to be in another language than the lexicon's gives an empty hint.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.version = f"{METHOD}+{lexicon.version}"
        self._plain = _Patterns(lexicon, squeeze=False)
        self._squeezed = _Patterns(lexicon, squeeze=True)

    def read(self, text: str, lang: str | None = None) -> Hint:
        known = lang or guess_language(text)
        matches = () if lang and lang[:2].lower() != self.lexicon.lang else tuple(self._matches(text))
        return Hint(
            score=score(matches),
            lang=known,
            targets=tuple(dict.fromkeys(match.target for match in matches)),
            grounds=grounds_of(matches),
            matches=matches,
            detector_version=self.version,
        )

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        for text, lang in texts:
            yield self.read(text, lang)

    def _matches(self, text: str) -> list[Match]:
        reading = plain(text)
        found = self._plain.found(reading)
        disguised = unmasked(reading)
        if disguised:
            for patterns in (self._plain, self._squeezed):
                found += [
                    (start, end, term)
                    for start, end, term in patterns.found(disguised)
                    if not disguised.unmasked.isdisjoint(range(start, end))
                ]
        return [_match(text, *one) for one in _longest(found)]


class _Patterns:
    """Every writing of every term, in one automaton."""

    def __init__(self, lexicon: Lexicon, *, squeeze: bool) -> None:
        terms_of: dict[str, list[Term]] = {}
        for term in lexicon.terms:
            for writing in _writings(term):
                pattern = squeezed(writing) if squeeze else writing
                if squeeze and pattern == writing:
                    continue
                terms_of.setdefault(pattern, [])
                if term not in terms_of[pattern]:
                    terms_of[pattern].append(term)
        self._terms = list(terms_of.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(terms_of)) if terms_of else None

    def found(self, reading: Reading) -> list[tuple[int, int, Term]]:
        """Return (start, end, term) for each whole word or phrase, in places of the text as given."""
        if self._automaton is None:
            return []
        text, found = reading.text, []
        for pattern, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if _is_whole(text, start, end):
                place = reading.span(start, end)
                found += [(*place, term) for term in self._terms[pattern]]
        return found


def default_detector() -> Detector:
    """Return the detector of this installation: our lexicon, or the one named in `VIGIE_LEXICON`.

    Raises:
        LexiconError: the file named cannot be used.
    """
    return detector_for(os.environ.get(LEXICON_VARIABLE, ""))


@lru_cache(maxsize=4)
def detector_for(path: str) -> LexiconDetector:
    """Return the detector of one lexicon file (ours if the path is empty); built once."""
    return LexiconDetector(read_lexicon(Path(path) if path else SHIPPED))


def words_to_mask(text: str) -> list[tuple[int, int]]:
    """Return where slurs stand in `text`, so that a screen can cover them until asked; in order, never overlapping."""
    merged: list[tuple[int, int]] = []
    for match in default_detector().read(text).matches:
        if match.kind is not Kind.SLUR:
            continue
        if merged and match.start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], match.end))
        else:
            merged.append((match.start, match.end))
    return merged


def _writings(term: Term) -> Iterator[str]:
    """Yield the normalised writings of a term: as given, with its punctuation closed up, in the plural."""
    for given in term.writings:
        writing = plain(given).text.strip()
        if not writing:
            continue
        yield writing
        closed = writing.replace(" ?", "?").replace(" !", "!")
        if closed != writing:
            yield closed
        if " " not in writing and writing[-1].isalpha() and writing[-1] not in "sxz" and len(writing) > 3:
            yield writing + "s"


def _is_whole(text: str, start: int, end: int) -> bool:
    """Refuse a piece of a longer word."""
    if start and text[start].isalnum() and text[start - 1].isalnum():
        return False
    return not (end < len(text) and text[end - 1].isalnum() and text[end].isalnum())


def _longest(found: list[tuple[int, int, Term]]) -> list[tuple[int, int, Term]]:
    """Keep, of what overlaps, the first and there the longest; several meanings of the same words all stay."""
    kept: list[tuple[int, int, Term]] = []
    for start, end, term in sorted(dict.fromkeys(found), key=lambda one: (one[0], -one[1], one[2].term)):
        if not kept or start >= kept[-1][1] or (start, end) == kept[-1][:2]:
            kept.append((start, end, term))
    return kept


def _match(text: str, start: int, end: int, term: Term) -> Match:
    return Match(
        term=term.term, start=start, end=end, text=text[start:end], sense=term.sense, kind=term.kind,
        target=term.target, needs_context=term.needs_context, source_status=term.source_status,
    )  # fmt: skip
