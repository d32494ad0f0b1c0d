"""Posts to measure on: those of `../shared/data`, as many more of the same words as are asked for, and rewrites of them."""

from __future__ import annotations

import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

DATA = Path(__file__).parent.parent.parent / "shared" / "data"
FRENCH = ("ftr_fr", "mlma_fr", "toxifrench_agreement_fr", "cyberagression_fr", "ud_gsd_fr", "jigsaw_fr")
SETS = (*FRENCH, "mlma_en", "davidson_en", "gahd_de")
NONE_THERE = ["Un texte sans rien de particulier, mais assez long pour être comparé aux autres."]


@cache
def real_posts(names: tuple[str, ...] = SETS) -> tuple[str, ...]:
    """Return the different texts of the sets that are there."""
    csv.field_size_limit(10**9)
    texts: dict[str, None] = {}
    for name in names:
        path = DATA / name / "data.csv.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                texts |= {row["text"]: None for row in csv.DictReader(stream)}
    return tuple(texts or NONE_THERE)


def chains(seed: int, names: tuple[str, ...] = FRENCH) -> Iterator[str]:
    """Yield posts without end that nobody wrote: each word follows one that it follows somewhere in the sets."""
    dice = random.Random(seed)
    following: dict[str, list[str]] = defaultdict(list)
    begins: list[str] = []
    for text in real_posts(names):
        words = text.split()
        if words:
            begins.append(words[0])
            for one, next_ in pairwise(words):
                following[one].append(next_)
    while True:
        words = [dice.choice(begins)]
        for _ in range(dice.randint(8, 40)):
            words.append(dice.choice(following.get(words[-1]) or begins))
        yield " ".join(words)


def rewritten(text: str, dice: random.Random, spare: list[str]) -> str:
    """Return a post as copies go: one to three of the changes that people and programs make."""
    for change in dice.sample(CHANGES, dice.randint(1, 3)):
        text = change(text, dice, spare)
    return text


def _swapped(text: str, dice: random.Random, spare: list[str]) -> str:
    words = text.split()
    words[dice.randrange(len(words))] = dice.choice(spare)
    return " ".join(words)


def _dropped(text: str, dice: random.Random, spare: list[str]) -> str:
    words = text.split()
    if len(words) > 6:
        del words[dice.randrange(len(words))]
    return " ".join(words)


def _truncated(text: str, dice: random.Random, spare: list[str]) -> str:
    return text[: max(60, round(len(text) * dice.uniform(0.75, 0.95)))] + "…"


def _repunctuated(text: str, dice: random.Random, spare: list[str]) -> str:
    return "".join(" " if c in ",;:" else c for c in text) + dice.choice(["!!!", " ...", " ?", "."])


def _accented(text: str, dice: random.Random, spare: list[str]) -> str:
    return text.translate(str.maketrans("éèêàùçôî", "eeeaucoi"))


CHANGES: list[Callable[[str, random.Random, list[str]], str]] = [
    lambda text, dice, spare: text.upper() if dice.random() < 0.3 else text.lower(),
    _repunctuated,
    _accented,
    lambda text, dice, spare: f"{text} {dice.choice('😡🔥😂🤮')}",
    lambda text, dice, spare: f"@{dice.choice(spare)}{dice.randint(1, 999)} {text}",
    lambda text, dice, spare: f"{text} https://t.co/{dice.getrandbits(48):x}",
    lambda text, dice, spare: f"RT @{dice.choice(spare)}: {text}",
    _swapped,
    _dropped,
    _truncated,
]


def planted(count: int, seed: int = 1, *, least_letters: int = 40) -> tuple[list[str], list[int]]:
    """Return `count` posts, half of them rewrites of few, the rest alone, shuffled; and which group each is of."""
    dice = random.Random(seed)
    real = [text for text in real_posts() if sum(c.isalnum() for c in text) >= least_letters]
    dice.shuffle(real)
    spare = sorted({word for text in real[:3_000] for word in text.split() if word.isalpha()})
    more = chains(seed)

    def fresh() -> str:
        while True:
            text = real.pop() if real else next(more)
            if sum(c.isalnum() for c in text) >= least_letters:
                return text

    texts: list[str] = []
    truth: list[int] = []
    group = 0
    while len(texts) < count // 2:
        base, copies = fresh(), min(2 + int(dice.paretovariate(1.2)), 500)
        texts += [base, *(rewritten(base, dice, spare) for _ in range(copies - 1))]
        truth += [group] * copies
        group += 1
    while len(texts) < count:
        texts.append(fresh())
        truth.append(group)
        group += 1
    order = list(range(count))
    dice.shuffle(order)
    return [texts[n] for n in order], [truth[n] for n in order]
