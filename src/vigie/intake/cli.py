"""`vigie import`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vigie.intake.doors.files.actions import Result
    from vigie.intake.doors.files.models import ImportJob
    from vigie.organisations.models import Organisation

EXAMPLE = """\
examples:
  vigie import posts.csv --organisation veille-solidaire --preview
  vigie import zeeschuimer-export.ndjson --organisation veille-solidaire > report.ndjson

Reads CSV, NDJSON, XLSX, .eml and mbox. Writes one line of JSON for each line of the file: what became of it, in which
case, or why it was refused. The same file twice changes nothing; an import that was stopped is gone on with by giving
the file again.
"""


def add_commands(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "import",
        help="reports and contents from files → cases; the same file twice changes nothing",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--organisation", required=True, metavar="SLUG")
    parser.add_argument(
        "--map", default="", metavar="NAME", help="read by this column map (default: the one that fits)"
    )
    parser.add_argument("--preview", action="store_true", help="say what would be done, and change nothing")
    parser.set_defaults(run=_import, django=True)


def _import(args: argparse.Namespace) -> int:
    from vigie.core.errors import UnusableInput
    from vigie.organisations.models import Organisation

    organisation = Organisation.objects.filter(slug=args.organisation).first()
    if organisation is None:
        raise UnusableInput(f"--organisation {args.organisation}: there is no such association.")
    for path in args.files:
        if not path.is_file():
            raise UnusableInput(f"{path}: there is no such file.")
    answers = [_import_one(path, organisation, args.map, preview=args.preview) for path in args.files]
    return max(answers)


def _import_one(path: Path, organisation: Organisation, map_name: str, *, preview: bool) -> int:
    """Import one file; 1 when nothing of it could be taken."""
    from django.utils import timezone

    from vigie.core.errors import UnusableInput
    from vigie.intake.doors.files import actions
    from vigie.organisations.rules.policy import Actor

    worker = Actor(name="worker", organisation_id=organisation.pk)
    if map_name:
        names = {one.name.removeprefix("saved:"): one for one in actions.known_maps(organisation.pk)}
        names |= {one.title: one for one in names.values()}
        if map_name not in names:
            raise UnusableInput(f"--map {map_name}: there is no such map; known: {', '.join(sorted(names))}.")
    with path.open("rb") as content:
        job = actions.hand_in_here(actor=worker, name=path.name, content=content, now=timezone.now())
    if map_name:
        job.column_map = actions.kept_map(names[map_name])
        job.save(update_fields=["column_map"])
    actions.take(job, timezone.now())
    actions.prepare(job)
    _stop_if_failed(job)
    if preview and job.preview is not None:
        counts = {name: job.preview[name] for name in ("total", "taken", "merged", "known", "refused")}
        for kept in job.preview["refusals"]:
            _tell(actions.Result.from_json(kept))
        sys.stdout.write(json.dumps({"file": str(path), **counts}, ensure_ascii=False) + "\n")
        actions.drop_here(job, timezone.now())
        return 1 if counts["total"] and counts["refused"] == counts["total"] else 0
    progress = Progress(path.name, job.lines_total)

    def told(job: ImportJob, results: list[Result]) -> None:
        for result in results:
            _tell(result)
        progress.show(job.lines_done)

    actions.run(job, told=told)
    progress.end()
    _stop_if_failed(job)
    sys.stderr.write(
        f"{path}: {job.taken} taken, {job.merged} merged, {job.known} known before, {job.refused} refused.\n"
    )
    return 1 if job.lines_done and job.refused == job.lines_done else 0


def _stop_if_failed(job: ImportJob) -> None:
    from vigie.core.errors import UnusableInput

    if job.problem:
        raise UnusableInput(job.problem, **job.problem_values)


def _tell(result: Result) -> None:
    told: dict[str, object] = {"line": result.line, "outcome": result.outcome.value}
    if result.ref:
        told["case"] = result.ref
    if result.why is not None:
        sentence = result.why.sentence % dict(result.why.values) if result.why.values else result.why.sentence
        told["error" if result.outcome.value == "refused" else "remark"] = sentence
        if result.why.field:
            told["field"] = result.why.field
    sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")


class Progress:
    """A bar on the terminal, once the work has lasted two seconds."""

    def __init__(self, name: str, total: int) -> None:
        self.name, self.total, self.began, self.shown = name, total, time.monotonic(), False

    def show(self, done: int) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self.began < 2:
            return
        self.shown = True
        share = done / self.total if self.total else 1.0
        bar = "█" * round(30 * share)
        sys.stderr.write(f"\r{self.name} {bar:░<30} {done}/{self.total}")
        sys.stderr.flush()

    def end(self) -> None:
        if self.shown:
            sys.stderr.write("\n")
