"""Decisions become examples: read from the journal, which lies beneath every room, and from where it was left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from vigie.casefile.models import Case, Content, JournalEntry
from vigie.casefile.rules.state import Referral
from vigie.learning.detectors import detector_of
from vigie.learning.models import Example, ExampleCursor
from vigie.learning.rules.labels import CHANGE_LABELS, TOUCH, CaseDecisions, Decided, decisions_of

READ_AT_ONCE = 500
_EVENTS = [event.value for event in CHANGE_LABELS]
_TOUCH = [event.value for event in TOUCH]


def pull(organisation_id: int) -> bool:
    """Bring the examples of one association up to its journal, a piece at a time; say whether there was anything.

    Each case that an entry touches is read again from its first entry: pulling twice changes nothing.
    """
    with transaction.atomic():
        ExampleCursor.objects.bulk_create([ExampleCursor(organisation_id=organisation_id)], ignore_conflicts=True)
        cursor = ExampleCursor.objects.of(organisation_id).select_for_update().get()
        following = JournalEntry.objects.of(organisation_id).filter(seq__gt=cursor.seq).order_by("seq")
        entries = list(following.values_list("seq", "event", "case_id")[:READ_AT_ONCE])
        if not entries:
            return False
        touched = sorted({case for _seq, event, case in entries if case and event in _TOUCH})
        for case in Case.objects.of(organisation_id).filter(pk__in=touched).order_by("pk"):
            _learn(case)
        cursor.seq = entries[-1][0]
        cursor.save(update_fields=["seq"])
    return True


def _learn(case: Case) -> None:
    """Replace what is learnt of one case by what stands now; what stood already keeps its score."""
    if case.referral != Referral.NONE:
        return  # hidden until a person decides, and nothing is read of it; then it is read again, or erased
    here = case.organisation_id
    wanted = _wanted(case)
    kept = {row.content_id: row for row in Example.objects.of(here).filter(case=case)}
    gone = [row.pk for content, row in kept.items() if content not in wanted]
    Example.objects.of(here).filter(pk__in=gone).delete()
    new = [
        (content, decided)
        for content, decided in wanted.values()
        if content.pk not in kept or kept[content.pk].seq != decided.seq
    ]
    _write(case, new)


def _wanted(case: Case) -> dict[int, tuple[Content, Decided]]:
    entries = JournalEntry.objects.of(case.organisation_id).filter(case=case, event__in=_EVENTS).order_by("seq")
    stands = decisions_of(entries.values_list("seq", "event", "data", "at"))
    contents = Content.objects.of(case.organisation_id).filter(
        case_contents__case=case, never_fetch=False, forbidden_at=None
    )
    found = {content.pk: (content, _decided(content, stands)) for content in contents.distinct()}
    return {pk: (content, decided) for pk, (content, decided) in found.items() if decided is not None}


def _decided(content: Content, stands: CaseDecisions) -> Decided | None:
    # Entries of before the journal knew contents by a digest name them by their key.
    return stands.of_contents.get(content.reference) or stands.of_contents.get(content.key) or stands.of_all


def _write(case: Case, new: Sequence[tuple[Content, Decided]]) -> None:
    if not new:
        return
    here, detector = case.organisation_id, detector_of(case.organisation_id)
    asked: Iterable[tuple[str, str | None]] = [(content.text, content.language[:2] or None) for content, _ in new]
    for (content, decided), hint in zip(new, detector.read_many(asked), strict=True):
        is_known = bool(content.text.strip())
        Example.objects.of(here).update_or_create(
            case=case, content=content, organisation_id=here,
            defaults={
                "label": decided.label.value, "grounds": list(decided.grounds), "reason": decided.reason,
                "targets": [target.value for target in hint.targets] if is_known else [],
                "score": hint.score if is_known else None,
                "detector_version": hint.detector_version[:160] if is_known else "",
                "decided_at": decided.at, "seq": decided.seq,
            },
        )  # fmt: skip
