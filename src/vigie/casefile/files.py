"""Files by their content: what is kept once is found again under its SHA-256, and nothing else.

`keep` returns only when the bytes are on the disk under their name; what is read is checked against its name.
A file is never changed in place: the same bytes give the same file, other bytes another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import puremagic
from django.conf import settings
from django.db.models import Q

from vigie.core.errors import NotFound, VigieError
from vigie.core.words import N_
from vigie.organisations.tenancy import Owned

CHUNK_BYTES = 1024 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
OCTETS = "application/octet-stream"

_NAMED_IN: list[tuple[type[Owned], str, Q | None]] = []


class FileAltered(VigieError):
    """The bytes on the disk are no longer those of their name."""


@dataclass(frozen=True)
class Kept:
    """A file that is safely on the disk."""

    sha256: str
    size: int


def path_of(sha256: str) -> Path:
    """Return where a file of that digest lies, whether it is there or not."""
    if not SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return Path(settings.VIGIE_DATA) / "files" / sha256[:2] / sha256[2:4] / sha256


def keep(content: bytes | BinaryIO) -> Kept:
    """Store bytes, or a stream read to its end, and return their digest once they are on the disk.

    Written beside, flushed, then given its name: whoever is killed in between leaves a `.part` and no half file.
    """
    drafts = Path(settings.VIGIE_DATA) / "files" / "drafts"
    drafts.mkdir(parents=True, exist_ok=True)
    handle, draft_name = tempfile.mkstemp(suffix=".part", dir=drafts)
    draft = Path(draft_name)
    try:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(handle, "wb") as out:
            for chunk in _chunks(content):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        kept = Kept(digest.hexdigest(), size)
        target = path_of(kept.sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(target)
            for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
                _flush_folder(folder)
    finally:
        draft.unlink(missing_ok=True)
    return kept


def read(sha256: str) -> bytes:
    """Return the bytes of that digest, checked.

    Raises:
        NotFound: no such file is kept.
        FileAltered: the disk gives other bytes than those that were kept.
    """
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError:
        raise NotFound(N_("Ce fichier n’est plus conservé.")) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileAltered(N_("Ce fichier a été altéré sur le disque : restaurez-le depuis une sauvegarde."))
    return content


def named_in(model: type[Owned], column: str, *, unless: Q | None = None) -> None:
    """Say that rows of a table need the files whose digests stand in a column; said once, beside the table.

    Args:
        unless: which rows only remember the digest of a file they need no more.
    """
    _NAMED_IN.append((model, column, unless))


def forget(sha256: str, *, forbidden_in: int | None = None) -> None:
    """Remove a file, unless a row of any room still names it: the same bytes are one file, whoever kept them.

    Called once the transaction in which a row let go of it is over.

    Args:
        forbidden_in: an association in which nobody may keep these bytes any more, whatever its rows say: a person
            confirmed there that they are child abuse. Another association decides for itself.
    """
    for model, column, unless in _NAMED_IN:
        rows = model.across_associations.filter(**{column: sha256})
        rows = rows.exclude(unless) if unless is not None else rows
        if rows.exclude(organisation_id=forbidden_in).exists():
            return
    path_of(sha256).unlink(missing_ok=True)


def forget_drafts(before: datetime) -> None:
    """Remove what was left half written by somebody who was killed before that moment."""
    drafts = Path(settings.VIGIE_DATA) / "files" / "drafts"
    for draft in drafts.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if draft.stat().st_mtime < before.timestamp():
                draft.unlink()


def media_type_of(content: bytes) -> str:
    """Return what the bytes themselves say they are; the name somebody gave the file is not looked at."""
    if _looks_like_mail(content):
        return "message/rfc822"
    try:
        return puremagic.from_string(content, mime=True) or OCTETS
    except (puremagic.PureError, ValueError):
        return OCTETS


def _looks_like_mail(content: bytes) -> bool:
    # A mail has no signature: it is text whose first lines are header fields, among them two that every mail carries.
    head = content[:16384].lstrip(b"\xef\xbb\xbf\r\n").replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    names = set()
    for line in head.split(b"\n"):
        if line.startswith((b" ", b"\t", b"From ", b">From ")):
            continue
        field = re.match(rb"([!-9;-~]{1,70}):", line)
        if field is None:
            return False
        names.add(field[1].lower())
    return b"from" in names and bool(names & {b"date", b"received", b"message-id", b"subject"})


def _chunks(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems know no fsync of folders
            os.fsync(handle)
    finally:
        os.close(handle)
