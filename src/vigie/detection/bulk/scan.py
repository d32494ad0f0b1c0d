"""The scan of a corpus: what is to be done, what is done already, and the outputs put together.

Beside the outputs, the hidden folder `.vigie-scan` holds, for each output, its parts while it is being made and then
the record of what it was made from. Everything in it can be thrown away: the next scan then begins anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vigie.core.errors import Conflict, UnusableInput, VigieError
from vigie.core.words import N_
from vigie.detection import duplicates
from vigie.detection.detectors import LEXICON_VARIABLE, whole_detector
from vigie.detection.duplicates import BINS, NONE, cluster_sketches
from vigie.detection.readers.settings import SECOND_VARIABLES

from .answers import CLUSTER
from .engines import Engine
from .files import SHARD_ROWS, Plan, files_in, is_posts, plan_file
from .shards import UNFINISHED, Done, Task, done, scan_shard, sketches_of, whole

WORKSHOP = ".vigie-scan"
WRITING = "1"
"""Of what is written: another number makes what was done before be done again."""


@dataclass(frozen=True)
class Choices:
    """What the answers depend on, beside the posts and the detector."""

    lang: str | None = None
    may_replace: bool = False
    is_clustered: bool = False
    shard_rows: int = SHARD_ROWS


@dataclass(frozen=True)
class Outcome:
    """What a scan did. `reused` rows were there from before."""

    files: int
    rows: int
    bad: int
    reused: int
    twice: int
    """Read by the second reader too."""
    unread: int
    """Worth it, but the second reader could not: they keep their first score."""


@dataclass
class _Output:
    """One output file on its way."""

    plan: Plan
    path: Path
    workshop: Path
    part_key: str
    """The digest of all that its parts depend on."""
    key: str
    """The digest of all that it depends on: its groups are also of the other files."""

    @property
    def record(self) -> Path:
        return self.workshop / f"{self.path.name}.json"

    def part(self, number: int) -> Path:
        return self.workshop / f"{self.path.name}.parts" / f"{self.part_key}-{number:06}.{self.plan.form}"


def scan(
    given: Path,
    out: Path,
    *,
    engine: Engine,
    choices: Choices = Choices(),
    told: Callable[[int, int, int], None] = lambda done, reused, total: None,
) -> Outcome:
    """Scan the posts of a file or folder into another of the same form, and return what was done.

    Args:
        out: a file for a file; otherwise a folder, where each output has the name of its input.
        told: called with the rows done so far, those of them done before, and all rows there are.

    Raises:
        UnusableInput: an input cannot be read, or `out` cannot be for it; nothing was begun.
        Conflict: another scan is writing there.
    """
    sources = files_in(given)
    paths = _outputs(given, out, sources)
    detector = whole_detector()
    made = _plans(sources, engine=engine, choices=choices)
    base = (out if given.is_dir() else paths[0].parent).absolute()
    workshop = base / WORKSHOP
    for path in paths:
        work = workshop / path.absolute().parent.relative_to(base) / path.name
        if path.exists() and not any(work.with_name(path.name + end).exists() for end in (".json", ".parts")):
            raise UnusableInput(N_("%(out)s existe, et n’est pas d’un balayage : donnez un autre nom."), out=path)
    with _alone(workshop, paths):
        keys = [_key(plan, detector.version, choices) for plan in made]
        all_keys = " ".join(keys) if choices.is_clustered else ""
        outputs = [
            _Output(
                plan=plan,
                path=path,
                workshop=workshop / path.absolute().parent.relative_to(base),
                part_key=key,
                key=hashlib.sha256(f"{key} {all_keys}".encode()).hexdigest(),
            )
            for plan, path, key in zip(made, paths, keys, strict=True)
        ]
        return _scanned(outputs, engine=engine, version=detector.version, choices=choices, told=told)


def _scanned(
    outputs: list[_Output], *, engine: Engine, version: str, choices: Choices, told: Callable[[int, int, int], None]
) -> Outcome:
    total = sum(output.plan.rows for output in outputs)
    finished = {number: record for number, output in enumerate(outputs) if (record := _finished(output))}
    if choices.is_clustered and len(finished) < len(outputs):
        finished = {}  # the groups are those of all files: their outputs are made together, from the parts kept
    parts: dict[int, dict[int, Done]] = {}
    tasks: list[tuple[int, int, Task]] = []
    second = tuple((name, os.environ[name]) for name in SECOND_VARIABLES if name in os.environ)
    for number, output in enumerate(outputs):
        if number in finished:
            continue
        parts[number] = {}
        output.part(0).parent.mkdir(parents=True, exist_ok=True)
        for place, shard in enumerate(output.plan.shards):
            if record := done(output.part(place)):
                parts[number][place] = record
                continue
            task = Task(
                shard=shard, part=str(output.part(place)), detector_version=version,
                lexicon=os.environ.get(LEXICON_VARIABLE, ""), second=second, lang=choices.lang, may_replace=choices.may_replace,
                is_clustered=choices.is_clustered,
            )  # fmt: skip
            tasks.append((number, place, task))
    reused = sum(one.rows for one in finished.values()) + sum(p.rows for ps in parts.values() for p in ps.values())
    rows = reused

    def put_together(number: int, groups: NDArray[np.int64] | None = None) -> None:
        if len(parts[number]) == len(outputs[number].plan.shards):
            finished[number] = _assemble(outputs[number], [done for _, done in sorted(parts[number].items())], groups)

    told(rows, reused, total)
    if not choices.is_clustered:
        for number in parts:
            put_together(number)
    for which, record in engine.each(_scanned_shard, [task for _, _, task in tasks]):
        if isinstance(record, VigieError):
            raise record
        number, place, _ = tasks[which]
        parts[number][place] = record
        rows += record.rows
        told(rows, reused, total)
        if not choices.is_clustered:
            put_together(number)
    if choices.is_clustered and parts:
        for number, groups in enumerate(_groups(outputs)):
            put_together(number, groups)
    for number in parts:
        shutil.rmtree(outputs[number].part(0).parent, ignore_errors=True)
    made = finished.values()
    return Outcome(
        files=len(outputs), rows=rows, bad=sum(one.bad for one in made), reused=reused,
        twice=sum(one.twice for one in made), unread=sum(one.unread for one in made),
    )  # fmt: skip


def _groups(outputs: list[_Output]) -> list[NDArray[np.int64]]:
    """Return for each output the group of each of its rows, found over the rows of all of them."""
    sizes = [output.plan.rows for output in outputs]
    sketches, long_enough = np.empty((sum(sizes), BINS), np.uint16), np.empty(sum(sizes), np.bool_)
    place = 0
    for output in outputs:
        for number, shard in enumerate(output.plan.shards):
            rows = slice(place, place + shard.rows)
            with np.load(sketches_of(output.part(number))) as kept:
                sketches[rows], long_enough[rows] = kept["sketches"], kept["long_enough"]
            place += shard.rows
    return np.split(cluster_sketches(sketches, long_enough).ids, np.cumsum(sizes)[:-1])


def _plans(sources: list[Path], *, engine: Engine, choices: Choices) -> list[Plan]:
    """Plan each file, several at once: all of each is read for its digest."""
    asked = [(str(path.absolute()), choices) for path in sources]
    made = {0: _planned(asked[0])} if len(asked) == 1 else dict(engine.each(_planned, asked))
    plans: list[Plan] = []
    for number in range(len(asked)):
        plan = made[number]
        if isinstance(plan, VigieError):
            raise plan
        plans.append(plan)
    return plans


def _planned(asked: tuple[str, Choices]) -> Plan | VigieError:
    path, choices = asked
    try:
        return plan_file(
            path, shard_rows=choices.shard_rows, may_replace=choices.may_replace, is_clustered=choices.is_clustered
        )
    except VigieError as fault:
        return fault


def _scanned_shard(task: Task) -> Done | VigieError:
    try:
        return scan_shard(task)
    except VigieError as fault:
        return fault
    except OSError as fault:
        return VigieError(N_("%(file)s : %(why)s."), file=fault.filename or task.part, why=fault.strerror or fault)
    except pa.ArrowException as fault:
        return VigieError(N_("%(file)s : %(why)s."), file=task.shard.source, why=fault)


def _outputs(given: Path, out: Path, sources: list[Path]) -> list[Path]:
    if given.is_dir():
        if out.is_file():
            raise UnusableInput(N_("%(out)s est un fichier : pour un dossier, donnez un dossier."), out=out)
        if out.resolve().is_relative_to(given.resolve()):
            raise UnusableInput(N_("%(out)s est dans le dossier à lire : donnez-en un autre."), out=out)
        return [out / path.relative_to(given) for path in sources]
    path = out if is_posts(out) and not out.is_dir() else out / given.name
    if path.suffix.lower() != given.suffix.lower():
        raise UnusableInput(
            N_("%(out)s n’a pas la forme de %(given)s : donnez-lui le même suffixe."), out=path, given=given
        )
    if path.resolve() == given.resolve():
        raise UnusableInput(N_("%(out)s est le fichier à lire : donnez-en un autre."), out=path)
    return [path]


def _key(plan: Plan, version: str, choices: Choices) -> str:
    """Return the digest of all that an output depends on."""
    shards = [(shard.start, shard.stop) for shard in plan.shards]
    grouping = f"{duplicates.VERSION} {duplicates.NEAR} {duplicates.LEAST_LETTERS}" if choices.is_clustered else None
    said = json.dumps([WRITING, plan.digest, shards, version, choices.lang, choices.may_replace, grouping])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _finished(output: _Output) -> Done | None:
    """Return the record of an output that is there, made from the same and not touched since."""
    try:
        record = json.loads(output.record.read_bytes())
        is_same = record["key"] == output.key and record["bytes"] == output.path.stat().st_size
        twice = {name: record.get(name, 0) for name in ("twice", "unread")}
        return Done(record["rows"], record["bad"], **twice) if is_same else None
    except (OSError, ValueError, KeyError):
        return None


def _assemble(output: _Output, parts: list[Done], groups: NDArray[np.int64] | None) -> Done:
    """Make the output of its parts in order, and record what it was made from."""
    output.path.parent.mkdir(parents=True, exist_ok=True)
    places = [output.part(number) for number in range(len(parts))]
    sizes = [part.rows for part in parts]
    by_part = None if groups is None else np.split(groups, np.cumsum(sizes)[:-1])
    with whole(output.path) as unfinished:
        (_join_rows if output.plan.form == "parquet" else _join_lines)(places, unfinished, by_part)
    result = Done(
        rows=sum(sizes), bad=sum(part.bad for part in parts), twice=sum(part.twice for part in parts),
        unread=sum(part.unread for part in parts),
    )  # fmt: skip
    record = {"key": output.key, **asdict(result), "bytes": output.path.stat().st_size}
    with whole(output.record) as unfinished:
        unfinished.write_text(json.dumps(record), encoding="utf-8")
    if groups is None:
        shutil.rmtree(places[0].parent)
    return result


def _join_lines(parts: list[Path], path: Path, groups: list[NDArray[np.int64]] | None) -> None:
    with path.open("wb") as out:
        for number, part in enumerate(parts):
            with part.open("rb") as lines:
                if groups is None:
                    shutil.copyfileobj(lines, out, 1 << 20)
                    continue
                for line, group in zip(lines, groups[number].tolist(), strict=True):
                    named = "null" if group == NONE else str(group)
                    out.write(b'%b, "%b": %b}\n' % (line[:-2], CLUSTER.encode(), named.encode()))


def _join_rows(parts: list[Path], path: Path, groups: list[NDArray[np.int64]] | None) -> None:
    writer: pq.ParquetWriter | None = None
    try:
        for number, part in enumerate(parts):
            table = pq.read_table(part, use_threads=False, partitioning=None)
            if groups is not None:
                column = pa.array(groups[number], mask=groups[number] == NONE)
                there = table.schema.get_field_index(CLUSTER)
                table = (table if there < 0 else table.remove_column(there)).append_column(CLUSTER, column)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer:
            writer.close()


@contextmanager
def _alone(workshop: Path, outputs: list[Path]) -> Iterator[None]:
    """Hold the place of work; what killed scans left unfinished is swept first, and what this one leaves last."""
    try:
        workshop.mkdir(parents=True, exist_ok=True)
        lock = (workshop / "lock").open("w")
    except OSError as fault:
        raise UnusableInput(
            N_("%(out)s : impossible d’y écrire (%(why)s)."), out=workshop.parent, why=fault.strerror
        ) from fault
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fault:
            raise Conflict(N_("Un autre balayage écrit déjà dans %(out)s."), out=workshop.parent) from fault
        _sweep(workshop, outputs)
        try:
            yield
        finally:
            _sweep(workshop, outputs)


def _sweep(workshop: Path, outputs: list[Path]) -> None:
    unfinished = [*workshop.rglob(f"*{UNFINISHED}")]
    for folder in {path.parent for path in outputs}:
        unfinished += folder.glob(f"*{UNFINISHED}")
    for path in unfinished:
        path.unlink(missing_ok=True)
