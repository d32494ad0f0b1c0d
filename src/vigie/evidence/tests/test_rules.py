"""What a page says, and when captures come, without network or database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.evidence.rules.lease import rank_on_arrival
from vigie.evidence.rules.post_text import read_post
from vigie.evidence.rules.reasons import SENTENCES, Missing, Reason
from vigie.evidence.rules.seen import marks, read_page


@pytest.mark.parametrize(
    ("html", "title", "text"),
    [
        ("<title>Un  fil</title><p>Un</p><p>Deux</p>", "Un fil", "Un\nDeux"),
        ("<p>Un<br>deux<script>non()</script><style>p{}</style>", "", "Un\ndeux"),
        ("<head><title>T</title><meta><body>Corps", "T", "Corps"),
        ("<p>caf&eacute; <img alt='une tasse'></p>", "", "café une tasse"),
        ("", "", ""),
        ("<p>pas fermé <b>gras", "", "pas fermé gras"),
    ],
)
def test_a_page_is_read_for_its_visible_words(html: str, title: str, text: str) -> None:
    reading = read_page(html)
    assert (reading.title, reading.text) == (title, text)


@pytest.mark.parametrize(
    ("text", "address", "expected"),
    [
        ("Connectez-vous pour continuer", "", ("login_wall",)),
        ("Vous devez vous connecter", "", ("login_wall",)),
        ("Bonjour", "https://x.example/i/flow/login", ("login_wall",)),
        ("Cette page n’existe plus", "", ("not_available",)),
        ("Sorry, this page isn't available.", "", ("not_available",)),
        ("Ce compte a été suspendu", "", ("not_available",)),
        ("Vidéo non disponible", "", ("not_available",)),
        ("Se connecter · S’inscrire · Un message ordinaire", "", ()),
        ("Il a supprimé son message hier, dit-il.", "", ()),
        ("x" * 3000 + "Cette page n’existe plus", "", ()),
    ],
)
def test_walls_and_tombstones_are_marked_ordinary_pages_are_not(
    text: str, address: str, expected: tuple[str, ...]
) -> None:
    assert marks("", text, final_url=address) == expected


DESCRIBED = '<meta property="og:description" content="{}"><body>{}'


@pytest.mark.parametrize(
    ("html", "page_text", "text"),
    [
        (DESCRIBED.format("Des mots", "<article>Zoé<p>Des mots</p></article>"), "Menu\nZoé\nDes mots", "Des mots"),
        (DESCRIBED.format("Des mots inv…", "<p>Des mots inventés</p>"), "Menu\nDes mots inventés", "Des mots inventés"),
        (DESCRIBED.format("Le site où l’on parle", "<article>Un</article>"), "Menu\nUn", "Un"),
        ("<article>Un <script>x</script></article><article>Deux</article>", "Un\nDeux", "Un"),
        ("<p>Une page</p>", "Menu\nUne page", "Menu\nUne page"),
        ("", "", ""),
    ],
)
def test_the_words_of_the_content_are_found_in_its_page(html: str, page_text: str, text: str) -> None:
    assert read_post(html, page_text).text == text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<meta property='article:published_time' content='2026-01-05T10:00:00+01:00'>", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("<article><time datetime='2026-01-05T10:00:00Z'>", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("<article><time datetime='2026-01-05'>", None),
        ("<article><time datetime='hier'>", None),
        ("<time datetime='2026-01-05T10:00:00Z'>", None),
    ],
)  # fmt: skip
def test_the_date_of_publication_is_taken_only_with_its_zone_and_place(html: str, expected: datetime | None) -> None:
    assert read_post(html, "").published_at == expected


@given(st.text())
def test_no_page_breaks_the_readers(html: str) -> None:
    read_page(html)
    read_post(html, html)


@pytest.mark.parametrize("code", SENTENCES)
def test_every_reason_has_its_sentence_in_both_languages(code: str) -> None:
    reason = Reason(code, "précision")
    assert reason.sentence("fr") != reason.sentence("en")
    missing = Missing("page", reason)
    assert Missing.from_json(missing.as_json()) == missing


def test_what_is_asked_for_comes_before_the_gravest_and_imports_come_last() -> None:
    ranks = [rank_on_arrival(danger=danger, door="form") for danger in (3, 2, 1, 0)]
    assert ranks == sorted(ranks)
    assert ranks[0] > 0
    assert rank_on_arrival(danger=3, door="import") > rank_on_arrival(danger=0, door="mail")
