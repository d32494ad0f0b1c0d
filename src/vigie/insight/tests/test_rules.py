"""What each figure means, by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vigie.casefile.rules.events import Event
from vigie.insight.rules.arithmetic import published, published_row, quantile, share
from vigie.insight.rules.definitions import FIGURES, decided_within_24_hours
from vigie.insight.rules.facts import CaseFacts, Happening, NoticeFacts, told

DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def a_case(*happenings: Happening) -> CaseFacts:
    return told(CaseFacts(ref="D-AAAA-AAAA", platform="agora", door="form", opened_at=DAY), happenings)


def counted(case: CaseFacts) -> dict[str, int]:
    return {figure.id: len(list(figure.occurrences(case))) for figure in FIGURES}


REPORTED = Happening(Event.REPORT_JOINED, at(0), {"report": 1})
QUALIFIED = Happening(Event.QUALIFIED, at(2), {"ground": "insult-public-origin-religion"})
DECLINED = Happening(Event.DECLINED, at(2), {"reason": "not-illegal-opinion"})
SENT = Happening(Event.NOTICE_SENT, at(3), {"reference": "N-AAAA-AAAA"})
REMOVED = Happening(Event.REPLY_READ, at(30), {"reference": "N-AAAA-AAAA", "platform_says": "removed"})
REFUSED = Happening(Event.REPLY_READ, at(9), {"reference": "N-AAAA-AAAA", "platform_says": "refused"})
GONE = Happening(Event.ONLINE_CHANGED, at(2.5), {"online": "deleted-by-author"})
BACK = Happening(Event.ONLINE_CHANGED, at(40), {"online": "present"})


@pytest.mark.parametrize(
    ("happenings", "expected"),
    [
        ([REPORTED, REPORTED], {"received": 2, "opened": 1, "treated": 0}),
        ([REPORTED, DECLINED], {"treated": 1, "declined": 1, "qualified": 0}),
        ([REPORTED, DECLINED, QUALIFIED], {"treated": 1, "declined": 0, "qualified": 1}),
        ([REPORTED, QUALIFIED, SENT, SENT], {"notified": 1, "removed": 0}),
        ([REPORTED, QUALIFIED, SENT, REMOVED], {"removed": 1, "gone-before": 0}),
        ([REPORTED, QUALIFIED, GONE, SENT], {"removed": 0, "gone-before": 1}),
        ([REPORTED, QUALIFIED, SENT, REMOVED, BACK], {"removed": 0}),
        ([REPORTED, QUALIFIED, SENT, REFUSED, REMOVED], {"removed": 1, "notified": 1}),
    ],
)
def test_a_case_is_counted_as_its_definition_says(happenings: list[Happening], expected: dict[str, int]) -> None:
    found = counted(a_case(*happenings))
    assert {name: found[name] for name in expected} == expected


def test_a_reminder_can_turn_a_refusal_and_the_first_decision_keeps_its_time() -> None:
    notice = a_case(REPORTED, QUALIFIED, SENT, REFUSED, REMOVED).notices[0]
    assert notice.decided_at == at(9)
    assert notice.outcome == "removed"


@pytest.mark.parametrize(
    ("sent", "decided", "expected"),
    [
        (0, 23, (1, 1)),
        (0, 24, (1, 1)),
        (0, 25, (0, 1)),
        (0, None, (0, 1)),
        (90, None, (0, 0)),  # its 24 hours are not over
        (90, 91, (1, 1)),
    ],
)
def test_the_share_within_24_hours_waits_for_the_24_hours(
    sent: float, decided: float | None, expected: tuple[int, int]
) -> None:
    notice = NoticeFacts("N", at(sent), decided_at=at(decided) if decided is not None else None)
    assert decided_within_24_hours([notice], at(100)) == expected


def test_a_share_of_nothing_is_not_zero() -> None:
    assert share(0, 0).value is None
    assert share(1, 2).value == 0.5
    assert share(0, 10).high > 0.2  # type: ignore[operator]


def test_quantiles_are_those_of_what_is_known_or_nothing() -> None:
    hours = [timedelta(hours=h) for h in (1, 2, 3, 4)]
    assert quantile(hours, 0.5) == timedelta(hours=2.5)
    assert quantile(hours[:1], 0.9) == timedelta(hours=1)
    assert quantile([], 0.5) is None


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([0, 7, 12], [0, 7, 12]),
        ([3, 7, 12], [None, None, 12]),  # alone, the 3 could be had back from the total
        ([3, 4, 12], [None, None, 12]),
        ([4], [None]),
    ],
)
def test_small_numbers_are_hidden_and_cannot_be_had_back(numbers: list[int], shown: list[int | None]) -> None:
    assert published_row(numbers) == shown
    assert published(0) == 0
