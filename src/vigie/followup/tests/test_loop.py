"""The whole loop against Agora, the fictional network, by real mail and real visits: nothing is faked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from agora.rules import Outcome as Theirs
from agora.testing import RunningAgora, running_agora
from vigie.casefile.actions import keep_content
from vigie.casefile.models import Case
from vigie.casefile.rules.state import Online, PlatformSays
from vigie.evidence.means import Means
from vigie.followup import actions, queries
from vigie.followup.visits import visit
from vigie.intake.doors.mailbox.actions import take_in_arrivals
from vigie.intake.doors.mailbox.maildir import MaildirAccount
from vigie.notice.actions import draft_notices, draft_reminder, send_notice
from vigie.notice.models import Notice, NoticeState, PlatformContact
from vigie.notice.rules.outcomes import Outcome
from vigie.notice.tests.builders import claim
from vigie.notice.tests.cases import opened_case
from vigie.outbox.actions import deliver_one
from vigie.outbox.transports.smtp.transport import SmtpServer, SmtpTransport
from vigie.qualification.actions import Read, qualify
from vigie.qualification.rules.quotes import find_quote

OURS = "signalements@veille.example"


class Desk:
    """Bruno's desk beside a running Agora."""

    def __init__(self, cast: Any, agora: RunningAgora) -> None:
        self.cast = cast
        self.agora = agora
        self.post = agora.example_of("insult-origin")
        self.transport = SmtpTransport(SmtpServer(agora.smtp_host, agora.smtp_port, security="none", timeout_seconds=5))

    def notify(self) -> Notice:
        now = timezone.now()
        PlatformContact.objects.create(
            organisation=self.cast.veille, platform="agora", email=self.agora.mailbox, kept_at=now
        )
        content = keep_content(
            organisation_id=self.cast.veille.pk, key=f"agora:post:{self.post.id}", platform="agora", kind="post",
            url=self.agora.address_of(self.post), text=self.post.text, now=now, published_at=now,
        )  # fmt: skip
        case = opened_case(self.cast.bruno, [content])
        made_out = claim()
        read = Read(
            ground_id=made_out.ground.id, answers=made_out.answers, excluder_answers=made_out.excluder_answers,
            quotes=(find_quote(self.post.text, self.post.text),),
        )  # fmt: skip
        qualify(actor=self.cast.bruno.actor, case=case, content=content, read=read, now=now)
        drafted = draft_notices(actor=self.cast.bruno.actor, case=case, language="fr", now=now)[0]
        return self.send(drafted)

    def send(self, notice: Notice) -> Notice:
        sent = send_notice(actor=self.cast.bruno.actor, notice=notice, now=timezone.now())
        assert deliver_one(self.transport, timezone.now())
        assert Notice.objects.of(self.cast.veille).get(pk=sent.pk).state is NoticeState.SENT
        while actions.plan_followup(timezone.now()):
            pass
        return sent

    def hear(self, letters: int) -> None:
        """Take in what Agora wrote, as the worker does."""
        self.agora.wait_for_mail(OURS, count=letters)
        local, _, domain = OURS.partition("@")
        with MaildirAccount(self.agora.mail_folder / domain / local).open() as box:
            take_in_arrivals(box, self.cast.veille, timezone.now())
        while actions.join_waiting_answer(timezone.now()):
            pass

    def look(self, case: Case) -> str:
        actions.ask_checks(actor=self.cast.bruno.actor, case=case, now=timezone.now())
        assert actions.do_one_check(visit, timezone.now())
        return Case.objects.of(self.cast.veille).get(pk=case.pk).online


@pytest.fixture
def desk(cast, tmp_path: Path, settings):
    with running_agora(tmp_path, manual=True) as agora:
        settings.VIGIE_CAPTURE_MEANS = Means(allowed_for_tests=frozenset({urlsplit(agora.url).netloc}))
        yield Desk(cast, agora)


def test_from_the_notice_to_the_removal_seen(desk):
    notice = desk.notify()
    assert desk.look(notice.case) == Online.PRESENT
    received = desk.agora.wait_for_notice()
    assert [address.url for address in received.addresses] == [desk.agora.address_of(desk.post)]
    desk.agora.decide(received, Theirs.REMOVED)
    desk.hear(letters=2)
    replies = list(queries.replies(desk.cast.bruno.actor))
    assert {reply.notice_id for reply in replies} == {notice.pk}
    assert sorted(reply.suggested_kind for reply in replies) == ["decision", "receipt"]
    decision = next(reply for reply in replies if reply.suggested_kind == "decision")
    assert decision.suggested_outcome == Outcome.CONTENT_REMOVED
    actions.read_receipts(actor=desk.cast.bruno.actor, now=timezone.now())
    actions.read_reply(actor=desk.cast.bruno.actor, reply=decision, outcome=Outcome.CONTENT_REMOVED, now=timezone.now())
    looked = 0
    for seconds in (0, 25, 90):
        while actions.do_one_check(visit, timezone.now() + timedelta(seconds=seconds)):
            looked += 1
    assert looked == 3
    case = Case.objects.of(desk.cast.veille).get(pk=notice.case_id)
    assert (case.platform_says, case.online) == (PlatformSays.REMOVED, Online.REMOVED_BY_PLATFORM)


def test_a_reminder_goes_into_the_same_conversation_and_turns_a_refusal(desk):
    notice = desk.notify()
    desk.agora.refuse(desk.agora.wait_for_notice())
    desk.hear(letters=2)
    refusal = next(reply for reply in queries.replies(desk.cast.bruno.actor) if reply.suggested_kind == "decision")
    assert refusal.suggested_outcome == Outcome.NO_VIOLATION
    reminder = draft_reminder(
        actor=desk.cast.bruno.actor, notice=notice, was_received=True, now=timezone.now() + timedelta(days=8)
    )
    desk.send(reminder)
    theirs = desk.agora.wait_for_notice()
    assert len(desk.agora.notices()) == 1
    assert len(theirs.messages) == 2
    desk.agora.decide(theirs, Theirs.REMOVED)
    desk.hear(letters=1)
    outcomes = [reply.suggested_outcome for reply in queries.replies(desk.cast.bruno.actor) if reply.notice == notice]
    assert outcomes.count(Outcome.CONTENT_REMOVED) == 1


@pytest.mark.parametrize(
    ("becomes", "online"),
    [
        ("delete_by_author", Online.DELETED_BY_AUTHOR),
        ("login_wall", Online.BEHIND_LOGIN),
        ("make_unavailable", Online.NOT_DETERMINED),
        ("edit", Online.EDITED),
        ("suspend", Online.ACCOUNT_SUSPENDED),
    ],
)
def test_what_became_of_a_post_is_told_apart(desk, becomes, online):
    notice = desk.notify()
    assert desk.look(notice.case) == Online.PRESENT
    if becomes == "edit":
        desk.agora.edit(desk.post, "Un autre message inventé, tout à fait courtois.")
    elif becomes == "suspend":
        desk.agora.suspend_account(desk.post.handle)
    else:
        getattr(desk.agora, becomes)(desk.post)
    seen = [desk.look(notice.case) for _ in range(3)]
    assert seen[-1] == online
