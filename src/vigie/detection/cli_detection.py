"""`vigie detection`: measure the detector."""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXAMPLE = """\
example:
  $ vigie detection evaluate decisions.csv
  $ vigie detection evaluate labelled.ndjson --json

In: CSV (perhaps .gz) or NDJSON with `text` and `label` (1 or 0), perhaps `lang`, `target` (or `targets`), `kind`,
`platform`, `month` or `date`. Out: macro-F1, AUROC, AUPRC, recall at 1 and 5 % false alarms, calibration error, recall
and false alarms at 0.5, each with its 95 % interval, for all texts and by target, kind, platform, language and month.
«n.d.» is what the texts cannot tell. Any file of labelled texts will do; the detector never learns from it.
exit: 0 done; 2 a file cannot be read: the sentence names the file, the line and the field.
"""
_SHORT = {
    "macro_f1": "F1", "auroc": "AUROC", "auprc": "AUPRC", "recall_at_1_percent_false_alarms": "rec@1%",
    "recall_at_5_percent_false_alarms": "rec@5%", "calibration_error": "cal.err", "recall": "recall",
    "false_alarms": "false al.",
}  # fmt: skip


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = subparsers.add_parser("detection", help="measure the detector").add_subparsers(required=True)
    command = group.add_parser(
        "evaluate",
        help="how good the detector is on labelled texts",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("files", nargs="+", metavar="FILE", type=Path)
    command.add_argument("--json", action="store_true", help="one JSON object for each slice")
    command.add_argument("--lang", metavar="fr", help="the language of texts that do not say theirs (default: guessed)")
    command.set_defaults(run=_evaluate)


def _evaluate(args: argparse.Namespace) -> int:
    from vigie.core.environment import adopt_dotenv

    from .detectors import LEXICON_VARIABLE, whole_detector
    from .evaluation import evaluated, spread
    from .readers.settings import SECOND_VARIABLES
    from .readers.telling import summary

    adopt_dotenv(LEXICON_VARIABLE, *SECOND_VARIABLES)
    texts = [one for file in args.files for one in _labelled(file)]
    detector = whole_detector()
    scores = [hint.score for hint in detector.read_many((one.text, one.lang or args.lang) for one in texts)]
    sys.stderr.write(summary(detector))
    slices = evaluated(texts, scores)
    if args.json:
        for one in slices:
            figures = {name: vars_of(figure) for name, figure in one.figures.items()}
            _write(json.dumps({
                "by": one.by, "value": one.value, "texts": one.texts, "hateful": one.hateful, **figures,
                "detector": detector.version,
            }, ensure_ascii=False))  # fmt: skip
        return 0
    _write(f"{detector.version}: {len(texts):,} texts")
    _write(f"{'':32}{'texts':>7}{'hateful':>8}" + "".join(f"{name:>18}" for name in _SHORT.values()))
    for one in slices:
        name = f"{one.by} {one.value}".strip()[:31]
        shown = "".join(f"{_shown(one.figures[measure]):>18}" for measure in _SHORT)
        _write(f"{name:32}{one.texts:>7}{one.hateful:>8}{shown}")
    apart = spread(slices, "target")
    if apart is not None:
        _write(f"spread of recall between targets: {apart:.2f}")
    return 0


def vars_of(figure: Any) -> dict[str, float | None]:
    """Return a figure as JSON has it."""
    return {"value": figure.value, "low": figure.low, "high": figure.high}


def _shown(figure: Any) -> str:
    if figure.value is None:
        return "n.d."
    if figure.low is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.2f}-{figure.high:.2f}]"


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _labelled(file: Path) -> Iterator[Any]:
    from vigie.core.errors import UnusableInput
    from vigie.core.words import N_

    from .evaluation import Labelled

    for number, row in _rows(file):
        text, label = row.get("text"), str(row.get("label", "")).strip().lower()
        if not isinstance(text, str) or label not in _LABELS:
            raise UnusableInput(
                N_("Fichier %(file)s, ligne %(line)s, champ « %(field)s » : valeur absente ou inconnue."),
                file=file, line=number, field="label" if isinstance(text, str) else "text",
            )  # fmt: skip
        slices = {name: str(row[name]) for name in ("kind", "platform", "month", "lang", "family") if row.get(name)}
        target = row.get("target") or row.get("targets")
        if isinstance(target, list):
            target = target[0] if target else ""
        if target:
            slices["target"] = str(target)
        if not slices.get("month") and row.get("date"):
            slices["month"] = str(row["date"])[:7]
        yield Labelled(text, _LABELS[label], str(row.get("lang") or "") or None, slices)


_LABELS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}


def _rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    from vigie.core.errors import UnusableInput
    from vigie.core.words import N_

    try:
        raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        content = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        raise UnusableInput(N_("Le fichier %(file)s ne peut être lu : %(why)s."), file=file, why=fault) from fault
    if ".csv" in file.suffixes:
        reader = csv.DictReader(io.StringIO(content, newline=""))
        for row in reader:
            yield reader.line_num, dict(row)
        return
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as fault:
            raise UnusableInput(
                N_("Fichier %(file)s, ligne %(line)s : ce n’est pas du JSON (%(why)s)."),
                file=file,
                line=number,
                why=fault,
            ) from fault
        if not isinstance(row, dict):
            raise UnusableInput(
                N_("Fichier %(file)s, ligne %(line)s : ce n’est pas du JSON (%(why)s)."),
                file=file,
                line=number,
                why="objet",
            )
        yield number, row
