"""The journal is append-only, chained, and the case is what it says."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from vigie.casefile.actions import keep_content, open_case
from vigie.casefile.journal import first_break, record, replayed
from vigie.casefile.keys import hidden_key, reference_of
from vigie.casefile.models import Case, JournalEntry
from vigie.casefile.queries import contents_of
from vigie.casefile.rules.events import Event
from vigie.organisations.rules.policy import Actor
from vigie.organisations.tests.cast import Cast


def a_case(cast: Cast) -> Case:
    now = timezone.now()
    with transaction.atomic():
        content = keep_content(
            organisation_id=cast.veille.pk, key="web:https://forum.example/1", platform="web", kind="page",
            url="https://forum.example/1", now=now,
        )  # fmt: skip
        return open_case(actor=cast.public, content=content, door="form", now=now)


def test_the_row_of_a_case_is_what_its_journal_replays_to(cast: Cast) -> None:
    case = a_case(cast)
    now = timezone.now()
    with transaction.atomic():
        record(Event.REPORT_JOINED, actor=cast.public, now=now, case=case, data={"report": 1})
        record(
            Event.CASE_CLAIMED,
            actor=cast.bruno.actor,
            now=now,
            case=case,
            data={"holder": cast.bruno.member.pk},
        )
        record(Event.CASE_DANGER_SET, actor=cast.bruno.actor, now=now, case=case, data={"danger": 1})
        record(Event.QUALIFIED, actor=cast.bruno.actor, now=now, case=case, data={"limitation_on": "2027-03-01"})
    case.refresh_from_db()
    assert replayed(case) == case.state()
    assert not case.in_queue


def test_the_journal_knows_a_content_by_a_keyed_digest_and_never_by_its_address(cast: Cast) -> None:
    case = a_case(cast)
    [entry] = JournalEntry.objects.of(cast.veille)
    assert "forum.example" not in str(entry.data)
    assert entry.data["content"] == contents_of(case)[0].reference
    assert reference_of(hidden_key("web:https://forum.example/1")) == entry.data["content"]


def test_entries_of_before_the_digest_are_verified_and_replayed_as_they_are(cast: Cast) -> None:
    case = a_case(cast)
    with transaction.atomic():
        data = {"content": "web:https://forum.example/1"}
        record(Event.CONTENT_ADDED, actor=cast.public, now=timezone.now(), case=case, data=data)
    assert first_break(cast.veille.pk) is None
    assert replayed(case) == case.state()


def test_a_whole_chain_has_no_break(cast: Cast) -> None:
    a_case(cast)
    assert first_break(cast.veille.pk) is None
    assert first_break(cast.rive.pk) is None


def test_the_database_refuses_to_alter_or_remove_an_entry(cast: Cast) -> None:
    a_case(cast)
    for attempt in (
        lambda: JournalEntry.across_associations.update(actor="someone-else"),
        lambda: JournalEntry.across_associations.all()._raw_delete(using="default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        ("UPDATE casefile_journalentry SET actor = 'someone-else' WHERE seq = 1", "entry 1 was altered"),
        ("DELETE FROM casefile_journalentry WHERE seq = 1", "entry 1 is missing"),
        ("DELETE FROM casefile_journalentry WHERE seq = 3", "entries 3 to 3 are missing"),
        (
            "UPDATE casefile_journalentry SET seq = CASE seq WHEN 1 THEN -2 WHEN 2 THEN 1 ELSE seq END",
            "entry 1 is missing",
        ),
        ("UPDATE casefile_journalhead SET seal = 'forged'", "the seal of the head"),
    ],
)
def test_tampering_behind_the_triggers_is_found(cast: Cast, tampering: str, finding: str) -> None:
    case = a_case(cast)
    with transaction.atomic():
        for _ in range(2):
            record(Event.REPORT_JOINED, actor=cast.public, now=timezone.now(), case=case, data={"report": 1})
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in ("casefile_journalentry", "casefile_journalhead"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            for name in (
                "journal_no_update",
                "journal_no_delete",
                "journal_head_only_grows",
                "journal_head_no_delete",
            ):
                cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(tampering)
    found = first_break(cast.veille.pk)
    assert found is not None
    assert found.startswith(finding)


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    actor = Actor(name="worker", organisation_id=1)
    with pytest.raises(transaction.TransactionManagementError):
        record(Event.SETTINGS_CHANGED, actor=actor, now=timezone.now())


def test_nobody_sees_the_cases_of_another_association(cast: Cast) -> None:
    case = a_case(cast)
    assert not Case.objects.all().exists()
    assert Case.objects.of(cast.veille).get() == case
    assert not Case.objects.of(cast.rive).exists()
