"""What was sent is followed: looked at, answered, read, reminded of."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import transaction

from vigie.casefile.journal import first_break, record, replayed
from vigie.casefile.models import Case, JournalEntry
from vigie.casefile.rules.events import Event
from vigie.casefile.rules.state import Online, PlatformSays
from vigie.core.errors import NotAllowed, NotFound
from vigie.followup import actions, queries
from vigie.followup.models import Check, Reminder, ReminderState, Reply
from vigie.followup.ports import Visit
from vigie.followup.rules.online import Look
from vigie.followup.tests.builders import hear, sent_notice
from vigie.notice.actions import draft_notices, draft_reminder, send_notice
from vigie.notice.models import Notice
from vigie.notice.rules.outcomes import Outcome
from vigie.notice.tests.cases import NOW, make_content, qualified_case
from vigie.outbox.models import Fate, OutgoingMail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Eyes:
    """A looker that sees what the test says."""

    def __init__(self, *looks: Look) -> None:
        self.looks = list(looks)
        self.visited: list[str] = []

    def __call__(self, url: str, *, words: str) -> Visit:
        self.visited.append(url)
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        return Visit(look, text_digest="sha256:00", looked_from="test")


THERE = Look(200, has_words=True)
REMOVED = Look(410, text="Ce contenu a été retiré par la modération")


def follow(now=NOW) -> None:
    while actions.plan_followup(now):
        pass


def look_all(eyes: Eyes, now) -> int:
    done = 0
    while actions.do_one_check(eyes, now):
        done += 1
    return done


def events(case):
    return list(JournalEntry.objects.of(case.organisation_id).filter(case=case).values_list("event", flat=True))


def fresh(case: Case) -> Case:
    return Case.objects.of(case.organisation_id).get(pk=case.pk)


def test_a_sent_notice_is_looked_at_five_times_and_its_silences_are_planned(cast):
    notice = sent_notice(cast.bruno)
    follow()
    follow()
    checks = Check.objects.of(cast.veille).filter(notice=notice)
    assert [check.due_at - NOW for check in checks] == [HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY]
    reminders = Reminder.objects.of(cast.veille).filter(notice=notice)
    assert [(row.reason, row.due_at - NOW) for row in reminders] == [("no-receipt", DAY), ("no-decision", 7 * DAY)]


def test_a_trusted_flagger_waits_three_days_for_a_decision(cast):
    cast.veille.is_trusted_flagger = True
    cast.veille.save()
    sent_notice(cast.bruno)
    follow()
    assert Reminder.objects.of(cast.veille).get(reason="no-decision").due_at == NOW + 3 * DAY


def test_what_is_queued_or_unknown_is_not_followed_yet(cast):
    notice = sent_notice(cast.bruno, fate=Fate.UNKNOWN)
    follow()
    assert not Check.objects.of(cast.veille).filter(notice=notice).exists()


def test_gone_needs_three_looks_and_each_is_journaled(cast):
    case = sent_notice(cast.bruno).case
    follow()
    eyes, now = Eyes(THERE, REMOVED, REMOVED, REMOVED), NOW + HOUR
    assert look_all(eyes, now) == 1
    assert fresh(case).online == Online.PRESENT
    now = NOW + DAY
    assert look_all(eyes, now) == 1
    assert fresh(case).online == Online.NOT_DETERMINED
    assert look_all(eyes, now + timedelta(seconds=10)) == 0
    assert look_all(eyes, now + timedelta(seconds=21)) == 1
    assert fresh(case).online == Online.NOT_DETERMINED
    assert look_all(eyes, now + timedelta(minutes=2)) == 1
    assert fresh(case).online == Online.REMOVED_BY_PLATFORM
    assert events(case).count("check.done") == 4
    assert replayed(case).online is Online.REMOVED_BY_PLATFORM
    assert first_break(cast.veille.pk) is None
    data = JournalEntry.objects.of(cast.veille).filter(event="check.done").last().data
    assert data["status"] == 410
    assert "retiré" not in str(data)


def test_looks_whose_time_went_by_together_are_one_look(cast):
    """A worker that was away for eight days must not see «gone» three times within a second."""
    case = sent_notice(cast.bruno).case
    follow()
    eyes, now = Eyes(Look(404)), NOW + 8 * DAY
    assert look_all(eyes, now) == 1
    assert fresh(case).online == Online.NOT_DETERMINED
    data = JournalEntry.objects.of(cast.veille).filter(event="check.done").get().data
    assert (data["label"], data["overdue"]) == ("7d", ["1h", "24h", "3d"])
    assert look_all(eyes, now + 10 * timedelta(minutes=1)) == 1
    assert look_all(eyes, now + 2 * HOUR) == 1
    assert fresh(case).online == Online.UNAVAILABLE_FROM_HERE
    assert Check.objects.of(cast.veille).get(done_at=None).label == "30d"
    assert replayed(case).online is Online.UNAVAILABLE_FROM_HERE


def test_what_fails_is_not_gone(cast):
    case = sent_notice(cast.bruno).case
    follow()
    eyes = Eyes(Look(503), Look(None, failure="time_limit"), Look(503))
    for days in (1, 3, 7):
        look_all(eyes, NOW + days * DAY)
    assert fresh(case).online == Online.NOT_DETERMINED
    assert [check.case for check in queries.checks_in_trouble(cast.bruno.actor)] == [case]
    assert not queries.checks_in_trouble(cast.dario.actor)
    assert Check.objects.of(cast.veille).exclude(done_at=None).count() == 3


def test_a_check_whose_worker_died_is_done_by_the_next_one_once_its_lease_is_over(cast):
    sent_notice(cast.bruno)
    follow()
    now = NOW + HOUR
    assert actions._take_check(now) is not None
    assert actions._take_check(now) is None
    assert actions._take_check(now + settings.VIGIE_LEASE + timedelta(seconds=1)) is not None


def test_two_workers_record_one_look_once(cast):
    case = sent_notice(cast.bruno).case
    follow()
    check = actions._take_check(NOW + HOUR)
    for _ in range(2):
        actions.record_visit(check=check, visit=Visit(THERE), now=NOW + HOUR)
    assert events(case).count("check.done") == 1


def test_what_is_suspected_of_child_abuse_is_never_looked_at(cast):
    notice = sent_notice(cast.bruno)
    follow()
    content = notice.about()[0].content
    content.never_fetch = True
    content.save(update_fields=["never_fetch"])
    eyes = Eyes(THERE)
    look_all(eyes, NOW + 31 * DAY)
    assert eyes.visited == []
    with pytest.raises(actions.NeverLookedAt):
        actions.ask_checks(actor=cast.bruno.actor, case=notice.case, now=NOW)


def test_looking_on_demand_asks_once(cast):
    case = sent_notice(cast.bruno).case
    for _ in range(2):
        actions.ask_checks(actor=cast.bruno.actor, case=case, now=NOW)
    assert look_all(Eyes(THERE), NOW) == 1


def test_the_same_letter_is_one_reply(cast):
    notice = sent_notice(cast.bruno)
    assert hear(notice, "Nous avons bien reçu votre notification.") == hear(
        notice, "Nous avons bien reçu votre notification."
    )
    assert events(notice.case).count("reply.received") == 1


def test_a_reply_is_read_into_a_decision_that_ends_the_silence(cast):
    notice = sent_notice(cast.bruno)
    follow()
    reply = hear(notice, "Après examen, nous avons retiré ce contenu.")
    assert (reply.suggested_kind, reply.suggested_outcome) == ("decision", Outcome.CONTENT_REMOVED)
    read = actions.read_reply(
        actor=cast.bruno.actor, reply=reply, outcome=Outcome.CONTENT_REMOVED, words=reply.suggested_sentence, now=NOW
    )
    assert read.words == "Après examen, nous avons retiré ce contenu."
    assert fresh(notice.case).platform_says == PlatformSays.REMOVED
    assert {row.state for row in Reminder.objects.of(cast.veille)} == {ReminderState.SETTLED}
    notice.refresh_from_db()
    assert notice.decided_at is not None
    assert look_all(Eyes(REMOVED), NOW) == 1  # what is said to be removed is looked at now


def test_a_reminder_can_turn_a_refusal_into_a_removal(cast):
    notice = sent_notice(cast.bruno)
    refused = hear(notice, "We found no violation.", key="one")
    removed = hear(notice, "We have removed it.", key="two", at=NOW + DAY)
    actions.read_reply(actor=cast.bruno.actor, reply=refused, outcome=Outcome.NO_VIOLATION, now=NOW)
    assert fresh(notice.case).platform_says == PlatformSays.REFUSED
    actions.read_reply(actor=cast.bruno.actor, reply=removed, outcome=Outcome.CONTENT_REMOVED, now=NOW + DAY)
    assert fresh(notice.case).platform_says == PlatformSays.REMOVED


def test_a_receipt_read_late_does_not_cover_a_decision(cast):
    notice = sent_notice(cast.bruno)
    receipt = hear(notice, "We have received your notice.", key="one")
    decision = hear(notice, "We have removed it.", key="two", at=NOW + DAY)
    actions.read_reply(actor=cast.bruno.actor, reply=decision, outcome=Outcome.CONTENT_REMOVED, now=NOW + DAY)
    actions.read_reply(actor=cast.bruno.actor, reply=receipt, outcome=Outcome.ACKNOWLEDGEMENT_ONLY, now=NOW + DAY)
    assert fresh(notice.case).platform_says == PlatformSays.REMOVED


def test_receipts_are_read_at_once(cast):
    notice = sent_notice(cast.bruno)
    hear(notice, "We have received your notice.", key="one")
    hear(notice, "We have removed it.", key="two")
    assert actions.read_receipts(actor=cast.bruno.actor, now=NOW) == 1
    assert [reply.text for reply in queries.replies_to_read(cast.bruno.actor)] == ["We have removed it."]
    assert fresh(notice.case).platform_says == PlatformSays.RECEIVED


def test_no_receipt_after_a_day_is_due_in_the_list_and_by_mail_to_the_holder(cast):
    notice = sent_notice(cast.bruno)
    follow()
    assert not actions.raise_reminders(NOW + 23 * HOUR)
    assert actions.raise_reminders(NOW + DAY)
    assert not actions.raise_reminders(NOW + DAY)
    due = queries.reminders_due(cast.bruno.actor).get()
    assert due.reason == "no-receipt"
    alert = OutgoingMail.objects.of(cast.veille).get(purpose="alert")
    assert alert.recipient == cast.bruno.member.email
    assert notice.ref in alert.body
    content = notice.about()[0].content
    assert content.text not in alert.body
    assert content.url not in alert.body
    assert "reminder.due" in events(notice.case)


@pytest.mark.parametrize("still_here", [True, False])
def test_whoever_left_the_association_hears_nothing_of_its_cases(cast, still_here):
    sent_notice(cast.bruno)
    follow()
    cast.bruno.membership.is_active = still_here
    cast.bruno.membership.save()
    actions.raise_reminders(NOW + DAY)
    told = list(OutgoingMail.objects.of(cast.veille).filter(purpose="alert").values_list("recipient", flat=True))
    assert told == [(cast.bruno if still_here else cast.chloe).member.email]


def test_a_closed_case_is_reminded_of_nothing(cast):
    notice = sent_notice(cast.bruno)
    follow()
    with transaction.atomic():
        record(Event.CASE_CLOSED, actor=cast.bruno.actor, now=NOW + HOUR, case=notice.case, data={"reason": "done"})
    actions.raise_reminders(NOW + 8 * DAY)
    assert not queries.reminders_due(cast.bruno.actor).exists()
    assert not OutgoingMail.objects.of(cast.veille).filter(purpose="alert").exists()


def test_a_receipt_settles_its_silence_and_the_decision_is_still_awaited(cast):
    notice = sent_notice(cast.bruno)
    follow()
    hear(notice, "We have received your notice.")
    actions.read_receipts(actor=cast.bruno.actor, now=NOW + HOUR)
    actions.raise_reminders(NOW + 2 * DAY)
    assert not queries.reminders_due(cast.bruno.actor).exists()
    actions.raise_reminders(NOW + 7 * DAY)
    assert queries.reminders_due(cast.bruno.actor).get().reason == "no-decision"


def test_an_unread_reply_comes_before_a_reminder(cast):
    notice = sent_notice(cast.bruno)
    follow()
    hear(notice, "Une lettre peu claire.")
    actions.raise_reminders(NOW + 7 * DAY)
    assert not queries.reminders_due(cast.bruno.actor).exists()
    assert [row.state for row in Reminder.objects.of(cast.veille).order_by("reason")] == ["waiting", "settled"]


def test_a_returned_letter_is_no_reply(cast):
    notice = sent_notice(cast.bruno)
    follow()
    hear(notice, "Your message could not be delivered.", is_bounce=True)
    actions.raise_reminders(NOW + DAY)
    assert queries.reminders_due(cast.bruno.actor).get().reason == "no-receipt"


def test_reminding_the_platform_settles_the_list_and_starts_the_clock_again(cast):
    notice = sent_notice(cast.bruno)
    follow()
    actions.raise_reminders(NOW + 7 * DAY)
    assert queries.reminders_due(cast.bruno.actor).count() == 2
    later = NOW + 7 * DAY
    reminder = draft_reminder(actor=cast.bruno.actor, notice=notice, was_received=False, now=later)
    sent = send_notice(actor=cast.bruno.actor, notice=reminder, now=later)
    from vigie.outbox.actions import _settle

    _settle(sent.mail, Fate.SENT, now=later)
    follow(later)
    assert not queries.reminders_due(cast.bruno.actor).exists()
    assert Reminder.objects.of(cast.veille).get(state=ReminderState.WAITING).due_at == later + 7 * DAY


def test_a_person_may_say_that_a_silence_needs_nothing_more(cast):
    sent_notice(cast.bruno)
    follow()
    actions.raise_reminders(NOW + DAY)
    due = queries.reminders_due(cast.bruno.actor).get()
    with pytest.raises(NotAllowed):
        actions.settle_reminder(actor=cast.judith.actor, reminder=due, now=NOW + DAY)
    actions.settle_reminder(actor=cast.bruno.actor, reminder=due, now=NOW + DAY)
    assert not queries.reminders_due(cast.bruno.actor).exists()


def test_another_association_sees_nothing_of_it(cast):
    notice = sent_notice(cast.bruno)
    reply = hear(notice, "We have removed it.")
    with pytest.raises(NotFound):
        queries.access_reply(cast.dario.actor, reply.pk)
    assert not queries.replies_to_read(cast.dario.actor).exists()
    assert not Reply.objects.all().exists()
    with pytest.raises(NotAllowed):
        actions.read_reply(actor=cast.dario.actor, reply=reply, outcome=Outcome.NO_VIOLATION, now=NOW)


def test_several_contents_are_each_looked_at(cast):
    case = qualified_case(cast.bruno, contents=[make_content(cast.bruno), make_content(cast.bruno)])
    notice = draft_notices(actor=cast.bruno.actor, case=case, now=NOW)[0]
    sent_notice(cast.bruno, notice=notice)
    follow()
    assert look_all(Eyes(THERE), NOW + HOUR) == 2
    assert Notice.objects.of(cast.veille).count() == 1
    with transaction.atomic():
        assert fresh(case).online == Online.PRESENT


class Stumbling:
    """A looker with a mistake of ours in it, for one address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, url: str, *, words: str) -> Visit:
        if url == self.url:
            raise KeyError(words)
        return Visit(THERE)


def test_a_look_that_stumbles_over_a_fault_of_ours_failed_and_is_tried_again_three_times_ever_later(cast):
    notice = sent_notice(cast.bruno)
    content = notice.about()[0].content
    follow()
    Check.objects.of(cast.veille).exclude(label="1h").delete()
    eyes, now = Stumbling(content.url), NOW + HOUR
    tried = []
    for _ in range(4):
        assert look_all(eyes, now) == 1
        tried.append(now)
        waiting = Check.objects.of(cast.veille).filter(done_at=None).first()
        now = waiting.due_at if waiting else None
    waits = [after - before for before, after in pairwise(tried)]
    assert waits == [timedelta(minutes=5), HOUR, 6 * HOUR]
    assert now is None
    failures = set(Check.objects.of(cast.veille).values_list("failure", flat=True))
    assert all(failure.startswith("fault KeyError tests/test_actions.py:") for failure in failures)
    entries = JournalEntry.objects.of(cast.veille).filter(event="check.done")
    assert {entry.data["failure"] for entry in entries} == failures
    assert not any(content.text in str(entry.data) for entry in entries)
    assert [check.case for check in queries.checks_in_trouble(cast.bruno.actor)] == [notice.case]
    page = cast.bruno.browser().get(f"/bureau/dossiers/{notice.case.ref}/").content.decode()
    assert "une panne de notre côté (KeyError tests/test_actions.py:" in page
    assert first_break(cast.veille.pk) is None


def test_a_look_that_stumbles_holds_no_other_back(cast, monkeypatch):
    contents = [make_content(cast.bruno), make_content(cast.bruno)]
    case = qualified_case(cast.bruno, contents=contents)
    actions.ask_checks(actor=cast.bruno.actor, case=case, now=NOW)
    assert look_all(Stumbling(contents[0].url), NOW) == 2
    seen = dict(Check.objects.of(cast.veille).exclude(done_at=None).values_list("content_id", "glance"))
    assert seen == {contents[0].pk: "failed", contents[1].pk: "present"}

    # Even when it is the writing down that stumbles, of whatever was seen.
    Check.objects.of(cast.veille).all().delete()
    actions.ask_checks(actor=cast.bruno.actor, case=case, now=NOW)
    right = actions.record_visit

    def wrong(*, check: Check, visit: Visit, now: object) -> Check:
        if check.content_id == contents[0].pk:
            raise KeyError(visit.look.text)
        return right(check=check, visit=visit, now=now)

    monkeypatch.setattr(actions, "record_visit", wrong)
    with pytest.raises(KeyError):
        actions.do_one_check(Eyes(THERE), NOW)
    assert look_all(Eyes(THERE), NOW) == 1
    assert Check.objects.of(cast.veille).get(done_at=None).taken_until > NOW


def test_a_silence_that_stumbles_holds_no_other_back_and_comes_again(cast, monkeypatch):
    first, second = sent_notice(cast.bruno), sent_notice(cast.bruno)
    follow()
    right = actions.came_back_for

    def wrong(notice: Notice) -> object:
        if notice.pk == first.pk:
            raise ValueError("words of an answer")
        return right(notice)

    monkeypatch.setattr(actions, "came_back_for", wrong)
    assert actions.raise_reminders(NOW + DAY)
    assert not actions.raise_reminders(NOW + DAY)
    assert [row.notice for row in queries.reminders_due(cast.bruno.actor)] == [second]
    monkeypatch.undo()
    assert actions.raise_reminders(NOW + DAY + 12 * HOUR)
    assert {row.notice for row in queries.reminders_due(cast.bruno.actor)} == {first, second}


def test_a_mail_that_cannot_be_written_keeps_no_silence_from_the_list(cast, monkeypatch):
    sent_notice(cast.bruno)
    follow()

    def wrong(rows: object) -> object:
        raise KeyError("platform")

    monkeypatch.setattr(actions, "_alert", wrong)
    assert actions.raise_reminders(NOW + DAY)
    assert queries.reminders_due(cast.bruno.actor).count() == 1


def test_what_follows_is_planned_for_every_association_though_one_stumbles(cast, monkeypatch):
    for person in (cast.bruno, cast.dario):
        sent_notice(person)
    right = actions._plan

    def wrong(organisation_id: int, event: Event, data: dict[str, str]) -> None:
        if organisation_id == cast.veille.pk:
            raise KeyError(data["reference"])
        right(organisation_id, event, data)

    monkeypatch.setattr(actions, "_plan", wrong)
    follow()
    assert Check.objects.of(cast.rive).count() == 5
    assert not Check.objects.of(cast.veille).exists()
    monkeypatch.undo()
    follow()
    assert Check.objects.of(cast.veille).count() == 5
