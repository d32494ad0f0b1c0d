"""Many texts laid flat: one array of characters, one of words, and the way back to the text as given.

Everything that reads texts fast stands on this. A text is folded (case, accents, compatibility forms, look-alike
letters, invisible characters), disguises are undone where what appears is a word we know, and each word gets a
number of 64 bits. One text or a million: the same steps, the same numbers. Pure; numpy only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from .disguises import Disguises

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

OTHER, LETTER, DIGIT, SYMBOL, STOP, QUOTE, STAR, COMMA = range(8)
"""What a folded character is: `SYMBOL` stands alone (an emoji), `STOP` ends a sentence."""

WORD, NUMBER, SIGN = LETTER, DIGIT, SYMBOL
"""What a token is."""

_TOP = 0x20000
_GONE = 0


@dataclass(frozen=True, slots=True)
class Flat:
    """A batch of texts. Tokens are in the order of the texts; places in `begins`/`ends` are those of the text given."""

    texts: Sequence[str]
    post: Ints
    """Which text each token is of."""
    kind: npt.NDArray[np.uint8]
    """`WORD`, `NUMBER` or `SIGN`."""
    word: Hashes
    """The number of each token: equal words, however disguised, have equal numbers."""
    begins: Ints
    ends: Ints
    gap: npt.NDArray[np.uint8]
    """What stands between this token and the one before, by bits: see `Gap`."""
    chars: npt.NDArray[np.uint32]
    """The folded characters of all texts; a zero between two texts."""
    starts: Ints
    """Where each token begins in `chars`."""
    stops: Ints
    firsts: Ints
    """For each text, its first token; one more at the end."""
    disguised: npt.NDArray[np.bool_]
    """Whether a disguise was undone in the token."""


class Gap:
    """Bits of `Flat.gap`."""

    STOP = 1
    QUOTE = 2
    COMMA = 4
    FAR = 8
    FIRST = 16


class Folding:
    """Character → how it is written here (one or two characters, or none), in tables that fill as characters are met."""

    def __init__(self) -> None:
        self._known = np.zeros(_TOP, dtype=bool)
        self._first = np.zeros(_TOP, dtype=np.uint32)
        self._second = np.zeros(_TOP, dtype=np.uint32)

    def fold(self, codes: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Ints]:
        """Return the folded characters and, for each, its place in `codes`."""
        codes = np.where(codes < _TOP, codes, ord("\ufffd"))
        strange = codes[~self._known[codes]]
        if strange.size:
            for code in np.unique(strange).tolist():
                self._learn(code)
        first = self._first[codes]
        if self._second_of(codes):
            second = self._second[codes]
            count = (first != _GONE).astype(np.int64) + (second != _GONE)
            origin = np.repeat(np.arange(codes.size), count)
            folded = first[origin]
            again = np.flatnonzero(np.diff(origin, prepend=-1) == 0)
            folded[again] = second[origin[again]]
            return folded, origin
        origin = np.flatnonzero(first)
        return first[origin], origin

    def _second_of(self, codes: npt.NDArray[np.uint32]) -> bool:
        return bool(self._second[codes].any())

    def _learn(self, code: int) -> None:
        written = _folded(chr(code)) if code else "\n"
        self._first[code] = ord(written[0]) if written else _GONE
        self._second[code] = ord(written[1]) if len(written) > 1 else _GONE
        # Last: another thread believes what is known.
        self._known[code] = True


def _folded(character: str) -> str:
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    written = "".join(_written(one) for one in decomposed)
    return "".join(one if ord(one) < _TOP else "\ufffd" for one in written)[:2]


def _written(character: str) -> str:
    if character in _INVISIBLE or unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"} - (
        {"Cc"} if character in "\n\r\t\x0b\x0c" else set()
    ):
        return ""
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # the tones of skin of emoji
        return ""
    if character.isspace():
        return "\n" if character in "\n\r" else " "
    return _LOOK_ALIKES.get(character, character)


_LOOK_ALIKES = dict(
    chain(
        zip("аеорсухіјѕԁһԛԝѵӏкмтвнгпб", "aeopcyxijsdhqwvlkmtbhrnb", strict=True),  # Cyrillic
        zip("АВЕКМНОРСТУХІЈЅԌԜ", "abekmhopctyxijsgw", strict=True),
        zip("αορνικτυχβεγωηρμσς", "aopviktuxbeywnpuoc", strict=True),  # Greek
        zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True),
        zip("օոսհցքյաԁեո", "onuhgpjwdtn", strict=True),  # Armenian
        zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True),
        zip("łøđħŧıɩɡɑƒɾʋɛɔɐǝᴉʇʌʎɹɯɥ", "lodhtiigafrveoaeitvyrmh", strict=True),
        {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss", "Ł": "l", "Ø": "o", "Đ": "d"}.items(),
        ((chr(0x1F150 + place), chr(97 + place)) for place in range(26)),
        ((chr(0x1F170 + place), chr(97 + place)) for place in range(26)),
    )
)
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u3164\ufeff\ufe0f"
)
_STOPS = frozenset(".!?;:\n…。！？")
_QUOTES = frozenset('"«»“”„‟〝〞')
_FOLDING = Folding()


def _class_of(code: int) -> int:
    character = chr(code)
    if character == "*":
        return STAR
    if character in _STOPS:
        return STOP
    if character in _QUOTES:
        return QUOTE
    if character in ",()[]":
        return COMMA
    category = unicodedata.category(character)
    if category[0] == "L":
        return LETTER
    if category[0] == "N":
        return DIGIT
    return SYMBOL if category in {"So", "Sk"} and code > 0x2000 else OTHER


_CLASS = np.full(_TOP, 255, dtype=np.uint8)


def _classes(chars: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    found = _CLASS[chars]
    strange = chars[found == 255]
    if strange.size:
        for code in np.unique(strange).tolist():
            _CLASS[code] = OTHER if not code else _class_of(code)
        found = _CLASS[chars]
    return found


_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 1 << 64)


class _Powers:
    """The powers of the base and of its inverse, as many as were ever asked for.

    Threads share them: both are made first, then put in place together.
    """

    def __init__(self) -> None:
        one = np.ones(1, dtype=np.uint64)
        self._both = (one, one)

    def upto(self, count: int) -> tuple[Hashes, Hashes]:
        base, inverse = self._both
        if base.size < count:
            steps = np.full(max(count, 1 << 14), _BASE, dtype=np.uint64)
            steps[0] = 1
            base = np.multiply.accumulate(steps)
            steps[1:] = _INVERSE
            inverse = np.multiply.accumulate(steps)
            self._both = (base, inverse)
        return base[:count], inverse[:count]


_POWERS = _Powers()


def mixed(hashes: Hashes) -> Hashes:
    """Return the numbers well stirred, so that any of their bits may be used."""
    hashes = hashes ^ (hashes >> np.uint64(32))
    hashes = hashes * np.uint64(0xD6E8FEB86659FD93)
    return hashes ^ (hashes >> np.uint64(29))


def sums(chars: npt.NDArray[np.uint32]) -> tuple[Hashes, Hashes]:
    """Return running sums from which the number of any stretch of `chars` follows, and the inverse powers."""
    powers, inverse = _POWERS.upto(chars.size + 1)
    running = np.zeros(chars.size + 1, dtype=np.uint64)
    np.cumsum(chars.astype(np.uint64) * powers[:-1], out=running[1:])
    return running, inverse


def hash_of_word(word: str) -> int:
    """Return the number of one word, already folded."""
    total, power = 0, 1
    for character in word:
        total = (total + ord(character) * power) & _MASK
        power = (power * _BASE) & _MASK
    total ^= total >> 32
    total = (total * 0xD6E8FEB86659FD93) & _MASK
    return total ^ (total >> 29)


_MASK = (1 << 64) - 1


def fold_word(text: str) -> str:
    """Return one text as it is written here, its spaces kept."""
    if text.isascii():
        return text.lower()
    return "".join(_folded(one) if ord(one) < _TOP else "" for one in text)


@dataclass(frozen=True, slots=True)
class Forms:
    """Many ways of writing, as numbers: what a table of words or terms is made of."""

    hashes: Hashes
    """One number for each form; two forms read alike have the same."""
    lengths: Ints
    """How many tokens each form has; 0 is a form that no text can show."""
    pairs: Hashes
    """The numbers of the first two words, of forms that have more."""

    def taken(self, rows: Ints) -> Forms:
        """Return some of the forms, in the order asked."""
        return Forms(self.hashes[rows], self.lengths[rows], self.pairs[rows])

    def with_more(self, more: Forms) -> Forms:
        """Return these forms, then those."""
        return Forms(
            np.concatenate([self.hashes, more.hashes]), np.concatenate([self.lengths, more.lengths]),
            np.concatenate([self.pairs, more.pairs]),
        )  # fmt: skip


def lay_flat(texts: Sequence[str], disguises: Disguises | None = None) -> Flat:
    """Return the texts as one batch.

    Args:
        disguises: the words that a disguise may hide; without it leet, stars and spelled-out words stay as they are.
    """
    codes = np.frombuffer("\0".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    chars, origin, stretched = _unstretched(*_FOLDING.fold(codes))
    classes = _classes(chars)
    is_letter = classes == LETTER
    stars = np.flatnonzero(classes == STAR) if disguises else _NOTHING
    if stars.size:
        is_letter = _with_stars(is_letter, stars)
    is_digit, is_sign = classes == DIGIT, classes == SYMBOL
    starts = np.flatnonzero(_rises(is_letter) | _rises(is_digit) | is_sign)
    stops = np.flatnonzero(_falls(is_letter) | _falls(is_digit) | is_sign) + 1
    kind = np.where(is_letter[starts], LETTER, classes[starts]).astype(np.uint8)
    running, inverse = sums(chars)
    raw = (running[stops] - running[starts]) * inverse[starts]
    word = mixed(raw)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    limits = np.cumsum(lengths + 1)
    post = np.searchsorted(limits, origin[starts], side="right") if starts.size else starts
    before = limits - lengths - 1
    disguised = _any_between(stretched, starts, stops) if stretched is not None else np.zeros(starts.size, dtype=bool)
    begins, ends = origin[starts] - before[post], origin[stops - 1] + 1 - before[post] if stops.size else stops
    gap = _gaps(classes, starts, stops, post, np.searchsorted(origin, before))
    if disguises is not None and starts.size:
        tokens = _Tokens(post, kind, word, begins, ends, gap, starts, stops, disguised)
        tokens = disguises.undone(tokens, raw, chars, is_letter)
        post, kind, word, begins, ends, gap, starts, stops, disguised = tokens
    return Flat(
        texts=texts, post=post, kind=kind, word=word, begins=begins, ends=ends, gap=gap, chars=chars, starts=starts,
        stops=stops, firsts=np.searchsorted(post, np.arange(len(texts) + 1)), disguised=disguised,
    )  # fmt: skip


class _Tokens(NamedTuple):
    post: Ints
    kind: npt.NDArray[np.uint8]
    word: Hashes
    begins: Ints
    ends: Ints
    gap: npt.NDArray[np.uint8]
    starts: Ints
    stops: Ints
    disguised: npt.NDArray[np.bool_]


def forms_of(writings: Sequence[str]) -> Forms:
    """Return the numbers of many writings, each of one or several words."""
    flat = lay_flat(writings)
    lengths = np.diff(flat.firsts)
    hashes = np.zeros(len(writings), dtype=np.uint64)
    pairs = np.zeros(len(writings), dtype=np.uint64)
    for length in np.unique(lengths).tolist():
        if length:
            rows = np.flatnonzero(lengths == length)
            total = flat.word[flat.firsts[rows]]
            for step in range(1, length):
                total = joined(total, flat.word[flat.firsts[rows] + step])
                if step == 1:
                    pairs[rows] = total
            hashes[rows] = total
    return Forms(hashes, lengths, pairs)


def joined(first: Hashes, then: Hashes) -> Hashes:
    """Return the numbers of two sequences taken one after the other."""
    return mixed(first * np.uint64(0xA0761D6478BD642F) + then)


def _unstretched(
    chars: npt.NDArray[np.uint32], origin: Ints
) -> tuple[npt.NDArray[np.uint32], Ints, npt.NDArray[np.bool_] | None]:
    """Write a letter that stands three times or more in a row once."""
    if chars.size < 3:
        return chars, origin, None
    same = chars[1:] == chars[:-1]
    triple = np.flatnonzero(same[1:] & same[:-1])
    triple = triple[_classes(chars[triple]) == LETTER]
    if not triple.size:
        return chars, origin, None
    dropped = np.zeros(chars.size, dtype=bool)
    dropped[triple + 1] = True
    dropped[triple + 2] = True
    touched = np.zeros(chars.size, dtype=bool)
    touched[triple] = True
    kept = ~dropped
    return chars[kept], origin[kept], touched[kept]


def _with_stars(is_letter: npt.NDArray[np.bool_], stars: Ints) -> npt.NDArray[np.bool_]:
    """Count stars that touch a letter as letters of its word."""
    runs = np.split(stars, np.flatnonzero(np.diff(stars) > 1) + 1)
    is_letter = is_letter.copy()
    last = is_letter.size - 1
    for run in runs:
        if (run.size <= _MOST_STARS and run[0] > 0 and is_letter[run[0] - 1]) or (
            run.size <= _MOST_STARS and run[-1] < last and is_letter[run[-1] + 1]
        ):
            is_letter[run] = True
    return is_letter


def _rises(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    before = np.empty_like(mask)
    before[:1] = False
    before[1:] = mask[:-1]
    return mask & ~before


def _falls(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    after = np.empty_like(mask)
    after[-1:] = False
    after[:-1] = mask[1:]
    return mask & ~after


def _any_between(mask: npt.NDArray[np.bool_], starts: Ints, stops: Ints) -> npt.NDArray[np.bool_]:
    count = np.zeros(mask.size + 1, dtype=np.int64)
    np.cumsum(mask, out=count[1:])
    return count[stops] > count[starts]


def _gaps(classes: npt.NDArray[np.uint8], starts: Ints, stops: Ints, post: Ints, opens: Ints) -> npt.NDArray[np.uint8]:
    """Return what stands before each token; `opens` is where each text begins among the characters."""
    gap = np.zeros(starts.size, dtype=np.uint8)
    if not starts.size:
        return gap
    is_first = np.empty(starts.size, dtype=bool)
    is_first[0], is_first[1:] = True, post[1:] != post[:-1]
    previous = np.empty_like(starts)
    previous[1:] = stops[:-1]
    previous[is_first] = opens[post[is_first]]
    for kind, bit in ((STOP, Gap.STOP), (QUOTE, Gap.QUOTE), (COMMA, Gap.COMMA)):
        gap |= (_any_between(classes == kind, previous, starts) * bit).astype(np.uint8)
    gap |= ((starts - previous > _FAR) * Gap.FAR).astype(np.uint8)
    gap |= (is_first * Gap.FIRST).astype(np.uint8)
    return gap


_MOST_STARS = 6
_FAR = 3
_NOTHING = np.zeros(0, dtype=np.int64)
