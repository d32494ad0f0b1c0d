"""Check a bundle: every digest, the token, and that nothing in it escapes them.

Nothing is believed because it stands in the file: lists are computed anew from the files and compared byte
for byte, and so is the ZIP container, so that no changed byte, added file or second copy of a name passes.
What a bundle alone cannot prove is that it was not made anew as a whole: the timestamp proves that it was
there at its time, and the journal of the installation keeps its digest.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vigie.evidence.bundle import (
    CAPTURE,
    DATAPACKAGE,
    DIGEST,
    FORMAT,
    MANIFEST,
    NOT_IN_MANIFEST,
    PAGES,
    TOKEN,
    TSA_ROOT,
    datapackage_bytes,
    digest_bytes,
    manifest_bytes,
    pages_bytes,
    sha256_of,
    write_container,
)
from vigie.evidence.timestamps.rfc3161 import CheckedTimestamp, TimestampError, check

Files = dict[str, tuple[int, str]]


class Broken(Exception):
    """A promise that does not hold; the message names it."""


class Unreadable(Exception):
    """Not a bundle at all."""


@dataclass(frozen=True)
class Verified:
    """What a whole bundle says."""

    asked: str
    ended_at: str  # by the capturing machine's clock
    manifest_sha256: str
    files: int
    missing: int
    timestamp: CheckedTimestamp | None
    is_own_root: bool  # the authority's root was taken from the bundle itself: compare its fingerprint


def verify(path: Path, *, roots: bytes | None = None) -> Verified:
    """Return what the bundle at `path` says, if every promise in it holds.

    Args:
        path: a `.wacz` file, or a folder with one and the readable copies beside it.
        roots: PEM certificates of the timestamp authorities to trust; without, the bundle's own copy.

    Raises:
        Broken: the first promise that does not hold.
        Unreadable: no such file, or not a bundle.
    """
    if path.is_dir():
        return _verify_folder(path, roots)
    if not path.is_file():
        raise Unreadable("there is no such file")
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            raise Unreadable("this is not a WACZ file")
    with tempfile.TemporaryDirectory(prefix="vigie-verify-") as name:
        return _verify_file(path, Path(name), roots)


def _verify_folder(folder: Path, roots: bytes | None) -> Verified:
    bundles = sorted(folder.glob("*.wacz"))
    if len(bundles) != 1:
        raise Unreadable(f"the folder holds {len(bundles)} bundles; one is expected")
    verified = verify(bundles[0], roots=roots)
    with zipfile.ZipFile(bundles[0]) as container:
        names = set(container.namelist())
        for copy in sorted(entry for entry in folder.rglob("*") if entry.is_file() and entry != bundles[0]):
            twin = f"evidence/{copy.relative_to(folder)}"
            if twin not in names:
                raise Broken(f"{copy.name} is not part of the bundle beside it")
            if copy.read_bytes() != container.read(twin):
                raise Broken(f"{copy.name} differs from the sealed {twin}")
    return verified


def _verify_file(path: Path, work: Path, roots: bytes | None) -> Verified:
    tree = work / "tree"
    files = _unpack(path, tree)
    record = _json(tree, CAPTURE)
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise Broken(f"{CAPTURE} is not in a form this version knows ({FORMAT})")
    _check_manifest(tree, files)
    _check_lists(tree, files, record)
    timestamp, is_own_root = _check_timestamp(tree, files, roots)
    rebuilt = work / "rebuilt.wacz"
    write_container(rebuilt, {name: tree / name for name in files})
    if sha256_of(rebuilt) != sha256_of(path):
        raise Broken("the ZIP container was altered around its files")
    return Verified(
        asked=str(record["asked"]),
        ended_at=str(record["times"]["ended_at"]),
        manifest_sha256=files[MANIFEST][1],
        files=len(files),
        missing=len(record["missing"]),
        timestamp=timestamp,
        is_own_root=is_own_root,
    )


def _unpack(path: Path, tree: Path) -> Files:
    """Write out the members and return their sizes and digests, whatever the container claims of them."""
    try:
        with zipfile.ZipFile(path) as container:
            entries = container.infolist()
            names = [entry.filename for entry in entries]
            if len(set(names)) != len(names):
                raise Broken("a file stands in the container twice")
            if sum(entry.file_size for entry in entries) > path.stat().st_size:
                raise Broken("the container claims more than it holds")
            return {entry.filename: _write_out(container, entry, tree) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, UnicodeError, OSError) as error:
        raise Broken(f"the ZIP container cannot be read: {error}") from error


def _write_out(container: zipfile.ZipFile, entry: zipfile.ZipInfo, tree: Path) -> tuple[int, str]:
    name = entry.filename
    target = tree / name
    if entry.compress_type != zipfile.ZIP_STORED or entry.is_dir() or entry.flag_bits & 0x1:
        raise Broken(f"{name} is not stored as a bundle stores its files")
    if not target.resolve().is_relative_to(tree.resolve()) or name != str(Path(name)):
        raise Broken(f"{name!r} is not a name a bundle uses")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        data = container.read(entry)
    except zipfile.BadZipFile:  # its checksum, or its own header
        raise Broken(f"{name} was changed: its bytes do not match") from None
    target.write_bytes(data)
    return len(data), hashlib.sha256(data).hexdigest()


def _check_manifest(tree: Path, files: Files) -> None:
    manifest = _json(tree, MANIFEST)
    try:
        promised: Files = {row["path"]: (row["bytes"], row["sha256"]) for row in manifest["files"]}
    except (KeyError, TypeError):
        raise Broken(f"{MANIFEST} is not a manifest") from None
    found = {name: row for name, row in files.items() if name not in NOT_IN_MANIFEST}
    for name in sorted(promised.keys() | found.keys()):
        if name not in found:
            raise Broken(f"{name}, promised by {MANIFEST}, is not there")
        if name not in promised:
            raise Broken(f"{name} is not listed in {MANIFEST}")
        if promised[name] != found[name]:
            raise Broken(f"{name} was changed: its SHA-256 is not the one in {MANIFEST}")
    if (tree / MANIFEST).read_bytes() != manifest_bytes(promised):
        raise Broken(f"{MANIFEST} was changed")


def _check_lists(tree: Path, files: Files, record: dict[str, Any]) -> None:
    try:
        expected = {
            PAGES: pages_bytes(record["final"] or record["asked"], record["times"]["started_at"], record["title"]),
            DATAPACKAGE: datapackage_bytes(files, record),
        }
    except (KeyError, TypeError, AttributeError):
        raise Broken(f"{CAPTURE} lacks what a capture must say") from None
    expected[DIGEST] = digest_bytes(expected[DATAPACKAGE])
    for name, content in expected.items():
        if not (tree / name).is_file():
            raise Broken(f"{name} is not there")
        if (tree / name).read_bytes() != content:
            raise Broken(f"{name} was changed: it does not follow from the files and from {CAPTURE}")


def _check_timestamp(tree: Path, files: Files, roots: bytes | None) -> tuple[CheckedTimestamp | None, bool]:
    if TOKEN not in files:
        return None, False
    if roots is None and TSA_ROOT not in files:
        raise Broken(f"{TOKEN} cannot be checked: give the authority's root certificate with --tsa-root")
    trusted = roots if roots is not None else (tree / TSA_ROOT).read_bytes()
    try:
        return check((tree / TOKEN).read_bytes(), (tree / MANIFEST).read_bytes(), roots=trusted), roots is None
    except TimestampError as error:
        raise Broken(f"{TOKEN}: {error}") from error


def _json(tree: Path, name: str) -> Any:
    try:
        return json.loads((tree / name).read_bytes())
    except FileNotFoundError:
        raise Broken(f"{name} is not there") from None
    except ValueError:
        raise Broken(f"{name} was changed: it cannot be read") from None
