"""Timed work of the watch."""

from __future__ import annotations

from datetime import datetime

from vigie.watch import forget, listening, surges


def listen_to_streams(now: datetime) -> bool:
    return listening.listen_once(now, streams=True)


def ask_sources(now: datetime) -> bool:
    return listening.listen_once(now, streams=False)


def call_surges(now: datetime) -> bool:
    surges.call_surges(now)
    return False  # once in a while is enough, whatever it found


def fold_counts(now: datetime) -> bool:
    return surges.fold_counts(now)


def forget_what_is_old(now: datetime) -> bool:
    return forget.forget_what_is_old(now)


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden()
