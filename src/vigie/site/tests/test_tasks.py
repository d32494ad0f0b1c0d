"""What the worker does for the house itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import Cast
from vigie.site.tasks import count_the_tables


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
