"""The words concerned, taken exactly from the content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from vigie.core.errors import Refusal, UnusableInput
from vigie.core.words import N_


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a content: `text` is exactly what stands from `start` to `end`, counted in characters."""

    start: int
    end: int
    text: str


class WordsNotInContent(UnusableInput):
    """The words given are not in the text of the content, so they cannot be quoted from it."""

    def __init__(self) -> None:
        super().__init__(
            N_("Ces mots ne figurent pas tels quels dans le contenu : copiez-les exactement, sans rien corriger.")
        )


class NoWords(Refusal):
    """Nothing was selected."""

    def __init__(self) -> None:
        super().__init__(N_("Indiquez les mots concernés."))


def text_digest(text: str) -> str:
    """Return the SHA-256 of the text quoted from: a later version cannot be taken for this one."""
    return hashlib.sha256(text.encode()).hexdigest()


def find_quote(content: str, words: str) -> Quote:
    """Return where `words` stand in `content`, and exactly what stands there.

    Blanks may differ, because browsers and copying fold line breaks; every other character must be the same.
    Words that occur several times are quoted where they first occur.

    Raises:
        NoWords: nothing but blanks.
        WordsNotInContent: they are not there.
    """
    pieces = words.split()
    if not pieces:
        raise NoWords
    found = re.search(r"\s+".join(map(re.escape, pieces)), content)
    if found is None:
        raise WordsNotInContent
    return Quote(found.start(), found.end(), found.group())


def check_quotes(content: str, quotes: Iterable[Quote]) -> None:
    """Refuse quotes that are not exactly what the content says where they claim to stand.

    Raises:
        WordsNotInContent: offsets and words disagree with the text.
        NoWords: an empty quote.
    """
    for quote in quotes:
        if not quote.text.strip():
            raise NoWords
        inside = 0 <= quote.start < quote.end <= len(content)
        if not inside or content[quote.start : quote.end] != quote.text:
            raise WordsNotInContent
