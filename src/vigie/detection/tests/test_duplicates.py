"""What is grouped as nearly the same, and what never is."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.detection import duplicates
from vigie.detection.duplicates import LEAST_LETTERS, NONE, NearIndex, cluster

POST = "Demain à dix-huit heures, tous devant la mairie pour dire non à la fermeture de l’école du quartier"
OTHER = "Recette du soir : deux courgettes, un peu de crème, du poivre, vingt minutes au four et c’est prêt"
REWRITES = [
    POST.upper(),
    POST.replace("à", "a").replace("é", "e").replace("’", "'"),
    POST.replace(",", " !!") + " 😡😡",
    f"RT @quelquun_42: {POST} https://exemple.test/a/b?c=d",
    f"@une @deux {POST}",
    POST.replace("quartier", "village"),
    POST.replace("tous ", ""),
    POST[:80] + "…",
    " ".join(POST.replace(",", "")),
    "\u200b".join(POST),
]
_letters = random.Random(2)
WORDS = ["".join(_letters.choices("aeiouéèlnrstmpdcvbfgh", k=_letters.randint(3, 9))) for _ in range(3_000)]


def ids(texts: list[str]) -> list[int]:
    return cluster(texts).ids.tolist()  # type: ignore[no-any-return]


def invented(count: int) -> list[str]:
    dice = random.Random(3)
    return [" ".join(dice.choices(WORDS, k=dice.randint(12, 30))) for _ in range(count)]


@pytest.mark.parametrize("rewrite", REWRITES)
def test_a_light_rewrite_is_grouped_with_its_post_and_nothing_else_is(rewrite: str) -> None:
    assert ids([OTHER, POST, rewrite, ""]) == [NONE, 1, 1, NONE]


def test_the_group_is_named_after_its_first_and_says_how_near_each_is() -> None:
    groups = cluster([OTHER, REWRITES[5], POST, REWRITES[0]])
    assert groups.ids.tolist() == [NONE, 1, 1, 1]
    assert groups.similarity.tolist()[:2] == [0, 1]
    assert 0.5 <= groups.similarity[2] < 1
    assert groups.similarity[2] == groups.similarity[3]


def test_a_text_too_short_is_in_no_group_not_even_with_its_copy() -> None:
    short, enough = "a1" * (LEAST_LETTERS // 2 - 1) + "z", "a1" * (LEAST_LETTERS // 2)
    assert ids(["Bonne année à tous !"] * 3 + [short, short, enough, enough]) == [NONE] * 5 + [5, 5]
    assert ids([f"{'😡' * 80} https://exemple.test/{'a' * 90} @{'b' * 90}"] * 2) == [NONE, NONE]


def test_a_common_phrase_does_not_chain_everything_into_one() -> None:
    texts = [f"{one}. Partagez avant qu’ils suppriment" for one in invented(3_000)]
    assert ids(texts).count(NONE) > 2_990


def test_a_planted_corpus_is_found_again() -> None:
    dice = random.Random(1)
    bases = invented(1_500)
    texts, truth = list(bases), list(range(len(bases)))
    for number, base in enumerate(bases[:300]):
        for _ in range(dice.randint(1, 6)):
            words = base.split()
            words[dice.randrange(len(words))] = dice.choice(WORDS)
            texts.append(f"RT @{dice.choice(WORDS)} {' '.join(words).title()}")
            truth.append(number)
    found = ids(texts)
    assert sum(one != NONE and one != right for one, right in zip(found, truth, strict=True)) == 0
    rewrites = found[len(bases) :]
    assert rewrites.count(NONE) <= 0.01 * len(rewrites)


def test_groups_do_not_depend_on_how_many_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*invented(50), *REWRITES, *invented(20)]
    whole = cluster(texts)
    monkeypatch.setattr(duplicates, "BATCH_TEXTS", 7)
    again = cluster(texts)
    assert np.array_equal(whole.ids, again.ids)
    assert np.array_equal(whole.similarity, again.similarity)


def test_a_sketch_of_last_year_matches_that_of_today() -> None:
    """Sketches are kept: another number here needs another `VERSION`."""
    sketches, _ = duplicates.sketch([POST])
    assert sketches[0, :4].tolist() == [56629, 16126, 40139, 65268]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=60), max_size=6))
def test_any_text_can_be_read(texts: list[str]) -> None:
    groups = cluster([*texts, *texts])
    assert len(groups.ids) == 2 * len(texts)
    for place, text in enumerate(texts):
        if groups.ids[place] == NONE:
            assert groups.ids[place + len(texts)] == NONE, text


def test_the_index_finds_what_was_added_one_by_one_or_many_at_once() -> None:
    index, alone = NearIndex(), invented(6_000)
    index.add("mairie", POST)
    index.add_many(range(len(alone)), alone)
    index.add("village", REWRITES[5])
    assert [key for key, _ in index.find(REWRITES[3])] == ["mairie", "village"]
    assert index.find(POST, most=1) == [("mairie", 1.0)]
    assert index.find(alone[4_321])[0] == (4_321, 1.0)
    assert index.find(OTHER) == []


def test_the_index_forgets() -> None:
    index = NearIndex()
    index.add("a", POST)
    index.add("b", "Bonne année à tous !")
    assert (len(index), index.find("Bonne année à tous !")) == (1, [])
    index.add("a", OTHER)
    assert (len(index), index.find(POST), index.find(OTHER)) == (1, [], [("a", 1.0)])
    index.discard("a")
    index.discard("never there")
    assert (len(index), index.find(OTHER)) == (0, [])
    index.add_many(range(5_000), invented(5_000))
    assert index.find(OTHER) == []
