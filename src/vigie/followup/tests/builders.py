"""Short ways to a notice that left and to what came back. Every text is invented."""

from __future__ import annotations

from datetime import datetime

from vigie.followup.actions import join_reply
from vigie.followup.models import Reply
from vigie.followup.rules.replies import classify_reply
from vigie.notice.actions import draft_notices, send_notice
from vigie.notice.models import Notice
from vigie.notice.tests.cases import NOW, qualified_case
from vigie.organisations.rules.policy import Actor
from vigie.organisations.tests.cast import Person
from vigie.outbox.actions import _settle
from vigie.outbox.models import Fate


def sent_notice(person: Person, *, notice: Notice | None = None, fate: Fate = Fate.SENT) -> Notice:
    """A notice that `person` sent, with the fate its mail came to."""
    if notice is None:
        notice = draft_notices(actor=person.actor, case=qualified_case(person), language="fr", now=NOW)[0]
    sent = send_notice(actor=person.actor, notice=notice, now=NOW)
    assert sent.mail is not None
    _settle(sent.mail, fate, now=NOW)
    return sent


def hear(notice: Notice, text: str, *, key: str = "letter", at: datetime = NOW, is_bounce: bool = False) -> Reply:
    """What came back for a notice, joined by the worker."""
    worker = Actor(name="worker", organisation_id=notice.organisation_id)
    return join_reply(
        actor=worker, notice=notice, source_key=f"mail:{notice.ref}:{key}", text=text, received_at=at, now=at,
        sender="moderation@telegram.example", suggestion=classify_reply("", text, is_bounce=is_bounce),
    )  # fmt: skip
