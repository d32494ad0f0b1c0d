"""The pages of letters and imports in a real browser: nothing axe reports, on a wide screen and on a telephone's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, sync_playwright
from pytest_django.live_server_helper import LiveServer

from vigie.intake.doors.files import web
from vigie.intake.doors.files.models import ImportJob
from vigie.intake.doors.files.tasks import work_on_imports
from vigie.intake.doors.files.tests.test_imports import a_file, address, handed_in
from vigie.intake.doors.mailbox.actions import take_in
from vigie.intake.doors.mailbox.ports import Arrival
from vigie.intake.doors.mailbox.tests.builders import PNG, a_letter
from vigie.intake.models import Report
from vigie.organisations.tests.cast import Cast

pytestmark = pytest.mark.browser

HOST = "http://testserver"
SHOTS = os.environ.get("SCREENSHOTS", "")
WIDTHS = (320, 1200)
FILE = a_file(
    (address(1), "Une phrase inventée qui tient sur une ligne un peu longue", "05/10/2026"),
    (address(2), "sale bougnoule", "hier"), ("pas une adresse", "x", ""), (address(1), "encore", "06/10/2026"),
    header="adresse,texte,publié le",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        started.close()


def shown_by(browser: Browser, client: Client, *, language: str = "fr", width: int = 1200) -> Page:
    """Return a page whose every request Django answers, in the context of the test."""
    here = copy_context()
    context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.on("pageerror", lambda fault: pytest.fail(f"the page's script failed: {fault}"))
    page.set_default_timeout(8000)
    page.route("**/*", lambda route: hand_over(route, client, here, language))
    return page


def hand_over(route: Route, client: Client, here: Context, language: str) -> None:
    request = route.request
    place = urlsplit(request.url)
    given = {name: value for name, value in request.headers.items() if name.startswith("hx-")}
    answer = here.copy().run(
        client.generic, request.method, f"{place.path}?{place.query}", request.post_data_buffer or b"",
        content_type=request.headers.get("content-type", "application/octet-stream"),
        headers={"accept-language": language, **given}, follow=True,
    )  # fmt: skip
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=body)


def letters(cast: Cast) -> None:
    message = a_letter("On me traite de salope sur un forum.\n\nMerci", subject="Je ne sais plus quoi faire")
    message.add_attachment(PNG, maintype="image", subtype="png", filename="capture.png")
    for raw in (message.as_bytes(), a_letter("Bonjour", message_id="<2@c.example>", subject="").as_bytes()):
        take_in(organisation=cast.veille, arrival=Arrival("1", len(raw), raw), now=datetime.now(UTC))


def the_tray(cast: Cast) -> str:
    letters(cast)
    return "/bureau/courrier/"


def a_letter_to_sort(cast: Cast) -> str:
    letters(cast)
    return f"/bureau/courrier/{min(mail.pk for mail in _letters(cast))}/"


def _letters(cast: Cast) -> list[object]:
    from vigie.intake.doors.mailbox.queries import waiting_for_a_person

    return list(waiting_for_a_person(cast.bruno.actor))


def the_imports(cast: Cast) -> str:
    handed_in(cast, FILE)
    return "/bureau/import/"


def an_import_to_check(cast: Cast) -> str:
    job = handed_in(cast, FILE)
    work_on_imports(timezone.now())
    return f"/bureau/import/{job.pk}/"


def an_import_under_way(cast: Cast) -> str:
    job = handed_in(cast, FILE)
    ImportJob.objects.of(cast.veille).update(lines_total=4, lines_done=1, state="running")
    return f"/bureau/import/{job.pk}/"


def an_import_that_is_over(cast: Cast) -> str:
    from vigie.intake.doors.files.tests.test_imports import imported

    return f"/bureau/import/{imported(cast, FILE).pk}/"


def a_file_of_another_kind(cast: Cast) -> str:
    job = handed_in(cast, b"%PDF-1.7", "rapport.pdf")
    work_on_imports(timezone.now())
    return f"/bureau/import/{job.pk}/"


@pytest.mark.parametrize(
    "prepare",
    [the_tray, a_letter_to_sort, the_imports, an_import_to_check, an_import_under_way, an_import_that_is_over,
     a_file_of_another_kind],
    ids=lambda prepare: prepare.__name__,
)  # fmt: skip
@pytest.mark.appearance
def test_each_page_suits_everyone(browser: Browser, cast: Cast, prepare: Callable[[Cast], str]) -> None:
    place = prepare(cast)
    for language, width in (("fr", 1200), ("en", 320)):
        page = shown_by(browser, cast.bruno.browser(), language=language, width=width)
        page.goto(f"{HOST}{place}")
        for details in page.locator("main details").all():
            details.evaluate("one => { one.open = true }")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{prepare.__name__}-{language}-{width}.png", full_page=True)
        page.context.close()


@pytest.mark.django_db(transaction=True)
def test_a_file_is_handed_in_approved_and_followed_to_its_end(
    browser: Browser, live_server: LiveServer, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "READ_AT_ONCE_BYTES", 0)
    (tmp_path / "veille.csv").write_bytes(FILE)
    with browser.new_context(locale="fr-FR") as context:
        session = cast.bruno.browser().cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/bureau/import/")
        page.get_by_label("Fichier").set_input_files(tmp_path / "veille.csv")
        page.get_by_role("button", name="Lire ce fichier").click()
        page.get_by_text("Lecture en cours").wait_for()
        work_on_imports(timezone.now())
        page.get_by_text("Ce que cet import ferait").wait_for()  # the page went on by itself
        page.get_by_role("button", name="Importer", exact=True).click()
        page.get_by_text("En attente").wait_for()
        work_on_imports(timezone.now())
        page.get_by_text("Ce que cet import a fait").wait_for()
    assert Report.objects.of(cast.veille).count() == 3
