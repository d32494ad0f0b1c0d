"""The detector of an installation: the classifier's score, the lexicon's terms, and what the words around them say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np

from .classifier import KINDS, KINDS_FROM, TARGETS, Classifier, shipped_model
from .context import Surroundings
from .features import Seen
from .flat import Flat, fold_word
from .grounds import grounds_of, grounds_of_kind
from .hints import Detector, Hint, Kind, Match, Target, Use
from .tables import PhraseTable, longest_first
from .terms import SHIPPED, Lexicon, Term, read_lexicon

LEXICON_VARIABLE = "VIGIE_LEXICON"
AT_ONCE = 2048
"""Texts read in one batch: enough to spread the cost of a step, few enough to stay in the processor's memory."""


MOST_MOVED = 5
LEAST_MOVED = 0.15


@dataclass(frozen=True, slots=True)
class Moved:
    """A word with how much it moved the score: above 0 towards hateful, below 0 away from it."""

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class _Found:
    post: int
    start: int
    end: int
    first: int
    stop: int
    terms: tuple[Term, ...]


class Reader:
    """One lexicon and one model, read together. Terms that need no context are known to the classifier too."""

    def __init__(self, lexicon: Lexicon, classifier: Classifier | None = None) -> None:
        self.lexicon = lexicon
        self._classifier = classifier or Classifier(shipped_model(), _taught(lexicon))
        self.version = f"{self._classifier.version}+{lexicon.version}"
        self._groups, writings, self._asks = _writings_of(lexicon)
        self._table = PhraseTable(writings)

    def read(self, text: str, lang: str | None = None) -> Hint:
        return next(self._hints([text], [lang]))

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        coming = iter(texts)
        while some := list(islice(coming, AT_ONCE)):
            yield from self._hints([text for text, _ in some], [lang for _, lang in some])

    def explain(self, text: str, lang: str | None = None) -> tuple[Moved, ...]:
        """Return the words that moved the score of a text most, the strongest first, at most `MOST_MOVED`."""
        flat = self._classifier.lay([text])
        seen, _ = self._classifier.look(flat, [lang])
        moved = self._classifier.weights_of(seen)
        strongest = sorted(range(moved.size), key=lambda token: -abs(moved[token]))[:MOST_MOVED]
        return tuple(
            Moved(
                int(flat.begins[token]), int(flat.ends[token]), text[flat.begins[token] : flat.ends[token]],
                round(float(moved[token]), 2),
            )
            for token in strongest
            if abs(moved[token]) >= LEAST_MOVED
        )  # fmt: skip

    def find(self, text: str) -> tuple[Match, ...]:
        """Return the terms of a text alone, whatever its language; quicker than a whole reading."""
        flat = self._classifier.lay([text])
        return tuple(_match(text, found, term, Use.PLAIN) for found in self._found(flat) for term in found.terms)

    def _hints(self, texts: Sequence[str], langs: Sequence[str | None]) -> Iterator[Hint]:
        flat = self._classifier.lay(texts)
        verdicts = self._classifier.read(flat, langs)
        found = self._matches(flat, verdicts.seen, langs)
        targets, kinds = verdicts.targets.tolist(), verdicts.kind.tolist()
        for post, score in enumerate(verdicts.score.tolist()):
            matches = tuple(found.get(post, ()))
            named = _targets_of(targets[post]) if score >= KINDS_FROM else []
            aimed = tuple(dict.fromkeys([
                *(match.target for match in matches if match.use is Use.PLAIN), *named
            ]))  # fmt: skip
            kind = KINDS[kinds[post]] if kinds[post] >= 0 else None
            grounds = grounds_of(matches)
            if kind and score >= _GROUNDS_FROM:
                grounds = tuple(dict.fromkeys([*grounds_of_kind(kind, aimed), *grounds]))
            yield Hint(
                score=score, lang=verdicts.lang[post], targets=aimed, grounds=grounds, matches=matches,
                detector_version=self.version, kind=kind,
            )  # fmt: skip

    def _matches(self, flat: Flat, seen: Seen, langs: Sequence[str | None]) -> dict[int, list[Match]]:
        found: dict[int, list[Match]] = {}
        around = Surroundings(seen)
        for one in self._found(flat):
            said = langs[one.post]
            if said and said[:2].lower() != self.lexicon.lang:
                continue
            text = flat.texts[one.post]
            for term in one.terms:
                use = around.use_of(one.first, one.stop, term)
                found.setdefault(one.post, []).append(_match(text, one, term, use))
        return found

    def _found(self, flat: Flat) -> Iterator[_Found]:
        hits = longest_first(self._table.find(flat), flat.word.size)
        rows = zip(hits.token.tolist(), hits.length.tolist(), hits.row.tolist(), strict=True)
        for token, length, row in rows:
            post, last = int(flat.post[token]), token + length - 1
            start, end = int(flat.begins[token]), int(flat.ends[last])
            terms = self._groups[self._table.forms.hashes[row]]
            asked = self._asks.get(int(self._table.forms.hashes[row]))
            if asked:
                placed = _with_signs(flat.texts[post], start, end, asked)
                if placed is None:
                    continue
                start, end = placed
            yield _Found(post, start, end, token, token + length, terms)


_GROUNDS_FROM = 0.4


def _targets_of(bits: int) -> list[Target]:
    return [Target(name) for place, name in enumerate(TARGETS) if name and bits >> place & 1]


def _match(text: str, found: _Found, term: Term, use: Use) -> Match:
    return Match(
        term=term.term, start=found.start, end=found.end, text=text[found.start : found.end], sense=term.sense,
        kind=term.kind, target=term.target, needs_context=term.needs_context, source_status=term.source_status,
        use=use,
    )  # fmt: skip


def _taught(lexicon: Lexicon) -> list[tuple[str, str, str]]:
    """Return what the classifier learns of a lexicon: each firm term stands where a slur would."""
    return [
        (writing, "slur", term.target.value)
        for term in lexicon.terms
        if not term.needs_context
        for writing in dict.fromkeys(map(fold_word, _inflected(term)))
    ]


def _inflected(term: Term) -> Iterator[str]:
    """Yield the writings of a term, and their plural."""
    for writing in term.writings:
        yield writing
        if " " not in writing and writing[-1:].isalpha() and writing[-1] not in "sxz" and len(writing) > 3:
            yield writing + "s"


def _writings_of(
    lexicon: Lexicon,
) -> tuple[dict[np.uint64, tuple[Term, ...]], list[str], dict[int, tuple[str, str]]]:
    """Return terms by the number of a writing, the writings, and the signs that some ask for around them."""
    writings: list[str] = []
    owners: list[Term] = []
    for term in lexicon.terms:
        for writing in dict.fromkeys(_inflected(term)):
            writings.append(writing)
            owners.append(term)
    forms = PhraseTable(writings).forms
    groups: dict[np.uint64, tuple[Term, ...]] = {}
    asks: dict[int, tuple[str, str]] = {}
    for writing, term, number in zip(writings, owners, forms.hashes, strict=True):
        before = groups.get(number, ())
        if term not in before:
            groups[number] = (*before, term)
        lead = "#" if writing.startswith("#") else ""
        tail = writing.rstrip()[-1:] if writing.rstrip()[-1:] in {"?", "!"} else ""
        if lead or tail:
            asks[int(number)] = (lead, tail)
    return groups, writings, asks


def _with_signs(text: str, start: int, end: int, asked: tuple[str, str]) -> tuple[int, int] | None:
    """Return the place with the signs asked for, or None if they are not there."""
    lead, tail = asked
    if lead:
        if text[start - 1 : start] != lead:
            return None
        start -= 1
    if tail:
        after = text[end : end + 2]
        if after.lstrip()[:1] != tail:
            return None
        end += after.index(tail) + 1
    return start, end


def default_detector() -> Reader:
    """Return the detector of this installation: our lexicon, or the one named in `VIGIE_LEXICON`.

    Raises:
        LexiconError: the file named cannot be used.
    """
    return detector_for(os.environ.get(LEXICON_VARIABLE, ""))


@lru_cache(maxsize=4)
def detector_for(path: str) -> Reader:
    """Return the detector of one lexicon file (ours if the path is empty); built once."""
    return Reader(read_lexicon(Path(path) if path else SHIPPED))


def words_to_mask(text: str) -> list[tuple[int, int]]:
    """Return where slurs stand in `text`, so that a screen can cover them until asked; in order, never overlapping."""
    merged: list[tuple[int, int]] = []
    for match in default_detector().find(text):
        if match.kind is not Kind.SLUR:
            continue
        if merged and match.start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], match.end))
        else:
            merged.append((match.start, match.end))
    return merged


__all__ = ["Detector", "Reader", "default_detector", "detector_for", "words_to_mask"]
