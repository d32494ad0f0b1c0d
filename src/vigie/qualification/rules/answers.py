"""The kind answer to the person who reported, when the association declines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .values import Bilingual


@dataclass(frozen=True, slots=True)
class Door:
    """Somebody who can help where we cannot: who, and how to reach them."""

    id: str
    name: Bilingual
    how: Bilingual
    verified_at: str


@dataclass(frozen=True, slots=True)
class KindAnswer:
    """What to say for one reason to decline, and which doors to show."""

    reason: str
    text: Bilingual
    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """All the kind answers of one jurisdiction."""

    opening: Bilingual
    closing: Bilingual
    by_reason: Mapping[str, KindAnswer]


def answer_text(answers: Answers, reason: str, *, language: str) -> str:
    """Return the whole answer to a person who reported, ready to be read and amended before it is sent.

    Raises:
        KeyError: no answer is written for this reason (the validator refuses such a catalogue).
    """
    answer = answers.by_reason[reason]
    doors = "\n".join(
        f"– {door.name.said_in(language)}{_colon(language)}{door.how.said_in(language)}" for door in answer.doors
    )
    parts = (
        answers.opening.said_in(language),
        answer.text.said_in(language),
        doors,
        answers.closing.said_in(language),
    )
    return "\n\n".join(part for part in parts if part)


def _colon(language: str) -> str:
    return "\u00a0: " if language.lower().startswith("fr") else ": "
