"""What a change of the lexicon would do to texts already known, before it takes effect. Pure: detectors are given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.detection.hints import Detector, Hint, Match, Use
from vigie.learning.rules.arithmetic import Precision, precision
from vigie.learning.rules.labels import Label
from vigie.learning.rules.terms import name_of

BAR = 0.5
"""A score from which a text is thought hateful rather than not."""
MEANT = frozenset({Use.PLAIN, Use.UNSURE})
"""Uses in which a term counts as caught; quoted, reclaimed and ordinary uses are seen and set aside."""


@dataclass(frozen=True, slots=True)
class Past:
    """A text the association knows, and what it decided of it."""

    key: int
    text: str
    lang: str | None = None
    label: Label | None = None
    """None: not decided yet."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text in which the term stands, and where."""

    past: Past
    start: int
    end: int
    use: Use


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do. `caught` is new, `dropped` is lost, `kept` is caught before and after."""

    read: int
    caught: Sequence[Passage]
    dropped: Sequence[Passage]
    kept: Sequence[Passage]
    set_aside: Mapping[Use, int]
    """Texts in which the term stands but is quoted, reclaimed or ordinary: shown, never counted as caught."""
    lifted: int
    """Texts whose score would rise over `BAR`."""
    lowered: int
    precision: Precision
    """Of the texts it would catch and that people have decided: how many were upheld."""
    precision_before: Precision
    silent: int
    """Texts it would catch, decided for a reason that says nothing of hatred."""
    undecided: int


def tried(texts: Sequence[Past], before: Detector, after: Detector, names: Sequence[str]) -> Trial:
    """Read the texts under both detectors and compare what the terms of these names catch.

    Any room may call it on what it holds: cases here, sightings downstream.

    Args:
        names: how the term is called before and after the change, as `name_of` gives it.
    """
    wanted = frozenset(names)
    asked = [(past.text, past.lang) for past in texts]
    caught, dropped, kept = [], [], []
    aside: Counter[Use] = Counter()
    lifted = lowered = 0
    for past, was, is_now in zip(texts, before.read_many(asked), after.read_many(asked), strict=True):
        lifted += was.score < BAR <= is_now.score
        lowered += is_now.score < BAR <= was.score
        then, now = _meant(past, was, wanted), _meant(past, is_now, wanted)
        if now and then:
            kept.append(now)
        elif now:
            caught.append(now)
        elif then:
            dropped.append(then)
        else:
            aside.update({match.use for match in _matches(is_now, wanted)})
    after_all = [*caught, *kept]
    return Trial(
        read=len(texts), caught=caught, dropped=dropped, kept=kept, set_aside=dict(aside), lifted=lifted,
        lowered=lowered, precision=upheld(after_all), precision_before=upheld([*dropped, *kept]),
        silent=sum(one.past.label is Label.SILENT for one in after_all),
        undecided=sum(one.past.label is None for one in after_all),
    )  # fmt: skip


def upheld(passages: Sequence[Passage]) -> Precision:
    """Return the share of decided texts that people found hateful."""
    hateful = sum(one.past.label is Label.HATEFUL for one in passages)
    return precision(hateful, hateful + sum(one.past.label is Label.LAWFUL for one in passages))


def _matches(hint: Hint, names: frozenset[str]) -> list[Match]:
    return [match for match in hint.matches if name_of(match.term) in names]


def _meant(past: Past, hint: Hint, names: frozenset[str]) -> Passage | None:
    """Return where the term is first meant, or None."""
    for match in _matches(hint, names):
        if match.use in MEANT:
            return Passage(past, match.start, match.end, match.use)
    return None
