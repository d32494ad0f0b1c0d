"""A page asks the database no more often when there is more to show."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.queries import joined_to
from vigie.casefile.rules.events import Event
from vigie.casefile.tests.builders import make_case
from vigie.followup.actions import raise_reminders
from vigie.followup.tests.builders import hear, sent_notice
from vigie.followup.tests.test_actions import follow
from vigie.intake.models import ReportCase
from vigie.intake.tests.builders import receive
from vigie.notice.tests.cases import NOW
from vigie.organisations.tests.cast import Cast

_numbers = itertools.count()


def queries(browser: Client, address: str) -> int:
    browser.get(address)  # what a process learns once is not counted
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def report_again(cast: Cast, case: Case, times: int) -> None:
    for _ in range(times):
        with transaction.atomic():
            report = receive(cast.public, nonce=f"report {next(_numbers)}").report
            ReportCase.objects.create(organisation_id=cast.veille.pk, report=report, case=case)
            record(Event.REPORT_JOINED, actor=cast.worker, now=NOW, case=case, data={"report": report.pk})


def test_the_queue(cast: Cast) -> None:
    browser = cast.bruno.browser()
    make_case(cast.veille.pk)
    few = queries(browser, "/bureau/")
    for _ in range(20):
        make_case(cast.veille.pk)
    assert queries(browser, "/bureau/") == few <= 17


def test_the_page_of_a_case_with_forty_reports(cast: Cast) -> None:
    browser, case = cast.bruno.browser(), make_case(cast.veille.pk)
    report_again(cast, case, 1)
    one = queries(browser, f"/bureau/dossiers/{case.ref}/")
    report_again(cast, case, 39)
    for _ in range(20):
        make_case(cast.veille.pk)
    assert queries(browser, f"/bureau/dossiers/{case.ref}/") == one


def test_the_page_of_a_case_with_a_notice_and_its_answers(cast: Cast) -> None:
    browser, notice = cast.bruno.browser(), sent_notice(cast.bruno)
    follow()
    hear(notice, "We have received your notice.", key="one")
    few = queries(browser, f"/bureau/dossiers/{notice.case.ref}/")
    for number in range(5):
        hear(notice, "We have removed it.", key=f"{number}")
    assert queries(browser, f"/bureau/dossiers/{notice.case.ref}/") == few <= 25


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a table of one page without any index")
def test_the_cases_joined_to_one_are_looked_up_among_the_joined_alone(cast: Cast) -> None:
    """Without it the page of a case read all cases of the house."""
    assert "case_joined" in joined_to(cast.veille.pk, "D-AAAA-AAAA").explain()


def test_the_list_of_what_follows(cast: Cast) -> None:
    browser, late = cast.bruno.browser(), NOW + timedelta(days=2)

    def silence_and_an_answer() -> None:
        sent_notice(cast.bruno)
        hear(sent_notice(cast.bruno), "We have removed it.")
        follow()
        while raise_reminders(late):
            pass

    silence_and_an_answer()
    few = queries(browser, "/bureau/suites/")
    silence_and_an_answer()
    silence_and_an_answer()
    assert queries(browser, "/bureau/suites/") == few


def test_the_figures_once_read(cast: Cast) -> None:
    """The journal is read once; then, of the cases that something happened to, their own part of it."""
    browser, case = cast.bruno.browser(), make_case(cast.veille.pk)
    few = queries(browser, "/bureau/chiffres/")
    for _ in range(20):
        make_case(cast.veille.pk)
    assert queries(browser, "/bureau/chiffres/") == few
    report_again(cast, case, 1)
    page = browser.get("/bureau/chiffres/")
    assert [figure["shown"] for figure in page.context["figures"][:2]] == ["1", "21"]
