"""What an export says, line by line, as values. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from vigie.intake.rules.values import Post
from vigie.platforms.resolve import Resolved


@dataclass(frozen=True)
class Record:
    """One line of a file, before it is understood. `line` is where it begins, as an editor or a spreadsheet counts."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One line, understood: a content somebody points to, and what they know of it."""

    line: int
    resolved: Resolved
    text: str = ""
    account: str = ""
    published_at: datetime | None = None
    language: str = ""
    note: str = ""
    said: tuple[str, ...] = ()  # what other columns say of it: never kept, but asked whether it points to child abuse
    remark: Refused | None = None  # what could not be read of a line that is taken all the same

    @property
    def address(self) -> str:
        return self.resolved.url

    @property
    def key(self) -> str:
        return self.resolved.key

    def source_key(self, organisation_id: int) -> str:
        """Return what this line is known by when it comes again: the content, its words and what is said of it.

        Counts of likes, the order of lines and the file's name do not matter.
        """
        said = json.dumps([organisation_id, self.key, self.text, self.account, self.note], ensure_ascii=False)
        return f"import:{hashlib.sha256(said.encode()).hexdigest()}"

    def post(self) -> Post:
        """Return what the line tells of the content itself."""
        return Post(
            url=self.address,
            text=self.text,
            account=self.account,
            language=self.language,
            published_at=self.published_at,
        )


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
