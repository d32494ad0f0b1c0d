"""`make model`: train the classifier from the labelled sets beside the checkout and from our own sentence families.

    PYTHONPATH=src python -m vigie.detection.model.train [--out FILE]

What is non-commercial is never trained on. The same inputs give the same file, byte for byte. Prints what the model
card states. Needs scipy and scikit-learn (the development set of packages).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import re
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from vigie.detection.classifier import KIND_SCALE, KINDS, KINDS_BY, MODEL, TARGETS, Classifier, Model, write_model
from vigie.detection.evaluation import figures
from vigie.detection.features import CLASS, SIZE
from vigie.detection.flat import fold_word

from .grammar import FAMILIES, Grammar, Sentence
from .vocabulary import LANGUAGES, WORDS, entries_of

ROOT = Path(__file__).parents[4]
DATA = ROOT.parent / "shared" / "data"
SETS: dict[str, tuple[str, float]] = {
    # set: (language, how much a row counts)
    "ftr_fr": ("fr", 8.0), "mlma_fr": ("fr", 0.2), "toxifrench_agreement_fr": ("fr", 1.0), "jigsaw_fr": ("fr", 0.1),
    "ud_gsd_fr": ("fr", 1.0), "davidson_en": ("en", 0.1), "hatemoji_en": ("en", 0.5),
    "ken20_en": ("en", 0.5), "gahd_de": ("de", 0.6),
}  # fmt: skip
MADE = {"fr": 36_000, "en": 16_000, "de": 8_000, "it": 8_000, "es": 8_000, "nl": 8_000}
MADE_COUNTS = 0.25
TOGETHER = 4
"""One post of several sentences for so many single ones."""
WRITTEN_COUNTS = 3.0
BY_HAND = Path(__file__).parent / "sentences"
SEED = 20261126
C = 1.0
LEAST_SEEN = 5
_WORD = re.compile(r"[^\W\d_]+")
FOLDS = 3
SCALE = 4000.0
CALIBRATED_ON = {"ftr_fr": 4.0, "toxifrench_agreement_fr": 1.0, "ken20_en": 1.0, "gahd_de": 1.0, "written": 1.0}
"""Sets whose unseen folds set slope and shift, and how much each counts: the French tweets most, for what is read is tweets."""


@dataclass
class Rows:
    """Texts with what is known of them."""

    name: str
    lang: str
    weight: float
    texts: list[str] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def read_set(name: str) -> Rows:
    """Return one labelled set beside the checkout."""
    lang, weight = SETS[name]
    rows = Rows(name, lang, weight)
    with gzip.open(DATA / name / "data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.texts.append(row["text"])
            rows.labels.append(int(float(row["label"])))
            rows.kinds.append("")
    return rows


def made(lang: str) -> Rows:
    """Return the sentences of our own families in one language."""
    rows = Rows(f"families_{lang}", lang, MADE_COUNTS)
    sentences = list(Grammar(lang).sentences(MADE[lang], SEED))
    chance = random.Random(SEED)  # noqa: S311 reproducible, not secret
    # A post is often several sentences: harmless ones stay harmless together, and one that is hateful makes the post so.
    harmless = [one for one in sentences if not one.is_hateful]
    for _ in range(MADE[lang] // TOGETHER):
        first = chance.choice(sentences)
        several = [first, *chance.sample(harmless, chance.choice((1, 1, 2, 3)))]
        chance.shuffle(several)
        text = " ".join(one.text for one in several)
        sentences.append(Sentence(text, lang, first.is_hateful, "together", first.kind, first.target))
    for one in sentences:
        rows.texts.append(one.text)
        rows.labels.append(int(one.is_hateful))
        rows.kinds.append(one.kind)
    return rows


def written(lang: str) -> Rows:
    """Return the sentences we wrote one by one in a language; none is in a test."""
    rows = Rows(f"written_{lang}", lang, WRITTEN_COUNTS)
    file = BY_HAND / f"{lang}.csv"
    if not file.exists():
        return rows
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows.texts.append(row["text"])
            rows.labels.append(int(row["label"]))
            rows.kinds.append(row["kind"])
    return rows


def languages() -> tuple[str, ...]:
    """Return the languages whose words and families are both written."""
    return tuple(lang for lang in LANGUAGES if (WORDS / f"{lang}.txt").exists() and (FAMILIES / f"{lang}.txt").exists())


def blank(langs: Sequence[str], sets: Sequence[Rows]) -> Model:
    """Return a model that knows its words and nothing else."""
    entries = [(number, entry) for number, lang in enumerate(langs) for entry in entries_of(lang)]
    counts = Counter(
        word for rows in sets for text in rows.texts for word in _WORD.findall(fold_word(text)) if len(word) > 2
    )
    return Model(
        version="", languages=tuple(langs), weights=np.zeros(SIZE, dtype=np.int16),
        kinds=np.zeros((SIZE, len(KINDS)), dtype=np.int8), scale=SCALE, bias=0.0, kind_bias=(0.0,) * len(KINDS),
        slope={"fr": 1.0}, shift={"fr": 0.0}, ordinary=tuple(sorted(word for word, count in counts.items() if count >= LEAST_SEEN and word.isalpha())),
        forms=tuple(fold_word(entry.writing) for _, entry in entries),
        does=np.array([CLASS[entry.does] for _, entry in entries], dtype=np.uint8),
        target=np.array([TARGETS.index(entry.target) for _, entry in entries], dtype=np.uint8),
        lang=np.array([number for number, _ in entries], dtype=np.uint8),
    )  # fmt: skip


def matrix(
    reader: Classifier, texts: Sequence[str], lang: str | None, only: frozenset[str] | None = None
) -> sp.csr_matrix:
    """Return the features of texts, one row each: what the reader sums, as a sparse matrix."""
    blocks = []
    for start in range(0, len(texts), 4000):
        some = texts[start : start + 4000]
        seen, _ = reader.look(reader.lay(some), [lang] * len(some))
        total = sp.csr_matrix((len(some), SIZE))
        for group in seen.groups:
            if only is not None and group.name not in only:
                continue
            share = 1 / np.sqrt(np.maximum(np.bincount(group.post, minlength=len(some)), 1))
            total = total + sp.csr_matrix((share[group.post], (group.post, group.rows)), shape=(len(some), SIZE))
        blocks.append(total)
    return sp.vstack(blocks).tocsr()


def fitted(features: sp.csr_matrix, labels: npt.NDArray[Any], weights: npt.NDArray[Any]) -> LogisticRegression:
    learner = LogisticRegression(C=C, solver="liblinear", random_state=SEED)
    return learner.fit(features, labels, sample_weight=weights)


@dataclass
class Trained:
    """A model with what it was trained from, for those who measure it."""

    model: Model
    sets: list[Rows]
    unseen: dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]]
    """Scores and truth of texts scored by a learner that had not seen them (three folds)."""


# Several threads add up in another order, and the last digits of a sum differ: one gives the same file everywhere.
@threadpool_limits.wrap(limits=1)
def train(langs: Sequence[str] | None = None, *, leave_out: str = "") -> Trained:
    """Train the model.

    Args:
        leave_out: a set that training must not see at all.
    """
    langs = tuple(langs or languages())
    sets = [rows for lang in langs for rows in (made(lang), written(lang)) if rows.texts]
    sets += [read_set(name) for name, (lang, _) in SETS.items() if lang in langs and name != leave_out]
    model = blank(langs, sets)
    reader = Classifier(model)
    features = {rows.name: matrix(reader, rows.texts, rows.lang) for rows in sets}
    labels = {rows.name: np.array(rows.labels) for rows in sets}
    weights = {rows.name: np.full(len(rows.labels), rows.weight) for rows in sets}

    def fit(parts: dict[str, npt.NDArray[Any]]) -> LogisticRegression:
        return fitted(
            sp.vstack([features[name][kept] for name, kept in parts.items()]).tocsr(),
            np.concatenate([labels[name][kept] for name, kept in parts.items()]),
            np.concatenate([weights[name][kept] for name, kept in parts.items()]),
        )

    everything = {rows.name: np.arange(len(rows.labels)) for rows in sets}
    learner = fit(everything)
    slope, shift, unseen = calibrated(sets, features, labels, everything, fit)
    hateful = [
        (rows.texts[place], rows.lang, KINDS.index(kind))  # type: ignore[arg-type]
        for rows in sets if rows.name.startswith(("families_", "written_"))
        for place, kind in enumerate(rows.kinds) if kind
    ]  # fmt: skip
    of_kinds = sp.vstack([
        matrix(reader, [text for text, lang, _ in hateful if lang == known], known, KINDS_BY) for known in langs
    ]).tocsr()  # fmt: skip
    which = np.array([kind for known in langs for _, lang, kind in hateful if lang == known])
    heads = [fitted(of_kinds, (which == number).astype(int), np.full(len(which), 0.3)) for number in range(len(KINDS))]
    kind_weights = np.stack([head.coef_[0] for head in heads], axis=1)
    digest = f"{zlib.crc32(np.round(learner.coef_[0], 4).astype(np.float32).tobytes()):08x}"
    trained = Model(
        version=f"reader-{SEED}-{digest}", languages=langs,
        weights=np.clip(np.round(learner.coef_[0] * SCALE), -32767, 32767).astype(np.int16),
        kinds=np.clip(np.round(kind_weights * KIND_SCALE), -127, 127).astype(np.int8), scale=SCALE,
        bias=round(float(learner.intercept_[0]), 6),
        kind_bias=tuple(round(float(head.intercept_[0]), 6) for head in heads), slope=slope, shift=shift,
        ordinary=model.ordinary, forms=model.forms, does=model.does, target=model.target, lang=model.lang,
    )  # fmt: skip
    return Trained(trained, sets, {name: (scores, labels[name] == 1) for name, scores in unseen.items()})


def calibrated(
    sets: Sequence[Rows], features: dict[str, sp.csr_matrix], labels: dict[str, npt.NDArray[Any]],
    everything: dict[str, npt.NDArray[Any]], fit: Any,
) -> tuple[dict[str, float], dict[str, float], dict[str, npt.NDArray[Any]]]:  # fmt: skip
    """Return slope and shift by language from texts the learner had not seen, and the scores of those texts."""
    chance = np.random.RandomState(SEED)
    fold = {name: chance.randint(0, FOLDS, len(rows)) for name, rows in everything.items()}
    unseen = {name: np.zeros(len(rows)) for name, rows in everything.items() if _calibrates(name)}
    for turn in range(FOLDS):
        learner = fit({
            name: rows[fold[name] != turn] if name in unseen else rows for name, rows in everything.items()
        })  # fmt: skip
        for name in unseen:
            kept = fold[name] == turn
            unseen[name][kept] = learner.decision_function(features[name][kept])
    slope, shift = {}, {}
    for lang in dict.fromkeys(rows.lang for rows in sets):
        names = [rows.name for rows in sets if rows.lang == lang and rows.name in unseen]
        if not names:
            continue
        weight = np.concatenate([
            np.full(len(unseen[name]), 1000 * _calibrates(name) / len(unseen[name])) for name in names
        ])  # fmt: skip
        platt = LogisticRegression(C=1e6)
        platt.fit(
            np.concatenate([unseen[name] for name in names])[:, None],
            np.concatenate([labels[name] for name in names]), sample_weight=weight,
        )  # fmt: skip
        slope[lang], shift[lang] = round(float(platt.coef_[0][0]), 4), round(float(platt.intercept_[0]), 4)
        for name in names:
            unseen[name] = 1 / (1 + np.exp(-(slope[lang] * unseen[name] + shift[lang])))
    return slope, shift, unseen


def _calibrates(name: str) -> float:
    """Return how much a set counts in calibration; 0 for those that do not serve it."""
    return next((weight for start, weight in CALIBRATED_ON.items() if name.startswith(start)), 0.0)


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def _unseen(name: str, scores: npt.NDArray[Any], truth: npt.NDArray[Any]) -> str:
    """Return a line of what the folds that were not seen gave."""
    found = figures(scores, truth)
    shown = (
        f"{measure} " + ("n.d." if one.value is None else f"{one.value:.3f} [{one.low or 0:.2f}-{one.high or 0:.2f}]")
        for measure, one in found.items()
    )
    return f"unseen folds of {name}: " + ", ".join(shown)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make model", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODEL)
    asked = parser.parse_args(arguments)
    trained = train()
    write_model(trained.model, asked.out)
    _say([
        f"{trained.model.version}: {len(trained.model.forms):,} writings, {asked.out.stat().st_size / 1e6:.1f} MB",
        *(f"{rows.name:26} {len(rows.labels):>7,} rows, {sum(rows.labels):>6,} hateful" for rows in trained.sets),
        *(_unseen(name, *both) for name, both in trained.unseen.items()),
        json.dumps({"slope": trained.model.slope, "shift": trained.model.shift}),
    ])  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
