"""Ask each hashtag's timeline for what is new, then listen to one of them for the rest of the turn.

The stream has no cursor: it only makes things sooner. What is asked for (`min_id`, each tag its own) is what makes
them certain: whatever the stream missed between two turns comes with the next question. A post that came both ways
has one key, and is one sighting.

A tag seen for the first time begins with its newest page, not with the beginning of the server.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from vigie.core.words import N_
from vigie.watch.ports import BadSourceSetting, Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.mastodon.manifest import MANIFEST
from vigie.watch.sources.reading import lines, moment, needed, plain_text, post_at, web_address

ASK_EVERY = timedelta(seconds=60)
TAGS_MOST = 20
PAGE = 40
PAGES_MOST = 5


class Mastodon:
    manifest = MANIFEST

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        tags = [tag.lstrip("#") for tag in lines(needed(given, "tags"))]
        if len(tags) > TAGS_MOST or any(not tag.isidentifier() and not tag.isalnum() for tag in tags):
            raise BadSourceSetting("tags", N_("Vingt mots-dièses au plus, un par ligne, sans espace."))
        return {"server": web_address(given, "server").rstrip("/"), "tags": tags}

    def read(self, turn: Turn) -> Slice:
        tags: list[str] = turn.settings["tags"]
        cursor = {
            "ids": dict(turn.cursor.get("ids", {})),
            "asked": turn.cursor.get("asked", ""),
            "next": turn.cursor.get("next", 0),
        }
        posts: list[Post] = []
        asked = moment(cursor["asked"]) if cursor["asked"] else None
        more = False
        if asked is None or turn.now - asked >= ASK_EVERY:
            for tag in tags:
                found, newest, is_full = self._since(turn, tag, cursor["ids"].get(tag))
                posts += found
                more = more or is_full
                if newest:
                    cursor["ids"][tag] = newest
            cursor["asked"] = "" if more else turn.now.isoformat()
        gone: list[str] = []
        if not more:
            tag = tags[cursor["next"] % len(tags)]
            cursor["next"] = (cursor["next"] + 1) % len(tags)
            try:
                posts += self._heard(turn, tag)
            except SourceFault as fault:
                if fault.why in {Why.REFUSED, Why.BUSY}:
                    raise
                # Some servers have no streaming, or on another host: the questions alone are slower, and enough.
        return Slice(posts, cursor, gone=gone, more=more)

    def _since(self, turn: Turn, tag: str, min_id: str | None) -> tuple[list[Post], str | None, bool]:
        """Return what a tag says since, oldest first, with the newest id, and whether there is more."""
        posts: list[Post] = []
        for _page in range(PAGES_MOST):
            query: dict[str, str | int] = {"limit": PAGE, **({"min_id": min_id} if min_id else {})}
            answer = turn.web.get(
                f"{turn.settings['server']}/api/v1/timelines/tag/{tag}", query=query, headers=_token(turn)
            )
            rows = answer.json()
            if not isinstance(rows, list):
                raise SourceFault(Why.UNREADABLE)
            statuses = [row for row in rows if isinstance(row, dict) and row.get("id")]
            posts += [post for row in reversed(statuses) if (post := _post(row))]
            if statuses:
                was_first, min_id = min_id is None, str(statuses[0]["id"])
                if not was_first and len(statuses) >= PAGE:
                    continue
            return posts, min_id, False
        return posts, min_id, True

    def _heard(self, turn: Turn, tag: str) -> list[Post]:
        address = f"{turn.settings['server']}/api/v1/streaming/hashtag"
        posts = []
        with turn.web.lines(address, query={"tag": tag}, headers=_token(turn), seconds=turn.seconds) as rows:
            for name, data in _events(rows):
                if name in {"update", "status.update"} and (post := _post(data)):
                    posts.append(post)
                if len(posts) >= turn.most:
                    break
        return posts


def _token(turn: Turn) -> dict[str, str]:
    return {"Authorization": f"Bearer {turn.secret}"} if turn.secret else {}


def _events(rows: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Yield (name, data) of each whole event; heartbeats are comments."""
    name, data = "", []
    for row in rows:
        if row.startswith("event:"):
            name = row[6:].strip()
        elif row.startswith("data:"):
            data.append(row[5:].strip())
        elif not row and name:
            with contextlib.suppress(ValueError, RecursionError):  # the next question brings it whole
                yield name, json.loads("\n".join(data))
            name, data = "", []


def _post(status: Any) -> Post | None:
    """Return a public status; None for a share of another's, or what is not public."""
    if not isinstance(status, dict) or status.get("reblog") or status.get("visibility") != "public":
        return None
    said_by = status.get("account")
    account: dict[str, Any] = said_by if isinstance(said_by, dict) else {}
    address = status.get("url") or status.get("uri")
    followers = account.get("followers_count")
    words = plain_text(str(status.get("content") or ""))
    warning = str(status.get("spoiler_text") or "")
    tags = [str(tag["name"]) for tag in status.get("tags") or [] if isinstance(tag, dict) and tag.get("name")]
    return address and post_at(  # type: ignore[no-any-return]
        str(address),
        text=f"{warning}\n{words}".strip(),
        author=str(account.get("acct") or ""),
        language=str(status.get("language") or ""),
        published_at=moment(status.get("created_at")),
        reach=followers if isinstance(followers, int) else None,
        hashtags=tags,
    )


ADAPTER = Mastodon()
