"""`vigie score`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hints import Hint

EXAMPLE = """\
example:
  $ echo '{"id": 1, "text": "un texte", "lang": "fr"}' | vigie score --explain

In: one JSON object a line, {"id", "text", "lang"?}. Out: {"id", "score", "lang", "targets", "grounds", "matches"};
`score` is a calibrated probability in [0, 1] that a trained moderator would find the text hateful (the model card,
docs/reference/model-card.md, says where it is wrong); offsets count characters of the text as given. --explain adds what
the text does, the words that moved the score, and each term's meaning and use. VIGIE_LEXICON names another lexicon
(YAML or CSV). A line that cannot be read becomes {"error": …, "line": n} and the rest goes on.
exit: 0 done; 2 a file, the lexicon or the second reader cannot be read.
"""


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser(
        "score",
        help="hint at hateful texts, with reasons (NDJSON → NDJSON)",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("files", nargs="*", metavar="FILE", help="NDJSON (default: standard input)")
    command.add_argument("--explain", action="store_true", help="add each term's meaning, kind, target and standing")
    command.set_defaults(run=_score)


def _score(args: argparse.Namespace) -> int:
    from vigie.core.environment import adopt_dotenv
    from vigie.core.errors import VigieError
    from vigie.core.lines import answer_together

    from .detectors import LEXICON_VARIABLE, default_detector, whole_detector
    from .readers.settings import SECOND_VARIABLES
    from .readers.telling import summary

    adopt_dotenv(LEXICON_VARIABLE, *SECOND_VARIABLES)
    detector, fast = whole_detector(), default_detector()

    def answer(lines: Sequence[str]) -> list[Mapping[str, object] | VigieError]:
        posts: list[tuple[object, str, str | None] | VigieError] = []
        for line in lines:
            try:
                posts.append(_read(line))
            except VigieError as fault:
                posts.append(fault)
        hints = detector.read_many((post[1], post[2]) for post in posts if not isinstance(post, VigieError))
        return [
            post if isinstance(post, VigieError) else {"id": post[0], **_shown(post[1], next(hints))} for post in posts
        ]

    def _shown(text: str, hint: Hint) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "score": hint.score, "lang": hint.lang, "targets": hint.targets, "grounds": hint.grounds,
            "matches": [
                {"term": match.term, "start": match.start, "end": match.end, "text": match.text}
                for match in hint.matches
            ],
        }  # fmt: skip
        if args.explain:
            shown["matches"] = [asdict(match) for match in hint.matches]
            shown["kind"] = hint.kind
            shown["words"] = [asdict(word) for word in fast.explain(text, hint.lang)]
            shown["detector_version"] = hint.detector_version
            if hint.second:
                shown["second"] = asdict(hint.second)
        return shown

    answer_together(args.files, answer)
    sys.stderr.write(summary(detector))
    return 0


def _read(line: str) -> tuple[object, str, str | None]:
    from vigie.core.errors import UnusableInput
    from vigie.core.words import N_

    try:
        post = json.loads(line)
    except ValueError as fault:
        raise UnusableInput(N_("Cette ligne n’est pas du JSON : %(why)s."), why=fault) from fault
    if not isinstance(post, dict):
        raise UnusableInput(N_("Cette ligne n’est pas un objet JSON avec « id » et « text »."))
    for field, kinds in (("text", (str,)), ("lang", (str, type(None)))):
        if not isinstance(post.get(field), kinds):
            raise UnusableInput(N_("Champ « %(field)s » absent, ou qui n’est pas un texte."), field=field)
    return post.get("id"), post["text"], post.get("lang") or None
