"""X by pay-per-use, from a fake of its interface. Everything it says is invented."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from vigie.organisations.tests.cast import Cast
from vigie.watch.allowances import Spending
from vigie.watch.models import Allowance, Source
from vigie.watch.ports import NoAllowance, Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.x.adapter import ADAPTER, X
from vigie.watch.tests.builders import make_source
from vigie.watch.tests.turns import turn_for

PATH = "/2/tweets/search/recent"
BASE = 1_900_000_000_000_000_000
GIVEN = {"query": "zorglub lang:fr", "budget": "2", "price": "5"}


def row(n: int) -> dict[str, Any]:
    return {"id": str(BASE + n), "text": f"Message {n} #Essai", "lang": "fr", "created_at": "2026-11-26T08:00:00.000Z",
            "public_metrics": {"impression_count": n}, "entities": {"hashtags": [{"tag": "Essai"}]}}  # fmt: skip


def serve(server: HTTPServer, last: int) -> None:
    """Serve so many posts, newest first, in pages of what was asked for."""

    def answer(request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer jeton"
        since = int(request.args.get("since_id", BASE)) - BASE
        start, asked = int(request.args.get("next_token", 0)), int(request.args["max_results"])
        numbers = list(range(last, since, -1))[start : start + asked]
        meta: dict[str, Any] = {"result_count": len(numbers)}
        if numbers:
            meta["newest_id"] = str(BASE + numbers[0])
        if last - since > start + asked:
            meta["next_token"] = str(start + asked)
        return Response(json.dumps({"data": [row(n) for n in numbers], "meta": meta}))

    server.expect_request(PATH).respond_with_handler(answer)


def read(server: HTTPServer, cursor: dict[str, Any] | None = None, allowance: Any = None) -> Slice:
    adapter = X(server.url_for("").rstrip("/"))
    turn = turn_for(
        adapter, open_to=f"{server.host}:{server.port}", cursor=cursor, secret="jeton", allowance=allowance, **GIVEN
    )
    return adapter.read(turn)


def test_a_post_comes_with_its_words_language_and_views(httpserver: HTTPServer) -> None:
    serve(httpserver, 1)
    [post] = read(httpserver).posts
    assert (post.key, post.text, post.reach) == (f"x:post:{BASE + 1}", "Message 1 #Essai", 1)
    assert (post.language, post.author, post.hashtags) == ("fr", "", ("Essai",))


def test_what_was_set_aside_and_not_used_is_given_back(httpserver: HTTPServer) -> None:
    serve(httpserver, 30)
    units = NoAllowance()
    read(httpserver, allowance=units)
    assert units.reserved == [100 * 500, -70 * 500]


def test_it_goes_on_from_the_last_one_and_pages_are_read_to_their_end(httpserver: HTTPServer) -> None:
    serve(httpserver, 3)
    first = read(httpserver)
    httpserver.clear()
    serve(httpserver, 640)
    seen, cursor, more = set(), dict(first.cursor), True
    while more:
        then = read(httpserver, cursor)
        seen |= {post.reach for post in then.posts}
        cursor, more = dict(then.cursor), then.more
    assert seen == set(range(4, 641))
    assert list(read(httpserver, cursor).posts) == []


@pytest.mark.django_db
def test_the_budget_cannot_be_exceeded_and_what_was_paid_for_is_kept(cast: Cast, httpserver: HTTPServer) -> None:
    source = make_source(cast.anatole.actor, kind="x", **GIVEN, token="jeton")
    serve(httpserver, 3)
    spending = Spending(source, ADAPTER.manifest, timezone.now())
    cursor = dict(read(httpserver, allowance=spending).cursor)
    httpserver.clear()
    serve(httpserver, 5000)
    read_in_all = 3
    fault = None
    while fault is None:
        then = read(httpserver, cursor, spending)
        read_in_all += len(then.posts)
        cursor, fault = dict(then.cursor), then.fault
    assert fault is Why.SPENT
    assert read_in_all <= 400  # two dollars, at five for a thousand
    row = Allowance.objects.of(cast.veille).get()
    assert (row.most, row.spent) == (200_000, read_in_all * 500)
    calls = len(httpserver.log)
    with pytest.raises(SourceFault):
        read(httpserver, cursor, spending)
    assert len(httpserver.log) == calls  # nothing was asked
    with pytest.raises(IntegrityError), transaction.atomic():
        Allowance.objects.of(cast.veille).update(spent=200_001)


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_do_not_spend_more_than_there_is(cast: Cast) -> None:
    source = make_source(cast.anatole.actor, kind="x", **GIVEN, token="jeton")
    passed = []

    def ask() -> None:
        try:
            Spending(Source.objects.of(cast.veille).get(pk=source.pk), ADAPTER.manifest, timezone.now()).reserve(30_000)
            passed.append(1)
        except SourceFault:
            pass
        finally:
            connections.close_all()  # of this thread: one left open is found by a later test

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 6
    assert Allowance.objects.of(cast.veille).get().spent == 180_000


@pytest.mark.parametrize(
    ("status", "body", "headers", "why"),
    [
        (401, {}, {}, Why.REFUSED),
        (429, {}, {"x-rate-limit-reset": "4102444800"}, Why.BUSY),
        (400, {"errors": [{"message": "invalid query"}]}, {}, Why.UNREADABLE),
        (400, {"errors": [{"parameters": {"since_id": ["1"]}}]}, {}, Why.TOO_OLD),
    ],
)
def test_what_the_interface_refuses_is_said(
    httpserver: HTTPServer, status: int, body: dict[str, Any], headers: dict[str, str], why: Why
) -> None:
    httpserver.expect_request(PATH).respond_with_json(body, status=status, headers=headers)
    with pytest.raises(SourceFault) as caught:
        read(httpserver, {"newest": "1"})
    assert caught.value.why is why
