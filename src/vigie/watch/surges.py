"""Call rises, and say when they are over; keep the counts they are judged by.

Each minute, each watch's series of the last hour are judged by their own history (`rules/surge.py`). A watch that was
changed is learned anew for a day: what it finds now is not what it found before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Sum

from vigie.casefile.journal import record
from vigie.casefile.rules.events import Event
from vigie.organisations.rules.policy import Actor
from vigie.watch.models import Surge, Tally, Watch
from vigie.watch.rules import surge as rules
from vigie.watch.rules.values import WatchState

MINUTES_KEPT = timedelta(hours=30)
HOURS_KEPT = timedelta(weeks=rules.WEEKS, days=1)
FOLD_AFTER = timedelta(hours=1)
AT_ONCE = 5000

Series = tuple[int, str, str]
"""Watch, kind and name."""


def call_surges(now: datetime) -> bool:
    """Judge every series that had something in the last hour; say whether a rise was called."""
    lately = Tally.across_associations.filter(minutes=1, at__gt=now - timedelta(minutes=60))
    organisations = set(lately.values_list("organisation_id", flat=True).distinct())
    organisations |= set(Surge.across_associations.filter(over_at=None).values_list("organisation_id", flat=True))
    return sum(_judge(organisation_id, now) for organisation_id in sorted(organisations)) > 0


def _judge(organisation_id: int, now: datetime) -> int:
    watches = {watch.pk: watch for watch in Watch.objects.of(organisation_id).filter(state=WatchState.ACTIVE.value)}
    minutes = _counts(organisation_id, 1, now - MINUTES_KEPT)
    lively = {
        series
        for series, counts in minutes.items()
        if sum(count for at, count in counts.items() if at > now - timedelta(minutes=60)) >= rules.LEAST_SEEN
    }
    opened = {(one.watch_id, one.kind, one.name): one for one in Surge.objects.of(organisation_id).filter(over_at=None)}
    if not lively and not opened:
        return 0
    hours = _counts(organisation_id, 60, now - HOURS_KEPT, of={watch for watch, _kind, _name in {*lively, *opened}})
    alpha = rules.alpha_for(len(lively))
    called = 0
    for series in sorted(lively | set(opened)):
        watch = watches.get(series[0])
        known = minutes.get(series, {})
        expected = watch and rules.expected_at(
            _with_minutes(hours.get(series, {}), known), known, now, since=watch.changed_at
        )
        if series in opened:
            if expected is None or rules.is_over(known, now, expected.per_hour):
                Surge.objects.of(organisation_id).filter(pk=opened[series].pk).update(over_at=now)
        elif expected is not None and (rise := rules.rise(known, now, expected, alpha=alpha)):
            called += _call(organisation_id, series, rise, now)
    return called


def _counts(
    organisation_id: int, minutes: int, since: datetime, *, of: set[int] | None = None
) -> dict[Series, dict[datetime, int]]:
    rows = Tally.objects.of(organisation_id).filter(minutes=minutes, at__gt=since)
    if of is not None:
        rows = rows.filter(watch__in=of)
    found: dict[Series, dict[datetime, int]] = defaultdict(dict)
    sums = rows.order_by().values_list("watch_id", "kind", "name", "at").annotate(number=Sum("count"))
    for watch, kind, name, at, number in sums:
        found[watch, kind, name][at] = number
    return found


def _with_minutes(hours: Mapping[datetime, int], minutes: Mapping[datetime, int]) -> dict[datetime, int]:
    """Return the hours, with those that are not yet folded."""
    whole = dict(hours)
    for at, count in minutes.items():
        hour = at.replace(minute=0)
        if hour not in hours:
            whole[hour] = whole.get(hour, 0) + count
    return whole


def _call(organisation_id: int, series: Series, rise: rules.Rise, now: datetime) -> int:
    watch, kind, name = series
    with transaction.atomic():
        if Surge.objects.of(organisation_id).filter(watch=watch, kind=kind, name=name, over_at=None).exists():
            return 0
        surge = Surge.objects.create(
            organisation_id=organisation_id, watch_id=watch, kind=kind, name=name, onset_at=rise.onset_at,
            called_at=now, seen=rise.seen, expected=rise.expected, window_minutes=rise.window_minutes,
        )  # fmt: skip
        worker = Actor(name="worker", organisation_id=organisation_id)
        record(Event.SURGE_CALLED, actor=worker, now=now, data={"surge": surge.pk, "watch": watch, "kind": kind})
    return 1


def fold_counts(now: datetime) -> bool:
    """Make hours of the minutes that are past, once; forget the minutes and the hours that nothing asks for any more."""
    before = (now - FOLD_AFTER).replace(minute=0, second=0, microsecond=0)
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = Tally.across_associations.filter(minutes=1, folded=False, at__lt=before).order_by("pk")
        found = list(rows.select_for_update(skip_locked=skip)[:AT_ONCE])
        sums: dict[tuple[int, int, str, str, datetime], int] = defaultdict(int)
        for row in found:
            sums[row.organisation_id, row.watch_id, row.kind, row.name, row.at.replace(minute=0)] += row.count
        Tally.across_associations.bulk_create(
            [
                Tally(organisation_id=key[0], watch_id=key[1], kind=key[2], name=key[3], at=key[4], minutes=60, count=count)
                for key, count in sorted(sums.items())
            ]
        )  # fmt: skip
        Tally.across_associations.filter(pk__in=[row.pk for row in found]).update(folded=True)
    old, _each = Tally.across_associations.filter(minutes=1, folded=True, at__lt=now - MINUTES_KEPT).delete()
    older, _each = Tally.across_associations.filter(minutes=60, at__lt=now - HOURS_KEPT).delete()
    return len(found) == AT_ONCE or bool(old and len(found)) or bool(older and len(found))
