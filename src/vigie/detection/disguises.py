"""Undo what hides a word: signs for letters, stars, letters spelled out, dropped, swapped or doubled, a word cut in two.

A disguise is undone only where a word we know appears; all else stays as it is written. Case, accents, look-alike
letters, invisible characters and stretched letters are undone before, for every word (`flat`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .flat import _POWERS, LETTER, Gap, Hashes, Ints, _Tokens, fold_word, forms_of, hash_of_word, mixed
from .tables import NumberTable

LEAST_FOR_LEET = 3
LEAST_FOR_SWAP = 5
LEAST_FOR_DROP = 6
LEAST_FOR_SPLIT = 6
LEAST_SPELLED = 4
_LEET = {
    "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "€": "e", "£": "l", "!": "i", "|": "l", "+": "t",
}  # fmt: skip
_ALSO = {"1": "l", "|": "i", "6": "b", "9": "q", "3": "a"}
_DOUBLED = re.compile(r"(.)\1+")
_CODES = np.array([ord(sign) for sign in _LEET], dtype=np.uint32)


class Disguises:
    """The words that a disguise may hide.

    Args:
        hidden: words of one piece, as anybody would write them.
        misspelt: those of them that are also known with a letter dropped or two swapped.
        ordinary: numbers of words that are never taken for a disguised other.
    """

    def __init__(self, hidden: Iterable[str], misspelt: Iterable[str] = (), ordinary: Hashes | None = None) -> None:
        # In the order given: where a disguise may hide several words, the first is meant.
        folded = [
            word for word in dict.fromkeys(map(fold_word, hidden)) if word.isalpha() and len(word) >= LEAST_FOR_LEET
        ]
        forms = forms_of(folded)
        self._words = dict(zip(folded, forms.hashes.tolist(), strict=True))
        known = forms.hashes if ordinary is None else np.concatenate([forms.hashes, ordinary])
        self._known = NumberTable(known)
        self._whole = NumberTable(np.unique(forms.hashes))
        hashes, canonical = _altered(list(dict.fromkeys(map(fold_word, misspelt))), folded, self._words)
        places, _ = self._known.find(hashes)
        free = np.ones(hashes.size, dtype=bool)
        free[places] = False
        self._meant = canonical[free]
        self._variants = NumberTable(hashes[free])
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        self._squeezed: dict[str, str] = {}
        for word in reversed(folded):
            if _DOUBLED.search(word):
                self._squeezed[_DOUBLED.sub(r"\1", word)] = word
        self.of_signs = lru_cache(maxsize=4096)(self._of_signs)
        self.of_stars = lru_cache(maxsize=4096)(self._of_stars)

    def _shaped(self, first: str, length: int) -> list[str]:
        """Return the words that begin so (`*`: any letter) and are so long; sorted out when first asked."""
        if not self._by_shape:
            found: dict[tuple[str, int], list[str]] = defaultdict(list)
            for word in self._words:
                found[word[0], len(word)].append(word)
                found["*", len(word)].append(word)
            self._by_shape = dict(found)
        return self._by_shape.get((first, length), [])

    def undone(
        self, tokens: _Tokens, raw: Hashes, chars: npt.NDArray[np.uint32], is_letter: npt.NDArray[np.bool_]
    ) -> _Tokens:
        """Return the tokens with what was hidden in its place; `raw` are their numbers before they were stirred."""
        word, disguised = tokens.word.copy(), tokens.disguised.copy()
        strange = np.ones(word.size, dtype=bool)
        strange[self._known.find(word)[0]] = False
        strange &= tokens.kind == LETTER
        unknown = np.flatnonzero(strange)
        at, rows = self._variants.find(word[unknown])
        word[unknown[at]] = self._meant[rows]
        disguised[unknown[at]] = True
        starred = np.flatnonzero(_starred(chars, tokens.starts, tokens.stops)) if (chars == 42).any() else ()
        for token in starred:
            meant = self.of_stars(_string(chars, tokens.starts[token], tokens.stops[token]))
            if meant:
                word[token], disguised[token] = meant, True
        tokens = tokens._replace(word=word, disguised=disguised)
        merges = [
            *self._signs(tokens, chars, is_letter),
            *self._spelled(tokens, chars),
            *self._split(tokens, raw, strange),
        ]
        return _merged(tokens, merges) if merges else tokens

    def _signs(
        self, tokens: _Tokens, chars: npt.NDArray[np.uint32], is_letter: npt.NDArray[np.bool_]
    ) -> Iterator[tuple[int, int, int]]:
        is_sign = _SIGNS[np.minimum(chars, _SIGNS.size - 1)]
        # Somebody's handle begins with a sign that stands for no letter.
        names = np.flatnonzero(chars == _AT)
        if names.size:
            is_sign[names[(names == 0) | ~(is_letter | is_sign)[names - 1]]] = False
        touching = (is_letter[:-1] & is_sign[1:]) | (is_sign[:-1] & is_letter[1:])
        at = np.flatnonzero(touching)
        if not at.size:
            return
        wide = is_letter | is_sign
        edges = np.flatnonzero(np.diff(wide.astype(np.int8), prepend=0, append=0))
        runs = np.unique(np.searchsorted(edges, at, side="right") - 1)
        for start, stop in zip(edges[runs].tolist(), edges[runs + 1].tolist(), strict=True):
            if stop - start > 40 or stop - start < LEAST_FOR_LEET:
                continue
            written = _string(chars, start, stop)
            kept = written.rstrip("!+|")
            meant = self.of_signs(kept)
            if meant:
                first, last = np.searchsorted(tokens.starts, (start, start + len(kept))).tolist()
                yield first, last, meant

    def _of_signs(self, written: str) -> int | None:
        if written[:1] == "@" and not any(sign in written[1:] for sign in _LEET):
            return None
        if sum(one.isalpha() for one in written) * 3 < len(written):
            return None
        for alphabet in (_LEET, {**_LEET, **_ALSO}):
            word = "".join(alphabet.get(one, one) for one in written)
            meant = self._words.get(word) or self._words.get(self._squeezed.get(word, ""))
            if meant:
                return meant
        return None

    def _of_stars(self, written: str) -> int | None:
        bare = written.strip("*")
        if written[0] == "*" and written[-1] == "*" and "*" not in bare:
            return self._words.get(bare, hash_of_word(bare))
        if "*" not in bare and len(bare) >= 4 and bare in self._words:
            return self._words[bare]
        if sum(one != "*" for one in written) < 2:
            return None
        exact = re.compile("".join("[^*]" if one == "*" else re.escape(one) for one in written))
        for word in self._shaped(written[0], len(written)):
            if exact.fullmatch(word):
                return self._words[word]
        parts = [re.escape(part) for part in re.split(r"\*+", written)]
        loose = re.compile("[a-z]{1,4}".join(parts))
        letters = sum(map(len, re.split(r"\*+", written)))
        if letters < 3:
            return None
        for length in range(letters + 1, letters + 5):
            for word in self._shaped(written[0], length):
                if loose.fullmatch(word):
                    return self._words[word]
        return None

    def _spelled(self, tokens: _Tokens, chars: npt.NDArray[np.uint32]) -> Iterator[tuple[int, int, int]]:
        single = tokens.stops - tokens.starts == 1
        near = np.zeros(single.size, dtype=bool)
        near[1:] = (tokens.starts[1:] - tokens.stops[:-1] == 1) & (tokens.post[1:] == tokens.post[:-1])
        follows = single & near
        follows[1:] &= single[:-1]
        edges = np.flatnonzero(np.diff(follows.astype(np.int8), prepend=0, append=0))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            first = begin - 1
            if end - first < LEAST_SPELLED or end - first > 60:
                continue
            letters = "".join(map(chr, chars[tokens.starts[first:end]].tolist()))
            letters = "".join(_LEET.get(one, one) for one in letters)
            place = first
            for piece in self._pieces(letters):
                if piece in self._words:
                    yield place, place + len(piece), self._words[piece]
                place += len(piece)

    def _pieces(self, letters: str) -> list[str]:
        """Cut letters into words we know, the fewest letters left over; what is left over stands as single letters."""
        best: list[tuple[int, list[str]]] = [(0, [])]
        for end in range(1, len(letters) + 1):
            left, pieces = best[end - 1]
            option = (left + 1, [*pieces, letters[end - 1]])
            for begin in range(max(0, end - 20), end - LEAST_FOR_LEET + 1):
                if letters[begin:end] in self._words and (best[begin][0], len(best[begin][1]) + 1) < (
                    option[0], len(option[1]),
                ):  # fmt: skip
                    option = (best[begin][0], [*best[begin][1], letters[begin:end]])
            best.append(option)
        return best[-1][1]

    def _split(self, tokens: _Tokens, raw: Hashes, strange: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
        """A word cut in two by one sign or space, neither half of which is a word."""
        lengths = tokens.stops - tokens.starts
        pair = strange[:-1] & strange[1:] & (tokens.starts[1:] - tokens.stops[:-1] <= 1)
        pair &= (tokens.gap[1:] & Gap.FIRST) == 0
        pair &= (lengths[1:] + lengths[:-1] >= LEAST_FOR_SPLIT) & (lengths[:-1] < _LONGEST)
        at = np.flatnonzero(pair)
        if not at.size:
            return
        powers, _ = _POWERS.upto(_LONGEST)
        whole = mixed(raw[at] + raw[at + 1] * powers[lengths[at]])
        places, rows = self._whole.find(whole)
        for token, number in zip(at[places].tolist(), self._whole.hashes[rows].tolist(), strict=True):
            yield token, token + 2, number


_LONGEST = 40
_AT = ord("@")
_SIGNS = np.zeros(0x20AD + 1, dtype=bool)
_SIGNS[_CODES] = True
_SIGNS[-1] = False


def _altered(misspelt: list[str], hidden: list[str], numbers: dict[str, int]) -> tuple[Hashes, Hashes]:
    """Return the numbers of what words become, and of what they mean: doubled letters written once for all of them,
    and for the misspelt ones a letter dropped, or two swapped. By arithmetic on the numbers: there are many."""
    squeezed, meant = [], []
    for word in hidden:
        if _DOUBLED.search(word):
            once = _DOUBLED.sub(r"\1", word)
            if len(once) >= LEAST_FOR_LEET:
                squeezed.append(once)
                meant.append(numbers[word])
    found = [forms_of(squeezed).hashes] if squeezed else []
    means = [np.array(meant, dtype=np.uint64)]
    by_length: dict[int, list[str]] = defaultdict(list)
    for word in misspelt:
        if len(word) >= LEAST_FOR_SWAP and word in numbers:
            by_length[len(word)].append(word)
    for length, words in by_length.items():
        codes = np.frombuffer("".join(words).encode("utf-32-le"), dtype=np.uint32).reshape(len(words), length)
        values = codes.astype(np.uint64)
        powers, inverse = _POWERS.upto(length + 2)
        parts = values * powers[:length]
        whole = parts.sum(axis=1, dtype=np.uint64)
        canonical = np.array([numbers[word] for word in words], dtype=np.uint64)
        for at in range(length - 1):
            differs = values[:, at] != values[:, at + 1]
            change = values[:, at + 1] * powers[at] + values[:, at] * powers[at + 1] - parts[:, at] - parts[:, at + 1]
            found.append(mixed(whole + change)[differs])
            means.append(canonical[differs])
        if length >= LEAST_FOR_DROP:
            for at in range(1, length):
                before = parts[:, :at].sum(axis=1, dtype=np.uint64)
                after = parts[:, at + 1 :].sum(axis=1, dtype=np.uint64)
                found.append(mixed(before + after * inverse[1]))
                means.append(canonical)
    if not found:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.uint64)
    return np.concatenate(found), np.concatenate(means[0 if squeezed else 1 :])


def _starred(chars: npt.NDArray[np.uint32], starts: Ints, stops: Ints) -> npt.NDArray[np.bool_]:
    count = np.zeros(chars.size + 1, dtype=np.int64)
    np.cumsum(chars == 42, out=count[1:])
    return count[stops] > count[starts]


def _string(chars: npt.NDArray[np.uint32], start: int, stop: int) -> str:
    return chars[start:stop].tobytes().decode("utf-32-le", "replace")


def _merged(tokens: _Tokens, merges: Sequence[tuple[int, int, int]]) -> _Tokens:
    """Put one token in the place of several."""
    kept = np.ones(tokens.word.size, dtype=bool)
    fields = {name: values.copy() for name, values in tokens._asdict().items()}
    reached = -1
    for first, end, meant in sorted(merges):
        if first < reached or end <= first:
            continue
        reached = end
        fields["word"][first], fields["kind"][first], fields["disguised"][first] = meant, LETTER, True
        fields["ends"][first], fields["stops"][first] = tokens.ends[end - 1], tokens.stops[end - 1]
        kept[first + 1 : end] = False
    return _Tokens(**{name: values[kept] for name, values in fields.items()})
