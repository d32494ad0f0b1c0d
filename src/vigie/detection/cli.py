"""`vigie score`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

EXAMPLE = """\
example:
  $ echo '{"id": 1, "text": "un texte", "lang": "fr"}' | vigie score --explain

In: one JSON object a line, {"id", "text", "lang"?}. Out: {"id", "score", "lang", "targets", "grounds", "matches"};
offsets count characters of the text as given. The score is that of a lexicon: it orders and explains, it is not yet
a calibrated probability (see vigie/detection/scoring.py). VIGIE_LEXICON names another lexicon (YAML or CSV).
A line that cannot be read becomes {"error": …, "line": n} and the rest goes on.
exit: 0 done; 2 a file or the lexicon cannot be read.
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
    from vigie.core.lines import answer_lines

    from .detectors import LEXICON_VARIABLE, default_detector

    adopt_dotenv(LEXICON_VARIABLE)
    detector = default_detector()

    def answer(line: str) -> dict[str, Any]:
        identifier, text, lang = _read(line)
        hint = asdict(detector.read(text, lang))
        version = hint.pop("detector_version")
        if args.explain:
            return {"id": identifier, **hint, "detector_version": version}
        hint["matches"] = [
            {name: match[name] for name in ("term", "start", "end", "text")} for match in hint["matches"]
        ]
        return {"id": identifier, **hint}

    answer_lines(args.files, answer)
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
