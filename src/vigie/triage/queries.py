"""What waits, for whom, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from vigie.casefile.models import DANGER_LABELS, STAGE_LABELS, Case, CaseContent, Content
from vigie.casefile.queries import cases_of_contents, contents_of
from vigie.casefile.rules.state import Danger, Referral, Stage
from vigie.core.references import CASE_REF
from vigie.organisations.models import Member, Membership
from vigie.organisations.rules.policy import Action, Actor, may, require
from vigie.organisations.tenancy import OwnedQuerySet
from vigie.platforms.resolve import UnreadableAddress, resolve
from vigie.triage.models import BulkAction, Habits, SavedFilter, TextMark
from vigie.triage.rules import nearness
from vigie.triage.rules.filters import Filter, Held
from vigie.triage.rules.moves import UNDO_WITHIN

PAGE = 30
COUNT_MOST = 1000
FOUND_MOST = 20
EXCERPT_READ = 400  # characters read of each text for the list

ORDER = ("-danger", "limitation_order", "opened_at", "pk")
WAITING = (Stage.NEW, Stage.TRIAGE)
SET_ASIDE_LABEL = _("mis de côté : à décider")


@dataclass(frozen=True)
class Item:
    """One line of the queue."""

    case: Case
    content: dict[str, Any] | None
    stage: str
    danger: str
    holder: str
    is_mine: bool


@dataclass(frozen=True)
class Page:
    """A page of the queue; `after` is where the next begins, None at the end; `count` stops at `COUNT_MOST` + 1."""

    items: list[Item]
    after: str | None
    count: int

    @property
    def is_more_than_counted(self) -> bool:
        return self.count > COUNT_MOST


def in_order(cases: OwnedQuerySet) -> OwnedQuerySet:
    """Return the cases in the order of the queue: danger, then limitation date (unknown last), then age."""
    return cases.order_by(*ORDER)


def filtered(actor: Actor, wanted: Filter, *, today: date) -> OwnedQuerySet:
    """Return the cases a filter lets through, in no order; its search is `found`, not here."""
    cases = Case.objects.of(actor.organisation_id)
    # `in_queue=True` would become a bare column, which SQLite does not look up in the index of the queue.
    waits = wanted.stage is None or wanted.stage in WAITING
    cases = cases.filter(in_queue__in=[waits])
    if wanted.stage is not None:
        cases = cases.filter(stage=wanted.stage.value)
    if wanted.danger:
        cases = cases.filter(danger__gte=wanted.danger.value)
    if wanted.platform:
        cases = cases.filter(platform=wanted.platform)
    if wanted.door:
        cases = cases.filter(door=wanted.door)
    if wanted.second_opinion:
        cases = cases.filter(second_opinion_asked=True)
    if wanted.within_days is not None:
        cases = cases.filter(limitation_order__lte=today + timedelta(days=wanted.within_days))
    match wanted.held:
        case Held.ME:
            cases = cases.filter(holder_id=actor.member_id)
        case Held.NOBODY:
            cases = cases.filter(holder__isnull=True)
        case Held.OTHERS:
            cases = cases.filter(holder__isnull=False).exclude(holder_id=actor.member_id)
    return cases


def free_cases(actor: Actor, wanted: Filter, *, today: date) -> OwnedQuerySet:
    """Return the cases of a filter that nobody holds, in the order of the queue."""
    anybody = replace(wanted, held=Held.ANYBODY)
    # Those set aside stand at the head of the list, and are decided upon, not taken.
    free = filtered(actor, anybody, today=today).filter(holder__isnull=True, referral=Referral.NONE)
    return in_order(free)


def queue(actor: Actor, wanted: Filter, *, today: date, after: str = "") -> Page:
    """Return one page of the queue.

    Pages follow each other by position (`after` is the reference of the last case seen), never by counting
    rows, so that the thousandth costs what the first does.

    Raises:
        NotAllowed: this actor sees no case.
    """
    require(actor, Action.SEE_CASE, actor.organisation_id)
    cases = filtered(actor, wanted, today=today)
    rows: list[Case] = []
    for stretch in _stretches(cases, _position(actor, after)):
        rows += in_order(stretch)[: PAGE + 1 - len(rows)]
        if len(rows) > PAGE:
            break
    shown = rows[:PAGE]
    return Page(
        items=items_of(actor, shown),
        after=shown[-1].ref if len(rows) > PAGE else None,
        count=cases[: COUNT_MOST + 1].count() if after or len(rows) > PAGE else len(rows),
    )


def found(actor: Actor, search: str) -> list[Item]:
    """Return the cases that an address or a reference leads to, whatever their stage, latest first."""
    require(actor, Action.SEE_CASE, actor.organisation_id)
    ref = search.strip().upper()
    if CASE_REF.match(ref):
        return items_of(actor, list(Case.objects.of(actor.organisation_id).filter(ref=ref)))
    try:
        key = resolve(search.strip()).key
    except UnreadableAddress:
        return []
    contents = Content.objects.of(actor.organisation_id).filter(key=key).values_list("pk", flat=True)
    return items_of(actor, list(cases_of_contents(actor.organisation_id, contents)[:FOUND_MOST]))


def _position(actor: Actor, after: str) -> Case | None:
    return Case.objects.of(actor.organisation_id).filter(ref=after).first() if after else None


def _stretches(cases: OwnedQuerySet, last: Case | None) -> Iterator[OwnedQuerySet]:
    """Yield what follows a case in the order of the queue, as stretches that each begin at one place of the index.

    One condition with OR would say the same, but then both databases read the index from its start.
    """
    if last is None:
        yield cases
        return
    same_danger = cases.filter(danger=last.danger)
    same_day = same_danger.filter(limitation_order=last.limitation_order, opened_at__gte=last.opened_at)
    yield same_day.filter(Q(opened_at__gt=last.opened_at) | Q(pk__gt=last.pk))
    yield same_danger.filter(limitation_order__gt=last.limitation_order)
    yield cases.filter(danger__lt=last.danger)


def items_of(actor: Actor, cases: list[Case]) -> list[Item]:
    """Return cases as lines of a list, in their order, with three queries however many they are."""
    contents = {
        row["case_id"]: row
        for row in CaseContent.objects.of(actor.organisation_id)
        .filter(case__in=[case.pk for case in cases], position=0)
        .values(
            "case_id", "content__platform", "content__kind", "content__url", "content__language",
            "content__never_fetch", text=Substr("content__text", 1, EXCERPT_READ),
        )
    }  # fmt: skip
    names = names_of(case.holder_id for case in cases)
    return [
        Item(
            case=case,
            content=_shown(contents.get(case.pk)) if not case.referral else None,
            stage=str(STAGE_LABELS[Stage(case.stage)]),
            danger=str(SET_ASIDE_LABEL if case.referral else DANGER_LABELS[Danger(case.danger)]),
            holder=names.get(case.holder_id or 0, ""),
            is_mine=case.holder_id is not None and case.holder_id == actor.member_id,
        )
        for case in cases
    ]


def _shown(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what the list may show of a content: nothing of what an authority was told of."""
    return None if content and content["content__never_fetch"] else content


def stays_of(actor: Actor, cases: list[Case]) -> str:
    """Return which of several cases to propose as the one that the others join: one's own, else the oldest."""
    ranked = sorted(cases, key=lambda case: (case.holder_id != actor.member_id, case.opened_at, case.pk))
    return ranked[0].ref if ranked else ""


def names_of(member_ids: Iterable[int | None]) -> dict[int, str]:
    """Return how members are called."""
    wanted = {key for key in member_ids if key is not None}
    return dict(Member.objects.filter(pk__in=wanted).values_list("pk", "display_name")) if wanted else {}


def holders(actor: Actor) -> list[tuple[int, str]]:
    """Return who may hold a case in this association, by name."""
    memberships = Membership.objects.filter(
        organisation_id=actor.organisation_id, is_active=True, member__is_active=True
    ).select_related("member")
    found = [
        (membership.member_id, membership.member.display_name)
        for membership in memberships
        if may(membership.actor(), Action.CLAIM_CASE, actor.organisation_id)
    ]
    return sorted(found, key=lambda pair: pair[1].casefold())


def saved_filters(actor: Actor) -> list[SavedFilter]:
    """Return one's own filters and those shared with everybody."""
    seen = Q(member__isnull=True) | Q(member_id=actor.member_id)
    return list(SavedFilter.objects.of(actor.organisation_id).filter(seen))


def undoable(actor: Actor, *, now: datetime) -> BulkAction | None:
    """Return one's latest bulk action while it can still be undone."""
    recent = BulkAction.objects.of(actor.organisation_id).filter(
        member_id=actor.member_id, made_at__gte=now - UNDO_WITHIN
    )
    latest: BulkAction | None = recent.order_by("-made_at").first()
    return latest if latest and latest.undone_at is None else None


def has_single_keys(actor: Actor) -> bool:
    """Say whether a member works with single-key shortcuts; they do until they switch them off."""
    mine = Habits.objects.of(actor.organisation_id).filter(member_id=actor.member_id)
    return mine.values_list("single_keys", flat=True).first() is not False


# --- what resembles a case -----------------------------------------------------------------------------------

CANDIDATES_MOST = 50
NEAR_MOST = 5
EARLIER_MOST = 10


@dataclass(frozen=True)
class Near:
    """A case whose text says nearly the same."""

    case: Case
    percent: int


def other_cases(case: Case) -> list[Case]:
    """Return the other cases about the same contents, latest first."""
    mine = [content.pk for content in contents_of(case)]
    return list(cases_of_contents(case.organisation_id, mine).exclude(pk=case.pk)[:EARLIER_MOST])


def near_cases(case: Case) -> list[Near]:
    """Return the cases about other contents whose text is nearly that of this one, nearest first: suggestions only."""
    mine = [content for content in contents_of(case) if content.text]
    marks = {mark for content in mine for mark in nearness.marks_of(content.text)}
    if not marks:
        return []
    words = [frozenset(nearness.words_of(content.text)) for content in mine]
    marked = TextMark.objects.of(case.organisation_id).filter(mark__in=marks).exclude(content__in=mine)
    candidates = list(marked.order_by("-content").values_list("content", flat=True).distinct()[:CANDIDATES_MOST])
    near: dict[int, float] = {}
    for key, text in Content.objects.of(case.organisation_id).filter(pk__in=candidates).values_list("pk", "text"):
        theirs = frozenset(nearness.words_of(text))
        share = max(nearness.resemblance(theirs, ours) for ours in words)
        if share >= nearness.NEAR:
            near[key] = share
    nearest = sorted(near, key=lambda key: near[key], reverse=True)[:NEAR_MOST]
    links = (
        CaseContent.objects.of(case.organisation_id)
        .filter(content__in=nearest)
        .exclude(case=case)
        .select_related("case")
        .order_by("-case__opened_at")
    )
    best: dict[int, Near] = {}
    for link in links:
        percent = round(100 * near[link.content_id])
        if link.case_id not in best or best[link.case_id].percent < percent:
            best[link.case_id] = Near(link.case, percent)
    return sorted(best.values(), key=lambda one: one.percent, reverse=True)[:NEAR_MOST]
