"""Rises, by table and on planted noise. The sentences of docs/performance.md are measured by benchmarks/watch.py."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from vigie.watch.rules import surge
from vigie.watch.rules.surge import MINUTE, alpha_for, at_least, expected_at, is_over, onset, rise

START = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday
NOW = START + timedelta(weeks=3, hours=14, minutes=20)


def steady(per_hour: int, *, until: datetime = NOW) -> tuple[dict[datetime, int], dict[datetime, int]]:
    """Return hours and minutes of a series that always finds as many, drawn by a fixed chance."""
    chance, minutes, at = random.Random(5), {}, START
    while at <= until:
        number = sum(chance.random() < per_hour / 600 for _ in range(10))
        if number:
            minutes[at] = number
        at += MINUTE
    return hours_of(minutes), minutes


def hours_of(minutes: dict[datetime, int]) -> dict[datetime, int]:
    hours: dict[datetime, int] = {}
    for at, count in minutes.items():
        hours[at.replace(minute=0)] = hours.get(at.replace(minute=0), 0) + count
    return hours


@pytest.mark.parametrize(
    ("mean", "variance", "seen"), [(2.0, 2.0002, 5), (10.0, 20.0, 25), (0.5, 1.0, 6), (300.0, 900.0, 420)]
)
def test_the_tail_is_that_of_a_negative_binomial(mean: float, variance: float, seen: int) -> None:
    size = mean * mean / (variance - mean)
    share = size / (size + mean)
    below = sum(
        math.exp(math.lgamma(k + size) - math.lgamma(size) - math.lgamma(k + 1) + size * math.log(share) + k * math.log1p(-share))
        for k in range(seen)
    )  # fmt: skip
    assert at_least(seen, mean=mean, variance=variance) == pytest.approx(1 - below, rel=1e-5)


def test_a_planted_raid_is_called_within_minutes_with_its_likely_start() -> None:
    hours, minutes = steady(60)
    planted = NOW + timedelta(minutes=1)
    for late in range(1, 6):
        at = NOW + late * MINUTE
        minutes[at] = minutes.get(at, 0) + 20  # twenty times as many
        expected = expected_at(hours, minutes, at, since=START)
        assert expected is not None
        found = rise(minutes, at, expected, alpha=alpha_for(40))
        if found:
            break
    assert found
    assert late <= 4
    assert abs(found.onset_at - planted) <= timedelta(minutes=1)


def test_the_same_number_is_a_rise_at_night_and_none_at_noon() -> None:
    hours = {}
    for n in range(24 * 21):
        at = START + n * timedelta(hours=1)
        hours[at] = 200 if 10 <= at.hour <= 16 else 2
    night, noon = START + timedelta(weeks=3, hours=3, minutes=30), START + timedelta(weeks=3, hours=13, minutes=30)
    calls = []
    for at in (night, noon):
        minutes = {at - n * MINUTE: 8 for n in range(5)}
        expected = expected_at(hours, minutes, at, since=START)
        assert expected is not None
        calls.append(rise(minutes, at, expected, alpha=alpha_for(40)) is not None)
    assert calls == [True, False]


def test_a_week_of_plain_noise_calls_nothing() -> None:
    hours, minutes = steady(120, until=START + timedelta(weeks=3))
    for n in range(0, 7 * 24 * 60, 7):
        at = START + timedelta(weeks=2) + n * MINUTE
        expected = expected_at(hours, minutes, at, since=START) if n % 63 == 0 else expected  # noqa: F821
        assert expected is not None
        assert rise(minutes, at, expected, alpha=alpha_for(40)) is None, at


def test_a_young_series_is_learned_and_not_judged() -> None:
    assert expected_at({}, {}, NOW, since=NOW - timedelta(hours=23)) is None
    assert expected_at({}, {}, NOW, since=NOW - timedelta(hours=26)) is not None


def test_a_few_posts_are_no_rise_however_quiet_it_was() -> None:
    expected = expected_at({}, {}, NOW, since=START)
    assert expected is not None
    few = {NOW - n * MINUTE: 1 for n in range(surge.LEAST_SEEN - 1)}
    assert rise(few, NOW, expected, alpha=0.5) is None


def test_a_past_raid_does_not_become_the_expected() -> None:
    hours, minutes = steady(60)
    quiet = expected_at(hours, minutes, NOW, since=START)
    raided = {**hours, **{NOW.replace(minute=0) - timedelta(weeks=1, hours=n): 3000 for n in range(2)}}
    after = expected_at(raided, minutes, NOW, since=START)
    assert quiet
    assert after
    assert after.per_hour < 2 * quiet.per_hour


def test_the_start_is_where_the_level_changes() -> None:
    began = NOW - 17 * MINUTE
    minutes = {NOW - n * MINUTE: 1 for n in range(18, 170, 2)} | {began + n * MINUTE: 9 for n in range(18)}
    assert abs(onset(minutes, NOW, 0.5) - began) <= MINUTE


def test_a_rise_is_over_after_half_an_hour_of_no_more_than_usual() -> None:
    minutes = {NOW - n * MINUTE: 5 for n in range(31, 60)}
    assert is_over(minutes, NOW, 60.0)
    assert not is_over({**minutes, NOW - 10 * MINUTE: 50}, NOW, 60.0)
