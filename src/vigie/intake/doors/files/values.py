"""What an export says, line by line, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Record:
    """One line of a file, before it is understood. `line` is where it begins, as an editor or a spreadsheet counts."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One line, understood: a content somebody points to, and what they know of it."""

    line: int
    address: str
    key: str
    text: str = ""
    account: str = ""
    published_at: datetime | None = None
    language: str = ""
    note: str = ""
    remark: Refused | None = None  # what could not be read of a line that is taken all the same


@dataclass(frozen=True)
class Refused:
    """One line that is not taken: which field, and why, in a sentence for a person (`values` fill it)."""

    line: int
    field: str
    sentence: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def because(cls, line: int, field: str, sentence: str, **values: object) -> Refused:
        return cls(line, field, sentence, tuple(values.items()))


class Outcome(StrEnum):
    """What became of a line."""

    TAKEN = "taken"  # a new case
    MERGED = "merged"  # joined a case that is there, or one of this file
    KNOWN = "known"  # the same line was imported before: nothing changed
    REFUSED = "refused"
