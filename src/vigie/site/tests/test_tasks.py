"""What the worker does for the house itself."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import Cast
from vigie.site.tasks import count_the_tables, forget_what_ended
from vigie.site.worker import AFTER_A_FAULT_SECONDS, Chore, Lane


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL counts its tables by itself")
def test_sqlite_is_told_that_the_association_finds_every_row(cast: Cast) -> None:
    for _ in range(20):
        make_case(cast.veille.pk)
    count_the_tables(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'journal_of_case'")
        rows, of_association, of_case, _ = map(int, cursor.fetchone()[0].split())
    assert rows == of_association == 20
    assert of_case == 1


def test_what_was_counted_for_minutes_is_gone_after_them_and_so_are_sessions_that_ended(cast: Cast) -> None:
    cast.bruno.browser()
    cache.set("counted", 3, timeout=600)
    for later, left in ((timedelta(minutes=9), 1), (timedelta(minutes=11), 0)):
        forget_what_ended(timezone.now() + later)
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM vigie_cache WHERE cache_key LIKE '%counted'")
            assert cursor.fetchone() == (left,)
    assert Session.objects.count() == 1
    forget_what_ended(timezone.now() + timedelta(hours=13))
    assert not Session.objects.exists()


def test_a_chore_that_stumbles_says_where_and_never_what_it_was_reading(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(now: datetime) -> bool:
        raise ValueError("".join(["les mots", " d’une lettre"]))

    lane = Lane("essai", [], threading.Event())
    chore = Chore("pieces of work", "", 1)
    lane.calls = {chore.name: stumble}
    monkeypatch.setattr("vigie.site.worker.close_old_connections", lambda: None)
    assert lane.do(chore) == AFTER_A_FAULT_SECONDS
    assert "pieces of work failed: ValueError" in caplog.text
    assert "in stumble" in caplog.text
    assert "les mots d’une lettre" not in caplog.text
