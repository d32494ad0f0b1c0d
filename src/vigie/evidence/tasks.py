"""Timed work of evidence."""

from datetime import datetime

from vigie.evidence import actions


def ask_for_arrivals(now: datetime) -> bool:
    return actions.ask_for_arrivals(now)


def capture_next(now: datetime) -> bool:
    return actions.work_once(now)


def erase_forbidden(now: datetime) -> bool:
    return actions.erase_forbidden(now)
