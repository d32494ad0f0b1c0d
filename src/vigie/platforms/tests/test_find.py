"""What people paste holds addresses; each is found where it stands, and nothing else is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.platforms.find import find_addresses
from vigie.platforms.resolve import resolve


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Voir https://x.com/a/status/12.", ["https://x.com/a/status/12"]),
        ("(voir https://x.com/a/status/12)", ["https://x.com/a/status/12"]),
        ("https://exemple.example/a_(b) et la suite", ["https://exemple.example/a_(b)"]),
        ("« https://t.me/une_chaine/4 » !", ["https://t.me/une_chaine/4"]),
        ("“https://t.me/une_chaine/4”", ["https://t.me/une_chaine/4"]),
        ("x.com/a/status/12, facebook.com/alice:", ["x.com/a/status/12", "facebook.com/alice"]),
        ("www.exemple.example. Fin", ["www.exemple.example"]),
        ("hxxps://x[.]com/a/status/9", ["https://x.com/a/status/9"]),
        ("hxxp[:]//exemple[.]example/a", ["http://exemple.example/a"]),
        ("x[.]com/a", ["x.com/a"]),
        ("<https://exemple.example/\r\n  suite/12>", ["https://exemple.example/suite/12"]),
        ("<URL:https://exemple.example/a>", ["https://exemple.example/a"]),
        ('<a href="https://x.com/a?b=1&amp;c=2">ici</a>', ["https://x.com/a?b=1&c=2"]),
        ("https://exemple.example/a?x=1&copy=2", ["https://exemple.example/a?x=1&copy=2"]),
        ("&lt;https://exemple.example/a&gt;", ["https://exemple.example/a"]),
        ("[ici](https://exemple.example/a), là", ["https://exemple.example/a"]),
        ("https://exemple.example/a\u200bsuite", ["https://exemple.example/a"]),
        ("lien:https://exemple.example/a", ["https://exemple.example/a"]),
        ("at://did:plc:abc/app.bsky.feed.post/3kab", ["at://did:plc:abc/app.bsky.feed.post/3kab"]),
        ("ici tg://resolve?domain=une_chaine", ["tg://resolve?domain=une_chaine"]),
        ("http://localhost:8081/@amina/posts/1", ["http://localhost:8081/@amina/posts/1"]),
        ("https://x.com/a\nhttps://x.com/b", ["https://x.com/a", "https://x.com/b"]),
        ("https://x.com/a…", ["https://x.com/a"]),
        ("**https://x.com/a**", ["https://x.com/a"]),
        ("Écrire à amina@exemple.example ou amina@x.com/abc", []),
        ("C’est fini.Je pars, 1.5/2, et/ou, v1.2/essai, exemple.fr", []),
        ("javascript:alert(1) file:///etc/passwd", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_addresses_of_a_text_are_found(text: str, addresses: list[str]) -> None:
    found = find_addresses(text)
    assert [one.address for one in found] == addresses
    assert [text[one.start : one.end] for one in found] == [one.text for one in found]


@given(st.text(max_size=300))
def test_what_is_found_stands_there_and_can_be_resolved(text: str) -> None:
    for one in find_addresses(text):
        assert text[one.start : one.end] == one.text
        resolve(one.address)


SLOW = [
    "a." * 90_000,
    "a" * 200_000,
    "<https://a" * 20_000,
    "https://a.b/" + "&gt;" * 50_000,
    "[.]" * 60_000,
    "(" * 99_999,
]


@pytest.mark.parametrize("text", SLOW, ids=[text[:12] for text in SLOW])
def test_a_text_made_to_be_slow_is_read_in_a_moment(text: str) -> None:
    started = time.perf_counter()
    find_addresses(text)
    assert time.perf_counter() - started < 5
