"""What a source may cost, set aside in the database before each call: it cannot be exceeded, whoever is killed when.

A call that failed after its units were set aside counts as made: better a few units unused than one too many spent.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from vigie.watch.models import Allowance, Source
from vigie.watch.ports import Manifest
from vigie.watch.rules.faults import SourceFault, Why

MOST = "most"
"""The setting of a source that says what may be spent in a period."""


def period_of(manifest: Manifest, now: datetime) -> str:
    """Return the day or the month, by the clock of UTC."""
    return now.strftime("%Y-%m-%d") if manifest.period == "day" else now.strftime("%Y-%m")


class Spending:
    """The allowance of one source, as an adapter sees it."""

    def __init__(self, source: Source, manifest: Manifest, now: datetime) -> None:
        self._source, self._manifest, self._now = source, manifest, now

    def reserve(self, units: int) -> None:
        if not self._manifest.period:
            return
        most = int(self._source.settings.get(MOST, 0))
        period = period_of(self._manifest, self._now)
        # A transaction of its own, over before the call: whoever is killed during the call has spent.
        with transaction.atomic():
            rows = Allowance.objects.of(self._source.organisation_id).filter(source=self._source, period=period)
            Allowance.across_associations.bulk_create(
                [
                    Allowance(
                        organisation_id=self._source.organisation_id, source=self._source, period=period, most=most
                    )
                ],
                ignore_conflicts=True,
            )
            # A budget that was raised or lowered today counts from now on; what is spent stays spent.
            rows.filter(spent__lte=most).exclude(most=most).update(most=most)
            allowed = rows.filter(spent__lte=most - units).update(spent=F("spent") + units)
        if not allowed:
            raise SourceFault(Why.SPENT, permanent=True)

    def give_back(self, units: int) -> None:
        if not self._manifest.period or units <= 0:
            return
        rows = Allowance.objects.of(self._source.organisation_id).filter(
            source=self._source, period=period_of(self._manifest, self._now)
        )
        rows.filter(spent__gte=units).update(spent=F("spent") - units)
