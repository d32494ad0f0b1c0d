"""Figures of worth, by tables worked by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vigie.detection.evaluation import (
    Labelled,
    auprc,
    auroc,
    calibration_error,
    evaluated,
    figures,
    macro_f1,
    recall_at,
    spread,
)  # fmt: skip

SCORES = np.array([0.9, 0.8, 0.7, 0.4, 0.3, 0.1])
TRUTH = np.array([True, False, True, True, False, False])
ONE_CLASS = np.array([True] * 6)


def test_the_figures_are_those_of_a_hand() -> None:
    # Of 9 pairs of a hateful and another text, 7 are in order; found at 0.5: two of three, with one false alarm.
    assert auroc(SCORES, TRUTH) == pytest.approx(7 / 9)
    assert macro_f1(SCORES, TRUTH) == pytest.approx(2 / 3)
    assert auprc(SCORES, TRUTH) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert recall_at(0.0)(SCORES, TRUTH) == pytest.approx(1 / 3)
    assert recall_at(0.5)(SCORES, TRUTH) == pytest.approx(1.0)
    assert calibration_error(np.array([0.05, 0.95]), np.array([False, True])) == pytest.approx(0.05)


def test_texts_of_one_score_are_in_no_order() -> None:
    same = np.full(6, 0.5)
    assert auroc(same, TRUTH) == 0.5
    assert auprc(same, TRUTH) == 0.5


def test_what_the_texts_cannot_tell_is_none_and_never_zero() -> None:
    assert auroc(SCORES, ONE_CLASS) is None
    assert macro_f1(SCORES, ONE_CLASS) is None
    assert figures(SCORES, TRUTH)["auroc"].value is None  # too few


def test_an_interval_holds_its_figure() -> None:
    chance = np.random.default_rng(1)
    truth = chance.random(400) < 0.4
    figure = figures(np.clip(truth * 0.3 + chance.random(400) * 0.7, 0, 1), truth)["auroc"]
    assert figure.low is not None
    assert figure.high is not None
    assert figure.value is not None
    assert figure.low < figure.value < figure.high


def test_a_target_is_measured_against_all_texts_that_are_not_hateful() -> None:
    texts = [Labelled("x", True, "fr", {"target": "jews"})] * 15 + [Labelled("x", True, "fr", {"target": "roma"})] * 15
    texts += [Labelled("y", False, "fr", {"target": "jews"})] * 30
    slices = evaluated(texts, [0.9] * 15 + [0.1] * 15 + [0.2] * 30)
    by = {one.value: one for one in slices if one.by == "target"}
    assert (by["jews"].texts, by["jews"].hateful, by["roma"].texts) == (45, 15, 45)
    assert spread(slices, "target") == 1.0


def test_a_labelled_file_is_measured_and_a_bad_line_is_named(tmp_path: Path) -> None:
    good = tmp_path / "bon.csv"
    good.write_text("text,label,lang\n" + "Bonjour à tous,0,fr\nSale rat de Rom,1,fr\n" * 15, encoding="utf-8")
    command = [sys.executable, "-m", "vigie", "detection", "evaluate"]
    done = subprocess.run([*command, str(good), "--json"], capture_output=True, timeout=60)
    whole = json.loads(done.stdout.splitlines()[0])
    assert (done.returncode, whole["texts"], whole["hateful"]) == (0, 30, 15)
    bad = tmp_path / "faux.ndjson"
    bad.write_text('{"text": "a", "label": 1}\n{"text": "b", "label": "peut-être"}\n', encoding="utf-8")
    done = subprocess.run([*command, str(bad)], capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"faux.ndjson" in done.stderr
    assert b"2" in done.stderr
    assert b"label" in done.stderr
