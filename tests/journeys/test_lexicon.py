"""An analyst who cannot code adds a code word seen this morning, in a real browser, by keyboard, for every reader.

She sees what it would have caught last month and at what precision, takes it, and the hint of a case shows it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browsing import press
from tests.processes.house import a_house

pytestmark = pytest.mark.browser

# Eight decisions of last month with the word, one text that waits, one that only quotes it; and what rises.
SEED = """
import json
from datetime import timedelta
from django.utils import timezone
from vigie.casefile.tests.builders import make_case
from vigie.learning.tests.builders import INSULT, OPINION, decided, pull_all
from vigie.learning.tests.test_emerging import BACKGROUND, TEXTS
from vigie.organisations.tests.cast import make_cast

cast, now = make_cast(), timezone.now()
here = cast.veille.pk
for text in TEXTS:
    decided(here, text, ground=INSULT, now=now - timedelta(days=9), language="fr")
for text in BACKGROUND:
    decided(here, text, reason=OPINION, now=now - timedelta(days=20), language="fr")
decided(here, "Le zorglub est une créature de bande dessinée", reason="not-illegal-news-history", now=now - timedelta(days=3), language="fr")
waiting = make_case(here, text="Encore un zorglub au coin de ma rue ce matin", language="fr")
make_case(here, text="Il a crié « sale zorglub » sur ma sœur, dit-elle", language="fr")
pull_all(here)

def session(person):
    return person.browser().session.session_key

print(json.dumps({"anatole": session(cast.anatole), "bruno": session(cast.bruno), "ref": waiting.ref}))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    with a_house(tmp_path_factory.mktemp("lexicon")) as house:
        known = json.loads(house.run(SEED))
        _web, address = house.web()
        yield address, known


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        started.close()


def page_of(desk: tuple[str, dict[str, str]], browser: Browser, who: str) -> Page:
    address, known = desk
    context = browser.new_context(base_url=address, locale="fr-FR")
    context.add_cookies([{"name": "sessionid", "value": known[who], "url": address}])
    return context.new_page()


def suits_everyone(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def test_a_code_word_seen_this_morning_counts_before_the_coffee_is_cold(
    desk: tuple[str, dict[str, str]], browser: Browser
) -> None:
    anatole, bruno = page_of(desk, browser, "anatole"), page_of(desk, browser, "bruno")
    case = f"/bureau/dossiers/{desk[1]['ref']}/"
    bruno.goto(case)
    expect(bruno.get_by_text("Nom de code inventé")).to_have_count(0)

    anatole.goto("/bureau/lexique/")
    suits_everyone(anatole)
    with anatole.expect_navigation():
        press(anatole, "n")
    suits_everyone(anatole)
    anatole.get_by_label("Le mot ou l’expression").fill("zorglub")
    anatole.get_by_label("Ce qu’il veut dire").fill("Nom de code inventé pour un groupe")
    anatole.get_by_label("Qui est visé").select_option("roma")
    anatole.get_by_label("Mots qui, à côté, disent que c’est le sens ordinaire").fill("dessinée")
    with anatole.expect_navigation():
        anatole.get_by_role("button", name="Voir ce que cela donnerait").click()
    suits_everyone(anatole)
    trial = anatole.get_by_role("region", name="Ce que cela donnerait")
    expect(trial).to_contain_text("Repérés en plus")
    expect(trial).to_contain_text("7 retenus sur 7 décidés")
    expect(trial).to_contain_text("1 pas encore décidé")
    expect(trial).to_contain_text("Vus, mais cité")
    expect(trial).to_contain_text("Vus, mais au sens ordinaire")
    bruno.reload()
    expect(bruno.get_by_text("Nom de code inventé")).to_have_count(0)  # nothing is changed yet

    with anatole.expect_navigation(url=re.compile(r"/bureau/lexique/\d+/$")):
        anatole.get_by_role("button", name="Prendre ce changement").click()
    expect(anatole.get_by_role("status")).to_contain_text("C’est pris")
    bruno.reload()
    expect(bruno.get_by_text("Nom de code inventé pour un groupe")).to_be_visible()

    with anatole.expect_navigation():
        anatole.get_by_role("button", name="Reprendre la version précédente").click()
    bruno.reload()
    expect(bruno.get_by_text("Nom de code inventé")).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/bureau/lexique/valeur/", "/bureau/lexique/montent/", "/lexique", "/bureau/lexique/?mots=1"]
)
def test_every_page_of_the_lexicon_suits_every_reader(
    desk: tuple[str, dict[str, str]], browser: Browser, path: str
) -> None:
    page = page_of(desk, browser, "anatole")
    page.goto(path)
    suits_everyone(page)
