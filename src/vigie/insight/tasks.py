"""Timed work of the insight room."""

from datetime import datetime

from vigie.insight import actions


def keep_figures(now: datetime) -> bool:
    return actions.keep_figures()
