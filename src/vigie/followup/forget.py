"""Which words of people this room holds, and how they are given out, then erased.

Words: the platforms' letters, which may name whoever wrote them and quote ours. Outcomes, dates and what was seen
online name nobody and stay, for the figures.
"""

from __future__ import annotations

from typing import Any

from vigie.casefile.models import Case
from vigie.followup.models import Check, Reply
from vigie.intake.doors.mailbox.forget import erase_letters
from vigie.notice.models import NoticeContent

_NO_WORDS = {"sender": "", "subject": "", "text": "", "words": "", "suggested_sentence": "", "platform_reference": ""}


def words_of(case: Case) -> list[dict[str, Any]]:
    """Return all words held about a case, to be given to whoever has the right to them."""
    rows = Reply.objects.of(case.organisation_id).filter(notice__case=case)
    return list(rows.values("received_at", "sender", "subject", "text", "words"))


def erase_words(case: Case) -> None:
    """Erase the letters of a case; what was read in them stays as outcomes."""
    Reply.objects.of(case.organisation_id).filter(notice__case=case).update(**_NO_WORDS)


def erase_forbidden() -> bool:
    """Erase what came back about contents that a person confirmed to be child abuse, and the letters it came in.

    Say whether there was anything.
    """
    notices = NoticeContent.across_associations.filter(content__forbidden_at__isnull=False).values("notice_id")
    replies = Reply.across_associations.filter(notice__in=notices)
    wordy = list(replies.exclude(**_NO_WORDS).values_list("pk", "mail_id"))
    erase_letters([mail for _reply, mail in wordy if mail])
    replies.filter(pk__in=[reply for reply, _mail in wordy]).update(**_NO_WORDS)
    looks = Check.across_associations.filter(content__forbidden_at__isnull=False).exclude(text_sha256="")
    return bool(looks.update(text_sha256="") or wordy)
