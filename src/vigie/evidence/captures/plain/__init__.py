"""Keep what a plain fetch gives: the server's own answer, without picture, script or parts of the page."""

from __future__ import annotations

import codecs
import contextlib
import platform
import re
from importlib.metadata import version
from pathlib import Path

from vigie import __version__
from vigie.evidence.captures.page import DOM, TEXT, WARC, Visit, utc_now
from vigie.evidence.captures.plain.fetch import USER_AGENT, Fetched, content_type, fetch, unpacked
from vigie.evidence.captures.warc import Exchange, WarcFile
from vigie.evidence.guard import Guard
from vigie.evidence.limits import Limits
from vigie.evidence.rules.reasons import Missing, Reason
from vigie.evidence.rules.seen import read_page

HTML_TYPES = {"text/html", "application/xhtml+xml"}
MEANT_BY_LATIN = "cp1252"
META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,30})", re.IGNORECASE)


def visit_plainly(url: str, *, folder: Path, guard: Guard, limits: Limits, why: Reason) -> Visit:
    """Fetch `url` and leave in `folder` what that gives; `why` tells why no browser was used."""
    visit = Visit(
        asked=url,
        method="plain",
        started_at=utc_now(),
        software=software(),
        options={"user_agent": USER_AGENT, "limits": limits.as_json()},
    )
    fetched = fetch(url, guard=guard, limits=limits)
    visit.ended_at = utc_now()
    visit.final = fetched.final
    visit.remote = dict(guard.reached)
    _tell_the_way(visit, fetched)
    visit.lacks(Missing("screenshot", why))
    _keep(visit, fetched, folder, limits)
    return visit


def software() -> dict[str, str]:
    """Return what made the capture, each with its version."""
    return {
        "vigie": __version__,
        "python": platform.python_version(),
        "httpcore": version("httpcore"),
        "warcio": version("warcio"),
        "system": platform.platform(),
    }


def html_of(exchange: Exchange, *, limit: int) -> str:
    """Return the page as characters: by the server's charset, the page's own, or what its bytes look like.

    Source: WHATWG Encoding Standard, §4.2: «latin1» and «ascii» on the web mean windows-1252, where the apostrophe and
    the quotation marks of old French pages stand.
    """
    body = unpacked(exchange, limit=limit)
    declared = re.search(r"charset=[\"']?([\w-]+)", dict(_lower(exchange)).get("content-type", ""), re.IGNORECASE)
    in_page = META_CHARSET.search(body[:4096])
    name = declared.group(1) if declared else in_page.group(1).decode("ascii") if in_page else ""
    with contextlib.suppress(LookupError, UnicodeError):
        # A page may name any of Python's codecs, also those that are no charset («hex») or that never decode («undefined»).
        known = codecs.lookup(name).name
        return body.decode(MEANT_BY_LATIN if known in {"iso8859-1", "ascii"} else known, errors="replace")
    return body.decode("utf-8" if _is_utf_8(body) else MEANT_BY_LATIN, errors="replace")


def _is_utf_8(body: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)  # a last character cut in two is no fault
    except UnicodeDecodeError:
        return False
    return True


def _lower(exchange: Exchange) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in exchange.headers]


def _tell_the_way(visit: Visit, fetched: Fetched) -> None:
    for number, exchange in enumerate(fetched.exchanges):
        by = "asked" if number == 0 else "server"
        visit.chain.append({"url": exchange.url, "status": exchange.status, "by": by})
        visit.bytes_received += len(exchange.body)
    visit.requests = {"answered": len(fetched.exchanges), "failed": int(fetched.failure is not None)}
    if fetched.failure:
        visit.lacks(Missing("page", fetched.failure))
    if fetched.cut:
        visit.lacks(Missing("page", fetched.cut))


def _keep(visit: Visit, fetched: Fetched, folder: Path, limits: Limits) -> None:
    with WarcFile(folder / WARC) as warc:
        for exchange in fetched.exchanges:
            warc.add(exchange)
    if not fetched.exchanges:
        visit.lacks(Missing("warc", Reason("nothing_received")))
    last = fetched.last
    if last is None:
        visit.lacks(Missing("dom", Reason("nothing_received")))
        visit.lacks(Missing("text", Reason("nothing_received")))
        return
    visit.status = last.status
    if last.status >= 400:
        visit.lacks(Missing("answer", Reason("http_error", str(last.status))))
    if content_type(last) not in HTML_TYPES:
        kind = content_type(last) or "application/octet-stream"
        visit.lacks(Missing("dom", Reason("not_html", kind)))
        if kind == "text/plain":
            words = html_of(last, limit=limits.max_body_bytes)
            (folder / TEXT).write_text(words, encoding="utf-8", newline="")
        else:
            visit.lacks(Missing("text", Reason("not_html", kind)))
        return
    html = html_of(last, limit=limits.max_body_bytes)
    reading = read_page(html, final_url=fetched.final)
    visit.title = reading.title
    (folder / DOM).write_text(html, encoding="utf-8", newline="")
    (folder / TEXT).write_text(reading.text, encoding="utf-8", newline="")
