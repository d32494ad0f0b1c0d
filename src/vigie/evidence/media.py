"""What a capture kept around a content: read from its sealed bundle, never from the network, and kept nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from vigie.casefile import files
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.evidence.bundle import ARCHIVE, INDEX
from vigie.evidence.captures.page import DOM
from vigie.evidence.models import Capture
from vigie.evidence.rules.around import Around, Medium, MediumKind, read_around

# What a browser may play here; anything else is named, and stays in the sealed file.
PLAYED = frozenset({
    "video/mp4", "video/webm", "video/ogg", "audio/mpeg", "audio/ogg", "audio/mp4", "audio/wav", "audio/x-wav", "audio/webm",
    "audio/flac",
})  # fmt: skip
MOST_BYTES = 60_000_000  # of one medium; a capture keeps 50 million of one answer
MOST_INDEX_BYTES = 20_000_000
HEAD_BYTES = 8192  # by which the type is told


@dataclass(frozen=True)
class KeptMedium:
    """A medium of a content, as far as the capture has it: `size` and `media_type` are of the bytes kept."""

    id: str
    kind: MediumKind
    said: str
    address: str
    is_kept: bool = False
    is_partial: bool = False
    media_type: str = ""
    size: int = 0

    @property
    def is_picture(self) -> bool:
        return self.kind in {MediumKind.PICTURE, MediumKind.POSTER}

    @property
    def is_played(self) -> bool:
        return self.is_kept and not self.is_picture and self.media_type in PLAYED


@dataclass(frozen=True)
class Seen:
    """What the page of a capture shows around its content."""

    around: Around
    media: list[KeptMedium]


def seen_around(capture: Capture) -> Seen:
    """Return the posts around the content and its media.

    Cost: a page of half a megabyte takes a fifth of a second the first time in a process.

    Raises:
        NotFound: the capture kept no HTML.
        FileAltered: the bundle on the disk is no longer the one that was sealed.
    """
    with _opened(capture):  # each time: what was erased or altered is never shown from memory
        addresses = (capture.final_address or capture.address, capture.content.url)
        return _seen_in(capture.bundle_sha256, capture.content.text, addresses)


@lru_cache(maxsize=128)
def _seen_in(bundle_sha256: str, text: str, addresses: tuple[str, ...]) -> Seen:
    # Remembered: the page of a case asks each time it is opened, and what was sealed never changes.
    with zipfile.ZipFile(io.BytesIO(files.read(bundle_sha256))) as bundle:
        try:
            html = bundle.read(f"evidence/{DOM}").decode(errors="replace")
        except KeyError:
            raise NotFound(N_("Cette capture n’a pas gardé le HTML de la page.")) from None
        around, index = read_around(html, text=text, addresses=list(addresses)), _Index(bundle)
        return Seen(around, [index.describe(medium) for medium in around.media])


def medium_of(capture: Capture, medium_id: str) -> KeptMedium:
    """Return one medium of the content.

    Raises:
        NotFound: the page shows no such medium.
    """
    for medium in seen_around(capture).media:
        if medium.id == medium_id:
            return medium
    raise NotFound(N_("Ce média n’existe pas."))


def bytes_of(capture: Capture, medium: KeptMedium) -> bytes:
    """Return the bytes of a medium, as the site sent them.

    Raises:
        NotFound: the capture did not keep them.
    """
    with _opened(capture) as bundle:
        content = _Index(bundle).read(medium.address, most=MOST_BYTES)
    if not medium.is_kept or content is None:
        raise NotFound(N_("La capture n’a pas gardé ce média."))
    return content


@contextmanager
def _opened(capture: Capture) -> Iterator[zipfile.ZipFile]:
    if not capture.bundle_sha256:
        raise NotFound(N_("Cette capture n’a rien gardé."))
    with zipfile.ZipFile(io.BytesIO(files.read(capture.bundle_sha256))) as bundle:
        yield bundle


class _Index:
    """The answers that a bundle's archive holds, found without reading it through."""

    def __init__(self, bundle: zipfile.ZipFile) -> None:
        self._bundle = bundle
        self._entries: dict[str, dict[str, Any]] = {}
        if INDEX not in bundle.namelist() or bundle.getinfo(INDEX).file_size > MOST_INDEX_BYTES:
            return
        for line in bundle.read(INDEX).decode(errors="replace").splitlines():
            entry = json.loads(line[line.index("{") :])
            if entry.get("status") in {"200", "206"}:
                self._entries.setdefault(entry["url"], entry)

    def describe(self, medium: Medium) -> KeptMedium:
        """Return what is kept of a medium: the first of its addresses that the site answered."""
        address = next((one for one in medium.addresses if one in self._entries), next(iter(medium.addresses), ""))
        known = hashlib.sha256(f"{medium.kind}:{address}".encode()).hexdigest()[:24]
        kept = KeptMedium(known, medium.kind, medium.said, address)
        if address not in self._entries:
            return kept
        is_whole, size, head = self._look(address)
        return KeptMedium(
            known, medium.kind, medium.said, address, is_kept=is_whole, is_partial=not is_whole,
            media_type=files.media_type_of(head), size=size,
        )  # fmt: skip

    def read(self, address: str, *, most: int) -> bytes | None:
        """Return the body of an answer; None when there is none, or more than `most` bytes of it."""
        if address not in self._entries:
            return None
        with self._record(address) as record:
            body: bytes = record.content_stream().read(most + 1)
        return body if len(body) <= most else None

    def _look(self, address: str) -> tuple[bool, int, bytes]:
        with self._record(address) as record:
            length = record.http_headers.get_header("Content-Length") or "0"
            is_whole = self._entries[address]["status"] == "200" and not record.rec_headers.get_header("WARC-Truncated")
            return is_whole, int(length), record.content_stream().read(HEAD_BYTES)

    @contextmanager
    def _record(self, address: str) -> Iterator[Any]:
        entry = self._entries[address]
        with self._bundle.open(ARCHIVE) as archive:
            archive.seek(int(entry["offset"]))
            packed = io.BytesIO(archive.read(int(entry["length"])))
        yield next(iter(ArchiveIterator(packed)))
