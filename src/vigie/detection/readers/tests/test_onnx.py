"""A folder with a model is read as its maker meant it, or refused with one sentence."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from vigie.core.environment import Environment
from vigie.core.errors import BadSetting, UnusableInput
from vigie.detection.readers.folder import look
from vigie.detection.readers.onnx.reader import OnnxReader
from vigie.detection.readers.ports import Unread
from vigie.detection.readers.settings import checked

from .tiny import WEIGHTS, make_model

HATEFUL, KIND, UNKNOWN = "un zorble", "un gnou", "une chose"


def sigmoid(number: float) -> float:
    return 1 / (1 + math.exp(-number))


def scores(folder: Path, texts: list[str], *, labels: tuple[str, ...] = ()) -> list[float | Unread]:
    return list(OnnxReader(look(folder, labels)).scores(texts).scores)


def test_each_text_gets_its_score_whatever_stands_beside_it(tmp_path: Path) -> None:
    texts = ["zorble " * 3 + "et " * 40, HATEFUL, "", KIND, UNKNOWN, *["chose " * number for number in range(40)]]
    # Padding weighs, so that a mask that lets it through is seen.
    found = scores(make_model(tmp_path, weights={**WEIGHTS, "[PAD]": 5.0}), texts)
    assert found[:5] == pytest.approx([sigmoid(9), sigmoid(3), 0.5, sigmoid(-2), 0.5], abs=1e-5)
    assert found[5:] == pytest.approx([0.5] * 40)


@pytest.mark.parametrize("name", ["model.onnx", "onnx/model.onnx", "onnx/model_quantized.onnx"])
@pytest.mark.parametrize("is_int8", [False, True])
def test_the_usual_places_and_whole_number_weights_are_read(tmp_path: Path, name: str, is_int8: bool) -> None:
    folder = make_model(tmp_path, name=name, is_int8=is_int8, more_inputs=["token_type_ids"])
    assert scores(folder, [HATEFUL, KIND]) == pytest.approx([sigmoid(3), sigmoid(-2)], abs=0.01)


def test_a_text_longer_than_the_model_is_cut(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    assert scores(folder, ["chose " * 64 + "zorble", "chose " * 63 + "zorble"]) == pytest.approx(
        [0.5, sigmoid(3)], abs=1e-5
    )


@pytest.mark.parametrize(
    ("labels", "asked", "of_zorble"),
    [
        (("hate", "nothate", "normal"), (), 1 / (1 + 1 + math.exp(3))),
        (("NOT-HATE", "HATE"), (), sigmoid(3)),
        (("non_haineux", "haineux"), (), sigmoid(3)),
        (("LABEL_0", "LABEL_1"), ("LABEL_1",), sigmoid(3)),
        (("LABEL_0", "LABEL_1"), ("LABEL_0",), sigmoid(-3)),
        (("ok", "insult", "threat"), ("insult", "threat"), (1 + math.exp(3)) / (2 + math.exp(3))),
        (("hate",), (), sigmoid(3)),
    ],
)
def test_hateful_labels_are_those_named_or_those_that_say_so(
    tmp_path: Path, labels: tuple[str, ...], asked: tuple[str, ...], of_zorble: float
) -> None:
    assert scores(make_model(tmp_path, labels=labels), [HATEFUL], labels=asked) == pytest.approx([of_zorble], abs=1e-5)


def test_labels_that_exclude_nothing_are_probabilities_of_their_own(tmp_path: Path) -> None:
    folder = make_model(tmp_path, labels=("rude", "hateful"), problem="multi_label_classification")
    assert scores(folder, [HATEFUL, UNKNOWN], labels=("rude", "hateful")[1:]) == pytest.approx(
        [sigmoid(3), 0.5], abs=1e-5
    )


@pytest.mark.parametrize(
    ("labels", "asked", "said"),
    [
        (("LABEL_0", "LABEL_1"), (), "parmi LABEL_0, LABEL_1 ; écrivez-les dans VIGIE_SECOND_LABELS"),
        (("toxic", "clean"), (), "parmi toxic, clean"),
        (("neutral", "hateful"), ("haine",), "parmi les étiquettes du modèle : neutral, hateful"),
        (("neutral", "hateful"), ("neutral", "hateful"), "sans les prendre toutes"),
    ],
)
def test_labels_that_nobody_can_tell_are_refused(
    tmp_path: Path, labels: tuple[str, ...], asked: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UnusableInput) as refusal:
        look(make_model(tmp_path, labels=labels), asked)
    assert said in str(refusal.value)


@pytest.mark.parametrize("gone", ["tokenizer.json", "config.json", "model.onnx"])
def test_what_is_missing_in_a_folder_is_named(tmp_path: Path, gone: str) -> None:
    (make_model(tmp_path) / gone).unlink()
    with pytest.raises(UnusableInput) as refusal:
        look(tmp_path)
    assert gone in str(refusal.value)


def test_what_cannot_be_loaded_is_said_in_one_line(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    (folder / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(UnusableInput) as refusal:
        scores(folder, [HATEFUL])
    assert "model.onnx ne peut être lu" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_model_that_answers_another_question_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    config["id2label"]["2"] = "other"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UnusableInput, match="rend 2 nombres et"):
        scores(folder, [HATEFUL])
    make_model(folder, more_inputs=["pixel_values"])
    with pytest.raises(UnusableInput, match="pixel_values"):
        scores(folder, [HATEFUL])


def test_without_the_library_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UnusableInput, match=r"Il manque onnxruntime.*« make second »"):
        scores(make_model(tmp_path), [HATEFUL])
    with pytest.raises(BadSetting, match="Il manque onnxruntime"):
        checked(Environment({"VIGIE_SECOND_READER": str(tmp_path)}))


def test_numbers_that_are_none_are_no_score(tmp_path: Path) -> None:
    folder = make_model(tmp_path, weights={"zorble": math.nan})
    assert scores(folder, [HATEFUL, UNKNOWN]) == [Unread.NONSENSE, 0.5]


def test_another_model_has_another_version(tmp_path: Path) -> None:
    first = look(make_model(tmp_path / "modele")).version
    again = look(make_model(tmp_path / "modele")).version
    other = look(make_model(tmp_path / "modele", weights={"zorble": 1.0})).version
    assert first == again != other
    assert other.startswith("modele@")


def test_when_time_is_up_nothing_more_is_begun(tmp_path: Path) -> None:
    assert OnnxReader(look(make_model(tmp_path))).scores([HATEFUL], until=0.0).scores == [Unread.SLOW]


def test_a_model_that_is_not_onnx_is_told_how_to_become_it(tmp_path: Path) -> None:
    from vigie.detection.readers.safetensors.reader import SafetensorsReader

    folder = make_model(tmp_path)
    (folder / "model.onnx").rename(folder / "model.safetensors")
    with pytest.raises(UnusableInput, match="optimum-cli export onnx --model"):
        SafetensorsReader(look(folder))
