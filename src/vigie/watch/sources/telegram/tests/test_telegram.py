"""Previews of channels, from a server on this machine. Everything they say is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.watch.ports import BadSourceSetting, Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.telegram.adapter import Telegram
from vigie.watch.tests.turns import turn_for

PAGE = (Path(__file__).parents[1] / "fixtures" / "channel.html").read_text(encoding="utf-8")
HEAD = '<div class="tgme_channel_info"></div>'


def read(server: HTTPServer, cursor: dict[str, Any] | None = None, channels: str = "@canal_essai") -> Slice:
    adapter = Telegram(server.url_for("").rstrip("/"))
    return adapter.read(turn_for(adapter, open_to=f"{server.host}:{server.port}", cursor=cursor, channels=channels))


def message(number: int) -> str:
    return f'<div data-post="canal_essai/{number}"><div class="tgme_widget_message_text">Message {number}</div></div>'


def channel_of(server: HTTPServer, last: int) -> None:
    """Serve a channel of so many messages, twenty a page, as the preview does."""

    def answer(request: Request) -> Response:
        after = request.args.get("after", type=int)
        first = max(1, last - 19) if after is None else after + 1
        return Response(HEAD + "".join(message(n) for n in range(first, min(first + 20, last + 1))))

    server.expect_request("/s/canal_essai").respond_with_handler(answer)


def test_a_message_comes_with_its_words_moment_and_views(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/s/canal_essai").respond_with_data(PAGE)
    first, picture = read(httpserver).posts
    assert (first.key, first.url) == ("telegram:post:canal_essai/101", "https://t.me/canal_essai/101")
    assert first.text == "Première ligne grasse,\nseconde & dernière 🙂 #essai."
    assert (first.reach, first.author, first.hashtags) == (1200, "canal_essai", ("essai",))
    assert first.published_at == datetime(2026, 11, 25, 18, 4, 11, tzinfo=UTC)
    assert (picture.text, picture.reach) == ("", 87)


def test_each_message_is_given_once_and_none_is_missed(httpserver: HTTPServer) -> None:
    channel_of(httpserver, 30)
    first = read(httpserver)
    assert (len(first.posts), first.cursor) == (20, {"canal_essai": 30})
    httpserver.clear()
    channel_of(httpserver, 75)
    then = read(httpserver, dict(first.cursor))
    assert [post.text for post in then.posts] == [f"Message {n}" for n in range(31, 76)]
    assert list(read(httpserver, dict(then.cursor)).posts) == []


def test_a_long_silence_is_caught_up_in_several_turns(httpserver: HTTPServer) -> None:
    channel_of(httpserver, 400)
    first = read(httpserver, {"canal_essai": 1})
    assert (len(first.posts), first.more, first.cursor) == (100, True, {"canal_essai": 101})


def test_a_channel_that_is_gone_stops_no_other(httpserver: HTTPServer) -> None:
    channel_of(httpserver, 3)
    httpserver.expect_request("/s/parti").respond_with_data("<html>Contact @parti</html>")
    both = read(httpserver, channels="parti\ncanal_essai")
    assert (len(both.posts), both.fault) == (3, Why.NOT_FOUND)
    with pytest.raises(SourceFault) as caught:
        read(httpserver, channels="parti")
    assert caught.value.why is Why.NOT_FOUND


@pytest.mark.parametrize(
    "page", ["", "<", "<div data-post='x/1'>", "<div data-post='canal/" + "9" * 400 + "'>", "\x00" * 50]
)
def test_a_broken_page_breaks_nothing(httpserver: HTTPServer, page: str) -> None:
    httpserver.expect_request("/s/canal_essai").respond_with_data(HEAD + page)
    read(httpserver)


def test_a_channel_is_written_as_people_write_it() -> None:
    written = "@canal_un\nhttps://t.me/canal_deux\nt.me/s/canal_trois/\ncanal_quatre"
    assert Telegram().checked({"channels": written})["channels"] == [
        "canal_un",
        "canal_deux",
        "canal_trois",
        "canal_quatre",
    ]
    with pytest.raises(BadSourceSetting):
        Telegram().checked({"channels": "https://t.me/+invitation"})
