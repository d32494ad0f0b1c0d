"""Comments of YouTube, from a fake of its interface. Everything they say is invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.watch.ports import BadSourceSetting, NoAllowance, Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.youtube.adapter import YouTube
from vigie.watch.tests.turns import turn_for

VIDEO = "dQw4w9WgXcQ"
PATH = "/youtube/v3/commentThreads"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def name(n: int) -> str:
    return f"Ugz{n:04d}aBcDeFgHiJkL4AaABAg"


def comment(n: int) -> dict[str, Any]:
    return {
        "id": name(n),
        "snippet": {
            "videoId": VIDEO, "textOriginal": f"Commentaire {n}", "authorDisplayName": "@essai",
            "publishedAt": f"2026-11-26T{n // 60:02d}:{n % 60:02d}:00Z",
        },
    }  # fmt: skip


def thread(n: int, *replies: int) -> dict[str, Any]:
    return {
        "snippet": {"videoId": VIDEO, "topLevelComment": comment(n)},
        **({"replies": {"comments": [comment(m) for m in replies]}} if replies else {}),
    }


def serve(server: HTTPServer, last: int, page: int = 100) -> None:
    """Serve so many comments, newest first, in pages."""

    def answer(request: Request) -> Response:
        start = int(request.args.get("pageToken") or 0)
        numbers = range(last - start, max(last - start - page, 0), -1)
        token = {"nextPageToken": str(start + page)} if last - start - page > 0 else {}
        return Response(json.dumps({"items": [thread(n) for n in numbers], **token}))

    server.expect_request(PATH).respond_with_handler(answer)


def read(server: HTTPServer, cursor: dict[str, Any] | None = None, allowance: Any = None, places: str = VIDEO) -> Slice:
    adapter = YouTube(server.url_for("").rstrip("/"))
    turn = turn_for(
        adapter, open_to=f"{server.host}:{server.port}", cursor=cursor, secret="clef", places=places, most=9, now=NOW,
        allowance=allowance,
    )  # fmt: skip
    return adapter.read(turn)


def turn_posts(read: Slice) -> list[str]:
    return [post.text for post in read.posts]


def test_a_comment_is_a_content_of_its_own_and_so_is_a_reply(httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_json({"items": [thread(5, 7)]})
    posts = read(httpserver).posts
    assert {post.key for post in posts} == {f"youtube:video:{VIDEO}:comment:{name(n)}" for n in (5, 7)}
    assert {post.kind for post in posts} == {"comment"}
    assert all(post.published_at and post.author == "@essai" for post in posts)


def test_only_what_is_new_is_given_and_each_page_costs_a_unit(httpserver: HTTPServer) -> None:
    serve(httpserver, 30, page=10)
    first = read(httpserver)
    assert turn_posts(first) == [f"Commentaire {n}" for n in range(21, 31)]  # a first look is one page
    httpserver.clear()
    serve(httpserver, 55, page=10)
    units = NoAllowance()
    then = read(httpserver, dict(first.cursor), units)
    assert turn_posts(then) == [f"Commentaire {n}" for n in range(31, 56)]
    assert units.reserved == [1, 1, 1]
    assert list(read(httpserver, dict(then.cursor)).posts) == []


def test_more_than_can_be_caught_up_is_a_gap_that_is_said(httpserver: HTTPServer) -> None:
    serve(httpserver, 10, page=5)
    first = read(httpserver)
    httpserver.clear()
    serve(httpserver, 90, page=5)
    assert read(httpserver, dict(first.cursor)).fault is Why.TOO_OLD


def test_nothing_is_asked_beyond_the_budget(httpserver: HTTPServer) -> None:
    class Spent:
        def reserve(self, units: int) -> None:
            raise SourceFault(Why.SPENT)

    serve(httpserver, 5)
    with pytest.raises(SourceFault):
        read(httpserver, allowance=Spent())
    assert httpserver.log == []


@pytest.mark.parametrize(
    ("status", "reason", "why"),
    [(403, "quotaExceeded", Why.BUSY), (403, "forbidden", Why.REFUSED), (400, "keyInvalid", Why.REFUSED)],
)
def test_what_the_interface_refuses_is_said(httpserver: HTTPServer, status: int, reason: str, why: Why) -> None:
    httpserver.expect_request(PATH).respond_with_json({"error": {"errors": [{"reason": reason}]}}, status=status)
    with pytest.raises(SourceFault) as caught:
        read(httpserver)
    assert caught.value.why is why
    if why is Why.BUSY:  # until midnight in California
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == 20 * 3600 + 60


def test_a_video_without_comments_stops_no_other(httpserver: HTTPServer) -> None:
    other = "abcdefghijk"
    disabled = {"error": {"errors": [{"reason": "commentsDisabled"}]}}
    httpserver.expect_request(PATH, query_string={**query(), "videoId": other}).respond_with_json(disabled, status=403)
    httpserver.expect_request(PATH, query_string={**query(), "videoId": VIDEO}).respond_with_json(
        {"items": [thread(5)]}
    )
    assert turn_posts(read(httpserver, places=f"{other}\n{VIDEO}")) == ["Commentaire 5"]


def query() -> dict[str, str]:
    return {"part": "snippet,replies", "maxResults": "100", "order": "time", "textFormat": "plainText", "key": "clef"}


def test_videos_and_channels_are_written_as_people_write_them() -> None:
    channel = "UC" + "a" * 22
    given = f"https://youtu.be/{VIDEO}?si=x\nhttps://www.youtube.com/watch?v={VIDEO}\n{channel}\nhttps://www.youtube.com/channel/{channel}/about"
    assert (
        YouTube().checked({"places": given, "most": "9"})["places"]
        == [f"video:{VIDEO}"] * 2 + [f"channel:{channel}"] * 2
    )
    with pytest.raises(BadSourceSetting):
        YouTube().checked({"places": "https://vimeo.example/1", "most": "9"})
