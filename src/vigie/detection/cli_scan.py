"""`vigie scan`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .readers.settings import Choice

EXAMPLE = """\
example:
  $ vigie scan posts.parquet scored.parquet
  $ vigie scan posts/ scored/ --cluster --cores 8

In: Parquet or NDJSON (.parquet, .ndjson, .jsonl), a file or a folder of them, with the column `text`, perhaps `lang`,
and any others, which are kept. Out: the same rows in the same order, with score, lang, targets, grounds and matches as
`vigie score` gives them; with --cluster also `cluster`, the number (from 0, over all files) of the first row that says
nearly the same, empty for a row alone. A row that cannot be read has `error` instead and the rest goes on. What was interrupted goes
on where it stopped, by the same command; what is done is not done again. VIGIE_LEXICON names another lexicon;
VIGIE_SECOND_READER, a model that reads again what the detector is unsure of (docs/how-to/second-reader.md).
exit: 0 done; 2 an input cannot be read or the output not written; 130 stopped by Ctrl-C, nothing half-written.
"""


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = subparsers.add_parser(
        "scan",
        help="hint at hateful posts in a large corpus (Parquet or NDJSON), restartable",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("given", metavar="IN", type=Path, help="a file of posts, or a folder of them")
    command.add_argument("out", metavar="OUT", type=Path, help="a file for a file, or a folder")
    command.add_argument(
        "--engine", choices=["local", "ray"], default="local", help="on this machine, or on a Ray cluster (RAY_ADDRESS)"
    )
    command.add_argument(
        "--cores", type=_number, default=0, metavar="N", help="how many cores (default: all of this machine)"
    )
    command.add_argument(
        "--shard-rows", type=_number, default=0, metavar="N",
        help="how many posts are done at once, and again after a kill (default: 50000)",
    )  # fmt: skip
    command.add_argument(
        "--cluster", action="store_true", help="add `cluster`: posts that say nearly the same share it"
    )
    command.add_argument("--lang", metavar="fr", help="the language of posts that do not say theirs (default: guessed)")
    command.add_argument(
        "--replace", action="store_true", help="replace the columns of an earlier scan, or of that name"
    )
    command.set_defaults(run=_scan)


def _number(given: str) -> int:
    if not given.isdigit() or not 1 <= int(given) <= 10_000_000:
        raise argparse.ArgumentTypeError(f"{given!r} is not a number from 1 to 10000000")
    return int(given)


def _scan(args: argparse.Namespace) -> int:
    from vigie.core.environment import Environment, adopt_dotenv

    from .detectors import LEXICON_VARIABLE
    from .readers.settings import SECOND_VARIABLES, checked

    adopt_dotenv(LEXICON_VARIABLE, *SECOND_VARIABLES)
    _refuse_many_budgets(args.engine, checked(Environment(os.environ)))
    _require("pyarrow", "make bulk")
    _require("numpy", "make bulk")
    if args.engine == "ray":
        _require("ray", '.tools/bin/uv pip install "ray>=2.40"')
    from .bulk.engines import engine_for
    from .bulk.files import SHARD_ROWS
    from .bulk.scan import Choices, scan

    progress = _Progress()
    engine = engine_for(args.engine, cores=args.cores or len(os.sched_getaffinity(0)))
    choices = Choices(
        lang=args.lang, may_replace=args.replace, is_clustered=args.cluster, shard_rows=args.shard_rows or SHARD_ROWS
    )
    try:
        outcome = scan(args.given, args.out, engine=engine, choices=choices, told=progress)
    finally:
        progress.end()
        engine.close()
    if outcome.twice or outcome.unread:
        sys.stderr.write(
            f"vigie: {outcome.twice:,} posts read twice, {outcome.unread:,} could not be and keep their first score\n"
        )
    before = f", {outcome.reused:,} of them before" if outcome.reused else ""
    sys.stderr.write(f"vigie: {outcome.rows:,} posts{before}, {outcome.bad:,} could not be read; in {args.out}\n")
    return 0


def _refuse_many_budgets(engine: str, choice: Choice | None) -> None:
    from vigie.core.errors import UnusableInput
    from vigie.core.words import N_

    from .readers.settings import OfAddress

    if engine == "ray" and choice and isinstance(choice.reader, OfAddress):
        raise UnusableInput(
            N_("Un second lecteur à une adresse ne sert pas à un balayage sur Ray : son budget se compte sur une seule machine ; videz VIGIE_SECOND_READER ou prenez --engine local.")
        )  # fmt: skip


def _require(module: str, remedy: str) -> None:
    """Say in one sentence what to do when what is needed is not installed."""
    import importlib.util

    from vigie.core.errors import UnusableInput
    from vigie.core.words import N_

    if importlib.util.find_spec(module) is None:
        raise UnusableInput(
            N_("Il manque %(module)s, dont le balayage a besoin : « %(remedy)s » l’installe."),
            module=module,
            remedy=remedy,
        )


class _Progress:
    """Rows, speed and time left on stderr, when it is a terminal and the work lasts."""

    def __init__(self) -> None:
        self._started, self._shown = time.monotonic(), False

    def __call__(self, done: int, reused: int, total: int) -> None:
        lasted = time.monotonic() - self._started
        if lasted < 2 or not sys.stderr.isatty():
            return
        self._shown = True
        speed = (done - reused) / lasted
        left = f", {(total - done) / speed / 60:,.0f} min left" if speed else ""
        sys.stderr.write(f"\r\x1b[K{done:,} of {total:,} posts, {speed:,.0f}/s{left}")
        sys.stderr.flush()

    def end(self) -> None:
        if self._shown:
            sys.stderr.write("\n")
