"""No page of the desk holds a slur that its reader did not ask for: not in its words, attributes, title or fields."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.architecture.inhabited import SLUR, Inhabited, inhabit
from tests.architecture.test_strangers import ENTRIES, address_of
from vigie.organisations.tests.cast import Cast

# Where the words are what the page is for, and the links to it say so.
SHOWN_ON_PURPOSE = {
    "notice": "the letter exactly as it leaves",
    "notice-one": "the letter exactly as it leaves",
    "notice-edit": "the letter, to change it",
    "pharos": "the sheet, to copy it into the portal",
    "way-out": "the address itself is the link; a warning stands before it",
    "capture-bundle": "the sealed file, taken home",
    "notice-proof": "the sealed file, taken home",
    "watch": "the words that are asked for, to change them",
    "source": "the address that is read, to change it",
    "term": "the word itself, to change it",
    "report-file": "the file as it came, taken home",
}


@pytest.fixture
def house(cast: Cast) -> Inhabited:
    return inhabit(cast)


def test_a_page_holds_no_slur_unasked(cast: Cast, house: Inhabited) -> None:
    for name in sorted(name for name, entry in ENTRIES.items() if entry.get and name not in SHOWN_ON_PURPOSE):
        for person in (cast.bruno, cast.chloe, cast.judith, cast.adele, cast.anatole):
            page = person.browser().get(address_of(name, house)).content.decode(errors="replace")
            assert SLUR not in page, f"{name}, read by {person.member}: …{around(page)}…"


def test_other_pages_of_the_same_views_hold_none_either(cast: Cast, house: Inhabited) -> None:
    browser = cast.bruno.browser()
    for address in (
        reverse("case", args=[house.keys["free_ref"]]),
        reverse("case", args=[house.sent_case.ref]),
        f"{reverse('capture', args=[house.case.ref, house.keys['capture_id']])}?image=voilee",
        f"{reverse('desk')}?etape=qualified",
        reverse("held-reports"),
    ):
        page = browser.get(address).content.decode()
        assert SLUR not in page, f"{address}: …{around(page)}…"


def test_whoever_asks_reads_the_words(cast: Cast, house: Inhabited) -> None:
    browser = cast.bruno.browser()
    for name in ("case", "capture", "qualify", "reply"):
        assert SLUR in browser.get(f"{address_of(name, house)}?mots=1").content.decode(), name


def around(page: str) -> str:
    place = page.find(SLUR)
    return page[max(0, place - 80) : place + 20]
