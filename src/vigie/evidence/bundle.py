"""The evidence bundle: one WACZ file in which every byte is promised by another.

    evidence/capture.json        what was asked, what answered, when, from where, with which software
    evidence/screenshot.png · text.txt · dom.html · tsa-root.pem
    archive/capture.warc.gz      the exchanges
    indexes/index.cdx · pages/pages.jsonl        what a WACZ reader needs to open it
    evidence/manifest.json       the SHA-256 of each of the files above
    evidence/manifest.tsr        the authority's token over manifest.json
    datapackage.json             WACZ's own list, computed from all of the above
    datapackage-digest.json      its SHA-256

A timestamp over the manifest thus covers the whole: what the manifest does not list can be computed from what
it lists, byte for byte, down to the ZIP container, and `verify.py` does so.
Why not the `wacz` program: `docs/decisions/evidence-bundle.md`.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vigie.evidence.captures.page import DOM, SCREENSHOT, TEXT, WARC, Visit
from vigie.evidence.captures.warc import WarcFile, index_lines
from vigie.evidence.rules.reasons import Missing, Reason
from vigie.evidence.timestamps.authority import Authority
from vigie.evidence.timestamps.rfc3161 import CheckedTimestamp, TimestampError, ask, check

FORMAT = "vigie-evidence/1"
WACZ_VERSION = "1.1.1"
CAPTURE = "evidence/capture.json"
MANIFEST = "evidence/manifest.json"
TOKEN = "evidence/manifest.tsr"  # noqa: S105 - a timestamp token, no secret
TSA_ROOT = "evidence/tsa-root.pem"
ARCHIVE = f"archive/{WARC}"
INDEX = "indexes/index.cdx"
PAGES = "pages/pages.jsonl"
DATAPACKAGE = "datapackage.json"
DIGEST = "datapackage-digest.json"
NOT_IN_MANIFEST = frozenset({MANIFEST, TOKEN, DATAPACKAGE, DIGEST})


@dataclass(frozen=True)
class Bundle:
    """A written bundle."""

    path: Path
    sha256: str  # of the bundle file
    manifest_sha256: str
    timestamp: CheckedTimestamp | None


def write_bundle(
    folder: Path,
    visit: Visit,
    *,
    to: Path,
    authority: Authority | None,
    about: Mapping[str, str] | None = None,
) -> Bundle:
    """Seal what a visit left in `folder` into one file at `to`; `visit.missing` grows if no token came.

    Args:
        folder: the visit's files; a `sealed` folder is made in it.
        about: references that belong to the capture, such as its own and its association's.
    """
    tree = folder / "sealed"
    for name in ("evidence", "archive", "indexes", "pages"):
        (tree / name).mkdir(parents=True)
    for name in (SCREENSHOT, TEXT, DOM):
        if (folder / name).exists():
            shutil.copyfile(folder / name, tree / "evidence" / name)
    if (folder / WARC).exists():
        shutil.copyfile(folder / WARC, tree / ARCHIVE)
    else:
        WarcFile(tree / ARCHIVE).__exit__(None, None, None)  # an archive that says it is empty
    if authority is not None:
        shutil.copyfile(authority.root, tree / TSA_ROOT)
    index = "".join(f"{line}\n" for line in index_lines(tree / ARCHIVE))
    (tree / INDEX).write_text(index, encoding="utf-8", newline="")
    (tree / PAGES).write_bytes(pages_bytes(visit.final or visit.asked, visit.started_at, visit.title))
    timestamp = _seal(tree, visit, authority, about or {})
    (tree / DATAPACKAGE).write_bytes(datapackage_bytes(_digests(tree), json.loads((tree / CAPTURE).read_bytes())))
    (tree / DIGEST).write_bytes(digest_bytes((tree / DATAPACKAGE).read_bytes()))
    draft = to.with_name(f".{to.name}.part")
    write_container(draft, {name: tree / name for name in _names(tree)})
    draft.replace(to)
    manifest_sha256 = sha256_of(tree / MANIFEST)
    shutil.rmtree(tree)
    return Bundle(path=to, sha256=sha256_of(to), manifest_sha256=manifest_sha256, timestamp=timestamp)


def _seal(tree: Path, visit: Visit, authority: Authority | None, about: Mapping[str, str]) -> CheckedTimestamp | None:
    """Write capture.json and the manifest, and have the authority stamp it."""
    _write_manifest(tree, visit, authority, about)
    if authority is None:
        return None
    try:
        data = (tree / MANIFEST).read_bytes()
        token = ask(data, authority)
        (tree / TOKEN).write_bytes(token)
        return check(token, data, roots=authority.root.read_bytes())
    except TimestampError as error:
        visit.lacks(Missing("timestamp", Reason("authority_silent", str(error)[:200])))
        (tree / TOKEN).unlink(missing_ok=True)
        _write_manifest(tree, visit, authority, about)
        return None


def _write_manifest(tree: Path, visit: Visit, authority: Authority | None, about: Mapping[str, str]) -> None:
    (tree / CAPTURE).write_bytes(canonical(capture_record(visit, authority, about)))
    listed = {name: row for name, row in _digests(tree).items() if name not in NOT_IN_MANIFEST}
    (tree / MANIFEST).write_bytes(manifest_bytes(listed))


def capture_record(visit: Visit, authority: Authority | None, about: Mapping[str, str]) -> dict[str, Any]:
    """Return what `capture.json` says."""
    options = dict(visit.options)
    local = options.pop("local_addresses", [])
    return {
        "format": FORMAT,
        "asked": visit.asked,
        "final": visit.final,
        "chain": visit.chain,
        "status": visit.status,
        "title": visit.title,
        "method": visit.method,
        "times": {
            "started_at": visit.started_at,
            "ended_at": visit.ended_at,
            "clock": "system clock of the capturing machine, UTC",
            "clock_synchronised": clock_state(),
            "timestamp_authority": authority.host if authority else None,
        },
        "from": {"local_addresses": local},
        "remote": visit.remote,
        "requests": visit.requests,
        "bytes_received": visit.bytes_received,
        "software": visit.software,
        "options": options,
        "missing": [entry.as_json() for entry in visit.missing],
        "about": dict(about),
    }


def clock_state() -> str:
    """Return what the kernel says of its clock: «yes», «no» or «unknown» (adjtimex; TIME_ERROR means no)."""
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    return "unknown" if state < 0 else "no" if state == 5 else "yes"


def canonical(value: Any) -> bytes:
    """Return the one JSON spelling of a value: keys sorted, no blanks, UTF-8, one newline at the end."""
    return (json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def manifest_bytes(files: Mapping[str, tuple[int, str]]) -> bytes:
    """Return the manifest of files given as name → (bytes, SHA-256)."""
    rows = [{"path": name, "bytes": size, "sha256": digest} for name, (size, digest) in sorted(files.items())]
    return canonical({"format": FORMAT, "files": rows})


def pages_bytes(url: str, at: str, title: str) -> bytes:
    """Return WACZ's list of pages, which holds one."""
    header = {"format": "json-pages-1.0", "id": "pages", "title": "Pages"}
    page = {"id": "page", "url": url.partition("#")[0], "ts": at, "title": title or url}
    return canonical(header) + canonical(page)


def datapackage_bytes(files: Mapping[str, tuple[int, str]], record: Mapping[str, Any]) -> bytes:
    """Return WACZ's own list, wholly computed from the files and from what `capture.json` says."""
    resources = [
        {"name": Path(name).name.lower(), "path": name, "hash": f"sha256:{digest}", "bytes": size}
        for name, (size, digest) in sorted(files.items())
        if name not in {DATAPACKAGE, DIGEST}
    ]
    return canonical(
        {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "software": f"Vigie {record['software'].get('vigie', '')}".strip(),
            "created": record["times"]["ended_at"],
            "title": record["title"] or record["asked"],
            "mainPageUrl": (record["final"] or record["asked"]).partition("#")[0],
            "mainPageDate": record["times"]["started_at"],
            "resources": resources,
        }
    )


def digest_bytes(datapackage: bytes) -> bytes:
    """Return WACZ's digest file over its list."""
    return canonical({"path": DATAPACKAGE, "hash": f"sha256:{hashlib.sha256(datapackage).hexdigest()}"})


def write_container(path: Path, files: Mapping[str, Path]) -> None:
    """Write the ZIP in its one spelling: names sorted, nothing compressed, no time of its own; flushed to disk."""
    with path.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as container:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
                entry.create_system = 3
                entry.external_attr = 0o644 << 16
                entry.file_size = files[name].stat().st_size
                with container.open(entry, "w") as member, files[name].open("rb") as source:
                    shutil.copyfileobj(source, member, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(tree: Path) -> dict[str, tuple[int, str]]:
    return {name: ((tree / name).stat().st_size, sha256_of(tree / name)) for name in _names(tree)}


def _names(tree: Path) -> Iterable[str]:
    return sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())
