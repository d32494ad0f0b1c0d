"""The Jetstream, against a fake of it. Everything it says is invented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from vigie.watch.ports import BadSourceSetting, Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.sources.bluesky.adapter import ADAPTER
from vigie.watch.sources.bluesky.fake import FakeJetstream, commit, jetstream
from vigie.watch.tests.turns import turn_for

FRAMES = [(n, commit(n, f"Message inventé numéro {n}")) for n in range(1, 6)]


def read(fake: FakeJetstream, cursor: dict[str, Any] | None = None, **options: Any) -> Slice:
    turn = turn_for(ADAPTER, open_to=f"127.0.0.1:{fake.port}", cursor=cursor, address=fake.address, **options)
    return ADAPTER.read(turn)


def test_a_post_comes_with_its_words_language_moment_and_hashtags() -> None:
    facets = [{"features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "Essai"}]}]
    with jetstream([(7, commit(7, "Bonjour", facets=facets))]) as fake:
        [post] = read(fake, {"seq": 1}).posts
    assert post.key == "bluesky:post:did:plc:essai/3k00000000007"
    assert (post.text, post.author, post.language, post.hashtags) == ("Bonjour", "did:plc:essai", "fr", ("Essai",))
    assert post.published_at == datetime(2026, 11, 26, 8, tzinfo=UTC)
    assert post.reach is None


def test_it_goes_on_from_where_it_was_and_loses_nothing_between_two_turns() -> None:
    with jetstream(FRAMES) as fake:
        first = read(fake, {"seq": 1}, at_most=3)
        assert (len(first.posts), first.more, first.cursor) == (3, True, {"seq": 3})
        fake.add((6, commit(6, "Arrivé entre deux tours")))
        second = read(fake, dict(first.cursor))
    texts = [post.text for post in (*first.posts, *second.posts)]
    assert sorted(set(texts)) == sorted(
        [f"Message inventé numéro {n}" for n in range(1, 6)] + ["Arrivé entre deux tours"]
    )


def test_before_the_first_event_the_cursor_is_a_moment() -> None:
    with jetstream() as fake:
        nothing = read(fake)
        assert nothing.posts == []
        assert nothing.cursor["seq"] > 1_000_000_000_000_000
        fake.add(*FRAMES)
        assert len(read(fake, dict(nothing.cursor)).posts) == 5


def test_a_cursor_that_is_too_old_is_a_gap_that_is_said() -> None:
    with jetstream(FRAMES, oldest=4) as fake:
        late = read(fake, {"seq": 1})
        assert (late.fault, list(late.posts)) == (Why.TOO_OLD, [])
        assert read(fake, dict(late.cursor)).fault is None


def test_what_the_author_removes_is_told() -> None:
    with jetstream([(8, commit(8, "", operation="delete"))]) as fake:
        assert list(read(fake, {"seq": 1}).gone) == ["bluesky:post:did:plc:essai/3k00000000008"]


def test_a_line_that_drops_keeps_what_was_read() -> None:
    with jetstream(FRAMES, drop_after=2) as fake:
        read_first = read(fake, {"seq": 1})
        assert 1 <= len(read_first.posts) <= 2
        assert read_first.cursor["seq"] == len(read_first.posts)


@pytest.mark.parametrize(
    "frame",
    ["", "[]", "{}", "pas du json", '{"payload": 3}', '{"payload": {"seq": "x"}}', commit(3, "x").replace("#commit", "#identity"),
     commit(3, "x").replace("feed.post", "feed.like"), commit(3, "x").replace('"text": "x"', '"text": 4')],
)  # fmt: skip
def test_what_is_no_post_is_passed_over(frame: str) -> None:
    with jetstream([(3, frame), (4, commit(4, "Le suivant"))]) as fake:
        assert [post.text for post in read(fake, {"seq": 1}).posts] == ["Le suivant"]


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [
        (429, {"Retry-After": "9"}, Why.BUSY),
        (401, {}, Why.REFUSED),
        (404, {}, Why.NOT_FOUND),
        (503, {}, Why.UNREACHABLE),
    ],
)
def test_a_refused_connection_is_said(status: int, headers: dict[str, str], why: Why) -> None:
    with jetstream(status=status, headers=headers) as fake, pytest.raises(SourceFault) as caught:
        read(fake)
    assert caught.value.why is why
    if why is Why.BUSY:
        assert caught.value.retry_after is not None
        assert caught.value.retry_after.total_seconds() == 9


def test_the_gate_stands_before_websockets_too() -> None:
    turn = turn_for(ADAPTER, open_to="none:1", address="ws://127.0.0.1:6009")
    with pytest.raises(SourceFault) as caught:
        ADAPTER.read(turn)
    assert caught.value.why is Why.FORBIDDEN


def test_only_websockets_are_taken() -> None:
    assert ADAPTER.checked({}) == {"address": "wss://jetstream.us-east.bsky.network"}
    with pytest.raises(BadSourceSetting):
        ADAPTER.checked({"address": "https://x.example"})
