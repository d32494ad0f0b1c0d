"""A hint names what made it, stays humble, and counts as the table says. Invented words stand for slurs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.detection.detectors import LexiconDetector, default_detector, detector_for, words_to_mask
from vigie.detection.grounds import ground_of
from vigie.detection.hints import Detector, Kind, SourceStatus, Target
from vigie.detection.languages import guess_language
from vigie.detection.scoring import MOST, MOST_WITHOUT_A_FIRM_TERM
from vigie.detection.terms import SHIPPED, Lexicon, LexiconError, Term, read_lexicon

CATALOGUE = Path(__file__).parents[2] / "qualification" / "catalogue" / "fr" / "2026-11-20.yaml"
SHARED_CSV = Path(__file__).parents[5] / "shared" / "data" / "lexicon" / "coded_terms_fr.csv"


def term(word: str, *variants: str, **changes: object) -> Term:
    return Term(
        **{
            "term": word, "variants": variants, "kind": Kind.SLUR, "target": Target.JEWS, "sense": "Mot inventé",
            "needs_context": False, "source_status": SourceStatus.RETRIEVED, **changes,
        }
    )  # fmt: skip


def detector(*terms: Term) -> LexiconDetector:
    return LexiconDetector(Lexicon(version="essai-1", lang="fr", terms=terms))


ZORBLE = term("zorblé", "zorblée")
QUILLE = term("quille", needs_context=True)
FOULARD = term("zorblé de malheur", kind=Kind.SLOGAN)
WORDS = detector(
    ZORBLE, QUILLE, FOULARD, term("ploufette"), term("#gnou", kind=Kind.CODED), term("Qui ?", kind=Kind.SLOGAN)
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Un zorblé.", ["zorblé"]),
        ("UN ZORBLE !", ["ZORBLE"]),
        ("des zorblés", ["zorblés"]),
        ("z0rbl3", ["z0rbl3"]),
        ("zoooorblé", ["zoooorblé"]),
        ("plouuuufette", ["plouuuufette"]),
        ("ploufeeeete", ["ploufeeeete"]),
        ("z.o.r.b.l.e", ["z.o.r.b.l.e"]),
        ("zor\u200bblé", ["zor\u200bblé"]),
        ("zоrblé", ["zоrblé"]),
        ("zorblé-de  malheur", ["zorblé-de  malheur"]),
        ("azorblé zorbléa", []),
        ("#gnou", ["#gnou"]),
        ("gnou", []),
        ("Mais qui ? Qui?", ["qui ?", "Qui?"]),
        ("Qui vient", []),
        ("ploufete", []),
        ("", []),
    ],
)
def test_a_term_is_found_where_it_stands(text: str, found: list[str]) -> None:
    matches = WORDS.read(text, "fr").matches
    assert [match.text for match in matches] == found
    assert [text[match.start : match.end] for match in matches] == found


def test_a_match_says_what_it_is() -> None:
    (match,) = WORDS.read("la quille").matches
    assert (match.term, match.kind, match.target, match.sense) == ("quille", Kind.SLUR, Target.JEWS, "Mot inventé")
    assert match.needs_context
    assert match.source_status is SourceStatus.RETRIEVED


def test_two_meanings_of_one_word_are_both_given() -> None:
    both = detector(ZORBLE, term("zorblée", target=Target.WOMEN))
    assert set(both.read("zorblée").targets) == {Target.JEWS, Target.WOMEN}


@pytest.mark.parametrize(
    ("terms", "text", "score"),
    [
        ([ZORBLE], "zorblé", 0.55),
        ([ZORBLE], "zorblé zorblée", 0.55),
        ([QUILLE], "quille", 0.08),
        ([ZORBLE, QUILLE], "zorblé quille", 0.586),
        ([term("zorblé", source_status=SourceStatus.UNVERIFIED)], "zorblé", 0.44),
        ([term("zorblé", kind=Kind.CODED)], "zorblé", 0.45),
        ([term("zorblé", kind=Kind.NUMBER)], "zorblé", 0.35),
        ([ZORBLE], "bonjour", 0.0),
    ],
)
def test_the_score_is_the_one_of_the_table(terms: list[Term], text: str, score: float) -> None:
    assert detector(*terms).read(text).score == score


def test_words_that_need_context_never_make_a_high_score() -> None:
    names = [f"zorb{letter}le" for letter in "abcdefghijkl"]
    crowd = detector(*(term(name, needs_context=True) for name in names)).read(" ".join(names))
    assert crowd.score == MOST_WITHOUT_A_FIRM_TERM
    assert crowd.grounds == ()


def test_no_lexicon_is_ever_sure() -> None:
    names = [f"zorb{letter}le" for letter in "abcdefghijkl"]
    assert detector(*map(term, names)).read(" ".join(names)).score == MOST


def test_a_text_in_another_language_gives_an_empty_hint() -> None:
    hint = WORDS.read("a zorblé", "en")
    assert (hint.lang, hint.score, hint.matches) == ("en", 0.0, ())


def test_a_hint_keeps_the_version_it_was_made_with() -> None:
    assert WORDS.read("x").detector_version == "lexicon-1+essai-1"
    assert default_detector().version == "lexicon-1+fr-2026-11-20"


def test_many_texts_are_read_in_order() -> None:
    assert [hint.score for hint in WORDS.read_many([("zorblé", None), ("rien", "fr")])] == [0.55, 0.0]


@given(st.text(max_size=150))
def test_any_text_gives_a_hint_whose_matches_stand_there(text: str) -> None:
    reader: Detector = default_detector()
    hint = reader.read(text)
    assert 0 <= hint.score <= MOST
    assert all(match.text == text[match.start : match.end] for match in hint.matches)
    assert hint == reader.read(text)


def test_slurs_are_masked_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "essai.csv"
    file.write_text(
        "term,variants,kind,target,sense,context_needed,source_url,source_status\n"
        "zorblé,zorblée|zorblés,slur,Jews,Mot inventé,false,,unverified\n"
        "gnou,,coded,any,Mot inventé,true,,repo\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("VIGIE_LEXICON", str(file))
    assert words_to_mask("Un zorblé, un gnou, une z0rblée.") == [(3, 9), (24, 31)]
    assert default_detector().version.startswith("lexicon-1+essai-")


def test_every_ground_pointed_at_is_in_the_catalogue() -> None:
    catalogue = CATALOGUE.read_text(encoding="utf-8")
    pointed = {ground_of(kind, target) for kind in Kind for target in Target} - {None}
    assert pointed
    assert all(f"id: {ground}\n" in catalogue for ground in pointed)


def test_a_target_that_is_no_protected_group_points_at_no_ground() -> None:
    assert ground_of(Kind.SLUR, Target.POLITICAL) is None
    assert ground_of(Kind.SLUR, Target.ANY) is None


def test_the_shipped_lexicon_is_whole_and_honest() -> None:
    lexicon = read_lexicon(SHIPPED)
    assert 30 <= len(lexicon.terms) <= 80
    assert len({one.term for one in lexicon.terms}) == len(lexicon.terms)
    assert all(one.source_status is SourceStatus.UNVERIFIED for one in lexicon.terms)
    for one in lexicon.terms:
        (first, *_) = default_detector().read(one.term, "fr").matches
        assert (first.start, first.end) == (0, len(one.term)), one.term


def test_a_shared_list_in_csv_is_read() -> None:
    if not SHARED_CSV.exists():
        pytest.skip(f"the shared list of coded terms is not beside the checkout ({SHARED_CSV})")
    lexicon = read_lexicon(SHARED_CSV)
    assert len(lexicon.terms) > 250
    assert detector_for(str(SHARED_CSV)).read("bonjour tout le monde", "fr").matches == ()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("terms: [{term: a, kind: mot}]", "needs_context"),
        ("terms: [{term: a, kind: mot, target: jews, sense: b, needs_context: true, source_status: repo}]", "kind"),
        ("terms: [{term: '', kind: slur, target: jews, sense: b, needs_context: true, source_status: repo}]", "term"),
        ("terms: [{term: a, variants: [1], kind: slur, needs_context: true}]", "variants"),
        ("termes: []", "terms"),
        ("a: [", "ne peut être lu"),
    ],
)
def test_a_faulty_lexicon_is_refused_by_name(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "faux.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(LexiconError, match=complaint) as fault:
        read_lexicon(file)
    assert "faux.yaml" in str(fault.value)


def test_a_lexicon_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match=r"absent\.yaml"):
        read_lexicon(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Les gens sont dans la rue et ils chantent", "fr"),
        ("The people are in the street and they sing", "en"),
        ("Die Leute sind auf der Straße und singen", "de"),
        ("La gente está en la calle y canta para los niños", "es"),
        ("La gente è per strada e non canta con gli altri", "it"),
        ("12 345", "und"),
        ("", "und"),
    ],
)
def test_a_language_is_guessed_from_small_words(text: str, lang: str) -> None:
    assert guess_language(text) == lang
