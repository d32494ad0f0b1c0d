"""The columns that a scan adds to a batch of posts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vigie.core.errors import kind_and_place
from vigie.core.words import N_
from vigie.detection.hints import Detector, Hint

ADDED = ("score", "lang", "targets", "grounds", "matches", "error")
CLUSTER = "cluster"
_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, as JSON may hold where a text was cut: no character; one is read in its place."""
NOT_A_TEXT = N_("Champ « %(field)s » absent, ou qui n’est pas un texte.")


@dataclass(frozen=True)
class Answer:
    """What is added to one row: a hint, or the sentence that says why there is none."""

    hint: Hint | None
    error: str | None = None


def answers_of(detector: Detector, texts: Sequence[object], langs: Sequence[object]) -> list[Answer]:
    """Return one answer for each row, in order; a row that cannot be read has an error and the rest goes on."""
    faults = [_fault(text, lang) for text, lang in zip(texts, langs, strict=True)]
    good = [row for row, fault in enumerate(faults) if fault is None]
    hints = _hints(detector, [(texts[row], langs[row] or None) for row in good])  # type: ignore[misc]
    answers = [Answer(None, fault) for fault in faults]
    for row, answer in zip(good, hints, strict=True):
        answers[row] = answer
    return answers


def taken(names: Iterable[str], *, is_clustered: bool) -> list[str]:
    """Return which of a file's own fields a scan would write over."""
    return [name for name in names if (name in ADDED and name != "lang") or (is_clustered and name == CLUSTER)]


def _hints(detector: Detector, posts: list[tuple[str, str | None]]) -> list[Answer]:
    try:
        return [Answer(hint) for hint in detector.read_many(posts)]
    except Exception:  # noqa: BLE001 one post that the detector cannot bear: found below, the others are read
        return [_alone(detector, *post) for post in posts]


def _alone(detector: Detector, text: str, lang: str | None) -> Answer:
    try:
        return Answer(detector.read(_HALF_PAIR.sub("\ufffd", text), lang))
    except Exception as fault:  # noqa: BLE001 the row says so, and what it stumbled over is not quoted
        return Answer(None, kind_and_place(fault))


def _fault(text: object, lang: object) -> str | None:
    if not isinstance(text, str):
        return NOT_A_TEXT % {"field": "text"}
    if not isinstance(lang, str | None):
        return NOT_A_TEXT % {"field": "lang"}
    return None


def matches_of(hint: Hint) -> list[dict[str, object]]:
    """Return the matches as `vigie score` writes them."""
    return [{"term": match.term, "start": match.start, "end": match.end, "text": match.text} for match in hint.matches]
