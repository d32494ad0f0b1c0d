"""The fast reader reads everything; the second reads again what the first is unsure of.

**Which texts.** Those whose fast score lies within the band, both ends included; a band that ends at 1 takes the top
with it. Of the texts read together (at most `AT_ONCE`), at most `most_share` are read twice, and at least one; the
least sure first, those nearest to even odds.

**What becomes of the score.** The mean of both log-odds. A second reader's score is rarely calibrated and mostly too
sure of itself, so it counts for no more than `SECOND_AT_MOST`: it can move the fast score far, never drown it.

| fast | second | together |
|---|---|---|
| 0.50 | 0.98 | 0.88 |
| 0.30 | 0.98 | 0.82 |
| 0.50 | 0.02 | 0.12 |
| 0.70 | 0.30 | 0.50 |

**When the second reader fails**, the fast score stands, the hint says why, and the log says how often.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from vigie.core.errors import VigieError, kind_and_place
from vigie.detection.classifier import KINDS_FROM
from vigie.detection.detectors import GROUNDS_FROM
from vigie.detection.grounds import grounds_of, grounds_of_kind
from vigie.detection.hints import Detector, Hint, SecondReading

from .ledger import Ledger
from .ports import Readings, SecondReader, Unread

logger = logging.getLogger("vigie.detection")

AT_ONCE = 2048
SECOND_AT_MOST = 0.98
_FAST_AT_MOST = 0.9999
_HALF_PAIR = re.compile("[\ud800-\udfff]")


@dataclass
class Counts:
    """What a cascade has done so far."""

    texts: int = 0
    twice: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    tokens: int = 0
    euros: float = 0.0


class Cascade:
    """A detector made of a fast one and a second reader.

    The same text gives the same hint as long as the second reader answers and the share is not used up: the hint says
    whether it was read twice.
    """

    def __init__(
        self,
        fast: Detector,
        second: SecondReader,
        *,
        band: tuple[float, float] = (0.2, 0.8),
        most_share: float = 0.05,
        most_seconds: float | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """Put the two together.

        Args:
            band: lowest and highest fast score that is read twice.
            most_share: of the texts read together.
            most_seconds: how long one call may spend on second readings; None: as long as they take.
            ledger: where the day's counts are kept, for `vigie doctor`.
        """
        self.fast, self.second, self.counts = fast, second, Counts()
        self._low, self._high = band
        self._most_share, self._most_seconds, self._ledger = most_share, most_seconds, ledger
        self.version = f"{fast.version}, {second.version} {self._low:g}-{self._high:g}"

    def read(self, text: str, lang: str | None = None) -> Hint:
        return next(self.read_many([(text, lang)]))

    def read_many(self, texts: Iterable[tuple[str, str | None]]) -> Iterator[Hint]:
        until = None if self._most_seconds is None else time.monotonic() + self._most_seconds
        coming = iter(texts)
        while some := list(islice(coming, AT_ONCE)):
            hints = list(self.fast.read_many(some))
            worth = self._worth(hints)
            again = self._again([some[place][0] for place in worth], until) if worth else []
            self.counts.texts += len(some)
            read = dict(zip(worth, again, strict=True))
            for place, hint in enumerate(hints):
                yield self._hint(hint, read.get(place))

    def _worth(self, hints: Sequence[Hint]) -> list[int]:
        within = [place for place, hint in enumerate(hints) if self._low <= hint.score <= self._high]
        most = max(1, int(self._most_share * len(hints)))
        return sorted(sorted(within, key=lambda place: abs(hints[place].score - 0.5))[:most])

    def _again(self, texts: Sequence[str], until: float | None) -> Sequence[float | Unread]:
        began = time.monotonic()
        try:
            readings = self.second.scores([_HALF_PAIR.sub("\ufffd", text) for text in texts], until=until)
        except Exception as fault:  # noqa: BLE001 a hint is still owed for each text: the fast one
            logger.warning("second reader %s: %s", self.second.name, kind_and_place(fault))
            readings = Readings([Unread.FAULT] * len(texts))
        self._count(readings, time.monotonic() - began)
        return readings.scores

    def _count(self, readings: Readings, seconds: float) -> None:
        counts = self.counts
        failed = Counter(str(score) for score in readings.scores if isinstance(score, Unread))
        read = len(readings.scores) - failed.total()
        counts.twice, counts.seconds = counts.twice + read, counts.seconds + seconds
        counts.tokens, counts.euros = counts.tokens + readings.tokens, counts.euros + readings.euros
        counts.unread += failed
        if failed:
            said = ", ".join(f"{why} {number}" for why, number in sorted(failed.items()))
            logger.warning(
                "second reader %s: %s of %s texts not read (%s); the fast score stands",
                self.second.name, failed.total(), len(readings.scores), said,
            )  # fmt: skip
        if self._ledger:
            try:
                self._ledger.note(read=read, unread=failed.total(), seconds=seconds)
            except VigieError as fault:  # the readings are there; only their count is not kept
                logger.warning("second reader %s: %s", self.second.name, kind_and_place(fault))

    def _hint(self, hint: Hint, again: float | Unread | None) -> Hint:
        if again is None:
            return replace(hint, detector_version=self.version)
        if isinstance(again, Unread):
            return replace(hint, detector_version=self.version, second=SecondReading(hint.score, None, again.value))
        score = together(hint.score, again)
        kind = hint.kind if score >= KINDS_FROM else None
        grounds = grounds_of_kind(kind, hint.targets) if kind and score >= GROUNDS_FROM else ()
        grounds = tuple(dict.fromkeys([*grounds, *grounds_of(hint.matches)]))
        return replace(
            hint, score=score, kind=kind, grounds=grounds, detector_version=self.version,
            second=SecondReading(hint.score, round(again, 4)),
        )  # fmt: skip


def together(fast: float, second: float) -> float:
    """Return the score of a text read twice: the mean of both log-odds, the second's kept within bounds.

    Source: house rule, docs/how-to/second-reader.md.
    """
    odds = (_log_odds(fast, _FAST_AT_MOST) + _log_odds(second, SECOND_AT_MOST)) / 2
    return round(1 / (1 + math.exp(-odds)), 4)


def _log_odds(score: float, most: float) -> float:
    kept = min(max(score, 1 - most), most)
    return math.log(kept / (1 - kept))
