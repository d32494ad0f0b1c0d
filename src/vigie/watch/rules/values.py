"""The words of this room, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Post:
    """One post as a source gave it. `reach` is how many may have seen it (followers, views); None is unknown."""

    key: str
    platform: str
    kind: str
    url: str
    text: str
    author: str = ""
    language: str = ""
    published_at: datetime | None = None
    reach: int | None = None
    hashtags: tuple[str, ...] = ()


class WatchState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


class Does(StrEnum):
    """What is done with a sighting. Nothing ever becomes a case by itself."""

    SHOW = "show"
    PROPOSE = "propose"  # at the head of the wall, as a case to make


class SightingState(StrEnum):
    WAITING = "waiting"
    CASED = "cased"
    DISMISSED = "dismissed"


class DismissReason(StrEnum):
    """Why a sighting is none; each teaches something else."""

    NOT_HATEFUL = "not-hateful"
    QUOTED = "quoted"  # counter-speech, quotation, news
    OTHER_SENSE = "other-sense"  # the word means something else here
    LAWFUL = "lawful"  # hurtful, but within what the law allows
    SPAM = "spam"
    KNOWN = "known"  # handled elsewhere already: teaches nothing about the words


class DecisionKind(StrEnum):
    CASE = "case"
    DISMISS = "dismiss"
