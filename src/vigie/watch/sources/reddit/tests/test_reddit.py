"""Communities of Reddit, from a fake of its interface. Everything they say is invented."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.platforms.resolve import resolve
from vigie.watch.ports import BadSourceSetting, Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.reddit.adapter import Reddit
from vigie.watch.tests.turns import turn_for


def post(n: int) -> dict[str, Any]:
    return {"data": {"name": f"t3_1abc{n:03d}", "permalink": f"/r/essai/comments/1abc{n:03d}/un_titre/", "title": f"Titre {n}", "selftext": "Corps",
                     "author": "essai", "created_utc": 1795680000.0 + n}}  # fmt: skip


def comment(n: int) -> dict[str, Any]:
    return {"data": {"name": f"t1_ndef{n:03d}", "permalink": f"/r/essai/comments/1abc001/un_titre/ndef{n:03d}/", "body": f"Commentaire {n}",
                     "author": "essai", "created_utc": 1795680000.0 + n}}  # fmt: skip


def serve(server: HTTPServer, last: int, *, page: int = 100, removed: tuple[int, ...] = ()) -> None:
    server.expect_request("/api/v1/access_token", method="POST").respond_with_json({"access_token": "jeton"})

    def answer(request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer jeton"
        numbers = [n for n in range(last, 0, -1) if n not in removed]
        start = int(request.args.get("after") or 0)
        after = str(start + page) if start + page < len(numbers) else None
        rows = [post(n) for n in numbers[start : start + page]]
        return Response(json.dumps({"data": {"children": rows, "after": after}}))

    server.expect_request("/r/essai/new").respond_with_handler(answer)
    server.expect_request("/r/essai/comments").respond_with_json({"data": {"children": [comment(1)], "after": None}})


def read(server: HTTPServer, cursor: dict[str, Any] | None = None, places: str = "r/essai") -> Slice:
    base = server.url_for("").rstrip("/")
    adapter = Reddit(base, base)
    turn = turn_for(
        adapter, open_to=f"{server.host}:{server.port}", cursor=cursor, secret="secret", places=places, client="id"
    )
    return adapter.read(turn)


def test_posts_and_comments_come_with_their_words(httpserver: HTTPServer) -> None:
    serve(httpserver, 1)
    first, said = read(httpserver).posts
    key = resolve("https://www.reddit.com/r/essai/comments/1abc001/un_titre/").key
    assert (first.key, first.kind, first.text, first.author) == (key, "post", "Titre 1\nCorps", "essai")
    assert (said.kind, said.text) == ("comment", "Commentaire 1")
    assert said.key != first.key
    assert first.published_at is not None


def test_each_is_given_once_though_the_newest_was_removed_meanwhile(httpserver: HTTPServer) -> None:
    serve(httpserver, 30, page=10)
    first = read(httpserver)
    httpserver.clear()
    serve(httpserver, 55, page=10, removed=(30, 29))
    then = read(httpserver, dict(first.cursor))
    assert [one.text for one in then.posts] == [f"Titre {n}\nCorps" for n in range(31, 56)]
    assert then.fault is None


def test_more_than_is_listed_is_a_gap_that_is_said(httpserver: HTTPServer) -> None:
    serve(httpserver, 5, page=5)
    first = read(httpserver)
    httpserver.clear()
    serve(httpserver, 90, page=5)
    assert read(httpserver, dict(first.cursor)).fault is Why.TOO_OLD


def test_a_closed_community_stops_no_other(httpserver: HTTPServer) -> None:
    serve(httpserver, 1)
    for listing in ("new", "comments"):
        httpserver.expect_request(f"/r/fermee/{listing}").respond_with_data("", status=403)
    both = read(httpserver, places="r/fermee\nr/essai")
    assert (len(both.posts), both.fault) == (2, Why.REFUSED)


@pytest.mark.parametrize(("status", "why"), [(401, Why.REFUSED), (429, Why.BUSY), (500, Why.UNREACHABLE)])
def test_a_refused_application_is_said(httpserver: HTTPServer, status: int, why: Why) -> None:
    httpserver.expect_request("/api/v1/access_token").respond_with_data(
        "{}", status=status, headers={"x-ratelimit-reset": "30"}
    )
    with pytest.raises(SourceFault) as caught:
        read(httpserver)
    assert caught.value.why is why


def test_communities_are_written_as_people_write_them() -> None:
    given = {"places": "r/france\nhttps://www.reddit.com/r/rance/\npolitique", "client": "id"}
    assert Reddit().checked(given)["places"] == ["france", "rance", "politique"]
    with pytest.raises(BadSourceSetting):
        Reddit().checked({**given, "places": "r/deux mots"})
