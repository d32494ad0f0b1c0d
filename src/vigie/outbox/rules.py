"""What can become of something that is to leave. Pure.

The one moment of doubt is between the last byte and the other side's answer: from just before the message's
text is handed over (`LEAVING`) until the answer is recorded. Whoever dies in between leaves a message
whose fate nobody knows; it becomes `UNKNOWN`, waits for a person, and is never sent again by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

# Waits after a passing failure. After the last one a person is asked.
WAITS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1), timedelta(hours=3),
    timedelta(hours=6), timedelta(hours=12),
)  # fmt: skip


class Purpose(StrEnum):
    NOTICE = "notice"
    REMINDER = "reminder"
    ANSWER = "answer"  # to the person who reported
    ALERT = "alert"  # to a member: something is due
    INVITATION = "invitation"


class Fate(StrEnum):
    QUEUED = "queued"
    TAKEN = "taken"  # a worker is calling the other side; nothing handed over yet
    LEAVING = "leaving"  # the text is being handed over
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    GIVEN_UP = "given-up"  # it failed, and a person decided that it is not to be sent any more


class SendFailed(Exception):
    """The other side did not take it, for certain.

    `permanent` says that trying again cannot help.
    """

    def __init__(self, why: str, *, permanent: bool) -> None:
        super().__init__(why)
        self.permanent = permanent


class FateUnknown(Exception):
    """The text was handed over and no answer came: it may have left."""


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after `attempts` passing failures, or None: a person must look."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None


def after_lost_worker(fate: Fate) -> Fate:
    """Return what a message is when the worker that held it is gone."""
    return Fate.UNKNOWN if fate is Fate.LEAVING else Fate.QUEUED


def after_fault(fate: Fate) -> Fate:
    """Return what a message is when our own program failed while it held it."""
    return Fate.UNKNOWN if fate is Fate.LEAVING else Fate.FAILED
