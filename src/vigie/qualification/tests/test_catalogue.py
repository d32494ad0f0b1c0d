"""The catalogue: what it promises, and what its validator refuses."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

from vigie.qualification import catalogue
from vigie.qualification.catalogue.validation import (
    CatalogueFault,
    faults_between,
    faults_of_answers,
    faults_of_catalogue,
)
from vigie.qualification.rules.answers import answer_text
from vigie.qualification.rules.values import Status, UnknownGround

from .builders import INCITEMENT, VERSION, same_path

FILE = f"{VERSION}.yaml"


@pytest.fixture(scope="module")
def raw() -> dict:
    return catalogue.parse(catalogue.HERE / "fr" / FILE)


def entry(data: dict, ground_id: str) -> dict:
    return next(ground for ground in data["grounds"] if ground["id"] == ground_id)


def test_the_shipped_catalogue_and_its_answers_have_no_fault():
    run = subprocess.run(
        [sys.executable, "-m", "vigie.qualification.catalogue"],
        capture_output=True,
        text=True,
        timeout=60,
        env=same_path(),
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_every_entry_of_the_research_is_there():
    grounds = catalogue.load(VERSION).grounds.values()
    assert len(grounds) == 58
    assert {status: sum(g.status is status for g in grounds) for status in Status} == {
        Status.IN_FORCE: 43,
        Status.AGGRAVATING: 2,
        Status.NOT_AN_OFFENCE: 1,
        Status.DECLINE_REASON: 12,
    }


def test_a_version_is_read_once_and_an_unknown_one_is_refused():
    assert catalogue.load(VERSION) is catalogue.load(VERSION)
    assert catalogue.current().version == catalogue.versions()[-1]
    with pytest.raises(catalogue.UnknownVersion, match="2019-01-01"):
        catalogue.load("2019-01-01")
    with pytest.raises(UnknownGround, match="thought-crime"):
        catalogue.load(VERSION).ground("thought-crime")


def test_french_is_set_as_a_printer_would_and_english_left_alone():
    question = catalogue.load(VERSION).ground(INCITEMENT).elements[0].text
    assert question.fr.startswith("Le contenu est-il public (accessible au-delà d’un groupe lié")
    assert question.fr.endswith("\u00a0?")
    assert question.en.endswith("?")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda g: g.pop("articles"), "articles: is missing."),
        (lambda g: g.update(artcles=[]), "artcles: is not a field of the catalogue; is it misspelt?"),
        (lambda g: g.update(articles=[]), "articles: a ground in force must name its article."),
        (lambda g: g.update(status="abrogé"), "status: «abrogé» is not one of in-force"),
        (lambda g: g["elements"][1].pop("en"), "elements e2: en: the text is missing."),
        (lambda g: g["elements"].pop(0), "elements: question 1 must have the id «e1»."),
        (lambda g: g.update(made_out_by=[["e9"]]), "made_out_by: there is no element «e9»."),
        (
            lambda g: g.update(made_out_by=[[]]),
            "made_out_by: an empty list would make the ground out by itself.",
        ),
        (lambda g: g.update(related=["nowhere"]), "related: there is no entry «nowhere»."),
        (lambda g: g["protected_criteria"].append("hair"), "«hair» is not in the vocabulary."),
        (lambda g: g.update(sources=[]), "sources: what was read must be named"),
        (lambda g: g["verification"].update(verified_at="hier"), "verified_at must be a quoted day."),
        (
            lambda g: g["limitation"].update(months=0),
            "limitation months: must be a number of months above zero",
        ),
        (lambda g: g["dsa"].update(category="HATE"), "dsa: category must be a STATEMENT_CATEGORY_"),
    ],
)
def test_a_fault_is_named_by_file_entry_and_field(raw, change, sentence):
    data = deepcopy(raw)
    change(entry(data, INCITEMENT))
    found = list(faults_of_catalogue(data, FILE))
    assert any(f"{FILE}: {INCITEMENT}: " in fault and sentence in fault for fault in found), found


def test_an_id_used_twice_is_refused(raw):
    data = deepcopy(raw)
    data["grounds"].append(deepcopy(entry(data, INCITEMENT)))
    assert f"{FILE}: {INCITEMENT}: id: is used twice." in list(faults_of_catalogue(data, FILE))


def test_a_broken_file_is_refused_before_anything_relies_on_it(tmp_path: Path, raw):
    (tmp_path / "bad.yaml").write_text("grounds: [", encoding="utf-8")
    with pytest.raises(CatalogueFault, match=r"bad\.yaml: cannot be read"):
        catalogue.read(tmp_path / "bad.yaml")
    (tmp_path / "renamed.yaml").write_text((catalogue.HERE / "fr" / FILE).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CatalogueFault, match="is not the name of the file"):
        catalogue.read(tmp_path / "renamed.yaml")


def test_every_reason_to_decline_has_a_kind_answer_with_a_door_in_both_languages():
    answers = catalogue.kind_answers()
    for reason in catalogue.load(VERSION).having(Status.DECLINE_REASON):
        assert answers.by_reason[reason.id].doors, reason.id
        for language in ("fr", "en"):
            assert len(answer_text(answers, reason.id, language=language).split("\n\n")) == 4


def test_a_reason_without_an_answer_is_a_fault(raw):
    answers = catalogue.parse(catalogue.HERE / "fr" / "answers.yaml")
    del answers["answers"]["not-illegal-opinion"]
    assert list(faults_between(raw, answers, "answers.yaml")) == [
        "answers.yaml: answer not-illegal-opinion: is missing, although the catalogue declines for this reason."
    ]
    answers["answers"]["not-illegal-irony-satire"]["doors"] = ["window"]
    assert "answers.yaml: answer not-illegal-irony-satire: doors: there is no door «window»." in list(
        faults_of_answers(answers, "answers.yaml")
    )


def test_a_simple_insult_is_sent_to_the_police_with_its_short_time_not_to_pharos():
    answer = catalogue.kind_answers().by_reason["not-illegal-simple-insult"]
    assert "police" in {door.id for door in answer.doors}
    assert "pharos" not in {door.id for door in answer.doors}
    assert "trois mois" in answer.text.fr
