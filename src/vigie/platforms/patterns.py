"""The small language in which the registry says how a platform writes its addresses.

`/{handle}/status/{id}/**` reads: a handle, the word «status», an id, then anything or nothing.
What a handle or an id may look like is said once per platform, under `parts`. Words are read
whatever their case, as platforms do; what stands in braces keeps its own. Three names are always
there to be written with: `{site}` (host, and port if unusual), `{scheme}`, and `{label}`, the first label of the host.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from .address import Address


class PatternError(ValueError):
    """A pattern in the registry cannot be understood; the sentence says which and why."""


@dataclass(frozen=True)
class Template:
    """A text with `{names}` in it, to be read from or written to."""

    text: str
    names: tuple[str, ...]
    pieces: tuple[tuple[str, str, str], ...]
    """What stands before a name, the name, and the filter its value goes through (`{name|filter}`)."""
    tail: str

    @classmethod
    def of(cls, text: str) -> Template:
        pieces, end = [], 0
        for found in _BRACES.finditer(text):
            name, _, through = found[1].partition("|")
            if through and through not in FILTERS:
                raise PatternError(f"“{text}”: there is no filter “{through}”; there are {', '.join(sorted(FILTERS))}")
            pieces.append((text[end : found.start()], name, through))
            end = found.end()
        return cls(text, tuple(name for _, name, _ in pieces), tuple(pieces), text[end:])

    def fill(self, values: Mapping[str, str], *, quoted: bool = False) -> str | None:
        """Return the text with its names replaced, or None if one has no value.

        With `quoted`, what an address cannot hold as it stands is percent-coded.
        """
        written = []
        for before, name, through in self.pieces:
            value = values.get(name)
            if value is None:
                return None
            if through:
                value = FILTERS[through](value)
            written.append(before + (quote(value, safe=_SAFE_IN_ADDRESS) if quoted else value))
        return "".join(written) + self.tail

    def regex(self, parts: Mapping[str, str], *, is_path: bool) -> re.Pattern[str]:
        """Return what recognises this text. A name used twice must be the same value twice."""
        text, seen, written = self.text, set[str](), ""
        open_ended = is_path and text.endswith("/**")
        tail = self.tail.removesuffix("/**") if open_ended else self.tail
        for before, name, _ in self.pieces:
            if name not in parts:
                raise PatternError(f"“{text}”: “{name}” is not described under “parts”")
            written += _literal(before)
            written += f"(?P={name})" if name in seen else f"(?P<{name}>{parts[name]})"
            seen.add(name)
        written += _literal(tail.rstrip("/") if is_path else tail)
        written += ("(?:/.*)?" if open_ended else "/?") if is_path else ""
        try:
            return re.compile(written, re.DOTALL)
        except re.error as error:
            raise PatternError(f"“{text}”: {error}") from error


@dataclass(frozen=True)
class Found:
    """What a pattern saw in an address, before the platform's name is put on it."""

    kind: str
    key: str
    canonical: str
    account: str | None


@dataclass(frozen=True)
class Rule:
    """One way in which a platform writes the addresses of one kind of thing."""

    kind: str
    paths: tuple[re.Pattern[str], ...]
    query: Mapping[str, tuple[re.Pattern[str], ...]]
    fragment: tuple[re.Pattern[str], ...]
    key: Template
    canonical: tuple[Template, ...]
    account: tuple[Template, ...] = ()
    at: frozenset[str] = field(default_factory=frozenset)
    """The hosts on which alone it holds; empty: on the platform's ordinary ones."""

    def read(self, address: Address) -> dict[str, str] | None:
        """Return the named values of the address, or None if this is not such an address."""
        for path in self.paths:
            found = path.fullmatch(address.readable_path)
            if found:
                break
        else:
            return None
        values = {name: value for name, value in found.groupdict().items() if value is not None}
        if self.query and not _read_query(self.query, address, values):
            return None
        if self.fragment and not _read_first(self.fragment, address.fragment, values):
            return None
        return values


@dataclass(frozen=True)
class Below:
    """A parameter or fragment that turns the address of a content into that of a comment under it."""

    kind: str
    query: Mapping[str, tuple[re.Pattern[str], ...]]
    fragment: tuple[re.Pattern[str], ...]
    key: Template
    canonical: Template

    def read(self, address: Address) -> dict[str, str] | None:
        values: dict[str, str] = {}
        if self.query and not _read_query(self.query, address, values):
            return None
        if self.fragment and not _read_first(self.fragment, address.fragment, values):
            return None
        return values


def _read_query(wanted: Mapping[str, tuple[re.Pattern[str], ...]], address: Address, values: dict[str, str]) -> bool:
    given = address.parameters
    return all(name in given and _read_first(forms, given[name], values) for name, forms in wanted.items())


def _read_first(forms: tuple[re.Pattern[str], ...], text: str, values: dict[str, str]) -> bool:
    for form in forms:
        found = form.fullmatch(text)
        if found:
            values.update(found.groupdict())
            return True
    return False


def _literal(text: str) -> str:
    return f"(?i:{re.escape(text)})" if any(c.isalpha() for c in text) else re.escape(text)


def _undotted(name: str) -> str:
    """Facebook does not count the dots of a name: `jean.dupont` is `jeandupont`."""
    return name.replace(".", "").lower()


def _facebook_comment(comment: str) -> str:
    """Facebook sometimes writes a comment's number as base64 of `comment:POST_COMMENT`."""
    if comment.isdigit():
        return comment
    try:
        plain = base64.b64decode(comment + "=" * (-len(comment) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return comment
    number = plain.rpartition("_")[2]
    return number if plain.startswith("comment:") and number.isdigit() else comment


FILTERS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "undotted": _undotted,
    "facebook_comment": _facebook_comment,
}

_SAFE_IN_ADDRESS = "%/:@!$'()*,;=-._~"  # not `+`, which is a space in a query
_BRACES = re.compile(r"\{([a-z_]+(?:\|[a-z_]+)?)\}")
