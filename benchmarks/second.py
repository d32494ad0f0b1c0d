"""What reading twice costs: the cascade at 1 % and 5 % of posts read twice, beside the fast reader alone.

    PYTHONPATH=src python -m benchmarks.second [--posts 20000] [--model FOLDER]

The second reader is the tiny model of the tests, a few numbers in the ONNX form: it shows what the cascade itself costs
(choosing, cutting into tokens, batches, ONNX Runtime), and nothing of what a real model does or is worth. `--model`
measures one of yours. Seconds are of one core; both readers use one thread.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

from benchmarks.posts import FRENCH, chains, real_posts
from vigie.detection.detectors import default_detector
from vigie.detection.hints import Detector
from vigie.detection.readers.cascade import Cascade
from vigie.detection.readers.folder import look
from vigie.detection.readers.onnx.reader import OnnxReader
from vigie.detection.readers.tests.tiny import make_model

SHARES = (0.01, 0.05)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="a model in the ONNX form, in the place of the tiny one"
    )
    given = parser.parse_args(arguments)
    posts = [(text, "fr") for text in islice(chain(real_posts(FRENCH), chains(1)), given.posts)]
    with tempfile.TemporaryDirectory() as folder:
        found = look(given.model or make_model(Path(folder)))
        began = time.process_time()
        second = OnnxReader(found)
        print(
            f"{found.version}{'' if given.model else ' (TINY: a few numbers, not a real model)'}: loaded in {time.process_time() - began:.1f} s"
        )
        fast = default_detector()
        read(fast, posts[:2000])
        alone = told("the fast reader alone", fast, posts, None)
        for share in SHARES:
            # All scores are in the band, so that the share is what is read twice.
            told(f"{share:.0%} read twice", Cascade(fast, second, band=(0, 1), most_share=share), posts, alone)
        texts = [text for text, _ in posts[:2000]]
        began = time.process_time()
        second.scores(texts)
        print(f"  {'the second reader alone':<28}{len(texts) / (time.process_time() - began):>10,.0f} posts/s")
    return 0


def read(detector: Detector, posts: Iterable[tuple[str, str | None]]) -> int:
    return sum(1 for _ in detector.read_many(posts))


def told(what: str, detector: Detector, posts: list[tuple[str, str]], alone: float | None) -> float:
    began = time.process_time()
    read(detector, posts)
    speed = len(posts) / (time.process_time() - began)
    twice = f", {detector.counts.twice:,} texts" if isinstance(detector, Cascade) else ""
    print(f"  {what:<28}{speed:>10,.0f} posts/s{f', {speed / alone:.2f} of it' if alone else ''}{twice}", flush=True)
    return speed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
