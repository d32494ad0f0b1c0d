"""Read the Jetstream (version 2) for a few seconds from where we were.

The cursor is the sequence number of the last event that was read; before the first one it is the moment of the first
turn, in microseconds, so that nothing falls between two turns. An event may come twice around a cursor: a post has one
key, and is one sighting.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from websockets.exceptions import ConnectionClosed

from vigie.watch.ports import Slice, SourceFault, Turn, Why
from vigie.watch.rules.values import Post
from vigie.watch.sources.bluesky.manifest import MANIFEST, PUBLIC
from vigie.watch.sources.reading import moment, post_at, web_address

METHOD = "/xrpc/network.bsky.jetstream.subscribeEvents"
COLLECTION = "app.bsky.feed.post"
QUIET_SECONDS = 0.5


class Bluesky:
    manifest = MANIFEST

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        address = {"address": given.get("address") or PUBLIC}
        return {"address": web_address(address, "address", schemes=("wss", "ws")).rstrip("/")}

    def read(self, turn: Turn) -> Slice:
        start = turn.cursor.get("seq") or int(turn.now.timestamp() * 1_000_000)
        try:
            return self._read(turn, start)
        except SourceFault as fault:
            if fault.why is not Why.TOO_OLD:
                raise
        # What was published meanwhile is no longer held: go on from now, and say that there is a gap.
        return Slice((), {"seq": int(turn.now.timestamp() * 1_000_000)}, fault=Why.TOO_OLD, more=True)

    def _read(self, turn: Turn, cursor: int) -> Slice:
        query: list[tuple[str, str | int]] = [("collections", COLLECTION), ("kinds", "commit"), ("cursor", cursor)]
        posts: list[Post] = []
        gone: list[str] = []
        ends, seq = time.monotonic() + turn.seconds, cursor
        with turn.web.websocket(turn.settings["address"] + METHOD, query=query) as socket:
            while len(posts) < turn.most and (left := ends - time.monotonic()) > 0:
                try:
                    frame = socket.recv(timeout=left)
                except TimeoutError:
                    break
                except ConnectionClosed:
                    break  # what was read counts; the next turn goes on from it
                event = _event(frame)
                if event is None:
                    continue
                seq = event["seq"]
                if event.get("operation") == "delete":
                    gone += _key(event)
                else:
                    post = _post(event)
                    posts += [post] if post else []
        return Slice(posts, {"seq": seq}, gone=gone, more=len(posts) >= turn.most, wait=timedelta(seconds=0))


def _event(frame: str | bytes) -> dict[str, Any] | None:
    """Return the commit of a post; None for anything else, whatever it is.

    Raises:
        SourceFault: the stream says that it cannot go on from our cursor.
    """
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    if message.get("error") == "CursorTooOld":
        raise SourceFault(Why.TOO_OLD)
    event = message.get("payload")
    if not isinstance(event, dict) or not isinstance(event.get("seq"), int):
        return None
    is_commit = str(event.get("$type", "")).endswith("#commit") and event.get("collection") == COLLECTION
    return event if is_commit else None


def _address(event: Mapping[str, Any]) -> str:
    return f"https://bsky.app/profile/{event.get('did')}/post/{event.get('rkey')}"


def _key(event: Mapping[str, Any]) -> list[str]:
    post = post_at(_address(event), text="")
    return [post.key] if post else []


def _post(event: Mapping[str, Any]) -> Post | None:
    record = event.get("record")
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return None
    languages = record.get("langs")
    facets = record.get("facets")
    tags = [
        str(feature["tag"])
        for facet in (facets if isinstance(facets, list) else [])
        if isinstance(facet, dict)
        for feature in facet.get("features") or []
        if isinstance(feature, dict) and feature.get("tag")
    ]
    return post_at(
        _address(event),
        text=record["text"],
        author=str(event.get("did") or ""),
        language=str(languages[0]) if isinstance(languages, list) and languages else "",
        published_at=moment(record.get("createdAt")),
        hashtags=tags,
    )


ADAPTER = Bluesky()
