"""No page, whatever its markup, stops or stalls whoever reads it; and what it shows is read all the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.evidence.rules.post_text import read_post
from vigie.evidence.rules.seen import read_page

MANY = 50_000
TOKENS = [
    "<",
    ">",
    "<a ",
    "</a>",
    "<![",
    "]]>",
    "<!--",
    "-->",
    "<!",
    "<?",
    "&#x",
    "&a",
    '="',
    "<script>",
    "</script>",
    "x",
]


@pytest.mark.parametrize(
    "trap",
    ["<a ", "<![", "<!--", "<!a", "<?a", "</a", '<a b="', "<script>", "&#x", "<svg>"],
)
def test_a_page_that_repeats_what_stalls_the_parser_is_read_in_one_go(trap: str) -> None:
    # Without care each of the first ones takes minutes or raises: the suite's time limit says so.
    assert "Un message." in read_page(f"<p>Un message.</p>{trap * MANY}").text
    read_page(f"{trap * MANY}>")
    read_post(trap * MANY, "")


@given(st.lists(st.sampled_from(TOKENS)).map("".join))
def test_no_markup_makes_reading_fail(page: str) -> None:
    read_page(page)
    read_post(page, "")


@pytest.mark.parametrize(
    "page",
    [
        "<script>var a = '<!--';</script><p>Un message.</p>",
        "<!-- caché --><p>Un message.</p>",
        "<script><!-- //--></script><![if !IE]><p>Un message.</p><![endif]>",
        "<p>Un message.</p> <!-- jamais fermé",
        "<p>Un message.</p> a < b",
    ],
)
def test_what_looks_like_a_trap_hides_no_word_of_the_page(page: str) -> None:
    assert "Un message." in read_page(page).text
