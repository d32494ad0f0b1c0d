"""What the classifier looks at in a text: words, pieces of words, and what the words do, each as a number.

Groups are seen as «a group»: whom a sentence names never weighs by itself. The same text gives the same numbers on
every path. Pure; numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .flat import DIGIT, LETTER, SYMBOL, Flat, Gap, Hashes, Ints, joined, mixed
from .tables import PhraseTable, longest_first

BITS = 18
SIZE = 1 << BITS
_SHIFT = np.uint64(64 - BITS)
_MASK = (1 << 64) - 1

CLASSES = (
    "", "group", "slur", "insult", "dirty", "dehuman", "trait", "crime", "hate", "violence", "death", "expel", "modal",
    "intent", "wish", "neg", "positive", "report", "counter", "news", "self", "kin", "people", "person", "object",
    "swear", "event", "deny", "power", "invade", "steal", "rights", "human", "they", "you", "i", "be", "all", "but",
    "if", "idea", "stop", "quote", "emoji", "number", "comma",
)  # fmt: skip
CLASS = {name: number for number, name in enumerate(CLASSES)}
_STOP, _QUOTE, _EMOJI, _NUMBER = CLASS["stop"], CLASS["quote"], CLASS["emoji"], CLASS["number"]
_WEIGHTY = tuple(
    CLASS[name]
    for name in (
        "group", "slur", "insult", "dirty", "dehuman", "trait", "crime", "hate", "violence", "death", "expel", "modal",
        "intent", "wish", "neg", "positive", "report", "counter", "news", "self", "kin", "people", "person", "object",
        "event", "deny", "power", "invade", "steal", "rights", "they", "you", "idea", "quote", "swear",
    )
)  # fmt: skip
_IS_WEIGHTY = np.isin(np.arange(len(CLASSES)), _WEIGHTY)


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of words: for each writing its class and whom it names."""

    table: PhraseTable
    does: npt.NDArray[np.uint8]
    target: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Group:
    """One family of features: rows of the table, and the text each is of, in the order of the texts."""

    name: str
    rows: Ints
    post: Ints
    token: Ints


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in a batch."""

    flat: Flat
    does: npt.NDArray[np.uint8]
    """The class of each token; 0 for none, and for those inside a longer phrase."""
    target: npt.NDArray[np.uint8]
    """Whom a group or a slur names, as a place in the list of targets; 0 for nobody."""
    is_inside: npt.NDArray[np.bool_]
    groups: tuple[Group, ...]

    def slurs(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last token of each slur."""
        for first in np.flatnonzero((self.does == CLASS["slur"]) & ~self.is_inside).tolist():
            last = first
            while last + 1 < self.is_inside.size and self.is_inside[last + 1]:
                last += 1
            yield first, last


def _rows(hashes: Hashes, salt: int) -> Ints:
    return (mixed(hashes + np.uint64((salt * 0x9E3779B97F4A7C15) & _MASK)) >> _SHIFT).astype(np.int64)


def see(
    flat: Flat, words: Sequence[Words], read_as: Ints, *, parts: Sequence[str] = ("word", "piece", "does", "pair")
) -> Seen:
    """Return what is seen in a batch.

    Args:
        words: the words of each language.
        read_as: for each text, the place in `words` of its language.
        parts: the families of features, for trials that leave some out.
    """
    count = flat.word.size
    does = np.zeros(count, dtype=np.uint8)
    target = np.zeros(count, dtype=np.uint8)
    is_inside = np.zeros(count, dtype=bool)
    for number, known in enumerate(words):
        mine = (read_as == number)[flat.post]
        if not mine.any():
            continue
        found = known.table.find(flat)
        hits = longest_first([(length, at[mine[at]], row[mine[at]]) for length, at, row in found], count)
        does[hits.token], target[hits.token] = known.does[hits.row], known.target[hits.row]
        for step in range(1, int(hits.length.max(initial=1))):
            is_inside[hits.token[hits.length > step] + step] = True
    does[(flat.kind == SYMBOL) & (does == 0)] = _EMOJI
    does[(flat.kind == DIGIT) & (does == 0)] = _NUMBER
    groups = []
    for part in parts:
        groups += _PARTS[part](flat, does, is_inside)
    return Seen(flat, does, target, is_inside, tuple(groups))


def _of_words(flat: Flat, does: npt.NDArray[np.uint8], is_inside: npt.NDArray[np.bool_]) -> list[Group]:
    """Words, and words two by two; a group is «a group», whichever it is."""
    kept = np.flatnonzero(~is_inside)
    word, post = flat.word[kept], flat.post[kept]
    is_group = does[kept] == CLASS["group"]
    word = np.where(is_group, np.uint64(1), word)
    follows = (post[1:] == post[:-1]) & ((flat.gap[kept[1:]] & Gap.STOP) == 0)
    at = np.flatnonzero(follows)
    pairs = joined(word[at], word[at + 1])
    return [
        Group("word", _rows(word, 1), post, kept),
        Group("words", _rows(pairs, 2), post[at], kept[at]),
    ]


def _of_pieces(flat: Flat, does: npt.NDArray[np.uint8], is_inside: npt.NDArray[np.bool_]) -> list[Group]:
    """Four letters in a row, with the edge of the word, in words that say nothing by their class."""
    kept = np.flatnonzero((flat.kind == LETTER) & (does == 0) & ~is_inside & (flat.stops - flat.starts >= 4))
    lengths = flat.stops[kept] - flat.starts[kept] - 3
    total = int(lengths.sum())
    owner = np.repeat(np.arange(kept.size), lengths)
    within = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    at = flat.starts[kept][owner] + within
    chars = flat.chars.astype(np.uint64)
    number = (
        chars[at] | chars[at + 1] << np.uint64(16) | chars[at + 2] << np.uint64(32) | chars[at + 3] << np.uint64(48)
    )
    edge = (within == 0).astype(np.uint64) + np.uint64(2) * (within == lengths[owner] - 1).astype(np.uint64)
    number = mixed(number) + edge
    return [Group("piece", _rows(number, 3), flat.post[kept][owner], kept[owner])]


def _sequence(flat: Flat, does: npt.NDArray[np.uint8], is_inside: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Return the classes in their order, with ends of sentences and quotation marks; the text and token of each."""
    is_word = (does != 0) & ~is_inside
    stop = (flat.gap & (Gap.STOP | Gap.FIRST)) == Gap.STOP
    quote = (flat.gap & Gap.QUOTE) != 0
    # Each token gives up to three, in this order: the end of a sentence before it, a quotation mark, what it does.
    given = stop.astype(np.int64) + quote + is_word
    place = np.cumsum(given) - given
    what = np.empty(int(given.sum()), dtype=np.int64)
    what[place[stop]] = _STOP
    what[(place + stop)[quote]] = _QUOTE
    what[(place + stop + quote)[is_word]] = does[is_word]
    token = np.repeat(np.arange(given.size), given)
    return what, flat.post[token], token


def _of_classes(flat: Flat, does: npt.NDArray[np.uint8], is_inside: npt.NDArray[np.bool_]) -> list[Group]:
    """What words do, alone and two, three and four in a row; and two with one left out."""
    what, post, token = _sequence(flat, does, is_inside)
    code = what.astype(np.uint64)
    groups = [Group("does", _rows(code, 4), post, token)]
    total = code
    for length in (2, 3, 4):
        if total.size <= 1:
            break
        total = total[:-1] << np.uint64(6) | code[length - 1 :]
        at = np.flatnonzero(post[: total.size] == post[length - 1 :])
        groups.append(Group(f"does{length}", _rows(total[at], 4 + length), post[at], token[at]))
    if code.size > 2:
        at = np.flatnonzero((post[:-2] == post[2:]) & (what[1:-1] != _STOP))
        groups.append(Group("skip", _rows(code[at] << np.uint64(6) | code[at + 2], 9), post[at], token[at]))
    # A word beside what the group of the sentence suffers: the class before, the word itself.
    kept = np.flatnonzero(~is_inside)
    word = np.where(does[kept] == 0, flat.word[kept], does[kept].astype(np.uint64) + np.uint64(2))
    owner = flat.post[kept]
    at = np.flatnonzero((owner[1:] == owner[:-1]) & ((does[kept[1:]] != 0) | (does[kept[:-1]] != 0)))
    groups.append(Group("beside", _rows(joined(word[at], word[at + 1]), 10), owner[at], kept[at]))
    if kept.size > 2:
        at = np.flatnonzero((owner[2:] == owner[:-2]) & ((does[kept[2:]] != 0) | (does[kept[:-2]] != 0)))
        groups.append(
            Group("beside3", _rows(joined(joined(word[at], word[at + 1]), word[at + 2]), 11), owner[at], kept[at])
        )
    return groups


def _of_pairs(flat: Flat, does: npt.NDArray[np.uint8], is_inside: npt.NDArray[np.bool_]) -> list[Group]:
    """Which classes stand together in one text, wherever."""
    is_weighty = _IS_WEIGHTY[does] & ~is_inside
    quoted = np.flatnonzero((flat.gap & Gap.QUOTE) != 0)
    at = np.concatenate([np.flatnonzero(is_weighty), quoted])
    classes = np.concatenate([does[is_weighty], np.full(quoted.size, _QUOTE, dtype=np.uint8)]).astype(np.int64)
    keys = np.unique(flat.post[at] * len(CLASSES) + classes)
    post, what = keys // len(CLASSES), keys % len(CLASSES)
    # Each class with those after it in the same text.
    last = np.searchsorted(post, post, side="right")
    partners = last - np.arange(keys.size) - 1
    first = np.repeat(np.arange(keys.size), partners)
    second = first + 1 + np.arange(first.size) - np.repeat(np.cumsum(partners) - partners, partners)
    number = (what[first] * len(CLASSES) + what[second]).astype(np.uint64)
    return [Group("pair", _rows(number, 12), post[first], flat.firsts[post[first]])]


_PARTS = {"word": _of_words, "piece": _of_pieces, "does": _of_classes, "pair": _of_pairs}
