"""What answers establish: by table, then as properties of the three-valued logic."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.qualification import catalogue
from vigie.qualification.rules.assessment import (
    Answer,
    Because,
    NotABaseGround,
    UnknownQuestion,
    Verdict,
    assess,
)

from .builders import VERSION, all_no, all_yes, asking, ground

YES, NO, DOUBT = Answer.YES, Answer.NO, Answer.DOUBTFUL
ANSWERS = {"o": YES, "n": NO, "d": DOUBT}


def given_as(letters: str, kind: str) -> dict[str, Answer]:
    return {f"{kind}{n}": ANSWERS[letter] for n, letter in enumerate(letters, 1) if letter != "."}


@pytest.mark.parametrize(
    ("elements", "excluders", "verdict"),
    [
        ("oo", "nn", Verdict.MADE_OUT),
        ("oo", "n.", Verdict.INCOMPLETE),
        ("o.", "nn", Verdict.INCOMPLETE),
        ("..", "..", Verdict.INCOMPLETE),
        ("od", "nn", Verdict.DOUBTFUL),
        ("oo", "nd", Verdict.DOUBTFUL),
        ("oo", "no", Verdict.DOUBTFUL),
        ("o.", "oo", Verdict.INCOMPLETE),
        ("on", "nn", Verdict.NOT_MADE_OUT),
        ("n.", "..", Verdict.NOT_MADE_OUT),
        ("nd", "oo", Verdict.NOT_MADE_OUT),
    ],
)
def test_two_elements_and_two_excluders(elements, excluders, verdict):
    found = assess(asking(2, 2), given_as(elements, "e"), given_as(excluders, "x"))
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ("oo.", Verdict.MADE_OUT),
        ("..o", Verdict.MADE_OUT),
        ("n.o", Verdict.MADE_OUT),
        ("no.", Verdict.INCOMPLETE),
        ("n.n", Verdict.NOT_MADE_OUT),
        (".nn", Verdict.NOT_MADE_OUT),
        ("odn", Verdict.DOUBTFUL),
        ("od.", Verdict.INCOMPLETE),
    ],
)
def test_two_ways_of_making_a_ground_out(answers, verdict):
    either = asking(3, 0, made_out_by=[["e1", "e2"], ["e3"]])
    assert assess(either, given_as(answers, "e"), {}).verdict is verdict


def test_the_reasons_name_the_questions_that_weigh():
    found = assess(asking(3, 2), given_as("od.", "e"), given_as("o.", "x"))
    assert [(reason.because, reason.question.id) for reason in found.reasons] == [
        (Because.ELEMENT_DOUBTFUL, "e2"),
        (Because.ELEMENT_UNANSWERED, "e3"),
        (Because.EXCLUDER_HOLDS, "x1"),
        (Because.EXCLUDER_UNANSWERED, "x2"),
    ]
    assert found.unanswered == ("e3", "x2")
    assert found.is_excluded


def test_a_refuted_ground_asks_nothing_more():
    found = assess(asking(3, 2), given_as("n..", "e"), {})
    assert (found.verdict, found.unanswered) == (Verdict.NOT_MADE_OUT, ())


@pytest.mark.parametrize("ground_id", ["aggravation-132-76", "outrage-en-ligne-struck-down", "not-illegal-opinion"])
def test_what_is_no_offence_by_itself_cannot_carry_a_qualification(ground_id):
    with pytest.raises(NotABaseGround):
        assess(ground(ground_id), {}, {})


def test_an_answer_to_a_question_never_asked_is_refused():
    with pytest.raises(UnknownQuestion, match="e7"):
        assess(asking(2, 0), {"e7": YES}, {})


def test_one_kind_of_terrorist_content_is_enough():
    found = assess(ground("tco-terrorist-content"), given_as("no.", "e"), {"x1": NO})
    assert found.verdict is Verdict.MADE_OUT


def test_a_threat_with_a_condition_need_not_be_a_death_threat():
    threat = ground("threat-condition")
    assert threat.informing == {"e3"}
    assert assess(threat, given_as("oon", "e"), {}).verdict is Verdict.MADE_OUT


@pytest.mark.parametrize("one", catalogue.load(VERSION).having(catalogue.Status.IN_FORCE), ids=lambda g: g.id)
def test_every_ground_in_force_is_made_out_by_all_yes_and_no_excluder(one):
    assert assess(one, all_yes(one), all_no(one)).verdict is Verdict.MADE_OUT
    assert assess(one, {}, {}).verdict is Verdict.INCOMPLETE


unhurried = settings(deadline=None)  # a busy machine is no fault of the rule
answer = st.sampled_from([None, YES, NO, DOUBT])


@st.composite
def situations(draw):
    count = draw(st.integers(1, 4))
    ids = [f"e{n}" for n in range(1, count + 1)]
    ways = draw(st.lists(st.lists(st.sampled_from(ids), min_size=1, unique=True), min_size=1, max_size=3))
    excluders = draw(st.integers(0, 3))
    answers = {i: a for i in ids if (a := draw(answer)) is not None}
    against = {f"x{n}": a for n in range(1, excluders + 1) if (a := draw(answer)) is not None}
    return asking(count, excluders, made_out_by=ways), answers, against


@unhurried
@given(situations())
def test_made_out_is_exactly_one_whole_way_of_yes_and_every_excluder_no(situation):
    one, answers, against = situation
    expected = any(all(answers.get(e) is YES for e in way) for way in one.made_out_by) and all(
        against.get(x.id) is NO for x in one.excluders
    )
    assert (assess(one, answers, against).verdict is Verdict.MADE_OUT) is expected


@unhurried
@given(situations())
def test_refuted_is_exactly_a_no_in_every_way_whatever_the_excluders(situation):
    one, answers, against = situation
    expected = all(any(answers.get(e) is NO for e in way) for way in one.made_out_by)
    assert (assess(one, answers, against).verdict is Verdict.NOT_MADE_OUT) is expected


@unhurried
@given(situations(), st.data())
def test_more_answers_never_undo_a_verdict_that_was_reached(situation, data):
    one, answers, against = situation
    before = assess(one, answers, against)
    more = {e.id: answers.get(e.id) or data.draw(st.sampled_from(Answer)) for e in one.elements}
    if before.verdict in {Verdict.MADE_OUT, Verdict.NOT_MADE_OUT}:
        assert assess(one, more, against).verdict is before.verdict


@unhurried
@given(situations())
def test_incomplete_always_says_what_is_missing_and_the_others_never_do(situation):
    one, answers, against = situation
    found = assess(one, answers, against)
    assert (found.verdict is Verdict.INCOMPLETE) is bool(found.unanswered)
    assert (found.verdict is Verdict.MADE_OUT) is (not found.reasons)


@unhurried
@given(situations())
def test_doubt_never_makes_a_ground_out(situation):
    one, answers, against = situation
    doubting = dict.fromkeys(answers, DOUBT)
    assert assess(one, doubting, against).verdict is not Verdict.MADE_OUT
