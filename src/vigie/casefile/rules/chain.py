"""How one entry of the journal is tied to the one before it. Pure.

The digest covers every column and the digest before it, so that changing, removing or moving an entry
breaks each one after. The head of the chain is sealed with a key kept outside the database: who holds the
database alone can neither cut the end off nor write the chain anew.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

GENESIS = "0" * 64
_in_one_way = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Entry:
    organisation: int
    seq: int
    at: datetime
    actor: str
    event: str
    case: str | None
    data: Mapping[str, Any]
    previous: str
    digest: str = ""


@dataclass(frozen=True)
class Head:
    """The last entry as the association's row remembers it."""

    seq: int
    digest: str
    seal: str


def digest_of(entry: Entry) -> str:
    """Return the SHA-256 of the entry written canonically."""
    return hashlib.sha256(written(entry)).hexdigest()


def written(entry: Entry) -> bytes:
    """Return the entry written canonically, its own digest left out."""
    text = _in_one_way(
        {
            "organisation": entry.organisation,
            "seq": entry.seq,
            "at": _moment(entry.at),
            "actor": entry.actor,
            "event": entry.event,
            "case": entry.case,
            "data": entry.data,
            "previous": entry.previous,
        }
    )
    return text.encode()


@lru_cache(maxsize=100)
def _moment(at: datetime) -> str:
    # The entries of an import are many of one moment.
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def seal_of(key: bytes, organisation: int, seq: int, digest: str) -> str:
    """Return the keyed seal of a head."""
    return hmac.new(key, f"{organisation}:{seq}:{digest}".encode(), hashlib.sha256).hexdigest()


def first_break(entries: Iterable[Entry], head: Head | None, key: bytes) -> str | None:
    """Walk one association's chain and return what is wrong with it first, or None.

    Args:
        entries: in the order of their numbers.
        head: None when the association has never written.
    """
    previous, expected = GENESIS, 1
    for entry in entries:
        if entry.seq != expected:
            return f"entry {expected} is missing (found {entry.seq})"
        if entry.previous != previous:
            return f"entry {entry.seq} does not follow the entry before it"
        if digest_of(entry) != entry.digest:
            return f"entry {entry.seq} was altered"
        previous, expected = entry.digest, expected + 1
        organisation = entry.organisation
    if expected == 1:
        return None if head is None else f"entries 1 to {head.seq} are missing"
    if head is None:
        return "the head of the chain is missing"
    if head.seq != expected - 1:
        return (
            f"entries {expected} to {head.seq} are missing"
            if head.seq >= expected
            else f"entry {head.seq + 1} was added behind the head"
        )
    if head.digest != previous or not hmac.compare_digest(head.seal, seal_of(key, organisation, head.seq, head.digest)):
        return f"the seal of the head (entry {head.seq}) is broken"
    return None
