"""What this room needs from outside: a source that can be read, a slice at a time.

A source is one folder under `sources/`: a manifest, an adapter, recorded invented fixtures, a fake server, tests.
It knows nothing of rows: it is given its settings, its secret, the cursor it returned last time, and a way to the
web that goes through the gate; it returns posts and the next cursor. Whoever is killed in between asks again from
the old cursor, so a source must give the same posts for the same cursor, or later ones, never fewer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from vigie.core.errors import UnusableInput
from vigie.watch.reach import Web
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.rules.values import Post

__all__ = ["SourceFault", "Why"]


class FieldKind(StrEnum):
    TEXT = "text"
    LINES = "lines"  # one a line
    NUMBER = "number"
    SECRET = "secret"  # noqa: S105 the name of a kind: sealed, never shown again


@dataclass(frozen=True)
class SourceField:
    """One thing a person says when they add a source."""

    name: str
    label: str
    help: str = ""
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    initial: str = ""


@dataclass(frozen=True)
class Manifest:
    """What a source is, what it needs and costs, and when somebody last looked whether that is so."""

    kind: str
    title: str
    says: str  # one sentence for the person who adds it
    needs: str
    limits: str
    cost: str
    last_verified: date
    source: str  # where the facts stand
    fields: tuple[SourceField, ...]
    every: timedelta  # between two readings when nothing was found
    is_stream: bool = False
    period: str = ""  # «day» or «month» when there is an allowance: the field `most` of the settings


class Allowance(Protocol):
    """What may still be spent on a source, counted in the database before each call."""

    def reserve(self, units: int) -> None:
        """Set aside what the next call costs.

        Raises:
            SourceFault: SPENT, when it would go beyond what was allowed; nothing was called.
        """
        ...

    def give_back(self, units: int) -> None:
        """Give back what was set aside and, the answer says, was not used."""
        ...


@dataclass(frozen=True)
class Turn:
    """What a source is given for one reading."""

    settings: Mapping[str, Any]
    secret: str
    cursor: Mapping[str, Any]
    now: datetime
    web: Web
    allowance: Allowance
    seconds: float  # a stream returns after that long, with what it has
    most: int  # posts


@dataclass(frozen=True)
class Slice:
    """What one reading gave."""

    posts: Sequence[Post]
    cursor: Mapping[str, Any]
    gone: Sequence[str] = ()  # keys of posts that their author removed since
    more: bool = False  # there is more to read at once
    fault: Why | None = None  # what was read counts, and something must be said (a gap)
    wait: timedelta | None = None  # the source asks to be left alone so long


class SourceAdapter(Protocol):
    manifest: Manifest

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings as they are kept.

        Raises:
            BadSourceSetting: the sentence says which field and what to write.
        """
        ...

    def read(self, turn: Turn) -> Slice:
        """Read what came since the cursor.

        Raises:
            SourceFault: nothing was read; the cursor stays.
        """
        ...


class BadSourceSetting(UnusableInput):
    """A source is described in a way that cannot work."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


@dataclass
class NoAllowance:
    """For the sources that cost nothing."""

    reserved: list[int] = field(default_factory=list)

    def reserve(self, units: int) -> None:
        self.reserved.append(units)

    def give_back(self, units: int) -> None:
        if units:
            self.reserved.append(-units)
