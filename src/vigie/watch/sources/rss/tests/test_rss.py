"""Feeds, from a server on this machine. Everything they say is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.watch.ports import BadSourceSetting, NoAllowance, Turn
from vigie.watch.reach import Web
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.rss.adapter import ADAPTER

FIXTURES = Path(__file__).parents[1] / "fixtures"


def turn(server: HTTPServer, cursor: dict[str, Any] | None = None, path: str = "/flux.xml") -> Turn:
    return Turn(
        settings={"address": server.url_for(path)}, secret="", cursor=cursor or {}, now=timezone.now(),
        web=Web(allowed_for_tests=frozenset({f"{server.host}:{server.port}"})), allowance=NoAllowance(), seconds=1, most=100,
    )  # fmt: skip


def serve(server: HTTPServer, name: str, **headers: str) -> None:
    server.expect_request("/flux.xml").respond_with_data((FIXTURES / name).read_bytes(), headers=headers)


def test_a_blogs_entries_are_posts_oldest_first(httpserver: HTTPServer) -> None:
    serve(httpserver, "blog.xml")
    read = ADAPTER.read(turn(httpserver))
    assert [post.key for post in read.posts] == ["web:blog.example/2", "web:blog.example/1"]
    newest = read.posts[1]
    assert newest.text == "Un titre inventé\nPremier paragraphe, avec une balise.\nSecond."
    assert (newest.author, newest.language) == ("Plume d’essai", "fr")
    assert newest.published_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_a_channel_of_youtube_gives_videos_with_their_views(httpserver: HTTPServer) -> None:
    serve(httpserver, "youtube.xml")
    [video] = ADAPTER.read(turn(httpserver)).posts
    assert (video.key, video.kind, video.reach) == ("youtube:video:dQw4w9WgXcQ", "video", 1234)


def test_an_entry_is_given_once(httpserver: HTTPServer) -> None:
    serve(httpserver, "blog.xml")
    first = ADAPTER.read(turn(httpserver))
    again = ADAPTER.read(turn(httpserver, dict(first.cursor)))
    assert again.posts == []
    assert again.cursor["known"] == first.cursor["known"]


def test_a_feed_that_did_not_change_is_not_read_again(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"a1"':
            return Response(status=304)
        return Response((FIXTURES / "blog.xml").read_bytes(), headers={"ETag": '"a1"'})

    httpserver.expect_request("/flux.xml").respond_with_handler(answer)
    first = ADAPTER.read(turn(httpserver))
    again = ADAPTER.read(turn(httpserver, dict(first.cursor)))
    assert (list(again.posts), again.cursor) == ([], first.cursor)


@pytest.mark.parametrize(
    ("status", "headers", "why", "permanent", "seconds"),
    [
        (404, {}, Why.NOT_FOUND, True, None),
        (401, {}, Why.REFUSED, True, None),
        (422, {}, Why.UNREADABLE, False, None),
        (429, {"Retry-After": "120"}, Why.BUSY, False, 120),
        (503, {}, Why.UNREACHABLE, False, None),
    ],
)
def test_what_the_server_refuses_is_said(
    httpserver: HTTPServer, status: int, headers: dict[str, str], why: Why, permanent: bool, seconds: float | None
) -> None:
    httpserver.expect_request("/flux.xml").respond_with_data("", status=status, headers=headers)
    with pytest.raises(SourceFault) as caught:
        ADAPTER.read(turn(httpserver))
    assert (caught.value.why, caught.value.permanent) == (why, permanent)
    assert (caught.value.retry_after.total_seconds() if caught.value.retry_after else None) == seconds


@pytest.mark.parametrize("body", [b"", b"<html><body>Pas un flux</body></html>", b"\x00\xff\x00"])
def test_what_is_no_feed_is_said(httpserver: HTTPServer, body: bytes) -> None:
    httpserver.expect_request("/flux.xml").respond_with_data(body)
    with pytest.raises(SourceFault) as caught:
        ADAPTER.read(turn(httpserver))
    assert caught.value.why is Why.UNREADABLE


def test_this_machine_and_its_neighbours_are_no_feeds() -> None:
    for address in ("http://127.0.0.1:8000/flux.xml", "http://169.254.169.254/latest", "http://localhost/flux"):
        asked = Turn(
            settings={"address": address}, secret="", cursor={}, now=timezone.now(), web=Web(), allowance=NoAllowance(),
            seconds=1, most=10,
        )  # fmt: skip
        with pytest.raises(SourceFault) as caught:
            ADAPTER.read(asked)
        assert caught.value.why is Why.FORBIDDEN


def test_an_address_that_is_none_is_refused_when_it_is_written() -> None:
    with pytest.raises(BadSourceSetting):
        ADAPTER.checked({"address": "blog.example/flux"})
