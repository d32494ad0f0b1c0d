"""Agora's pages in a real browser: nothing that axe reports, nothing wider than a small telephone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from agora.testing import RunningAgora, running_agora
from agora.tests.builders import ANSWERS_TO, notice, quoting, send

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def agora(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgora]:
    """An Agora where something has happened: decided, silent and open notices, posts in every state."""
    with running_agora(tmp_path_factory.mktemp("agora"), receipt_after=0) as running:
        send(running, notice(quoting(running, "4101")))
        running.wait_for_mail(ANSWERS_TO, count=2)
        running.delete_by_author(running.post("4102"))
        running.login_wall(running.post("4103"))
        running.make_unavailable(running.post("4104"))
        running.suspend_account("meute_404")
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        started.close()


_PAGES = [
    "/",
    "/@bruno_potager",
    "/@lison_m/posts/4004",
    "/@bruno_potager/posts/4010",
    "/@gazette/posts/4020",
    "/@rempart_du_val/posts/4101",
    "/@corbeau_gris/posts/4102",
    "/@vent_mauvais/posts/4103",
    "/@meute_404",
    "/ecrire?reponse=4004",
    "/signaler-un-contenu",
    "/moderation",
    "/moderation/AGORA-{year}-000001",
    "/coulisses",
    "/coulisses/4010",
]


@pytest.mark.parametrize("path", _PAGES)
@pytest.mark.parametrize(("language", "width"), [("fr-FR", 1200), ("en-GB", 320)])
def test_every_page_suits_everyone(agora: RunningAgora, browser: Browser, path: str, language: str, width: int) -> None:
    with browser.new_context(locale=language, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        year = agora.notices()[0].received_at.year
        page.goto(agora.url + path.format(year=year))
        assert page.locator("html").get_attribute("lang") == language[:2]
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_a_form_with_errors_suits_everyone_and_keeps_what_was_written(agora: RunningAgora, browser: Browser) -> None:
    with browser.new_context(locale="fr-FR") as context:
        page = context.new_page()
        page.goto(f"{agora.url}/signaler-un-contenu")
        page.locator("form").evaluate("form => { form.noValidate = true }")
        page.get_by_label("Adresse exacte").fill("https://ailleurs.example/")
        page.get_by_role("button", name="Envoyer la notification").click()
        assert page.get_by_role("alert").get_by_role("link").count() == 6
        assert page.get_by_label("Adresse exacte").input_value() == "https://ailleurs.example/"
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()


def test_the_moderator_is_played_by_keyboard_alone(tmp_path: Path, browser: Browser) -> None:
    with running_agora(tmp_path, manual=True) as agora, browser.new_context(locale="fr-FR") as context:
        send(agora, notice(quoting(agora, "4105")))
        reference = agora.wait_for_notice().reference
        page = context.new_page()
        page.goto(f"{agora.url}/moderation")
        page.get_by_role("link", name=reference).focus()
        page.keyboard.press("Enter")
        page.get_by_label("Retirer").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Appliquer la décision").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Une personne a décidé").wait_for()
        assert agora.post("4105").state == "removed"
