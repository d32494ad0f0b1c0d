"""A term as an association keeps it, and the lexicon that comes of its terms and those delivered with Vigie. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from vigie.detection.flat import fold_word
from vigie.detection.hints import Kind, SourceStatus, Target
from vigie.detection.terms import Lexicon, Term


class Standing(StrEnum):
    """Whether a term counts."""

    ACTIVE = "active"
    ENDED = "ended"
    """It counts no more; a delivered term of the same name counts again."""
    MUTED = "muted"
    """Neither it nor the delivered term of the same name counts in this association."""


class Does(StrEnum):
    """What one version of a term did to the one before."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    RESTORED = "restored"


@dataclass(frozen=True)
class TermState:
    """A term with what the association decided of it."""

    term: Term
    standing: Standing = Standing.ACTIVE
    is_public: bool = False

    @property
    def name(self) -> str:
        return name_of(self.term.term)

    def counts_on(self, day: date) -> bool:
        """Say whether texts are read for it on that day."""
        return self.standing is Standing.ACTIVE and (self.term.until is None or self.term.until >= day)

    def as_json(self) -> dict[str, Any]:
        term = self.term
        return {
            "term": term.term, "variants": list(term.variants), "kind": term.kind.value, "target": term.target.value,
            "sense": term.sense, "needs_context": term.needs_context, "source_status": term.source_status.value,
            "source": term.source, "since": _written(term.since), "until": _written(term.until),
            "examples": list(term.examples), "beside": list(term.beside), "unless": list(term.unless),
            "standing": self.standing.value, "is_public": self.is_public,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> TermState:
        term = Term(
            term=kept["term"], variants=tuple(kept["variants"]), kind=Kind(kept["kind"]), target=Target(kept["target"]),
            sense=kept["sense"], needs_context=kept["needs_context"], source_status=SourceStatus(kept["source_status"]),
            source=kept["source"], since=_read(kept["since"]), until=_read(kept["until"]),
            examples=tuple(kept["examples"]), beside=tuple(kept["beside"]), unless=tuple(kept["unless"]),
        )  # fmt: skip
        return cls(term, Standing(kept["standing"]), kept["is_public"])


def name_of(word: str) -> str:
    """Return the one name of a word however it is written: two terms of one name are one term."""
    return " ".join(fold_word(word).split())


def does(before: TermState | None, after: TermState) -> Does:
    """Return what a change is called in the history of a term."""
    if before is None:
        return Does.ADDED
    if before.standing is Standing.ACTIVE and after.standing is not Standing.ACTIVE:
        return Does.ENDED
    return Does.CHANGED


def combined(delivered: Lexicon, own: Iterable[TermState], *, version: str, today: date) -> Lexicon:
    """Return the lexicon an association reads with: its own terms, and the delivered ones that none of its own replaces."""
    states = list(own)
    counting = [state for state in states if state.counts_on(today)]
    replaced = {state.name for state in counting} | {state.name for state in states if state.standing is Standing.MUTED}
    kept = [term for term in delivered.terms if name_of(term.term) not in replaced]
    return Lexicon(
        version=f"{delivered.version}+{version}",
        lang=delivered.lang,
        terms=(*(state.term for state in counting), *kept),
    )


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _read(day: str) -> date | None:
    return date.fromisoformat(day) if day else None
