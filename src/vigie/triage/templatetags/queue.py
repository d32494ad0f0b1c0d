"""`{% load queue %}`: how a line of the queue speaks of time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()

SOON_DAYS = 30


@register.filter
def age(moment: datetime) -> str:
    """Return how long ago, in its largest unit."""
    if timezone.now() - moment < timedelta(minutes=1):
        return _("quelques instants")
    return timesince(moment, depth=1)


@register.filter
def closeness(day: date, today: date) -> str:
    """Return how a limitation date is to be shown: `alert` when it has passed, `warn` within 30 days, else nothing."""
    left = (day - today).days
    return "alert" if left < 0 else "warn" if left <= SOON_DAYS else ""
