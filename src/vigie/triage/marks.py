"""Give texts the marks under which near ones are found.

New texts are read from the journal, which lies beneath every room: whoever records a text, by whichever door,
need not know that this room exists.
"""

from __future__ import annotations

import logging

from django.db import transaction

from vigie.casefile.models import Content, JournalEntry
from vigie.casefile.rows import insert_all
from vigie.casefile.rules.events import Event
from vigie.core.errors import kind_and_place
from vigie.triage.models import TextCursor, TextMark
from vigie.triage.rules.nearness import marks_of

logger = logging.getLogger("vigie.triage")

READ_AT_ONCE = 500
CHANGE_TEXT = [
    event.value
    for event in (Event.CASE_OPENED, Event.CONTENT_ADDED, Event.CONTENT_TEXT_RECORDED, Event.CONTENT_NEVER_FETCH)
]


def mark_new_texts(*, organisation_id: int) -> bool:
    """Mark the texts of the next entries of one association's journal; say whether there were any."""
    with transaction.atomic():
        TextCursor.objects.bulk_create([TextCursor(organisation_id=organisation_id)], ignore_conflicts=True)
        cursor = TextCursor.objects.of(organisation_id).select_for_update().get()
        following = JournalEntry.objects.of(organisation_id).filter(seq__gt=cursor.seq).order_by("seq")
        entries = list(following.values_list("seq", "event", "data", "case_id")[:READ_AT_ONCE])
        if not entries:
            return False
        named = {data.get("content") for _, event, data, _ in entries if event in CHANGE_TEXT}
        cases = {case for _, event, _, case in entries if event in CHANGE_TEXT}
        contents = Content.objects.of(organisation_id).filter(case_contents__case__in=cases).distinct()
        # Entries of before the journal knew contents by a digest name them by their key.
        mark_contents(organisation_id, [one for one in contents if named & {one.reference, one.key}])
        cursor.seq = entries[-1][0]
        cursor.save(update_fields=["seq"])
    return True


def mark_contents(organisation_id: int, contents: list[Content]) -> None:
    """Replace the marks of these contents by those of their texts as they are now."""
    TextMark.objects.of(organisation_id).filter(content__in=contents).delete()
    insert_all([
        TextMark(organisation_id=organisation_id, content=content, mark=mark)
        for content in contents
        for mark in _marks(content)
    ])  # fmt: skip


def _marks(content: Content) -> set[int]:
    try:
        return set(marks_of(content.text))
    except Exception as fault:  # noqa: BLE001 a text without marks resembles nothing; the texts after it still do
        logger.error("marks of %s: %s", content.pk, kind_and_place(fault))  # noqa: TRY400 a traceback could quote it
        return set()
