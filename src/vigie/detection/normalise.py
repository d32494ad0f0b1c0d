"""Write a text in one way, so that disguises fall, and remember where each character came from.

Two readings are made. The *plain* one folds case, accents, compatibility forms, look-alike letters of other
alphabets and invisible characters. The *unmasked* one also reads digits and signs put for letters (`n3gr0`),
stretched letters (`saaaale`) and words spelled out (`s.a.l.e`); it is made only when the text holds such a thing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain


@dataclass(frozen=True)
class Reading:
    """A normalised text. `origins[i]` is the place in the given text of character i; None: the same place."""

    text: str
    origins: tuple[int, ...] | None
    unmasked: frozenset[int] = frozenset()
    """The places of the given text at which a disguise was read; empty for a plain reading."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where [start, end) of the normalised text stands in the given one."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def plain(text: str) -> Reading:
    """Return the plain reading of `text`."""
    folded = text.translate(_FOLDING)
    if _FOLDING.shifting.isdisjoint(text) and "  " not in folded:
        return Reading(folded, None)
    letters: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        written = _FOLDING[ord(character)]
        if written == " " and letters and letters[-1] == " ":
            continue
        letters.extend(written)
        origins.extend([place] * len(written))
    return Reading("".join(letters), tuple(origins))


def unmasked(reading: Reading) -> Reading | None:
    """Return the reading with disguises undone, or None if there are none to undo."""
    if not _DISGUISE.search(reading.text):
        return None
    letters = list(reading.text)
    dropped: set[int] = set()
    touched: set[int] = set()
    for word in _WORD_WITH_SIGNS.finditer(reading.text):
        if _SIGN_FOR_LETTER.search(word[0]):
            signs = [place for place in range(*word.span()) if letters[place] in _LEET]
            touched.update(signs)
            for place in signs:
                letters[place] = _LEET[letters[place]]
    for run in _STRETCHED.finditer("".join(letters)):
        dropped.update(range(run.start() + 1, run.end()))
        touched.update(range(*run.span()))
    for spelled in _SPELLED_OUT.finditer(reading.text):
        separators = range(spelled.start() + 1, spelled.end(), 2)
        dropped.update(separators)
        touched.update(range(*spelled.span()))
    if not touched:
        return None
    kept = [place for place in range(len(letters)) if place not in dropped]
    origins = reading.origins or range(len(letters))
    return Reading(
        "".join(letters[place] for place in kept),
        tuple(origins[place] for place in kept),
        frozenset(origins[place] for place in touched),
    )


def squeezed(text: str) -> str:
    """Return `text` with doubled letters written once, as a stretched word is read."""
    return _DOUBLED.sub(r"\1", text)


class _Folding(dict[int, str]):
    """Character → what it is written as: one or several characters, or none. Filled as characters are met."""

    def __init__(self) -> None:
        super().__init__()
        self.shifting: set[str] = set()
        """The characters met so far that do not become exactly one: after them, places no longer agree."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = folded = _folded(character)
        if len(folded) != 1:
            self.shifting.add(character)
        return folded


def _folded(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    return "".join(_written(c) for c in ([character] if character in _LOOK_ALIKES else decomposed))


def _written(character: str) -> str:
    if character in _INVISIBLE or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return ""
    if character.isspace() or character in _WORD_JOINERS:
        return " "
    return _LOOK_ALIKES.get(character, character)


_FOLDING = _Folding()
_LOOK_ALIKES = dict(
    chain(
        zip("аеорсухіјѕԁһԛԝѵӏ", "aeopcyxijsdhqwvl", strict=True),  # Cyrillic
        zip("АВЕКМНОРСТУХІЈЅ", "abekmhopctyxijs", strict=True),
        zip("αορνικτυχβε", "aopviktuxbe", strict=True),  # Greek
        zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True),
        zip("łøđħŧıɩɡɑ", "lodhtiiga", strict=True),
        {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss", "Ł": "l", "Ø": "o", "Đ": "d"}.items(),
    )
)
_INVISIBLE = frozenset(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u3164\ufeff"
)
_WORD_JOINERS = frozenset("-_'’ʼ‐‑‒–—")
_LEET = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "@": "a",
    "$": "s",
    "€": "e",
    "!": "i",
    "£": "l",
    "8": "b",
}
_WORD_WITH_SIGNS = re.compile(r"[a-z0-9@$€£!]{3,40}")
# Between letters any sign may stand for one; before them, `@` names somebody and `2h` is an hour.
_SIGN_FOR_LETTER = re.compile(r"(?<=[a-z])[0-9@$€£!](?=[a-z])|(?<![a-z0-9])(?:[$€£]|[0-9](?=[a-z]{3}))(?=[a-z])")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_SPELLED_OUT = re.compile(r"(?<!\w)[a-z]([ .*/|~])(?:[a-z]\1){2,}[a-z](?!\w)")
_DOUBLED = re.compile(r"([a-z])\1+")
_DISGUISE = re.compile(rf"{_SIGN_FOR_LETTER.pattern}|([a-z])\1\1|(?<!\w)[a-z]([ .*/|~])[a-z]\2[a-z]\2[a-z]")
