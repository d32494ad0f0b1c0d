"""Which words of people this room holds, and how they are given out, then erased.

Words: letters quote contents and name the account shown; mails that have left hold the same letters. References,
dates, channels and states name nobody and stay, for the figures.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from vigie.casefile import files
from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.core.references import without_address
from vigie.notice.actions import sending_without
from vigie.notice.models import BEING_WRITTEN, Notice, NoticeContent, Step
from vigie.organisations.rules.policy import Actor
from vigie.outbox.models import Fate, OutgoingMail


def words_of(case: Case) -> list[dict[str, Any]]:
    """Return all words held about a case, to be given to whoever has the right to them."""
    return list(Notice.objects.of(case.organisation_id).filter(case=case).values("ref", "subject", "body"))


def erase_words(case: Case) -> None:
    """Erase the letters of a case, and of the mails that carried them once their fate is settled."""
    held = Notice.objects.of(case.organisation_id).filter(case=case)
    _erase(list(held.values_list("pk", flat=True)))


def erase_forbidden(now: datetime) -> bool:
    """Erase what was written about contents that a person confirmed to be child abuse; what waits to leave never does.

    Addresses, letters, the mails that carried them, proofs that they were sent. Say whether there was anything.
    """
    links = NoticeContent.across_associations.filter(content__forbidden_at__isnull=False)
    had_addresses = links.exclude(url="").update(url="")
    theirs = links.values("notice_id")
    notices = Notice.across_associations.filter(Q(pk__in=theirs) | Q(reminder_of__in=theirs))
    is_bare = {"subject": "", "body": "", "site": "", "facts_digest": "", "proof_sha256": ""}
    mail_is_bare = Q(mail=None) | Q(mail__body="", mail__subject="") | Q(mail__fate__in=[Fate.TAKEN, Fate.LEAVING])
    wordy = notices.exclude(Q(**is_bare) & mail_is_bare)
    found = list(wordy.select_related("case", "mail")[:50])
    for notice in found:
        with transaction.atomic():
            _erase_forbidden(notice, now)
    return bool(found or had_addresses)


def _erase_forbidden(notice: Notice, now: datetime) -> None:
    _stop(notice, now)
    proof = notice.proof_sha256
    notice.subject = notice.body = notice.site = notice.facts_digest = notice.proof_sha256 = ""
    notice.platform_reference = without_address(notice.platform_reference)
    notice.save(update_fields=["subject", "body", "site", "facts_digest", "proof_sha256", "platform_reference"])
    mails = OutgoingMail.across_associations.filter(pk=notice.mail_id)
    # One that is leaving this moment is erased when its fate is known; of an unknown one, the fate alone stays to be told.
    mails.exclude(fate__in=[Fate.TAKEN, Fate.LEAVING]).update(subject="", body="", last_error="", attachments=[])
    if proof:
        transaction.on_commit(partial(files.forget, proof, forbidden_in=notice.organisation_id))


def _stop(notice: Notice, now: datetime) -> None:
    """Withdraw a notice that has not left."""
    queued = OutgoingMail.across_associations.filter(pk=notice.mail_id, fate__in=[Fate.QUEUED, Fate.FAILED])
    if notice.step not in BEING_WRITTEN and not queued.update(fate=Fate.GIVEN_UP):
        return
    notice.step = Step.WITHDRAWN
    notice.save(update_fields=["step"])
    if not notice.reminder_of_id:
        actor = Actor(name="worker", organisation_id=notice.organisation_id)
        data = {"reference": notice.ref, "sending": sending_without(notice).value}
        record(Event.NOTICE_WITHDRAWN, actor=actor, now=now, case=notice.case, data=data)


def _erase(notices: list[int]) -> None:
    rows = Notice.across_associations.filter(pk__in=notices)
    mails = list(rows.exclude(mail=None).values_list("mail_id", flat=True))
    OutgoingMail.across_associations.filter(pk__in=mails, fate__in=[Fate.SENT, Fate.FAILED]).update(body="")
    rows.update(body="")
