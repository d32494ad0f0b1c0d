"""The page of figures: who may see what, what is shown, what leaves."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from vigie.casefile.actions import keep_content, open_case
from vigie.casefile.journal import record
from vigie.casefile.models import Case
from vigie.casefile.rules.events import Event
from vigie.insight.web import views
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


def test_each_number_opens_the_cases_behind_it_and_they_agree(cast: Cast, case: Case) -> None:
    """All of them: the totals, every table, the share in 24 hours, the delays."""
    two_days_ago = timezone.now() - timedelta(days=2)
    with transaction.atomic():
        drafted = {"reference": "N-AAAA-AAAA", "platform": "facebook", "contents": ["x:post:1"]}
        record(Event.NOTICE_DRAFTED, actor=cast.bruno.actor, now=two_days_ago, case=case, data=drafted)
        for event, data in (
            (Event.NOTICE_SENT_BY_HAND, {"sent_at": two_days_ago.isoformat()}),
            (Event.REPLY_READ, {
                "reply": 1, "outcome": "content-removed", "platform_says": "removed",
                "decided_at": (two_days_ago + timedelta(hours=2)).isoformat(),
            }),
        ):  # fmt: skip
            data = {"reference": "N-AAAA-AAAA", **data}
            record(event, actor=cast.bruno.actor, now=timezone.now(), case=case, data=data)
    bruno = cast.bruno.browser()
    page = bruno.get("/bureau/chiffres/").content.decode()
    links = re.findall(r'<a href="(/bureau/chiffres/[a-z0-9-]+/\?[^"]*)">(\d+)', page)
    assert len(links) > 20
    for address, number in links:
        behind = bruno.get(html.unescape(address))
        assert behind.context["total"] == len(behind.context["rows"]) == int(number), address
        assert case.ref in behind.content.decode()
    opened = {address.split("/")[3] for address, _number in links}
    assert {"24h-quick", "24h-counted", "to-notice", "to-removal", "to-receipt", "notified", "removed"} <= opened


def test_more_than_a_page_of_cases_behind_a_number_can_all_be_reached(cast: Cast, case: Case, monkeypatch: Any) -> None:
    monkeypatch.setattr("vigie.insight.web.views.ROWS_BEHIND", 4)
    bruno = cast.bruno.browser()
    pages = [bruno.get(f"/bureau/chiffres/received/?page={number}") for number in (1, 2)]
    assert [len(page.context["rows"]) for page in pages] == [4, 2]
    assert "page=2" in pages[0].content.decode()


def exported(member: Client, **headers: str) -> list[list[str]]:
    text = member.get("/bureau/chiffres/export.csv", headers=headers).content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))


def test_what_leaves_hides_small_numbers_and_says_so(cast: Cast, case: Case) -> None:
    rows = exported(cast.chloe.browser())
    total = dict(zip(rows[0], rows[1], strict=True))
    assert total["Signalements reçus"] == "6"  # though no ground adds up to it
    assert total["Dossiers qualifiés"] == "masqué"
    assert total["Notifications envoyées"] == "0"
    page = cast.chloe.browser().get("/bureau/chiffres/?publie=1")
    assert page.context["figures"][3]["shown"] == "masqué"


def test_a_share_is_rounded_and_never_cut_off(cast: Cast) -> None:
    page = cast.bruno.browser().get("/bureau/chiffres/").content.decode()
    assert "50,0\u00a0%" in page
    assert "66,7\u00a0%" in page
    english = cast.bruno.browser().get("/bureau/chiffres/", headers={"Accept-Language": "en"}).content.decode()
    assert "66.7%" in english


def test_what_is_missing_is_no_zero_and_no_blank_in_the_export(cast: Cast, case: Case) -> None:
    to_receipt = next(row for row in exported(cast.chloe.browser()) if row[1:2] == ["to-receipt"])
    assert to_receipt[3:] == ["n.d.", "n.d.", "0", "0"]


def test_a_chart_for_publication_draws_nothing_of_what_is_hidden(cast: Cast, case: Case) -> None:
    drawn = cast.chloe.browser().get("/bureau/chiffres/graphiques/mois.svg?publie=1").content.decode()
    assert "Signalements reçus: 6" in drawn or "nombre: 6" in drawn
    page = cast.chloe.browser().get("/bureau/chiffres/?publie=1").content.decode()
    assert "< 5" not in page
    assert "/bureau/chiffres/qualified/" not in page


def test_the_export_is_written_for_the_spreadsheets_of_its_language(cast: Cast, case: Case) -> None:
    chloe = cast.chloe.browser()
    french = chloe.get("/bureau/chiffres/export.csv").content.decode("utf-8-sig").splitlines()[0]
    assert french.startswith("tableau;clé;libellé;")
    english = chloe.get("/bureau/chiffres/export.csv", headers={"Accept-Language": "en"})
    assert english.content.decode("utf-8-sig").splitlines()[0].startswith("table,key,label,")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_name_in_the_export_is_a_formula(cast: Cast, name: str) -> None:
    assert views._as_text(name) == f"'{name}"
    assert views._as_text("agora") == "agora"


def test_a_volunteer_may_not_see_figures(cast: Cast) -> None:
    assert cast.victor.browser().get("/bureau/chiffres/").status_code == 403
    assert cast.anatole.browser().get("/bureau/chiffres/export.csv").status_code == 200
    assert cast.bruno.browser().get("/bureau/chiffres/export.csv").status_code == 403


@pytest.mark.parametrize("name", ["mois", "24h"])
def test_charts_are_drawn_as_pictures(cast: Cast, case: Case, name: str) -> None:
    answer = cast.bruno.browser().get(f"/bureau/chiffres/graphiques/{name}.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")
