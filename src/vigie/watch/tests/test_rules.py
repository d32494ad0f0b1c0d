"""Questions, words, groups: by table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.detection.hints import Hint, Kind, Match, SourceStatus, Target
from vigie.watch.rules import groups
from vigie.watch.rules.question import EmptyQuestion, Question, Reader, Reason
from vigie.watch.rules.values import Post
from vigie.watch.rules.words import Finder, bare, folded

QUIET = Hint(score=0.0, lang="fr", targets=(), grounds=(), matches=(), detector_version="essai")


def post(text: str, **known: object) -> Post:
    return Post(key="web:x/1", platform="web", kind="page", url="https://x.example/1", text=text, **known)  # type: ignore[arg-type]


def hint(score: float, *targets: Target, lang: str = "fr") -> Hint:
    matches = tuple(
        Match("mot", 0, 3, "mot", "sens inventé", Kind.CODED, target, False, SourceStatus.REPO) for target in targets
    )
    return Hint(score=score, lang=lang, targets=targets, grounds=(), matches=matches, detector_version="essai")


@pytest.mark.parametrize(
    ("asked", "seen", "read", "reasons"),
    [
        ({"terms": ("Zinzolin",)}, post("Un ZINZOLIN, là."), QUIET, [Reason("term", "Zinzolin")]),
        ({"terms": ("zinzolin",)}, post("des zinzolinesques"), QUIET, None),
        ({"terms": ("l’été",)}, post("C’est L'ETE."), QUIET, [Reason("term", "l’été")]),
        ({"hashtags": ("#Zorglub",)}, post("voilà #zorglub"), QUIET, [Reason("hashtag", "#Zorglub")]),
        ({"hashtags": ("zorglub",)}, post("voilà", hashtags=("Zorglub",)), QUIET, [Reason("hashtag", "zorglub")]),
        ({"accounts": ("@Compte",)}, post("rien", author="compte"), QUIET, [Reason("account", "@Compte")]),
        ({"accounts": ("@Compte",)}, post("rien", author="autre"), QUIET, None),
        ({"targets": ("women",)}, post("x"), hint(0.3, Target.WOMEN), [Reason("lexicon", "mot", "sens inventé", "women")]),
        ({"targets": ("women",)}, post("x"), hint(0.9, Target.JEWS), None),
        ({"least_score": 0.8}, post("x"), hint(0.9), [Reason("score", "0.90")]),
        ({"least_score": 0.8}, post("x"), hint(0.5), None),
        ({"terms": ("mot",), "least_score": 0.8}, post("un mot"), hint(0.5), None),
        ({"terms": ("mot",), "languages": ("fr",)}, post("un mot", language="en"), QUIET, None),
        ({"terms": ("mot",), "languages": ("fr",)}, post("un mot", language="fr-FR"), QUIET, [Reason("term", "mot")]),
        ({"terms": ("mot",), "languages": ("de",)}, post("un mot"), QUIET, None),
        ({"terms": ("mot",), "least_reach": 100}, post("un mot", reach=99), QUIET, None),
        ({"terms": ("mot",), "least_reach": 100}, post("un mot"), QUIET, None),
        ({"terms": ("mot",), "least_reach": 100}, post("un mot", reach=100), QUIET, [Reason("term", "mot")]),
    ],
)  # fmt: skip
def test_a_post_answers_a_question_or_not(asked: dict[str, object], seen: Post, read: Hint, reasons: object) -> None:
    reader = Reader(Question(**asked))  # type: ignore[arg-type]
    text = folded(seen.text)
    found = reader.answer(seen, text, read) if reader.may_answer(seen, text) else None
    assert found == reasons


def test_a_question_that_every_post_would_answer_is_none() -> None:
    with pytest.raises(EmptyQuestion):
        Question(languages=("fr",), least_reach=10)


@given(
    st.builds(
        Question,
        terms=st.lists(st.text(min_size=1), min_size=1).map(tuple),
        languages=st.lists(st.sampled_from(["fr", "en"])).map(tuple),
        least_score=st.floats(0, 1),
    )
)
def test_a_question_is_kept_as_it_was_written(question: Question) -> None:
    assert Question.from_json(question.as_json()) == question


@given(st.text(), st.lists(st.text(alphabet="abcé '#", min_size=1), max_size=5))
def test_finding_words_never_stumbles_and_finds_what_stands_there(text: str, terms: list[str]) -> None:
    found = Finder(terms).found(folded(f"{text} . {' , '.join(terms)}"))
    assert {bare(term) for term in found} == {bare(term) for term in terms} - {""}


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("Ces gens doivent tous partir d’ici demain matin", "ces gens doivent TOUS partir d'ici demain matin !!", True),
        ("Ces gens doivent tous partir d’ici demain matin", "Ces gens doivent tous partir d’ici demain soir", True),
        ("Ces gens doivent tous partir d’ici demain matin", "@ami Ces gens doivent tous partir d’ici demain matin https://x.example/1", True),
        ("Ces gens doivent tous partir d’ici demain matin", "Le marché du village ouvre demain matin à huit heures", False),
    ],
)  # fmt: skip
def test_near_texts_share_a_mark_and_most_of_their_words(one: str, other: str, near: bool) -> None:
    words = [groups.words_of(text) for text in (one, other)]
    assert (groups.resemblance(*words) >= groups.NEAR) is near
    if near:
        assert set(groups.marks_of(words[0])) & set(groups.marks_of(words[1]))


def test_a_text_too_short_to_mean_anything_is_never_grouped() -> None:
    assert groups.marks_of(groups.words_of("mdr trop vrai")) == []
