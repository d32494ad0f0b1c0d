"""The tray of letters at the desk, through its addresses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vigie.intake.doors.mailbox.actions import take_in
from vigie.intake.doors.mailbox.models import IncomingMail
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.tests.builders import AMINA, PNG, POST, REFERENCE, a_letter
from vigie.intake.models import Report
from vigie.organisations.tests.cast import Cast

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def in_the_tray(cast: Cast, text: str = "On me traite de <b>salope</b> sur un forum", **headers: str) -> IncomingMail:
    message = a_letter(text, **headers)
    message.add_attachment(PNG, maintype="image", subtype="png", filename="capture.png")
    raw = message.as_bytes()
    return take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=NOW)


def test_the_tray_shows_what_waits_and_why(cast: Cast) -> None:
    mail = in_the_tray(cast, subject="Au secours")
    browser = cast.bruno.browser()
    page = browser.get("/bureau/courrier/").content.decode()
    assert "Au secours" in page
    assert "Aucune adresse de contenu" in page
    assert f"/bureau/courrier/{mail.pk}/" in page
    assert "1 courriel attend" in browser.get("/bureau/").content.decode()


def test_a_letter_is_read_as_plain_words_masked_and_without_who_wrote(cast: Cast) -> None:
    mail = in_the_tray(cast)
    browser = cast.bruno.browser()
    page = browser.get(f"/bureau/courrier/{mail.pk}/").content.decode()
    assert "salope" not in page
    assert "&lt;b&gt;" in page
    assert AMINA not in page
    assert "…@courriel.example" in page
    assert "capture.png" in page
    assert "salope" in browser.get(f"/bureau/courrier/{mail.pk}/?mots=1").content.decode()


def test_a_letter_becomes_a_report_in_its_case(cast: Cast) -> None:
    mail = in_the_tray(cast)
    browser = cast.bruno.browser()
    page = f"/bureau/courrier/{mail.pk}/"
    assert browser.post(page, {"do": "report", "report-addresses": " "}).status_code == 422
    answer = browser.post(page, {"do": "report", "report-addresses": POST})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/bureau/dossiers/D-")
    assert Report.objects.of(cast.veille).get().addresses == [POST]
    assert browser.post(page, {"do": "report", "report-addresses": POST}).status_code == 409


def test_the_addresses_that_were_found_are_suggested(cast: Cast) -> None:
    mail = in_the_tray(cast, f"Absente. {POST}", Auto_Submitted="auto-replied")
    assert POST in cast.bruno.browser().get(f"/bureau/courrier/{mail.pk}/").content.decode()


def test_a_letter_joins_its_notice_or_is_set_aside(cast: Cast) -> None:
    first, second = in_the_tray(cast, "a"), in_the_tray(cast, "b", message_id="<2@c.example>")
    browser = cast.bruno.browser()
    refused = browser.post(f"/bureau/courrier/{first.pk}/", {"do": "answer", "answer-reference": "12"})
    assert refused.status_code == 422
    assert "N-7K3M-Q2XA" in refused.content.decode()
    browser.post(f"/bureau/courrier/{first.pk}/", {"do": "answer", "answer-reference": REFERENCE})
    assert browser.post(f"/bureau/courrier/{second.pk}/", {"do": "aside", "aside-why": ""}).status_code == 422
    browser.post(f"/bureau/courrier/{second.pk}/", {"do": "aside", "aside-why": "advertising"})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.kind, first.reference, second.settled_as) == ("answer", REFERENCE, "advertising")
    assert "Rien n’attend ici" in browser.get("/bureau/courrier/").content.decode()
    assert "Quelqu’un s’en est occupé" in browser.get(f"/bureau/courrier/{second.pk}/").content.decode()


@pytest.mark.parametrize("address", ["/bureau/courrier/", "/bureau/courrier/{}/"])
def test_the_tray_is_for_who_triages_and_for_this_association(cast: Cast, address: str) -> None:
    page = address.format(in_the_tray(cast).pk)
    assert cast.victor.browser().get(page).status_code == 403
    assert cast.dario.browser().get(page).status_code == (404 if "{}" in address else 200)
    assert "forum" not in cast.dario.browser().get(page).content.decode()
