"""A month in the life of a notice, hour by hour, as the worker lives it: only the clock and what the page shows are made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from vigie.casefile.journal import first_break, replayed
from vigie.casefile.models import Case, JournalEntry
from vigie.casefile.rules.state import Online, PlatformSays
from vigie.followup import actions, queries
from vigie.followup.models import Reply
from vigie.followup.ports import Visit
from vigie.followup.rules.online import Look
from vigie.followup.tests.builders import sent_notice
from vigie.intake.doors.mailbox.actions import take_in
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.tests.builders import a_letter
from vigie.notice.actions import answers_go_to, draft_reminder, send_notice
from vigie.notice.models import Notice
from vigie.notice.rules.outcomes import Outcome
from vigie.notice.tests.cases import NOW
from vigie.outbox.actions import _settle
from vigie.outbox.models import Fate, OutgoingMail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_month_in_the_life_of_a_notice(cast):
    notice = sent_notice(cast.bruno)
    bruno = cast.bruno.actor
    removed_at = NOW + 8 * DAY

    def letter(text: str, now: datetime) -> None:
        message = a_letter(
            text, sender=f"dsa@{notice.recipient.partition('@')[2]}", message_id=f"<{now:%d%H}@t.example>"
        )
        message.replace_header("To", answers_go_to(notice))
        raw = message.as_bytes()
        take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=now)

    def read_all(outcome: Outcome) -> None:
        for reply in queries.replies_to_read(bruno):
            assert reply.suggested_outcome == outcome
            actions.read_reply(actor=bruno, reply=reply, outcome=outcome, now=reply.received_at)

    def remind(now: datetime) -> None:
        sent_notice_at(cast, draft_reminder(actor=bruno, notice=notice, was_received=True, now=now), now)

    happens: dict[datetime, Callable[[datetime], None]] = {
        NOW + 26 * HOUR: lambda now: letter("Nous avons bien reçu votre signalement.", now),
        NOW + 27 * HOUR: lambda now: read_all(Outcome.ACKNOWLEDGEMENT_ONLY),
        NOW + 7 * DAY + 2 * HOUR: remind,
        removed_at: lambda now: letter("Le contenu a été retiré.", now),
        removed_at + HOUR: lambda now: read_all(Outcome.CONTENT_REMOVED),
    }  # fmt: skip
    looked: list[timedelta] = []

    def eyes_at(now: datetime) -> Callable[..., Visit]:
        def look(url: str, *, words: str) -> Visit:
            looked.append(now - NOW)
            gone = now >= removed_at
            return Visit(
                Look(410, text="Ce contenu a été retiré par la modération") if gone else Look(200, has_words=True)
            )

        return look

    now = NOW
    while now <= NOW + 31 * DAY:
        while actions.plan_followup(now) or actions.join_waiting_answer(now):
            pass
        while actions.do_one_check(eyes_at(now), now) or actions.raise_reminders(now):
            pass
        happens.get(now, lambda now: None)(now)
        now += HOUR

    planned = [HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY]
    # The removal that was read has it looked at, and looked at twice more to be sure.
    after_removal = [8 * DAY + hours * HOUR for hours in (2, 3, 4)]
    assert looked == sorted([*planned, *after_removal])
    alerts = OutgoingMail.objects.of(cast.veille).filter(purpose="alert").order_by("queued_at")
    assert [mail.queued_at - NOW for mail in alerts] == [DAY, 7 * DAY]
    assert {mail.recipient for mail in alerts} == {cast.bruno.member.email}
    contents = [about.content for about in notice.about()]
    for mail in alerts:
        assert notice.ref in mail.body
        assert not any(content.text in mail.body or content.url in mail.body for content in contents)
    assert not queries.reminders_due(bruno).exists()
    assert not queries.reminders_of_case(bruno, notice.case)
    case = Case.objects.of(cast.veille).get(pk=notice.case_id)
    assert (case.platform_says, case.online) == (PlatformSays.REMOVED, Online.REMOVED_BY_PLATFORM)
    assert replayed(case) == case.state()
    assert Reply.objects.of(cast.veille).filter(outcome="").count() == 0
    assert JournalEntry.objects.of(cast.veille).filter(event="check.done").count() == len(looked)
    assert first_break(cast.veille.pk) is None


def sent_notice_at(cast, notice: Notice, now: datetime) -> None:
    sent = send_notice(actor=cast.bruno.actor, notice=notice, now=now)
    assert sent.mail is not None
    _settle(sent.mail, Fate.SENT, now=now)
