"""When a capture is to be made, by whom it is held, and when it is given up. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

MAX_ATTEMPTS = 3
IMPORT_RANK = 20
AFTER_OUR_FAULT = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    PURGED = "purged"  # the content turned out to be what may not be kept


class Why(StrEnum):
    ARRIVAL = "arrival"
    ASKED = "asked"


def rank_on_arrival(*, danger: int, door: str) -> int:
    """Return how soon a new content's capture comes: behind what a person asked for (0), the graver the sooner."""
    return 10 - min(danger, 9) + (IMPORT_RANK if door == "import" else 0)


def after_our_fault(attempts: int) -> timedelta:
    """Return how long a capture waits that stumbled over a fault of ours, ever longer."""
    return AFTER_OUR_FAULT[min(attempts, len(AFTER_OUR_FAULT)) - 1]


def lease(visit_seconds: int) -> timedelta:
    """Return how long a worker may hold a capture: a visit by browser, one more plainly, and the sealing."""
    return timedelta(seconds=3 * visit_seconds + 120)
