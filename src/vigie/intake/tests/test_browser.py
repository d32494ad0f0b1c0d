"""The public pages in a real browser: for every eye, every screen, the keyboard alone, and with a real proof of work."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from vigie.intake.actions import file_next
from vigie.intake.models import Report
from vigie.intake.tests.builders import ADDRESS, png, received_and_filed
from vigie.organisations.tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EITHER = pytest.mark.parametrize(("language", "width"), [("fr-FR", 1200), ("en-GB", 320)])


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, cast: Cast) -> Iterator[Page]:
    with browser.new_context(locale="fr-FR") as context:
        opened = context.new_page()
        faults: list[str] = []
        opened.on("pageerror", lambda fault: faults.append(str(fault)))
        opened.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
        yield opened
        assert not faults


def assert_suits_everyone(page: Page, language: str, width: int) -> None:
    assert page.locator("html").get_attribute("lang") == language[:2]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@EITHER
@pytest.mark.appearance
def test_each_page_suits_everyone(
    live_server: LiveServer, browser: Browser, cast: Cast, language: str, width: int
) -> None:
    with browser.new_context(locale=language, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(live_server.url)
        assert_suits_everyone(page, language, width)
        page.locator("main button:visible").first.click()
        expect(page.get_by_role("alert")).to_be_focused()
        assert_suits_everyone(page, language, width)
        page.locator("#id_addresses").fill(f"{ADDRESS}\nhttps://forum.example/{'long' * 40}")
        page.locator("main button:visible").first.click()
        code = page.locator("#code").text_content() or ""
        assert re.fullmatch(r"(\d{4} ){3}\d{4}", code)
        assert_suits_everyone(page, language, width)
        page.goto(f"{live_server.url}/suivi")
        assert_suits_everyone(page, language, width)
        page.locator("#id_code").fill(code)
        page.locator("main button:visible").first.click()
        page.locator("#id_text").fill("Une précision inventée.")
        page.locator("main button").first.click()
        expect(page.get_by_role("status")).to_be_focused()
        assert_suits_everyone(page, language, width)


def test_the_proof_of_work_is_solved_while_the_person_writes(live_server: LiveServer, page: Page, cast: Cast) -> None:
    page.goto(live_server.url)
    page.locator("#id_addresses").fill(ADDRESS)
    expect(page.locator("[name=altcha]")).not_to_have_value("", timeout=30_000)
    page.locator("main button:visible").first.click()
    expect(page.locator("#code")).to_be_visible()
    report = Report.objects.of(cast.veille).get()
    assert report.proof
    assert not report.unproven
    assert page.context.cookies() == []


def test_the_keyboard_alone_sends_a_report_with_a_file(live_server: LiveServer, page: Page, cast: Cast) -> None:
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "id_addresses":
            break
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.locator("#id_attachments").set_input_files({"name": "e.png", "mimeType": "image/png", "buffer": png()})
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_visible()
    assert Report.objects.of(cast.veille).get().about == "antisemitism"


def test_the_page_loaded_again_still_shows_the_code(live_server: LiveServer, page: Page, cast: Cast) -> None:
    page.goto(live_server.url)
    page.locator("#id_addresses").fill(ADDRESS)
    page.locator("main button:visible").first.click()
    code = page.locator("#code").text_content()
    page.reload()
    assert page.locator("#code").text_content() == code
    assert Report.objects.of(cast.veille).count() == 1
    assert "?" not in page.url


def test_escape_twice_leaves_and_back_does_not_return(live_server: LiveServer, page: Page, cast: Cast) -> None:
    page.route("https://www.meteofrance.com/**", lambda route: route.fulfill(body="<title>Ailleurs</title>"))
    page.goto("about:blank")
    page.goto(f"{live_server.url}/suivi")
    page.goto(live_server.url)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_title("Ailleurs")
    page.go_back(wait_until="commit")  # to the page before, which leads away by itself
    expect(page).to_have_title("Ailleurs")
    page.go_back(wait_until="commit")
    expect(page).to_have_url("about:blank")
    page.goto(live_server.url)  # whoever types the address wants to be here
    expect(page.locator("#id_addresses")).to_be_visible()


def test_without_javascript_the_whole_way_works(live_server: LiveServer, browser: Browser, cast: Cast) -> None:
    with browser.new_context(locale="fr-FR", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url)
        page.locator("#id_addresses").fill(ADDRESS)
        page.locator("main button:visible").first.click()
        code = page.locator("#code").text_content() or ""
        page.get_by_role("link", name="Suivre mon signalement").click()
        page.locator("#id_code").fill(code)
        page.locator("main button:visible").first.click()
        expect(page.get_by_role("heading", name="Où en est-il ?")).to_be_visible()
        exit_link = page.get_by_role("link", name="Quitter vite")
        assert (exit_link.get_attribute("href") or "").startswith("https://")
    assert Report.objects.of(cast.veille).get().unproven


def test_the_referral_is_read_at_once(live_server: LiveServer, page: Page, cast: Cast) -> None:
    page.goto(live_server.url)
    page.locator("#id_addresses").fill(ADDRESS)
    page.locator("#id_about").select_option("child-abuse")
    page.locator("main button:visible").first.click()
    expect(page.get_by_role("heading", name="Signalez aussi vous-même, maintenant")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    file_next(Report.objects.of(cast.veille).get().received_at)


@EITHER
def test_what_is_set_aside_is_decided_upon_by_everyone(
    live_server: LiveServer, browser: Browser, cast: Cast, language: str, width: int
) -> None:
    received_and_filed(cast.public, description="injure")
    _, [case] = received_and_filed(cast.public, about="child-abuse")
    with browser.new_context(locale=language, viewport={"width": width, "height": 800}) as context:
        session = cast.chloe.browser().cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/bureau/")
        assert_suits_everyone(page, language, width)
        page.goto(f"{live_server.url}/bureau/dossiers/{case.ref}/")
        assert_suits_everyone(page, language, width)
        assert page.get_by_text("injure").count() == 0
        page.locator("button[name=lift]").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("injure")).to_be_attached()
        assert_suits_everyone(page, language, width)
