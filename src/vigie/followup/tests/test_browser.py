"""The pages of notices and of what follows, in a real browser: by keyboard, on a narrow screen, nothing axe reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, sync_playwright
from tests.browsing import press

from vigie.followup import actions
from vigie.followup.models import Reply
from vigie.followup.tests.builders import hear, sent_notice
from vigie.followup.tests.test_actions import REMOVED, THERE, Eyes, follow, look_all
from vigie.notice.actions import draft_notices, send_notice
from vigie.notice.models import Notice, NoticeState
from vigie.notice.tests.cases import NOW, make_content, qualified_case
from vigie.organisations.tests.cast import Cast
from vigie.outbox.models import Fate, OutgoingMail

pytestmark = pytest.mark.browser

HOST = "http://testserver"
SHOTS = os.environ.get("SCREENSHOTS", "")
NARROW = {"width": 320, "height": 800}
WIDE = {"width": 1200, "height": 1000}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        started.close()


@pytest.fixture
def page(cast: Cast, browser: Browser) -> Iterator[Page]:
    client = cast.bruno.browser()
    context = browser.new_context(locale="fr-FR", viewport=WIDE)  # type: ignore[arg-type]
    shown = context.new_page()
    shown.on("pageerror", lambda fault: pytest.fail(f"the page's script failed: {fault}"))
    shown.set_default_timeout(8000)
    here = copy_context()
    shown.route("**/*", lambda route: hand_over(route, client, here))
    yield shown
    context.close()


def hand_over(route: Route, client: Client, here: Context) -> None:
    """Ask Django what the browser asks, in the context of the test: elsewhere it would open another connection."""
    request = route.request
    address = urlsplit(request.url)
    answer = here.copy().run(
        client.generic, request.method, f"{address.path}?{address.query}", request.post_data_buffer or b"",
        content_type=request.headers.get("content-type", "application/octet-stream"),
        headers={"accept-language": "fr"}, follow=True,
    )  # fmt: skip
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=body)


def posted(page: Page, *keys: str) -> None:
    with page.expect_response(lambda response: response.request.method == "POST"):
        for key in keys:
            press(page, key)


def test_two_keys_from_the_qualified_case_to_the_sent_notice(page: Page, cast: Cast) -> None:
    case = qualified_case(cast.bruno)
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/")
    posted(page, "e")
    page.wait_for_selector("#letter")
    posted(page, "e")
    assert Notice.objects.of(cast.veille).get().state is NoticeState.QUEUED


def test_an_answer_is_read_with_one_key_when_the_suggestion_is_right(page: Page, cast: Cast) -> None:
    reply = hear(sent_notice(cast.bruno), "Après examen, nous avons retiré ce contenu.")
    page.goto(f"{HOST}/bureau/suites/")
    press(page, "y")
    page.wait_for_selector("#letter")
    posted(page, "e")
    reply.refresh_from_db()
    assert reply.outcome == "content-removed"


def test_another_outcome_is_chosen_by_its_number(page: Page, cast: Cast) -> None:
    reply = hear(sent_notice(cast.bruno), "Après examen, nous avons retiré ce contenu.")
    page.goto(f"{HOST}/bureau/reponses/{reply.pk}/")
    assert page.input_value("[name=message]").startswith("Bonne nouvelle")
    press(page, "2")
    assert page.input_value("[name=message]").startswith("La plateforme n’a pas retiré")
    posted(page, "e")
    assert Reply.objects.of(cast.veille).get().outcome == "no-violation"


def test_a_text_is_copied_field_by_field(page: Page, cast: Cast) -> None:
    content = make_content(cast.bruno, platform="x", url="https://x.com/i/status/12345")
    case = qualified_case(cast.bruno, contents=[content])
    draft_notices(actor=cast.bruno.actor, case=case, now=NOW)
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/notification/")
    # A page without TLS has no clipboard of its own: what would be written is noted instead.
    page.evaluate(
        "() => { window.kept = []; navigator.clipboard ??= {}; navigator.clipboard.writeText = async t => kept.push(t); }"
    )
    page.get_by_role("button", name="Copier").first.click()
    assert page.evaluate("() => kept") == ["https://x.com/i/status/12345"]


def a_notice_to_read(cast: Cast) -> str:
    case = qualified_case(cast.bruno)
    draft_notices(actor=cast.bruno.actor, case=case, language="fr", now=NOW)
    return f"/bureau/dossiers/{case.ref}/notification/"


def a_form_to_fill(cast: Cast) -> str:
    content = make_content(cast.bruno, platform="x", url="https://x.com/i/status/12346")
    case = qualified_case(cast.bruno, contents=[content])
    draft_notices(actor=cast.bruno.actor, case=case, now=NOW)
    return f"/bureau/dossiers/{case.ref}/notification/"


def a_text_to_change(cast: Cast) -> str:
    case = qualified_case(cast.bruno)
    notice = draft_notices(actor=cast.bruno.actor, case=case, language="fr", now=NOW)[0]
    return f"/bureau/dossiers/{case.ref}/notification/{notice.ref}/modifier/"


def a_grave_matter(cast: Cast) -> str:
    return f"/bureau/dossiers/{qualified_case(cast.bruno, ground='terrorism-apology-provocation').ref}/pharos/"


def messages_that_wait(cast: Cast) -> str:
    for fate in (Fate.UNKNOWN, Fate.FAILED):
        case = qualified_case(cast.bruno)
        notice = draft_notices(actor=cast.bruno.actor, case=case, language="fr", now=NOW)[0]
        mail = send_notice(actor=cast.bruno.actor, notice=notice, now=NOW).mail
        OutgoingMail.objects.of(cast.veille).filter(pk=mail.pk).update(
            fate=fate, settled_at=NOW, last_error="the line dropped after the text was handed over"
        )
    return "/bureau/envois/"


def everything_due(cast: Cast) -> str:
    messages_that_wait(cast)
    hear(sent_notice(cast.bruno), "Nous avons bien reçu votre notification.")
    hear(sent_notice(cast.bruno), "We found no violation of our rules.")
    sent_notice(cast.bruno)
    follow()
    actions.raise_reminders(NOW + timedelta(days=1))
    return "/bureau/suites/"


def an_answer(cast: Cast) -> str:
    reply = hear(sent_notice(cast.bruno), "Bonjour,\n\nAprès examen, nous avons retiré ce contenu.\n\nLa modération")
    return f"/bureau/reponses/{reply.pk}/"


def a_followed_case(cast: Cast) -> str:
    notice = sent_notice(cast.bruno)
    follow()
    hear(notice, "We have received your notice.")
    look_all(Eyes(THERE), NOW + timedelta(hours=1))
    look_all(Eyes(REMOVED), NOW + timedelta(days=1))
    actions.ask_checks(actor=cast.bruno.actor, case=notice.case, now=timezone.now())
    return f"/bureau/dossiers/{notice.case.ref}/"


@pytest.mark.parametrize(
    "make",
    [
        a_notice_to_read, a_form_to_fill, a_text_to_change, a_grave_matter, messages_that_wait, everything_due,
        an_answer, a_followed_case,
    ],
)  # fmt: skip
@pytest.mark.appearance
def test_every_page_reads_well_by_ear_and_on_a_telephone(page: Page, cast: Cast, make: Callable[[Cast], str]) -> None:
    page.goto(HOST + make(cast))
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert not found.response["violations"], found.generate_report()
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{make.__name__}.png", full_page=True)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"]
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{make.__name__}-narrow.png", full_page=True)
