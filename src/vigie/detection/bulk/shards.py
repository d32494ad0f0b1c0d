"""One shard, scored and written whole.

What a worker writes is complete or absent: a file of its own, renamed once all of it is on the disk; then, the same
way, a record that says it is done. Whoever is killed between the two leaves at most a file that is written again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.detection.detectors import LEXICON_VARIABLE, whole_detector
from vigie.detection.duplicates import Sketches, sketch
from vigie.detection.hints import Detector
from vigie.detection.readers.cascade import Cascade

from .answers import ADDED, CLUSTER, Answers, answers_of, taken
from .files import Shard

BATCH_ROWS = 5_000
"""Read at once: enough to hide the cost of a call, few enough to stay within some megabytes."""
UNFINISHED = ".unfinished"
_TYPES = {
    "score": pa.float64(),
    "lang": pa.string(),
    "targets": pa.list_(pa.string()),
    "grounds": pa.list_(pa.string()),
    "matches": pa.list_(
        pa.struct([("term", pa.string()), ("start", pa.int64()), ("end", pa.int64()), ("text", pa.string())])
    ),
    "error": pa.string(),
}


@dataclass(frozen=True)
class Task:
    """One shard to do, and all that a worker elsewhere must know to do it alike."""

    shard: Shard
    part: str
    """Where its rows are to be written; beside it, `.json`, the record that they are."""
    detector_version: str
    lexicon: str
    """The value of `VIGIE_LEXICON`; read where the worker runs."""
    second: tuple[tuple[str, str], ...]
    """The settings of the second reader, by name; read there too."""
    lang: str | None
    """The language of the posts that do not say theirs."""
    may_replace: bool
    is_clustered: bool
    """Whether a sketch of each text is kept beside, for near-duplicates."""


@dataclass(frozen=True)
class Done:
    """What the record of a shard says."""

    rows: int
    bad: int
    twice: int = 0
    """Read by the second reader too."""
    unread: int = 0
    """Worth it, but the second reader could not."""


def done(part: Path) -> Done | None:
    """Return the record of a part that is there whole, or None."""
    try:
        return Done(**json.loads(_record(part).read_bytes())) if part.exists() else None
    except (OSError, ValueError, TypeError):
        return None


def scan_shard(task: Task) -> Done:
    """Score one shard, write its part and its record, and return what the record says.

    Raises:
        UnusableInput: this worker's detector is not the one the scan began with.
    """
    os.environ[LEXICON_VARIABLE] = task.lexicon
    os.environ.update(task.second)
    detector = whole_detector()
    if detector.version != task.detector_version:
        raise UnusableInput(
            N_("Le détecteur d’ici (%(here)s) n’est pas celui de ce balayage (%(there)s)."),
            here=detector.version, there=task.detector_version,
        )  # fmt: skip
    write = _write_lines if task.shard.form == "ndjson" else _write_rows
    part, notes = Path(task.part), _Sketches(is_wanted=task.is_clustered)
    with whole(part) as unfinished:
        result = write(task, detector, unfinished, notes)
    if isinstance(detector, Cascade):
        result = replace(result, twice=detector.counts.twice, unread=detector.counts.unread.total())
    notes.write(part)
    # Not forced to the disk: after a power cut a torn record reads as none, and its shard is done again.
    with whole(_record(part), is_forced=False) as unfinished:
        unfinished.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return result


class whole:
    """Give a name to write under; the file gets its own name once it is all on the disk, or never exists."""

    def __init__(self, path: Path, *, is_forced: bool = True) -> None:
        self._path, self._is_forced = path, is_forced
        self._unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{UNFINISHED}")

    def __enter__(self) -> Path:
        return self._unfinished

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._unfinished.unlink(missing_ok=True)
            return
        if self._is_forced:
            with self._unfinished.open("rb") as written:
                os.fsync(written.fileno())
        self._unfinished.replace(self._path)


def _record(part: Path) -> Path:
    return part.with_name(part.name + ".json")


class _Sketches:
    """The sketches of a shard's texts, batch by batch."""

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._made: list[tuple[Sketches, NDArray[np.bool_]]] = []

    def add(self, texts: Sequence[object], errors: Sequence[str | None]) -> None:
        if self._is_wanted:
            read = ["" if error else str(text) for text, error in zip(texts, errors, strict=True)]
            self._made.append(sketch(read))

    def write(self, part: Path) -> None:
        if self._is_wanted:
            empty = sketch([])
            sketches, long_enough = (np.concatenate(both) for both in zip(empty, *self._made, strict=True))
            with whole(sketches_of(part)) as unfinished, unfinished.open("wb") as stream:
                np.savez(stream, sketches=sketches, long_enough=long_enough)


def sketches_of(part: Path) -> Path:
    return part.with_name(part.name + ".npz")


def _write_rows(task: Task, detector: Detector, path: Path, sketches: _Sketches) -> Done:
    rows = bad = 0
    writer: pq.ParquetWriter | None = None
    try:
        for table in _tables(task.shard):
            langs = table["lang"].to_pylist() if "lang" in table.column_names else [None] * table.num_rows
            langs = [task.lang if lang is None else lang for lang in langs]
            texts = table["text"].to_pylist()
            answers = answers_of(detector, texts, langs)
            sketches.add(texts, answers.error)
            rows, bad = rows + len(texts), bad + len(texts) - answers.error.count(None)
            scored = _with_answers(table, langs, answers)
            writer = writer or pq.ParquetWriter(path, scored.schema, compression="zstd")
            writer.write_table(scored)
    finally:
        if writer:
            writer.close()
    return Done(rows, bad)


def _tables(shard: Shard) -> Iterator[pa.Table]:
    """Yield the rows of a shard, a batch at a time; at least one table, which may have no row."""
    with pq.ParquetFile(shard.source) as file:
        if shard.start == shard.stop:
            yield file.schema_arrow.empty_table()
            return
        groups, before = [], 0
        skipped = None
        for group in range(file.metadata.num_row_groups):
            size = file.metadata.row_group(group).num_rows
            if before < shard.stop and before + size > shard.start:
                skipped = before if skipped is None else skipped
                groups.append(group)
            before += size
        place = skipped or 0
        for batch in file.iter_batches(BATCH_ROWS, row_groups=groups, use_threads=False):
            first, last = max(shard.start - place, 0), min(shard.stop - place, batch.num_rows)
            place += batch.num_rows
            if first < last:
                yield pa.Table.from_batches([batch.slice(first, last - first)])
            if place >= shard.stop:
                return


def _with_answers(table: pa.Table, langs: Sequence[str | None], answers: Answers) -> pa.Table:
    # A row without hint keeps the language it says.
    lang = [given if read is None else read for given, read in zip(langs, answers.lang, strict=True)]
    for name in ADDED:
        column = pa.array(lang if name == "lang" else getattr(answers, name), type=_TYPES[name])
        place = table.schema.get_field_index(name)
        field = pa.field(name, _TYPES[name])
        table = table.append_column(field, column) if place < 0 else table.set_column(place, field, column)
    return table


def _write_lines(task: Task, detector: Detector, path: Path, sketches: _Sketches) -> Done:
    rows = bad = 0
    with path.open("wb") as out:
        lines = _lines(task.shard)
        while batch := list(islice(lines, BATCH_ROWS)):
            posts = [_post(line, task) for line in batch]
            texts = [post.get("text") for post, _ in posts]
            langs = [task.lang if post.get("lang") is None else post["lang"] for post, _ in posts]
            answers = answers_of(detector, texts, langs)
            errors = [fault or error for (_, fault), error in zip(posts, answers.error, strict=True)]
            sketches.add(texts, errors)
            for row, (line, (post, _), error) in enumerate(zip(batch, posts, errors, strict=True)):
                if error is None:
                    out.write(_line_with(line, post, answers, row, may_replace=task.may_replace))
                else:
                    out.write(_written({**post, "error": error, "line": task.shard.first_row + rows + row + 1}))
            rows, bad = rows + len(batch), bad + len(batch) - errors.count(None)
    return Done(rows, bad)


def _lines(shard: Shard) -> Iterator[bytes]:
    with Path(shard.source).open("rb") as stream:
        stream.seek(shard.start)
        while stream.tell() < shard.stop:
            yield stream.readline()


def _post(line: bytes, task: Task) -> tuple[dict[str, Any], str | None]:
    """Return the post of a line; or what could be read of it, and the sentence that says what is wrong."""
    try:
        post = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        place = {"place": fault.start + 1}
        return {}, N_("Ligne illisible : elle n’est pas en UTF-8 (octet %(place)s).") % place
    except (ValueError, RecursionError) as fault:
        return {}, N_("Cette ligne n’est pas du JSON : %(why)s.") % {"why": fault}
    if not isinstance(post, dict):
        return {}, N_("Cette ligne n’est pas un objet JSON avec « id » et « text ».")
    fields = [] if _TAKEN.isdisjoint(post) else taken(post, is_clustered=task.is_clustered)
    if fields and not task.may_replace:
        return post, N_("Champ « %(field)s » déjà présent : renommez-le, ou ajoutez --replace.") % {"field": fields[0]}
    return ({name: value for name, value in post.items() if name not in fields} if fields else post), None


def _line_with(line: bytes, post: dict[str, Any], answers: Answers, row: int, *, may_replace: bool) -> bytes:
    """Return the line as it was given, to the byte, with what is added at its end; fields replaced stay in their place."""
    lang = answers.lang[row]
    if may_replace or ("lang" in post and post["lang"] != lang):
        return _written({**post, **{name: getattr(answers, name)[row] for name in ADDED if name != "error"}})
    lists = (f', "{name}": {_listed(getattr(answers, name)[row])}' for name in ("targets", "grounds", "matches"))
    said = "" if "lang" in post else f', "lang": {_quoted(lang)}'
    return line.strip(_AROUND)[:-1] + f', "score": {answers.score[row]!r}{said}{"".join(lists)}}}\n'.encode()


@lru_cache(maxsize=64)
def _quoted(lang: str | None) -> str:
    return json.dumps(lang)


def _listed(values: Sequence[object]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else "[]"


def _written(row: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(row) + "\n").encode("utf-8")  # half of a surrogate pair: stays the escape it was given as


_TAKEN = {*ADDED, CLUSTER} - {"lang"}
_AROUND = b" \t\r\n\xef\xbb\xbf"
"""White space, and the mark that some programs begin a file with."""
