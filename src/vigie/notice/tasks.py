"""Timed work of notices."""

from datetime import datetime

from vigie.notice import forget


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden(now)
