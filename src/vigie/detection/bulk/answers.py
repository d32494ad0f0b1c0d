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
class Answers:
    """What is added to a batch of rows, a list for each column; a row with an error has None elsewhere."""

    score: list[float | None]
    lang: list[str | None]
    targets: list[Sequence[str] | None]
    grounds: list[Sequence[str] | None]
    matches: list[list[dict[str, object]] | None]
    error: list[str | None]


def answers_of(detector: Detector, texts: Sequence[object], langs: Sequence[object]) -> Answers:
    """Return the columns for a batch, in order; a row that cannot be read has an error and the rest goes on."""
    if set(map(type, texts)) <= {str} and set(map(type, langs)) <= {str, type(None)}:
        return _columns(_hints(detector, list(zip(texts, langs, strict=True))))  # type: ignore[arg-type]
    faults = [_fault(text, lang) for text, lang in zip(texts, langs, strict=True)]
    good = [row for row, fault in enumerate(faults) if fault is None]
    hints: list[Hint | str] = [fault or "" for fault in faults]
    for row, hint in zip(good, _hints(detector, [(texts[row], langs[row]) for row in good]), strict=True):  # type: ignore[misc]
        hints[row] = hint
    return _columns(hints)


def _columns(hints: Sequence[Hint | str]) -> Answers:
    read = [None if isinstance(hint, str) else hint for hint in hints]
    return Answers(
        score=[None if hint is None else hint.score for hint in read],
        lang=[None if hint is None else hint.lang for hint in read],
        targets=[None if hint is None else hint.targets for hint in read],
        grounds=[None if hint is None else hint.grounds for hint in read],
        matches=[None if hint is None else matches_of(hint) if hint.matches else [] for hint in read],
        error=[hint if isinstance(hint, str) else None for hint in hints],
    )


def taken(names: Iterable[str], *, is_clustered: bool) -> list[str]:
    """Return which of a file's own fields a scan would write over."""
    return [name for name in names if (name in ADDED and name != "lang") or (is_clustered and name == CLUSTER)]


def _hints(detector: Detector, posts: list[tuple[str, str | None]]) -> list[Hint | str]:
    """Return a hint for each post, or what it failed of."""
    try:
        return list(detector.read_many(posts))
    except Exception:  # noqa: BLE001 one post that the detector cannot bear: found below, the others are read
        return [_alone(detector, *post) for post in posts]


def _alone(detector: Detector, text: str, lang: str | None) -> Hint | str:
    try:
        return detector.read(_HALF_PAIR.sub("\ufffd", text), lang)
    except Exception as fault:  # noqa: BLE001 the row says so, and what it stumbled over is not quoted
        return kind_and_place(fault)


def _fault(text: object, lang: object) -> str | None:
    if not isinstance(text, str):
        return NOT_A_TEXT % {"field": "text"}
    if not isinstance(lang, str | None):
        return NOT_A_TEXT % {"field": "lang"}
    return None


def matches_of(hint: Hint) -> list[dict[str, object]]:
    """Return the matches as `vigie score` writes them."""
    return [{"term": match.term, "start": match.start, "end": match.end, "text": match.text} for match in hint.matches]
