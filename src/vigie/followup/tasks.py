"""Timed work of the followup room."""

from datetime import datetime

from vigie.followup import actions, forget
from vigie.followup.visits import visit


def plan_followup(now: datetime) -> bool:
    return actions.plan_followup(now)


def join_replies(now: datetime) -> bool:
    return actions.join_waiting_answer(now)


def do_check(now: datetime) -> bool:
    return actions.do_one_check(visit, now)


def raise_reminders(now: datetime) -> bool:
    return actions.raise_reminders(now)


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden()
