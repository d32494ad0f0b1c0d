"""One turn of listening: a source is taken, read for a few seconds, and what it gave is written with its cursor.

Nobody holds a transaction while the outside is read. What was read is written, and the cursor moved, in one
transaction, which first asks whether this reading is still the latest: whoever was overtaken (a worker held up longer
than its lease, a source changed meanwhile) writes nothing. So a kill at any moment loses nothing and doubles nothing.

When more waits on the wall than `VIGIE_WATCH_BACKLOG`, the association's sources wait: their cursors stay where they
are, and the posts stay where they were published.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from vigie.casefile.keys import hidden_key, reference_of
from vigie.casefile.models import Content
from vigie.casefile.rows import insert_all
from vigie.core.errors import UnusableInput, kind_and_place
from vigie.detection.detectors import whole_detector
from vigie.detection.hints import Detector, Hint
from vigie.learning.detectors import detector_of
from vigie.watch.actions import secret_of
from vigie.watch.allowances import Spending
from vigie.watch.models import Sample, Sighting, Source, Tally, Watch, Wave, WaveMark
from vigie.watch.ports import Slice, SourceAdapter, SourceFault, Turn, Why
from vigie.watch.reach import Web
from vigie.watch.rules import groups
from vigie.watch.rules.question import Reader, Reason, texts_to_read
from vigie.watch.rules.values import Post, SightingState, WatchState
from vigie.watch.sources import adapter_of

logger = logging.getLogger("vigie.watch")

MOST_POSTS = 2000
WAITS_FOR_ROOM = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=2)
WAVES_OF = timedelta(days=3)
COUNTED_WITHIN = timedelta(hours=24)
SAMPLE_A_TURN = 20
MOST_SECONDS_TWICE = 20.0
"""How long a turn may spend on second readings (`VIGIE_SECOND_READER`): well within its lease."""


@dataclass(frozen=True)
class Found:
    """A post that answered a watch."""

    watch: Watch
    post: Post
    hint: Hint
    reasons: Sequence[Reason]


@dataclass
class Harvest:
    """What one reading gave, ready to be written."""

    slice: Slice
    found: list[Found] = field(default_factory=list)


def listen_once(now: datetime, *, streams: bool) -> bool:
    """Read the source that is due longest, if any; say whether there was one.

    Args:
        streams: those that stay open (read in a lane of their own), or those that are asked again and again.
    """
    source = take(now, streams=streams)
    if source is None:
        return False
    adapter = adapter_of(source.kind)
    if adapter is None:
        _let_go(source, now, Why.UNREADABLE, permanent=True)
        return True
    if is_full(source.organisation_id):
        Source.across_associations.filter(pk=source.pk, turn=source.turn).update(
            is_waiting=True, held_until=None, due_at=now + WAITS_FOR_ROOM
        )
        return True
    try:
        harvest = gather(source, adapter, now)
        keep(source, harvest, timezone.now(), every=adapter.manifest.every)
    except SourceFault as fault:
        _let_go(source, timezone.now(), fault.why, permanent=fault.permanent, retry_after=fault.retry_after)
    except Exception as fault:  # noqa: BLE001 one source that stumbles on a mistake of ours must not stop the others
        logger.error("source %s (%s): %s", source.pk, source.kind, kind_and_place(fault))  # noqa: TRY400 its words could quote a post
        _let_go(source, timezone.now(), Why.OUR_FAULT)
    return True


def take(now: datetime, *, streams: bool) -> Source | None:
    """Take the source that is due longest, for as long as a lease lasts."""
    wanted = [kind for kind, adapter in _all_adapters() if adapter.manifest.is_stream == streams]
    free = Q(held_until__isnull=True) | Q(held_until__lt=now)
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        due = Source.across_associations.filter(
            free,
            state=WatchState.ACTIVE.value,
            due_at__lte=now,
            kind__in=wanted,
            watches__state=WatchState.ACTIVE.value,
        )
        first = due.order_by("due_at", "pk").values_list("pk", flat=True).first()
        if first is None:
            return None
        source: Source | None = (
            Source.across_associations.select_for_update(skip_locked=skip).filter(free, pk=first).first()
        )
        if source is None:
            return None
        source.turn += 1
        source.held_until = now + settings.VIGIE_LEASE
        source.save(update_fields=["turn", "held_until"])
        return source


def _all_adapters() -> Iterable[tuple[str, SourceAdapter]]:
    from vigie.watch.sources import adapters

    return adapters().items()


def is_full(organisation_id: int) -> bool:
    """Say whether more waits on the wall than the desk can look at."""
    most = settings.VIGIE_WATCH_BACKLOG
    waiting = Sighting.objects.of(organisation_id).filter(state=SightingState.WAITING)
    return bool(waiting[most - 1 : most].exists())


def gather(source: Source, adapter: SourceAdapter, now: datetime) -> Harvest:
    """Read a slice of the source and ask its watches; nothing is written."""
    turn = Turn(
        settings=source.settings, secret=secret_of(source), cursor=source.cursor, now=now,
        web=Web(allowed_for_tests=settings.VIGIE_ALLOWED_FOR_TESTS), allowance=Spending(source, adapter.manifest, now),
        seconds=settings.VIGIE_WATCH_SLICE_SECONDS, most=MOST_POSTS,
    )  # fmt: skip
    read = adapter.read(turn)
    return Harvest(read, ask(watches_of(source, now), read.posts))


def watches_of(source: Source, now: datetime) -> list[Watch]:
    """Return the watches that ask this source now."""
    return list(
        Watch.objects.of(source.organisation_id).filter(sources=source, state=WatchState.ACTIVE.value).order_by("pk")
    )


def readers_of(watches: Iterable[Watch], now: datetime) -> list[tuple[Watch, Reader]]:
    """Return each watch with its question, ready to be asked; accounts are no more asked for once their date is over."""
    found = []
    for watch in watches:
        question = watch.asked()
        if question.accounts and (watch.accounts_until is None or watch.accounts_until < now.date()):
            rest = {**question.as_json(), "accounts": []}
            if not any(rest[name] for name in ("terms", "targets", "hashtags", "least_score")):
                continue
            question = type(question).from_json(rest)
        found.append((watch, Reader(question)))
    return found


def ask(watches: Iterable[Watch], posts: Sequence[Post], *, now: datetime | None = None) -> list[Found]:
    """Ask the watches of one association of each post; only what a question may want is read by its detector."""
    readers = readers_of(watches, now or timezone.now())
    if not readers:
        return []
    detector = _detector(readers[0][0].organisation_id)
    places = texts_to_read(posts, [reader for _watch, reader in readers])
    hints = detector.read_many((posts[place].text, posts[place].language[:2] or None) for place, _ in places)
    found = []
    for (place, text), hint in zip(places, hints, strict=True):
        for watch, reader in readers:
            reasons = reader.answer(posts[place], text, hint) if reader.may_answer(posts[place], text) else None
            if reasons:
                found.append(Found(watch, posts[place], hint, reasons))
    return found


def _detector(organisation_id: int) -> Detector:
    fast = detector_of(organisation_id)
    try:
        return whole_detector(fast, most_seconds=MOST_SECONDS_TWICE)
    except UnusableInput as fault:  # `vigie doctor` says what to do; the wall goes on with the fast reader
        logger.warning("second reader: %s", kind_and_place(fault))
        return fast


def keep(source: Source, harvest: Harvest, now: datetime, *, every: timedelta) -> bool:
    """Write what was found and where to go on, together; say whether this reading still counted."""
    read = harvest.slice
    with transaction.atomic():
        fresh = Source.across_associations.select_for_update().filter(pk=source.pk, turn=source.turn).first()
        if fresh is None:
            return False
        new = _new(source.organisation_id, harvest.found)
        _insert(fresh, new, now)
        _count(fresh, new, now)
        _sample(fresh, read.posts, now)
        if read.gone:
            _forget_words_of(source.organisation_id, read.gone, now)
        fresh.cursor, fresh.held_until, fresh.is_waiting = dict(read.cursor), None, False
        fresh.last_read_at, fresh.posts_read = now, fresh.posts_read + len(read.posts)
        fresh.last_post_at = now if read.posts else fresh.last_post_at
        fresh.fault_since = (fresh.fault_since or now) if read.fault else None
        fresh.fault, fresh.faults = read.fault.value if read.fault else "", 0
        fresh.due_at = now if read.more else now + (read.wait or every)
        fresh.save()
    return True


def _new(organisation_id: int, found: Sequence[Found]) -> list[Found]:
    """Return what is not there yet, and may be kept at all: what was said to be child abuse never is."""
    keys = {one.post.key for one in found}
    if not keys:
        return []
    known = set(Sighting.objects.of(organisation_id).filter(key__in=keys).values_list("watch_id", "key"))
    never = _never(organisation_id, keys)
    new: dict[tuple[int, str], Found] = {}
    for one in found:
        place = (one.watch.pk, one.post.key)
        if place not in known and one.post.key not in never:
            new.setdefault(place, one)
    return list(new.values())


def _never(organisation_id: int, keys: Collection[str]) -> set[str]:
    """Return those of the keys that were said to be child abuse."""
    hidden = {hidden_key(key): key for key in keys}
    forbidden = Content.objects.of(organisation_id).filter(Q(key__in=hidden) | Q(key__in=keys, never_fetch=True))
    return {hidden.get(key, key) for key in forbidden.values_list("key", flat=True)}


def _insert(source: Source, found: Sequence[Found], now: datetime) -> None:
    waves = waves_of(source.organisation_id, {one.post.key: one.post for one in found}, now)
    rows = [
        Sighting(
            organisation_id=source.organisation_id, watch=one.watch, version=one.watch.version, source=source,
            wave_id=waves[one.post.key], key=one.post.key, platform=one.post.platform, kind=one.post.kind,
            url=one.post.url, text=one.post.text, author=one.post.author, language=one.post.language or one.hint.lang,
            published_at=one.post.published_at, seen_at=now, reach=one.post.reach, score=one.hint.score,
            targets=[target.value for target in one.hint.targets],
            reasons=[reason.as_json() for reason in one.reasons], detector_version=one.hint.detector_version[:120],
        )
        for one in found
    ]  # fmt: skip
    try:
        with transaction.atomic():
            insert_all(rows)
    except IntegrityError:
        # On PostgreSQL another source may have given the same post this very moment: the slower way knows what is there.
        for row in rows:
            row.pk = None
        Sighting.across_associations.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def waves_of(organisation_id: int, posts: dict[str, Post], now: datetime) -> dict[str, int]:
    """Return the wave of each post by key: one that lately said nearly the same, or a new one."""
    known = dict(
        Sighting.objects.of(organisation_id)
        .filter(key__in=list(posts), wave__isnull=False)
        .values_list("key", "wave_id")
    )
    words = {key: groups.words_of(post.text) for key, post in posts.items() if key not in known}
    marks = {key: groups.marks_of(one) for key, one in words.items()}
    wanted = {mark for some in marks.values() for mark in some}
    rows = WaveMark.objects.of(organisation_id).filter(mark__in=wanted, wave__first_at__gt=now - WAVES_OF)
    by_mark: dict[int, list[int]] = {}
    for mark, wave_id in rows.order_by("wave_id").values_list("mark", "wave_id"):
        by_mark.setdefault(mark, []).append(wave_id)
    candidates = {wave_id for some in by_mark.values() for wave_id in some}
    texts = Wave.objects.of(organisation_id).filter(pk__in=candidates).values_list("pk", "text")
    said: dict[int, frozenset[str]] = {pk: groups.words_of(text) for pk, text in texts}
    new: list[tuple[Wave, list[int]]] = []
    found: dict[str, int] = {}
    for key, own in words.items():
        near = [wave for mark in marks[key] for wave in by_mark.get(mark, ())]
        shares = [(groups.resemblance(own, said[wave]), wave) for wave in dict.fromkeys(near)]
        best = max(shares, key=lambda pair: pair[0], default=(0.0, 0))
        if best[0] >= groups.NEAR:
            found[key] = best[1]
            continue
        post = posts[key]
        new.append(
            (Wave(organisation_id=organisation_id, text=post.text, language=post.language, first_at=now), marks[key])
        )
        number = -len(new)  # its place among the new ones, until it has a key
        for mark in marks[key]:
            by_mark.setdefault(mark, []).append(number)
        said[number] = own
        found[key] = number
    insert_all([wave for wave, _marks in new])
    insert_all(
        [
            WaveMark(organisation_id=organisation_id, wave=wave, mark=mark)
            for wave, some in new
            for mark in dict.fromkeys(some)
        ]
    )
    return known | {key: number if number > 0 else new[-number - 1][0].pk for key, number in found.items()}


def _count(source: Source, found: Sequence[Found], now: datetime) -> None:
    """Add to the counts of the minutes in which the posts appeared, of each watch its own.

    By the platform's clock where it is known: a feed that is read every ten minutes gives at once what came in ten. What
    is older than a day (a source that was just added, a date that is none) says nothing of now, and is not counted.
    """
    counts: Counter[tuple[datetime, int, str, str]] = Counter()
    for one in found:
        at = min(one.post.published_at or now, now).replace(second=0, microsecond=0)
        if at < now - COUNTED_WITHIN:
            continue
        watch = one.watch.pk
        counts[at, watch, "all", ""] += 1
        counts[at, watch, "source", str(source.pk)] += 1
        for target in one.hint.targets:
            counts[at, watch, "target", target.value] += 1
        for term in {reason.what for reason in one.reasons if reason.kind in {"term", "lexicon", "hashtag"}}:
            counts[at, watch, "term", term[:120]] += 1
    Tally.across_associations.bulk_create(
        [
            Tally(
                organisation_id=source.organisation_id, watch_id=watch, at=at, minutes=1, kind=kind, name=name,
                count=count,
            )
            for (at, watch, kind, name), count in sorted(counts.items())
        ]
    )  # fmt: skip


def _sample(source: Source, posts: Sequence[Post], now: datetime) -> None:
    """Keep a few of the posts for a day, by their words alone, spread over the slice."""
    chosen = list(posts)[:: max(len(posts) // SAMPLE_A_TURN, 1)]
    never = _never(source.organisation_id, {post.key for post in chosen})
    Sample.across_associations.bulk_create(
        [
            Sample(
                organisation_id=source.organisation_id, source=source, seen_at=now, text=post.text[:2000],
                language=post.language, reach=post.reach, reference=reference_of(post.key),
            )
            for post in chosen
            if post.key not in never
        ]
    )  # fmt: skip


def _forget_words_of(organisation_id: int, keys: Sequence[str], now: datetime) -> None:
    """Note that an author removed their posts; the wall says so."""
    gone = Sighting.objects.of(organisation_id).filter(key__in=list(keys), gone_at=None, state=SightingState.WAITING)
    gone.update(gone_at=now, author="")


def _let_go(
    source: Source, now: datetime, why: Why, *, permanent: bool = False, retry_after: timedelta | None = None
) -> None:
    """Give a source back after a fault, to come again later and later; the cursor stays."""
    pause = min(FIRST_PAUSE * 2 ** min(source.faults, 12), LONGEST_PAUSE)
    if permanent:
        pause = LONGEST_PAUSE
    Source.across_associations.filter(pk=source.pk, turn=source.turn).update(
        held_until=None, due_at=now + max(pause, retry_after or timedelta()) if not retry_after else now + retry_after,
        fault=why.value, fault_since=source.fault_since or now, faults=source.faults + 1, last_read_at=now,
    )  # fmt: skip
