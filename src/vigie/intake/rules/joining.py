"""Does a new report of a known content join its case? Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from vigie.casefile.rules.state import Stage

# A content reported again this soon after it was declined or closed gets the answer that was given; later,
# the words, the law or the platform may have changed, and somebody looks anew.
ANSWER_STANDS = timedelta(days=30)


def joins(stage: Stage, settled_at: datetime | None, now: datetime) -> bool:
    """Say whether a report of the same content joins a case at that stage.

    Args:
        settled_at: when it was declined or closed; None while it is neither.
    """
    if stage not in {Stage.DECLINED, Stage.CLOSED}:
        return True
    return settled_at is not None and now - settled_at <= ANSWER_STANDS
