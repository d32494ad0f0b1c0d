"""Write the exchanges of a visit as WARC 1.1 records, as they come, so that a visit cut short keeps them."""

from __future__ import annotations

import io
import json
import re
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from vigie import __version__

Headers = Sequence[tuple[str, str]]

# The body stands in the record as decoded and in one piece; the header that said otherwise keeps its
# value under another name, as other archiving tools do.
NO_LONGER_TRUE = {"transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    url: str
    method: str
    request_headers: Headers
    request_body: bytes
    status: int
    status_text: str
    headers: Headers
    body: bytes
    at: str  # by our clock
    ip: str = ""
    truncated: str = ""  # WARC's own words: «length», «time», «unspecified»
    is_decoded: bool = False  # the body was unpacked by the browser


class WarcFile:
    """A WARC being written.

    >>> with WarcFile(folder / "capture.warc.gz") as warc:      # doctest: +SKIP
    ...     warc.add(exchange)
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._writer = WARCWriter(self._file, gzip=True, warc_version="1.1")
        info = {"software": f"Vigie/{__version__} warcio", "format": "WARC File Format 1.1"}
        self._writer.write_record(self._writer.create_warcinfo_record(path.name, info))
        self._file.flush()
        self.records = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, exchange: Exchange) -> None:
        """Write the answer, then the request it belongs to."""
        about = {"WARC-Date": exchange.at}
        if exchange.ip:
            about["WARC-IP-Address"] = exchange.ip
        if exchange.truncated:
            about["WARC-Truncated"] = exchange.truncated
        answer = StatusAndHeaders(
            f"{exchange.status} {_one_line(exchange.status_text)}".strip(),
            _honest(exchange.headers, len(exchange.body), is_decoded=exchange.is_decoded),
            protocol="HTTP/1.1",
        )
        response = self._writer.create_warc_record(
            exchange.url,
            "response",
            payload=io.BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=answer,
            warc_headers_dict=dict(about),
        )
        asked = StatusAndHeaders(
            f"{exchange.method} {_path(exchange.url)} HTTP/1.1",
            [(_one_line(name), _one_line(value)) for name, value in exchange.request_headers if name[:1] != ":"],
            is_http_request=True,
        )
        request = self._writer.create_warc_record(
            exchange.url,
            "request",
            payload=io.BytesIO(exchange.request_body),
            length=len(exchange.request_body),
            http_headers=asked,
            warc_headers_dict=dict(about),
        )
        self._writer.write_request_response_pair(request, response)
        self._file.flush()
        self.records += 1


def index_lines(path: Path) -> list[str]:
    """Return the CDXJ index of a WARC, sorted: where each answer to a GET begins.

    Answers to other methods stay in the archive but out of the index: replayed under the address alone,
    they would stand for the page.
    """
    lines = []
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        pending: tuple[str, str] | None = None  # the answer waiting for the request that follows it
        for record in records:
            if record.rec_type == "response":
                pending = _index_entry(record, records, path.name)
            elif record.rec_type == "request" and pending:
                if record.http_headers.protocol == "GET":
                    lines.append(" ".join(pending))
                pending = None
    return sorted(lines)


def _index_entry(record: Any, records: Any, filename: str) -> tuple[str, str]:
    url = record.rec_headers.get_header("WARC-Target-URI")
    at = re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date"))[:14]
    media_type = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip()
    entry = {
        "url": url,
        "mime": media_type or "unk",
        "status": record.http_headers.get_statuscode(),
        "digest": record.rec_headers.get_header("WARC-Payload-Digest"),
    }
    records.read_to_end(record)
    entry["length"] = str(records.get_record_length())
    entry["offset"] = str(records.get_record_offset())
    entry["filename"] = filename
    return f"{sort_key(url)} {at}", json.dumps(entry)


def sort_key(url: str) -> str:
    """Return the SURT form under which indexes sort an address: `com,example)/path?a=1&b=2`."""
    parts = urlsplit(url.lower())
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    try:
        port = "" if parts.port in {None, 80 if parts.scheme == "http" else 443} else f":{parts.port}"
    except ValueError:
        port = ""
    path = parts.path.rstrip("/") or "/"
    query = "?" + "&".join(sorted(parts.query.split("&"))) if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path}{query}"


def keep_whole_records(path: Path) -> int:
    """Cut off a record left half-written by a killed visit; return how many whole gzip members remain."""
    data = path.read_bytes()
    members = end = 0
    while end < len(data):
        unpacker = zlib.decompressobj(wbits=31)
        try:
            rest = data[end:]
            while rest and not unpacker.eof:
                unpacker.decompress(rest, 1 << 20)  # in pieces: only the end is looked for
                rest = unpacker.unconsumed_tail
        except zlib.error:
            break
        if not unpacker.eof:
            break
        end = len(data) - len(unpacker.unused_data)
        members += 1
    if end < len(data):
        with path.open("r+b") as file:
            file.truncate(end)
    return members


def _honest(headers: Headers, length: int, *, is_decoded: bool) -> list[tuple[str, str]]:
    renamed = NO_LONGER_TRUE | ({"content-encoding"} if is_decoded else set())
    kept = []
    for name, value in headers:
        if name.startswith(":"):  # HTTP/2 pseudo-headers
            continue
        label = f"X-Archive-Orig-{name}" if name.lower() in renamed else name
        kept.append((_one_line(label), _one_line(value)))
    return [*kept, ("Content-Length", str(length))]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _path(url: str) -> str:
    after_scheme = url.partition("://")[2].partition("#")[0]
    slash = min((after_scheme.find(mark) for mark in "/?" if mark in after_scheme), default=-1)
    path = after_scheme[slash:] if slash >= 0 else "/"
    return quote(path if path.startswith("/") else f"/{path}", safe=string.punctuation)
