"""Rows inserted together are those that would be inserted one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.rows import insert_all
from vigie.organisations.tests.cast import Cast

NOW = datetime(2026, 11, 25, 9, 30, 15, 123456, tzinfo=UTC)


def a_content(cast: Cast, number: int) -> Content:
    return Content(
        organisation=cast.veille, key=f"x:{number}", platform="x", kind="post", url="https://x.com/i/status/1",
        text="« \\N \t\n % é 𝕬 »", published_at=NOW if number % 2 else None, created_at=NOW,
    )  # fmt: skip


def values(model: type, **those: object) -> list[dict[str, object]]:
    rows = list(model.across_associations.filter(**those).order_by("pk").values())
    return [{name: value for name, value in row.items() if name not in {"id", "key", "ref", "seq"}} for row in rows]


def test_the_same_rows_are_written_as_by_the_orm(cast: Cast) -> None:
    with transaction.atomic():
        insert_all([a_content(cast, number) for number in range(2)])
        Content.across_associations.bulk_create([a_content(cast, number) for number in range(2, 4)])
        case = Case(
            organisation=cast.veille, ref="D-0000-0000", opened_at=NOW, platform="x", door="import",
            limitation_on=date(2027, 1, 2), second_opinion_asked=True,
        )  # fmt: skip
        insert_all([case])
        for kind, seq in ((insert_all, 101), (JournalEntry.across_associations.bulk_create, 102)):
            kind([JournalEntry(organisation=cast.veille, seq=seq, at=NOW, actor="worker", event="essai", case_id=case.pk,
                               data={"é": ["\\", None, 1.5, True]}, previous="0" * 64, digest="1" * 64)])  # fmt: skip
    written = values(Content)
    assert written[:2] == written[2:]
    assert written[1]["published_at"] == NOW
    assert Case.across_associations.get().limitation_on == date(2027, 1, 2)
    one, other = values(JournalEntry, event="essai")
    assert one == other


def test_keys_are_given_as_the_rows_have_them_and_never_twice(cast: Cast) -> None:
    with transaction.atomic():
        first = [a_content(cast, number) for number in range(3)]
        insert_all(first)
        after = Content.across_associations.create(
            organisation=cast.veille, key="x:3", platform="x", kind="post", url="", created_at=NOW
        )
        last = [a_content(cast, 4)]
        insert_all(last)
    assert {row.key: row.pk for row in Content.across_associations.all()} == {
        row.key: row.pk for row in [*first, after, *last]
    }


def test_what_is_there_already_is_refused_whole(cast: Cast) -> None:
    with transaction.atomic():
        insert_all([a_content(cast, 1)])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([a_content(cast, 2), a_content(cast, 1)])
    assert Content.across_associations.count() == 1
