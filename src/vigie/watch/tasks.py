"""Timed work of the watch."""

from __future__ import annotations

from datetime import datetime

from vigie.watch import forget, listening


def listen_to_streams(now: datetime) -> bool:
    return listening.listen_once(now, streams=True)


def ask_sources(now: datetime) -> bool:
    return listening.listen_once(now, streams=False)


def forget_what_is_old(now: datetime) -> bool:
    return forget.forget_what_is_old(now)


def erase_forbidden(now: datetime) -> bool:
    return forget.erase_forbidden()
