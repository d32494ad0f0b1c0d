"""What the detector is worth and how fast it is: to be read before trusting a hint. `python -m benchmarks.detection`

Quality on texts that training never saw: sentences written by hand for this measure alone (by family, target and kind; whether an identity merely named is flagged), clean prose, ordinary tweets. Robustness: the recall kept under
each disguise, beside the clean text. Speed on one core, whole posts in, full rows out, beside ahocorasick_rs matching
alone and a scikit-learn tf-idf pipeline in the same run. `--leave-out SET` trains anew without a whole set and measures
on it (minutes). Sets lie beside the checkout (`../shared/data`); what is non-commercial is measured on, never trained on.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import ahocorasick_rs
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from vigie.detection.classifier import MODEL, Classifier
from vigie.detection.detectors import Reader, default_detector
from vigie.detection.evaluation import Figure, Labelled, evaluated, figures, spread
from vigie.detection.hints import Kind, SourceStatus, Target
from vigie.detection.model import train
from vigie.detection.terms import SHIPPED, Lexicon, Term, read_lexicon

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data"
LANGUAGES = ("fr", "en", "de", "it", "es", "nl")
IDENTITY = ("identity-neutral", "identity-kind")
ALONE = {"OMP_NUM_THREADS": "1"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help="quality, robustness, speed (default: all)")
    parser.add_argument("--leave-out", metavar="SET", action="append", default=[])
    parser.add_argument("--posts", type=int, default=100_000)
    asked = parser.parse_args(arguments)
    detector = default_detector()
    print(f"{detector.version}, {MODEL.stat().st_size / 1e6:.1f} MB")
    parts = asked.parts or ([] if asked.leave_out else ["quality", "robustness", "speed"])
    if "quality" in parts:
        quality(detector)
    if "robustness" in parts:
        robustness(detector)
    if "speed" in parts:
        speed(detector, asked.posts)
    for name in asked.leave_out:
        left_out(name)
    return 0


def rows_of(file: Path) -> list[dict[str, str]]:
    if not file.exists():
        print(f"left out: {file.name} is not there")
        return []
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def set_of(name: str) -> list[dict[str, str]]:
    return rows_of(DATA / name / "data.csv.gz")


def shown(figure: Figure) -> str:
    if figure.value is None:
        return "n.d."
    return f"{figure.value:.3f}" + ("" if figure.low is None else f" [{figure.low:.2f}-{figure.high:.2f}]")


def quality(detector: Reader) -> None:
    print("\n# quality")
    for lang in LANGUAGES:
        rows = rows_of(HERE / "sentences" / f"{lang}.csv")
        if not rows:
            continue
        scores = [hint.score for hint in detector.read_many((row["text"], lang) for row in rows)]
        texts = [
            Labelled(row["text"], row["label"] == "1", lang, {"target": row["target"], "kind": row["kind"]})
            for row in rows
        ]
        slices = evaluated(texts, scores)
        whole = slices[0].figures
        print(f"\nhand-written sentences, {lang}: {len(rows)}, {slices[0].hateful} hateful")
        print("  " + "; ".join(f"{name} {shown(figure)}" for name, figure in whole.items()))
        named = [score for row, score in zip(rows, scores, strict=True) if row["family"] in IDENTITY]
        print(f"  identity merely or kindly named and flagged: {share(named)} of {len(named)}")
        if lang == "fr":
            for by in ("target", "kind"):
                print(f"  recall by {by}: " + ", ".join(
                    f"{one.value} {one.figures['recall'].value:.2f} (of {one.hateful})"
                    for one in slices if one.by == by and one.figures["recall"].value is not None
                ))  # fmt: skip
            print(f"  spread of recall between targets: {spread(slices, 'target') or 0:.2f}")
            harmless = sorted({row["family"] for row in rows if row["label"] == "0"})
            print("  false alarms: " + ", ".join(
                f"{family} {share([s for r, s in zip(rows, scores, strict=True) if r['family'] == family])}"
                for family in harmless
            ))  # fmt: skip
    for name, lang, what in (
        ("ud_gsd_fr", "fr", "clean prose (seen in training)"), ("davidson_en", "en", "English tweets nobody called offensive (seen in training)"),
        ("mlma_fr", "fr", "French tweets called normal (seen in training)"),
        ("cyberagression_fr", "fr", "teenagers' chats, aggression (never trained on)"),
        ("haspeede2_it", "it", "Italian tweets (never trained on)"),
    ):  # fmt: skip
        rows = set_of(name)
        if name in ("davidson_en", "mlma_fr"):
            rows = [row for row in rows if not row["label_toxic"].startswith("1")]
        if not rows:
            continue
        scores = np.array([hint.score for hint in detector.read_many((row["text"], lang) for row in rows)])
        truth = np.array([row["label"].startswith("1") for row in rows])
        found = figures(scores, truth)
        print(f"{name}, {what}: AUROC {shown(found['auroc'])}, false alarms {shown(found['false_alarms'])}")


def share(scores: Sequence[float]) -> str:
    return f"{sum(score >= 0.5 for score in scores) / len(scores):.1%}" if scores else "n.d."


def left_out(name: str) -> None:
    """Train without a whole set, and measure on it."""
    model = train.train(leave_out=name).model
    rows, lang = set_of(name), train.SETS[name][0]
    reader = Classifier(model)
    scores = reader.read(reader.lay([row["text"] for row in rows]), [lang] * len(rows)).score
    found = figures(scores, np.array([row["label"].startswith("1") for row in rows]))
    print(f"{name} left out whole: " + "; ".join(f"{measure} {shown(figure)}" for measure, figure in found.items()))


# --- robustness ----------------------------------------------------------------------------------------------------
def _inner(word: str, change: Callable[[str], str]) -> str:
    return word[0] + change(word[1:-1]) + word[-1] if len(word) > 3 else word


_CYRILLIC = str.maketrans("aeocpxyiAEOCPX", "аеосрхуіАЕОСРХ")
_LEET = str.maketrans("aeiost", "431057")
DISGUISES: dict[str, tuple[float, Callable[[str, random.Random], str]]] = {
    "zero width": (0.95, lambda word, chance: "\u200b".join(word)),
    "look-alikes": (0.95, lambda word, chance: word.translate(_CYRILLIC)),
    "accents": (0.95, lambda word, chance: "".join(one + ("\u0301" if one in "aeiou" else "") for one in word)),
    "full width": (0.95, lambda word, chance: "".join(chr(ord(o) + 0xFEE0) if "!" <= o <= "~" else o for o in word)),
    "spacing": (0.85, lambda word, chance: " ".join(word)),
    "dots": (0.85, lambda word, chance: ".".join(word)),
    "stretched": (0.85, lambda word, chance: _inner(word, lambda part: part[0] * 4 + part[1:])),
    "leet": (0.85, lambda word, chance: word.translate(_LEET)),
    "stars": (0.85, lambda word, chance: _inner(word, lambda part: "*" + part[1:])),
    "all stars": (0.85, lambda word, chance: _inner(word, lambda part: "*" * len(part))),
    "swap": (0.85, lambda word, chance: _swapped(word, chance)),
    "drop": (0.85, lambda word, chance: _dropped(word, chance)),
}


def _swapped(word: str, chance: random.Random) -> str:
    if len(word) < 5:
        return word
    at = chance.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _dropped(word: str, chance: random.Random) -> str:
    if len(word) < 6:
        return word
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1 :]


def robustness(detector: Reader) -> None:
    """Disguise, in each text found hateful, every word that a writer would hide; print the recall kept."""
    print("\n# robustness: recall kept when every word of four letters or more that moved the score up is disguised")
    texts = [row["text"] for row in rows_of(HERE / "sentences" / "fr.csv") if row["label"] == "1"]
    texts += [
        row["text"] for row in set_of("ftr_fr") + set_of("toxifrench_agreement_fr") if row["label"].startswith("1")
    ]
    found = [
        text
        for text, hint in zip(texts, detector.read_many((t, "fr") for t in texts), strict=True)
        if hint.score >= 0.5
    ]
    print(f"{len(found)} of {len(texts)} hateful texts found clean")
    places = {text: [w for w in detector.explain(text, "fr") if w.weight > 0 and w.end - w.start > 3] for text in found}
    for name, (floor, change) in DISGUISES.items():
        chance = random.Random(1)
        disguised = []
        for text in found:
            for word in sorted(places[text], key=lambda one: -one.start):
                text = text[: word.start] + change(text[word.start : word.end], chance) + text[word.end :]
            disguised.append(text)
        kept = [hint.score >= 0.5 for hint in detector.read_many((text, "fr") for text in disguised)]
        print(f"{name:14} {sum(kept) / len(kept):.3f}   (floor {floor})")


# --- speed ---------------------------------------------------------------------------------------------------------
def speed(detector: Reader, count: int) -> None:
    print(f"\n# speed, one core, {count:,} French posts")
    base = [row["text"] for name in ("ftr_fr", "mlma_fr", "toxifrench_agreement_fr") for row in set_of(name)]
    posts = [base[number % len(base)] for number in range(count)] or ["Un texte."] * count
    writings = sorted({one.lower() for term in read_lexicon(SHIPPED).terms for one in term.writings})
    writings += [f"motif{number}" for number in range(5_000 - len(writings))]
    automaton = ahocorasick_rs.AhoCorasick(writings)
    reference = timed(lambda: [automaton.find_matches_as_indexes(post.lower()) for post in posts])
    some = base[:4_000]
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression())
    pipeline.fit(some, [number % 2 for number in range(len(some))])
    tfidf = timed(lambda: pipeline.predict_proba(posts))
    ours = timed(lambda: sum(1 for _ in detector.read_many((post, "fr") for post in posts)))
    for name, seconds in (
        ("ahocorasick_rs, matching alone", reference), ("scikit-learn tf-idf pipeline", tfidf),
        ("ours, whole posts in, full rows out", ours),
    ):  # fmt: skip
        print(f"{name:40}{count / seconds:>12,.0f} posts/s   {reference / seconds:.2f}")
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson", encoding="utf-8") as lines:
        for number, post in enumerate(posts):
            lines.write(json.dumps({"id": number, "text": post, "lang": "fr"}) + "\n")
        lines.flush()
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "vigie", "score", lines.name], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
    print(f"{'`vigie score`, start included':40}{count / seconds:>12,.0f} posts/s")
    many = Lexicon("many", "fr", tuple(
        Term(f"terme{number} mot{number % 977}", (f"variante{number}", f"v{number} w"), Kind.CODED, Target.ANY, "inventé",
             needs_context=True, source_status=SourceStatus.UNVERIFIED)
        for number in range(100_000)
    ))  # fmt: skip
    started = time.perf_counter()
    Reader(many, detector._classifier)
    print(f"100,000 terms with variants compiled in {time.perf_counter() - started:.1f} s")
    started = time.process_time()
    detector.read("Un texte ordinaire de quelques mots.", "fr")
    print(f"one text alone: {(time.process_time() - started) * 1e3:.2f} ms of a core")


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
