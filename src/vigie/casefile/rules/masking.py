"""Cut a text into pieces to be read with care: which are masked, which are quoted. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

DOTS = "•••"


class Span(Protocol):
    """A stretch of a text, counted in characters; `vigie.qualification`'s quotes are such."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive characters that are shown alike."""

    text: str
    masked: bool = False
    quoted: bool = False

    @property
    def veiled(self) -> str:
        """What stands for a masked word: its first letter, and the same dots whatever its length."""
        return self.text[:1] + DOTS


def pieces(text: str, *, masked: Iterable[Span] = (), quoted: Iterable[Span] = ()) -> list[Piece]:
    """Return `text` cut where a masked or quoted stretch begins or ends.

    A masked stretch that a quote cuts through stays whole: half a slur would still be readable.
    """
    hidden = _merged(text, masked)
    quotes = _merged(text, quoted)
    # The edge of a quote inside a masked word is moved to the edge of that word.
    edges = {0, len(text)} | {edge for span in hidden for edge in (span.start, span.end)}
    for quote in quotes:
        for edge in (quote.start, quote.end):
            if not any(span.start < edge < span.end for span in hidden):
                edges.add(edge)
    cuts = sorted(edges)
    return [
        Piece(
            text=text[start:end],
            masked=any(span.start <= start and end <= span.end for span in hidden),
            quoted=any(span.start < end and start < span.end for span in quotes),
        )
        for start, end in pairwise(cuts)
    ]


def _merged(text: str, spans: Iterable[Span]) -> list[Stretch]:
    """Return the stretches in order, inside the text, those that overlap made one."""
    found: list[Stretch] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start, end = max(span.start, 0), min(span.end, len(text))
        if start >= end:
            continue
        if found and start < found[-1].end:
            found[-1] = Stretch(found[-1].start, max(end, found[-1].end))
        else:
            found.append(Stretch(start, end))
    return found


def excerpt(text: str, *, most: int) -> str:
    """Return the beginning of a text on one line, cut between words; «…» says that there is more."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    kept = line[: most + 1].rsplit(" ", 1)[0] if " " in line[: most + 1] else line[:most]
    return kept.rstrip(" ,;:") + "…"
