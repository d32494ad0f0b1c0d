"""Sources, watches and sightings for tests. Everything is invented."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from vigie.organisations.rules.policy import Actor
from vigie.watch import actions
from vigie.watch.listening import Harvest, ask, keep, take
from vigie.watch.models import Sighting, Source, Watch
from vigie.watch.ports import Slice
from vigie.watch.rules.question import Question
from vigie.watch.rules.values import Does, Post, WatchState
from vigie.watch.sources.reading import post_at

_numbers = itertools.count(1)
TEXT = "Message inventé : ces Zorglubs zinzolins doivent quitter notre planète au plus vite"


def make_post(text: str = TEXT, *, url: str = "", **known: Any) -> Post:
    """Return an invented post, at an address of its own."""
    post = post_at(url or f"https://forum.example/fil/{next(_numbers)}", text=text, **known)
    assert post is not None
    return post


def make_source(actor: Actor, *, kind: str = "rss", name: str = "", **given: Any) -> Source:
    given = given or {"address": "https://blog.example/flux.xml"}
    return actions.save_source(
        actor=actor, kind=kind, name=name or f"Source {next(_numbers)}", given=given, now=timezone.now()
    )


def make_watch(actor: Actor, *sources: Source, name: str = "", does: Does = Does.SHOW, **asked: Any) -> Watch:
    question = Question(**(asked or {"terms": ("zinzolins",)}))
    wanted = actions.Wanted(
        name=name or f"Veille {next(_numbers)}", question=question, sources=[one.pk for one in sources], does=does,
        accounts_reason="Menaces répétées, plainte déposée" if question.accounts else "",
        accounts_until=timezone.localdate() if question.accounts else None,
    )  # fmt: skip
    return actions.save_watch(actor=actor, wanted=wanted, now=timezone.now())


def give(source: Source, posts: Sequence[Post], *, now: datetime | None = None, gone: Sequence[str] = ()) -> None:
    """Let a source give posts, as a turn of listening writes them."""
    now = now or timezone.now()
    Source.across_associations.filter(pk=source.pk).update(due_at=now, held_until=None)
    Source.across_associations.exclude(pk=source.pk).update(state=WatchState.PAUSED)
    taken = take(now, streams=False) or take(now, streams=True)
    assert taken is not None, "nobody asks this source"
    Source.across_associations.update(state=WatchState.ACTIVE)
    watches = Watch.objects.of(source.organisation_id).filter(sources=source, state=WatchState.ACTIVE)
    read = Slice(list(posts), {"n": next(_numbers)}, gone=gone)
    assert keep(taken, Harvest(read, ask(watches, posts, now=now)), now, every=taken.due_at - taken.due_at)


def make_wave(actor: Actor, posts: Sequence[Post] = (), **asked: Any) -> Sighting:
    """Return the first sighting of a wave on the wall of the actor's association."""
    source = make_source(actor)
    make_watch(actor, source, **asked)
    give(source, list(posts) or [make_post()])
    return Sighting.objects.of(actor.organisation_id).filter(source=source).earliest("pk")  # type: ignore[no-any-return]
