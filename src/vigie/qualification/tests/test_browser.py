"""The reading page in a real browser: keys, words chosen by their place, nothing that axe reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page
from tests import browsing
from tests.browsing import HOST, a_browser, a_page

from vigie.casefile.models import Case
from vigie.casefile.queries import contents_of
from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import Cast
from vigie.qualification.actions import ask_second_opinion
from vigie.qualification.models import Qualification
from vigie.qualification.queries import standing_readings

pytestmark = pytest.mark.browser

TEXT = "Encore eux. Les Arabes sont des parasites, espèces de bougnoules."


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with a_browser(chromium) as started:
        yield started


@pytest.fixture
def case(cast: Cast) -> Case:
    return make_case(cast.veille.pk, text=TEXT, published_at=datetime(2026, 11, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def page(cast: Cast, browser: Browser) -> Iterator[Page]:
    with a_page(browser, cast.bruno.browser()) as shown:
        yield shown


def quoted(case: Case) -> list[str]:
    return [quote.text for quote in standing_readings(case)[contents_of(case)[0].pk].quotes]


def press(page: Page, *keys: str) -> int:
    for key in keys:
        browsing.press(page, key)
        page.wait_for_load_state()
    return len(keys)


def test_a_clear_case_takes_five_keys_from_its_page_to_its_qualification(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/")
    spent = press(page, "q")
    page.wait_for_selector("#reading")
    spent += press(page, "t", "o", "x")
    with page.expect_response(lambda response: response.request.method == "POST"):
        spent += press(page, "Enter")
    assert quoted(case) == [TEXT]
    case.refresh_from_db()
    assert case.stage == "qualified"
    assert spent == 5


def test_a_case_is_declined_in_three_keys_from_its_page(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/")
    press(page, "e")
    page.wait_for_selector(".reasons")
    press(page, "3")
    page.wait_for_selector("#settle")
    with page.expect_response(lambda response: response.request.method == "POST"):
        press(page, "Enter")
    case.refresh_from_db()
    assert case.stage == "declined"


def test_words_are_chosen_with_the_mouse_and_a_masked_one_by_its_place(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/qualifier/")
    assert "bougnoules" not in page.content()
    page.evaluate(
        """() => { const words = document.querySelectorAll("#text .t");
            document.getSelection().setBaseAndExtent(words[words.length - 4], 0, words[words.length - 1], 1); }"""
    )
    press(page, "q")
    assert "b•••" in page.inner_text("#quotes")
    press(page, "o", "x")
    with page.expect_response(lambda response: response.request.method == "POST"):
        press(page, "Enter")
    assert quoted(case) == ["espèces de bougnoules."]


def test_words_are_chosen_with_the_arrows_and_each_question_answered_by_its_key(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/qualifier/")
    page.focus("#text")
    press(page, "ArrowRight", "ArrowRight", "Shift+ArrowRight", "q")
    assert "Les Arabes" in page.inner_text("#quotes")
    page.focus(".question input")
    press(page, "o", "o", "n", "o")
    press(page, "n", "d")
    answered = page.eval_on_selector_all(".question input:checked", "boxes => boxes.map((box) => box.name + box.value)")
    assert answered == ["e1yes", "e2yes", "e3no", "e4yes", "x1no", "x2doubtful"]


def test_letters_typed_in_a_field_are_letters(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/qualifier/")
    page.focus("#explication")
    page.keyboard.type("toxique")
    assert page.input_value("#explication") == "toxique"
    assert page.locator("#reading input:checked").count() == page.locator("input[name=critere]:checked").count()


@pytest.mark.parametrize("width", [1200, 320])
@pytest.mark.parametrize("rest", ["qualifier/", "ecarter/?raison=not-illegal-opinion", "ecarter/", ""])
@pytest.mark.appearance
def test_the_pages_suit_everyone(page: Page, case: Case, rest: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/{rest}")
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.appearance
def test_the_jurists_page_and_an_entry_of_the_law_suit_everyone_in_english(
    cast: Cast, browser: Browser, case: Case
) -> None:
    ask_second_opinion(actor=cast.bruno.actor, case=case, question="Est-ce une injure ?", now=timezone.now())
    with a_page(browser, cast.judith.browser(), language="en") as page:
        page.set_viewport_size({"width": 320, "height": 900})
        for path in (f"dossiers/{case.ref}/second-avis/", "droit/2026-11-20/threat-death/"):
            page.goto(f"{HOST}/bureau/{path}")
            assert page.get_attribute("html", "lang") == "en"
            found = Axe().run(page)
            assert not found.response["violations"], found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_ground_that_nothing_suggests_is_opened_with_f_a_few_letters_and_enter(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/qualifier/")
    spent = press(page, "f")
    page.keyboard.type("doxx")
    spent += len("doxx")
    with page.expect_navigation():
        spent += press(page, "Enter")
    page.wait_for_selector("#reading")
    assert "doxxing" in page.locator("#the-questions").inner_text()
    assert spent == 6
    press(page, "a")
    assert page.evaluate("document.activeElement.id") == "fondement"


def test_s_goes_to_the_second_opinion_and_enter_asks_for_it(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/qualifier/")
    press(page, "t", "o", "s", "s")
    case.refresh_from_db()
    assert not case.second_opinion_asked
    with page.expect_response(lambda response: response.request.method == "POST"):
        press(page, "Enter")
    case.refresh_from_db()
    assert case.second_opinion_asked


def test_what_was_ticked_is_kept_when_another_ground_is_searched(page: Page, case: Case) -> None:
    page.goto(f"{HOST}/bureau/dossiers/{case.ref}/qualifier/")
    press(page, "t", "o", "f")
    page.keyboard.type("apologie")
    with page.expect_response(lambda response: response.request.method == "POST") as sent:
        press(page, "Enter")
    assert sent.value.headers["location"].endswith("&chercher=apologie")
    assert "yes" in Qualification.objects.of(case.organisation_id).get().answers.values()
