"""Many at once means what one by one means: the same journal, the same rows, whatever is met."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from vigie.casefile.journal import Happening, first_break, record, record_many, replayed
from vigie.casefile.models import Case, CaseContent, Content, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.intake.actions import file_report, receive_report
from vigie.intake.actions.bulk import Filed, Given, receive_many
from vigie.intake.models import Message, Report, ReportCase
from vigie.intake.rules.values import Door, Post
from vigie.organisations.models import Organisation
from vigie.organisations.rules.policy import Actor
from vigie.organisations.tests.cast import Cast
from vigie.platforms.resolve import resolve

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MONTHS_AGO = NOW - timedelta(days=90)


def a_line(number: int, *, text: str = "", note: str = "", source: str = "") -> Given:
    url = f"https://x.com/essai/status/{1790000000000000000 + number}"
    post = Post(url=url, text=text, account="essai", language="fr", published_at=NOW - timedelta(days=number))
    return Given(source or f"import:{number}:{text}", resolve(url), post, note)


LINES = [
    a_line(1, text="mots"),
    a_line(2),
    a_line(1, text="autres mots"),  # the same content, another line
    a_line(3, text="x", note="vu sur un groupe"),
    a_line(4, note="des photos d’enfants nus"),
    a_line(4, text="y", source="import:4 encore"),
    a_line(10, text="connu, ouvert"),
    a_line(11, text="connu, écarté hier"),
    a_line(12, text="connu, écarté il y a longtemps"),
    a_line(13, text="connu par son adresse seule"),
    a_line(14, text="connu et grave"),
    a_line(3, text="x", note="vu sur un groupe"),  # the same line again
]


def some_history(actor: Actor) -> None:
    """Contents that the association knows already: open, declined lately, declined long ago, without words, grave."""
    for number, then, event in [
        (10, NOW, None),
        (11, NOW, Event.DECLINED),
        (12, MONTHS_AGO, Event.DECLINED),
        (13, NOW, None),
    ]:
        post = Post(url=a_line(number).post.url, text="" if number == 13 else "déjà là")
        received = receive_report(
            actor=actor, door=Door.FORM, addresses=[post.url], posts=[post], nonce=str(number), now=then
        )
        (case,) = file_report(received.report, then)
        if event:
            with transaction.atomic():
                record(event, actor=actor, now=then, case=case)
    grave = receive_report(
        actor=actor, door=Door.FORM, addresses=[a_line(14).post.url], about="child-abuse", nonce="g", now=NOW
    )
    file_report(grave.report, NOW)


def one_by_one(actor: Actor, lines: list[Given]) -> None:
    for line in lines:
        received = receive_report(
            actor=actor, door=Door.IMPORT, addresses=[line.resolved.url], description=line.note, posts=[line.post],
            source_key=line.source_key, wants_receipt=False, now=NOW,
        )  # fmt: skip
        file_report(received.report, NOW)


def picture(organisation: Organisation) -> dict[str, Any]:
    """Everything that was written, without the numbers that differ between two associations."""
    reports = {
        report.pk: report.source_key or f"{report.door}{report.addresses}" for report in Report.objects.of(organisation)
    }

    def plain(data: dict[str, Any]) -> dict[str, Any]:
        return {name: reports.get(value, value) if name == "report" else value for name, value in data.items()}

    keys = {
        case.pk: "+".join(sorted(content.key for content in case.contents.all()))
        for case in Case.objects.of(organisation)
    }
    seen = {case.pk: f"{keys[case.pk]} {case.opened_at}" for case in Case.objects.of(organisation)}
    journal = [
        (seen.get(entry.case_id), entry.event, entry.actor, sorted(plain(entry.data).items()))
        for entry in JournalEntry.objects.of(organisation)
        if entry.event != Event.MAIL_QUEUED  # an alert goes to as many people as each association has
    ]
    return {
        "journal": sorted(journal, key=str),
        "contents": sorted(
            Content.objects.of(organisation).values_list(
                "key", "platform", "kind", "url", "account", "text", "text_from", "language", "published_at", "published_from",
                "never_fetch",
            ),
            key=str,
        ),
        "cases": sorted((seen[case.pk], case.door, case.platform, str(case.state())) for case in Case.objects.of(organisation)),
        "reports": sorted(
            Report.objects.of(organisation).values_list(
                "source_key", "door", "addresses", "posts", "description", "about", "state", "filed_at", "language"
            ),
            key=str,
        ),
        "links": sorted((reports[link.report_id], seen[link.case_id]) for link in ReportCase.objects.of(organisation)),
        "ties": sorted((seen[tie.case_id], tie.content.key, tie.position) for tie in CaseContent.objects.of(organisation).select_related("content")),
        "messages": Message.objects.of(organisation).count(),
    }  # fmt: skip


def test_many_at_once_leave_what_one_by_one_leaves(cast: Cast) -> None:
    at_once, each = (Actor(name="worker", organisation_id=one.pk) for one in (cast.veille, cast.rive))
    for actor in (at_once, each):
        some_history(actor)
    told = receive_many(actor=at_once, given=LINES, now=NOW)
    one_by_one(each, LINES)
    assert picture(cast.veille) == picture(cast.rive)
    assert first_break(cast.veille.pk) is None
    for case in Case.objects.of(cast.veille):
        assert replayed(case) == case.state()
    assert [(one.is_new_case, one.was_known) for one in told] == [
        (True, False), (True, False), (False, False), (True, False), (True, False), (False, False), (False, False),
        (False, False), (True, False), (False, False), (False, False), (False, True),
    ]  # fmt: skip
    assert told[0].ref == told[2].ref


def test_the_same_again_changes_nothing_and_tells_the_same_cases(cast: Cast) -> None:
    worker = cast.worker
    first = receive_many(actor=worker, given=LINES, now=NOW)
    before = picture(cast.veille)
    again = receive_many(actor=worker, given=LINES, now=NOW + timedelta(days=1))
    assert picture(cast.veille) == before
    assert again == [Filed(one.ref, is_new_case=False, was_known=True) for one in first]


def test_nothing_of_a_batch_stays_when_one_of_it_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.intake.actions.bulk.tie_contents", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receive_many(actor=cast.worker, given=LINES, now=NOW)
    assert not Report.objects.of(cast.veille).exists()
    assert not JournalEntry.objects.of(cast.veille).exists()


@pytest.mark.django_db(transaction=True)
def test_many_events_outside_a_transaction_are_refused() -> None:
    actor = Actor(name="worker", organisation_id=1)
    with pytest.raises(transaction.TransactionManagementError):
        record_many(1, [Happening(Event.SETTINGS_CHANGED, actor)], now=NOW)
