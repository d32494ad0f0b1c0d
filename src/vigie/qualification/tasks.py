"""Timed work of qualification."""

from datetime import datetime

from vigie.qualification import forget


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden()
