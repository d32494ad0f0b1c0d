"""Where to begin reading: from the text, from what people said, from the plain questions."""

from __future__ import annotations

import pytest

from vigie.casefile.queries import contents_of
from vigie.casefile.tests.builders import make_case
from vigie.intake.rules.values import About
from vigie.intake.tests.builders import received_and_filed
from vigie.organisations.tests.cast import Cast
from vigie.qualification import catalogue
from vigie.qualification.hints import Hints, hints_of
from vigie.qualification.rules.cues import cues_in, facts_of
from vigie.qualification.rules.quotes import Quote
from vigie.qualification.rules.suggestion import Act, Facts, Target
from vigie.qualification.web.selectable import passage_html, selectable_html, tokens

from .builders import INCITEMENT, INSULT, VERSION

BOOK = catalogue.load(VERSION)


def hints(cast: Cast, text: str, said: Facts | None = None) -> Hints:
    case = make_case(cast.veille.pk, text=text)
    return hints_of(case, contents_of(case)[0], BOOK, said=said)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Dehors, les Arabes !", INCITEMENT),
        ("Ces musulmans sont de la vermine.", INSULT),
        ("Je vais te tuer.", "threat-death"),
        ("Il faut les exterminer.", "provocation-crimes-offences"),
        ("Voici son adresse, allez-y.", "doxxing"),
        ("Hitler avait raison.", "apologia-crimes"),
        ("Sales gays.", "insult-public-sex-orientation-disability"),
        ("Encore les immigrés dans le quartier.", INSULT),
    ],
)
def test_the_text_says_where_to_begin_and_why(cast: Cast, text: str, first: str) -> None:
    found = hints(cast, text)
    assert found.grounds[0].ground_id == first
    assert found.grounds[0].reasons
    assert found.detector


def test_a_plain_text_suggests_nothing(cast: Cast) -> None:
    assert hints(cast, "Bonjour à tous, il fait beau.").grounds == ()
    assert hints(cast, "").grounds == ()


def test_what_people_said_completes_what_the_text_shows(cast: Cast) -> None:
    _, [case] = received_and_filed(cast.public, about=About.ANTISEMITISM)
    found = hints_of(case, contents_of(case)[0], BOOK)
    assert found.facts.criteria == {"religion"}
    assert found.grounds[0].ground_id == INSULT


def test_what_a_person_answers_is_believed_before_the_text(cast: Cast) -> None:
    said = Facts(frozenset({Act.INSULTS}), True, Target.STATE, frozenset({"nation"}))
    found = hints(cast, "Dehors, les Arabes !", said)
    assert found.grounds == ()
    assert [one.ground_id for one in found.declines] == ["not-illegal-state-criticism"]


def test_signs_carry_their_place_and_know_nobody() -> None:
    [call, group] = cues_in("Dehors les Arabes")
    assert (call.act, call.start, call.end) == (Act.CALLS, 0, 17)
    assert group.criterion == "origin"
    assert facts_of([call, group]).target is None


TEXT = "Des bougnoules, ici."


def test_every_token_says_where_it_stands() -> None:
    shown = list(tokens(TEXT, shown=True, quotes=()))
    assert "".join(TEXT[one.start : one.end] for one in shown) == TEXT
    assert [one.shown for one in shown if not one.is_blank] == ["Des", "bougnoules,", "ici."]


def test_a_masked_word_has_a_place_but_no_letters_in_the_page() -> None:
    page = selectable_html(TEXT)
    assert "bougnoules" not in page
    assert 'data-s="4" data-e="14"' in page
    assert "bougnoules" in selectable_html(TEXT, shown=True)


def test_a_quote_that_cuts_a_masked_word_shows_no_half_of_it() -> None:
    cut = passage_html(TEXT, Quote(0, 9, TEXT[:9]))
    assert cut.startswith("Des ")
    assert "bougn" not in cut
    assert passage_html(TEXT, Quote(4, 14, "bougnoules"), shown=True) == "bougnoules"
