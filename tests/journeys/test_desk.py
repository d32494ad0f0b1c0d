"""The desk in a real browser: all by keyboard, for every reader, on every screen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browsing import press
from tests.processes.house import a_house

pytestmark = pytest.mark.browser

# A desk with Bruno's and Chloé's sessions and a dozen cases; prints what the tests need to know.
SEED = """
import json
from datetime import timedelta
from django.utils import timezone
from vigie.casefile.tests.builders import make_case
from vigie.organisations.tests.cast import make_cast
from vigie.triage.actions import move_case
from vigie.triage.marks import mark_new_texts
from vigie.triage.rules.moves import Kind, Move

cast, now = make_cast(), timezone.now()

def session(person):
    return person.browser().session.session_key

texts = [
    "Rentrez tous chez vous demain matin, sale gitan, ou nous viendrons vous chercher",
    "RENTREZ tous chez vous demain matin !!! sale gitan ou nous viendrons vous chercher",
    "Quelle honte, encore une affiche arrachée place du marché.",
    "On sait où tu habites.",
    "",
    "Un message plus long, " * 30,
]
cases = [
    make_case(
        cast.veille.pk, text=texts[n % len(texts)], now=now - timedelta(hours=n * 7), danger=1 if n == 3 else 0,
        limitation_on=(now + timedelta(days=12)).date().isoformat() if n == 5 else None, account="@compte_invente",
        url=f"https://x.com/compte_invente/status/17{n:05}", language="fr",
    )
    for n in range(12)
]
move_case(actor=cast.chloe.actor, ref=cases[11].ref, move=Move(Kind.CLAIM), now=now)
while mark_new_texts(organisation_id=cast.veille.pk):
    pass
print(json.dumps({
    "bruno": session(cast.bruno), "chloe": session(cast.chloe), "victor": session(cast.victor),
    "refs": [case.ref for case in cases],
}))
"""


@dataclass
class Desk:
    address: str
    known: dict[str, Any]

    def cookies(self, who: str) -> list[dict[str, str]]:
        return [{"name": "sessionid", "value": self.known[who], "url": self.address}]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_house(tmp_path_factory.mktemp("desk")) as house:
        known = json.loads(house.run(SEED))
        _web, address = house.web()
        yield Desk(address, known)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        started.close()


def sit_down(desk: Desk, browser: Browser, who: str, **options: Any) -> BrowserContext:
    context = browser.new_context(base_url=desk.address, **{"locale": "fr-FR", **options})
    context.add_cookies(desk.cookies(who))  # type: ignore[arg-type]
    return context


def suits_everyone(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_queue_fits_at_twice_its_size(desk: Desk, browser: Browser) -> None:
    """A screen of 1280 pixels at 200 % is one of 640 (WCAG 2.2, 1.4.4 and 1.4.10)."""
    with sit_down(desk, browser, "chloe", viewport={"width": 640, "height": 450}) as context:
        page = context.new_page()
        page.goto(f"{desk.address}/bureau/")
        assert page.locator("[data-row]").count()
        suits_everyone(page, 640)


@pytest.mark.parametrize("path", ["", "?danger=1&prescription=30", "dossiers/{2}/", "dossiers/{0}/?mots=1",
                                  "dossiers/{0}/journal/", "touches/"])  # fmt: skip
@pytest.mark.parametrize(("language", "width"), [("fr-FR", 1280), ("en-GB", 320)])
@pytest.mark.appearance
def test_every_page_suits_everyone(desk: Desk, browser: Browser, path: str, language: str, width: int) -> None:
    with sit_down(desk, browser, "chloe", locale=language, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto("/bureau/" + path.format(*desk.known["refs"]))
        assert page.locator("html").get_attribute("lang") == language[:2]
        suits_everyone(page, width)


@pytest.mark.appearance
def test_the_dark_side_and_the_review_of_a_bulk_action_suit_everyone_too(desk: Desk, browser: Browser) -> None:
    options = {"viewport": {"width": 320, "height": 800}, "color_scheme": "dark"}
    with sit_down(desk, browser, "chloe", **options) as context:
        page = context.new_page()
        page.goto("/bureau/")
        suits_everyone(page, 320)
        page.get_by_label(f"Choisir {desk.known['refs'][7]}").check()
        page.get_by_label(f"Choisir {desk.known['refs'][11]}").check()
        page.get_by_role("button", name="Clore").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("vérifier avant d’agir")
        suits_everyone(page, 320)


@pytest.mark.appearance
def test_a_volunteers_first_page_suits_everyone(desk: Desk, browser: Browser) -> None:
    with sit_down(desk, browser, "victor", viewport={"width": 320, "height": 800}) as context:
        page = context.new_page()
        page.goto("/bureau/")
        suits_everyone(page, 320)


def test_a_morning_by_keyboard_alone(desk: Desk, browser: Browser) -> None:
    with sit_down(desk, browser, "bruno") as context:
        page = context.new_page()
        page.goto("/bureau/")
        rows = page.locator("tbody tr")
        first, second = rows.nth(0), rows.nth(1)
        # j stands on a row, k goes back up
        press(page, "j")
        expect(first.locator("[data-open]")).to_be_focused()
        press(page, "j")
        expect(second.locator("[data-open]")).to_be_focused()
        press(page, "k")
        expect(first.locator("[data-open]")).to_be_focused()
        # x chooses, Shift+x chooses up to here, and it is said aloud
        press(page, "x")
        for _ in range(2):
            press(page, "j")
        press(page, "Shift+X")
        expect(page.locator("#say")).to_have_text("3 choisis")
        # ? lists the keys of the page; Escape closes
        press(page, "?")
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Descendre d’un dossier")
        expect(dialog).to_contain_text("Dossier suivant")
        suits_everyone(page, 1280)
        press(page, "Escape")
        expect(dialog).to_be_hidden()
        # / goes to the search, where letters write
        press(page, "/")
        expect(page.get_by_label("Retrouver un dossier")).to_be_focused()
        page.keyboard.type("jxn")
        expect(page.get_by_label("Retrouver un dossier")).to_have_value("jxn")
        # Enter on a row takes the case and opens it
        page.goto("/bureau/")
        press(page, "j")
        press(page, "Enter")
        expect(page.get_by_text("Vous tenez ce dossier.")).to_be_visible()
        # n takes the next one
        taken = page.url
        press(page, "n")
        page.wait_for_url(lambda url: url != taken)
        expect(page.get_by_text("Vous tenez ce dossier.")).to_be_visible()
        # r gives it back; g f goes to the queue
        press(page, "r")
        expect(page.get_by_text("Le dossier est rendu à la file d’attente.")).to_be_visible()
        page.goto("/bureau/touches/")
        press(page, "g")
        press(page, "f")
        page.wait_for_url(f"{desk.address}/bureau/")


def test_many_at_once_are_reviewed_done_and_taken_back(desk: Desk, browser: Browser) -> None:
    with sit_down(desk, browser, "chloe") as context:
        page = context.new_page()
        page.goto("/bureau/")
        for ref in desk.known["refs"][7:9]:
            page.get_by_label(f"Choisir {ref}").check()
        page.get_by_role("button", name="Fixer l’urgence").click()
        expect(page.get_by_text("2 dossiers vont changer")).to_be_visible()
        page.get_by_label("danger immédiat").check()
        page.get_by_role("button", name="Confirmer").click()
        expect(page.get_by_text(re.compile("2 dossiers modifiés à"))).to_be_visible()
        expect(page.locator("tbody").get_by_text("danger immédiat")).to_have_count(2)
        press(page, "u")
        expect(page.get_by_text("2 dossiers sont redevenus comme avant.")).to_be_visible()
        expect(page.locator("tbody").get_by_text("danger immédiat")).to_have_count(0)


def test_words_are_uncovered_only_when_asked(desk: Desk, browser: Browser) -> None:
    with sit_down(desk, browser, "chloe") as context:
        page = context.new_page()
        page.goto(f"/bureau/dossiers/{desk.known['refs'][0]}/")
        assert "sale gitan" not in page.content()
        press(page, "m")
        expect(page.locator(".content-text")).to_contain_text("sale gitan")


def test_single_keys_can_be_switched_off(desk: Desk, browser: Browser) -> None:
    with sit_down(desk, browser, "chloe") as context:
        page = context.new_page()
        page.goto("/bureau/touches/")
        page.get_by_role("button", name="Éteindre").click()
        page.goto("/bureau/")
        press(page, "?")
        press(page, "j")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("body")).to_be_focused()


def test_without_scripts_everything_still_works(desk: Desk, browser: Browser) -> None:
    with sit_down(desk, browser, "bruno", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/bureau/")
        page.get_by_role("button", name=desk.known["refs"][9]).click()
        expect(page.get_by_text("Vous tenez ce dossier.")).to_be_visible()
        page.get_by_role("button", name="Rendre à la file").click()
        page.get_by_role("link", name="Touches du clavier").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Touches du clavier")
