"""Read what people type where addresses are asked for: one a line, several, or words around them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vigie.platforms.find import find_addresses

_BETWEEN = re.compile(r"[\s.,:;!?|•·\-–—*<>\"'«»()\[\]{}]+")


@dataclass(frozen=True)
class Typed:
    """`words` are the lines that said more than addresses: they belong with the description."""

    addresses: list[str]
    words: str


def read_typed(text: str) -> Typed:
    """Return the addresses in what was typed, each once, in their order.

    A line in which no address can be read is taken as one all the same: somebody meant it as such, and
    a person at the desk can often make something of it.
    """
    addresses: dict[str, None] = {}
    words = []
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        found = find_addresses(line)
        for one in found:
            addresses.setdefault(one.address)
        if not found:
            addresses.setdefault(line)
        elif _BETWEEN.sub("", _without(line, [(one.start, one.end) for one in found])):
            words.append(line)
    return Typed(list(addresses), "\n".join(words))


def _without(line: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        line = line[:start] + line[end:]
    return line
