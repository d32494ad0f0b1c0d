"""Read CSV, NDJSON and XLSX files as records, whatever their encoding, delimiter and preamble. Pure.

Files are read as they come, never whole: a hundred thousand lines need no more memory than ten.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.core.errors import UnusableInput
from vigie.core.words import N_
from vigie.intake.doors.files.maps import ColumnMap, best_map, guessed_map, pick, plain
from vigie.intake.doors.files.values import Record, Refused
from vigie.platforms.find import find_addresses

if TYPE_CHECKING:
    from openpyxl import Workbook

SAMPLE_BYTES = 256 * 1024
SAMPLE_LINES = 200
PREAMBLE_LINES = 30
"""Brandwatch and others write a title, the query and dates above the header; further down it is no preamble."""
MOST_COLUMNS = 300
MOST_CELL_CHARACTERS = 2_000_000
MOST_UNPACKED_BYTES = 1_000_000_000
"""An XLSX file is a zip: a few kilobytes can unpack to anything."""
DELIMITERS = ",;\t|"


class Kind(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"
    MAIL = "mail"


class UnreadableFile(UnusableInput):
    """The file is not what it says, or nothing in it can be read. The sentence names the file."""


@dataclass(frozen=True)
class Table:
    """A file, looked at: what it is, its columns, and where its lines begin."""

    path: Path
    name: str
    kind: Kind
    columns: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0  # 0: there is none, and columns are called by their number
    sheet: str = ""

    def records(self) -> Iterator[Record | Refused]:
        """Yield the lines below the header, in order; one that cannot be read is refused in its place."""
        match self.kind:
            case Kind.CSV:
                return _csv_records(self)
            case Kind.NDJSON:
                return _ndjson_records(self)
            case Kind.XLSX:
                return _xlsx_records(self)
            case Kind.MAIL:
                raise ValueError("letters are read by doors.files.letters")

    def suggested_map(self, maps: Iterable[ColumnMap]) -> ColumnMap:
        """Return the map that fits this file best, or what the names of its columns suggest."""
        fitting = best_map(self.columns, maps)
        if fitting is not None:
            return fitting
        guess = guessed_map(self.columns)
        if guess.address or self.header_line:
            return guess
        # A bare list without header: the first column in which an address stands.
        start = next((record for record in self.records() if isinstance(record, Record)), None)
        columns = [name for name in self.columns if start and find_addresses(pick(start.values, name))]
        return ColumnMap(address=tuple(columns[:1]))


def look_at(path: Path, name: str = "", *, maps: Sequence[ColumnMap] = ()) -> Table:
    """Return what kind of file this is and where its columns are.

    Args:
        name: what the person calls it; the file itself may lie under another name.
        maps: known shapes; a line that one of them recognises is the header.

    Raises:
        UnreadableFile: it is none of the kinds that are read, or it is empty.
    """
    name = name or path.name
    with path.open("rb") as file:
        start = file.read(SAMPLE_BYTES)
    if not start.strip():
        raise UnreadableFile(N_("%(name)s est vide."), name=name)
    if start.startswith(b"PK\x03\x04"):
        return _look_at_xlsx(path, name, maps)
    if start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")):
        raise UnreadableFile(
            N_("%(name)s n’est pas un tableau que Vigie sait lire : enregistrez-le en CSV ou en XLSX."), name=name
        )
    if name.lower().endswith((".eml", ".mbox")) or start.startswith(b"From "):
        return Table(path, name, Kind.MAIL)
    encoding = _encoding_of(path, start)
    text = start.decode(encoding, errors="replace")
    if text.lstrip("\ufeff \r\n\t").startswith("{"):
        return _look_at_ndjson(path, name, encoding)
    return _look_at_csv(path, name, encoding, text, maps)


# --- CSV -----------------------------------------------------------------------------------------------------


def _encoding_of(path: Path, start: bytes) -> str:
    """Return the encoding of the whole file: its mark, else UTF-8 if all of it is, else Windows-1252."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if start.startswith(mark):
            return name
    if start[:400].count(b"\x00") > len(start[:400]) // 3:
        return "utf-16-le" if start[1:2] == b"\x00" else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1024 * 1024):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter_of(text: str) -> str:
    """Return the delimiter that cuts most lines into the same number of cells."""
    best, best_score = ",", (0, 0)
    for delimiter in DELIMITERS:
        widths = [len(row) for row in _rows(io.StringIO(text, newline=""), delimiter, at_most=SAMPLE_LINES) if row]
        usual = max(set(widths), key=widths.count, default=1)
        score = (widths.count(usual), usual) if usual > 1 else (0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _rows(file: Iterable[str], delimiter: str, *, at_most: int) -> Iterator[list[str]]:
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    reader = csv.reader((line.replace("\x00", "") for line in file), delimiter=delimiter)
    for number, row in enumerate(reader):
        if number >= at_most:
            return
        yield row


def _look_at_csv(path: Path, name: str, encoding: str, text: str, maps: Sequence[ColumnMap]) -> Table:
    try:
        delimiter = _delimiter_of(text)
        head = list(_rows(io.StringIO(text, newline=""), delimiter, at_most=PREAMBLE_LINES))
    except csv.Error as fault:
        raise UnreadableFile(N_("%(name)s ne se lit pas comme un tableau : %(why)s."), name=name, why=fault) from fault
    place = _header_place(head, maps)
    if place is None:
        width = max(len(row) for row in head)
        return Table(path, name, Kind.CSV, _numbered(width), encoding, delimiter)
    columns = _named(head[place])
    # Where the header ends in the file, counted in its own lines: cells above it may hold line breaks.
    line = _line_of(text, delimiter, place)
    return Table(path, name, Kind.CSV, columns, encoding, delimiter, header_line=line)


def _line_of(text: str, delimiter: str, place: int) -> int:
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)
    for _ in range(place):
        next(reader)
    return reader.line_num + 1


def _header_place(head: Sequence[Sequence[str]], maps: Sequence[ColumnMap]) -> int | None:
    """Return which of the first rows is the header; None when the file is a bare list."""
    for place, row in enumerate(head):
        if best_map(row, maps):
            return place
    for place, row in enumerate(head):
        if guessed_map(row).address:
            return place
    widths = [len(row) for row in head]
    usual = max(set(widths), key=widths.count)
    first_full = next((place for place, row in enumerate(head) if len(row) == usual and any(row)), 0)
    has_address = any(find_addresses(cell) for cell in head[first_full])
    return None if has_address else first_full


def _named(row: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns, the empty ones numbered and the repeated ones told apart."""
    names: list[str] = []
    for number, cell in enumerate(row[:MOST_COLUMNS], start=1):
        name = " ".join(str(cell).replace("\ufeff", "").split()) or f"colonne {number}"
        while plain(name) in {plain(other) for other in names}:
            name = f"{name} ({number})"
        names.append(name)
    return tuple(names)


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"colonne {number}" for number in range(1, min(width, MOST_COLUMNS) + 1))


def _csv_records(table: Table) -> Iterator[Record | Refused]:
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    with table.path.open(encoding=table.encoding, errors="replace", newline="") as file:
        for _ in range(max(table.header_line - 1, 0)):
            next(file, None)
        reader = csv.reader((line.replace("\x00", "") for line in file), delimiter=table.delimiter)
        offset = max(table.header_line - 1, 0)
        if table.header_line:
            next(reader, None)
        while True:
            line = reader.line_num + offset + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                yield Refused.because(line, "", N_("La ligne ne se lit pas : %(why)s."), why=str(fault))
                continue
            if any(cell.strip() for cell in row):
                yield _record(line, row, table.columns)


def _record(line: int, row: Sequence[Any], columns: Sequence[str]) -> Record | Refused:
    spare = [cell for cell in row[len(columns) :] if str(cell or "").strip()]
    if spare and len(columns) < MOST_COLUMNS:
        # A text with an unquoted delimiter: every cell behind it has slipped, the address perhaps too.
        return Refused.because(
            line, "", N_("La ligne a %(found)s cellules au lieu de %(wanted)s."), found=len(row), wanted=len(columns)
        )
    return Record(line, dict(zip(columns, row, strict=False)))


# --- NDJSON --------------------------------------------------------------------------------------------------


def _look_at_ndjson(path: Path, name: str, encoding: str) -> Table:
    table = Table(path, name, Kind.NDJSON, encoding=encoding, header_line=0)
    columns: dict[str, None] = {}
    for number, record in enumerate(_ndjson_records(table)):
        if isinstance(record, Record):
            columns.update(dict.fromkeys(_leaves(record.values)))
        if number >= 20 or len(columns) > MOST_COLUMNS:
            break
    if not columns:
        raise UnreadableFile(N_("%(name)s ne contient aucun objet JSON, un par ligne."), name=name)
    return Table(path, name, Kind.NDJSON, tuple(columns)[:MOST_COLUMNS], encoding)


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield the columns of an object; those of the objects in it under dots, three deep."""
    for name, value in values.items():
        path = f"{above}{name}"
        yield path
        if isinstance(value, Mapping) and path.count(".") < 3:
            yield from _leaves(value, f"{path}.")


def _ndjson_records(table: Table) -> Iterator[Record | Refused]:
    with table.path.open(encoding=table.encoding, errors="replace", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip("\ufeff \r\n\t"):
                continue
            try:
                values = json.loads(line.lstrip("\ufeff"))
            except (ValueError, RecursionError):
                yield Refused.because(number, "", N_("La ligne n’est pas du JSON."))
                continue
            if isinstance(values, dict):
                yield Record(number, values)
            else:
                yield Refused.because(number, "", N_("La ligne n’est pas un objet JSON."))


# --- XLSX ----------------------------------------------------------------------------------------------------


def _opened(path: Path) -> Workbook:
    from openpyxl import load_workbook  # here: every process of the desk would carry it, for a file now and then

    return load_workbook(path, read_only=True, data_only=True)


def _look_at_xlsx(path: Path, name: str, maps: Sequence[ColumnMap]) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED_BYTES:
            raise UnreadableFile(N_("%(name)s est trop gros une fois décompressé : enregistrez-le en CSV."), name=name)
        book = _opened(path)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError) as fault:
        raise UnreadableFile(N_("%(name)s n’est pas un classeur XLSX lisible."), name=name) from fault
    try:
        tables = [found for sheet in book.worksheets if (found := _look_at_sheet(sheet, path, name, maps))]
    finally:
        book.close()
    if not tables:
        raise UnreadableFile(N_("%(name)s est vide."), name=name)
    return next((table for table in tables if best_map(table.columns, maps)), tables[0])


def _look_at_sheet(sheet: Any, path: Path, name: str, maps: Sequence[ColumnMap]) -> Table | None:
    head = [[_cell(value) for value in row] for row in sheet.iter_rows(max_row=PREAMBLE_LINES, values_only=True)]
    head = [_trimmed(row) for row in head]
    if not any(head):
        return None
    place = _header_place(head, maps)
    if place is None:
        return Table(path, name, Kind.XLSX, _numbered(max(map(len, head))), sheet=sheet.title)
    return Table(path, name, Kind.XLSX, _named(head[place]), header_line=place + 1, sheet=sheet.title)


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _cell(value: Any) -> str:
    """Return a cell as words; of a number, which a spreadsheet keeps to fifteen digits, a longer one as rounded."""
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= 1e15:
            return f"{value:.6E}"
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value).strip()


def _xlsx_records(table: Table) -> Iterator[Record | Refused]:
    book = _opened(table.path)
    try:
        rows = book[table.sheet].iter_rows(min_row=table.header_line + 1, values_only=True)
        for number, row in enumerate(rows, start=table.header_line + 1):
            cells = _trimmed([_cell(value) for value in row])
            if any(cells):
                yield _record(number, cells, table.columns)
    finally:
        book.close()
