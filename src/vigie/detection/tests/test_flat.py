"""A disguise falls, and every character keeps its place. Invented words stand for slurs."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.detection.disguises import Disguises
from vigie.detection.flat import Folding, _Powers, fold_word, forms_of, hash_of_word, lay_flat
from vigie.detection.tables import PhraseTable, longest_first

WORDS = ("zorblette", "ploufard", "grubmol", "zorblettes", "vromir")
HIDDEN = Disguises(WORDS, WORDS)
TABLE = PhraseTable(forms_of([*WORDS, "zorblette noire", "14/88", "sous-ploufard"]))


def found(text: str) -> list[str]:
    flat = lay_flat(["avant", text, "après"], HIDDEN)
    hits = longest_first(TABLE.find(flat), flat.word.size)
    return [
        text[flat.begins[token] : flat.ends[token + length - 1]]
        for token, length in zip(hits.token, hits.length, strict=True)
        if flat.post[token] == 1
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Une ZORBLETTE.", ["ZORBLETTE"]),
        ("zörblétte", ["zörblétte"]),
        ("ｚｏｒｂｌｅｔｔｅ", ["ｚｏｒｂｌｅｔｔｅ"]),
        ("𝐳𝐨𝐫𝐛𝐥𝐞𝐭𝐭𝐞", ["𝐳𝐨𝐫𝐛𝐥𝐞𝐭𝐭𝐞"]),
        ("zоrblеttе", ["zоrblеttе"]),
        ("zor\u200bblet\u00adte", ["zor\u200bblet\u00adte"]),
        ("zo\u0301rblette", ["zo\u0301rblette"]),
        ("z0rbl3tt3", ["z0rbl3tt3"]),
        ("gru8m0l", ["gru8m0l"]),
        ("plouf@rd", ["plouf@rd"]),
        ("zooooorblette", ["zooooorblette"]),
        ("zorblete", ["zorblete"]),
        ("z o r b l e t t e ici", ["z o r b l e t t e"]),
        ("z.o.r.b.l.e.t.t.e", ["z.o.r.b.l.e.t.t.e"]),
        ("p l o u f a r d g r u b m o l", ["p l o u f a r d", "g r u b m o l"]),
        ("zorb-lette", ["zorb-lette"]),
        ("z*rblette", ["z*rblette"]),
        ("zor***tte", ["zor***tte"]),
        ("plou****", ["plou****"]),
        ("*ploufard*", ["*ploufard*"]),
        ("ploufrad", ["ploufrad"]),
        ("plufard", ["plufard"]),
        ("zorblette noire", ["zorblette noire"]),
        ("zorblette. Noire", ["zorblette"]),
        ("14/88", ["14/88"]),
        ("1488 et 14 ou 88", []),
        ("l’sous-ploufard", ["sous-ploufard"]),
        ("azorblette zorblettea", []),
        ("2h, 10€, covid19, ok!", []),
        ("@ploufard", ["ploufard"]),
        ("y a j l", []),
        ("", []),
    ],
)
def test_a_word_is_found_however_it_is_disguised_and_keeps_its_place(text: str, words: list[str]) -> None:
    assert found(text) == words


def test_an_ordinary_word_is_never_taken_for_a_disguised_other() -> None:
    careful = Disguises(WORDS, WORDS, forms_of(["plufard"]).hashes)
    flat = lay_flat(["plufard"], careful)
    assert longest_first(TABLE.find(flat), 1).row.size == 0


def test_the_number_of_a_word_is_the_same_by_one_and_by_many() -> None:
    words = ["a", "bonjour", "ete", "xy" * 200]
    assert forms_of(words).hashes.tolist() == [hash_of_word(word) for word in words]


def test_threads_that_meet_characters_and_lengths_for_the_first_time_read_the_same() -> None:
    codes = np.array([ord(one) for one in "ÉàœЖａ𝐛" * 40], dtype=np.uint32)
    expected = Folding().fold(codes)[0].tolist()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for size in range(2, 40):
                folding, powers = Folding(), _Powers()
                folded = pool.map(lambda _, shared=folding: shared.fold(codes)[0].tolist(), range(8))
                sizes = pool.map(
                    lambda more, shared=powers, least=size: {
                        part.size for part in shared.upto(least * (more + 1) * 5_000)
                    },
                    range(8),
                )  # fmt: skip
                assert all(one == expected for one in folded)
                assert all(len(one) == 1 for one in sizes)
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize(
    ("given_text", "written"),
    [("Été À L’ŒUVRE", "ete a l’oeuvre"), ("Straße", "strasse"), ("ﬁn", "fin"), ("e\u0301te\u0301", "ete"), ("", "")],
)
def test_a_text_is_written_in_one_way(given_text: str, written: str) -> None:
    assert fold_word(given_text) == written


@given(st.lists(st.text(max_size=60), max_size=6))
def test_every_token_stands_where_it_says_alone_or_among_others(texts: list[str]) -> None:
    flat = lay_flat(texts, HIDDEN)
    assert (np.diff(flat.post) >= 0).all()
    for token in range(flat.word.size):
        text = texts[flat.post[token]]
        assert 0 <= flat.begins[token] < flat.ends[token] <= len(text)
    for number, text in enumerate(texts):
        alone = lay_flat([text], HIDDEN)
        mine = slice(flat.firsts[number], flat.firsts[number + 1])
        assert flat.word[mine].tolist() == alone.word.tolist()
        assert flat.begins[mine].tolist() == alone.begins.tolist()
        assert flat.gap[mine].tolist() == alone.gap.tolist()


@pytest.mark.parametrize(
    "text",
    ["a1" * 100_000, "1" * 200_000, "a." * 100_000, "a" * 200_000, "é\u0301" * 100_000, "*a" * 100_000, "a " * 100_000],
)
def test_a_text_made_to_be_slow_is_read_in_a_moment(text: str) -> None:
    lay_flat([text], HIDDEN)  # what hangs is ended by the run's own limit
