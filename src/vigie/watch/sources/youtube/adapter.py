"""Ask for the newest comment threads of each video or channel, back to those known.

`commentThreads.list`, newest first. The cursor keeps, for each place, the moment of the newest comment and the ids at
that moment. Each call costs one unit, set aside before it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from vigie.core.words import N_
from vigie.platforms.resolve import UnreadableAddress, resolve
from vigie.watch.ports import BadSourceSetting, Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.reading import lines, moment, needed, post_at, whole_number
from vigie.watch.sources.youtube.manifest import MANIFEST

API = "https://www.googleapis.com"
UNIT = 1
PAGES_MOST = 10
FIRST_PAGES = 1
CHANNEL = re.compile(r"UC[\w-]{22}")
VIDEO = re.compile(r"[\w-]{11}")
QUOTA_CLOCK = ZoneInfo("America/Los_Angeles")  # the day of the quota ends at midnight there


class YouTube:
    manifest = MANIFEST

    def __init__(self, api: str = API) -> None:
        self.api = api

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        places = [_place(line) for line in lines(needed(given, "places"))]
        return {"places": places, "most": whole_number(given, "most", least=1, most=1_000_000)}

    def read(self, turn: Turn) -> Slice:
        known: dict[str, Any] = dict(turn.cursor)
        posts: list[Post] = []
        gap = False
        for place in turn.settings["places"]:
            found, newest, is_gap = self._since(turn, place, known.get(place))
            posts += found
            gap = gap or is_gap
            if newest:
                known[place] = newest
        return Slice(posts, known, fault=Why.TOO_OLD if gap else None)

    def _since(self, turn: Turn, place: str, known: Mapping[str, Any] | None) -> tuple[list[Post], Any, bool]:
        """Return the comments of a place that are new, oldest first, the next cursor, and whether some were missed."""
        since = known["at"] if known else ""
        seen = set(known["ids"]) if known else set()
        newest: dict[str, Any] = {"at": since, "ids": sorted(seen)}
        posts: list[Post] = []
        page = ""
        for _number in range(PAGES_MOST if known else FIRST_PAGES):
            answer = self._asked(turn, place, page)
            if answer is None:
                return posts, known, False
            reached = False
            for comment, at, post in _comments(answer):
                if at < since or comment in seen:
                    reached = True
                    continue
                posts += [post] if post else []
                if at > newest["at"]:
                    newest = {"at": at, "ids": [comment]}
                elif at == newest["at"]:
                    newest["ids"] = [*newest["ids"], comment]
            page = str(answer.get("nextPageToken") or "")
            if reached or not page:
                return list(reversed(posts)), newest, False
        return list(reversed(posts)), newest, bool(known)

    def _asked(self, turn: Turn, place: str, page: str) -> dict[str, Any] | None:
        """Return one page; None for a video without comments or that is gone: it must not stop the others."""
        kind, _sign, name = place.partition(":")
        where = {"video": "videoId", "channel": "allThreadsRelatedToChannelId"}[kind]
        query = {
            "part": "snippet,replies", where: name, "maxResults": "100", "order": "time", "textFormat": "plainText",
            "key": turn.secret, **({"pageToken": page} if page else {}),
        }  # fmt: skip
        turn.allowance.reserve(UNIT)
        answer = turn.web.get(f"{self.api}/youtube/v3/commentThreads", query=query, also={400, 403, 404})
        said = answer.json()
        if answer.status == 200:
            return said if isinstance(said, dict) else None
        reason = _reason(said)
        if reason in {"quotaExceeded", "dailyLimitExceeded"}:
            raise SourceFault(Why.BUSY, retry_after=_until_midnight(turn.now))
        if reason in {"rateLimitExceeded", "userRateLimitExceeded"}:
            raise SourceFault(Why.BUSY)
        if answer.status == 404 or reason in {"commentsDisabled", "videoNotFound", "channelNotFound"}:
            return None
        raise SourceFault(Why.REFUSED, permanent=True)


def _place(line: str) -> str:
    if CHANNEL.fullmatch(line):
        return f"channel:{line}"
    if found := re.search(rf"/channel/({CHANNEL.pattern})", line):
        return f"channel:{found[1]}"
    try:
        resolved = resolve(line)
    except UnreadableAddress:
        resolved = None
    name = resolved.key.rpartition(":")[2] if resolved and resolved.platform == "youtube" else line
    if not VIDEO.fullmatch(name):
        raise BadSourceSetting(
            "places", N_("Écrivez l’adresse d’une vidéo, ou l’identifiant d’une chaîne qui commence par UC.")
        )
    return f"video:{name}"


def _comments(answer: Mapping[str, Any]) -> Iterator[tuple[str, str, Post | None]]:
    """Yield (id, moment, post) of each comment and of the replies that came with it."""
    for thread in answer.get("items") or []:
        snippet = thread.get("snippet") or {}
        replies = (thread.get("replies") or {}).get("comments") or []
        for comment in [snippet.get("topLevelComment") or {}, *replies]:
            said = comment.get("snippet") or {}
            video = said.get("videoId") or snippet.get("videoId")
            at = str(said.get("publishedAt") or "")
            if not comment.get("id") or not at or not video:
                continue
            post = post_at(
                f"https://www.youtube.com/watch?v={video}&lc={comment['id']}",
                text=str(said.get("textOriginal") or said.get("textDisplay") or ""),
                author=str(said.get("authorDisplayName") or ""),
                published_at=moment(at),
            )
            yield str(comment["id"]), at, post


def _reason(said: Any) -> str:
    try:
        return str(said["error"]["errors"][0]["reason"])
    except (KeyError, IndexError, TypeError):
        return ""


def _until_midnight(now: datetime) -> timedelta:
    there = now.astimezone(QUOTA_CLOCK)
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=1, second=0, microsecond=0)
    return midnight - there


ADAPTER = YouTube()
