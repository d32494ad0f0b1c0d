"""What a source gives is written once, with its cursor, or not at all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from vigie.casefile.keys import hidden_key
from vigie.casefile.models import Content
from vigie.detection.readers.tests.tiny import make_model
from vigie.organisations.tests.cast import Cast
from vigie.watch import listening
from vigie.watch.models import Sample, Sighting, Source, Tally, Wave
from vigie.watch.ports import Slice
from vigie.watch.rules.faults import SourceFault, Why
from vigie.watch.tests.builders import TEXT, give, make_post, make_source, make_watch


def sightings(cast: Cast) -> Any:
    return Sighting.objects.of(cast.veille)


def test_a_post_that_answers_is_on_the_wall_with_its_reasons_and_the_detectors_version(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source)
    give(source, [make_post(), make_post("Tout autre chose, sans rien de particulier")])
    one = sightings(cast).get()
    assert (one.watch, one.version, one.text, one.state) == (watch, 1, TEXT, "waiting")
    assert one.reasons == [{"kind": "term", "what": "zinzolins"}]
    assert one.detector_version
    source.refresh_from_db()
    assert (source.posts_read, source.held_until) == (2, None)


def test_the_same_post_given_again_is_one_sighting_of_each_watch_and_counted_once(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    make_watch(cast.anatole.actor, source, hashtags=("zorglub",), terms=("zorglubs",))
    post = make_post()
    give(source, [post, post])
    give(source, [post])
    assert sightings(cast).count() == 2
    assert list(Tally.objects.of(cast.veille).filter(kind="all").values_list("count", flat=True)) == [1, 1]


def test_near_copies_are_one_wave_and_short_texts_are_not(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    give(source, [make_post(), make_post(f"@untel {TEXT} !!!"), make_post("zinzolins mdr"), make_post("zinzolins mdr")])
    give(source, [make_post(f"{TEXT} https://ailleurs.example/1")])
    waves = sorted(sightings(cast).filter(wave=wave).count() for wave in Wave.objects.of(cast.veille))
    assert waves == [1, 1, 3]


def test_a_reading_that_was_overtaken_writes_nothing(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source)
    now = timezone.now()
    slow = listening.take(now, streams=False)
    assert slow is not None
    assert listening.take(now, streams=False) is None  # held
    later = now + timedelta(hours=1)
    fast = listening.take(later, streams=False)
    assert fast is not None
    posts = [make_post()]
    harvest = listening.Harvest(Slice(posts, {"at": "slow"}), listening.ask([watch], posts))
    assert not listening.keep(slow, harvest, later, every=timedelta(minutes=1))
    assert not sightings(cast).exists()
    assert listening.keep(fast, harvest, later, every=timedelta(minutes=1))
    assert sightings(cast).count() == 1


def test_a_full_wall_makes_a_source_wait_where_it_is(cast: Cast, settings: Any) -> None:
    settings.VIGIE_WATCH_BACKLOG = 2
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    give(source, [make_post(), make_post()])
    source.refresh_from_db()
    cursor = source.cursor
    assert listening.listen_once(timezone.now() + timedelta(hours=1), streams=False)
    source.refresh_from_db()
    assert (source.is_waiting, source.cursor, source.held_until, source.fault) == (True, cursor, None, "")


def test_a_source_nobody_asks_is_not_read(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    assert not listening.listen_once(timezone.now(), streams=False)
    make_watch(cast.anatole.actor, source)
    assert listening.take(timezone.now(), streams=False) == source


def test_a_source_that_fails_is_asked_less_and_less_and_when_it_says(cast: Cast, monkeypatch: Any) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    faults = [
        SourceFault(Why.UNREACHABLE),
        SourceFault(Why.UNREACHABLE),
        SourceFault(Why.BUSY, retry_after=timedelta(minutes=7)),
    ]
    adapter = listening.adapter_of("rss")

    class Failing:
        manifest = adapter.manifest  # type: ignore[union-attr]

        def read(self, turn: object) -> Slice:
            raise faults.pop(0)

    monkeypatch.setattr(listening, "adapter_of", lambda kind: Failing())
    pauses = []
    now = timezone.now()
    for _ in range(3):
        now += timedelta(days=1)
        Source.objects.of(cast.veille).update(due_at=now)
        assert listening.listen_once(now, streams=False)
        source.refresh_from_db()
        pauses.append((source.due_at - source.last_read_at).total_seconds())
    assert pauses == [15, 30, 420]
    assert (source.fault, source.faults) == ("busy", 3)


def test_what_was_said_to_be_child_abuse_is_never_written(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    hidden, flagged = make_post(), make_post()
    now = timezone.now()
    for key in (hidden_key(hidden.key), flagged.key):
        Content.objects.create(
            organisation_id=cast.veille.pk,
            key=key,
            platform="web",
            kind="page",
            url="",
            never_fetch=True,
            created_at=now,
        )
    give(source, [hidden, flagged])
    assert not sightings(cast).exists()


def test_a_sample_of_the_day_has_words_and_neither_author_nor_address(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    give(source, [make_post("Rien de particulier ici", author="compte-incarnat")])
    row = Sample.objects.of(cast.veille).values().get()
    assert row["text"] == "Rien de particulier ici"
    assert not [value for value in row.values() if "incarnat" in str(value) or "forum.example" in str(value)]


def test_a_post_its_author_removed_says_so(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, source)
    post = make_post(author="compte")
    give(source, [post])
    give(source, [], gone=[post.key])
    one = sightings(cast).get()
    assert one.gone_at is not None
    assert one.author == ""


def test_accounts_are_no_more_asked_for_after_their_date(cast: Cast) -> None:
    source = make_source(cast.anatole.actor)
    watch = make_watch(cast.anatole.actor, source, accounts=("compte",))
    later = timezone.now() + timedelta(days=2)
    assert listening.ask([watch], [make_post("rien", author="compte")])
    assert not listening.ask([watch], [make_post("rien", author="compte")], now=later)
    both = make_watch(cast.anatole.actor, source, accounts=("compte",), terms=("zinzolins",))
    assert not listening.ask([both], [make_post("rien", author="compte")], now=later)
    assert listening.ask([both], [make_post(author="compte")], now=later)


@pytest.mark.parametrize("role", ["bruno", "judith", "victor", "adele"])
def test_only_analysts_and_leads_write_watches(cast: Cast, role: str) -> None:
    from vigie.core.errors import NotAllowed

    with pytest.raises(NotAllowed):
        make_source(getattr(cast, role).actor)


def test_the_wall_is_read_twice_where_a_second_reader_is_set_and_goes_on_where_it_cannot(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    watch = make_watch(cast.anatole.actor, make_source(cast.anatole.actor))
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))
    monkeypatch.setenv("VIGIE_SECOND_BAND", "0-1")
    monkeypatch.setenv("VIGIE_SECOND_READER", str(make_model(tmp_path / "modele")))
    (twice,) = listening.ask([watch], [make_post()])
    assert twice.hint.second
    assert "modele@" in twice.hint.detector_version
    (tmp_path / "modele" / "model.onnx").unlink()
    monkeypatch.setenv("VIGIE_SECOND_SHARE", "6")  # another choice: what was loaded serves no more
    (once,) = listening.ask([watch], [make_post()])
    assert once.hint.second is None


def test_a_post_that_another_source_gave_this_very_moment_is_no_fault(cast: Cast, monkeypatch: Any) -> None:
    one, other = make_source(cast.anatole.actor), make_source(cast.anatole.actor)
    make_watch(cast.anatole.actor, one, other)
    shared = make_post()
    give(one, [shared])
    monkeypatch.setattr(listening, "_new", lambda organisation_id, found: list(found))  # looked before it was written
    give(other, [shared, make_post("Un autre message inventé, avec zinzolins dedans")])
    assert sightings(cast).count() == 2
