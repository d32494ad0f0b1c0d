"""Timed work of intake."""

from datetime import datetime

from vigie.intake import actions, forget


def file_waiting(now: datetime) -> bool:
    return actions.file_next(now) > 0


def erase_old_identities(now: datetime) -> bool:
    return forget.erase_old_identities(now)


def search_traces(now: datetime) -> bool:
    return forget.search_traces(now)
