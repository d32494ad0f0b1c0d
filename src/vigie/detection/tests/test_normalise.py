"""A disguise falls, and every character keeps its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.detection.normalise import plain, unmasked


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("Été À L’ŒUVRE", "ete a l oeuvre"),
        ("Straße", "strasse"),
        ("ＡＢＣ", "abc"),
        ("𝐛𝐨𝐧𝐣𝐨𝐮𝐫", "bonjour"),
        ("ﬁn", "fin"),
        ("bonjоur", "bonjour"),
        ("bon\u200bjo\u00adur", "bonjour"),
        ("e\u0301te\u0301", "ete"),
        ("a  -  b", "a b"),
        ("peut-être", "peut etre"),
        ("", ""),
    ],
)
def test_a_text_is_written_in_one_way(given_text: str, written: str) -> None:
    assert plain(given_text).text == written


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        ("b0nj0ur", "bonjour"),
        ("$alut", "salut"),
        ("5alut", "salut"),
        ("saaaalut", "salut"),
        ("s.a.l.u.t les gens", "salut les gens"),
        ("s a l u t", "salut"),
    ],
)
def test_a_disguise_is_undone(given_text: str, written: str) -> None:
    disguised = unmasked(plain(given_text))
    assert disguised is not None
    assert disguised.text == written


@pytest.mark.parametrize(
    "text", ["bonjour", "en 1988", "14/88", "Salle 12", "il y a là", "oui, non.", "@amina", "à 2h"]
)
def test_a_text_without_disguise_has_one_reading(text: str) -> None:
    assert unmasked(plain(text)) is None


@given(st.text(max_size=120))
def test_every_character_keeps_its_place(text: str) -> None:
    for reading in filter(None, (plain(text), unmasked(plain(text)))):
        places = reading.origins if reading.origins is not None else range(len(text))
        assert len(places) == len(reading.text)
        assert list(places) == sorted(places)
        assert all(0 <= place < len(text) for place in places)


def test_a_plain_text_read_again_stays_the_same() -> None:
    for code in range(0x30000):
        if not 0xD800 <= code <= 0xDFFF:
            written = plain(f"a{chr(code)}b").text
            assert plain(written).text == written, hex(code)


@pytest.mark.parametrize("text", ["a1" * 100_000, "1" * 200_000, "a." * 100_000, "a" * 200_000, "é\u0301" * 100_000])
def test_a_text_made_to_be_slow_is_read_in_a_moment(text: str) -> None:
    started = time.perf_counter()
    unmasked(plain(text))
    assert time.perf_counter() - started < 5
