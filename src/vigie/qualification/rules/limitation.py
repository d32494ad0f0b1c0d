"""Until when prosecution stays possible, counted from publication and shown with its source.

A passed date never makes a content legal: it stays notifiable to the platform (DSA, art. 16).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .values import Bilingual, Ground, LimitationStart

# The day of an offence is a day in France: 23:30 UTC on the 15th is already the 16th in Paris.
PARIS = ZoneInfo("Europe/Paris")
ALERTS_PERCENT = (60, 80, 95)


@dataclass(frozen=True, slots=True)
class Limitation:
    """When prosecution under one ground becomes impossible, as far as it can be known.

    `last_day` is the last day on which the period still runs, or None when it cannot be counted;
    `no_later_than` then bounds it from the day the content was first seen, if that is known.
    `prudent_day` comes earlier where a shorter period might apply: alerts follow it.
    """

    ground_id: str
    last_day: date | None
    prudent_day: date | None
    no_later_than: date | None
    days_left: int | None
    level: int
    is_time_barred: bool
    basis: str
    start: Bilingual
    caution: Bilingual | None

    @property
    def is_unknown(self) -> bool:
        """Say whether no date can be given; never read this as «there is time»."""
        return self.last_day is None


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or that month's last day if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def limitation(
    ground: Ground, published_at: datetime | None, now: datetime, *, seen_at: datetime | None = None
) -> Limitation | None:
    """Return until when prosecution under `ground` is possible; None when the ground has no such period.

    Counted in calendar months from day to day, the day of publication excluded, so that words put online on
    15 January with three months stand until 15 April at midnight, Paris time. No extension is counted for a
    week-end, and neither a complaint nor continued availability starts the period again.

    Args:
        ground: what the content is qualified under.
        published_at: when it was first put online, aware; None if nobody knows.
        now: the present, aware.
        seen_at: when somebody first saw it; bounds the date when publication is unknown.

    Source: loi du 29 juillet 1881, art. 65 and 65-3; CPP, art. 8 and 9 (basis given by each ground). Counting
    «de quantième à quantième» is settled practice, known here from general knowledge. Doubt: whether CPP
    art. 801 moves a last day that falls on a week-end; the earlier day is shown. Repeated acts run from the
    last one, which the desk does not know: the date shown is then the earliest possible.
    """
    period = ground.limitation
    if period is None:
        return None
    if period.months is None or period.start is LimitationStart.VICTIM_MAJORITY or published_at is None:
        bounded = period.months is not None and seen_at is not None
        return Limitation(
            ground_id=ground.id,
            last_day=None,
            prudent_day=None,
            no_later_than=add_months(_in_paris(seen_at), period.months) if bounded else None,  # type: ignore[arg-type]
            days_left=None,
            level=0,
            is_time_barred=False,
            basis=period.basis,
            start=period.start_text,
            caution=period.caution,
        )
    begun, today = _in_paris(published_at), _in_paris(now)
    last_day = add_months(begun, period.months)
    prudent_day = add_months(begun, period.caution_months) if period.caution_months else last_day
    return Limitation(
        ground_id=ground.id,
        last_day=last_day,
        prudent_day=prudent_day,
        no_later_than=None,
        days_left=(last_day - today).days,
        level=_level(begun, prudent_day, today),
        is_time_barred=today > last_day,
        basis=period.basis,
        start=period.start_text,
        caution=period.caution,
    )


def earliest(limitations: Iterable[Limitation | None]) -> Limitation | None:
    """Return the limitation that ends first among the grounds that stand.

    A date that still runs comes before one that has passed, a known date before an unknown one; None when no
    ground has a period.
    """
    return min(
        (one for one in limitations if one is not None),
        key=lambda one: (
            one.is_unknown,
            one.is_time_barred,
            one.prudent_day or one.no_later_than or date.max,
        ),
        default=None,
    )


def _level(begun: date, end: date, today: date) -> int:
    """Return the highest alert reached: 0, 60, 80 or 95 percent of the period."""
    elapsed = (today - begun).days * 100
    whole = (end - begun).days
    return max((alert for alert in ALERTS_PERCENT if elapsed >= alert * whole), default=0)


def _in_paris(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be counted from.")
    return moment.astimezone(PARIS).date()
