"""When silence is late, and what ends it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RECEIPT_WITHIN = timedelta(hours=24)


class ReminderReason(StrEnum):
    """What has not come back."""

    NO_RECEIPT = "no-receipt"
    NO_DECISION = "no-decision"


class Standing(StrEnum):
    """What is to be done about a silence whose time has come."""

    WAIT = "wait"  # a reply lies unread: read it first
    DUE = "due"
    SETTLED = "settled"


@dataclass(frozen=True)
class CameBack:
    """What has come back for a notice so far; a returned letter is no reply."""

    has_reply: bool = False
    has_unread: bool = False
    is_decided: bool = False


def due_times(sent_at: datetime, *, decision_within: timedelta) -> dict[ReminderReason, datetime]:
    """Return when silence counts as late, in running time: nights and week-ends count.

    Args:
        sent_at: when the other side accepted the notice; aware, UTC.
        decision_within: the platform's delay as the registry has it: 7 days, 3 for a trusted flagger, unless
            the platform has undertaken another.

    Source: house rule, procedure §9 (flag at 24 h; reminder at 3 d for a trusted flagger, 7 d otherwise);
    Regulation (EU) 2022/2065, art. 16(4) and 16(6), set no number of days.
    """
    return {
        ReminderReason.NO_RECEIPT: sent_at + RECEIPT_WITHIN,
        ReminderReason.NO_DECISION: sent_at + decision_within,
    }


def reminder_standing(reason: ReminderReason, came_back: CameBack) -> Standing:
    """Return what is to be done about a silence whose time has come."""
    if came_back.is_decided or (reason is ReminderReason.NO_RECEIPT and came_back.has_reply):
        return Standing.SETTLED
    return Standing.WAIT if came_back.has_unread else Standing.DUE
