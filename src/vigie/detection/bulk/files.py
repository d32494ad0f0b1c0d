"""Where the posts lie, and how a file is cut into shards.

A shard is the least that is done again after a kill, and what one worker holds: some tens of thousands of posts.
Cutting depends on the file alone, so that another number of workers, another engine or another day cuts alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from vigie.core.errors import UnusableInput
from vigie.core.words import N_

from .answers import taken

Form = Literal["parquet", "ndjson"]
FORMS: dict[str, Form] = {".parquet": "parquet", ".ndjson": "ndjson", ".jsonl": "ndjson"}

SHARD_ROWS = 50_000
BYTES_A_ROW = 320
"""What a post takes in NDJSON, about: where lines are cut, which are not counted before they are read."""
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Shard:
    """A piece of one file: rows of Parquet, bytes of whole lines of NDJSON."""

    source: str
    form: Form
    start: int
    stop: int
    first_row: int
    """How many rows, or lines, of the file come before it."""
    rows: int


@dataclass(frozen=True)
class Plan:
    """One file as it is now, and its shards in order."""

    source: str
    form: Form
    digest: str
    """SHA-256 of all its bytes."""
    shards: tuple[Shard, ...]

    @property
    def rows(self) -> int:
        return sum(shard.rows for shard in self.shards)


def is_posts(path: Path) -> bool:
    return path.suffix.lower() in FORMS


def files_in(given: Path) -> list[Path]:
    """Return the files to scan, in the order of their names: the one given, or those anywhere in the folder.

    Hidden files and folders are passed over, as every reader of such folders does.

    Raises:
        UnusableInput: there is none.
    """
    if given.is_dir():
        inside = (path.relative_to(given) for path in given.rglob("*"))
        found = [
            given / path
            for path in sorted(inside)
            if is_posts(path) and not any(part.startswith((".", "_")) for part in path.parts)
        ]
        found = [path for path in found if path.is_file()]
        if not found:
            raise UnusableInput(N_("Aucun fichier .parquet, .ndjson ou .jsonl dans %(folder)s."), folder=given)
        return found
    if not given.is_file():
        raise UnusableInput(N_("%(file)s : ni fichier, ni dossier."), file=given)
    if not is_posts(given):
        raise UnusableInput(N_("%(file)s : un fichier .parquet, .ndjson ou .jsonl est attendu."), file=given)
    return [given]


def plan_file(
    path: str, *, shard_rows: int = SHARD_ROWS, may_replace: bool = False, is_clustered: bool = False
) -> Plan:
    """Return how a file is cut, after reading all of it once for its digest.

    Shards have `shard_rows` posts in Parquet, about as many in NDJSON.

    Raises:
        UnusableInput: it cannot be read, or lacks the column `text`, or has one that the scan adds.
    """
    form: Form = FORMS[Path(path).suffix.lower()]
    try:
        if form == "ndjson":
            return _plan_lines(path, shard_rows * BYTES_A_ROW)
        rows, names = _rows_and_names(path)
        if "text" not in names:
            raise UnusableInput(N_("%(file)s n’a pas de colonne « text »."), file=path)
        if not may_replace and (fields := taken(names, is_clustered=is_clustered)):
            raise UnusableInput(
                N_("%(file)s a déjà une colonne « %(field)s » : renommez-la, ou ajoutez --replace."),
                file=path, field=fields[0],
            )  # fmt: skip
        with Path(path).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return Plan(path, form, digest, tuple(_row_shards(path, rows, shard_rows)))
    except OSError as fault:
        why = fault.strerror or fault
        raise UnusableInput(N_("Le fichier %(file)s ne peut être lu : %(why)s."), file=path, why=why) from fault
    except pa.ArrowException as fault:
        raise UnusableInput(N_("Le fichier %(file)s ne peut être lu : %(why)s."), file=path, why=fault) from fault


def _rows_and_names(path: str) -> tuple[int, list[str]]:
    with pq.ParquetFile(path) as file:
        return file.metadata.num_rows, list(file.schema_arrow.names)


def _row_shards(path: str, rows: int, shard_rows: int) -> Iterator[Shard]:
    for start in range(0, max(rows, 1), shard_rows):
        stop = min(start + shard_rows, rows)
        yield Shard(path, "parquet", start, stop, start, stop - start)


def _plan_lines(path: str, shard_bytes: int) -> Plan:
    """Cut at the first end of a line after each `shard_bytes`."""
    digest = hashlib.sha256()
    shards: list[Shard] = []
    start = place = first = rows = 0

    def close() -> None:
        nonlocal start, first, rows
        shards.append(Shard(path, "ndjson", start, place, first, rows))
        start, first, rows = place, first + rows, 0

    with Path(path).open("rb") as stream:
        for piece in _pieces(stream, min(shard_bytes, _READ_BYTES)):
            digest.update(piece)
            place += len(piece)
            rows += piece.count(b"\n") + (not piece.endswith(b"\n"))
            if place - start >= shard_bytes:
                close()
    if rows or not shards:
        close()
    return Plan(path, "ndjson", digest.hexdigest(), tuple(shards))


def _pieces(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines."""
    while piece := stream.read(size):
        yield piece if piece.endswith(b"\n") else piece + stream.readline()
