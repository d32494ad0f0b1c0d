"""Penalties, aggravations, quotes, suggestions and second opinions."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.qualification import catalogue
from vigie.qualification.rules.assessment import Answer, assess
from vigie.qualification.rules.finding import find_grounds
from vigie.qualification.rules.opinion import OpinionReason, needs_second_opinion
from vigie.qualification.rules.penalties import penalty_text, raised_maximum, suggest_aggravations
from vigie.qualification.rules.quotes import NoWords, Quote, WordsNotInContent, check_quotes, find_quote
from vigie.qualification.rules.suggestion import Act, Facts, Target, suggest_declines, suggest_grounds
from vigie.qualification.rules.values import Status

from .builders import INCITEMENT, INSULT, VERSION, all_no, all_yes, ground, same_path

BOOK = catalogue.load(VERSION)


def test_the_rules_need_no_framework():
    code = (
        "import sys; import vigie.qualification.rules.suggestion, vigie.qualification.rules.limitation;"
        "sys.exit(any(name.split('.')[0] in {'django', 'yaml'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, env=same_path()).returncode == 0


@pytest.mark.parametrize(
    ("ground_id", "french", "english"),
    [
        (
            INCITEMENT,
            "1\u00a0an d’emprisonnement et 45\u00a0000\u00a0€ d’amende (délit)",
            "1 year in prison and a fine of €45,000 (délit (intermediate offence))",
        ),
        ("threat-crime", "6\u00a0mois d’emprisonnement et 7\u00a0500\u00a0€ d’amende (délit)", None),
        (
            "insult-public-simple",
            "12\u00a0000\u00a0€ d’amende (délit)",
            "a fine of €12,000 (délit (intermediate offence))",
        ),
        ("insult-non-public", "1\u00a0500\u00a0€ d’amende (contravention de 5e classe)", None),
        ("tco-terrorist-content", "", ""),
        ("aggravation-132-76", "", ""),
    ],
)
def test_the_penalty_in_words(ground_id, french, english):
    assert penalty_text(ground(ground_id), "fr") == french
    if english is not None:
        assert penalty_text(ground(ground_id), "en") == english


@pytest.mark.parametrize(
    ("months", "raised"), [(6, 12), (36, 72), (60, 84), (84, 120), (120, 180), (0, None), (48, None)]
)
def test_the_scale_of_132_76(months, raised):
    assert raised_maximum(months) == raised


@pytest.mark.parametrize(
    ("ground_id", "criteria", "expected"),
    [
        ("threat-death", ["religion"], [("aggravation-132-76", 72)]),
        ("threat-death", ["religion", "sex"], [("aggravation-132-76", 72), ("aggravation-132-77", 72)]),
        ("threat-death", ["disability"], []),
        (INCITEMENT, ["religion"], []),
        (INSULT, ["religion"], []),
        ("defamation-public-origin-religion", ["religion"], []),
        ("discrimination", ["religion", "sex"], []),
        ("insult-non-public", ["religion"], []),
        ("insult-public-simple", ["religion"], []),
    ],
)
def test_aggravations_are_suggested_where_the_law_lets_them(ground_id, criteria, expected):
    found = suggest_aggravations(ground(ground_id), criteria, BOOK)
    assert [(one.ground.id, one.prison_months_max) for one in found] == expected


TEXT = "Le texte inventé\ndit: dehors, les Zorglubs\u00a0! Oui, dehors."


def test_words_are_quoted_exactly_as_they_stand():
    quote = find_quote(TEXT, "  dehors, les Zorglubs ! ")
    assert quote == Quote(22, 44, "dehors, les Zorglubs\u00a0!")
    check_quotes(TEXT, [quote])
    assert find_quote(TEXT, "inventé\r\ndit").text == "inventé\ndit"


@pytest.mark.parametrize("words", ["Dehors, les zorglubs", "dehors les Zorglubs", "rien de tel"])
def test_words_that_are_not_there_are_refused(words):
    with pytest.raises(WordsNotInContent, match="copiez-les exactement"):
        find_quote(TEXT, words)


def test_nothing_is_no_quote():
    with pytest.raises(NoWords):
        find_quote(TEXT, " \n ")


@pytest.mark.parametrize("quote", [Quote(0, 3, "Le "[:2]), Quote(-1, 2, "x"), Quote(0, 999, TEXT), Quote(3, 3, "te")])
def test_offsets_that_do_not_match_the_words_are_refused(quote):
    with pytest.raises(WordsNotInContent):
        check_quotes(TEXT, [quote])


@settings(deadline=None)
@given(st.text(min_size=1), st.data())
def test_any_words_cut_out_of_a_text_are_found_in_it(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    words = text[start : data.draw(st.integers(start + 1, len(text)))]
    if words.split():
        quote = find_quote(text, words)
        check_quotes(text, [quote])
        assert quote.text.split() == words.split()


@pytest.mark.parametrize(
    ("facts", "first"),
    [
        (Facts(frozenset({Act.INSULTS}), True, Target.GROUP, frozenset({"religion"})), INSULT),
        (Facts(frozenset({Act.CALLS}), True, Target.GROUP, frozenset({"origin"})), INCITEMENT),
        (
            Facts(frozenset({Act.INSULTS}), True, Target.PERSON, frozenset({"gender-identity"})),
            "insult-public-sex-orientation-disability",
        ),
        (Facts(frozenset({Act.INSULTS}), False, Target.PERSON, frozenset({"religion"})), "insult-non-public"),
        (Facts(frozenset({Act.INSULTS}), True, Target.PERSON), "insult-public-simple"),
        (Facts(frozenset({Act.INSULTS}), True, Target.PERSON, frozenset({"age"})), "insult-public-simple"),
        (
            Facts(frozenset({Act.THREATENS_DEATH}), True, Target.PERSON, frozenset({"religion"})),
            "threat-death",
        ),
        (Facts(frozenset({Act.DISPLAYS_SYMBOL}), True), "apologia-crimes"),
        (Facts(frozenset({Act.DISCLOSES}), None, Target.PERSON), "doxxing"),
    ],
)
def test_the_ground_read_first(facts, first):
    found = suggest_grounds(facts, BOOK)
    assert found[0].ground_id == first
    assert all(reason.fr and reason.en for reason in found[0].reasons)


def test_a_criterion_that_the_machine_did_not_find_is_never_said_to_be_absent():
    """A list of words knows few peoples: «no protected criterion involved» would talk a tired reader into declining."""
    [simple] = [one for one in suggest_grounds(Facts(frozenset({Act.INSULTS}), True), BOOK) if one.known_conditions > 2]
    assert simple.ground_id == "insult-public-simple"
    assert simple.reasons[-1].fr == "aucun critère protégé reconnu : à vous de lire"


def test_a_state_or_a_belief_suggests_no_ground_that_protects_persons_but_a_reason_to_decline():
    for target, reason in (
        (Target.STATE, "not-illegal-state-criticism"),
        (Target.BELIEF, "not-illegal-religion-criticism"),
    ):
        facts = Facts(frozenset({Act.INSULTS}), True, target, frozenset({"religion", "nation"}))
        assert suggest_grounds(facts, BOOK) == ()
        assert reason in {one.ground_id for one in suggest_declines(facts, BOOK)}


def test_hostility_without_a_call_is_no_incitement():
    facts = Facts(frozenset({Act.STATES_HOSTILITY}), True, Target.GROUP, frozenset({"origin"}))
    assert suggest_grounds(facts, BOOK) == ()
    assert [one.ground_id for one in suggest_declines(facts, BOOK)] == ["not-illegal-racist-no-call"]


def test_nothing_known_suggests_nothing():
    assert suggest_grounds(Facts(), BOOK) == ()
    assert suggest_declines(Facts(), BOOK) == ()


@settings(deadline=None)
@given(
    st.frozensets(st.sampled_from(Act)),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, *Target]),
    st.frozensets(st.sampled_from(sorted(BOOK.criteria))),
)
def test_only_grounds_in_force_are_ever_suggested(acts, is_public, target, criteria):
    facts = Facts(acts, is_public, target, criteria)
    grounds = [BOOK.ground(one.ground_id) for one in suggest_grounds(facts, BOOK)]
    assert all(one.can_stand_alone for one in grounds)
    assert len({one.id for one in grounds}) == len(grounds)


def test_doubt_needs_a_jurist_and_a_clear_reading_does_not():
    incitement = ground(INCITEMENT)
    clear = assess(incitement, all_yes(incitement), all_no(incitement))
    assert needs_second_opinion(incitement, clear).reasons == ()
    doubtful = assess(incitement, {**all_yes(incitement), "e4": Answer.DOUBTFUL}, all_no(incitement))
    assert needs_second_opinion(incitement, doubtful).is_required
    satire = assess(incitement, all_yes(incitement), {**all_no(incitement), "x2": Answer.YES})
    assert needs_second_opinion(incitement, satire).reasons == (OpinionReason.EXCLUDER_HOLDS,)


def test_a_ground_rarely_manifest_or_never_read_makes_a_second_look_advisable_not_required():
    defamation = ground("defamation-public-origin-religion")
    need = needs_second_opinion(defamation, assess(defamation, all_yes(defamation), all_no(defamation)))
    assert need.reasons == (OpinionReason.RARELY_MANIFEST, OpinionReason.LAW_NOT_READ)
    assert need.is_recommended
    assert not need.is_required
    assert needs_second_opinion(ground("not-illegal-state-criticism"), None).is_recommended


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("apol terr", ["actes de terrorisme"]),
        ("TERRORISME PROVOCATION", ["actes de terrorisme"]),
        ("sepulture", ["profanation"]),
        ("desecration", ["profanation"]),
        ("menace de mort", ["menace de mort"]),  # so titled: not also the others that hold these words
        ("", []),
        ("rien du tout", []),
    ],
)
def test_a_ground_is_found_by_the_beginnings_of_words_in_either_language(typed: str, found: list[str]) -> None:
    grounds = BOOK.having(Status.IN_FORCE)
    titles = [one.title.said_in("fr").casefold() for one in find_grounds(grounds, typed)]
    assert len(titles) == len(found)
    assert all(part in title for part, title in zip(found, titles, strict=True))
