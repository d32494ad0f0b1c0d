"""Read a feed: asked only whether it changed, each entry given once.

The cursor holds the feed's own marks (`ETag`, `Last-Modified`) and a digest of each entry that was in it last time;
an entry that has left the feed is forgotten. An entry without an address of its own is not a content, and is left out.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser

from vigie.watch.ports import Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.reading import plain_text, post_at, web_address
from vigie.watch.sources.rss.manifest import MANIFEST

KNOWN_MOST = 2000


class Rss:
    manifest = MANIFEST

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"address": web_address(given, "address")}

    def read(self, turn: Turn) -> Slice:
        marks = {
            "If-None-Match": turn.cursor.get("etag", ""),
            "If-Modified-Since": turn.cursor.get("modified", ""),
        }
        asked = {name: value for name, value in marks.items() if value}
        answer = turn.web.get(turn.settings["address"], headers={**asked, "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"})  # fmt: skip
        if answer.status == 304:
            return Slice((), turn.cursor)
        feed = feedparser.parse(answer.body, response_headers={"content-location": answer.url, **answer.headers})
        if not feed.entries and not feed.get("version"):
            raise SourceFault(Why.UNREADABLE)
        known = set(turn.cursor.get("known", ()))
        digests, posts = [], []
        for entry in feed.entries[:KNOWN_MOST]:
            digest = _digest(entry)
            if digest in digests:
                continue
            digests.append(digest)
            if digest not in known:
                post = _post(entry, feed.feed.get("language", ""))
                posts += [post] if post else []
        cursor = {
            "known": digests,
            "etag": answer.headers.get("etag", ""),
            "modified": answer.headers.get("last-modified", ""),
        }
        return Slice(list(reversed(posts)), cursor)


def _digest(entry: Any) -> str:
    named = entry.get("id") or entry.get("link") or entry.get("title", "")
    return hashlib.sha256(str(named).encode()).hexdigest()[:16]


def _post(entry: Any, language: str) -> Post | None:
    link = entry.get("link", "")
    if not link.startswith(("http://", "https://")):
        return None
    body = max((part.get("value", "") for part in entry.get("content", ())), key=len, default="") or entry.get(
        "summary", ""
    )
    title, words = plain_text(entry.get("title", "")), plain_text(body)
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    views = entry.get("media_statistics", {}).get("views", "")
    return post_at(
        link,
        text=words if title and words.startswith(title) else f"{title}\n{words}".strip(),
        author=entry.get("author", ""),
        language=entry.get("language", "") or language,
        published_at=datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None,
        reach=int(views) if str(views).isdigit() else None,
    )


ADAPTER = Rss()
