"""Until when prosecution is possible, by table."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from vigie.qualification.rules.limitation import add_months, earliest, limitation

from .builders import INCITEMENT, at, ground

SIMPLE = "insult-public-simple"


@pytest.mark.parametrize(
    ("ground_id", "published", "last_day"),
    [
        (SIMPLE, "2026-01-15T12:00", date(2026, 4, 15)),
        (SIMPLE, "2026-11-30T12:00", date(2027, 2, 28)),
        (SIMPLE, "2027-11-30T12:00", date(2028, 2, 29)),
        (INCITEMENT, "2026-01-15T12:00", date(2027, 1, 15)),
        (INCITEMENT, "2024-02-29T12:00", date(2025, 2, 28)),
        ("threat-death", "2026-01-15T12:00", date(2032, 1, 15)),
        # 23:30 UTC is already the next day in Paris; in summer from 22:00 UTC.
        (SIMPLE, "2026-01-15T23:30", date(2026, 4, 16)),
        (SIMPLE, "2026-07-15T22:30", date(2026, 10, 16)),
    ],
)
def test_counted_in_calendar_months_from_the_day_in_paris(ground_id, published, last_day):
    found = limitation(ground(ground_id), at(published), at(published))
    assert found.last_day == last_day
    assert not found.is_time_barred


@pytest.mark.parametrize(
    ("now", "days_left", "level", "barred"),
    [
        ("2026-01-01T12:00", 365, 0, False),
        ("2026-08-07T12:00", 147, 0, False),
        ("2026-08-08T12:00", 146, 60, False),
        ("2026-10-20T12:00", 73, 80, False),
        ("2026-12-14T12:00", 18, 95, False),
        ("2027-01-01T12:00", 0, 95, False),
        ("2027-01-01T22:59", 0, 95, False),
        ("2027-01-01T23:00", -1, 95, True),
    ],
)
def test_alerts_at_60_80_and_95_percent_and_barred_only_after_midnight(now, days_left, level, barred):
    found = limitation(ground(INCITEMENT), at("2026-01-01T12:00"), at(now))
    assert (found.days_left, found.level, found.is_time_barred) == (days_left, level, barred)


def test_it_is_shown_with_its_source_and_its_start():
    found = limitation(ground(INCITEMENT), at("2026-01-01T12:00"), at("2026-01-02T12:00"))
    assert found.basis == "Loi 29 juillet 1881, art. 65-3"
    assert "le maintien en ligne ne la renouvelle pas" in found.start.fr


def test_an_unknown_publication_is_unknown_but_bounded_by_the_day_it_was_seen():
    found = limitation(ground(SIMPLE), None, at("2026-06-01T12:00"), seen_at=at("2026-05-20T12:00"))
    assert found.is_unknown
    assert (found.days_left, found.is_time_barred) == (None, False)
    assert found.no_later_than == date(2026, 8, 20)
    assert limitation(ground(SIMPLE), None, at("2026-06-01T12:00")).no_later_than is None


def test_the_prudent_date_warns_where_a_shorter_period_may_apply():
    found = limitation(ground("insult-non-public"), at("2026-01-15T12:00"), at("2026-04-14T12:00"))
    assert (found.last_day, found.prudent_day) == (date(2027, 1, 15), date(2026, 4, 15))
    assert (found.level, found.is_time_barred) == (95, False)
    assert "3 mois" in found.caution.fr


def test_a_ground_without_a_period_has_no_date_and_one_counted_from_majority_is_unknown():
    now = at("2026-06-01T12:00")
    assert limitation(ground("tco-terrorist-content"), now, now) is None
    assert limitation(ground("csam-referral"), now, now).is_unknown


def test_the_earliest_of_several_grounds_is_the_one_still_running():
    published, now = at("2026-01-01T12:00"), at("2026-06-01T12:00")
    found = [limitation(ground(g), published, now) for g in (SIMPLE, INCITEMENT, "threat-death")]
    assert earliest(found).ground_id == INCITEMENT
    assert earliest(found[:1]).is_time_barred
    assert earliest([None]) is None


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        limitation(ground(), datetime(2026, 1, 1), at("2026-01-02T12:00"))


def test_months_are_added_from_day_to_day():
    assert add_months(date(2026, 10, 31), 1) == date(2026, 11, 30)
    assert add_months(date(2026, 12, 31), 12) == date(2027, 12, 31)
