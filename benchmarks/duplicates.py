"""How fast near-duplicates are found, and how well, beside datasketch and rensa in the same run.

    PYTHONPATH=src python -m benchmarks.duplicates [--posts 100000] [--million]

The corpus is planted: half of it rewrites of the other posts (case, accents, punctuation, emoji, names called and
links added, «RT», a word swapped or dropped, the end cut off; one to three of these), the rest alone. B³ recall: of
those that belong with a post, how many are found with it, on average over posts; precision: of those found with it,
how many belong.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.posts import planted
from vigie.detection.duplicates import NONE, cluster

LEAST_SIMILAR = 0.5
PERMUTATIONS = 128


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--alone", action="store_true", help="without the references")
    given = parser.parse_args(arguments)
    texts, truth = planted(given.posts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(texts):,} posts, {sum(map(len, texts)) / len(texts):.0f} characters each; {before:,.0f} MB with the corpus alone"
    )
    ways: dict[str, Callable[[Sequence[str]], list[int]]] = {"vigie": ours}
    if not given.alone:
        ways |= {"rensa, LSH and Jaccard checked": with_rensa, "datasketch LSH": with_datasketch}
    speeds: dict[str, float] = {}
    for name, way in ways.items():
        way(texts[:2_000])
        started = time.perf_counter()
        found = way(texts)
        speeds[name] = len(texts) / (time.perf_counter() - started)
        recall, precision = b_cubed(truth, found)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ratio = f"1/{speeds['vigie'] / speeds[name]:.1f} of ours" if name != "vigie" else ""
        print(
            f"  {name:34}{speeds[name]:>10,.0f} posts/s   B³ {recall:.3f} / {precision:.3f}   {most:>6,.0f} MB at most so far   {ratio}",
            flush=True,
        )
    return 0


def ours(texts: Sequence[str]) -> list[int]:
    return own_groups(cluster(texts).ids.tolist())


def own_groups(ids: list[int]) -> list[int]:
    """Give each text without group a group of its own."""
    return [-place - 2 if one == NONE else one for place, one in enumerate(ids)]


def b_cubed(truth: Sequence[int], found: Sequence[int]) -> tuple[float, float]:
    """Return B³ recall and precision.

    Source: Bagga and Baldwin, «Algorithms for scoring coreference chains», 1998.
    """
    both = Counter(zip(truth, found, strict=True))
    belong, together = Counter(truth), Counter(found)
    recall = sum(count * count / belong[one] for (one, _), count in both.items()) / len(truth)
    precision = sum(count * count / together[other] for (_, other), count in both.items()) / len(truth)
    return recall, precision


def shingles(text: str) -> list[str]:
    """The same shingles for the references, by the shortest Python that makes them."""
    words = [w for w in text.casefold().split() if not w.startswith(("@", "http", "www"))]
    letters = "".join(filter(str.isalnum, "".join(words)))
    return [letters[n : n + 5] for n in range(max(len(letters) - 4, 1))]


class Sets:
    """Which have been joined (union-find)."""

    def __init__(self, count: int) -> None:
        self.above = list(range(count))

    def root(self, one: int) -> int:
        while self.above[one] != one:
            self.above[one] = self.above[self.above[one]]
            one = self.above[one]
        return one

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self.above[high] = low


def with_datasketch(texts: Sequence[str]) -> list[int]:
    from datasketch import MinHash, MinHashLSH

    lsh, sets = MinHashLSH(threshold=LEAST_SIMILAR, num_perm=PERMUTATIONS), Sets(len(texts))
    for place, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([one.encode() for one in set(shingles(text))])
        for other in lsh.query(sketch):
            sets.join(place, other)
        lsh.insert(place, sketch)
    return [sets.root(one) for one in range(len(texts))]


def with_rensa(texts: Sequence[str]) -> list[int]:
    from rensa import RMinHash, RMinHashLSH

    lsh, sets = RMinHashLSH(threshold=LEAST_SIMILAR, num_perm=PERMUTATIONS, num_bands=32), Sets(len(texts))
    sketches = []
    for place, text in enumerate(texts):
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update(shingles(text))
        sketches.append(sketch)
        for other in lsh.query(sketch):
            if sets.root(place) != sets.root(other) and sketch.jaccard(sketches[other]) >= LEAST_SIMILAR:
                sets.join(place, other)
        lsh.insert(place, sketch)
    return [sets.root(one) for one in range(len(texts))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
