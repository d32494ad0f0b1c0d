"""Timed work of intake."""

from datetime import datetime

from vigie.intake import actions


def file_waiting(now: datetime) -> bool:
    return actions.file_next(now) > 0
