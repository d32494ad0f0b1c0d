"""A hint names what made it, where it stands and how it is used there. Invented words stand for slurs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.detection.detectors import Reader, default_detector, detector_for, words_to_mask
from vigie.detection.grounds import ground_of, grounds_of_kind
from vigie.detection.hints import Detector, HateKind, Kind, SourceStatus, Target, Use
from vigie.detection.languages import guess_language
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


def detector(*terms: Term) -> Reader:
    return Reader(Lexicon(version="essai-1", lang="fr", terms=terms))


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
        ("ploufete", ["ploufete"]),
        ("plouf", []),
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
    ("text", "use"),
    [
        ("Encore une quille.", Use.UNSURE),
        ("Une boule et une quille, le jeu commence.", Use.ORDINARY),
        ("Cette quille tire les ficelles en coulisses.", Use.PLAIN),
        ("Il a crié « quille » dans la rue.", Use.QUOTED),
    ],
)
def test_the_words_around_a_term_say_how_it_is_used(text: str, use: Use) -> None:
    known = detector(term("quille", needs_context=True, kind=Kind.CODED, beside=("ficelles",), unless=("boule", "jeu")))
    (match,) = known.read(text, "fr").matches
    assert match.use is use


def test_a_slur_said_of_oneself_is_said_to_be_reclaimed() -> None:
    (match,) = WORDS.read("Je suis une zorblée et fière de l’être.", "fr").matches
    assert match.use is Use.RECLAIMED


def test_a_word_that_needs_context_points_at_no_ground_by_itself() -> None:
    hint = WORDS.read("la quille est tombée", "fr")
    assert (hint.grounds, hint.targets) == ((), ())


def test_a_term_added_to_the_lexicon_raises_the_score_of_a_text_that_insults_with_it() -> None:
    text = "Sale frimousque, dégage d’ici !"
    before = WORDS.read(text, "fr").score
    after = detector(term("frimousque")).read(text, "fr")
    assert after.score > before
    assert after.kind is HateKind.INSULT
    assert Target.JEWS in after.targets


def test_a_text_in_another_language_shows_no_term_of_the_lexicon() -> None:
    hint = WORDS.read("a zorblé", "en")
    assert (hint.lang, hint.matches) == ("en", ())


def test_a_hint_keeps_the_version_it_was_made_with() -> None:
    assert WORDS.read("x").detector_version == WORDS.version
    assert WORDS.version.endswith("+essai-1")
    assert default_detector().version.startswith("reader-")
    assert default_detector().version.endswith("+fr-2026-11-20")


def test_many_texts_are_read_in_order() -> None:
    texts = [("zorblé", None), ("rien", "fr"), ("", None), ("Sale zorblé", "fr")]
    assert list(WORDS.read_many(texts)) == [WORDS.read(text, lang) for text, lang in texts]


@given(st.text(max_size=150))
def test_any_text_gives_a_hint_whose_matches_stand_there(text: str) -> None:
    reader: Detector = default_detector()
    hint = reader.read(text)
    assert 0 <= hint.score <= 1
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
    assert "+essai-" in default_detector().version


def test_a_slur_the_lexicon_does_not_list_is_masked_where_the_text_insults_with_it_and_nowhere_else() -> None:
    insulting, cooking = (
        "Ces femmes sont toutes des garces, je les hais.",
        "Une recette de thon aux tomates pour ce soir.",
    )
    assert [insulting[start:end] for start, end in words_to_mask(insulting)] == ["garces"]
    assert words_to_mask(cooking) == []


def test_every_ground_pointed_at_is_in_the_catalogue() -> None:
    catalogue = CATALOGUE.read_text(encoding="utf-8")
    pointed = {ground_of(kind, target) for kind in Kind for target in Target} - {None}
    pointed |= {ground for kind in HateKind for target in Target for ground in grounds_of_kind(kind, [target])}
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
