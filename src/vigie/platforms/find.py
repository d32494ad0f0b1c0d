"""Find the addresses in a text that people wrote: a mail, a message, a note copied from a spreadsheet.

Whole addresses, bare ones (`x.com/…`), defanged ones (`hxxps://x[.]com`), in angle brackets, in HTML,
followed by a full stop or a closing bracket that is not theirs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .address import MAX_ADDRESS_CHARACTERS, UnreadableAddress, read_address, refang

MAX_TEXT_CHARACTERS = 2_000_000
"""Nobody reports with a longer text; what stands further is not read."""


@dataclass(frozen=True)
class FoundAddress:
    """An address in a text: `text` is what stands at [start, end), `address` is the same, ready to be resolved."""

    start: int
    end: int
    text: str
    address: str


def find_addresses(text: str) -> list[FoundAddress]:
    """Return the addresses in `text`, in order, each as often as it stands there.

    A bare domain (`exemple.fr`) is left alone, because a missing space after a full stop reads the same;
    with `www.` before it or a path behind it, it is taken.
    """
    return list(_found(text[:MAX_TEXT_CHARACTERS]))


def _found(text: str) -> Iterator[FoundAddress]:
    place = 0
    while candidate := _CANDIDATE.search(text, place):
        start, end = candidate.span()
        if candidate.lastgroup == "bracketed":
            start, end = candidate.span("bracketed")
            written = _BREAKS.sub("", candidate["bracketed"])
        else:
            end = start + _own_length(candidate[0])
            written = text[start:end]
        place = max(end, start + 1)
        address = _readable(written)
        if address:
            yield FoundAddress(start, end, text[start:end], address)


def _readable(written: str) -> str | None:
    # Not html.unescape: it would read `&copy=1` as ©=1.
    address = refang(_AMPERSAND.sub("&", written))
    try:
        read_address(address)
    except UnreadableAddress:
        return None
    return address


def _own_length(written: str) -> int:
    """Return how much of it is the address: up to a bracket that opens nowhere in it, without closing punctuation."""
    opened: list[str] = []
    for place, character in enumerate(written):
        if character in _PAIRS.values():
            opened.append(character)
        elif character in _PAIRS and (not opened or opened.pop() != _PAIRS[character]):
            written = written[:place]
            break
    return len(_without_closing(written))


def _without_closing(written: str) -> str:
    while written:
        shorter = written.rstrip(_CLOSING)
        # An unfinished bracket at the end is the sentence's: « (voir x.com/a ».
        if shorter.endswith(tuple(_PAIRS.values())):
            shorter = shorter[:-1]
        entity = _ENTITY_AT_END.search(shorter)
        if entity and html.unescape(entity[0]) in _ENDING_ENTITIES:
            shorter = shorter[: entity.start()]
        if shorter == written:
            return written
        written = shorter
    return written


_PAIRS = {")": "(", "]": "[", "}": "{"}
_CLOSING = ".,;:!?…'’*_|\\~"
_ENDING_ENTITIES = frozenset("<>\"'»\u00a0")
_ENTITY_AT_END = re.compile(r"&(?:gt|lt|quot|apos|#39|#34|raquo|nbsp);?$", re.IGNORECASE)
_AMPERSAND = re.compile(r"&(?:amp|#38|#x26);", re.IGNORECASE)
_BREAKS = re.compile(r"\s+")
_CHARACTER = r"[^\s<>\"“”«»‹›`\u200b\u200c\u200d\u2060\ufeff]"
_SOME = f"{_CHARACTER}{{1,{MAX_ADDRESS_CHARACTERS}}}"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOT = r"(?:\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[point\]|\(point\))"
_DOMAIN = rf"(?:{_LABEL}{_DOT})+[^\W\d_]{{2,}}"
_SCHEME = r"(?:h(?:tt|xx|\*\*)ps?(?:(?:\[:\]|:)//|\[://\])|at://|tg://|lbry://)"
_CANDIDATE = re.compile(
    rf"""
      <(?:URL:)?\s* (?P<bracketed> https?://[^<>]* ) >
    | (?<![^\W_]) (?P<whole> {_SCHEME} {_SOME} )
    | (?<![\w@.\-/=]) (?P<bare> www{_DOT} {_DOMAIN} (?: [/?#:] {_SOME} | / )?
                              | {_DOMAIN} (?: :\d{{1,5}} )? / {_SOME} )
    """,
    re.VERBOSE | re.IGNORECASE,
)
