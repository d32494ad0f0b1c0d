"""How many keys a clear case takes, from the queue where its report arrived to its notice in the post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import HOST, a_browser, a_page, press
from vigie.notice.models import Notice
from vigie.notice.tests.cases import make_content, opened_case
from vigie.organisations.tests.cast import Cast
from vigie.outbox.models import OutgoingMail

pytestmark = pytest.mark.browser

# key, and what shows that it did its work
KEYS = (
    ("n", "the next case opens and is taken", "[data-key=q]"),
    ("q", "its reading begins, the ground suggested", "#reading"),
    ("t", "its words are quoted", "#quotes input:checked"),
    ("o", "the conditions are answered yes", "[data-questions=elements] input[value=yes]:checked"),
    ("x", "nothing excludes it", "[data-questions=excluders] input[value=no]:checked"),
    ("Enter", "the ground stands, the notice is next", "[data-key=e]"),
    ("e", "the notice is prepared and shown as it leaves", "form[action$='/envoyer'] [data-key=e]"),
    ("e", "it is in the post", "text=en cours d’envoi"),
)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with a_browser(chromium) as started:
        yield started


@pytest.fixture
def page(cast: Cast, browser: Browser) -> Iterator[Page]:
    with a_page(browser, cast.bruno.browser()) as shown:
        yield shown


def test_a_clear_case_takes_eight_keys_from_the_queue_to_the_post(cast: Cast, page: Page) -> None:
    opened_case(cast.bruno, [make_content(cast.bruno, text="Ces immigrés sont tous des parasites.")])
    page.goto(f"{HOST}/bureau/")
    for key, _what, seen in KEYS:
        press(page, key)
        page.wait_for_selector(seen)
    [mail] = OutgoingMail.objects.of(cast.veille)
    assert "Ces immigrés sont tous des parasites." in mail.body
    assert len(KEYS) <= 12


def test_an_e_too_many_does_not_say_that_a_form_was_filled_in(cast: Cast, page: Page) -> None:
    """Where mail leaves with `e`, a form is noted with `e` and Enter: a habit must not make a record of what nobody sent."""
    text = "Ces immigrés sont tous des parasites."
    address = "https://x.com/invente/status/1712345"
    opened_case(cast.bruno, [make_content(cast.bruno, text=text, platform="x", url=address)])
    page.goto(f"{HOST}/bureau/")
    for key, _what, seen in KEYS[:6]:
        press(page, key)
        page.wait_for_selector(seen)
    press(page, "e")
    noted = page.locator("form[action$='/envoyee-a-la-main'] button[data-key=e]")
    noted.wait_for()
    press(page, "e")
    expect(noted).to_be_focused()
    press(page, "e")
    assert Notice.objects.of(cast.veille).get().sent_at is None
