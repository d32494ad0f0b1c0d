"""What is shown with care, and what the journal says aloud."""

from __future__ import annotations

import pytest

from vigie.casefile.rules.events import Event
from vigie.casefile.rules.masking import Stretch, excerpt, pieces
from vigie.casefile.web.journal_words import SENTENCES, sentence_of
from vigie.casefile.web.masking import masked_html


def test_every_event_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Event)


@pytest.mark.parametrize("event", list(Event))
def test_every_sentence_can_be_said_without_any_data(event: Event) -> None:
    said = sentence_of(event.value, "member:1", {}, {"member:1": "Bruno"})
    assert said.endswith((".", ")"))
    assert "%(" not in said


def test_an_entry_says_who_did_what_and_to_what_effect() -> None:
    names = {"member:1": "Bruno", "member:2": "Chloé"}
    assert sentence_of("case.danger-set", "member:1", {"danger": 3}, names) == (
        "Bruno a fixé l’urgence. (danger immédiat)"
    )
    assert sentence_of("case.danger-set", "worker", {"danger": 3, "report": 7}, names) == (
        "Ce que dit le signalement rend ce dossier plus urgent. (danger immédiat)"
    )
    assert sentence_of("case.assigned", "member:2", {"holder": 1}, names) == ("Chloé a attribué ce dossier à Bruno.")


def test_a_masked_word_is_not_in_the_page_at_all() -> None:
    html = masked_html("Quelle sale pute, dit-il.")
    assert "pute" not in html
    assert "s•••" in html
    assert "Quelle " in html


def test_a_word_is_shown_when_asked_and_quotes_are_highlighted() -> None:
    html = masked_html("Sale pute, dit-il.", shown=True, quotes=[Stretch(0, 9)])
    assert html == "<mark>Sale pute</mark>, dit-il."


def test_text_is_escaped() -> None:
    assert masked_html("<script>") == "&lt;script&gt;"


def test_a_quote_never_uncovers_half_a_masked_word() -> None:
    cut = pieces("abcdef", masked=[Stretch(1, 5)], quoted=[Stretch(3, 6)])
    assert [(piece.text, piece.masked, piece.quoted) for piece in cut] == [
        ("a", False, False),
        ("bcde", True, True),
        ("f", False, True),
    ]


def test_an_excerpt_ends_between_words() -> None:
    assert excerpt("un deux  trois\nquatre", most=13) == "un deux trois…"
    assert excerpt("court", most=13) == "court"
