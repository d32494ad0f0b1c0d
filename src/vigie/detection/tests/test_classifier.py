"""The classifier tells who is attacked from who is named. Its worth is measured, not tested: `benchmarks/detection.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.detection.classifier import MODEL, Classifier, ModelError, read_model, shipped_model, write_model
from vigie.detection.detectors import default_detector
from vigie.detection.hints import HateKind, Target
from vigie.detection.model.grammar import FAMILIES, Grammar
from vigie.detection.model.vocabulary import LANGUAGES, WORDS, entries_of

NAMED = {
    Target.JEWS: "juifs", Target.MUSLIMS: "musulmans", Target.ARABS: "Arabes", Target.ASIANS: "Asiatiques",
    Target.ROMA: "Roms", Target.MIGRANTS: "migrants", Target.LGBT: "homosexuels",
    Target.DISABLED_PEOPLE: "handicapés", Target.WOMEN: "femmes",
}  # fmt: skip


@pytest.mark.parametrize("target", NAMED)
def test_a_group_named_is_not_a_group_attacked(target: Target) -> None:
    reader, group = default_detector(), NAMED[target]
    harmless = reader.read(f"Les {group} du quartier ont préparé la fête avec les voisins.", "fr")
    hostile = reader.read(f"Les {group} sont tous des parasites, il faut les virer.", "fr")
    assert harmless.score < 0.5 < hostile.score
    assert target in hostile.targets
    assert hostile.grounds


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Je vais vous retrouver et vous tuer, sales Roms", HateKind.THREAT),
        ("La Shoah est un mensonge", HateKind.DENIAL),
        ("Dehors les migrants, il faut les expulser tous", HateKind.INCITEMENT),
        ("Les Roms sont de la vermine", HateKind.DEHUMANISATION),
    ],
)
def test_what_a_text_does_is_named(text: str, kind: HateKind) -> None:
    assert default_detector().read(text, "fr").kind is kind


def test_the_words_that_moved_the_score_stand_where_they_say() -> None:
    text = "Franchement, ces Roms sont des parasites."
    moved = default_detector().explain(text, "fr")
    assert moved
    assert all(text[word.start : word.end] == word.text for word in moved)
    assert "parasites" in {word.text for word in moved}


def test_a_text_gets_the_same_verdict_alone_or_among_others() -> None:
    reader = Classifier(shipped_model())
    texts = ["Les Roms sont là", "", "x" * 500, "Je hais les lundis, « sale » temps ! 🐖", "They are vermin", "88"] * 40
    together = reader.read(reader.lay(texts), [None] * len(texts))
    alone = [reader.read(reader.lay([text]), [None]) for text in texts[:6]]
    assert together.score.tolist() == [one.score[0] for one in alone] * 40
    assert together.lang == [one.lang[0] for one in alone] * 40
    assert together.kind.tolist() == [one.kind[0] for one in alone] * 40


def test_a_model_written_again_is_the_same_file(tmp_path: Path) -> None:
    write_model(read_model(MODEL), tmp_path / "again.model")
    assert (tmp_path / "again.model").read_bytes() == MODEL.read_bytes()


@pytest.mark.parametrize("content", [b"", b"PK nothing"])
def test_a_file_that_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "faux.model").write_bytes(content)
    with pytest.raises(ModelError, match=r"faux\.model"):
        read_model(tmp_path / "faux.model")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_words_and_families(lang: str) -> None:
    assert (WORDS / f"{lang}.txt").exists()
    assert (FAMILIES / f"{lang}.txt").exists()
    assert len(entries_of(lang)) > 2_000
    made = list(Grammar(lang).sentences(300, 1))
    assert 0.3 < sum(one.is_hateful for one in made) / len(made) < 0.6
    assert [one.text for one in Grammar(lang).sentences(20, 1)] == [one.text for one in Grammar(lang).sentences(20, 1)]
    assert not any(mark in one.text for one in made for mark in "{}|")
