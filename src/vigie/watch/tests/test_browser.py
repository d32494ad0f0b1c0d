"""The wall in a real browser: by keyboard alone, on a narrow screen, and nothing that axe reports."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from tests.browsing import HOST, a_browser, a_page, press

from vigie.casefile.models import Case
from vigie.organisations.tests.cast import Cast
from vigie.watch.models import Lesson, Sighting, Surge, Watch
from vigie.watch.rules.values import Does
from vigie.watch.tests.builders import give, make_post, make_source, make_watch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with a_browser(chromium) as started:
        yield started


@pytest.fixture
def watched(cast: Cast) -> Watch:
    source = make_source(cast.anatole.actor, name="Blog d’essai")
    watch = make_watch(cast.anatole.actor, source, name="Zorglubs", terms=("zinzolins",), does=Does.PROPOSE)
    texts = [
        "Le premier message inventé, avec zinzolins dedans et bougnoule aussi",
        "Un second message tout autre, zinzolins encore",
    ]
    give(source, [make_post(f"{texts[n % 2]} {'!' * n}", reach=n, language="fr") for n in range(4)])
    Surge.objects.create(
        organisation_id=cast.veille.pk, watch=watch, kind="all", name="", onset_at=timezone.now(), called_at=timezone.now(),
        seen=40, expected=2.5, window_minutes=5,
    )  # fmt: skip
    return watch


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']][:3]}" for one in found]


def test_by_keyboard_one_wave_is_dismissed_another_made_a_case_and_taken_back(
    cast: Cast, watched: Watch, browser: Browser
) -> None:
    with a_page(browser, cast.bruno.browser()) as page:
        page.goto(f"{HOST}/bureau/")
        press(page, "g")
        press(page, "v")
        expect(page.locator(".sighting")).to_have_count(2)
        press(page, "j")
        press(page, "j")
        press(page, "2")  # the second: a quotation
        expect(page.locator(".sighting")).to_have_count(1)
        press(page, "c")
        expect(page.get_by_text("Rien n’attend")).to_be_visible()
        assert Case.objects.of(cast.veille).get().door == "watch"
        press(page, "u")
        expect(page.locator(".sighting")).to_have_count(1)
    assert Case.objects.of(cast.veille).get().stage == "closed"
    assert Lesson.objects.of(cast.veille).get().reason == "quoted"


@pytest.mark.appearance
def test_the_pages_have_nothing_that_axe_reports_and_fit_a_narrow_screen(
    cast: Cast, watched: Watch, browser: Browser
) -> None:
    wave = Sighting.objects.of(cast.veille).earliest("pk").wave_id
    surge = Surge.objects.of(cast.veille).get().pk
    addresses = [
        reverse("wall"), reverse("wave", args=[wave]), reverse("surge", args=[surge]), reverse("watches"), reverse("watch-new"),
        reverse("watch", args=[watched.pk]), reverse("source-new", args=["x"]), reverse("source-new", args=["rss"]),
    ]  # fmt: skip
    with a_page(browser, cast.chloe.browser()) as page:
        for address in addresses:
            page.set_viewport_size({"width": 1200, "height": 900})
            page.goto(f"{HOST}{address}")
            assert faults(page) == [], address
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
            assert "bougnoule" not in page.content()
