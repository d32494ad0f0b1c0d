"""Which words of people this room holds, and how they are given out, then erased.

Words: the platforms' letters, which may name whoever wrote them and quote ours. Outcomes, dates and what was seen
online name nobody and stay, for the figures.
"""

from __future__ import annotations

from typing import Any

from vigie.casefile.models import Case
from vigie.followup.models import Reply


def words_of(case: Case) -> list[dict[str, Any]]:
    """Return all words held about a case, to be given to whoever has the right to them."""
    rows = Reply.objects.of(case.organisation_id).filter(notice__case=case)
    return list(rows.values("received_at", "sender", "subject", "text", "words"))


def erase_words(case: Case) -> None:
    """Erase the letters of a case; what was read in them stays as outcomes."""
    Reply.objects.of(case.organisation_id).filter(notice__case=case).update(
        sender="", subject="", text="", words="", suggested_sentence=""
    )
