"""The detector of an installation: the classifier's score, the lexicon's terms, and what the words around them say."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

from vigie.core.environment import Environment

from .classifier import KINDS, TARGETS, Classifier, shipped_model
from .context import Surroundings
from .features import Seen
from .flat import Flat, Forms, fold_word, forms_of
from .grounds import grounds_of, grounds_of_kind
from .hints import Detector, Hint, Kind, Match, Target, Use
from .tables import PhraseTable, longest_first
from .terms import SHIPPED, Lexicon, Term, read_lexicon

LEXICON_VARIABLE = "VIGIE_LEXICON"
AT_ONCE = 2048
"""Texts read in one batch: enough to spread the cost of a step, few enough to stay in the processor's memory."""


MOST_MOVED = 5
LEAST_MOVED = 0.15
WORDS_TRIED = 80


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
        self._classifier = classifier or _classifier_taught(tuple(_taught(lexicon)))
        self.version = f"{self._classifier.version}+{lexicon.version}"
        self._groups, forms, self._asks = _writings_of(lexicon)
        self._table = PhraseTable(forms)

    def read(self, text: str, lang: str | None = None) -> Hint:
        return next(self._hints([text], [lang]))

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        coming = iter(texts)
        while some := list(islice(coming, AT_ONCE)):
            yield from self._hints([text for text, _ in some], [lang for _, lang in some])

    def explain(self, text: str, lang: str | None = None) -> tuple[Moved, ...]:
        """Return the words that moved the score of a text most, the strongest first, at most `MOST_MOVED`.

        A word's weight is how much the sum falls when it is left out, the first `WORDS_TRIED` of the text.
        """
        flat = self._classifier.lay([text])
        places = list(zip(flat.begins.tolist(), flat.ends.tolist(), strict=True))[:WORDS_TRIED]
        if not places:
            return ()
        without = [text[:start] + text[end:] for start, end in places]
        known = lang or self._classifier.languages.guess(flat)[0]
        total = self._classifier.read(self._classifier.lay([text, *without]), [known] * (len(without) + 1)).total
        moved = [
            Moved(start, end, text[start:end], round(float(total[0] - total[place]), 2))
            for place, (start, end) in enumerate(places, 1)
        ]
        strongest = sorted(moved, key=lambda word: (-abs(word.weight), word.start))[:MOST_MOVED]
        return tuple(word for word in strongest if abs(word.weight) >= LEAST_MOVED)

    def find(self, text: str) -> tuple[Match, ...]:
        """Return the terms of a text alone, whatever its language; quicker than a whole reading."""
        flat = self._classifier.lay([text])
        return tuple(_match(text, found, term, Use.PLAIN) for found in self._found(flat) for term in found.terms)

    def slurs(self, text: str) -> list[tuple[int, int]]:
        """Return where slurs stand: those of the lexicon; and, where the text is more likely hateful than not, those
        among the words the classifier knows, which are mostly ordinary elsewhere (a fruit, a fish)."""
        flat = self._classifier.lay([text])
        found = [
            (one.start, one.end)
            for one in self._found(flat)
            if any(term.kind is Kind.SLUR for term in one.terms)
        ]  # fmt: skip
        if self._classifier.slurs.find(flat):
            verdicts = self._classifier.read(flat, [None])
            if verdicts.score[0] >= MORE_LIKELY:
                found += [(int(flat.begins[first]), int(flat.ends[last])) for first, last in verdicts.seen.slurs()]
        return sorted(found)

    def _hints(self, texts: Sequence[str], langs: Sequence[str | None]) -> Iterator[Hint]:
        flat = self._classifier.lay(texts)
        verdicts = self._classifier.read(flat, langs)
        found = self._matches(flat, verdicts.seen, langs)
        rows = zip(
            verdicts.score.tolist(), verdicts.lang, verdicts.targets.tolist(), verdicts.kind.tolist(), strict=True
        )
        for post, (score, lang, bits, kind) in enumerate(rows):
            matches = tuple(found.get(post, ()))
            named = _targets_of(bits) if kind >= 0 else ()
            if matches:
                meant = (match.target for match in matches if match.use is Use.PLAIN)
                named = tuple(dict.fromkeys([*meant, *named]))
            grounds = _grounds_of_kind(kind, named) if score >= GROUNDS_FROM else ()
            if matches:
                grounds = tuple(dict.fromkeys([*grounds, *grounds_of(matches)]))
            yield Hint(score, lang, named, grounds, matches, self.version, KINDS[kind] if kind >= 0 else None)

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
        last = hits.token + hits.length - 1
        rows = zip(
            flat.post[hits.token].tolist(), flat.begins[hits.token].tolist(), flat.ends[last].tolist(),
            hits.token.tolist(), (last + 1).tolist(), self._table.forms.hashes[hits.row].tolist(), strict=True,
        )  # fmt: skip
        for post, start, end, first, stop, number in rows:
            asked = self._asks.get(number)
            if asked:
                placed = _with_signs(flat.texts[post], start, end, asked)
                if placed is None:
                    continue
                start, end = placed
            yield _Found(post, start, end, first, stop, self._groups[number])


MORE_LIKELY = 0.5
GROUNDS_FROM = 0.4
"""Below this score only firm terms point at a ground."""


@lru_cache(maxsize=4096)
def _targets_of(bits: int) -> tuple[Target, ...]:
    return tuple(Target(name) for place, name in enumerate(TARGETS) if name and bits >> place & 1)


@lru_cache(maxsize=4096)
def _grounds_of_kind(kind: int, targets: tuple[Target, ...]) -> tuple[str, ...]:
    return grounds_of_kind(KINDS[kind], targets) if kind >= 0 else ()


def _match(text: str, found: _Found, term: Term, use: Use) -> Match:
    return Match(
        term=term.term, start=found.start, end=found.end, text=text[found.start : found.end], sense=term.sense,
        kind=term.kind, target=term.target, needs_context=term.needs_context, source_status=term.source_status,
        use=use,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _classifier_taught(words: tuple[tuple[str, str, str], ...]) -> Classifier:
    """Return the shipped classifier that knows these words too; lexicons that teach the same share it."""
    return Classifier(shipped_model(), words)


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
) -> tuple[dict[int, tuple[Term, ...]], Forms, dict[int, tuple[str, str]]]:
    """Return terms by the number of a writing, the writings as numbers, and the signs that some ask for around them."""
    writings: list[str] = []
    owners: list[Term] = []
    for term in lexicon.terms:
        for writing in dict.fromkeys(_inflected(term)):
            writings.append(writing)
            owners.append(term)
    forms = forms_of(writings)
    groups: dict[int, tuple[Term, ...]] = {}
    asks: dict[int, tuple[str, str]] = {}
    for writing, term, number in zip(writings, owners, forms.hashes.tolist(), strict=True):
        before = groups.get(number, ())
        if term not in before:
            groups[number] = (*before, term)
        lead = "#" if writing.startswith("#") else ""
        tail = writing.rstrip()[-1:] if writing.rstrip()[-1:] in {"?", "!"} else ""
        if lead or tail:
            asks[number] = (lead, tail)
    return groups, forms, asks


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


def whole_detector(fast: Reader | None = None, *, most_seconds: float | None = None) -> Detector:
    """Return the detector for those who can wait: with the second reader of this installation, if it has one.

    Pages use `default_detector`. Each call gives a detector with counts of its own; the second reader is loaded once.

    Args:
        fast: what reads first; `default_detector()` unless an association has its own.
        most_seconds: how long each call of it may spend on second readings.

    Raises:
        UnusableInput: the second reader that the settings ask for cannot be used.
    """
    from .readers.settings import chosen

    fast = fast or default_detector()
    choice = chosen(Environment(os.environ))
    if choice is None:
        return fast
    from .readers.opening import cascade

    return cascade(fast, choice, most_seconds=most_seconds)


@lru_cache(maxsize=4)
def detector_for(path: str) -> Reader:
    """Return the detector of one lexicon file (ours if the path is empty); built once."""
    return Reader(read_lexicon(Path(path) if path else SHIPPED))


def words_to_mask(text: str) -> list[tuple[int, int]]:
    """Return where slurs stand in `text`, so that a screen can cover them until asked; in order, never overlapping."""
    merged: list[tuple[int, int]] = []
    for start, end in default_detector().slurs(text):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


__all__ = ["Detector", "Reader", "default_detector", "detector_for", "whole_detector", "words_to_mask"]
