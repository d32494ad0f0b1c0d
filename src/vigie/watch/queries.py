"""Questions about watches, sources and the wall, asked on behalf of an actor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case as When_
from django.db.models import Count, IntegerField, Max, Q, Value, When

from vigie.casefile.models import Case, CaseContent
from vigie.casefile.rules.state import Referral
from vigie.core.errors import NotFound
from vigie.core.words import N_
from vigie.learning.detectors import detector_of
from vigie.organisations.rules.policy import Action, Actor, may, require
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.watch.actions import RISES_TOGETHER, UNDO_WITHIN
from vigie.watch.models import Campaign, Decision, Sample, Sighting, Source, Surge, Watch, WatchSettings, Wave
from vigie.watch.rules import groups
from vigie.watch.rules.question import Question, Reader, Reason
from vigie.watch.rules.values import Does, Post, SightingState
from vigie.watch.rules.words import folded

PAGE = 20
POSTS_SHOWN = 5
LATELY = timedelta(hours=1)
KEEP_DAYS = 7


@dataclass(frozen=True)
class WallItem:
    """A wave as the wall shows it: one text, how many posts say it, how fast, how far, and why it is here."""

    wave: Wave
    first: Sighting
    posts: Sequence[Sighting]
    """Some of them, the widest reach first, each once."""
    count: int
    lately: int
    """Posts of the last hour."""
    reach: int | None
    """How many may have seen them in all; None when no source said."""
    first_at: datetime
    last_at: datetime
    is_proposed: bool
    watches: Sequence[str]
    reasons: Sequence[Reason]
    gone: int


@dataclass(frozen=True)
class WallPage:
    items: Sequence[WallItem]
    number: int
    has_next: bool
    waiting: int


def wall(actor: Actor, *, now: datetime, page: int = 1, wanted: Q | None = None) -> WallPage:
    """Return one page of the wall: what is proposed first, then what spreads, then what scores."""
    require(actor, Action.SEE_WALL, actor.organisation_id)
    waiting = Sighting.objects.of(actor.organisation_id).filter(state=SightingState.WAITING, wave__isnull=False)
    if wanted is not None:
        waiting = waiting.filter(wanted)
    is_proposed = When_(
        When(watch__does=Does.PROPOSE.value, then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    waves = (
        waiting.order_by()
        .values("wave")
        .annotate(
            proposed=Max(is_proposed),
            lately=Count("key", distinct=True, filter=Q(seen_at__gte=now - LATELY)),
            number=Count("key", distinct=True),
            best=Max("score"),
            last=Max("seen_at"),
        )
        .order_by("-proposed", "-lately", "-number", "-best", "-last", "wave")
    )
    start = max(page - 1, 0) * PAGE
    rows = list(waves[start : start + PAGE + 1])
    return WallPage(
        items=items_of(actor, [row["wave"] for row in rows[:PAGE]], now=now, wanted=wanted),
        number=page,
        has_next=len(rows) > PAGE,
        waiting=waiting.values("key").distinct().count(),
    )


def items_of(actor: Actor, waves: Sequence[int], *, now: datetime, wanted: Q | None = None) -> list[WallItem]:
    """Return waves as the wall shows them, in their order; those with nothing waiting are left out."""
    kept = {wave.pk: wave for wave in Wave.objects.of(actor.organisation_id).filter(pk__in=waves)}
    waiting = Sighting.objects.of(actor.organisation_id).filter(wave__in=waves, state=SightingState.WAITING)
    rows: dict[int, list[Sighting]] = {}
    for one in waiting.select_related("watch", "source").order_by("seen_at", "pk"):
        rows.setdefault(one.wave_id or 0, []).append(one)
    return [_item(kept[pk], rows[pk], now) for pk in waves if pk in kept and pk in rows]


def _item(wave: Wave, rows: Sequence[Sighting], now: datetime) -> WallItem:
    once = list({row.key: row for row in rows}.values())
    widest = sorted(once, key=lambda one: (-(one.reach or 0), one.seen_at, one.pk))
    known = [one.reach for one in once if one.reach is not None]
    reasons = {(kept["kind"], kept["what"]): Reason(**kept) for row in rows for kept in row.reasons}
    return WallItem(
        wave=wave,
        first=widest[0],
        posts=widest[:POSTS_SHOWN],
        count=len(once),
        lately=sum(one.seen_at >= now - LATELY for one in once),
        reach=sum(known) if known else None,
        first_at=min(one.published_at or one.seen_at for one in once),
        last_at=max(one.seen_at for one in once),
        is_proposed=any(row.watch.does == Does.PROPOSE for row in rows),
        watches=sorted({row.watch.name for row in rows}),
        reasons=list(reasons.values()),
        gone=sum(one.gone_at is not None for one in once),
    )


def access_wave(actor: Actor, pk: int) -> Wave:
    """Return a wave of the association on whose wall something still waits.

    Raises:
        NotFound: there is none, or it is another association's.
    """
    require(actor, Action.SEE_WALL, actor.organisation_id)
    wave: Wave | None = Wave.objects.of(actor.organisation_id).filter(pk=pk).first()
    if wave is None:
        raise NotFound(N_("Ce repérage n’existe plus."))
    return wave


def posts_of(actor: Actor, wave: Wave) -> list[Sighting]:
    """Return the posts of a wave that wait, each once, the latest first."""
    require(actor, Action.SEE_WALL, actor.organisation_id)
    rows = Sighting.objects.of(actor.organisation_id).filter(wave=wave, state=SightingState.WAITING)
    once = {one.key: one for one in rows.select_related("watch").order_by("seen_at", "pk")}
    return list(reversed(once.values()))


def access_decision(actor: Actor, pk: int) -> Decision:
    """Return one of the actor's own decisions."""
    require(actor, Action.DECIDE_SIGHTING, actor.organisation_id)
    mine = Decision.objects.of(actor.organisation_id).filter(pk=pk, member_id=actor.member_id)
    decision: Decision | None = mine.select_related("case").first()
    if decision is None:
        raise NotFound(N_("Il n’y a rien à annuler ici."))
    return decision


def undoable(actor: Actor, *, now: datetime) -> Decision | None:
    """Return one's latest decision while it can still be undone."""
    mine = Decision.objects.of(actor.organisation_id).filter(
        member_id=actor.member_id, made_at__gte=now - UNDO_WITHIN, undone_at=None
    )
    latest: Decision | None = mine.select_related("case").order_by("-made_at", "-pk").first()
    return latest


def watches_of(actor: Actor) -> OwnedQuerySet:
    """Return the association's watches, by name."""
    require(actor, Action.SEE_WALL, actor.organisation_id)
    return Watch.objects.of(actor.organisation_id).select_related("campaign").order_by("name")


def access_watch(actor: Actor, pk: int) -> Watch:
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    watch: Watch | None = watches_of(actor).filter(pk=pk).first()
    if watch is None:
        raise NotFound(N_("Cette veille n’existe pas."))
    return watch


def sources_of(actor: Actor) -> OwnedQuerySet:
    """Return the association's sources, by name."""
    require(actor, Action.SEE_WALL, actor.organisation_id)
    return Source.objects.of(actor.organisation_id).order_by("name")


def access_source(actor: Actor, pk: int) -> Source:
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    source: Source | None = sources_of(actor).filter(pk=pk).first()
    if source is None:
        raise NotFound(N_("Cette source n’existe pas."))
    return source


def campaigns_of(actor: Actor) -> OwnedQuerySet:
    require(actor, Action.SEE_WALL, actor.organisation_id)
    return Campaign.objects.of(actor.organisation_id)


def waiting_by_watch(actor: Actor) -> dict[int, int]:
    """Return how many posts of each watch wait on the wall."""
    waiting = Sighting.objects.of(actor.organisation_id).filter(state=SightingState.WAITING)
    return dict(waiting.order_by().values("watch").annotate(number=Count("pk")).values_list("watch", "number"))


def keep_days_of(organisation_id: int) -> int:
    """Return how long what became no case is kept."""
    kept = WatchSettings.objects.of(organisation_id).values_list("keep_days", flat=True).first()
    return int(kept) if kept is not None else KEEP_DAYS


SPECIFIC = ("term", "target", "source", "all")


@dataclass(frozen=True)
class Happening:
    """Rises that began together: one thing is happening, seen by several series."""

    lead: Surge
    others: Sequence[Surge]


def open_surges(actor: Actor) -> list[Happening]:
    """Return the rises that go on and that nobody has put away, those that began together as one, the latest first."""
    require(actor, Action.SEE_WALL, actor.organisation_id)
    rises = Surge.objects.of(actor.organisation_id).filter(over_at=None, settled_at=None)
    groups: list[list[Surge]] = []
    for one in rises.select_related("watch", "campaign").order_by("onset_at", "pk"):
        if groups and one.onset_at - groups[-1][0].onset_at <= RISES_TOGETHER:
            groups[-1].append(one)
        else:
            groups.append([one])
    found = []
    for group in reversed(groups):
        # The one that says most precisely what rises; among those the one that rises most.
        first, *others = sorted(group, key=lambda one: (SPECIFIC.index(one.kind), -one.seen / one.expected, one.pk))
        found.append(Happening(first, others))
    return found


def access_surge(actor: Actor, pk: int) -> Surge:
    require(actor, Action.SEE_WALL, actor.organisation_id)
    rises = Surge.objects.of(actor.organisation_id).select_related("watch", "campaign").filter(pk=pk)
    surge: Surge | None = rises.first()
    if surge is None:
        raise NotFound(N_("Cette hausse n’existe plus."))
    return surge


def carried_by(surge: Surge) -> Q:
    """Return what tells the sightings that carry a rise from the others."""
    since = Q(watch=surge.watch_id, seen_at__gte=surge.onset_at)
    match surge.kind:
        case "source":
            return since & Q(source=int(surge.name))
    return since


def waves_of_surge(actor: Actor, surge: Surge, *, now: datetime) -> list[WallItem]:
    """Return the waves that carry a rise and wait on the wall, the largest first."""
    require(actor, Action.SEE_WALL, actor.organisation_id)
    waiting = Sighting.objects.of(actor.organisation_id).filter(
        carried_by(surge), state=SightingState.WAITING, wave__isnull=False
    )
    numbers: Counter[int] = Counter()
    for wave, targets, reasons in waiting.values_list("wave_id", "targets", "reasons")[:READ_MOST]:
        named = {kept["what"][:120] for kept in reasons}
        if surge.kind == "target" and surge.name not in targets:
            continue
        if surge.kind == "term" and surge.name not in named:
            continue
        numbers[wave] += 1
    return items_of(actor, [wave for wave, _number in numbers.most_common(PAGE)], now=now)


QUEUE_LOOKED_AT = 500


def cases_by_wave(
    actor: Actor, surge: Surge, waves: Sequence[WallItem]
) -> tuple[dict[int, list[str]], list[list[str]]]:
    """Return the cases of the queue that came with a rise, by what they say.

    First by wave of the wall, then those that say nearly the same among themselves, whichever door they came by; the
    rest stays in the queue as it is. By their references alone, and only for whoever sees cases.
    """
    if not may(actor, Action.SEE_CASE, actor.organisation_id):
        return {}, []
    came = Case.objects.of(actor.organisation_id).filter(
        in_queue=True, referral=Referral.NONE, opened_at__gte=surge.onset_at - RISES_TOGETHER
    )
    pks = list(came.order_by("opened_at", "pk").values_list("pk", flat=True)[:QUEUE_LOOKED_AT])
    links = CaseContent.objects.of(actor.organisation_id).filter(case__in=pks, position=0, content__never_fetch=False)
    rows = links.exclude(content__text="").order_by("case_id").values_list("case__ref", "content__text")
    by_wave: dict[int, list[str]] = {}
    said = [(item.wave.pk, groups.words_of(item.wave.text)) for item in waves]
    others: list[tuple[frozenset[str], list[str]]] = []
    for ref, text in rows:
        words = groups.words_of(text)
        if len(words) < groups.LEAST_WORDS:
            continue
        wave = next((pk for pk, theirs in said if groups.resemblance(words, theirs) >= groups.NEAR), None)
        if wave is not None:
            by_wave.setdefault(wave, []).append(ref)
            continue
        near = next((refs for theirs, refs in others if groups.resemblance(words, theirs) >= groups.NEAR), None)
        if near is None:
            others.append((words, [ref]))
        else:
            near.append(ref)
    return by_wave, [refs for _words, refs in others if len(refs) > 1]


# --- what it would have found --------------------------------------------------------------------------------

YESTERDAY = timedelta(hours=24)
READ_MOST = 20_000
SHOWN_MOST = 30


@dataclass(frozen=True)
class WouldHave:
    """What a question would have found among what is kept of the last day."""

    read: int
    found: int
    shown: Sequence[tuple[str, str, Sequence[Reason]]]
    """Text, language, why."""
    by_reason: Sequence[tuple[Reason, int]]


def would_have_found(actor: Actor, question: Question, sources: Iterable[int], *, now: datetime) -> WouldHave:
    """Ask a question of the samples and sightings of the last day. Nothing is written.

    Samples have neither author nor address: accounts named in the question find nothing here.
    """
    require(actor, Action.MANAGE_WATCH, actor.organisation_id)
    wanted = list(sources)
    texts: dict[str, Post] = {}
    columns = ("text", "language", "reach")
    for model in (Sample, Sighting):
        lately = model.objects.of(actor.organisation_id).filter(seen_at__gte=now - YESTERDAY, source__in=wanted)
        for text, language, reach in lately.order_by("-seen_at").values_list(*columns)[:READ_MOST]:
            texts.setdefault(text[:2000], _post(text, language, reach))
    reader = Reader(question)
    posts = [(post, folded(post.text)) for post in texts.values()]
    asked = [(post, text) for post, text in posts if reader.may_answer(post, text)]
    hints = detector_of(actor.organisation_id).read_many(
        (post.text, post.language[:2] or None) for post, _text in asked
    )
    found = []
    reasons: Counter[Reason] = Counter()
    for (post, text), hint in zip(asked, hints, strict=True):
        why = reader.answer(post, text, hint)
        if why:
            found.append((post.text, post.language or hint.lang, why))
            reasons.update({Reason(one.kind, one.what, one.sense, one.target) for one in why})
    return WouldHave(len(texts), len(found), found[:SHOWN_MOST], reasons.most_common(20))


def _post(text: str, language: str, reach: Any) -> Post:
    return Post(key="", platform="", kind="", url="", text=text, language=language, reach=reach)
