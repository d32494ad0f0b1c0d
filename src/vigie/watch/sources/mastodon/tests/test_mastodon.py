"""A Mastodon server's hashtags, from a fake of it. Everything they say is invented."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.watch.ports import BadSourceSetting, Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.mastodon.adapter import ADAPTER
from vigie.watch.tests.turns import turn_for

BASE = 116_000_000_000_000_000
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def status(n: int, **known: Any) -> dict[str, Any]:
    return {
        "id": str(BASE + n), "url": f"https://mamot.fr/@essai/{BASE + n}", "content": f"<p>Message <b>{n}</b> #essai</p>", "visibility": "public",
        "language": "fr", "created_at": "2026-11-26T08:00:00.000Z", "account": {"acct": "essai", "followers_count": 12},
        "tags": [{"name": "essai"}], "reblog": None, **known,
    }  # fmt: skip


def key(n: int) -> str:
    return f"mastodon:mamot.fr/{BASE + n}"


def timeline(server: HTTPServer, last: int, tag: str = "essai") -> None:
    def answer(request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer jeton"
        since = request.args.get("min_id", type=int)
        since = since and since - BASE
        numbers = range(since + 1, min(since + 41, last + 1)) if since else range(max(1, last - 39), last + 1)
        return Response(json.dumps([status(n) for n in reversed(numbers)]))

    server.expect_request(f"/api/v1/timelines/tag/{tag}").respond_with_handler(answer)


def stream(server: HTTPServer, *events: str, stay: float = 0.0) -> None:
    def answer(request: Request) -> Response:
        def body() -> Iterator[bytes]:
            yield b":thump\n"
            for event in events:
                yield event.encode()
            time.sleep(stay)

        return Response(body(), content_type="text/event-stream")

    server.expect_request("/api/v1/streaming/hashtag").respond_with_handler(answer)


def update(n: int, **known: Any) -> str:
    return f"event: update\ndata: {json.dumps(status(n, **known))}\n\n"


def read(server: HTTPServer, cursor: dict[str, Any] | None = None, now: datetime = NOW, tags: str = "#essai") -> Slice:
    turn = turn_for(
        ADAPTER, open_to=f"{server.host}:{server.port}", cursor=cursor, secret="jeton", server=server.url_for("/"), tags=tags,
        now=now,
    )  # fmt: skip
    return ADAPTER.read(turn)


def test_a_status_comes_with_its_words_language_and_followers(httpserver: HTTPServer) -> None:
    timeline(httpserver, 1)
    stream(httpserver)
    [post] = read(httpserver).posts
    assert (post.key, post.text) == (key(1), "Message 1 #essai")
    assert (post.author, post.language, post.reach, post.hashtags) == ("essai", "fr", 12, ("essai",))


def test_what_the_stream_says_comes_at_once(httpserver: HTTPServer) -> None:
    timeline(httpserver, 0)
    stream(httpserver, update(7), "event: delete\ndata: 3\n\n", "event: update\ndata: {cassé\n\n", update(8), stay=0.2)
    assert [post.key for post in read(httpserver).posts] == [key(7), key(8)]


def test_what_the_stream_missed_comes_with_the_next_question(httpserver: HTTPServer) -> None:
    timeline(httpserver, 5)
    stream(httpserver)
    first = read(httpserver)
    httpserver.clear()
    timeline(httpserver, 60)
    stream(httpserver, update(60))
    soon = read(httpserver, dict(first.cursor), NOW + timedelta(seconds=5))
    assert [post.key for post in soon.posts] == [key(60)]  # the stream alone: asked a moment ago
    then = read(httpserver, dict(soon.cursor), NOW + timedelta(seconds=61))
    assert {post.key for post in then.posts} == {key(n) for n in range(6, 61)}


def test_what_is_not_public_and_what_is_only_shared_is_left(httpserver: HTTPServer) -> None:
    timeline(httpserver, 0)
    stream(httpserver, update(1, visibility="unlisted"), update(2, visibility="private"), update(3, reblog={"id": "1"}))
    assert list(read(httpserver).posts) == []


def test_a_server_without_streaming_is_read_all_the_same(httpserver: HTTPServer) -> None:
    timeline(httpserver, 3)
    httpserver.expect_request("/api/v1/streaming/hashtag").respond_with_data("", status=404)
    assert len(read(httpserver).posts) == 3


@pytest.mark.parametrize(
    ("code", "headers", "why"),
    [
        (401, {}, Why.REFUSED),
        (429, {"X-RateLimit-Reset": "2099-01-01T00:00:00Z"}, Why.BUSY),
        (500, {}, Why.UNREACHABLE),
    ],
)
def test_what_the_server_refuses_is_said(httpserver: HTTPServer, code: int, headers: dict[str, str], why: Why) -> None:
    httpserver.expect_request("/api/v1/timelines/tag/essai").respond_with_data("{}", status=code, headers=headers)
    with pytest.raises(SourceFault) as caught:
        read(httpserver)
    assert caught.value.why is why
    assert (caught.value.retry_after is not None) is (why is Why.BUSY)


def test_tags_are_words() -> None:
    given = {"server": "https://mamot.fr/", "tags": "#Essai\nété2026"}
    assert ADAPTER.checked(given) == {"server": "https://mamot.fr", "tags": ["Essai", "été2026"]}
    with pytest.raises(BadSourceSetting):
        ADAPTER.checked({**given, "tags": "deux mots/../x"})
