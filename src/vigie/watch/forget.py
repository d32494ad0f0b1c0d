"""The personal data this room holds, and how it goes: authors first, then words, by themselves.

Held: the words, address and author's handle of posts that answered a watch; the words of a day's sample; the words of
labelled examples, without names called or addresses; accounts that a watch names, with the reason and the date.

- authors: after `AUTHOR_HOURS`, unless the watch names accounts; a case that was made has its own;
- sightings, whatever was decided of them: after the days that the association set;
- the sample: after a day;
- waves: with their last sighting; decisions that can no more be undone keep who and when, and no word;
- accounts named by a watch: on the day after their date;
- counts by the minute: after two days, by the hour: after `HOURS_KEPT`; nobody is in them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from vigie.casefile.keys import hidden_key, reference_of
from vigie.casefile.models import Content
from vigie.organisations.models import Organisation
from vigie.watch.models import Lesson, Sample, Sighting, Watch, Wave
from vigie.watch.queries import keep_days_of

AUTHOR_HOURS = 24
SAMPLE_HOURS = 24
AT_ONCE = 2000


def forget_what_is_old(now: datetime) -> bool:
    """Erase what has been kept long enough; say whether there was anything."""
    did = _forget_authors(now)
    did = _forget_samples(now) or did
    for organisation in Organisation.objects.values_list("pk", flat=True):
        did = _forget_sightings(organisation, now - timedelta(days=keep_days_of(organisation))) or did
    did = _forget_accounts(now) or did
    return did


def _forget_authors(now: datetime) -> bool:
    old = Sighting.across_associations.exclude(author="").filter(seen_at__lte=now - timedelta(hours=AUTHOR_HOURS))
    # A watch of accounts is about them, for a stated reason and until a date; its sightings keep theirs as long as they stay.
    kept = Watch.across_associations.filter(accounts_until__gte=now.date())
    pks = list(old.exclude(watch__in=kept).values_list("pk", flat=True)[:AT_ONCE])
    return bool(pks and Sighting.across_associations.filter(pk__in=pks).update(author=""))


def _forget_samples(now: datetime) -> bool:
    old = Sample.across_associations.filter(seen_at__lte=now - timedelta(hours=SAMPLE_HOURS))
    pks = list(old.values_list("pk", flat=True)[:AT_ONCE])
    return bool(pks and Sample.across_associations.filter(pk__in=pks).delete()[0])


def _forget_sightings(organisation_id: int, before: datetime) -> bool:
    with transaction.atomic():
        old = Sighting.objects.of(organisation_id).filter(seen_at__lte=before)
        pks = list(old.values_list("pk", flat=True)[:AT_ONCE])
        if not pks:
            return False
        Sighting.objects.of(organisation_id).filter(pk__in=pks).delete()
        _forget_empty_waves(organisation_id)
    return True


def _forget_empty_waves(organisation_id: int) -> None:
    left = Sighting.objects.of(organisation_id).filter(wave=OuterRef("pk"))
    Wave.objects.of(organisation_id).filter(~Exists(left)).delete()


def _forget_accounts(now: datetime) -> bool:
    """Take out of a watch the accounts whose date is over: the list itself is personal data."""
    did = False
    for watch in Watch.across_associations.filter(accounts_until__lt=now.date()):
        watch.question = {**watch.question, "accounts": []}
        watch.accounts_reason, watch.accounts_until = "", None
        watch.save(update_fields=["question", "accounts_reason", "accounts_until"])
        Sighting.across_associations.filter(watch=watch).exclude(author="").filter(
            seen_at__lte=now - timedelta(hours=AUTHOR_HOURS)
        ).update(author="")
        did = True
    return did


def erase_forbidden() -> bool:
    """Erase what this room holds of contents that a person confirmed to be child abuse; say whether there was anything."""
    forbidden = Content.across_associations.filter(forbidden_at__isnull=False).values_list("organisation_id", "key")
    keys: dict[int, set[str]] = {}
    for organisation_id, key in forbidden:
        keys.setdefault(organisation_id, set()).add(key)
    did = False
    for organisation_id, hidden in keys.items():
        references = [reference_of(key) for key in hidden]
        samples, _each = Sample.objects.of(organisation_id).filter(reference__in=references).delete()
        did = did or bool(samples)
        rows = Sighting.objects.of(organisation_id).values_list("pk", "key", "wave_id", "decision_id")
        found = [row for row in rows.iterator(chunk_size=5000) if hidden_key(row[1]) in hidden or row[1] in hidden]
        if not found:
            continue
        with transaction.atomic():
            # What was said nearly the same way goes too: the wave's text may be the forbidden one's.
            Wave.objects.of(organisation_id).filter(pk__in={row[2] for row in found}).delete()
            Lesson.objects.of(organisation_id).filter(decision__in={row[3] for row in found}).delete()
            Sighting.objects.of(organisation_id).filter(pk__in={row[0] for row in found}).delete()
        did = True
    return did


def export(handle: str, organisation_id: int) -> list[dict[str, Any]]:
    """Return what is held that names an account, for the person behind it who asks."""
    rows = Sighting.objects.of(organisation_id).filter(author__iexact=handle.lstrip("@"))
    return list(rows.values("url", "text", "author", "published_at", "seen_at"))
