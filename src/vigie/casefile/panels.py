"""What a room shows on the page of a case, without the page knowing the room's insides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Slot(StrEnum):
    CONTENT = "content"  # left: the content in context
    KNOW = "know"  # right: what we know
    ACT = "act"  # right, above what we know: what can be done next
    JOURNAL = "journal"  # across, at the foot


@dataclass(frozen=True)
class Panel:
    """One card of the page.

    The page draws the card and its `title` as <h2>; `template` is the fragment inside. It gets `case`, `request`,
    `may`, `show_words` (the reader asked for unmasked words), `came_from` (the queue's filter) and `context`.
    """

    slot: Slot
    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    order: int = 50
