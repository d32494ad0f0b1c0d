"""`vigie resolve`."""

from __future__ import annotations

import argparse

EXAMPLE = """\
example:
  $ echo 'https://mobile.twitter.com/amina/status/20?s=20' | vigie resolve
  {"url": "https://mobile.twitter.com/amina/status/20?s=20", "platform": "x", "kind": "post",
   "key": "x:post:20", "canonical_url": "https://x.com/i/status/20", "account": "amina"}

Two addresses of the same content have the same key; two contents never share one. Works offline.
A line that is not an address becomes {"error": …, "line": n} and the rest goes on.
exit: 0 done; 2 a file cannot be read.
"""


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    resolve = subparsers.add_parser(
        "resolve",
        help="say what addresses lead to: platform, kind, key (one address a line → NDJSON)",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    resolve.add_argument("files", nargs="*", metavar="FILE", help="one address a line (default: standard input)")
    resolve.set_defaults(run=_resolve)


def _resolve(args: argparse.Namespace) -> int:
    from vigie.core.environment import adopt_dotenv
    from vigie.core.lines import answer_lines

    from .registry import EXTRA_FOLDER_VARIABLE, registry
    from .resolve import resolve

    adopt_dotenv(EXTRA_FOLDER_VARIABLE)
    registry()  # a broken registry stops before the first line, not at it
    answer_lines(args.files, lambda line: resolve(line).as_dict())
    return 0
