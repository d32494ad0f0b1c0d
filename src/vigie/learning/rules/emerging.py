"""Words whose use rises in confirmed cases: which, how surely, against what. Pure.

A word is counted once for each text, and once for texts that say nearly the same: a raid of one sentence is one text.
Two piles are compared: what was confirmed lately, and the background (what was declined, and what was confirmed
before). The measure is the log-odds ratio with an informative Dirichlet prior, divided by its standard deviation: it
does not fall for rare words (as a plain ratio does) or frequent ones (as a plain difference does).

Source: Monroe, Colaresi & Quinn (2008), Fightin' Words, Political Analysis 16(4), 372-403. The prior is the share of
each word in both piles together, worth `PRIOR` texts, and half a text for each word.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from vigie.learning.rules.terms import name_of

LEAST_TEXTS = 3
"""Different texts in which a word must stand to be spoken of."""
LEAST_PILE = 5
"""Confirmed texts under which nothing is said at all."""
SURE = 1.96
PRIOR = 20.0
HALF = 0.5
MOST = 30

_OUT = re.compile(r"https?://\S+|www\.\S+|@[\w.-]+")
_TOKEN = re.compile(
    r"#\w+|[^\W_]+(?:-[^\W_]+)*|[\U0001F1E6-\U0001FAFF\u2600-\u27BF](?:\uFE0F|\u200D[\U0001F1E6-\U0001FAFF\u2600-\u27BF])*"
)
# Words that hold sentences together: alone, or two of them, they tell nothing.
_HOLD_TOGETHER = """
a ai ainsi alors au aussi autre aux avec avoir bien c ca car ce cela celle ces cet cette ceux chez comme comment
d dans de des deja dit donc dont du elle elles en encore es est et etait ete etre eux faire fait faut il ils j
je l la le les leur leurs lui m ma mais me meme mes moi moins mon n ne ni non nos notre nous on ont ou oui par
parce pas peu peut plus pour pourquoi qu quand que quel quelle qui quoi s sa sans se sera ses si son sont sur t
ta te tes toi ton tous tout toute toutes tres trop tu un une va vos votre vous y the of to and is in that it for
on with as are was this be at by not or der die das und ist nicht ein eine
"""
_GLUE = frozenset(_HOLD_TOGETHER.split())


class Doubt(StrEnum):
    """How surely a word rises."""

    STRONG = "strong"
    CLEAR = "clear"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Said:
    """A text of one of the two piles."""

    key: int
    text: str
    group: int
    """Equal for texts that say nearly the same."""


@dataclass(frozen=True, slots=True)
class Rising:
    """A word, two-word phrase, emoji or hashtag that rises, with its counts of texts."""

    phrase: str
    shown: str
    """As most of the texts write it."""
    lately: int
    background: int
    z: float
    texts: tuple[int, ...]
    """Keys of some texts that say it lately."""

    @property
    def doubt(self) -> Doubt:
        return Doubt.STRONG if self.z >= 4 else Doubt.CLEAR if self.z >= 3 else Doubt.WEAK


@dataclass(frozen=True)
class Emerging:
    rising: Sequence[Rising]
    lately: int
    """Different texts confirmed lately."""
    background: int
    looked_at: int
    """Words that were compared: by chance alone, about one in forty of them passes for rising."""

    @property
    def by_chance(self) -> int:
        return math.ceil(self.looked_at * 0.025)


def phrases_of(text: str) -> dict[str, str]:
    """Return the words, two-word phrases, emoji and hashtags of a text, folded, with how it writes them.

    Links and names called are left out: nobody is a code word.
    """
    found: dict[str, str] = {}
    for sentence in re.split(r"[.!?;:,()«»\"\n]+", _OUT.sub(". ", text)):
        tokens = [(_folded(raw), raw) for raw in _TOKEN.findall(sentence)]
        for name, raw in tokens:
            if name not in _GLUE and (len(name) > 1 or ord(raw[0]) > 0x2000):
                found.setdefault(name, raw)
        for (first, raw), (second, next_raw) in pairwise(tokens):
            if first not in _GLUE and second not in _GLUE:
                found.setdefault(f"{first} {second}", f"{raw} {next_raw}")
    return found


@lru_cache(maxsize=20_000)
def _folded(raw: str) -> str:
    name = "#" + name_of(raw[1:]) if raw.startswith("#") else name_of(raw)
    return name or raw


def emerging(lately: Sequence[Said], background: Sequence[Said], *, known: Collection[str] = ()) -> Emerging:
    """Return what rises in the confirmed texts against the background, the surest first.

    Args:
        known: folded writings that the lexicon has already, or that an analyst put away.
    """
    seen: dict[str, Counter[str]] = {}
    where: dict[str, list[int]] = {}
    new, size_new = _counted(lately, seen, where)
    old, size_old = _counted(background, {}, {})
    candidates = [name for name, count in new.items() if count >= LEAST_TEXTS]
    if size_new < LEAST_PILE or not size_old:
        return Emerging((), size_new, size_old, 0)
    left = [name for name in candidates if name not in known]
    rising = []
    for name in left:
        z = _z(new[name], size_new, old[name], size_old)
        if z >= SURE:
            shown = seen[name].most_common(1)[0][0]
            rising.append(Rising(name, shown, new[name], old[name], z, tuple(where[name][:3])))
    rising.sort(key=lambda one: (-one.z, one.phrase))
    return Emerging(tuple(_without_parts(rising)[:MOST]), size_new, size_old, len(candidates))


def _counted(
    pile: Iterable[Said], seen: dict[str, Counter[str]], where: dict[str, list[int]]
) -> tuple[Counter[str], int]:
    """Count in how many different texts each phrase stands."""
    counts: Counter[str] = Counter()
    groups: dict[int, set[str]] = {}
    for said in pile:
        had = groups.setdefault(said.group, set())
        for name, raw in phrases_of(said.text).items():
            seen.setdefault(name, Counter())[raw] += 1
            if name not in had:
                had.add(name)
                counts[name] += 1
                where.setdefault(name, []).append(said.key)
    return counts, len(groups)


def _z(new: int, size_new: int, old: int, size_old: int) -> float:
    prior = HALF + PRIOR * (new + old) / (size_new + size_old)
    whole = PRIOR + 2 * HALF
    first = (new + prior) / max(size_new + whole - new - prior, HALF)
    second = (old + prior) / max(size_old + whole - old - prior, HALF)
    return (math.log(first) - math.log(second)) / math.sqrt(1 / (new + prior) + 1 / (old + prior))


def _without_parts(rising: Sequence[Rising]) -> list[Rising]:
    """Leave out a phrase whose word says as much, and a word that only ever stands in a phrase already told."""
    kept: list[Rising] = []
    for one in rising:
        words = set(one.phrase.split())
        told = any((words & set(other.phrase.split())) and other.lately == one.lately for other in kept)
        if not told:
            kept.append(one)
    return kept
