"""What the plain detector is worth and how fast it is: to be read before trusting a hint.

    PYTHONPATH=src python benchmarks/detection.py [LEXICON]

Speed is printed beside the two obvious ways of matching the same list in the same run. Worth is printed by band of
score: how many texts of each set fell into it, and how many of these people had found hateful. The sets lie beside
the checkout (`../shared/data`), sampled by keywords for the most part: their shares say nothing of a real stream.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import ahocorasick_rs

from vigie.detection.detectors import detector_for
from vigie.detection.normalise import plain

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
SETS = ("ftr_fr", "mlma_fr", "toxifrench_agreement_fr", "cyberagression_fr", "ud_gsd_fr")
BANDS = ((0.0, 0.001), (0.001, 0.1), (0.1, 0.26), (0.26, 0.6), (0.6, 1.0))
LEAST_SECONDS = 1.0


def main(lexicon: str) -> int:
    detector = detector_for(lexicon)
    print(f"{detector.version}: {len(detector.lexicon.terms)} terms")
    missing = [name for name in SETS if not (DATA / name / "data.csv.gz").exists()]
    if missing:
        print(f"left out: {', '.join(missing)} not found in {DATA}")
    sets = {name: texts_of(name) for name in SETS if name not in missing}
    texts = [text for posts in sets.values() for text, _ in posts] or ["Un texte sans rien de particulier."]

    writings = sorted({plain(one).text for term in detector.lexicon.terms for one in term.writings}, key=len)
    one_regex = re.compile(rf"\b(?:{'|'.join(map(re.escape, reversed(writings)))})\b")
    automaton = ahocorasick_rs.AhoCorasick(writings)
    reference = speed(lambda text: one_regex.findall(text.lower()), texts)
    print(f"{'one regular expression, no normalising':42}{reference:>12,.0f} posts/s   1.0")
    for name, work in (("bare automaton, no normalising", automaton.find_matches_as_indexes), ("ours", detector.read)):
        measured = speed(work, texts)
        print(f"{name:42}{measured:>12,.0f} posts/s   {measured / reference:.1f}")

    print("\nhateful / texts, by band of score")
    print(f"{'':26}" + "".join(f"{f'{low:.2f}-{high:.2f}':>16}" for low, high in BANDS))
    for name, posts in sets.items():
        scored = [(detector.read(text, "fr").score, hateful) for text, hateful in posts]
        bands = [[hateful for score, hateful in scored if low <= score < high] for low, high in BANDS]
        print(f"{name:26}" + "".join(f"{f'{sum(band)} / {len(band)}':>16}" for band in bands))
    return 0


def texts_of(name: str) -> list[tuple[str, bool]]:
    with gzip.open(DATA / name / "data.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"] in {"1", "1.0"}) for row in csv.DictReader(file)]


def speed(work: Callable[[str], object], texts: list[str]) -> float:
    started, done = time.perf_counter(), 0
    while time.perf_counter() - started < LEAST_SECONDS:
        for text in texts:
            work(text)
        done += len(texts)
    return done / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
