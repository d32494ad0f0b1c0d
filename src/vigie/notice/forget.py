"""Which words of people this room holds, and how they are given out, then erased.

Words: letters quote contents and name the account shown; mails that have left hold the same letters. References,
dates, channels and states name nobody and stay, for the figures.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.notice.models import BEING_WRITTEN, Notice, Step
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
    """Withdraw and erase what was written about contents that may not be kept: child abuse suspected since.

    Say whether there was anything.
    """
    wordy = Notice.across_associations.filter(notice_contents__content__never_fetch=True).exclude(body="")
    found = list(wordy.select_related("case").distinct()[:50])
    for notice in found:
        with transaction.atomic():
            if notice.step in BEING_WRITTEN:
                notice.step = Step.WITHDRAWN
                notice.save(update_fields=["step"])
                actor = Actor(name="worker", organisation_id=notice.organisation_id)
                record(Event.NOTICE_WITHDRAWN, actor=actor, now=now, case=notice.case, data={"reference": notice.ref})
            _erase([notice.pk])
    return bool(found)


def _erase(notices: list[int]) -> None:
    rows = Notice.across_associations.filter(pk__in=notices)
    mails = list(rows.exclude(mail=None).values_list("mail_id", flat=True))
    OutgoingMail.across_associations.filter(pk__in=mails, fate__in=[Fate.SENT, Fate.FAILED]).update(body="")
    rows.update(body="")
