"""Timed work that belongs to no room."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import connection

ROWS_LOOKED_AT = 1000  # of each index: enough to tell which one finds few rows, in some 50 ms whatever the size


def count_the_tables(now: datetime) -> bool:
    """Tell SQLite how its tables are filled, so that it chooses the index that finds few rows.

    Without it, it takes the one on the association, which finds them all: tens of milliseconds a page at 100,000
    cases. PostgreSQL keeps such counts by itself. Connections read them when they open (`CONN_MAX_AGE`).

    Source: https://www.sqlite.org/lang_analyze.html, «Approximate ANALYZE for large databases».
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
            cursor.execute("ANALYZE")
    return False


def forget_what_ended(now: datetime) -> bool:
    """Erase sessions that ended and counts that are over: Django leaves both where they are until there are too many."""
    Session.objects.filter(expire_date__lt=now).delete()
    moment = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))  # as the cache writes it
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM vigie_cache WHERE expires < %s", [moment])
    return False
