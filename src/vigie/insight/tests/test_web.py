"""The page of figures: who may see what, what is shown, what leaves."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import transaction
from django.utils import timezone

from vigie.casefile.actions import keep_content, open_case
from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.organisations.tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    now = timezone.now()
    with transaction.atomic():
        content = keep_content(
            organisation_id=cast.veille.pk,
            key="x:post:1",
            platform="x",
            kind="post",
            url="https://x.com/i/status/1",
            now=now,
        )
        case = open_case(actor=cast.public, content=content, door="form", now=now)
        for number in range(6):
            record(Event.REPORT_JOINED, actor=cast.public, now=now, case=case, data={"report": number})
        record(
            Event.QUALIFIED,
            actor=cast.bruno.actor,
            now=now,
            case=case,
            data={"ground": "insult-public-origin-religion"},
        )
    return case


def test_figures_show_what_the_journal_tells_and_open_the_cases_behind(cast: Cast, case: Case) -> None:
    bruno = cast.bruno.browser()
    page = bruno.get("/bureau/chiffres/")
    assert page.status_code == 200
    assert page.context["figures"][0]["shown"] == "6"
    assert "n.d." in page.content.decode()
    behind = bruno.get("/bureau/chiffres/qualified/")
    assert case.ref in behind.content.decode()


def test_a_choice_that_fits_nothing_counts_nothing(cast: Cast, case: Case) -> None:
    page = cast.bruno.browser().get("/bureau/chiffres/?platform=tiktok")
    assert {one["shown"] for one in page.context["figures"]} == {"0"}


def test_an_analyst_sees_figures_and_no_case(cast: Cast, case: Case) -> None:
    anatole = cast.anatole.browser()
    page = anatole.get("/bureau/chiffres/")
    assert page.status_code == 200
    assert case.ref not in page.content.decode()
    assert anatole.get("/bureau/chiffres/qualified/").status_code == 403


def test_another_association_counts_only_its_own(cast: Cast, case: Case) -> None:
    page = cast.dario.browser().get("/bureau/chiffres/")
    assert {one["shown"] for one in page.context["figures"]} == {"0"}


def test_what_leaves_hides_small_numbers(cast: Cast, case: Case) -> None:
    answer = cast.chloe.browser().get("/bureau/chiffres/export.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    total = dict(zip(rows[0], rows[1], strict=True))
    assert total["received"] == "6"
    assert total["qualified"] == ""
    page = cast.chloe.browser().get("/bureau/chiffres/?publie=1")
    assert page.context["figures"][3]["shown"] == "< 5"


def test_a_volunteer_may_not_see_figures(cast: Cast) -> None:
    assert cast.victor.browser().get("/bureau/chiffres/").status_code == 403
    assert cast.anatole.browser().get("/bureau/chiffres/export.csv").status_code == 200
    assert cast.bruno.browser().get("/bureau/chiffres/export.csv").status_code == 403


@pytest.mark.parametrize("name", ["mois", "24h"])
def test_charts_are_drawn_as_pictures(cast: Cast, case: Case, name: str) -> None:
    answer = cast.bruno.browser().get(f"/bureau/chiffres/graphiques/{name}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")
