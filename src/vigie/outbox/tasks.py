"""Timed work of the outbox."""

from datetime import datetime

from vigie.outbox import actions


def deliver(now: datetime) -> bool:
    return actions.deliver_one(actions.transport_from_settings(), now)


def settle_lost(now: datetime) -> bool:
    return actions.settle_lost(now)
