"""The published list: what of the lexicon anybody may read, on a day, and what changed since another. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from vigie.learning.rules.terms import Standing, TermState

FORMAT = "vigie-lexicon-1"
COLUMNS = (
    "id", "change", "changed_on", "association", "term", "variants", "kind", "target", "sense", "context_needed",
    "source_url", "source_status", "since", "until",
)  # fmt: skip


class Changed(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Published:
    """One state of a term from a day on; states of one term share their id."""

    id: str
    association: str
    on: date
    state: TermState

    @property
    def is_listed(self) -> bool:
        return self.state.is_public and self.state.standing is Standing.ACTIVE


@dataclass(frozen=True)
class Entry:
    """One line of the list. Of a term that was taken out only its id and the day remain."""

    id: str
    association: str
    on: date
    change: Changed
    state: TermState | None


def listed(history: Iterable[Published], *, since: date | None = None) -> list[Entry]:
    """Return the list as it stands; with `since`, only what changed on that day or later, removals too.

    Args:
        history: every state of every term, the earliest first.
        since: None is the whole list, each entry with the day it last changed.
    """
    now: dict[str, Published] = {}
    then: dict[str, Published] = {}
    for one in history:
        if since is not None and one.on < since:
            then[one.id] = one
        now[one.id] = one
    found = []
    for name, one in now.items():
        before = then.get(name)
        was = before is not None and before.is_listed
        if since is None:
            if one.is_listed:
                found.append(Entry(name, one.association, one.on, Changed.ADDED, one.state))
        elif one.is_listed and not was:
            found.append(Entry(name, one.association, one.on, Changed.ADDED, one.state))
        elif one.is_listed and before is not None and _open(before.state) != _open(one.state):
            found.append(Entry(name, one.association, one.on, Changed.CHANGED, one.state))
        elif was and not one.is_listed:
            found.append(Entry(name, one.association, one.on, Changed.REMOVED, None))
    return sorted(found, key=lambda entry: (entry.state.name if entry.state else "", entry.id))


def last_change(history: Iterable[Published]) -> date | None:
    """Return the day on which what is public last changed, removals too; None while nothing ever was."""
    latest: date | None = None
    before: dict[str, Published] = {}
    for one in history:
        was = before.get(one.id)
        if one.is_listed or (was is not None and was.is_listed):
            latest = one.on if latest is None else max(latest, one.on)
        before[one.id] = one
    return latest


def _open(state: TermState) -> dict[str, Any]:
    """Return what of a term is public: never its examples, which may come from a case, nor the words kept beside it."""
    kept = state.as_json()
    return {
        "term": kept["term"], "variants": kept["variants"], "kind": kept["kind"], "target": kept["target"],
        "sense": kept["sense"], "context_needed": kept["needs_context"], "source_url": kept["source"],
        "source_status": kept["source_status"], "since": kept["since"], "until": kept["until"],
    }  # fmt: skip


def row_of(entry: Entry) -> dict[str, Any]:
    row = {
        "id": entry.id,
        "change": entry.change.value,
        "changed_on": entry.on.isoformat(),
        "association": entry.association,
    }
    return row | (_open(entry.state) if entry.state else {})


def as_json(entries: Sequence[Entry], *, dated: date | None, since: date | None) -> bytes:
    """Return the list as JSON: the same list always gives the same bytes, so that its signature holds."""
    whole: Mapping[str, Any] = {
        "format": FORMAT,
        "dated": dated.isoformat() if dated else None,
        "since": since.isoformat() if since else None,
        "terms": [row_of(entry) for entry in entries],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def as_csv(entries: Sequence[Entry]) -> bytes:
    """Return the list as CSV, with the columns that `VIGIE_LEXICON` reads among them."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        row = row_of(entry)
        row["variants"] = "|".join(row.get("variants", ()))
        row["context_needed"] = {True: "true", False: "false"}.get(row.get("context_needed", ""), "")
        writer.writerow({name: _cell(row.get(name, "")) for name in COLUMNS})
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
