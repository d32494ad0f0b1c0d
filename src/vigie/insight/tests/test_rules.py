"""What each figure means, by table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vigie.casefile.rules.events import Event
from vigie.insight.rules.arithmetic import Sum, hidden, quantile, share
from vigie.insight.rules.definitions import DELAYS, FIGURES, had_its_24_hours, is_quick
from vigie.insight.rules.facts import CaseFacts, Happening, NoticeFacts, told

DAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def a_case(*happenings: Happening) -> CaseFacts:
    return told(CaseFacts(ref="D-AAAA-AAAA", platform="agora", door="form", opened_at=DAY), happenings)


def counted(case: CaseFacts) -> dict[str, int]:
    return {figure.id: len(list(figure.occurrences(case))) for figure in FIGURES}


NOTICE, POST = "N-AAAA-AAAA", "agora:post:1"


def read(
    hours: float, outcome: str, *, reply: int = 1, decided: float | None = None, notice: str = NOTICE
) -> Happening:
    """A person reads a reply at `hours`; the platform had decided at `decided`."""
    when = at(hours if decided is None else decided).isoformat()
    is_decision = outcome != "acknowledgement-only"
    data = {"reference": notice, "reply": reply, "outcome": outcome, "decided_at": when if is_decision else None}
    return Happening(Event.REPLY_READ, at(hours), data)


def looked(hours: float, online: str, content: str = POST) -> Happening:
    return Happening(Event.CHECK_DONE, at(hours), {"content": content, "online": online})


REPORTED = Happening(Event.REPORT_JOINED, at(0), {"report": 1})
QUALIFIED = Happening(Event.QUALIFIED, at(2), {"content": POST, "ground": "insult-public-origin-religion"})
DECLINED = Happening(Event.DECLINED, at(2), {"reason": "not-illegal-opinion"})
DRAFTED = Happening(Event.NOTICE_DRAFTED, at(2.5), {"reference": NOTICE, "platform": "agora", "contents": [POST]})
SENT = Happening(Event.NOTICE_SENT, at(3), {"reference": NOTICE})
REMOVED = read(30, "content-removed", reply=2)
REFUSED = read(9, "no-violation")
GONE = looked(2.5, "deleted-by-author")
BACK = looked(40, "present")


def test_a_case_joined_to_another_counts_there_with_the_time_it_waited_and_its_report_here() -> None:
    joined = {"joined": "D-BBBB-BBBB", "opened_at": at(-50).isoformat(), "reports": [1], "contents": []}
    qualified = Happening(Event.QUALIFIED, at(3), {"ground": "insult"})
    stays = a_case(Happening(Event.CASE_JOINED, at(2), joined), qualified)
    assert stays.opened_at == at(-50)
    gone = Happening(Event.CASE_CLOSED, at(2), {"reason": "duplicate", "into": "D-AAAA-AAAA"})
    report = Happening(Event.REPORT_JOINED, at(1), {"report": 1})
    elsewhere = a_case(report, gone)
    assert counted(elsewhere) == dict.fromkeys(counted(elsewhere), 0) | {"received": 1}
    assert not [one for delay in DELAYS for one in delay.spans(elsewhere)]
    assert counted(a_case(report, gone, Happening(Event.STATE_RESTORED, at(4), {})))["opened"] == 1
    parted = Happening(Event.CASE_PARTED, at(4), {"joined": "D-BBBB-BBBB", "reports": [1]})
    assert a_case(Happening(Event.CASE_JOINED, at(2), joined), report, parted) == a_case(
        gone, Happening(Event.CASE_REOPENED, at(4), {})
    )


@pytest.mark.parametrize(
    ("happenings", "expected"),
    [
        ([REPORTED, REPORTED], {"received": 2, "opened": 1, "treated": 0}),
        ([REPORTED, DECLINED], {"treated": 1, "declined": 1, "qualified": 0}),
        ([REPORTED, DECLINED, QUALIFIED], {"treated": 1, "declined": 0, "qualified": 1}),
        ([REPORTED, QUALIFIED, DRAFTED, SENT, SENT], {"notified": 1, "removed": 0}),
        ([REPORTED, QUALIFIED, DRAFTED, SENT, REMOVED], {"removed": 1, "gone-before": 0}),
        ([REPORTED, QUALIFIED, DRAFTED, GONE, SENT], {"removed": 0, "gone-before": 1}),
        ([REPORTED, QUALIFIED, DRAFTED, SENT, REMOVED, BACK], {"removed": 0}),
        ([REPORTED, QUALIFIED, DRAFTED, SENT, REFUSED, REMOVED], {"removed": 1, "notified": 1}),
        # What the platform says it had already removed is no work of ours, whatever is seen afterwards.
        (
            [REPORTED, QUALIFIED, DRAFTED, SENT, read(9, "already-removed"), looked(27, "removed-by-platform")],
            {"removed": 0, "gone-before": 1},
        ),
        # Less visible, or kept secret, is not removed.
        ([REPORTED, QUALIFIED, DRAFTED, SENT, read(9, "reduced-visibility")], {"removed": 0, "gone-before": 0}),
        # It says removed; we see it online afterwards.
        ([REPORTED, QUALIFIED, DRAFTED, SENT, read(9, "content-removed"), looked(10, "present")], {"removed": 0}),
        # The same, whichever of the two somebody wrote down first.
        (
            [REPORTED, QUALIFIED, DRAFTED, SENT, looked(10, "present"), read(30, "content-removed", decided=9)],
            {"removed": 0},
        ),
        # A reading that was corrected is not counted as it was first.
        (
            [REPORTED, QUALIFIED, DRAFTED, SENT, read(9, "content-removed"), read(11, "no-violation")],
            {"removed": 0, "notified": 1},
        ),
    ],
)
def test_a_case_is_counted_as_its_definition_says(happenings: list[Happening], expected: dict[str, int]) -> None:
    found = counted(a_case(*happenings))
    assert {name: found[name] for name in expected} == expected


def test_a_case_is_removed_when_the_last_of_its_notified_contents_is() -> None:
    both = Happening(Event.NOTICE_DRAFTED, at(2.5), {"reference": NOTICE, "platform": "agora", "contents": [POST, "b"]})
    first_gone = looked(10, "removed-by-platform")
    assert counted(a_case(REPORTED, QUALIFIED, both, SENT, first_gone))["removed"] == 0
    case = a_case(REPORTED, QUALIFIED, both, SENT, first_gone, looked(20, "deleted-by-author", "b"))
    assert (counted(case)["removed"], case.gone_at) == (1, at(20))


def test_a_receipt_of_one_notice_is_no_decision_about_another() -> None:
    other = "N-BBBB-BBBB"
    case = a_case(
        REPORTED, QUALIFIED, DRAFTED, SENT, read(9, "content-removed"),
        Happening(Event.NOTICE_DRAFTED, at(10), {"reference": other, "platform": "x", "contents": ["x:post:9"]}),
        Happening(Event.NOTICE_SENT, at(11), {"reference": other}),
        read(12, "acknowledgement-only", reply=3, notice=other),
    )  # fmt: skip
    assert [(notice.platform, notice.decided_at) for notice in case.notices] == [("agora", at(9)), ("x", None)]
    assert case.notices[1].received_at == at(12)
    assert case.gone_at is None  # the second content is still there, as far as anybody knows


def test_a_notice_that_a_server_brought_back_notified_nobody_until_it_is_sent_again() -> None:
    returned = Happening(Event.NOTICE_FAILED, at(4), {"reference": NOTICE})
    assert a_case(REPORTED, QUALIFIED, DRAFTED, SENT, returned).notices == ()
    again = Happening(Event.NOTICE_SENT, at(50), {"reference": NOTICE})
    assert a_case(REPORTED, QUALIFIED, DRAFTED, SENT, returned, again).notices[0].sent_at == at(50)


def test_a_decision_counts_from_when_the_platform_took_it_and_not_from_when_we_read_it() -> None:
    """Decided within two hours on Friday evening, read on Monday."""
    notice = a_case(REPORTED, QUALIFIED, DRAFTED, SENT, read(70, "content-removed", decided=5)).notices[0]
    assert is_quick(notice)


def test_a_receipt_counts_from_when_it_reached_us() -> None:
    arrived = Happening(
        Event.REPLY_RECEIVED, at(4.1), {"reference": NOTICE, "reply": 1, "received_at": at(4).isoformat()}
    )
    notice = a_case(REPORTED, QUALIFIED, DRAFTED, SENT, arrived, read(70, "acknowledgement-only")).notices[0]
    assert (notice.received_at, notice.decided_at) == (at(4), None)


def test_what_was_sent_by_hand_left_when_it_was_sent_and_not_when_it_was_noted() -> None:
    by_hand = Happening(Event.NOTICE_SENT_BY_HAND, at(60), {"reference": NOTICE, "sent_at": at(3).isoformat()})
    assert a_case(REPORTED, QUALIFIED, DRAFTED, by_hand).notices[0].sent_at == at(3)


def test_a_ground_given_up_is_counted_no_more() -> None:
    second = Happening(Event.QUALIFIED, at(2), {"content": POST, "ground": "incitement"})
    given_up = Happening(Event.LIMITATION_COUNTED, at(3), {"content": POST, "withdrawn": "incitement"})
    assert a_case(REPORTED, QUALIFIED, second, given_up).grounds == ("insult-public-origin-religion",)


def test_a_reminder_can_turn_a_refusal_and_the_first_decision_keeps_its_time() -> None:
    notice = a_case(REPORTED, QUALIFIED, DRAFTED, SENT, REFUSED, REMOVED).notices[0]
    assert notice.decided_at == at(9)
    assert notice.outcome == "content-removed"


@pytest.mark.parametrize(
    ("sent", "decided", "expected"),
    [
        (0, 23, (True, True)),
        (0, 24, (True, True)),
        (0, 25, (False, True)),
        (0, None, (False, True)),
        (90, None, (False, False)),  # its 24 hours are not over
        (90, 91, (True, True)),
    ],
)
def test_the_share_within_24_hours_waits_for_the_24_hours(
    sent: float, decided: float | None, expected: tuple[bool, bool]
) -> None:
    notice = NoticeFacts("N", at(sent), decided_at=at(decided) if decided is not None else None)
    assert (is_quick(notice), had_its_24_hours(notice, at(100))) == expected


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
        ([0, 7, 12], [0, 7, 12, 19]),
        ([3, 7, 12], [None, None, 12, 22]),  # alone, the 3 could be had back from the total
        ([3, 4, 12], [None, None, 12, 19]),
        ([1, 1, 12], [None, None, None, 14]),  # what two hidden numbers add up to could tell each of them
        ([4, 4, 12], [None, None, None, 20]),
        ([4, 4], [None, None, None]),
        ([4], [None, None]),
        ([3, 0, 0], [None, 0, 0, None]),
    ],
)
def test_small_numbers_are_hidden_and_cannot_be_had_back(numbers: list[int], shown: list[int | None]) -> None:
    named = dict(enumerate([*numbers, sum(numbers)]))
    kept_back = hidden(named, [Sum(len(numbers), tuple(range(len(numbers))))])
    assert [None if name in kept_back else number for name, number in named.items()] == shown
