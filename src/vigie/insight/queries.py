"""Figures of one association, drawn from its journal."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from threading import Lock

from django.utils.timezone import get_current_timezone

from vigie.casefile.models import Case, JournalEntry, JournalHead
from vigie.insight.rules.facts import READ, CaseFacts, Happening, told
from vigie.insight.rules.tables import Tally
from vigie.organisations.rules.policy import Action, Actor, require
from vigie.organisations.tenancy import OwnedQuerySet

CASES_AT_ONCE = 500
# When more cases than that have changed since, reading the whole journal in one go is quicker.
MOST_TOLD_ANEW = 5000


@dataclass(frozen=True)
class _Told:
    """The facts of an association's cases, by the case's row in the order of opening, and what they add up to."""

    seq: int  # the entry of the journal up to which it was read
    digest: str  # of that entry: another journal (a backup that was restored) is read anew
    cases: Mapping[int, CaseFacts]
    tally: Tally


# Several associations share one process; each drawing is kept until something new happens in that association, and
# then only the cases it happened to are told anew.
_KEPT_ASSOCIATIONS = 4
_kept: OrderedDict[int, _Told] = OrderedDict()
_lock = Lock()
# Two who ask at once would each read the whole journal: the second waits for what the first has read.
_drawing: defaultdict[int, Lock] = defaultdict(Lock)


def facts(actor: Actor) -> tuple[CaseFacts, ...]:
    """Return the facts of every case of the actor's association, in the order of their opening.

    Cost: a process reads the association's journal once (seconds for 100,000 cases); afterwards, of each case that
    something happened to, its own part of the journal.
    """
    require(actor, Action.SEE_FIGURES, actor.organisation_id)
    return tuple(_up_to_date(actor.organisation_id, get_current_timezone()).cases.values())


def tally(actor: Actor, zone: tzinfo) -> Tally:
    """Return what all cases of the actor's association add up to, to be read and not changed. Cost: as `facts`."""
    require(actor, Action.SEE_FIGURES, actor.organisation_id)
    return _up_to_date(actor.organisation_id, zone).tally


def _up_to_date(organisation_id: int, zone: tzinfo) -> _Told:
    with _drawing[organisation_id]:
        return _drawn_up_to_date(organisation_id, zone)


def _drawn_up_to_date(organisation_id: int, zone: tzinfo) -> _Told:
    # Read before the entries: what is written meanwhile is told again next time, never left out.
    head = JournalHead.objects.filter(pk=organisation_id).values_list("seq", "digest").first() or (0, "")
    with _lock:
        kept = _kept.get(organisation_id)
    changed = _changed(organisation_id, kept, head)
    if kept is None or changed is None or kept.tally.zone != zone:
        cases = dict(_drawn(Case.objects.of(organisation_id), _entries(organisation_id)))
        drawn = _Told(*head, cases, Tally.of(cases.values(), zone))
    else:
        drawn = _with(kept, _told_anew(organisation_id, changed), head)
    with _lock:
        _kept[organisation_id] = drawn
        _kept.move_to_end(organisation_id)
        while len(_kept) > _KEPT_ASSOCIATIONS:
            _kept.popitem(last=False)
    return drawn


def _with(kept: _Told, anew: Mapping[int, CaseFacts], head: tuple[int, str]) -> _Told:
    """Return what is kept with some cases as they are now; others may be reading it as it was."""
    if not anew:
        return _Told(*head, kept.cases, kept.tally)
    tally = kept.tally.copy()
    for pk, case in anew.items():
        if pk in kept.cases:
            tally.take_out(kept.cases[pk])
        tally.add(case)
    return _Told(*head, {**kept.cases, **anew}, tally)


def _changed(organisation_id: int, kept: _Told | None, head: tuple[int, str]) -> list[int] | None:
    """Return the cases that something happened to since; None when all is to be read."""
    if kept is None:
        return None
    if head == (kept.seq, kept.digest):
        return []
    journal = JournalEntry.objects.of(organisation_id)
    if journal.filter(seq=kept.seq).values_list("digest", flat=True).first() != kept.digest:
        return None
    since = journal.filter(seq__gt=kept.seq, case__isnull=False)
    found = since.order_by("case_id").values_list("case_id", flat=True).distinct()[: MOST_TOLD_ANEW + 1]
    changed = list(found)
    return changed if len(changed) <= MOST_TOLD_ANEW else None


def _told_anew(organisation_id: int, case_ids: list[int]) -> dict[int, CaseFacts]:
    anew: dict[int, CaseFacts] = {}
    for start in range(0, len(case_ids), CASES_AT_ONCE):
        some = case_ids[start : start + CASES_AT_ONCE]
        cases = Case.objects.of(organisation_id).filter(pk__in=some)
        anew |= _drawn(cases, _entries(organisation_id, of=some))
    return anew


def _drawn(cases: OwnedQuerySet, happenings: Iterator[tuple[int, Happening]]) -> Iterator[tuple[int, CaseFacts]]:
    """Yield what happened to each of the cases."""
    pending = next(happenings, None)
    rows = cases.order_by("pk").values_list("pk", "ref", "platform", "door", "opened_at")
    for pk, ref, platform, door, opened_at in rows.iterator(chunk_size=5000):
        mine = []
        while pending is not None and pending[0] <= pk:
            if pending[0] == pk:
                mine.append(pending[1])
            pending = next(happenings, None)
        yield pk, told(CaseFacts(ref=ref, platform=platform, door=door, opened_at=opened_at), mine)


def _entries(organisation_id: int, *, of: Collection[int] | None = None) -> Iterator[tuple[int, Happening]]:
    """Yield the entries that figures care about, case by case."""
    entries = JournalEntry.objects.of(organisation_id).filter(event__in=READ, case__isnull=False)
    if of is not None:
        entries = entries.filter(case__in=of)
    rows = entries.order_by("case_id", "seq").values_list("case_id", "event", "at", "data")
    for case_id, event, at, data in rows.iterator(chunk_size=5000):
        yield case_id, Happening(event=event, at=at, data=data)
