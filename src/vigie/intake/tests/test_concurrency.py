"""Several people and several workers at the same moment, on the real database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from vigie.casefile.journal import first_break
from vigie.casefile.models import Case, Content
from vigie.intake.actions import file_next, file_report
from vigie.intake.models import Report
from vigie.intake.tests.builders import ADDRESS, NOW, receive
from vigie.organisations.tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; return what they returned."""
    together = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        together.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(run, call) for call in calls]]


def test_two_reports_of_one_new_content_filed_at_once_are_one_case(cast: Cast) -> None:
    for number in range(5):
        address = f"https://agora.example/p/{number}"
        reports = [receive(cast.public, address).report for _ in range(4)]
        cases = at_once(*[lambda report=report: file_report(report, NOW) for report in reports])
        assert len({case.pk for [case] in cases}) == 1
    assert Content.objects.of(cast.veille).count() == Case.objects.of(cast.veille).count() == 5
    assert set(Case.objects.of(cast.veille).values_list("reports_count", flat=True)) == {4}
    assert first_break(cast.veille.pk) is None


def test_an_ordinary_report_and_a_referral_at_once_leave_one_content_never_fetched(cast: Cast) -> None:
    for number in range(5):
        address = f"https://agora.example/p/{number}"
        ordinary = receive(cast.public, address).report
        referred = receive(cast.public, address, about="child-abuse").report
        at_once(lambda: file_report(ordinary, NOW), lambda: file_report(referred, NOW))  # noqa: B023 run at once
    contents = Content.objects.of(cast.veille)
    assert contents.count() == 5
    assert all(content.never_fetch for content in contents)


def test_the_same_form_sent_at_once_is_one_report_with_one_code(cast: Cast) -> None:
    received = at_once(*[lambda: receive(cast.public, ADDRESS, nonce="n" * 32) for _ in range(4)])
    assert len({one.receipt_code for one in received}) == 1
    assert sorted(one.is_new for one in received) == [False, False, False, True]
    assert Report.objects.of(cast.veille).count() == 1


def test_a_proof_spent_twice_at_once_is_spent_once(cast: Cast) -> None:
    received = at_once(*[lambda n=n: receive(cast.public, f"https://a.example/{n}", proof="p") for n in range(3)])
    assert sorted(one.report.unproven for one in received) == [False, True, True]


def test_several_workers_file_each_report_once(cast: Cast) -> None:
    for number in range(12):
        receive(cast.public, f"https://agora.example/p/{number % 4}")
    at_once(*[lambda: file_next(NOW) for _ in range(3)])
    file_next(NOW)
    assert Case.objects.of(cast.veille).count() == 4
    assert set(Case.objects.of(cast.veille).values_list("reports_count", flat=True)) == {3}
    assert not Report.objects.of(cast.veille).filter(filed_at=None).exists()
